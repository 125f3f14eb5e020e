#!/usr/bin/env python3
"""test_alert.py BINARY: `handover alert` against receivers that fail, hang, rate-limit, hang up and want nothing more, killed in between.

What a daemon has published is compared with what arrived: nothing is lost, a receiver that honours the id sees nothing twice, the order of
each lead is kept, and what could not be delivered lies in the topic of what is undelivered, from where it is delivered again. Nor is
anything lost where the state file is, where two instances share the partitions, where reading pauses, or where that topic is missing; what
retention has cut is said and counted."""

import collections
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.request

import bench
import broker
import daemon
import events
import receiver
from bench import size

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "stories"))

import promtool  # noqa: E402

EVENTS, KILLS, PARTITIONS = size("EVENTS", 6000), size("KILLS", 4), 3
RETRIES = ["1s"] * 6
PATIENT = ["1s"] * 6 + ["10s"] * 10  # of a machine that stands still, too
AT_ONCE = 4  # requests that are still on their way when their sender is killed


class Alert:
    """`handover alert` as a process."""

    def __init__(self, site, name="alert", **settings):
        self.site = site
        self.settings = {**site.settings, "alert_http": daemon.free_address(), "alert_state": str(site.folder / f"{name}.sqlite"), **settings}
        self.settings_file = site.folder / f"{name}.json"
        self.settings_file.write_text(json.dumps(self.settings))
        self.log_file = site.folder / f"{name}.log"
        self.process = None

    def command(self, *words):
        return [self.site.binary, "alert", *words, "--settings", str(self.settings_file),
                "-X", "session.timeout.ms=3000", "-X", "heartbeat.interval.ms=500"]

    def start(self, *words):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=broker.die_with_parent)

    def kill(self):
        self.end(signal.SIGKILL, -signal.SIGKILL)

    def end(self, number, status):
        self.process.send_signal(number)
        got = self.process.wait(broker.PATIENCE_S)
        if got != status:
            raise broker.BrokerError(f"handover alert ended with {got}\n{self.tail()}")

    def tail(self):
        return "\n".join(self.log_file.read_text("utf-8", "replace").splitlines()[-15:])

    def run(self, *words, status=0):
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=broker.PATIENCE_S, check=False)
        if done.returncode != status:
            raise broker.BrokerError(f"handover alert {words}: {done.returncode}: {done.stdout}{done.stderr[-2000:]}")
        return done.stdout

    def log(self, event):
        """Its lines of this kind."""
        lines = self.log_file.read_text("utf-8", "replace").splitlines() if self.log_file.exists() else []
        return [line for line in (json.loads(line) for line in lines if line.startswith("{")) if line["event"] == event]

    def page(self):
        try:
            with urllib.request.urlopen(f"http://{self.settings['alert_http']}/metrics", timeout=broker.PATIENCE_S) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def behind(self):
        """Events that its group has still to be done with."""
        done = self.site.broker.committed(self.settings["alert_group"], self.site.topics["stage_changes"], PARTITIONS)
        return sum(max(0, end - max(at, 0)) for end, at in zip(self.site.record_ends, done))

    def await_true(self, what, condition):
        """While it runs."""
        def holds():
            if self.process.poll() is not None:
                raise broker.BrokerError(f"handover alert ended\n{self.tail()}")
            return condition()
        broker.await_true(what, holds, step_s=0.05)

    def is_settled(self):
        numbers = self.metrics()
        return self.behind() == 0 and numbers and all(n == 0 for name, n in numbers.items() if "_pending" in name)

    def metrics(self):
        text = self.page()
        lines = [line for line in text.splitlines() if line.startswith("handover_alert_")]
        return {line.rsplit(" ", 1)[0]: int(line.rsplit(" ", 1)[1]) for line in lines}


def private(path, text):
    path.write_text(text + "\n")
    path.chmod(0o600)
    return str(path)


