#!/usr/bin/env python3
"""test_bundle.py BINARY: `handover audit --bundle` beside running daemons and afterwards: the bundle holds what Kafka holds, byte for byte;
an audit of it says what the audit of Kafka said, byte for byte; outsiders check it with tar and sha256sum alone; nothing half is left."""

import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import bench
import broker
import events
import wire
from agreements import Office

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "stories"))
import bundles  # noqa: E402

EVENTS = bench.size("EVENTS", 8000)  # an input
PARTITIONS = 3
P = 1  # where hands are laid on


class Auditor:
    def __init__(self, this, site, office):
        self.this, self.site, self.office, self.made = this, site, office, 0
        self.settings = site.folder / "audit.json"
        self.settings.write_text(json.dumps(site.settings))

    def path(self):
        self.made += 1
        return self.site.folder / f"bundle-{self.made}.tar.zst"

    def run(self, *args, **options):
        command = [self.this.binary, "audit", *args]
        return subprocess.run([*map(str, command)], capture_output=True, timeout=broker.PATIENCE_S, check=False, **options)

    def kafka(self, *args):
        return self.run("--settings", self.settings, "--json", *args)

    def offline(self, path, *args):
        """As somebody elsewhere would: no settings, no Kafka."""
        return self.run(path, "--json", "--trust", self.office.trust, *args, cwd="/")

    def both(self, what, *args, status=0):
        """Kafka and the bundle made of it say the same. Returns the bundle's path and what was found."""
        path = self.path()
        kafka = self.kafka("--bundle", path, *args)
        asked = [arg for arg in args if str(arg).startswith(("--from", "--to", "--lead"))]
        offline = self.offline(path, *asked) if path.exists() else kafka
        digest = f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}\n".encode()
        self.this.check(f"{what}: status {kafka.returncode}, {path.stat().st_size} bytes, {kafka.stdout[:60]}, {offline.stderr}",
                        kafka.returncode == offline.returncode == status and kafka.stdout == offline.stdout and
                        kafka.stderr == offline.stderr == digest and len(kafka.stdout) > 500)
        return path, json.loads(kafka.stdout)

    def members(self, path):
        """Unpacked and checked by people who do not have handover."""
        folder = path.with_suffix(".unpacked")
        folder.mkdir()
        done = subprocess.run(["sh", "-c", f"tar xf {path} && sha256sum -c --strict --quiet SHA256SUMS"], cwd=folder, capture_output=True,
                              text=True, timeout=broker.PATIENCE_S, check=False)
        self.this.check(f"tar and sha256sum check it {done.stderr}", done.returncode == 0 and done.stdout == "")
        plain = subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout
        return bundles.read(plain)


def feed_oddities(site):
    """Null, empty and binary keys and values; dead letters all of them, but they are read."""
    def kcat(*options, text=b""):
        command = ["kcat", "-b", site.broker.bootstrap, "-P", "-t", site.inputs[0], "-p", str(P), *options]
        subprocess.run([*map(str, command)], input=text, check=True, timeout=broker.PATIENCE_S)
    kcat("-Z", "-K", "\t", text=b"\t\nkey\t\n\tnull key\n")
    kcat("-K", "\t", text=b"\t\nkey\t\n\tempty key\n")
    binary = site.folder / "binary"
    binary.write_bytes(bytes(range(256)) * 3 + b"\n\0\n")
    kcat("-k", "k\xc3\xa4y", binary)
    large = site.folder / "large"
    large.write_bytes(b'{"userId":"' + b"x" * 700000 + b'"}')
    kcat("-k", "large", large)


def of_kafka(site, topic):
    return [[bundles.Record(r.offset, r.value, r.key, r.timestamp_ms) for r in site.broker.records(topic, p)] for p in range(PARTITIONS)]


