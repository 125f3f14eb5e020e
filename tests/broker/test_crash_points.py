#!/usr/bin/env python3
"""test_crash_points.py BINARY: the daemon is killed at each point where a step of the protocol ends and the next begins: in a transaction, in
a restore, while a snapshot is written and uploaded, while tasks are given up or are lost, where a version takes over, at its end. BINARY
is a build that has these points (consumer/crash.h), and says which. Each must have been come to. After every death the next life goes on
with what the one before has left; at the end what was published is, byte for byte, what the second implementation makes of the inputs by
the journal.

What brings a point about, its name begins with: `stop` is a SIGTERM, `lost` and `expelled` that the group no longer has the member, which
learns it while it reads, or when it commits; `learn` a version that is published, `clock` a deadline that passes on a quiet partition,
`torn` and `wiped` what happens to the snapshots on the disk before it starts, `replay` that the journal tells of a version behind them; all others
come by themselves while events do.

HANDOVER_ONLY=NAME: points with this in their names."""

import collections
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import time

import agreements
import bench
import broker
import by_journal
import events
import wire

SITES = 3  # at the same time, each with its share of the points
LIVES = 4  # in which a point has to be come to
LIFE_S, LATER_S = 60, 8  # a life's patience, and that for a pass that may not come
OFTEN = ("commit", "message", "transaction", "journal", "change", "delivery", "run", "offsets", "end")  # are passed again and again
BATCH = 30
NAME = "small"
BUSY, IDLE, QUIET = range(3)  # partitions: with a stream of events, with events that nothing follows from, with those of the clock


def points(binary):
    with open(binary, "rb") as file:
        found = sorted(set(re.findall(rb"crash point ([a-z-]+)", file.read())))
    wanted = os.environ.get("HANDOVER_ONLY", "")
    return [name.decode() for name in found if wanted in name.decode()]


def version(number):
    """With a promise that is broken a second after somebody has asked for a demo, by the clock alone where nothing else comes."""
    asked = {"name": "asked", "from": "suspect", "to": "sql", "when": {"event": "Demo Requested"}}
    return {**events.SMALL, "version": number, "summary": f"version {number}", "lateness": "1s", "moves": [*events.SMALL["moves"], asked],
            "slas": [{"name": "sales answers", "stage": "sql", "within": "1s", "met_by": "Lead Accepted"}]}


