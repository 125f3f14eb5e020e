#!/usr/bin/env python3
"""soak.py BINARY: a daemon under steady load for HANDOVER_MINUTES (30; 480 are eight hours), and does anything of it grow?

`handover generate` sends HANDOVER_RATE events a second (2,000) of HANDOVER_LEADS leads (200: each soon has all that is ever kept of one);
every HANDOVER_VERSION_S seconds (240) a new version of the definition is signed, published and takes over; the metrics are asked for all
the time. Every ten seconds are noted memory that is the process' own (RssAnon), descriptors, threads, and how many records are not
committed yet.

Through the second half lines are laid by least squares, one a version and all of one slope: a version is kept for ever, and what it
takes is another matter. The test fails where that slope is more than a MiB an hour and more than three times its own uncertainty; where
a version takes more than a MiB; where descriptors or threads are more at the end than in the middle; where the daemon falls behind; and
where, after SIGTERM, `handover audit` cannot prove all that was published.

Kafka keeps everything: about 150 bytes an event on the disk."""

import collections
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "broker"))

import agreements  # noqa: E402
import bench  # noqa: E402
import broker  # noqa: E402
import events  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
MINUTES = bench.size("MINUTES", 30)
RATE = bench.size("RATE", 2000)
LEADS = bench.size("LEADS", 200)
VERSION_S = bench.size("VERSION_S", 240)
STEP_S = 10
SLOPE_KIB_H = 1024  # what counts as none
VERSION_KIB = 1024  # the most that a version may take
BEHIND_S = 30  # of events that are not committed yet, as the median of the second half
PARTITIONS = 12
SHOWN = 16  # lines of the table


def own_memory_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    raise broker.BrokerError(f"{pid}: no RssAnon")


class Sample:
    def __init__(self, site, daemon, start, versions):
        pid = daemon.process.pid
        self.at_s = time.monotonic() - start
        self.kib = own_memory_kib(pid)
        self.descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        self.threads = len(os.listdir(f"/proc/{pid}/task"))
        self.versions = versions
        self.behind = site.lag()
        self.cpu_s = daemon.cpu_seconds()


def common_slope(samples):
    """KiB an hour while no version comes: the slope that fits the samples of each version best, and its standard error."""
    groups = collections.defaultdict(list)
    for each in samples:
        groups[each.versions].append((each.at_s / 3600, each.kib))
    points = []
    for group in groups.values():
        hour, kib = (statistics.fmean(axis) for axis in zip(*group))
        points += [(x - hour, y - kib) for x, y in group]
    spread = sum(x * x for x, _ in points)
    slope = sum(x * y for x, y in points) / spread
    left = sum((y - slope * x) ** 2 for x, y in points)
    return slope, (left / (len(points) - len(groups) - 1) / spread) ** 0.5


class Publisher:
    """Versions of the sample, each a little different from the one before."""

    def __init__(self, site):
        self.office = agreements.Office(site.bench, site)
        self.text = (ROOT / "config/sample.json").read_text()
        self.version = 0

    def publish(self):
        self.version += 1
        begins = "2026-01-01T00:00:00Z" if self.version == 1 else events.moment(int(time.time() * 1000) + 3000)
        text = self.text
        for old, new in (('"version": 1,', f'"version": {self.version},'), ('"2026-01-01T00:00:00Z"', f'"{begins}"'),
                         ('"summary": "', f'"summary": "{self.version}: ')):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path = self.office.folder / f"v{self.version}.json"
        path.write_text(text)
        self.office.publish(self.office.approve(path))


def feed(site, folder):
    settings = folder / "feed.json"
    settings.write_text(json.dumps(site.settings))
    command = [site.binary, "generate", "--settings", settings, "--events", RATE * MINUTES * 60, "--leads", LEADS, "--uniform",
               "--rate", RATE]
    return subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, preexec_fn=broker.die_with_parent)


def watch(this, site, daemon, publisher):
    """Until all has been sent; returns the samples."""
    samples, start, published_at = [], time.monotonic(), 0.0
    feeder = feed(site, this.folder)
    while feeder.poll() is None:
        time.sleep(max(0.0, STEP_S * (len(samples) + 1) - (time.monotonic() - start)))
        daemon.check_alive()
        samples.append(Sample(site, daemon, start, publisher.version))
        if samples[-1].at_s - published_at >= VERSION_S:
            published_at = samples[-1].at_s
            publisher.publish()
        daemon.metric("handover_tasks")
    if feeder.returncode != 0:
        raise broker.BrokerError(f"generate: {feeder.returncode}")
    return samples[:-1]  # the last one may be of a time without load


def show(this, samples):
    """Some of them; all are in samples.csv of the test's folder, which stays after a failure."""
    names = ("at_s", "kib", "descriptors", "threads", "versions", "behind", "cpu_s")
    rows = [",".join(str(getattr(each, name)) for name in names) for each in samples]
    (this.folder / "samples.csv").write_text("\n".join([",".join(names), *rows]) + "\n")
    this.say("minute  own MiB  descriptors  threads  versions  not committed  CPU s")
    for each in samples[::max(1, len(samples) // SHOWN)]:
        this.say(f"{each.at_s / 60:6.1f} {each.kib / 1024:8.1f} {each.descriptors:12} {each.threads:8} {each.versions:9} "
                 f"{each.behind:14} {each.cpu_s:6.1f}")


def judge(this, samples):
    half = samples[len(samples) // 2:]
    slope, error = common_slope(half)
    hours, versions = (half[-1].at_s - half[0].at_s) / 3600, half[-1].versions - half[0].versions
    of_version = (half[-1].kib - half[0].kib - slope * hours) / max(1, versions)
    this.say(f"second half: {slope / 1024:+.2f} MiB an hour (uncertain by {error / 1024:.2f}), and {of_version:.0f} KiB a version")
    middle, end = half[:len(half) // 3], half[-len(half) // 3:]
    for name in ("descriptors", "threads"):
        before, after = (sorted({getattr(each, name) for each in part}) for part in (middle, end))
        this.say(f"{name}: {before} in the middle, {after} at the end")
        this.check(f"{name} are no more", after[-1] <= before[-1])
    behind = statistics.median(each.behind for each in half)
    this.check(f"it keeps up: {behind:.0f} records behind by the median", behind <= BEHIND_S * RATE)
    this.check("a version takes no more than that", of_version <= VERSION_KIB)
    this.check("memory does not climb", slope <= SLOPE_KIB_H or slope <= 3 * error)


def audit(this, site):
    settings = this.folder / "audit.json"
    settings.write_text(json.dumps(site.settings))
    done = subprocess.run([this.binary, "audit", "--settings", str(settings)], capture_output=True, text=True, check=False)
    this.check("all that was published is proven", done.returncode == 0)
    this.say("\n" + done.stdout[-2000:])


def soak(this):
    site = this.site("soak", None, partitions=PARTITIONS, clock_grace_ms=10000, commit_interval_ms=500, snapshot_interval_ms=60000,
                     snapshot_records=2000000, draft=False)
    publisher = Publisher(site)
    publisher.publish()
    daemon = site.daemon("steady")
    daemon.start()
    daemon.await_ready()
    this.say(f"{RATE} events a second of {LEADS} leads for {MINUTES} minutes")
    samples = watch(this, site, daemon, publisher)
    show(this, samples)
    site.await_drained([daemon])
    this.say(f"SIGTERM: ended after {daemon.stop():.1f} s")
    audit(this, site)
    judge(this, samples)


if __name__ == "__main__":
    bench.main(soak)