def webhook(folder, **members):
    return {"kind": "webhook", "secret_file": private(folder / "secret", receiver.SECRET), "retries": RETRIES,
            "allow_http": True, "allow_private": True, "timeout_ms": 700, **members}


def receivers(folder, url):
    """One of each behaviour; the settings' list."""
    hook = webhook(folder)
    slack = private(folder / "slack", url + "/slack")
    return [
        {**hook, "name": "moody", "url": url + "/moody"},
        {**hook, "name": "dead", "url": url + "/dead", "retries": ["1s"], "filter": {"to": "sql"}},
        {**hook, "name": "gone", "url": url + "/gone", "filter": {"type": "lead.stage.changed", "to": ["mql"]}},
        {**hook, "name": "private", "url": url + "/private", "allow_private": False, "retries": [], "filter": {"to": "sql"}},
        {"name": "slack", "kind": "slack", "url_file": slack, "allow_http": True, "allow_private": True, "pace_ms": 1,
         "retries": RETRIES, "filter": {"from": "mql"}},
        {"name": "pager", "kind": "pagerduty", "url": url + "/pager", "secret_file": private(folder / "key", "routing"),
         "allow_http": True, "allow_private": True, "retries": RETRIES}]


def published(site):
    """[(partition, event)] of everything that readers of committed records see."""
    found = []
    for number in range(PARTITIONS):
        found += [json.loads(record.value) for record in site.broker.records(site.topics["stage_changes"], number)]
    return found


def identity(event, name):
    return f"{event['id'].replace('.', '%2E')}/{name}"


def undelivered(site, topic=None):
    """{receiver: {id: headers}} of the topic; the last of an id counts."""
    found = collections.defaultdict(dict)
    for number in range(PARTITIONS):
        for line in site.broker.envelopes(topic or site.settings["undelivered"], number).splitlines():
            record = json.loads(line)
            headers = dict(zip(record["headers"][::2], record["headers"][1::2]))
            found[headers["receiver"]][headers["id"]] = headers
    return found


def late_lead(site):
    """A breach, and that the lead has moved on: with the filters of nobody but PagerDuty's, which has none."""
    since = "2026-03-01T09:00:00.000Z"
    base = {"specversion": "1.0", "source": "test", "time": "2026-03-01T13:00:00.000Z"}
    data = {"lead": "late", "owner": "sales", "since": since, "definition": {"name": "small"}}
    breach = {**base, "id": "late/0/0/0", "type": "lead.sla.breached", "data": {**data, "stage": "sql", "sla": "answer"}}
    change = {**base, "id": "late/0/1/0", "type": "lead.stage.changed", "data": {**data, "from": "sql", "to": "customer"}}
    broker.produce(site.broker, site.topics["stage_changes"], [(b"late", json.dumps(e).encode()) for e in (breach, change)], 0)


def check_order(test, box, everything, name):
    """By lead, what arrived is in the order of what was published."""
    place = {identity(event, name): number for number, event in enumerate(everything)}
    latest, lead_of = {}, {identity(event, name): event["data"]["lead"] for event in everything}
    for each in box.ids():
        lead = lead_of[each]
        if place[each] < latest.get(lead, -1):
            raise broker.BrokerError(f"{name}: {each} of {lead} overtook")
        latest[lead] = place[each]
    test.check(f"{name}: the order of {len(latest)} leads is kept", True)


def check_complete(test, box, given_up, wanted, name):
    """Nothing is lost, nothing is there that was not asked for."""
    arrived, left = set(box.ids()), set(given_up[name])
    missing, strange = wanted - arrived - left, (arrived | left) - wanted
    test.check(f"{name}: {len(wanted)} wanted, {len(arrived)} arrived, {len(left)} undelivered; "
               f"{box.requests} requests, {box.again} ids once more", not missing and not strange and not box.wrong)


