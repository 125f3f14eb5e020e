#!/usr/bin/env python3
"""test_in_flight.py BINARY: a proxy holds every EndTxn for a while, and cuts some, so that nearly always a commit is under way, while the
daemon reads and decides on. Then what can end it comes at random: SIGKILL, SIGTERM, a pause beyond the group's patience, partitions
that go to another instance and come back, each of them with the commit in flight and with what follows from it. At the end what readers
of committed records see is byte for byte what replay makes of the same log."""

import collections
import time

import bench
import broker
import events
import proxy

EVENTS = bench.size("EVENTS", 100000)
TURNS = bench.size("TURNS", 12)
PAUSE_S = 5  # the session times out after 3 s


class Hold:
    """Every EndTxn takes its time; one in twelve does not arrive."""

    def __init__(self, rnd):
        self.random, self.counts = rnd, collections.Counter()

    def __call__(self, transactional_id, commit, number):
        if self.random.random() < 1 / 12 or self.counts["held"] == TURNS > self.counts["cut"] == 0:
            self.counts["cut"] += 1
            return proxy.CUT
        self.counts["held"] += 1
        return self.random.uniform(0.05, 0.8)


class Turns:
    def __init__(self, site, node, rnd):
        self.site, self.random = site, rnd
        self.first, self.second = (site.daemon(name, threads=2, bootstrap=node.proxy) for name in ("first", "second"))

    def moment(self):
        self.site.await_progress(self.running())
        time.sleep(self.random.uniform(0, 0.9))

    def running(self):
        return [each for each in (self.first, self.second) if each.running()]

    def kill(self):
        self.first.kill()
        self.first.start()

    def stop(self):
        self.first.stop()
        self.first.start()

    def pause(self):
        self.first.pause(PAUSE_S)

    def share(self):
        if self.second.running():
            self.second.stop()
        else:
            self.second.start()
            self.site.await_shared([self.first, self.second])

    def take(self, what):
        self.moment()
        getattr(self, what)()


def test(this):
    node = this.broker
    hold = Hold(this.random)
    between = proxy.Proxy(node.proxy, node.proxied, hold)
    site = this.site("flight", events.RICH, commit_interval_ms=200)
    feeder = bench.Feeder([(broker.Producer(node, site.inputs[0]), this.stream(EVENTS))], EVENTS // 60)
    reader = broker.Reader(node, site.topics["stage_changes"])
    turns = Turns(site, node, this.random)
    turns.first.start()
    turns.first.await_ready()
    feeder.target = EVENTS
    order = (["kill", "stop", "pause", "share"] * TURNS)[:TURNS]
    this.random.shuffle(order)
    for number, what in enumerate(order, 1):
        turns.take(what)
        this.say(f"{number}: {what}; {feeder.fed} events, {site.lag()} behind")
    feeder.rate = EVENTS
    feeder.finish()
    this.say(f"drained after {site.await_drained(turns.running()):.1f} s")
    made_anew = sum(each.metric("handover_producers_recreated_total") for each in turns.running())
    for each in turns.running():
        each.stop()
    between.close()
    this.check(f"{hold.counts['held']} EndTxn were held, {hold.counts['cut']} cut; {made_anew:.0f} producers made anew since the last start",
               hold.counts["held"] > TURNS and hold.counts["cut"] > 0)
    total = site.verify(reader.finish(site.published()))
    this.check("nothing is missing from the input", total["events"] == EVENTS)


if __name__ == "__main__":
    bench.main(test)
