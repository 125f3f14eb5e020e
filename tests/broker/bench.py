"""bench.py: what every broker test stands on: a folder, a running Kafka, sites (one group with its topics), and an
ending that leaves nothing behind but, after a failure, the folder with all logs.

A test is a function of a Bench; main() runs it: exit status 0, 1 where anything did not hold, 77 where a tool is
missing (1 if CI=true).

Sizes come from the environment: HANDOVER_EVENTS, HANDOVER_KILLS and HANDOVER_RATE (events a second) override a test's
own; HANDOVER_SEED repeats a run; HANDOVER_KEEP=1 keeps the folder."""

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import broker as kafka
import daemon
import events
import oracle

GRACE_MS = events.DAY_MS  # the most there is: no clock marks
TOPICS = {"stage_changes": "stage-changes", "dead_letters": "handover-dead-letters", "state": "handover-state",
          "journal": "handover-journal", "definitions_topic": "handover-definitions"}


def size(name, default):
    return int(os.environ.get(f"HANDOVER_{name}", default))


class Site:
    """One installation: a definition (or None: agreements.py), inputs, output topics, a consumer group, and its daemons."""

    def __init__(self, bench, name, definition, inputs=("engagement",), partitions=4, **settings):
        self.bench, self.broker, self.binary = bench, bench.broker, bench.binary
        self.folder = bench.folder / name
        self.folder.mkdir()
        self.definition, self.partitions = definition, partitions
        self.definition_file = self.folder / "definition.json"
        if definition is not None:
            self.definition_file.write_text(json.dumps(definition))
        prefix = f"{bench.broker.prefix}{name}-"
        self.group = f"{prefix}group"
        self.inputs = [prefix + topic for topic in inputs]
        self.topics = {key: prefix + topic for key, topic in TOPICS.items()}
        self.settings = {"bootstrap": bench.broker.bootstrap, "inputs": self.inputs, "group": self.group, **self.topics,
                         "commit_interval_ms": 50, "snapshot_records": 5000, "snapshot_interval_ms": 3000,
                         "clock_grace_ms": GRACE_MS, **settings}
        self.daemons = []

    def daemon(self, name, kafka_properties=None, **settings):
        settings = {**self.settings, "instance": name, **settings}
        made = daemon.Daemon(self.binary, self.folder / name, settings, self.definition, kafka_properties)
        self.daemons.append(made)
        return made

    def create_topics(self):
        """By `handover topics`, which must also find nothing wrong afterwards."""
        settings = self.folder / "topics.json"
        settings.write_text(json.dumps(self.settings))
        for options in (["--create", "--partitions", str(self.partitions)], []):
            command = [self.binary, "topics", "--settings", str(settings), *options]
            done = subprocess.run(command, capture_output=True, text=True, timeout=kafka.PATIENCE_S, check=False)
            if done.returncode != 0:
                raise kafka.BrokerError(f"{' '.join(command[1:])}: {done.returncode}: {done.stdout}{done.stderr}")

    def lag(self):
        """Records of the inputs that are not committed yet."""
        behind = 0
        for topic in self.inputs:
            done = self.broker.committed(self.group, topic, self.partitions)
            behind += sum(end - max(offset, 0) for end, offset in zip(self.broker.ends(topic, self.partitions), done))
        return behind

    def progress(self):
        """Grows with every transaction that is committed."""
        return sum(self.broker.ends(self.topics["journal"], self.partitions, stable=True))

    def published(self):
        """How many records readers of committed records see in the end."""
        self.broker.await_stable([self.topics["stage_changes"]], self.partitions)
        return sum(len(self.broker.records(self.topics["stage_changes"], number)) for number in range(self.partitions))

    def await_shared(self, daemons):
        """Each has tasks, together they have all, and all are taken up."""
        def shared():
            for each in daemons:
                each.check_alive()
            tasks = [each.metric("handover_tasks") for each in daemons]
            return min(tasks) > 0 and sum(tasks) == self.partitions and all(each.get("/readyz")[0] == 200 for each in daemons)
        kafka.await_true("all instances have tasks", shared)

    def await_progress(self, daemons):
        start = self.progress()

        def moved():
            for each in daemons:
                each.check_alive()
            return self.progress() > start or self.lag() == 0
        kafka.await_true("a transaction is committed", moved)

    def await_drained(self, daemons):
        def drained():
            for each in daemons:
                each.check_alive()
            return self.lag() == 0
        try:
            return kafka.await_true("all is read and committed", drained, step_s=0.2)
        except kafka.BrokerError as error:
            logs = "\n".join(each.tail() for each in daemons)
            raise kafka.BrokerError(f"{error}; {self.lag()} records behind\n{logs}") from error

    def verify(self, seen=None):
        total = oracle.verify(self, seen)
        text = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in total.items())
        self.bench.say(f"equal to replay: {text}")
        return total


