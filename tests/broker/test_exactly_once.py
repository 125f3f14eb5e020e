#!/usr/bin/env python3
"""test_exactly_once.py BINARY: events are produced while the daemon is killed at random moments, 20 times and more:
during start-up, while it restores, in the middle of transactions, short ones and long ones, while snapshots are written. At the end what
read_committed readers see is byte for byte what replay makes of the same log."""

import time

import bench
import broker
import events

EVENTS = bench.size("EVENTS", 200000)
KILLS = bench.size("KILLS", 22)
LEADS = 4000


def kill_once(site, daemon, rnd):
    """Half of the kills come at any moment from the start on, half shortly after a commit."""
    daemon.start()
    if rnd.random() < 0.5:
        time.sleep(rnd.uniform(0, 4))
        when = "after its start"
    else:
        site.await_progress([daemon])
        time.sleep(rnd.uniform(0, 0.6))
        when = "after a commit"
    daemon.kill()
    return when


def test(this):
    site = this.site("kills", events.RICH, commit_interval_ms=this.random.choice((20, 200, 2000)))
    feeder = bench.Feeder([(broker.Producer(site.broker, site.inputs[0]), this.stream(EVENTS, LEADS))], EVENTS // KILLS)
    reader = broker.Reader(site.broker, site.topics["stage_changes"])
    daemon = site.daemon("a", threads=2)
    moments = []
    for number in range(1, KILLS + 1):
        feeder.target = EVENTS * number // (KILLS + 1)
        moments.append(kill_once(site, daemon, this.random))
        if number % 5 == 0:
            this.say(f"{number} kills, {feeder.fed} events, {site.lag()} behind, {site.progress()} journal records")
    feeder.target = EVENTS
    daemon.start()
    daemon.await_ready()
    feeder.finish()
    kinds = ", ".join(f"{moments.count(kind)} {kind}" for kind in sorted(set(moments)))
    this.say(f"all {feeder.fed} events are written; {KILLS} kills: {kinds}")
    this.say(f"drained after {site.await_drained([daemon]):.1f} s")
    this.check(f"SIGTERM ends it in {daemon.stop():.1f} s", True)
    this.check("every line of its log is JSON", daemon.log())
    site.broker.await_stable([site.topics["stage_changes"]], site.partitions)
    count = sum(len(site.broker.records(site.topics["stage_changes"], p)) for p in range(site.partitions))
    total = site.verify(reader.finish(count))
    this.check("nothing is missing from the input", total["events"] == EVENTS)
    this.check("there was something to publish", total["changes"] > EVENTS // 100 and total["dead_letters"] > EVENTS // 500)


if __name__ == "__main__":
    bench.main(test)
