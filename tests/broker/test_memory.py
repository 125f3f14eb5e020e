#!/usr/bin/env python3
"""test_memory.py BINARY: a backlog of large records that is many times what `buffers_mb` allows, a third of them dead letters that are
published whole. The daemon takes no more memory than it said at its start, reads more slowly for it, and drops nothing."""

import re

import bench
import broker
import events

EVENTS = bench.size("EVENTS", 4000)
PAD = 64 << 10
BUFFERS_MB = 32  # the least that may be set
BESIDE_MB = 48  # malloc's own room, leads, a transaction's messages on their way through; unbounded it takes 160 in all


def padded(pairs):
    for key, payload in pairs:
        whole = payload.startswith(b"{") and payload.endswith(b"}")
        yield key, payload[:-1] + b',"pad":"' + b"x" * PAD + b'"}' if whole else payload


def peak_mb(daemon):
    """The most that it ever had resident."""
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmHWM:\s+(\d+) kB", file.read()).group(1)) / 1024


def idle_mb(this, site):
    """Of a daemon that finds nothing to read."""
    daemon = site.daemon("idle")
    daemon.start()
    daemon.await_ready()
    peak = peak_mb(daemon)
    daemon.stop()
    this.say(f"idle: {peak:.0f} MB")
    return peak


def said(daemon):
    return next(line for line in daemon.log() if line["event"] == "memory")


def test(this):
    site = this.site("memory", events.RICH, buffers_mb=BUFFERS_MB)
    idle = idle_mb(this, site)
    stream = events.Stream(this.seed, 500, EVENTS, events.start_ms(), bad=0.3)
    broker.produce(this.broker, site.inputs[0], padded(stream.take(EVENTS)))
    this.say(f"a backlog of {EVENTS * PAD >> 20} MB")
    daemon = site.daemon("first")
    daemon.start()
    daemon.await_ready()
    seconds = site.await_drained([daemon])
    peak = peak_mb(daemon)
    this.check(f"it says what it takes: {said(daemon)}", said(daemon)["buffers_mb"] == BUFFERS_MB)
    daemon.stop()
    this.check(f"{peak:.0f} MB, {idle:.0f} of them when idle, after {seconds:.1f} s", peak < idle + BUFFERS_MB + BESIDE_MB)
    total = site.verify()
    this.check("nothing is missing from the input", total["events"] == EVENTS)


if __name__ == "__main__":
    bench.main(test)
