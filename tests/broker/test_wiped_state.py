#!/usr/bin/env python3
"""test_wiped_state.py BINARY: the daemon starts anew without its state directory (from `handover-state`), without that
topic's records as well (from the inputs and the journal alone), with an old, a torn and a foreign state directory.
It goes on where it was, each time."""

import shutil

import bench
import broker
import events

EVENTS = bench.size("EVENTS", 60000)


def wipe(this, site, daemon):
    shutil.rmtree(daemon.settings["state_dir"])


def empty_topic(this, site, daemon):
    """handover-state is made anew."""
    topic = site.topics["state"]
    this.check("handover-state held snapshots", sum(site.broker.ends(topic, site.partitions)) > 0)
    site.broker.delete(topic)
    site.create_topics()


def wipe_all(this, site, daemon):
    wipe(this, site, daemon)
    empty_topic(this, site, daemon)


def files(daemon):
    root = bench.pathlib.Path(daemon.settings["state_dir"])
    found = [path for path in sorted(root.rglob("*")) if path.is_file() and path.stat().st_size > 1000]
    assert found, "no snapshots in the state directory"
    return found


def tear(this, site, daemon):
    """Cuts some snapshots short, turns a bit in the others."""
    for number, path in enumerate(files(daemon)):
        raw = bytearray(path.read_bytes())
        if number % 2:
            raw[this.random.randrange(len(raw))] ^= 1 << this.random.randrange(8)
            path.write_bytes(raw)
        else:
            path.write_bytes(raw[:this.random.randrange(len(raw))])


def swap(this, site, daemon):
    """Each snapshot is that of another partition."""
    found = files(daemon)
    contents = [path.read_bytes() for path in found]
    for path, raw in zip(found, contents[1:] + contents[:1]):
        path.write_bytes(raw)


def tear_all(this, site, daemon):
    tear(this, site, daemon)
    empty_topic(this, site, daemon)


def go_back(this, site, daemon):
    """The state directory is the one that was kept two steps ago."""
    wipe(this, site, daemon)
    shutil.copytree(site.folder / "kept", daemon.settings["state_dir"])


def nothing(this, site, daemon):
    shutil.copytree(daemon.settings["state_dir"], site.folder / "kept")


STEPS = [("a plain restart", nothing, "stop"), ("the state directory is wiped", wipe, "stop"),
         ("wiped after a kill", wipe, "kill"), ("an old state directory", go_back, "kill"),
         ("torn snapshots", tear, "stop"), ("torn snapshots, and handover-state is empty", tear_all, "stop"),
         ("wiped, and handover-state is empty", wipe_all, "kill"), ("snapshots of other partitions", swap, "stop")]


def test(this):
    site = this.site("wiped", events.RICH)
    feeder = bench.Feeder([(broker.Producer(site.broker, site.inputs[0]), this.stream(EVENTS))], EVENTS // 10)
    daemon = site.daemon("a", threads=2)
    for number, (name, harm, way) in enumerate(STEPS, 1):
        feeder.target = EVENTS * number // (len(STEPS) + 1)
        daemon.start()
        took = daemon.await_ready()
        this.say(f"ready after {took:.1f} s; {name} comes next")
        broker.await_true("events are written", lambda: feeder.fed == feeder.target)
        site.await_drained([daemon])
        broker.await_true("handover-state holds snapshots", lambda: sum(site.broker.ends(site.topics["state"], site.partitions)) > 0)
        if way == "stop":
            daemon.stop()
        else:
            daemon.kill()
        harm(this, site, daemon)
    feeder.target = EVENTS
    daemon.start()
    feeder.finish()
    site.await_drained([daemon])
    daemon.stop()
    total = site.verify()
    this.check("nothing is missing from the input", total["events"] == EVENTS)


if __name__ == "__main__":
    bench.main(test)
