#!/usr/bin/env python3
"""test_letters.py BINARY: dead letters of every reason are listed, counted and shown to the byte; after a new version they are redriven, by calls
that are killed and call each other off: each record comes once, with its key, bytes, time, headers and partition; what was wrong for good
becomes a dead letter again, which says so; what was right now makes changes. The audit proves all of it."""

import collections
import copy
import json
import subprocess
import time

import bench
import broker
import events
import oracle

PARTITIONS = 3
GOOD, NO_LEAD = 60, 1500
TRACE, ODD = ("trace", "t-1\x1b[31m"), ("reason", "mine")

DEFINITION = copy.deepcopy(events.SMALL)
DEFINITION["events"] = {"lead": "/userId", "time": "/timestamp", "name": "/event", "max_ahead": "3650d"}
DEFINITION["stages"][1]["enter"] = {"event": "Demo Requested"}
MENDED = copy.deepcopy(DEFINITION) | {"version": 2, "effective_from": "2026-01-02T00:00:00Z"}
MENDED["events"] |= {"lead": ["/userId", "/user_id"], "time": ["/sent_at", "/timestamp"], "name": ["/event", "/name"]}

BAD = {  # by reason: an event that the new version can use, or that nobody can
    "no_lead": {"user_id": "u{}", "event": "Demo Requested", "timestamp": "{}"},
    "no_time": {"userId": "u{}", "event": "Demo Requested", "sent_at": "{}"},
    "bad_time": {"userId": "u{}", "event": "Demo Requested", "timestamp": "yesterday", "sent_at": "{}"},
    "no_name": {"userId": "u{}", "name": "Demo Requested", "timestamp": "{}"},
}
HOPELESS = {"not_json": b"{\"a\":\x1b[2Jno", "not_object": b"[1]", "too_large": b"{\"a\":\"" + b"x" * 5000 + b"\"}"}


def moment(number):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1785000000 + number))


def spelled(event, number):
    text = json.dumps(event).replace("u{}", f"u{number}").replace("{}", moment(number))
    return text.replace('"{}"', f'"{moment(number)}"').encode()


def put(site, pairs, headers=()):
    """Unlike broker.produce: with headers, and null keys where they are empty."""
    options = [part for name, value in headers for part in ("-H", f"{name}={value}")]
    command = ["kcat", "-b", site.broker.bootstrap, "-P", "-t", site.inputs[0], "-K", "\t", "-Z", "-X", "acks=all",
               "-X", "partitioner=murmur2_random", *options]
    subprocess.run(command, input=b"".join(key + b"\t" + value + b"\n" for key, value in pairs), check=True,
                   timeout=broker.PATIENCE_S, capture_output=True)