def holds_what_kafka_holds(this, site, auditor, members):
    manifest = json.loads(members["manifest.json"])
    for kind, topics in (("input", site.inputs), ("journal", [site.topics["journal"]]), ("stage_changes", [site.topics["stage_changes"]])):
        for topic in topics:
            records = of_kafka(site, topic)
            held = [bundles.records(members, kind, p, topic) for p in range(PARTITIONS)]
            told = [next(one for one in manifest["streams"] if (one["kind"], one["topic"], one["partition"]) == (kind, topic, p))
                    for p in range(PARTITIONS)]
            this.check(f"{topic}: {[len(one) for one in records]} records", held == records and
                       [(one["records"], one["first"], one["last"]) for one in told] ==
                       [(len(one), one[0].offset, one[-1].offset) for one in records])
    dead = [bundles.records(members, "dead_letters", p) for p in range(PARTITIONS)]
    plain = [[one._replace(headers=()) for one in of_partition] for of_partition in dead]
    this.check(f"{[len(one) for one in dead]} dead letters", plain == of_kafka(site, site.topics["dead_letters"]) and
               all(tuple(name for name, _ in one.headers) == (b"reason", b"detail", b"topic", b"partition", b"offset")
                   for of_partition in dead for one in of_partition))
    letters = [part["letters"]["verified"] for part in manifest["result"]["partitions"]]
    this.check("all of them are what could not be used", letters == [len(one) for one in dead] and min(letters) > 5)
    odd = [(r.key, r.value) for r in of_kafka(site, site.inputs[0])[P]]
    this.check("null and empty are not the same", {(None, None), (b"", b""), (b"key", None), (b"key", b"")} <= set(odd))
    documents = [record.value for record in site.broker.records(site.topics["definitions_topic"], 0)]
    held = [members[one["member"]] for one in manifest["definitions"]]
    this.check("definitions as they were published, and the file", held == [site.definition_file.read_bytes(), *documents] and
               [(one["from"], one["offset"]) for one in manifest["definitions"]] == [("file", None), ("published", 0)])
    keys = {tuple(line.split()[:2]) for line in auditor.office.trust.read_text().splitlines()}
    this.check("keys", keys == {tuple(line.replace('"', "").split()) for line in members["trust.txt"].decode().splitlines()})
    this.check("manifest", (manifest["partitions"], manifest["group"], manifest["result"]["proven"], manifest["result"]["keys"]) ==
               (PARTITIONS, site.group, True, "given") and len(manifest["cluster"]) > 10)