class Life:
    """One site, one instance, which dies again and again."""

    def __init__(self, this, number, rnd):
        self.this, self.random = this, rnd
        self.site = this.site(f"crash-{number}", None, partitions=3, draft=True, clock_grace_ms=100, snapshot_records=1000,
                              snapshot_interval_ms=1000)
        self.daemon = self.site.daemon("a", {"session.timeout.ms": "1500", "heartbeat.interval.ms": "300"}, threads=1)
        self.stream = events.Stream(rnd.randrange(1 << 30), 50, 20000, events.start_ms(), bad=0.05)
        self.fed, self.files, self.lives = 0, [], collections.Counter()
        self.publish()

    # --- what happens to it

    def publish(self):
        """One more version."""
        self.files.append(self.site.folder / f"v{len(self.files) + 1}.json")
        self.files[-1].write_text(json.dumps(version(len(self.files))))
        settings = self.site.folder / "publish.json"
        settings.write_text(json.dumps(self.site.settings))
        command = [self.site.binary, "publish", "--settings", settings, "--draft", self.files[-1]]
        subprocess.run(list(map(str, command)), check=True, capture_output=True, timeout=broker.PATIENCE_S)

    def feed(self, partition, pairs):
        broker.produce(self.site.broker, self.site.inputs[0], pairs, partition)
        self.fed += len(pairs)

    def event(self, partition, name, ahead_ms=0):
        event = {"userId": f"{name}-{self.fed}", "timestamp": events.moment(int(time.time() * 1000) + ahead_ms), "event": name}
        self.feed(partition, [(b"x", json.dumps(event).encode())])

    def snapshots(self):
        return list(bench.pathlib.Path(self.daemon.settings["state_dir"]).glob("*.snapshot"))

    def save(self):
        """A life without any point, in which a snapshot comes to both its places."""
        self.begin()
        self.feed(BUSY, self.stream.take(BATCH))
        self.site.await_drained([self.daemon])
        self.daemon.stop()
        self.this.check("there are snapshots", self.snapshots() and sum(self.site.broker.ends(self.site.topics["state"], 3)) > 0)

    def run_on(self):
        """A life without any point that is killed: what it read comes behind the last snapshot, a version that is new to it, too."""
        self.publish()
        self.begin()
        self.feed(BUSY, self.stream.take(BATCH))
        self.site.await_drained([self.daemon])
        self.daemon.kill()

    def before(self, kind):
        """Between two lives."""
        self.daemon.write_settings(commit_interval_ms=5000 if kind == "lost" else 50,
                                   snapshot_interval_ms=600000 if kind == "replay" else 1000)
        self.daemon.kafka["heartbeat.interval.ms"] = "1000" if kind in ("lost", "expelled") else "300"
        if kind == "replay":
            self.run_on()
        if kind in ("torn", "wiped"):
            self.save()
        if kind == "torn":
            for path in self.snapshots():
                path.write_bytes(path.read_bytes()[:100])
        if kind == "wiped":
            bench.shutil.rmtree(self.daemon.settings["state_dir"])

    def begin(self, point=None):
        self.daemon.environment = {"HANDOVER_CRASH": point} if point else {}
        self.daemon.start()

    def meanwhile(self, kind):
        """Once, when it works."""
        if kind == "stop":
            self.daemon.process.send_signal(signal.SIGTERM)
        if kind == "lost":
            self.event(IDLE, "Nothing At All")
            time.sleep(0.3)  # it is read, and not committed before the interval is over
        if kind in ("lost", "expelled"):
            wire.expel(self.site.broker.bootstrap, self.site.group)
        if kind == "expelled":
            self.feed(BUSY, self.stream.take(BATCH))
        if kind == "learn":
            self.publish()
        if kind == "clock":
            self.event(QUIET, "Demo Requested")

    # --- its lives

    def works(self):
        return self.daemon.get("/readyz")[0] == 200

    def live(self, point, passes):
        """Until it has ended, or the machine's patience has; whether it died there."""
        kind, told, watch = point.split("-")[0], None, broker.Watch()
        self.lives[point] += 1
        self.before(kind)
        self.begin(f"{point}:{passes}")
        while self.daemon.running() and watch.seconds() < LIFE_S and (passes == 1 or not told or told.seconds() < LATER_S):
            if not told and self.works():
                told = broker.Watch()
                self.feed(BUSY, self.stream.take(BATCH))
                self.meanwhile(kind)
            elif told and kind not in ("stop", "lost", "expelled"):
                self.feed(BUSY, self.stream.take(BATCH))
            time.sleep(0.05)
        status = self.daemon.process.poll()
        self.daemon.abandon()
        if status not in (None, 0, -signal.SIGKILL):
            raise bench.oracle.Difference(f"{point}: exit status {status}\n{self.daemon.tail()}")
        return status == -signal.SIGKILL

    def die_at(self, point):
        """By chance not at the first pass; what does not come to the n-th does to the first."""
        for life in range(LIVES):
            often = life == 0 and point.split("-")[0] in OFTEN
            if self.live(point, self.random.choice((1, 2, 5)) if often else 1):
                return
        raise bench.oracle.Difference(f"{point}: not come to in {LIVES} lives\n{self.daemon.tail()}")

    def end(self):
        """A last life without any point; nothing is left to be read, and all is as it has to be."""
        self.before("")
        self.begin()
        self.daemon.await_ready()
        self.feed(BUSY, self.stream.take(BATCH))
        self.event(IDLE, "Nothing At All")
        self.event(QUIET, "Demo Requested")
        self.site.await_drained([self.daemon])
        agreements.await_known([self.daemon], len(self.files), False)
        self.daemon.stop()
        partitions = by_journal.verify(self.site, self.files)
        read = sum(len(lines) for one in partitions for lines in one.inputs.values())
        return read, sum(len(one.values) for one in partitions)


def share(life, names):
    for name in names:
        start = time.monotonic()
        life.die_at(name)
        life.this.say(f"{name}: life {life.lives[name]}, {time.monotonic() - start:.1f} s")
    return life.end()


def test(this):
    names = points(this.binary)
    this.check(f"{len(names)} points", len(names) >= 40 or os.environ.get("HANDOVER_ONLY"))
    this.random.shuffle(names)
    lives = [Life(this, number, bench.random.Random(this.random.randrange(1 << 30))) for number in range(SITES)]
    with concurrent.futures.ThreadPoolExecutor(SITES) as pool:
        ends = list(pool.map(share, lives, (names[number::SITES] for number in range(SITES))))
    for life, (read, published) in zip(lives, ends):
        this.check(f"{sum(life.lives.values())} lives: {life.fed} events, none is missing; {published} published by {len(life.files)} versions",
                   read == life.fed and published > 0)


if __name__ == "__main__":
    bench.main(test)
