#!/usr/bin/env python3
"""test_rebalance.py BINARY: partitions wander between instances: a second one joins and leaves, joins and is killed,
the first is killed while the second takes over. Nothing is lost, doubled or out of order."""

import time

import bench
import broker
import events

EVENTS = bench.size("EVENTS", 120000)
ROUNDS = 3


def both_work(this, site, first, second):
    """Both own partitions and are ready. Their threads are assigned to one after the other, so in between there may be fewer."""
    second.await_ready()
    tasks = [0, 0]

    def shared():
        first.check_alive()
        second.check_alive()
        tasks[:] = [int(each.metric("handover_tasks")) for each in (first, second)]
        return min(tasks) > 0 and sum(tasks) == site.partitions and first.get("/readyz")[0] == 200
    broker.await_true("both instances have tasks, and together they own each partition once", shared)
    this.say(f"tasks: {tasks[0]} and {tasks[1]}")
    site.await_progress([first, second])


def rounds(this, site, first, second, feeder):
    for number in range(1, ROUNDS + 1):
        feeder.target = EVENTS * number // (ROUNDS + 1)
        second.start()
        both_work(this, site, first, second)
        this.say(f"round {number}: the second leaves, {second.stop():.1f} s")
        site.await_progress([first])
        second.start()
        both_work(this, site, first, second)
        time.sleep(this.random.uniform(0, 1))
        second.kill()
        this.say(f"round {number}: the second is killed")
        second.start()
        time.sleep(this.random.uniform(0, 5))
        first.kill()
        this.say(f"round {number}: the first is killed")
        site.await_progress([second])
        first.start()
        both_work(this, site, second, first)
        second.stop()


def test(this):
    site = this.site("rebalance", events.RICH, partitions=6)
    feeder = bench.Feeder([(broker.Producer(site.broker, site.inputs[0]), this.stream(EVENTS))], EVENTS // 90)
    reader = broker.Reader(site.broker, site.topics["stage_changes"])
    first, second = site.daemon("first", threads=2), site.daemon("second", threads=1)
    first.start()
    first.await_ready()
    rounds(this, site, first, second, feeder)
    feeder.target, feeder.rate = EVENTS, EVENTS
    feeder.finish()
    this.say(f"drained after {site.await_drained([first]):.1f} s")
    first.stop()
    site.broker.await_stable([site.topics["stage_changes"]], site.partitions)
    count = sum(len(site.broker.records(site.topics["stage_changes"], p)) for p in range(site.partitions))
    total = site.verify(reader.finish(count))
    this.check("nothing is missing from the input", total["events"] == EVENTS)


if __name__ == "__main__":
    bench.main(test)