def publish(test, site):
    """By a daemon, as in earnest."""
    stream = test.stream(EVENTS, leads=150)
    broker.produce(test.broker, site.inputs[0], stream.take(EVENTS))
    runs = site.daemon("daemon")
    runs.start()
    site.await_drained([runs])
    runs.stop()
    late_lead(site)
    last = [site.broker.records(site.topics["stage_changes"], number)[-1:] for number in range(PARTITIONS)]
    site.record_ends = [records[0].offset + 1 if records else 0 for records in last]  # a transaction's marker is no record
    return published(site)


def deliver_all(test, alert):
    """Until what was published has arrived or was given up. Killed on the way."""
    for _ in range(KILLS):
        alert.start()
        time.sleep(test.random.uniform(1, 6))
        alert.kill()
    alert.start()
    alert.await_true("everything is delivered or given up", alert.is_settled)
    return alert.metrics()


def redeliver_until(test, alert, box, wanted, name):
    """A standstill of the machine may use up the attempts: then once more."""
    box.moods = ("good",)

    def arrived():
        alert.run("redeliver", "--receiver", name, status=0)
        return set(box.ids()) == wanted
    broker.await_true(f"{name}: everything is redelivered", arrived)
    text = alert.run("redeliver", "--receiver", name)
    test.check(f"{name}: redelivered, each once: {text.splitlines()[-1]}", text.startswith("0 queued") and len(box.ids()) == len(wanted))


# --- what else may happen to it

def publish_more(site, lead, count):
    """Changes of a lead by nobody's decision, on partition 0."""
    base = {"specversion": "1.0", "source": "test", "time": "2026-03-02T13:00:00.000Z", "type": "lead.stage.changed"}
    made = [{**base, "id": f"{lead}/{n}", "data": {"lead": lead, "from": "mql", "to": "customer"}} for n in range(count)]
    broker.produce(site.broker, site.topics["stage_changes"], [(lead.encode(), json.dumps(event).encode()) for event in made], 0)
    site.record_ends[0] = site.broker.ends(site.topics["stage_changes"], PARTITIONS)[0]
    return made


