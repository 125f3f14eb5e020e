#!/usr/bin/env python3
"""test_alert.py BINARY: `handover alert` against receivers that fail, hang, rate-limit, hang up and want nothing more, killed in between.

What a daemon has published is compared with what arrived: nothing is lost, a receiver that honours the id sees nothing twice, the order of
each lead is kept, and what could not be delivered lies in the topic of what is undelivered, from where it is delivered again."""

import collections
import json
import signal
import subprocess
import time
import urllib.request

import bench
import broker
import daemon
import events
import receiver
from bench import size

EVENTS, KILLS, PARTITIONS = size("EVENTS", 6000), size("KILLS", 4), 3
RETRIES = ["1s"] * 6


class Alert:
    """`handover alert` as a process."""

    def __init__(self, site):
        self.site = site
        self.settings_file = site.folder / "alert.json"
        self.settings_file.write_text(json.dumps(site.settings))
        self.log_file = site.folder / "alert.log"
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

    def metrics(self):
        text = self.site.fetch_metrics()
        lines = [line for line in text.splitlines() if line.startswith("handover_alert_")]
        return {line.rsplit(" ", 1)[0]: int(line.rsplit(" ", 1)[1]) for line in lines}


def private(path, text):
    path.write_text(text + "\n")
    path.chmod(0o600)
    return str(path)


def receivers(folder, url):
    """One of each behaviour; the settings' list."""
    hook = {"kind": "webhook", "secret_file": private(folder / "secret", receiver.SECRET), "retries": RETRIES,
            "allow_http": True, "allow_private": True, "timeout_ms": 700}
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


def undelivered(site):
    """{receiver: {id: headers}} of the topic; the last of an id counts."""
    found = collections.defaultdict(dict)
    for number in range(PARTITIONS):
        for line in site.broker.envelopes(site.settings["undelivered"], number).splitlines():
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


def deliver_all(test, alert, site):
    """Until what was published has arrived or was given up. Killed on the way."""
    for _ in range(KILLS):
        alert.start()
        time.sleep(test.random.uniform(1, 6))
        alert.kill()
    alert.start()

    def settled():
        if alert.process.poll() is not None:
            raise broker.BrokerError(f"handover alert ended\n{alert.tail()}")
        numbers = alert.metrics()
        behind = site.lag_of_alerts()
        return behind == 0 and numbers and all(n == 0 for name, n in numbers.items() if "_pending" in name)
    broker.await_true("everything is delivered or given up", settled, step_s=0.3)
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


def extend(site):
    site.fetch_metrics = lambda: fetch(site.settings["alert_http"])
    done = lambda: site.broker.committed(site.settings["alert_group"], site.topics["stage_changes"], PARTITIONS)
    site.lag_of_alerts = lambda: sum(max(0, end - max(at, 0)) for end, at in zip(site.record_ends, done()))


def fetch(address):
    try:
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=broker.PATIENCE_S) as answer:
            return answer.read().decode()
    except OSError:
        return ""


def test(run):
    server = receiver.Receiver(run.seed)
    moody = server.box("/moody", moods=3 * (("good",) * 9 + ("fail", "hang", "hang up", "taken, no answer", "elsewhere")) + ("busy",))
    dead, gone = server.box("/dead", moods=("fail",)), server.box("/gone", moods=("good",) * 8 + ("gone",))
    slack, pager = server.box("/slack", signed=False, moods=("good",) * 5 + ("fail", "hang up")), server.box("/pager", signed=False)
    private_box, prefix = server.box("/private"), run.broker.prefix
    site = run.site("alert", events.SMALL, partitions=PARTITIONS, undelivered=f"{prefix}alert-undelivered",
                    alert_group=f"{prefix}alert-tell", alert_state=str(run.folder / "alert.sqlite"), alert_start="beginning",
                    alert_http=daemon.free_address(), alerts=receivers(run.folder, server.url))
    extend(site)
    everything = publish(run, site)
    run.say(f"{len(everything)} events published")
    alert = Alert(site)
    numbers = deliver_all(run, alert, site)
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
    log = alert.log_file.read_text()
    run.check("no secret stands in the log", not any(s in log for s in (receiver.SECRET, server.url, "routing")))


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