class Letters:
    def __init__(self, this, site):
        self.this, self.site = this, site
        self.settings = site.folder / "letters.json"
        self.settings.write_text(json.dumps(site.settings))

    def command(self, *args):
        return [self.this.binary, "letters", args[0], "--settings", str(self.settings), *map(str, args[1:])]

    def run(self, *args, status=0):
        """Not on a terminal: there is nobody to ask."""
        done = subprocess.run(self.command(*args), capture_output=True, timeout=broker.PATIENCE_S, check=False, start_new_session=True)
        if done.returncode != status:
            raise oracle.Difference(f"letters {args}: {done.returncode}: {done.stderr.decode()}")
        self.errors = done.stderr.decode()
        return done.stdout

    def rows(self, *args):
        return [json.loads(line) for line in self.run("list", "--json", *args).splitlines()]

    def redrive(self, *args, status=0):
        return json.loads(self.run("redrive", "--json", "--yes", *args, status=status))

    def killed(self, *args):
        """In the midst of its sending, or when it has just ended."""
        site = self.site
        before = site.broker.ends(site.inputs[0], PARTITIONS)
        with subprocess.Popen(self.command("redrive", "--yes", *args), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            broker.await_true("it sends", lambda: process.poll() is not None or site.broker.ends(site.inputs[0], PARTITIONS) != before,
                              step_s=0.005)
            time.sleep(self.this.random.uniform(0, 0.05))
            process.kill()


def inputs(site):
    """(partition, offset) -> record as kcat tells it"""
    lines = (line for number in range(PARTITIONS) for line in site.broker.envelopes(site.inputs[0], number).splitlines())
    return {(record["partition"], record["offset"]): record for record in map(oracle.parse_envelope, lines)}


def fill(this, site, daemon):
    put(site, [(b"g%d" % n, spelled({"userId": "g{}".replace("{}", str(n)), "event": "Page Viewed", "timestamp": "{}"}, n)) for n in range(GOOD)])
    put(site, [(b"k%d" % n, spelled(BAD["no_lead"], n)) for n in range(NO_LEAD)], [TRACE, ODD])
    others = [reason for reason in BAD if reason != "no_lead"]
    put(site, [(b"k%d" % n, spelled(BAD[reason], n)) for at, reason in enumerate(others) for n in (5000 + at, 6000 + at)])
    put(site, [(b"", value) for value in HOPELESS.values()], [TRACE])
    site.await_drained([daemon])
    this.say("the daemon has read it all")


def see(this, site, letters):
    expected = {"no_lead": NO_LEAD, "no_time": 2, "bad_time": 2, "no_name": 2, "not_json": 1, "not_object": 1, "too_large": 1}
    rows = letters.rows()
    this.check("every reason", collections.Counter(row["reason"] for row in rows) == expected)
    summary = {row["reason"]: row["letters"] for row in json.loads(letters.run("list", "--summary", "--json"))}
    this.check("the summary says the same", summary == expected)
    this.check("filters", [len(letters.rows(*args)) for args in (
        ["--reason", "no_time"], ["--limit", "7"], ["--topic", "elsewhere"], ["--to", "2026-01-01T00:00:00Z"],
        ["--from", "2026-01-01T00:00:00Z", "--reason", "no_name"], ["--open", "--reason", "not_json"])] == [2, 7, 0, 0, 2, 1])
    there = inputs(site)
    for row in rows:
        record = there[row["partition"], row["offset"]]
        if (row["key"], row["bytes"]) != (record["key"], len(record["payload"])) or row["attempts"] or row["redriven"]:
            raise oracle.Difference(f"{row} is not {record}")
    letter = next(row for row in rows if row["reason"] == "not_json")
    this.check("its bytes", letters.run("show", "--raw", letter["letter"]) == HOPELESS["not_json"])
    shown = letters.run("show", letter["letter"]).decode()
    this.check("on a terminal", "\x1b" not in shown and "{\"a\":\\x1b[2Jno" in shown and "trace: t-1\\x1b[31m" in shown)
    table = letters.run("list").decode()
    this.check("a line each", "\x1b" not in table and table.count("\n") == len(rows) + 1)
    letters.run("show", "0:123456789", status=1)
    return rows


def ask_first(this, site, letters, rows):
    ends = site.broker.ends(site.inputs[0], PARTITIONS)
    dry = letters.redrive("--dry-run")
    this.check("what would be done", dry["wanted"] == len(rows) and dry["redriven"] == 0)
    letters.run("redrive", status=1)
    this.check("nobody to ask", "--yes says yes" in letters.errors)
    foreign = letters.redrive("--set", "inputs=elsewhere", status=1)
    this.check("only to inputs", foreign["refused"] == len(rows) and foreign["redriven"] == 0)
    this.check("nothing was sent", site.broker.ends(site.inputs[0], PARTITIONS) == ends)


def mend(this, site, letters, daemon):
    path = site.folder / "mended.json"
    path.write_text(json.dumps(MENDED))
    subprocess.run([this.binary, "publish", "--settings", letters.settings, "--draft", path], check=True, capture_output=True)
    broker.await_true("the daemon knows the new version", lambda: daemon.metric("handover_definition_info") == 2)
    return path


def redrive(this, letters, rows):
    one = next(row["letter"] for row in rows if row["reason"] == "no_name")
    this.check("one by its place", letters.redrive(one)["redriven"] == 1)
    this.check("not a second time", letters.redrive(one) == {"dry_run": False, "wanted": 0, "redriven": 0, "redriven_before": 1, "refused": 0})
    for _ in range(3):
        letters.killed("--reason", "no_lead")
    last = letters.redrive("--reason", "no_lead")
    this.check(f"the rest: {last}", last["redriven"] + last["redriven_before"] >= NO_LEAD)
    # By now those of the first time that failed again are there, too: only these places.
    done = letters.redrive(*[row["letter"] for row in rows if row["reason"] != "no_lead"])
    this.check(f"all of it: {done}", done["redriven"] + done["redriven_before"] == len(rows) - NO_LEAD)


def await_read(site, daemon):
    """Behind the last record lies the marker of its transaction, which nobody commits: the lag stays 1."""
    count = len(inputs(site))

    def read():
        daemon.check_alive()
        return daemon.metric("handover_events_consumed_total") == count
    broker.await_true("all is read", read)


def verify(this, site, letters, rows):
    """Each letter of the first time has been sent once; letters of records that were sent again are not asked about here."""
    there = inputs(site)
    again = collections.defaultdict(list)
    for record in there.values():
        if "handover-letter" in record["headers"]:
            again[record["headers"]["handover-letter"].replace("/", ":")].append(record)
    for row in rows:
        before, sent = there[row["partition"], row["offset"]], again.pop(row["letter"], [])
        wanted = {**before["headers"], "handover-letter": row["letter"].replace(":", "/"), "handover-attempt": "1"}
        if len(sent) != 1 or any(sent[0][name] != before[name] for name in ("key", "payload", "partition", "ts")) or sent[0]["headers"] != wanted:
            raise oracle.Difference(f"{row}: {sent}, before {before}")
    this.check("each once, with all that it had", all(len(sent) == 1 for sent in again.values()))
    hopeless = [row for row in letters.rows() if row["attempts"] > 0 and row["reason"] in HOPELESS]
    this.check("hopeless ones are dead letters again, and say which try it was", len(hopeless) >= len(HOPELESS))
    shown = json.loads(letters.run("show", "--json", hopeless[0]["letter"]))
    this.check("with their headers", {"name": "trace", "value": TRACE[1]} in shown["headers"])
    leads = {json.loads(record.value)["data"]["lead"] for number in range(PARTITIONS) for record in site.broker.records(site.topics["stage_changes"], number)}
    wanted = {f"u{n}" for n in (*range(NO_LEAD), 5000, 6000, 5001, 6001, 5002, 6002)}
    this.check("what was mended made changes", leads == wanted)


def prove(this, site, letters, mended):
    command = [this.binary, "audit", "--settings", letters.settings, "--definition", site.definition_file, "--definition", mended, "--json"]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=broker.PATIENCE_S, check=False)
    this.check(f"the audit proves it: {done.stderr}", done.returncode == 0)
    bundle = site.folder / "bundle"
    subprocess.run([*map(str, command), "--bundle", str(bundle)], capture_output=True, timeout=broker.PATIENCE_S, check=True)
    subprocess.run([this.binary, "audit", bundle], capture_output=True, timeout=broker.PATIENCE_S, check=True)
    report = subprocess.run([this.binary, "report", "--settings", letters.settings, "--json"], capture_output=True, timeout=broker.PATIENCE_S, check=True)
    counted = sum(row["records"] for row in json.loads(report.stdout)["dead_letters"])
    this.check("a report counts letters, not marks", counted == len(letters.rows()))
    kept = site.folder / "kept"
    kept.write_bytes(b"".join(site.broker.envelopes(site.topics["dead_letters"], number) for number in range(PARTITIONS)))
    (site.folder / "none").write_text("")
    of_file = subprocess.run([this.binary, "report", "--json", "--envelope", "kcat", "--dead-letters", kept, site.folder / "none"],
                             capture_output=True, timeout=broker.PATIENCE_S, check=True)
    this.check("of a file, too", sum(row["records"] for row in json.loads(of_file.stdout)["dead_letters"]) == counted)


def test(this):
    site = this.site("letters", DEFINITION, partitions=PARTITIONS, event_bytes_max=4000)
    daemon, letters = site.daemon("daemon"), Letters(this, site)
    daemon.start()
    daemon.await_ready()
    fill(this, site, daemon)
    rows = see(this, site, letters)
    ask_first(this, site, letters, rows)
    mended = mend(this, site, letters, daemon)
    redrive(this, letters, rows)
    await_read(site, daemon)
    daemon.stop()
    verify(this, site, letters, rows)
    prove(this, site, letters, mended)


if __name__ == "__main__":
    bench.main(test)