def run(this, site, auditor, office):
    feeder = bench.Feeder([(broker.Producer(site.broker, topic), this.stream(EVENTS, salt=number))
                           for number, topic in enumerate(site.inputs)], EVENTS // 8)
    first = site.daemon("first")
    first.start()
    first.await_ready()
    for number in range(1, 4):
        feeder.target = EVENTS * number // 4
        site.await_progress([first])
        time.sleep(this.random.uniform(0, 1))
        _, found = auditor.both(f"beside a running daemon, {number}")
        this.check("proven", found["proven"])
        if number == 1:
            office.publish(office.sign(dict(events.RICH, version=2, effective_from="2190-01-01T00:00:00Z")))
        if number == 2:
            feed_oddities(site)
    feeder.target, feeder.rate = EVENTS, EVENTS
    feeder.finish()
    site.await_drained([first])
    first.stop()


def asks(this, site, auditor):
    published = [json.loads(r.value) for p in range(PARTITIONS) for r in site.broker.records(site.topics["stage_changes"], p)]
    times = sorted(one["time"] for one in published)
    start, end, lead = times[len(times) // 3], times[len(times) // 2], published[7]["data"]["lead"]
    for args, fits in ((["--lead=" + lead], lambda e: e["data"]["lead"] == lead),
                       (["--from=" + start, "--to=" + end], lambda e: start <= e["time"] < end)):
        path, found = auditor.both(f"asked with {args}", *args)
        count = sum(map(fits, published))
        this.check(f"{count} of {len(published)}", sum(p["verified"] for p in found["partitions"]) == count and 0 < count < len(published))
        whole = json.loads(auditor.offline(path).stdout)
        this.check("the bundle is whole all the same", sum(p["verified"] for p in whole["partitions"]) == len(published))


def tampered(this, site, auditor):
    """What an audit of Kafka finds wrong is in the bundle as it was."""
    topic = site.topics["stage_changes"]
    records = [site.broker.records(topic, p) for p in range(PARTITIONS)]
    middle = len(records[P]) // 2
    for what, change in (("altered", lambda r: [*r[:middle], r[middle]._replace(value=r[middle].value + b" "), *r[middle + 1:]]),
                         ("deleted", lambda r: r[:middle] + r[middle + 1:]), ("appended", lambda r: [*r, r[-1]._replace(value=b"{}")])):
        copy = f"{topic}-{what}"
        command = [this.binary, "topics", "--settings", auditor.settings, "--set", f"stage_changes={copy}", "--create", "--partitions", PARTITIONS]
        subprocess.run([*map(str, command)], capture_output=True, timeout=broker.PATIENCE_S, check=True)
        for p, of_partition in enumerate(records):
            rows = change(of_partition) if p == P else of_partition
            broker.produce(site.broker, copy, [(r.key or b"", r.value) for r in rows], p)
        _, found = auditor.both(f"one published event is {what}", "--set", f"stage_changes={copy}", status=1)
        this.check("found", len(found["partitions"][P]["findings"]) == 1)
    journal = site.topics["journal"]
    cut = f"{journal}-cut"
    command = [this.binary, "topics", "--settings", auditor.settings, "--set", f"journal={cut}", "--create", "--partitions", PARTITIONS]
    subprocess.run([*map(str, command)], capture_output=True, timeout=broker.PATIENCE_S, check=True)
    for p in range(PARTITIONS):
        rows = site.broker.records(journal, p)
        broker.produce(site.broker, cut, [(b"", r.value) for r in (rows[:5] + rows[6:] if p == P else rows)], p)
    path, found = auditor.both("a journal record is deleted", "--set", f"journal={cut}", status=1)
    this.check(found["partitions"][P]["why"], "record 5 of the journal is missing" in found["partitions"][P]["why"])
    members = auditor.members(path)
    this.check("what comes behind is in the bundle nevertheless",
               bundles.records(members, "input", P, site.inputs[0]) == of_kafka(site, site.inputs[0])[P] and
               bundles.records(members, "stage_changes", P) == of_kafka(site, topic)[P])


def letters(this, site, auditor):
    """Retention takes the oldest; what somebody else writes there is found."""
    topic = site.topics["dead_letters"]
    before = [len(site.broker.records(topic, p)) for p in range(PARTITIONS)]
    offset = site.broker.records(topic, P)[before[P] // 2].offset
    wire.delete_records(site.broker.bootstrap, topic, P, offset)
    _, found = auditor.both("dead letters that are no longer kept")
    parts = [part["letters"] for part in found["partitions"]]
    this.check(f"{before}: {[(one['verified'], one['gone']) for one in parts]}", parts[P]["gone"] == before[P] // 2 and
               [one["verified"] + one["gone"] for one in parts] == before and all(parts[p]["gone"] == 0 for p in range(PARTITIONS) if p != P))
    broker.produce(site.broker, topic, [(b"key", b"somebody else's")], P)
    _, found = auditor.both("one that is nobody's", status=1)
    finding, = found["partitions"][P]["findings"]
    this.check(finding, (finding["of"], finding["kind"]) == ("dead_letter", "unexpected"))


def in_files(this, site, auditor):
    """Nothing is replaced unasked, nothing half is left."""
    folder = site.folder / "files"
    folder.mkdir()
    path = folder / "b"
    path.write_text("mine")
    done = auditor.kafka("--bundle", path)
    this.check("a file that is there stays", done.returncode == 2 and b"is there already; --force" in done.stderr and path.read_text() == "mine")
    done = auditor.kafka("--bundle", path, "--force")
    this.check("unless it may be replaced", done.returncode == 0 and auditor.offline(path).returncode == 0)
    path.unlink()
    done = auditor.kafka("--bundle", path, "--set", "inputs=nowhere", "--set", f"stage_changes={site.inputs[0]}-none")
    this.check(f"a topic that is not there: {done.stderr}", done.returncode == 3 and b"no bundle was made: " in done.stderr)
    done = auditor.kafka("--bundle", path, "--set", "bootstrap=127.0.0.1:1")
    this.check(f"no broker: {done.stderr}", done.returncode == 3)
    limited = f"ulimit -f 100; trap '' XFSZ; exec {this.binary} audit --settings {auditor.settings} --bundle {path}"
    done = subprocess.run(["sh", "-c", limited], capture_output=True, timeout=broker.PATIENCE_S, check=False)
    this.check(f"no room: {done.stderr}", done.returncode == 3 and b"no bundle was made: cannot be written: File too large" in done.stderr)
    command = [str(this.binary), "audit", "--settings", str(auditor.settings), "--bundle", str(path), "--threads", "1"]
    for number in (signal.SIGINT, signal.SIGTERM):
        this.interrupted(command, number, "handover audit: ", lambda: [file.unlink() for file in folder.iterdir()])
    this.check("nothing is left", os.listdir(folder) == [])


def test(this):
    site = this.site("bundle", events.RICH, inputs=("engagement", "crm"), partitions=PARTITIONS)
    office = Office(this, site)
    office.approve(site.definition_file)
    auditor = Auditor(this, site, office)
    site.settings["definitions"] = [str(site.definition_file)]
    site.definition = None  # daemons take it from the settings, as it was signed
    auditor.settings.write_text(json.dumps(site.settings))
    run(this, site, auditor, office)
    path, found = auditor.both("afterwards")
    this.check("all is proven", found["proven"] and sum(p["verified"] for p in found["partitions"]) > 100)
    holds_what_kafka_holds(this, site, auditor, auditor.members(path))
    bundled = json.loads(auditor.run(path, "--json").stdout)
    this.check("without keys of one's own by the bundle's", bundled == {**found, "keys": "bundle"})
    asks(this, site, auditor)
    tampered(this, site, auditor)
    in_files(this, site, auditor)
    letters(this, site, auditor)


if __name__ == "__main__":
    bench.main(test)
