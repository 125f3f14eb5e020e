#!/usr/bin/env python3
"""test_backtest.py BINARY: `handover backtest --settings`, from the brokers: the same figures as of files with the same records, two inputs
merged by event time (by the second implementation's decoder); what retention has cut; topics that are not there; a signal. No daemon
runs: a log can be older than handover."""

import copy
import importlib.util
import json
import pathlib
import signal
import subprocess
import sys

import bench
import broker
import events

EVENTS = bench.size("EVENTS", 8000)  # of each input
PARTITIONS = 3

ORACLE = pathlib.Path(__file__).resolve().parents[1] / "oracle"
sys.path.append(str(ORACLE))  # behind this folder, which has an events.py of its own
SPEC = importlib.util.spec_from_file_location("oracle_events", ORACLE / "events.py")
oracle_events = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(oracle_events)
from definition import Definition  # noqa: E402

RICH = Definition(json.dumps(events.RICH))


def looser():
    definition = copy.deepcopy(events.RICH)
    definition["version"] += 1
    definition["criteria"]["engaged"]["at_least"] = 1
    return definition


def utf8(key):
    """As @key takes it; a key that is no text is none."""
    try:
        return key.decode() if key is not None else None
    except UnicodeDecodeError:
        return None


class Tester:
    def __init__(self, this, site):
        self.this, self.site = this, site
        self.settings = site.folder / "backtest.json"
        self.settings.write_text(json.dumps(site.settings))
        self.new = site.folder / "new.json"
        self.new.write_text(json.dumps(looser()))

    def run(self, *args, status=0):
        command = [self.this.binary, "backtest", self.site.definition_file, self.new, *args]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=broker.PATIENCE_S, check=False)
        self.this.check(f"{' '.join(map(str, args))}: {done.returncode} {done.stderr.strip()}",
                        done.returncode == status and (done.stderr != "") == (status > 1))
        return json.loads(done.stdout) if "--json" in args and status < 2 else done.stdout + done.stderr

    def kafka(self, *args, status=0):
        return self.run("--settings", self.settings, *args, status=status)

    def merged(self, inputs):
        """A file with the records of these inputs, as `kcat -J` prints them: by event time, then the order of the inputs."""
        lines = []
        for partition in range(PARTITIONS):
            keyed = []
            for number, topic in enumerate(inputs):
                now = float("-inf")
                rows = self.site.broker.envelopes(topic, partition).splitlines(keepends=True)
                records = self.site.broker.records(topic, partition)
                for place, (row, record) in enumerate(zip(rows, records, strict=True)):
                    try:
                        now = oracle_events.decode(RICH, record.value, utf8(record.key), record.timestamp_ms, 1 << 20).time
                    except oracle_events.Reject:
                        pass  # right behind the one before it
                    keyed.append((number, place, now, row))
            lines += self.interleave(keyed, len(inputs))
        path = self.site.folder / "merged"
        path.write_bytes(b"".join(lines))
        return path

    @staticmethod
    def interleave(keyed, count):
        """Each input keeps its order; of the heads the earliest goes first."""
        queues = [[one for one in keyed if one[0] == number] for number in range(count)]
        at, lines = [0] * count, []
        while any(at[n] < len(queues[n]) for n in range(count)):
            number = min((n for n in range(count) if at[n] < len(queues[n])), key=lambda n: (queues[n][at[n]][2], n))
            lines.append(queues[number][at[number]][3])
            at[number] += 1
        return lines


def fill(this, site):
    feeder = bench.Feeder([(broker.Producer(site.broker, topic), this.stream(EVENTS, leads=200, salt=number))
                           for number, topic in enumerate(site.inputs)], EVENTS)
    feeder.target = EVENTS
    feeder.finish()


def see_the_same(this, tester):
    site = tester.site
    one = ["--set", f"inputs={site.inputs[0]}"]
    this.check("of one input the same as of files",
               tester.kafka("--json", *one) == tester.run("--json", "--envelope", "kcat", tester.merged(site.inputs[:1])))
    found = tester.kafka("--json")
    this.check("of two", found == tester.run("--json", "--envelope", "kcat", tester.merged(site.inputs)))
    log = found["log"]
    this.check(f"it is about something: {log}", log["events"] + log["dead_letters"] == 2 * EVENTS and log["dead_letters"] > 100 and
               log["unseen"] == [] and found["new"]["handovers"] >= found["old"]["handovers"] > 0)
    gate = ["--fail-if", "handovers > 0", "--sweep", "/criteria/engaged/at_least=10:30:10", "--until", "2036-01-01T00:00:00Z"]
    this.check("with a sweep, time that passes and a condition that holds",
               tester.kafka("--json", *gate, status=1) == tester.run("--json", *gate, "--envelope", "kcat", tester.merged(site.inputs), status=1))
    leads = [site.folder / "leads-kafka", site.folder / "leads-files"]
    tester.kafka("--leads", leads[0])
    tester.run("--leads", leads[1], "--envelope", "kcat", tester.merged(site.inputs))
    this.check("lead by lead", leads[0].read_text() == leads[1].read_text() != "")


def see_what_is_not_there(this, tester):
    site = tester.site
    this.check("no such input", "nowhere: there is no such topic" in tester.kafka("--set", "inputs=nowhere", status=3))
    this.check("files beside it", "no FILE" in tester.kafka(tester.new, status=2))
    other = f"{site.inputs[0]}-other"
    site.broker.create(other, 1)
    this.check("another number of partitions", "another number of partitions" in
               tester.kafka("--set", f"inputs={site.inputs[0]},{other}", status=2))
    this.check("no broker", "localhost:1" in tester.kafka("--set", "bootstrap=localhost:1", status=3))
    site.broker.cut(site.inputs[1], 2, 10)
    found = tester.kafka("--json")
    this.check("a beginning that is gone", found["log"]["unseen"] == [{"topic": site.inputs[1], "partition": 2, "first_offset": 10}])
    words = " ".join(tester.kafka().split())
    this.check("it says so", f"NOT SEEN: the beginning of {site.inputs[1]}, partition 2: it begins at offset 10." in words)


def end_by_a_signal(this, tester):
    command = [this.binary, "backtest", tester.site.definition_file, tester.new, "--settings", tester.settings]
    said = this.interrupted(command, signal.SIGINT, "handover backtest: interrupted\n")
    this.check("it says nothing else", said == "handover backtest: interrupted\n")


def test(this):
    site = this.site("backtest", events.RICH, inputs=("engagement", "crm"), partitions=PARTITIONS)
    tester = Tester(this, site)
    fill(this, site)
    see_the_same(this, tester)
    end_by_a_signal(this, tester)
    see_what_is_not_there(this, tester)


if __name__ == "__main__":
    bench.main(test)