def lose_the_file(run, site, server, everything):
    """Reading pauses with too much that waits, and goes on; then the state file is gone."""
    box = server.box("/lost", moods=("fail",))
    hook = webhook(run.folder, name="lost", url=server.url + "/lost", retries=PATIENT)
    alert = Alert(site, "lost", alert_group=f"{site.settings['alert_group']}-lost", alert_pending=20, alerts=[hook])
    alert.start()
    alert.await_true("too much waits", lambda: alert.log("paused"))
    everything += publish_more(site, "more", 20)
    pending = lambda: alert.metrics().get('handover_alert_pending{receiver="lost"}', 0)
    alert.await_true("the metric says so", lambda: pending() >= 20)
    waiting = pending()
    time.sleep(1.5)  # it would have read on
    run.check(f"pause: {waiting} of {len(everything)} wait, nothing more is read", waiting == pending() < len(everything))
    box.moods = ("good",) * 19 + ("fail",)
    alert.await_true("half has arrived", lambda: len(box.ids()) > len(everything) // 2)
    alert.kill()
    before, again = len(box.ids()), box.again
    for path in site.folder.glob("lost.sqlite*"):
        path.unlink()
    alert.start()
    alert.await_true("everything is delivered", alert.is_settled)
    wanted = {identity(event, "lost") for event in everything}
    run.check(f"pause: {len(alert.log('paused'))} times, each time it went on", len(alert.log("resumed")) >= 1)
    check_complete(run, box, collections.defaultdict(dict), wanted, "lost")
    check_order(run, box, everything, "lost")
    run.check(f"without its file {before} of {len(wanted)} were known to the receiver, and {box.again - again} of them came again",
              before < len(wanted) and box.again - again <= before + AT_ONCE)
    alert.end(signal.SIGTERM, 0)


def share(run, site, server, everything):
    """Two instances, each with a file of its own: partitions go from one to the other, one is killed with deliveries in its file."""
    box = server.box("/share", moods=("good",) * 9 + ("fail",))
    hook = webhook(run.folder, name="share", url=server.url + "/share", retries=PATIENT, pace_ms=5)
    one, two = (Alert(site, name, alert_group=f"{site.settings['alert_group']}-share", alerts=[hook]) for name in ("one", "two"))
    one.start()
    one.await_true("the first delivers", lambda: len(box.ids()) > 20)
    two.start()
    two.await_true("the second has partitions", lambda: any(line["partitions"] for line in two.log("rebalance")))
    had = len(box.ids())
    one.kill()
    two.await_true("the second has delivered everything", two.is_settled)
    wanted = {identity(event, "share") for event in everything}
    run.say(f"share: {had} had arrived when the first was killed")
    check_complete(run, box, collections.defaultdict(dict), wanted, "share")
    one.start()
    one.await_true("the first has partitions again", lambda: one.log("rebalance")[-1]["message"].endswith("assigned") and one.metrics())
    two.await_true("both have nothing left", lambda: one.is_settled() and two.is_settled())
    two.end(signal.SIGTERM, 0)
    one.end(signal.SIGTERM, 0)
    check_complete(run, box, collections.defaultdict(dict), wanted, "share")


def miss_the_topic(run, site, server, everything):
    """What was given up is kept while its topic is not there, which is said; /metrics meanwhile is what docs/metrics.md says."""
    server.box("/none", moods=("fail",))
    topic = f"{site.settings['undelivered']}-late"
    hook = webhook(run.folder, name="none", url=server.url + "/none", retries=[], filter={"to": "sql"})
    alert = Alert(site, "none", alert_group=f"{site.settings['alert_group']}-none", undelivered=topic, alerts=[hook])
    wanted = {identity(event, "none") for event in everything if event["data"].get("to") == "sql"}
    alert.start()

    def kept():
        lines, numbers = alert.log("undelivered"), alert.metrics()
        said = [line for line in lines if line.get("topic") == topic and "cannot be written" in line["message"]]
        return said and numbers.get('handover_alert_undelivered_total{receiver="none"}') == len(wanted)
    alert.await_true("it says that the topic is missing", kept)
    judge_metrics(run, alert)
    run.check(f"{len(wanted)} were given up, and wait", alert.behind() > 0 and alert.process.poll() is None)
    site.broker.create(topic, PARTITIONS)
    alert.await_true("they are in the topic", lambda: set(undelivered(site, topic)["none"]) == wanted)
    alert.await_true("nothing waits", alert.is_settled)
    said = [line["message"] for line in alert.log("undelivered") if line.get("topic") == topic]
    run.check(f"it said so {len(said)} times", said[-1].startswith("the topic takes") and len(said) == 2)
    alert.end(signal.SIGTERM, 0)


def judge_metrics(run, alert):
    text = alert.page()
    wanted = {name: its for name, its in promtool.documented().items() if name.startswith(("handover_alert_", "handover_build_", "process_"))}
    found = promtool.served(text)
    differ = {name: (wanted.get(name), found.get(name)) for name in {*wanted, *found} if wanted.get(name) != found.get(name)}
    run.check(f"/metrics is what docs/metrics.md says: {differ or len(wanted)}", not differ)
    if promtool.find() is None:
        return run.say(promtool.MISSING) if os.environ.get("CI") != "true" else run.check(promtool.MISSING, False)
    status, said = promtool.run("check", "metrics", given=text)
    return run.check(f"promtool check metrics: {status} {said.strip()}", status == 0 and not said.strip())


def cut(run, site, alert, box):
    """Retention was faster."""
    late = publish_more(site, "cut", 20)
    end = site.record_ends[0]
    site.broker.cut(site.topics["stage_changes"], 0, end - 5)
    box.moods = ("good",)
    alert.start()
    ids = [identity(event, "moody") for event in late]
    alert.await_true("it goes on behind the gap", lambda: ids[-1] in box.seen)
    said = alert.log("cut")
    run.check(f"what retention has cut is said: {said}", len(said) == 1 and said[0]["to"] == end - 5 and said[0]["to"] - said[0]["from"] >= 15)
    alert.await_true("and counted", lambda: alert.metrics().get("handover_alert_cut_records_total") == said[0]["to"] - said[0]["from"])
    run.check("the five behind it arrived, and nothing of before", [each for each in ids if each in box.seen] == ids[15:])
    alert.end(signal.SIGTERM, 0)


def test(run):
    server = receiver.Receiver(run.seed)
    moody = server.box("/moody", moods=3 * (("good",) * 9 + ("fail", "hang", "hang up", "taken, no answer", "elsewhere")) + ("busy",))
    dead, gone = server.box("/dead", moods=("fail",)), server.box("/gone", moods=("good",) * 8 + ("gone",))
    slack, pager = server.box("/slack", signed=False, moods=("good",) * 5 + ("fail", "hang up")), server.box("/pager", signed=False)
    private_box, prefix = server.box("/private"), run.broker.prefix
    site = run.site("alert", events.SMALL, partitions=PARTITIONS, undelivered=f"{prefix}alert-undelivered",
                    alert_group=f"{prefix}alert-tell", alert_start="beginning", alerts=receivers(run.folder, server.url))
    everything = publish(run, site)
    run.say(f"{len(everything)} events published")
    alert = Alert(site)
    numbers = deliver_all(run, alert)
    wants = {"moody": lambda e: True, "dead": lambda e: e["data"].get("to") == "sql", "gone": lambda e: e["data"].get("to") == "mql",
             "private": lambda e: e["data"].get("to") == "sql"}
    wanted = {name: {identity(e, name) for e in everything if wants[name](e)} for name in wants}
    broker.await_true("what was given up is in the topic", lambda: len(undelivered(site)["dead"]) == len(wanted["dead"]))
    given_up = undelivered(site)
    for name, box in (("moody", moody), ("dead", dead), ("gone", gone), ("private", private_box)):
        check_complete(run, box, given_up, wanted[name], name)
        check_order(run, box, everything, name)
    check_reasons(run, given_up, numbers, private_box)
    run.check(f"slack: {len(slack.taken)} messages, each with words and blocks",
              slack.taken and all(t.body["text"] and t.body["blocks"] for t in slack.taken))
    check_pager(run, pager)
    alert.end(signal.SIGTERM, 0)
    redeliver_until(run, alert, dead, wanted["dead"], "dead")
    run.check("enable", "is enabled" in alert.run("enable", "gone"))
    redeliver_until(run, alert, gone, wanted["gone"], "gone")
    lose_the_file(run, site, server, everything)
    share(run, site, server, everything)
    miss_the_topic(run, site, server, everything)
    cut(run, site, alert, moody)
    logs = "".join(path.read_text() for path in site.folder.glob("*.log"))
    run.check("no secret stands in the logs", not any(s in logs for s in (receiver.SECRET, server.url, "routing")))


def check_reasons(run, given_up, numbers, box):
    dead, private_letters = given_up["dead"].values(), given_up["private"].values()
    run.check("dead: the schedule is over, after two attempts, 503",
              all((h["reason"], h["attempts"]) == ("exhausted", "2") and h["detail"] for h in dead))
    run.check("private: the address is refused, and nobody was asked", box.requests == 0 and all(h["detail"].startswith("blocked: 127.0.0.1 is loopback") for h in private_letters))
    reasons = collections.Counter(h["reason"] for h in given_up["gone"].values())
    run.check(f"gone: {dict(reasons)}", reasons["gone"] >= 1 and set(reasons) <= {"gone", "disabled", "exhausted"})
    run.check("gone: the metric says so", numbers['handover_alert_disabled{receiver="gone"}'] == 1)


def check_pager(run, pager):
    actions = [(t.body["event_action"], t.body["dedup_key"]) for t in pager.taken]
    run.check(f"pager: triggered and resolved: {[a for a, _ in actions]}",
              [a for a, _ in actions] == ["trigger", "resolve"] and actions[0][1] == actions[1][1])


if __name__ == "__main__":
    bench.main(test)
