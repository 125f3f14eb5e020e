#!/usr/bin/env python3
"""test_chaos.py BINARY: three Kafka nodes, three daemons, a network between them that delays, cuts and reorders, and fourteen kinds of faults
(chaos.py), each at least once, several at a time, in an order that the seed decides. Each is told with what was seen of it. After some of
them there is quiet, in which everything that was sent has to be decided. At the end what readers of committed records see is, byte for byte,
what follows from the log: `audit` proves it, `replay --journal` comes to the same, and so does the second implementation in as much of it as it has
time for; no record and no lead is missing.

HANDOVER_FAULTS, HANDOVER_EVENTS, HANDOVER_AT_ONCE, HANDOVER_MINUTES: other sizes; docs/testing.md has the long form's. HANDOVER_SEED repeats the order of the faults, what
they work on and for how long; when they meet with what, the machine decides. HANDOVER_ONLY=NAME: kinds with this in their names."""

import collections
import ctypes
import filecmp
import json
import os
import subprocess
import sys
import time

import bench
import broker
import by_journal
import chaos
import cluster
import oracle
import rough

FAULTS = bench.size("FAULTS", len(chaos.KINDS))
EVENTS = bench.size("EVENTS", 40000)
LEADS = bench.size("LEADS", max(3000, EVENTS // 200))
PARTITIONS = 6
AT_ONCE = bench.size("AT_ONCE", 2)
MINUTES = bench.size("MINUTES", 0)  # after which no fault begins; 0: as many as there are to be
QUIET_EVERY = 7  # faults
TRICKLE = 10  # events, some times a second, where the share has been written
FAULT_S = 8  # from one to the next, about: how fast events are written follows from it
READER_MOST = 200000  # events, for what a reader was shown is kept in memory
ORACLE_MOST = 10000  # events that the second implementation decides, some hundreds a second: whole partitions, whichever chance says
AGAIN = 10  # times that a kind may be tried until it has an effect, where the plan does not have it again
PERIOD_S = 600
# An idempotent producer of librdkafka 2.0 may give up where a leader dies (out of order sequence number). What this one sends twice is an
# event as any other.
FEED = ("-X", "enable.idempotence=false", "-X", "max.in.flight=1")
NEW_NAMESPACE = 0x00020000


def own_mounts():
    """What this test mounts is seen by nobody else, and is gone with it. Whether it may."""
    return ctypes.CDLL(None).unshare(NEW_NAMESPACE) == 0 and subprocess.run(
        ["mount", "--make-rprivate", "/"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def give_disk(each, may_mount):
    """A small disk for its snapshots alone."""
    folder = each.snapshot_folder()
    os.mkdir(folder, 0o700)
    command = ["mount", "-t", "tmpfs", "-o", f"size={chaos.STATE_MB}m,mode=0700", "none", folder]
    return may_mount and subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


class Noted:
    """A stream of which is kept what it gave, unless it is too much."""

    def __init__(self, stream):
        self.stream, self.pairs = stream, set()

    def take(self, count):
        taken = self.stream.take(count)
        if EVENTS <= READER_MOST:
            self.pairs.update(taken)
        return taken


class Plan:
    """Which kinds, in what order: each as often as the others, dealt like cards."""

    def __init__(self, rnd):
        wanted = os.environ.get("HANDOVER_ONLY", "")
        self.kinds = [kind for kind in chaos.KINDS if wanted in kind]
        self.random, self.deck = rnd, []
        self.left, self.began = FAULTS, time.monotonic()

    def next(self, free):
        """The first card that may be played now, or None."""
        if MINUTES and time.monotonic() - self.began > 60 * MINUTES:
            self.left = 0
        if self.left and not self.deck:
            self.deck = self.random.sample(self.kinds, len(self.kinds))
        kind = next((kind for kind in self.deck if free(kind)), None) if self.left else None
        if kind is not None:
            self.deck.remove(kind)
            self.left -= 1
        return kind

    def again(self, kind):
        self.deck.append(kind)
        self.left += 1


class Story:
    def __init__(self, this, may_mount):
        self.this = this
        self.site = this.site("chaos", None, partitions=PARTITIONS, draft=True, commit_interval_ms=100)
        self.network = rough.Network(this.broker.nodes)
        self.daemons = [self.make(name, threads) for name, threads in (("first", 2), ("second", 1), ("third", 1))]
        self.disks = all([give_disk(each, may_mount) for each in self.daemons])
        self.stream, self.sent, self.feeder = this.stream(EVENTS, LEADS), 0, None
        self.noted = Noted(self.stream)
        self.chaos = chaos.Chaos(this, self.site, self.network, self.daemons, self.make("guest", 1), self.stream)
        self.plan = Plan(this.random)
        self.running = {}  # what is taken -> (kind, generator, when it goes on, when it began)
        self.number = 0
        self.counts, self.effects, self.took_s = collections.Counter(), collections.Counter(), collections.Counter()
        self.reader = broker.Reader(this.broker, self.site.topics["stage_changes"]) if EVENTS <= READER_MOST else None

    def make(self, name, threads):
        settings = {**self.site.settings, "instance": name, "threads": threads, "bootstrap": self.this.broker.proxy}
        kafka = {"client.id": name, "session.timeout.ms": str(chaos.SESSION_MS), "heartbeat.interval.ms": "500",
                 "socket.timeout.ms": str(chaos.SOCKET_MS), "reconnect.backoff.max.ms": "1000"}
        made = chaos.Tended(self.this.binary, self.site.folder / name, settings, None, kafka)
        self.site.daemons.append(made)
        return made

    def begin(self):
        self.drive(self.chaos.publish())
        for each in self.daemons:
            each.begin()
        for each in self.daemons:
            self.drive(self.chaos.until_ready(each))
        self.this.say(f"three daemons are ready; snapshots on disks of their own: {self.disks}")

    def drive(self, generator):
        for wait_s in generator:
            self.chaos.tend()
            time.sleep(wait_s)

    # --- faults

    def takes(self, kind):
        """What a fault of this kind could take now; None: nothing is free."""
        taken = {one for each in self.running for one in each}
        names = [each.folder.name for each in self.daemons]
        what = chaos.KINDS[kind][0]
        if what == "daemon":
            free = [name for name in names if name not in taken]
            return (self.this.random.choice(free),) if free else None
        wanted = tuple(names) if what == "daemons" else (what,)
        return wanted if not taken & set(wanted) else None

    def start(self, kind):
        taken, self.number = self.takes(kind), self.number + 1
        what, fault = chaos.KINDS[kind]
        one = [each for each in self.daemons if each.folder.name in taken] if what == "daemon" else []
        where = f" ({taken[0]})" if one else ""
        self.this.say(f"{self.number:3d} {kind}{where}")
        self.running[taken] = [f"{self.number:3d} {kind}{where}", kind, fault(self.chaos, *one), 0.0, time.monotonic()]
        self.chaos.taken = set(self.running)

    def finish(self, taken, effect):
        words, kind, _, _, began = self.running.pop(taken)
        self.chaos.taken = set(self.running)
        took = time.monotonic() - began
        self.this.say(f"{words}: {effect or 'without effect'}; {took:.1f} s")
        self.counts[kind] += 1
        self.took_s[kind] += took
        self.effects[kind] += effect is not None
        if effect is None and not self.effects[kind] and self.counts[kind] < AGAIN and kind not in self.plan.deck:
            self.plan.again(kind)

    def step(self, taken):
        fault = self.running[taken]
        if time.monotonic() < fault[3]:
            return
        try:
            fault[3] = time.monotonic() + next(fault[2])
        except StopIteration as end:
            self.finish(taken, end.value)

    def turn(self):
        self.chaos.tend()
        for taken in list(self.running):
            self.step(taken)
        time.sleep(chaos.STEP_S / 2)

    def period(self, most):
        """So many faults, and all of them over."""
        started, start = 0, time.monotonic()
        self.feeder = self.feed(min(self.number + most, FAULTS))
        while self.running or (started < most and self.plan.left):
            if started < most and len(self.running) < AT_ONCE and (kind := self.plan.next(lambda kind: self.takes(kind) is not None)):
                self.start(kind)
                started += 1
            if self.feeder.fed >= self.feeder.target:
                self.feeder.target += TRICKLE  # a fault that lasts longer is to meet with something, too
            self.turn()
            if time.monotonic() - start > PERIOD_S + broker.PATIENCE_S:
                raise broker.BrokerError(f"faults do not end: {[each[0] for each in self.running.values()]}")

    def feed(self, faults):
        """The share of so many faults, while they go on, into a producer of its own: once that has ended, all of it is there."""
        producer = broker.Producer(self.this.broker, self.site.inputs[0], options=FEED)
        feeder = bench.Feeder([(producer, self.noted)], max(100, EVENTS // FAULTS // FAULT_S))
        feeder.target = max(0, EVENTS * faults // FAULTS - self.sent)
        return feeder

    def quiet(self):
        """Everything that was sent is decided, by daemons that all work."""
        self.feeder.finish()
        self.sent += self.feeder.fed

        def decided():
            return all(each.ready() for each in self.daemons) and self.written() >= self.sent and self.site.lag() == 0
        start = time.monotonic()
        try:
            self.drive(self.chaos.until("all is decided", decided, PERIOD_S))
        except chaos.Fault as error:
            logs = "\n".join(each.tail() for each in self.daemons)
            raise broker.BrokerError(f"{error}; {self.site.lag()} records behind\n{logs}") from error
        self.this.say(f"quiet: all {self.sent} events are decided after {time.monotonic() - start:.1f} s; "
                      f"{self.site.progress()} journal records")

    def written(self):
        return sum(self.this.broker.ends(self.site.inputs[0], PARTITIONS))

    def all_faults(self):
        while self.plan.left:
            self.period(QUIET_EVERY)
            self.quiet()

    # --- the end

    def table(self):
        self.this.say(f"{'kind':24s} faults  with effect  seconds each")
        for kind in self.plan.kinds:
            self.this.say(f"{kind:24s} {self.counts[kind]:6d}  {self.effects[kind]:11d}  {self.took_s[kind] / max(1, self.counts[kind]):12.1f}")
        ends = collections.Counter(next(words for words in chaos.OWN_ENDS if words in reason)
                                   for each in (*self.daemons, self.chaos.guest) for reason in each.ends)
        self.this.say(f"{sum(self.counts.values())} faults; daemons that ended themselves and were started again: {dict(ends)}")

    def known(self):
        """As many leads as the log has, by the daemons' own count, once whoever comes back last has its share of the partitions."""
        self.this.broker.await_stable([self.site.topics["dead_letters"]], PARTITIONS)
        partitions = [Logged(self.site, self.chaos.files, number) for number in range(PARTITIONS)]
        leads = sum(each.leads for each in partitions)

        def counted():
            return sum(each.metric("handover_state_leads") for each in self.daemons if each.ready())
        self.drive(self.chaos.until("", lambda: counted() == leads, must=False))
        self.this.check(f"each of {leads} leads is known", counted() == leads)
        return partitions

    def stop(self):
        for each in self.daemons:
            self.drive(self.chaos.stop(each))

    def verify(self, partitions):
        topics = [self.site.topics[name] for name in ("stage_changes", "dead_letters", "journal")]
        self.this.broker.await_stable(topics, PARTITIONS)
        told = self.audit()
        seen = self.reader.finish(self.site.published()) if self.reader else None
        for each in partitions:
            each.verify(seen)
        leads, records = sum(each.leads for each in partitions), sum(each.records for each in partitions)
        self.sums(told, records, leads)
        missing = self.noted.pairs.difference(*(each.pairs for each in partitions))
        self.this.check(f"replay --journal is equal to the byte; {self.sent} events were sent, {records} are in the log, {len(missing)} are missing",
                        records >= self.sent and not missing)
        self.ask_oracle(partitions, seen)

    def ask_oracle(self, partitions, seen):
        left = ORACLE_MOST
        for each in self.this.random.sample(partitions, PARTITIONS):
            if each.records > left:
                continue
            left -= each.records
            sums = by_journal.Partition(self.site, each.number).verify(self.chaos.files, seen)
            self.this.say(f"equal to the second implementation, partition {each.number}: {dict(sums)}")

    def audit(self):
        settings = self.site.folder / "audit.json"
        settings.write_text(json.dumps(self.site.settings))
        command = [self.this.binary, "audit", "--settings", str(settings), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=oracle.REPLAY_TIMEOUT_S * 3, check=False)
        if done.returncode != 0:
            raise oracle.Difference(f"audit: {done.returncode}: {done.stderr[-2000:]}{done.stdout[-2000:]}")
        return json.loads(done.stdout)["partitions"]

    def sums(self, told, records, leads):
        """Whatever came in went somewhere, and whoever came into a stage left it or is in it."""
        total = collections.Counter()
        for one in told:
            total.update({name: value for name, value in one.items() if type(value) is int})
            for stage in one["stages"]:
                if stage["began"] + stage["entered"] - stage["left"] != stage["inside"]:
                    raise oracle.Difference(f"partition {one['partition']}: {stage}")
            if sum(stage["inside"] for stage in one["stages"]) != one["leads"]:
                raise oracle.Difference(f"partition {one['partition']}: {one['leads']} leads, in stages {one['stages']}")
        wrong = {name: total[name] for name in ("behind", "missing", "unexpected", "twice", "different", "out_of_order") if total[name]}
        self.this.check(f"audit: {total['events']} events of {total['leads']} leads, {total['dead_letters']} dead letters, "
                        f"{total['verified']} published events proven; {wrong or 'nothing'} wrong",
                        not wrong and total["events"] + total["dead_letters"] == records and total["leads"] == leads and
                        total["verified"] == total["decided"])


class Logged:
    """One partition, through files: it may be large."""

    def __init__(self, site, definitions, number):
        self.site, self.definitions, self.number = site, definitions, number
        self.folder = site.folder / f"partition-{number}"
        self.folder.mkdir()
        self.records = 0
        self.pairs = set()
        self.inputs = self.fetch("input", site.inputs[0], "-J")
        self.leads = self.count()

    def fetch(self, name, topic, *options):
        path = self.folder / name
        command = ["kcat", "-b", self.site.broker.bootstrap, "-C", "-t", topic, "-p", str(self.number), "-o", "beginning", "-e", "-q",
                   "-X", "isolation.level=read_committed", *options]
        with open(path, "wb") as file:
            subprocess.run(command, stdout=file, timeout=oracle.REPLAY_TIMEOUT_S, check=True)
        return path

    def verify(self, seen):
        journal = self.fetch("journal", self.site.topics["journal"], "-J")
        published = self.fetch("published", self.site.topics["stage_changes"])
        replayed, summary = self.folder / "replayed", self.folder / "summary"
        command = [self.site.binary, "replay", "--journal", journal, "--summary", self.inputs]
        command += [part for file in self.definitions for part in ("--definition", file)]
        with open(replayed, "wb") as out, open(summary, "wb") as errors:
            done = subprocess.run(list(map(str, command)), stdout=out, stderr=errors, timeout=oracle.REPLAY_TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise oracle.Difference(f"replay --journal in {self.folder}: {done.returncode}: {summary.read_text()[-2000:]}")
        if not filecmp.cmp(replayed, published, shallow=False):
            raise oracle.Difference(f"in {self.folder}, `replayed` and `published` are not the same")
        if seen is not None:
            oracle.compare(f"what a reader was shown of partition {self.number}", published.read_bytes().splitlines(),
                           [record.value for record in seen[self.number]])
        self.forget(self.inputs, replayed, published)

    def count(self):
        """Records, and how many leads those have that are no dead letters, by their key or what they say."""
        letters = self.fetch("letters", self.site.topics["dead_letters"], "-J")
        with open(letters, "rb") as file:
            dead = {int(oracle.parse_envelope(line)["headers"]["offset"]) for line in file}
        leads = set()
        with open(self.inputs, "rb") as file:
            for line in file:
                record = oracle.parse_envelope(line)
                self.records += 1
                if EVENTS <= READER_MOST:
                    self.pairs.add((oracle.raw(record["key"]) or b"", oracle.raw(record["payload"]) or b""))
                if record["offset"] not in dead:
                    leads.add(json.loads(record["payload"]).get("userId") or record["key"])
        self.forget(letters)
        return len(leads)

    @staticmethod
    def forget(*files):
        for each in files:
            if not os.environ.get("HANDOVER_KEEP"):
                each.unlink()


def test(this, may_mount):
    story = Story(this, may_mount)
    story.begin()
    story.all_faults()
    partitions = story.known()
    story.stop()
    story.network.close()
    story.table()
    missing = [kind for kind in story.plan.kinds if not story.effects[kind]]
    this.check(f"every kind had an effect: {missing or 'yes'}", not missing)
    story.verify(partitions)


if __name__ == "__main__":
    MAY_MOUNT = own_mounts()
    sys.setswitchinterval(0.001)  # the proxies' threads wait for each other
    bench.main(lambda this: test(this, MAY_MOUNT), cluster.Cluster)
