#!/usr/bin/env python3
"""test_audit.py BINARY: `handover audit` proves what two daemons published, through kills, rebalances and while they run; and it finds and
names every kind of tampering: with what was published, with the inputs (what has no effect included), with the journal, with the
definition. Keys, payloads and timestamps of every kind are no false alarm, neither here nor by way of `kcat -J`."""

import itertools
import json
import re
import subprocess
import time

import bench
import broker
import by_journal
import events
import wire

EVENTS = bench.size("EVENTS", 12000)  # an input
PARTITIONS = 3
P = 1  # the one that is tampered with

DEFINITION = events.RICH
IDLE = 12  # events of a lead of whom nothing is ever published


class Auditor:
    def __init__(self, this, site):
        self.this, self.site, self.copies = this, site, 0
        self.settings = site.folder / "audit.json"
        self.settings.write_text(json.dumps(site.settings))

    def audit(self, *options, definition=None, text=False):
        files = [] if definition is False else ["--definition", definition or self.site.definition_file]
        command = [self.this.binary, "audit", "--settings", self.settings, *files, *options, *([] if text else ["--json"])]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=broker.PATIENCE_S, check=False)
        if done.returncode not in (0, 1):
            raise broker.BrokerError(f"audit: {done.returncode}: {done.stderr}")
        return done.returncode, (done.stdout if text else json.loads(done.stdout))

    def publish(self, definition):
        path = self.site.folder / f"{definition['name']}.published.json"
        path.write_text(json.dumps(definition))
        command = [self.this.binary, "publish", "--settings", self.settings, "--draft", path]
        subprocess.run([*map(str, command)], capture_output=True, timeout=broker.PATIENCE_S, check=True)

    def records(self, topic):
        return [self.site.broker.records(topic, p) for p in range(PARTITIONS)]

    def create(self, topic, setting, value):
        command = [self.this.binary, "topics", "--settings", self.settings, "--set", f"{setting}={value}", "--create",
                   "--partitions", str(PARTITIONS)]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=broker.PATIENCE_S, check=False)
        if done.returncode != 0:
            raise broker.BrokerError(f"{topic}: {done.stdout}{done.stderr}")

    def copy(self, records):
        """A topic of its own with these records."""
        self.copies += 1
        topic = f"{self.site.topics['stage_changes']}-copy-{self.copies}"
        self.create(topic, "stage_changes", topic)
        for partition, of_partition in enumerate(records):
            broker.produce(self.site.broker, topic, [(r.key or b"", r.value or b"") for r in of_partition], partition)
        return topic

    def tampered(self, topic, change):
        """The topic's copy after change(list of records of partition P)."""
        records = self.records(topic)
        records[P] = change(list(records[P]))
        return self.copy(records)

    def finds(self, what, setting, topic, expected):
        """The audit of a copy in place of the topic says `expected` of partition P and proves the others."""
        status, found = self.audit("--set", f"{setting}={topic}")
        parts = found["partitions"]
        told = {kind: parts[P][kind] for kind in expected if kind != "why"}
        why_fits = expected.get("why", "") in parts[P]["why"]
        self.this.check(f"{what}: {told} {parts[P]['why']} {parts[P]['findings'][:1]}",
                        status == 1 and not found["proven"] and not parts[P]["proven"] and why_fits and
                        told == {kind: n for kind, n in expected.items() if kind != "why"} and
                        all(parts[p]["proven"] for p in range(PARTITIONS) if p != P))
        return parts[P]


