#!/usr/bin/env python3
"""test_bench.py BINARY: `handover generate` into Kafka, and `handover bench` over a broker, with small numbers: every figure is there, topics are
gone afterwards or kept, and what was published is what replay makes of the same records. How fast anything is, is asserted nowhere."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time

import bench
import broker as kafka

EVENTS = bench.size("EVENTS", 3000)
PARTITIONS = 3
LOAD = ["--events", EVENTS, "--leads", 300, "--partitions", PARTITIONS]
COST = {"cpu_s_per_million", "events_per_s", "rss_mb"}
RANKS = {"changes", "p50_ms", "p99_ms", "p99.9_ms", "max_ms"}
LARGE = {"steady_cpu_s_per_million"}  # not where so few records are committed at once


class Measured:
    def __init__(self, this):
        self.this = this
        self.known = self.topics()

    def topics(self):
        listed = subprocess.run(["kcat", "-b", self.this.broker.bootstrap, "-L", "-J"], capture_output=True, check=True)
        return {topic["topic"] for topic in json.loads(listed.stdout)["topics"]}

    def run(self, *args):
        command = [self.this.binary, "bench", *map(str, args), "--set", f"bootstrap={self.this.broker.bootstrap}"]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    def figures(self, *args, rows):
        """The rows have these figures, each above 0 unless it is a difference."""
        done = self.run(*args, "--json")
        if done.returncode != 0:
            raise kafka.BrokerError(f"bench {args}: {done.returncode}: {done.stderr}")
        found = {}
        for figure in json.loads(done.stdout)["figures"]:
            found.setdefault(figure["row"], {})[figure["figure"]] = figure["median"]
        self.this.check(f"bench {args[0]} has its figures", {row: set(figures) - LARGE for row, figures in found.items()} == rows)
        self.this.check("they are figures", all(value > 0 for figures in found.values() for name, value in figures.items()
                                                if not name.startswith(("net_", "steady_", "cpu_"))))
        return found, done.stderr

    def own(self):
        return {topic for topic in self.topics() - self.known if topic.startswith("handover-bench-")}

    def await_gone(self):
        kafka.await_true("its topics are gone", lambda: not self.own())


def check_published(measured, prefix):
    """What lies in the output's partitions is what replay by the journal makes of the input's records: the events' days are
    over by the wall clock, so clock marks are among them."""
    this = measured.this
    sample, journal = kafka.HERE.parents[1] / "config/sample.json", this.folder / "journal.ndjson"
    for partition in range(PARTITIONS):
        journal.write_bytes(this.broker.envelopes(f"{prefix}0-journal", partition))
        log = this.broker.envelopes(f"{prefix}input-0", partition)
        done = subprocess.run([this.binary, "replay", "--definition", sample, "--journal", journal], input=log, capture_output=True,
                              timeout=kafka.PATIENCE_S, check=True)
        published = [record.value for record in this.broker.records(f"{prefix}0-stage-changes", partition)]
        this.check(f"partition {partition}: {len(published)} published as replay has them",
                   len(published) > 5 and published == done.stdout.splitlines())


def test_run(measured):
    _, errors = measured.figures("run", *LOAD, "--keep",
                                 rows={"consume": COST, "run": COST | {"times_consume", "net_cpu_s_per_million"}})
    prefix = re.search(r"topics (handover-bench-\d+-)\* are kept", errors)[1]
    check_published(measured, prefix)
    _, _ = measured.figures("consume", "--topic", f"{prefix}input-0", rows={"consume": COST | {"records"}})
    for topic in sorted(measured.own()):
        measured.this.broker.delete(topic)


def test_transactional_input(measured):
    """The last offset of a partition is the end of a transaction, and no record."""
    this = measured.this
    topic = f"{this.broker.prefix}transactional"
    this.broker.create(topic, PARTITIONS)
    lines = subprocess.run([this.binary, "generate", "--events", str(EVENTS), "--leads", "300"], capture_output=True, check=True).stdout
    subprocess.run(["kcat", "-b", this.broker.bootstrap, "-P", "-t", topic, "-X", "transactional.id=handover-test-bench"], input=lines,
                   capture_output=True, timeout=kafka.PATIENCE_S, check=True)
    this.broker.await_stable([topic], PARTITIONS)  # the markers follow the commit
    this.check("ends of transactions are there", sum(this.broker.ends(topic, PARTITIONS)) > EVENTS)
    measured.figures("run", "--topic", topic, rows={"consume": COST, "run": COST | {"times_consume", "net_cpu_s_per_million"}})
    found, _ = measured.figures("consume", "--topic", topic, rows={"consume": COST | {"records"}})
    this.check("they are not counted", found["consume"]["records"] == EVENTS)


def test_others(measured):
    measured.figures("consume", *LOAD, "--repeat", 2, rows={"consume": COST})
    measured.figures("audit", *LOAD, rows={"run": COST, "consume": COST, "replay": COST, "audit": COST | {
        "net_cpu_s_per_million", "times_replay", "net_times_replay"}})
    restart = COST | {"ready_s"}
    measured.figures("restore", *LOAD, "--set", "threads=2", rows={"run": COST, "from the state directory": restart,
                                                                   "from handover-state": restart, "from the log alone": restart})
    found, _ = measured.figures("latency", "--events", 500, "--leads", 50, "--uniform", "--partitions", PARTITIONS, "--rate", 500,
                                "--seconds", 3, rows={"latency": RANKS, "lone": RANKS, "run": COST})
    latency = found["latency"]
    again, _ = measured.figures("latency", "--events", 500, "--leads", 50, "--uniform", "--partitions", 1, "--rate", 500, "--seconds", 1,
                                "--repeat", 2, rows={row: set(figures) for row, figures in found.items()})
    measured.this.check("two rounds, and both saw changes", again["latency"]["changes"] > 0)
    measured.this.check("each lone record has its dead letter", found["lone"]["changes"] == 40)
    measured.this.check("percentiles ascend", latency["p50_ms"] <= latency["p99_ms"] <= latency["p99.9_ms"] <= latency["max_ms"])
    measured.await_gone()


def killed(measured):
    """SIGKILL to the daemon that `bench latency` measures: it says so, and goes."""
    command = [measured.this.binary, "bench", "latency", *map(str, LOAD), "--seconds", "60", "--set",
               f"bootstrap={measured.this.broker.bootstrap}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=kafka.die_with_parent) as parent:
        children = pathlib.Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        kafka.await_true("the daemon runs", lambda: children.read_text().split())
        os.kill(int(children.read_text().split()[0]), signal.SIGKILL)
        return parent.wait(kafka.PATIENCE_S) == 3 and b"`run` ended by signal 9" in parent.stderr.read()


def test_trouble(measured):
    this = measured.this
    done = measured.run("run", "--topic", "there-is-none")
    this.check("a topic that is not there", (done.returncode, done.stderr) ==
               (2, "handover bench: run: there-is-none: there is no such topic\n"))
    this.check("it has not been made", "there-is-none" not in measured.topics())
    done = measured.run("run", *LOAD, "--set", "commit_interval_ms=0")
    this.check("a setting of no use", done.returncode == 2 and "commit_interval_ms" in done.stderr)
    done = measured.run("latency", "--events", 1, "--leads", 1, "--partitions", 1, "--rate", 1, "--seconds", 1)
    this.check("no change, no latency", done.returncode == 3 and "no event led to a change" in done.stderr)
    this.check("a daemon that is killed", killed(measured))
    command = [this.binary, "bench", "run", "--events", "100000000", "--set", f"bootstrap={this.broker.bootstrap}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=kafka.die_with_parent) as child:
        kafka.await_true("it fills its input", measured.own)
        time.sleep(0.5)
        child.send_signal(signal.SIGTERM)
        this.check("a signal ends it", child.wait(kafka.PATIENCE_S) == 3 and b"interrupted" in child.stderr.read())
    measured.await_gone()


def test_generate(measured):
    """The records are the lines of the same options, each where Java's clients would put its lead."""
    this = measured.this
    topic = f"{this.broker.prefix}generated"
    this.broker.create(topic, PARTITIONS)
    options = [this.binary, "generate", "--events", str(EVENTS), "--leads", "300"]
    lines = subprocess.run(options, capture_output=True, check=True).stdout.splitlines()
    kafka_options = ["--set", f"bootstrap={this.broker.bootstrap}", "--set", f"inputs={topic}"]
    subprocess.run([*options, *kafka_options], capture_output=True, timeout=kafka.PATIENCE_S, check=True)
    records = [record for partition in range(PARTITIONS) for record in this.broker.records(topic, partition)]
    this.check("all are there", sorted(record.value for record in records) == sorted(lines))
    this.check("their keys are the leads", all(json.loads(r.value)["userId"].encode() == r.key for r in records))
    copy = f"{this.broker.prefix}copied"
    this.broker.create(copy, PARTITIONS)
    kafka.produce(this.broker, copy, [(record.key, record.value) for record in records])
    places = [sorted((r.key, p) for p in range(PARTITIONS) for r in this.broker.records(t, p)) for t in (topic, copy)]
    this.check("they lie where another client puts them", places[0] == places[1])
    done = subprocess.run([*options[:2], "--events", "1", *kafka_options[:2], "--set", "inputs=there-is-none"], capture_output=True,
                          timeout=kafka.PATIENCE_S, check=False)
    this.check("a topic that is not there", done.returncode == 2 and b"there-is-none: there is no such topic" in done.stderr)


def test(this):
    measured = Measured(this)
    for part in (test_generate, test_run, test_transactional_input, test_others, test_trouble):
        part(measured)


if __name__ == "__main__":
    bench.main(test)
