"""broker.py: the real Kafka that these tests run against, and what they write to it and read from it.

The node is kafka.sh's: made in the test's folder, killed when the test's process ends. With HANDOVER_KAFKA_NODE=FOLDER
the node that lives there is used and left running, and topics carry names of their own. kcat writes and reads; wire.py
asks for offsets."""

import collections
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import wire

HERE = pathlib.Path(__file__).resolve().parent
NEEDED = ("java", "mvn", "kcat", "sh", "zstd")
SKIPPED = 77
PATIENCE_S = 300  # of every wait: it ends what hangs, and says nothing about how fast anything is
READ_TIMEOUT_S = PATIENCE_S
RECORD = r"%p %o %T %K %S %k%s\n"

Record = collections.namedtuple("Record", "partition offset timestamp_ms key value")


class BrokerError(Exception):
    pass


def die_with_parent():
    """Runs in a child: SIGKILL it when the thread that started it (a test's main thread) has gone."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def require_tools():
    """Ends the test as skipped where a tool is missing; where CI=true as failed."""
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing:
        print(f"broker tests need {', '.join(missing)}: not there")
        sys.exit(1 if os.environ.get("CI") == "true" else SKIPPED)


class Standstill:
    """For how long nothing ran on this machine, as far as a thread sees that is to run ten times a second. Who promises to be done within
    some seconds promises it for a machine that runs."""

    STEP_S = 0.1

    def __init__(self):
        self.seconds = 0.0
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        before = time.monotonic()
        while True:
            time.sleep(self.STEP_S)
            now = time.monotonic()
            self.seconds += max(0.0, now - before - 2 * self.STEP_S)
            before = now


STANDSTILL = Standstill()


class Watch:
    """Seconds since its making, but for those in which the machine stood still."""

    def __init__(self):
        self.start, self.stood = time.monotonic(), STANDSTILL.seconds

    def stood_s(self):
        return STANDSTILL.seconds - self.stood

    def seconds(self):
        return time.monotonic() - self.start - self.stood_s()


def await_true(what, condition, timeout_s=PATIENCE_S, step_s=0.1):
    """Waits until condition() is true; returns the seconds it took."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > timeout_s:
            raise BrokerError(f"{what}: not within {timeout_s} s")
        time.sleep(step_s)
    return time.monotonic() - start