def run(this, site, auditor):
    feeder = bench.Feeder([(broker.Producer(site.broker, topic), this.stream(EVENTS, salt=number))
                           for number, topic in enumerate(site.inputs)], EVENTS // 12)
    first, second = site.daemon("first"), site.daemon("second")
    first.start()
    first.await_ready()
    for number in range(1, 4):
        feeder.target = EVENTS * number // 4
        second.start()
        site.await_progress([first])
        time.sleep(this.random.uniform(0, 1.5))
        if number == 2:
            feed_idle(site)
            status, found = auditor.audit()
            this.check("what two running daemons have published so far is proven", status == 0 and found["proven"])
        second.kill()
    feeder.target, feeder.rate = EVENTS, EVENTS
    feeder.finish()
    site.await_drained([first])
    first.stop()


def feed_idle(site):
    """In the midst of the others."""
    idle = [{"userId": "idle", "event": "Nothing At All", "timestamp": "2026-01-02T00:00:00Z", "note": number} for number in range(IDLE)]
    broker.produce(site.broker, site.inputs[0], [(b"", json.dumps(event).encode()) for event in idle], P)


def replaced(index, value):
    def change(records):
        records[index] = records[index]._replace(value=value(records[index].value))
        return records
    return change


def tamper_changes(this, auditor, topic):
    published = auditor.records(topic)[P]
    middle = len(published) // 2
    breach = next(i for i, r in enumerate(published) if b"lead.sla.breached" in r.value)
    none = {"missing": 0, "unexpected": 0, "twice": 0, "different": 0, "out_of_order": 0, "why": ""}

    def find(what, change, **kinds):
        return auditor.finds(what, "stage_changes", auditor.tampered(topic, change), {**none, **kinds})

    part = find("an event is altered", replaced(middle, lambda v: v.replace(b'"lead":"', b'"lead":"x', 1)), different=1)
    this.check("it is named", "/data/lead is \"x" in part["findings"][0]["what"] and
               json.loads(published[middle].value)["id"] in part["findings"][0]["what"])
    find("a breach is altered", replaced(breach, lambda v: v.replace(b"sales answers", b"sales looks")
                                         .replace(b"marketing looks", b"marketing sees")), different=1)
    find("one byte more", replaced(middle, lambda v: v + b" "), different=1)
    find("the first is deleted", lambda r: r[1:], missing=1)
    find("one is deleted", lambda r: r[:middle] + r[middle + 1:], missing=1)
    find("ten in a row are deleted", lambda r: r[:middle] + r[middle + 10:], missing=10)
    find("the last is deleted", lambda r: r[:-1], missing=1)
    find("one is inserted", lambda r: r[:middle] + [r[middle]._replace(value=r[middle].value.replace(b'"id":"', b'"id":"0'))] + r[middle:],
         unexpected=1)
    find("no event is inserted", lambda r: r[:middle] + [r[middle]._replace(value=b"hello")] + r[middle:], unexpected=1)
    find("one is appended", lambda r: [*r, r[-1]._replace(value=b"{}")], unexpected=1)
    find("one is there twice", lambda r: r[:middle] + [r[middle]] + r[middle:], twice=1)
    find("two have changed places", lambda r: r[:middle] + [r[middle + 1], r[middle]] + r[middle + 2:], out_of_order=1)
    find("all are gone", lambda r: [], missing=len(published))
    find("two things at once", lambda r: replaced(middle, lambda v: v.replace(b'"lead":"', b'"lead":"x', 1))(r)[1:],
         missing=1, different=1)


def deciding(published, topic):
    """The offset of an input event by which something was published."""
    causes = [json.loads(record.value)["data"]["cause"] for record in published]
    offsets = [cause["offset"] for cause in causes if cause["kind"] == "event" and cause["topic"] == topic]
    return offsets[len(offsets) // 2]


def tamper_inputs(this, auditor, site):
    """The topic is deleted and made anew with other records in it: so it may look after somebody had a hand in a broker's files."""
    topic = site.inputs[0]
    records = auditor.records(topic)
    raw = records[P]
    middle = deciding(auditor.records(site.topics["stage_changes"])[P], topic)

    def audit_of(changed):
        site.broker.delete(topic)
        auditor.create(topic, "inputs", f"{topic},{site.inputs[1]}")
        for partition, of_partition in enumerate(records):
            rows = changed if partition == P else of_partition
            wire.produce(site.broker.bootstrap, topic, partition, [(r.timestamp_ms, r.key, r.value) for r in rows])
        return auditor.audit()

    def find(what, changed, why):
        status, found = audit_of(changed)
        part = found["partitions"][P]
        this.check(f"{what}: {part['why']} {part['findings'][:1]}", status == (why is not None) and (why or "") in part["why"] and
                   all(found["partitions"][p]["proven"] for p in range(PARTITIONS) if p != P))

    def find_idle(what, changed, at, shifts=False):
        """Nothing that was published tells of it, and still its place is named. `shifts`: its journal record takes another record besides
        then, which may be decided before the fingerprint says that it does not belong there."""
        status, found = audit_of(changed)
        part = found["partitions"][P]
        named = re.search(rf"^record \d+ of the journal \(offset \d+\): an input was altered, .*\b{topic} (?:at|from) (\d+)(?: to (\d+))?\b",
                          part["why"])
        this.check(f"{what}: {part['why']} {part['findings'][:1]}", status == 1 and not part["proven"] and named and
                   int(named[1]) <= at <= int(named[2] or named[1]) + 1 and (shifts or part["findings"] == []) and
                   all(found["partitions"][p]["proven"] for p in range(PARTITIONS) if p != P))

    altered = raw[middle]._replace(value=json.dumps({**json.loads(raw[middle].value), "event": "Nothing"}).encode())
    find("an input event is altered", [*raw[:middle], altered, *raw[middle + 1:]], "an input was altered")
    find("an input event is deleted", raw[:middle] + raw[middle + 1:], "record ")
    find("an input event is inserted", [*raw[:middle], raw[middle], *raw[middle:]], "an input was altered")
    find("two input events have changed places", [*raw[:middle], raw[middle + 1], raw[middle], *raw[middle + 2:]], "an input was altered")
    idle = [offset for offset, record in enumerate(raw) if record.value and b'"idle"' in record.value]
    this.check("events of an idle lead are there, and nothing was published of it", len(idle) == IDLE and
               not any(b'"idle"' in record.value for record in auditor.records(site.topics["stage_changes"])[P]))
    at = next(offset for offset in idle[1:] if offset + 1 in idle)  # others write at the same time
    one = raw[at]
    find_idle("an idle event is altered", [*raw[:at], one._replace(value=one.value.replace(b"note", b"noted")), *raw[at + 1:]], at)
    find_idle("an idle event has another timestamp", [*raw[:at], one._replace(timestamp_ms=one.timestamp_ms + 1), *raw[at + 1:]], at)
    find_idle("an idle event has an empty key", [*raw[:at], one._replace(key=b""), *raw[at + 1:]], at)
    find_idle("an idle event is deleted", raw[:at] + raw[at + 1:], at, shifts=True)
    find_idle("an idle event is inserted", [*raw[:at], one, *raw[at:]], at, shifts=True)
    find_idle("two idle events have changed places", [*raw[:at], raw[at + 1], one, *raw[at + 2:]], at)
    find("the last input events are gone", raw[:-5], "ends too early")
    find("all is as it was", raw, None)


def tamper_journal(this, auditor, site):
    topic = site.topics["journal"]
    count = len(auditor.records(topic)[P])
    middle = count // 2

    def find(what, change, why):
        auditor.finds(what, "journal", auditor.tampered(topic, change), {"why": why})

    def with_entry(change):
        def alter(value):
            record = json.loads(value)
            change(record)
            return json.dumps(record, separators=(",", ":")).encode()
        return replaced(middle, alter)

    find("a journal record is deleted", lambda r: r[:middle] + r[middle + 1:], f"record {middle} of the journal is missing")
    find("the first journal record is deleted", lambda r: r[1:], "the journal has been cut: it begins with record 1")
    find("a journal record says one more was published",
         with_entry(lambda j: j.update(published=j["published"] + 1)), f"record {middle} of the journal")
    find("a journal record has another chain", with_entry(lambda j: j.update(chain=j["chain"][::-1])), "its chain is not that of the replay")
    find("a journal record has another fingerprint", with_entry(lambda j: j.update(inputs="xxh3:" + 32 * "0")),
         f"record {middle} of the journal")
    find("a journal record is no such record", replaced(middle, lambda v: v[:-1]), "the journal at offset")
    this.say(f"{count} journal records in partition {P}")


def tamper_definition(this, auditor, site):
    other = site.folder / "other.json"
    other.write_text(json.dumps(dict(DEFINITION, lateness="11m")))
    status, found = auditor.audit(definition=other)
    this.check(f"another definition: {found['partitions'][P]['why']}",
               status == 1 and not any(p["proven"] for p in found["partitions"]) and
               "which is not at hand" in found["partitions"][P]["why"])


def odd_records(this):
    """Everything that a record can be, through a daemon: the audit proves it, and so do `replay --journal` and the second implementation
    from what kcat prints of it."""
    now = int(time.time() * 1000)
    event = json.dumps({"userId": "odd", "event": "Page Viewed", "timestamp": "2026-01-02T00:00:00Z", "note": "@"}).encode()
    notes = [b"plain", "é – 😀 \u2028".encode(), b"\\u0041\\u0000\\u2028\\ud83d\\ude00", b"\\ud800", b"\\\\ \\/ \\\" \\b\\f\\n\\r\\t", b"\x7f",
             b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\xaf", b"\0", b"\x01\x1f", b"\n", b"\r\n", b"\t"]
    payloads = [None, b"", b" ", b"null", b"\xef\xbb\xbf{}", b"\0", bytes(range(256)), *(event.replace(b"@", note) for note in notes)]
    keys = [None, b"", b"odd", b"\0", b"\x01\x1f\x7f", b"\xff", b"\xed\xa0\x80", '"\\/\u2028'.encode(), b"a\tb\nc", b"k" * 300]
    timestamps = [-1, 0, 1, now, now + 1800000]
    records = [(timestamp, key, payload) for timestamp, key, payload in itertools.product(timestamps, keys, payloads)]
    this.random.shuffle(records)
    for kind in ("xxh3", "sha256"):
        site = this.site(f"odd-{kind}", DEFINITION, partitions=1, journal_inputs=kind)
        daemon = site.daemon("first")
        daemon.start()
        daemon.await_ready()
        for at in range(0, len(records), 250):
            wire.produce(site.broker.bootstrap, site.inputs[0], 0, records[at:at + 250])
            time.sleep(0.3)
        site.await_drained([daemon])
        daemon.stop()
        read = [(r.timestamp_ms, r.key, r.value) for r in site.broker.records(site.inputs[0], 0)]
        this.check(f"{len(read)} odd records are there as they were written", read == records)
        partition, = by_journal.verify(site, [site.definition_file])
        this.check(f"their fingerprints are {kind}", all(one["inputs"].startswith(kind + ":") for one in partition.journal))
        status, found = Auditor(this, site).audit()
        this.check(f"odd records are proven: {found['partitions'][0]['why']}", status == 0 and found["partitions"][0]["behind"] == 0)


def test(this):
    site = this.site("audit", DEFINITION, inputs=("engagement", "crm"), partitions=PARTITIONS)
    auditor = Auditor(this, site)
    run(this, site, auditor)
    status, found = auditor.audit()
    this.check("all is proven", status == 0 and found["proven"])
    decided = sum(p["events"] + p["dead_letters"] for p in found["partitions"])
    published = [len(records) for records in auditor.records(site.topics["stage_changes"])]
    this.check(f"{decided} input records and {sum(published)} published events are accounted for",
               decided == 2 * EVENTS + IDLE and [p["verified"] for p in found["partitions"]] == published)
    for part in found["partitions"]:
        began = sum(stage["began"] for stage in part["stages"])
        this.check("every lead began somewhere, and is somewhere",
                   began == part["leads"] == sum(stage["inside"] for stage in part["stages"]) and
                   all(stage["began"] == (part["leads"] if stage["stage"] == "universe" else 0) for stage in part["stages"]))
    status, text = auditor.audit(text=True)
    this.check("it says so", status == 0 and "proven: what was published is what follows from the inputs" in text)
    auditor.publish(dict(DEFINITION, name="another"))
    auditor.publish(DEFINITION)
    status, found = auditor.audit("--set", "definition_name=rich", definition=False)
    this.check("by what was published, though another definition stands before it", status == 0 and found["proven"])
    tamper_changes(this, auditor, site.topics["stage_changes"])
    tamper_journal(this, auditor, site)
    tamper_definition(this, auditor, site)
    tamper_inputs(this, auditor, site)
    odd_records(this)


if __name__ == "__main__":
    bench.main(test)
