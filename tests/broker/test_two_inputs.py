#!/usr/bin/env python3
"""test_two_inputs.py BINARY: two inputs, in whose order of reading only the journal is versed. Kills, restarts, a
second instance, a wiped state: the output is what the inputs, merged by the journal's runs, come to, and the chain
holds."""

import shutil
import time

import bench
import broker
import events

EVENTS = bench.size("EVENTS", 60000)  # of each input
KILLS = bench.size("KILLS", 8)
TURNS, EACH = 3, 100


def interleaved(site):
    """How often the journal changes from one input to the other: the order is worth something only where it often does."""
    changes = 0
    for partition in range(site.partitions):
        journal = bench.oracle.read_journal(site, partition)
        runs = [step[0] for record in journal for step in record["entries"] if isinstance(step, list)]
        changes += sum(left != right for left, right in zip(runs, runs[1:]))
    return changes


def take_turns(site, daemon, sources):
    """Some of one input, then some of the other: so the journal goes to and fro, whatever the machine makes of the rest."""
    written = dict.fromkeys(site.inputs, 0)
    daemon.start()
    for producer, stream in TURNS * sources:
        broker.produce(site.broker, producer.topic, stream.take(EACH))  # the producer itself keeps small amounts for a while
        written[producer.topic] += EACH

        def read():
            daemon.check_alive()
            return sum(site.broker.ends(producer.topic, site.partitions)) == written[producer.topic] and site.lag() == 0
        broker.await_true("what was written is read", read)
    daemon.kill()


def test(this):
    site = this.site("two", events.RICH, inputs=("engagement", "crm"))
    sources = [(broker.Producer(site.broker, topic), this.stream(EVENTS, salt=salt))
               for salt, topic in enumerate(site.inputs)]
    feeder = bench.Feeder(sources, EVENTS // (2 * KILLS))
    first, second = site.daemon("first", threads=2), site.daemon("second", threads=1)
    take_turns(site, first, sources)
    for number in range(1, KILLS + 1):
        feeder.target = EVENTS * number // (KILLS + 1)
        first.start()
        if number % 3 == 0:
            second.start()
        site.await_progress([first])
        time.sleep(this.random.uniform(0, 1.5))
        first.kill()
        if number % 3 == 0:
            site.await_progress([second])
            second.stop()
        if number % 4 == 0:
            shutil.rmtree(first.settings["state_dir"], ignore_errors=True)
            this.say(f"{number} kills, state wiped, {feeder.fed} events of each input, {site.lag()} behind")
    feeder.target = EVENTS
    first.start()
    feeder.finish()
    this.say(f"drained after {site.await_drained([first]):.1f} s")
    first.stop()
    total = site.verify()
    this.check("nothing is missing from the inputs", total["events"] == 2 * (EVENTS + TURNS * EACH))
    turns = interleaved(site)
    this.check(f"the journal goes from one input to the other {turns} times", turns > 2 * site.partitions)


if __name__ == "__main__":
    bench.main(test)
