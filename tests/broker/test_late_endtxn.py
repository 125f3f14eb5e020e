#!/usr/bin/env python3
"""test_late_endtxn.py BINARY: a proxy holds some EndTxn requests until the client has given up waiting, asked again on
another connection, and gone on to its next transactions; then the old request arrives. A producer that went on with
its epoch would have an unfinished transaction committed by it: half of its messages seen, its offsets without them.
Nothing of the kind may be seen."""

import bench
import broker
import events
import proxy

EVENTS = bench.size("EVENTS", 60000)
HELD = bench.size("HELD", 8)
SOCKET_TIMEOUT_MS = 2000
COMMIT_INTERVAL_MS = 1500  # long transactions, so that the late request meets an open one


class Hold:
    """Every third request of a transactional id is held, beyond the client's patience, until it has asked again (proxy.py), and into its next
    transactions."""

    def __init__(self, rnd):
        self.random, self.held = rnd, 0

    def __call__(self, transactional_id, commit, number):
        if number % 3 != 2 or self.held >= HELD:
            return 0
        self.held += 1
        return proxy.Asked(self.random.uniform(0.3, 2.5))


def test(this):
    node = this.broker
    hold = Hold(this.random)
    between = proxy.Proxy(node.proxy, node.proxied, hold)
    site = this.site("late", events.RICH, partitions=4)
    feeder = bench.Feeder([(broker.Producer(node, site.inputs[0]), this.stream(EVENTS))], EVENTS // 50)
    reader = broker.Reader(node, site.topics["stage_changes"])
    daemon = site.daemon("a", {"socket.timeout.ms": str(SOCKET_TIMEOUT_MS), "session.timeout.ms": "6000"}, threads=2,
                         bootstrap=node.proxy, commit_interval_ms=COMMIT_INTERVAL_MS)
    feeder.target = EVENTS
    daemon.start()
    daemon.await_ready()

    def all_held():
        daemon.check_alive()
        return len(between.late()) >= HELD or feeder.fed >= EVENTS
    broker.await_true("requests were held", all_held, 2 * broker.PATIENCE_S, 0.5)
    feeder.rate = EVENTS
    feeder.finish()
    this.say(f"drained after {site.await_drained([daemon]):.1f} s")
    late = between.late()
    again = sum(1 for old in late
                if any(new[2] == old[2] and old[0] < new[1] < old[1] for new in between.requests if new is not old))
    this.check(f"{len(late)} of {len(between.requests)} EndTxn came late, {again} after the client had asked again", again > 0)
    this.check("producers were made anew", daemon.metric("handover_producers_recreated_total") >= again // 2)
    daemon.stop()
    between.close()
    node.await_stable([site.topics["stage_changes"]], site.partitions)
    count = sum(len(node.records(site.topics["stage_changes"], p)) for p in range(site.partitions))
    total = site.verify(reader.finish(count))
    this.check("nothing is missing from the input", total["events"] == EVENTS)


if __name__ == "__main__":
    bench.main(test)