class Feeder:
    """Writes streams to topics while the test does something else: up to `target` events a producer, `rate` a second."""

    def __init__(self, sources, rate):
        self.sources, self.rate = sources, rate  # sources: list of (Producer, Stream)
        self.target, self.fed, self.over, self.error = 0, 0, False, None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        tick_s = 0.05
        try:
            while not self.over or self.fed < self.target:
                count = min(self.target - self.fed, max(1, int(self.rate * tick_s)))
                for producer, stream in self.sources:
                    producer.write(stream.take(count))
                self.fed += count
                time.sleep(tick_s if not self.over else 0)
        except OSError as error:
            self.error = error

    def finish(self):
        """Everything up to `target` is on the broker."""
        self.over = True
        self.thread.join()
        for producer, _ in self.sources:
            producer.close()
        if self.error:
            raise kafka.BrokerError(f"feeding: {self.error}")


class Bench:
    def __init__(self, binary, folder, broker, seed):
        self.binary, self.folder, self.broker = binary, folder, broker
        self.seed, self.random = seed, random.Random(seed)
        self.sites, self.start = [], time.monotonic()

    def say(self, text):
        print(f"{time.monotonic() - self.start:7.1f} s  {text}", flush=True)

    def check(self, what, holds):
        if not holds:
            raise oracle.Difference(what)
        self.say(f"ok: {what}")

    def site(self, name, definition, **options):
        made = Site(self, name, definition, **options)
        made.create_topics()
        self.sites.append(made)
        return made

    def interrupted(self, command, number, message, between=lambda: None):
        """Sends the signal in the midst of it; it ends with status 3, says so, and prints nothing. When that is depends on the machine: one
        that was over before, or had not begun to listen, is run again. Returns what it said."""
        wait_s = 0.2
        for _ in range(60):
            between()
            with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                time.sleep(wait_s)
                process.send_signal(number)
                out, errors = process.communicate(timeout=kafka.PATIENCE_S)
            if process.returncode not in (0, -number):
                text = errors.decode("utf-8", "replace")
                self.check(f"{signal.Signals(number).name}: {process.returncode} {text.strip()}",
                           process.returncode == 3 and out == b"" and message in text)
                return text
            wait_s *= self.random.uniform(0.5, 0.9) if process.returncode == 0 else self.random.uniform(1.2, 2)
        raise oracle.Difference(f"{command}: no signal came in the midst of it")

    def stream(self, count, leads=2000, salt=0):
        return events.Stream(self.seed * 100 + salt, leads, count, events.start_ms())

    def end(self):
        for site in self.sites:
            for each in site.daemons:
                each.abandon()


def main(test, make_node=kafka.Broker):
    if len(sys.argv) != 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(f"usage: {sys.argv[0]} BINARY")
    kafka.require_tools()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="handover-broker-"))
    seed = size("SEED", random.SystemRandom().randrange(1, 1000000))
    node = make_node(folder)
    bench = Bench(os.path.abspath(sys.argv[1]), folder, node, seed)
    status = 1
    try:
        node.start()
        bench.say(f"Kafka on {node.bootstrap}; seed {seed}")
        test(bench)
        status = 0
        bench.say("passed")
    except (kafka.BrokerError, kafka.wire.WireError, oracle.Difference) as error:
        bench.say(f"FAILED (HANDOVER_SEED={seed}; logs in {folder}): {error}")
    except Exception:
        bench.say(f"FAILED (HANDOVER_SEED={seed}; logs in {folder})")
        traceback.print_exc(file=sys.stdout)
    finally:
        bench.end()
        node.stop()
    if status == 0 and not os.environ.get("HANDOVER_KEEP"):
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(status)
