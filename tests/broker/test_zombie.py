#!/usr/bin/env python3
"""test_zombie.py BINARY: an instance is stopped (SIGSTOP) beyond the group's patience, in the middle of its transactions,
while another takes its partitions over; then it comes back (SIGCONT), still believing that they are its own. What it had
begun must not be seen, and it has to find its way back into the group by itself."""

import time

import bench
import broker
import events

EVENTS = bench.size("EVENTS", 60000)
PAUSES = bench.size("PAUSES", 4)
PAUSE_S = 6  # the session times out after 3 s


def test(this):
    site = this.site("zombie", events.RICH, partitions=6)
    feeder = bench.Feeder([(broker.Producer(site.broker, site.inputs[0]), this.stream(EVENTS))], EVENTS // 60)
    reader = broker.Reader(site.broker, site.topics["stage_changes"])
    first, second = site.daemon("first", threads=1), site.daemon("second", threads=1)
    for each in (first, second):
        each.start()
        each.await_ready()
    for number in range(1, PAUSES + 1):
        feeder.target = EVENTS * number // (PAUSES + 1)
        asleep, awake = (first, second) if number % 2 else (second, first)
        site.await_progress([first, second])
        time.sleep(this.random.uniform(0, 0.3))
        asleep.pause(PAUSE_S)
        site.await_progress([awake])

        def both():
            first.check_alive()
            second.check_alive()
            tasks = [int(each.metric("handover_tasks")) for each in (first, second)]
            return min(tasks) > 0 and sum(tasks) == site.partitions
        took = broker.await_true("both have tasks again", both)
        this.say(f"{asleep.folder.name} slept for {PAUSE_S} s and was back after {took:.1f} s")
    feeder.target, feeder.rate = EVENTS, EVENTS
    feeder.finish()
    this.say(f"drained after {site.await_drained([first, second]):.1f} s")
    first.stop()
    second.stop()
    site.broker.await_stable([site.topics["stage_changes"]], site.partitions)
    count = sum(len(site.broker.records(site.topics["stage_changes"], p)) for p in range(site.partitions))
    total = site.verify(reader.finish(count))
    this.check("nothing is missing from the input", total["events"] == EVENTS)


if __name__ == "__main__":
    bench.main(test)
