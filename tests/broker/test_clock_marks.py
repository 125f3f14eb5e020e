#!/usr/bin/env python3
"""test_clock_marks.py BINARY: on a quiet partition a deadline passes by the wall clock: the breach is published under
the mark's name, the journal has the mark, `replay --until` comes to the same bytes; a kill does not repeat it; and
where nothing is due, nothing is written."""

import json
import shutil
import time

import bench
import broker
import events

LATENESS_MS, GRACE_MS, WITHIN_MS = 1000, 500, 3000

DEFINITION = {
    "handover": 1, "name": "answers", "version": 1, "effective_from": "2026-01-01T00:00:00Z", "teams": ["sales"],
    "events": "segment", "lateness": "1s",
    "stages": [{"name": "new", "owner": "sales"}, {"name": "asked", "owner": "sales", "enter": {"event": "Asked"}}],
    "moves": [{"name": "answered", "from": "asked", "to": "new", "when": {"event": "Answered"}},
              {"name": "forgotten", "from": "asked", "to": "new", "after": "13s"}],
    "slas": [{"name": "answer", "stage": "asked", "within": "3s", "met_by": "Answered"}],
}


def send(site, partition, lead, *names):
    """Events that happen now, one millisecond after the other; the first one's time in milliseconds."""
    now_ms = int(time.time() * 1000)
    made = [{"userId": lead, "timestamp": events.moment(now_ms + i), "event": name} for i, name in enumerate(names)]
    broker.produce(site.broker, site.inputs[0], [(lead.encode(), json.dumps(event).encode()) for event in made], partition)
    return now_ms


def published(site, partition):
    return [bench.oracle.parse_envelope(line)
            for line in site.broker.envelopes(site.topics["stage_changes"], partition).splitlines()]


def await_published(site, daemon, partition, count):
    def there():
        daemon.check_alive()
        return len(published(site, partition)) >= count
    broker.await_true(f"{count} messages on partition {partition}", there, step_s=0.2)
    return published(site, partition)


def check_mark(this, site, partition, records, asked_ms, stood_s):
    """A change into `asked`, its breach by a clock mark, the move back by another."""
    breach, move = (json.loads(record["payload"]) for record in records[1:3])
    seen_ms = records[1]["ts"]
    this.check("the breach carries the mark's name", breach["id"] == f"clock/{partition}/{seen_ms}/0")
    deadline = events.moment(asked_ms + WITHIN_MS)
    this.check("it happened at its deadline", breach["time"] == deadline == breach["data"]["deadline"])
    this.check("the mark is not before the deadline", seen_ms >= asked_ms + WITHIN_MS)
    # A mark is taken within about a second of its being due, where the event was there and the machine ran.
    behind_ms = seen_ms - (asked_ms + WITHIN_MS)
    this.check(f"and comes soon after ({behind_ms} ms)", behind_ms < 5000 + 1000 * stood_s)
    cause = breach["data"]["cause"]
    this.check("its cause is the clock", cause == {"kind": "timer", "topic": "clock", "partition": partition})
    cause = move["data"]["cause"]
    this.check("so is the move's", (cause["kind"], cause["name"], cause["topic"]) == ("move", "forgotten", "clock"))
    this.check("and has no offset", "offset" not in cause)
    headers = records[1]["headers"]
    this.check("headers of a breach", headers == {"content-type": "application/cloudevents+json", "ce_id": breach["id"],
                                                  "ce_type": "lead.sla.breached", "ce_subject": breach["subject"]})


def check_replay(this, site, partition, records):
    """replay up to the first mark comes to the same bytes; up to the last to the same but for the first one's name."""
    lines = site.broker.envelopes(site.inputs[0], partition).splitlines(keepends=True)
    journal = bench.oracle.read_journal(site, partition)
    values = [record["payload"].encode() for record in records]
    found = bench.oracle.marks(journal)
    this.check("the journal has the marks of what was published", found == [records[1]["ts"], records[2]["ts"]])
    bench.oracle.check_chain(journal, values, 0, partition)
    upto_first, _ = bench.oracle.replay(site, lines, "first", events.moment(found[0]))
    bench.oracle.compare("replay up to the first mark", upto_first, values[:2])
    upto_last, _ = bench.oracle.replay(site, lines, "last", events.moment(found[1]))
    last = values[2].replace(str(found[1]).encode(), b"MS").replace(b"/0\"", b"/N\"", 1)
    other = upto_last[2].replace(str(found[1]).encode(), b"MS").replace(b"/1\"", b"/N\"", 1)
    bench.oracle.compare("replay up to the last mark", [other], [last])
    this.say("ok: replay --until comes to the same bytes")


def check_silence(this, site, daemon):
    """Nothing is due: the wall clock passes and nothing is written."""
    site.broker.await_stable([site.topics["journal"]], site.partitions)
    before = site.progress(), site.broker.ends(site.topics["journal"], site.partitions)
    time.sleep(4)
    daemon.check_alive()
    this.check("while nothing is due nothing is written",
               (site.progress(), site.broker.ends(site.topics["journal"], site.partitions)) == before)


def test(this):
    site = this.site("clock", DEFINITION, partitions=3, clock_grace_ms=GRACE_MS)
    daemon = site.daemon("a", threads=2)
    daemon.start()
    daemon.await_ready()
    watch = broker.Watch()
    asked_ms = send(site, 1, "ann", "Asked")
    records = await_published(site, daemon, 1, 3)
    check_mark(this, site, 1, records, asked_ms, watch.stood_s())
    check_replay(this, site, 1, records)
    check_silence(this, site, daemon)

    for number, wiped in enumerate((False, True), 1):
        asked_ms = send(site, 2, f"bo-{number}", "Asked")
        await_published(site, daemon, 2, 3 * number - 1)
        daemon.kill()
        if wiped:
            shutil.rmtree(daemon.settings["state_dir"])
        daemon.start()
        records = await_published(site, daemon, 2, 3 * number)
        time.sleep(2)
        records = published(site, 2)
        this.check(f"killed after the breach{', state wiped' if wiped else ''}: the breach is there once, then the move",
                   [json.loads(r["payload"])["type"] for r in records[-3:]] ==
                   ["lead.stage.changed", "lead.sla.breached", "lead.stage.changed"] and len(records) == 3 * number)

    send(site, 1, "ann", "Asked", "Answered")
    records = await_published(site, daemon, 1, 5)
    values = [json.loads(record["payload"]) for record in records]
    this.check("after its marks the lead goes on: entered again, then answered",
               [(v["data"]["to"], v["data"]["entry"]) for v in values[3:]] == [("asked", 2), ("new", 3)])
    time.sleep(5)
    this.check("an answer in time is no breach", len(published(site, 1)) == 5)
    check_silence(this, site, daemon)
    daemon.stop()
    for partition in (1, 2):
        raws = [record["payload"].encode() for record in published(site, partition)]
        bench.oracle.check_chain(bench.oracle.read_journal(site, partition), raws, 0, partition)
    this.say("ok: the chains hold")


if __name__ == "__main__":
    bench.main(test)
