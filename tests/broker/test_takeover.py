#!/usr/bin/env python3
"""test_takeover.py BINARY: an instance dies and leaves a transaction open: once with its offsets sent and the request to end it cut off
by a proxy, once at a random moment while it reads as fast as it can. Who takes its tasks up does not wait until the broker gives
the transaction up, but shuts the dead one's producer out; one that comes back under the same name goes on. At the end what readers of
committed records see is byte for byte what replay makes of the same log."""

import time

import bench
import broker
import events
import proxy

EVENTS = bench.size("EVENTS", 60000)
TRIES = 6  # on a machine that stands still for seconds the broker may be first


class Cut:
    """No EndTxn arrives once it is armed."""

    def __init__(self):
        self.armed, self.cut = False, 0

    def __call__(self, transactional_id, commit, number):
        if not self.armed:
            return 0
        self.cut += 1
        return proxy.CUT


def shut_out(instance):
    return [line["producer"] for line in instance.log() if line["event"] == "producer shut out"]


class Pair:
    def __init__(self, this, node, cut):
        self.this, self.cut = this, cut
        self.site = this.site("takeover", events.RICH)
        self.stays = self.site.daemon("stays")
        self.dies = self.site.daemon("dies", bootstrap=node.proxy)
        self.name = f"handover-{self.site.group}-dies-0"

    def share(self):
        self.dies.start()
        self.site.await_shared([self.stays, self.dies])

    def die(self, what):
        """Returns whether its producer was shut out."""
        before = len(shut_out(self.stays))
        self.dies.kill()
        self.cut.armed = False
        start = time.monotonic()
        self.site.await_shared([self.stays])
        seconds = time.monotonic() - start
        time.sleep(1)  # it may say so a moment later
        found = shut_out(self.stays)[before:]
        self.this.say(f"{what}: all tasks are taken up after {seconds:.1f} s; shut out: {found}")
        self.this.check("nobody else is shut out", set(found) <= {self.name})
        return len(found) > 0

    def die_at_the_end_of_a_transaction(self):
        self.cut.armed, seen = True, self.cut.cut
        broker.await_true("a request to end a transaction is cut off", lambda: self.cut.cut > seen, 60, 0.02)
        return self.die("its offsets were sent")

    def die_in_the_middle_of_one(self):
        time.sleep(self.this.random.uniform(0.2, 1.5))
        return self.die("at a random moment")


def until_shut_out(this, pair, die):
    for _ in range(TRIES):
        pair.share()
        if die():
            return
    raise broker.BrokerError(f"{pair.name}: not once shut out in {TRIES} tries")


def test(this):
    node, cut = this.broker, Cut()
    between = proxy.Proxy(node.proxy, node.proxied, cut)
    pair = Pair(this, node, cut)
    site = pair.site
    feeder = bench.Feeder([(broker.Producer(node, site.inputs[0]), this.stream(EVENTS))], 500)
    reader = broker.Reader(node, site.topics["stage_changes"])
    pair.stays.start()
    pair.stays.await_ready()
    feeder.target = EVENTS
    until_shut_out(this, pair, pair.die_at_the_end_of_a_transaction)
    for _ in range(2):
        pair.share()
        pair.die_in_the_middle_of_one()
    pair.share()
    feeder.rate = EVENTS
    feeder.finish()
    this.say(f"drained after {site.await_drained([pair.stays, pair.dies]):.1f} s")
    pair.stays.stop()
    pair.dies.stop()
    between.close()
    total = site.verify(reader.finish(site.published()))
    this.check("nothing is missing from the input", total["events"] == EVENTS)


if __name__ == "__main__":
    bench.main(test)