class Broker:
    KEPT = "HANDOVER_KAFKA_NODE"

    def __init__(self, folder):
        kept = os.environ.get(self.KEPT)
        self.folder = pathlib.Path(kept) if kept else folder / "kafka"
        self.kept = bool(kept)
        self.prefix = f"t{os.getpid()}-" if kept else ""
        self.environment = {}
        self.bootstrap = self.proxied = self.proxy = self.sasl = ""

    def script(self, *arguments, timeout_s=2 * PATIENCE_S):
        environment = {**os.environ, **self.environment}
        if not self.kept:
            environment["HANDOVER_KAFKA_OWNER"] = str(os.getpid())
        done = subprocess.run(["sh", str(HERE / "kafka.sh"), *map(str, arguments)], capture_output=True, text=True,
                              env=environment, timeout=timeout_s, check=False)
        if done.returncode != 0:
            raise BrokerError(f"kafka.sh {' '.join(map(str, arguments))}: {done.stderr[-2000:]}{done.stdout[-2000:]}")
        return done.stdout

    def start(self):
        """Also brings back a node that was killed."""
        self.script("start", self.folder)
        for line in (self.folder / "ports").read_text().splitlines():
            name, address = line.split("=")
            setattr(self, name, address)

    def kill(self):
        self.script("kill", self.folder)

    def stop(self):
        if not self.kept:
            self.script("kill", self.folder)

    def tool(self, name, *arguments):
        return self.script("tool", name, "--bootstrap-server", self.bootstrap, *arguments)

    def create(self, topic, partitions, **config):
        options = [part for name, value in config.items() for part in ("--config", f"{name.replace('_', '.')}={value}")]
        self.tool("TopicCommand", "--create", "--topic", topic, "--partitions", partitions, *options)

    def delete(self, topic):
        self.tool("TopicCommand", "--delete", "--topic", topic)

        def gone():
            listed = subprocess.run(["kcat", "-b", self.bootstrap, "-L", "-J"], capture_output=True, check=True)
            return topic not in (t["topic"] for t in json.loads(listed.stdout)["topics"])
        await_true(f"{topic} is deleted", gone)

    def cut(self, topic, partition, before):
        """As retention does: everything before this offset is gone."""
        order = self.folder / f"cut-{os.getpid()}.json"
        order.write_text(json.dumps({"version": 1, "partitions": [{"topic": topic, "partition": partition, "offset": before}]}))
        self.tool("DeleteRecordsCommand", "--offset-json-file", order)

    def ends(self, topic, partitions, stable=False):
        return wire.log_ends(self.bootstrap, topic, partitions, stable)

    def committed(self, group, topic, partitions):
        return wire.committed(self.bootstrap, group, topic, partitions)

    def await_stable(self, topics, partitions):
        """No transaction is open on any of the topics: every marker has been written."""
        def settled():
            return all(self.ends(t, partitions) == self.ends(t, partitions, stable=True) for t in topics)
        await_true("every transaction has ended", settled)

    def consume(self, topic, partition, *options, stable=True):
        isolation = "read_committed" if stable else "read_uncommitted"
        command = ["kcat", "-b", self.bootstrap, "-C", "-t", topic, "-p", str(partition), "-o", "beginning", "-e", "-q",
                   "-X", f"isolation.level={isolation}", "-X", "fetch.wait.max.ms=20", *options]
        done = subprocess.run(command, capture_output=True, timeout=READ_TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise BrokerError(f"kcat: {topic}/{partition}: {done.stderr.decode('utf-8', 'replace')}")
        return done.stdout

    def envelopes(self, topic, partition, stable=True):
        """The partition as `kcat -J` prints it: bytes, a record a line."""
        return self.consume(topic, partition, "-J", stable=stable)

    def records(self, topic, partition, stable=True):
        """The partition's records with their exact bytes; key and value None where null."""
        return split_records(self.consume(topic, partition, "-f", RECORD, stable=stable))


HEADER = re.compile(rb"(\d+) (\d+) (-?\d+) (-?\d+) (-?\d+) ")


def split_records(raw):
    """What kcat's format RECORD prints: lengths (−1: null) tell where key and value end. A torn last one is left out."""
    records, at = [], 0
    while header := HEADER.match(raw, at):
        partition, offset, timestamp, key_size, value_size = map(int, header.groups())
        at = header.end()
        key = raw[at:at + key_size] if key_size >= 0 else None
        at += max(key_size, 0)
        value = raw[at:at + value_size] if value_size >= 0 else None
        at += max(value_size, 0) + 1
        if at > len(raw):
            break
        records.append(Record(partition, offset, timestamp, key, value))
    return records


class Producer:
    """kcat with an open standard input: records are written as they are made, to the partition that Java's clients choose
    by the key (murmur2), or all to `partition`. An empty payload becomes null."""

    def __init__(self, broker, topic, partition=None, options=()):
        where = ["-X", "partitioner=murmur2_random"] if partition is None else ["-p", str(partition)]
        where += options
        self.topic = topic
        self.process = subprocess.Popen(
            ["kcat", "-b", broker.bootstrap, "-P", "-t", topic, "-K", "\t", "-Z", "-E", "-X", "linger.ms=20",
             "-X", "acks=all", "-X", "enable.idempotence=true", "-X", "message.max.bytes=8000000", *where],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=die_with_parent)

    def write(self, pairs):
        """pairs of key ("" for none) and payload; neither may hold a line break, and a key no tab"""
        self.process.stdin.write(b"".join(key + b"\t" + payload + b"\n" for key, payload in pairs))
        self.process.stdin.flush()

    def close(self):
        _, errors = self.process.communicate(timeout=READ_TIMEOUT_S)
        if self.process.returncode != 0:
            raise BrokerError(f"kcat -P: {self.topic}: {errors.decode('utf-8', 'replace')[-1000:]}")


def produce(broker, topic, pairs, partition=None):
    producer = Producer(broker, topic, partition)
    producer.write(pairs)
    producer.close()


class Reader:
    """A read_committed reader that looks on while the test runs: what it was shown must be what stays."""

    def __init__(self, broker, topic):
        self.process = subprocess.Popen(
            ["kcat", "-b", broker.bootstrap, "-C", "-t", topic, "-o", "beginning", "-q", "-u", "-E",
             "-X", "isolation.level=read_committed", "-X", "fetch.wait.max.ms=50", "-f", RECORD],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
        self.raw = bytearray()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        while chunk := os.read(self.process.stdout.fileno(), 1 << 16):
            self.raw += chunk

    def finish(self, count, timeout_s=PATIENCE_S):
        """Waits until `count` records were shown, and a moment for more; ends; the records by partition."""
        deadline = time.monotonic() + timeout_s
        while len(split_records(bytes(self.raw))) < count and time.monotonic() < deadline:
            time.sleep(0.5)
        time.sleep(1)
        self.process.kill()
        self.process.wait()
        self.thread.join()
        by_partition = collections.defaultdict(list)
        for record in split_records(bytes(self.raw)):
            by_partition[record.partition].append(record)
        return by_partition
