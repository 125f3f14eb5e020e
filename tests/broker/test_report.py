#!/usr/bin/env python3
"""test_report.py BINARY: `handover report --settings`, from the brokers: the same report as of files with what `handover replay` publishes
of the same log; the order of the stages by what was published; what retention has cut, and topics that are not there or hold something
else."""

import contextlib
import json
import signal
import sqlite3
import subprocess

import bench
import broker
import events

EVENTS = bench.size("EVENTS", 8000)
PARTITIONS = 3


class Reporter:
    def __init__(self, this, site):
        self.this, self.site = this, site
        self.settings = site.folder / "report.json"
        self.settings.write_text(json.dumps(site.settings))

    def run(self, *args):
        done = subprocess.run([self.this.binary, *map(str, args)], capture_output=True, text=True, timeout=broker.PATIENCE_S, check=False)
        return done.returncode, done.stdout, done.stderr

    def kafka(self, *args, status=0):
        found, out, errors = self.run("report", "--settings", self.settings, *args)
        self.this.check(f"exit status {status}: {errors.strip()}", found == status)
        return json.loads(out) if status == 0 and "--json" in args else out + errors

    def files(self, *args):
        """Of what replay makes of the inputs."""
        published, letters = self.site.folder / "published", self.site.folder / "letters"
        source = self.site.folder / "inputs"
        source.write_bytes(b"".join(self.site.broker.envelopes(self.site.inputs[0], p) for p in range(PARTITIONS)))
        _, out, errors = self.run("replay", "--definition", self.site.definition_file, "--envelope", "kcat", "--dead-letters", letters, source)
        published.write_text(out)
        status, out, errors = self.run("report", "--dead-letters", letters, *args, published)
        self.this.check(f"of files: {errors.strip()}", status == 0)
        return json.loads(out)


def fill(this, site):
    feeder = bench.Feeder([(broker.Producer(site.broker, site.inputs[0]), this.stream(EVENTS))], EVENTS)
    feeder.target = EVENTS
    feeder.finish()
    daemon = site.daemon("daemon")
    daemon.start()
    daemon.await_ready()
    site.await_drained([daemon])
    daemon.stop()


def see_the_same(this, reporter):
    for cut in ("owner", "member", "version", "attribute=region"):
        of_files = reporter.files("--json", "--by", cut)
        this.check(f"the same by {cut}", reporter.kafka("--json", "--by", cut) == of_files)
    this.check("it is about something", of_files["log"]["events"] > 100 and of_files["dead_letters"] and of_files["handovers"])
    definition = reporter.site.definition_file
    defined = reporter.files("--json", "--definition", definition)
    this.check("the same by a definition", reporter.kafka("--json", "--definition", definition) == defined)
    reporter.run("publish", "--settings", reporter.settings, "--draft", definition)
    this.check("the same by what is published", reporter.kafka("--json") == defined and not defined["order_inferred"])
    of_settings = reporter.kafka("--json", "--set", f"definitions={definition}", "--set", f"definitions_topic={reporter.site.group}")
    this.check("the same by the settings' file where no topic of definitions is there", of_settings == defined)
    return defined


def see_what_is_gone(this, reporter, whole):
    site = reporter.site
    changes, letters = site.topics["stage_changes"], site.topics["dead_letters"]
    missing = reporter.kafka("--json", "--set", "dead_letters=nowhere")
    this.check("no dead letters' topic", missing["dead_letters"] == [] and
               missing["log"]["unseen"] == [{"topic": "nowhere", "partition": None, "first_offset": None}])
    this.check("it says so", "NOT SEEN: there is no topic nowhere." in reporter.kafka("--set", "dead_letters=nowhere"))
    first = site.broker.records(changes, 1)[5].offset
    site.broker.cut(changes, 1, first)
    end = site.broker.ends(letters, PARTITIONS, stable=True)[2]
    site.broker.cut(letters, 2, end)
    cut = reporter.kafka("--json")
    this.check("what is gone is told", cut["log"]["unseen"] == [{"topic": changes, "partition": 1, "first_offset": first},
                                                                {"topic": letters, "partition": 2, "first_offset": end}])
    this.check("the rest is counted", cut["log"]["events"] == whole["log"]["events"] - 5 and cut["conserved"])
    model = site.folder / "model.db"
    reporter.kafka("--sqlite", model)
    with contextlib.closing(sqlite3.connect(model)) as base:
        rows = base.execute("SELECT topic, partition, first_offset FROM unseen").fetchall()
    this.check("and in the read model", rows == [tuple(row.values()) for row in cut["log"]["unseen"]])
    text = reporter.kafka()
    this.check("it says where", f"NOT SEEN: the beginning of {changes}. It is gone in partitions: 1; partition 1 begins at offset {first}." in " ".join(text.split()))


def see_what_is_of_no_use(this, reporter):
    site = reporter.site
    text = reporter.kafka("--set", "stage_changes=nowhere", status=3)
    this.check("no topic of changes", "nowhere: there is no such topic" in text)
    changes, letters = site.topics["stage_changes"], site.topics["dead_letters"]
    broker.produce(site.broker, changes, [(b"x", b'{"type":"something else"}')], 2)
    this.check("events of other types are counted", "Lines of other types, which count for nothing: 1." in reporter.kafka())
    broker.produce(site.broker, letters, [(b"x", b"hello")], 0)
    text = reporter.kafka(status=2)
    this.check("a letter without a reason", f"{letters}/0: offset " in text and 'no header "reason"' in text)
    broker.produce(site.broker, changes, [(b"x", b"hello")], 2)
    text = reporter.kafka(status=2)
    this.check("a record that is no event", f"{changes}/2: offset " in text and "not_json" in text)


def end_by_a_signal(this, reporter):
    said = this.interrupted([this.binary, "report", "--settings", reporter.settings], signal.SIGINT, "handover report: interrupted: ")
    this.check("it says nothing else", said.startswith("handover report: ") and said.count("\n") == 1)


def test(this):
    site = this.site("report", events.RICH, partitions=PARTITIONS)
    reporter = Reporter(this, site)
    fill(this, site)
    whole = see_the_same(this, reporter)
    end_by_a_signal(this, reporter)
    see_what_is_gone(this, reporter, whole)
    see_what_is_of_no_use(this, reporter)


if __name__ == "__main__":
    bench.main(test)
