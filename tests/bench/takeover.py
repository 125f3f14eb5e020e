#!/usr/bin/env python3
"""takeover.py BINARY: how long after a crash of one of two instances is all of its work with the other one, and goes on?

Both read 12 partitions to which events come all the time. One is killed; measured is the time until the group's offset of each
partition has grown again: the group has noticed, the state of the last task is back, and it has committed. Of that the group's
session timeout (3 s) passes before anybody can know. HANDOVER_EVENTS events before the first kill make the state that has to
come back (HANDOVER_LEADS leads), HANDOVER_RATE come a second, HANDOVER_ROUNDS kills."""

import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "broker"))

import bench  # noqa: E402
import broker  # noqa: E402
import events  # noqa: E402

PARTITIONS = 12
SESSION_S = 3.0
EVENTS = bench.size("EVENTS", 300000)
LEADS = bench.size("LEADS", 100000)
RATE = bench.size("RATE", 1000)
ROUNDS = bench.size("ROUNDS", 5)


def seconds_until_all_go_on(site):
    """From now until each partition has had a commit."""
    start = time.monotonic()
    before = site.broker.committed(site.group, site.inputs[0], PARTITIONS)

    def all_moved():
        now = site.broker.committed(site.group, site.inputs[0], PARTITIONS)
        return all(a > b for a, b in zip(now, before))
    broker.await_true("every partition goes on", all_moved, 120, 0.02)
    return time.monotonic() - start


def measure(this):
    site = this.site("takeover", events.RICH, partitions=PARTITIONS, commit_interval_ms=500, snapshot_interval_ms=10000)
    producer = broker.Producer(site.broker, site.inputs[0])
    stream = this.stream(EVENTS + 1000000, leads=LEADS)
    producer.write(stream.take(EVENTS))
    stays, dies = site.daemon("stays"), site.daemon("dies")
    stays.start()
    dies.start()
    site.await_shared([stays, dies])
    site.await_drained([stays, dies], 300)
    this.say(f"{EVENTS} events of {LEADS} leads are read; now {RATE} a second")
    feeder = bench.Feeder([(producer, stream)], RATE)
    feeder.target = 1000000
    beyond = []
    for _ in range(ROUNDS):
        time.sleep(this.random.uniform(12, 15))  # both have saved their state meanwhile
        tasks = int(dies.metric("handover_tasks"))
        dies.kill()
        seconds = seconds_until_all_go_on(site)
        beyond.append(seconds - SESSION_S)
        this.say(f"{tasks} tasks taken over after {seconds:.2f} s: {beyond[-1]:.2f} s beyond the session timeout")
        dies.start()
        site.await_shared([stays, dies])
    feeder.target = feeder.fed
    feeder.finish()
    this.say(f"beyond the session timeout: median {statistics.median(beyond):.2f} s, most {max(beyond):.2f} s")


if __name__ == "__main__":
    bench.main(measure)
