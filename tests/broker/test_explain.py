#!/usr/bin/env python3
"""test_explain.py BINARY: `handover explain --settings`, from the brokers: the same story as of files in the journal's order, now and at earlier
moments, and the same events as were published; clock marks, which only the journal knows; leads in a partition where nobody would look
for them; logs that have been cut."""

import json
import subprocess
import time

import bench
import broker
import events
import test_clock_marks as clock
from oracle import merge, read_journal

EVENTS = bench.size("EVENTS", 6000)  # of each input
PARTITIONS = 3
STORIES = 3


class Teller:
    def __init__(self, this, site):
        self.this, self.site = this, site
        self.settings = site.folder / "explain.json"
        self.settings.write_text(json.dumps(site.settings))
        self.known = ["--definition", site.definition_file]

    def run(self, *args):
        done = subprocess.run([self.this.binary, *map(str, args)], capture_output=True, text=True, timeout=broker.PATIENCE_S, check=False)
        return done.returncode, done.stdout, done.stderr

    def kafka(self, lead, *args, status=0, errors=""):
        found, out, said = self.run("explain", lead, "--settings", self.settings, *self.known, *args)
        if found != status or (said != "") != (status != 0 or errors != "") or errors not in said:
            raise bench.oracle.Difference(f"explain {lead} {args}: {found}, not {status}: {said}")
        return out if status == 0 else said

    def files(self, lead, partition, *args):
        """By files with the inputs of one partition, merged as the journal tells."""
        inputs = {topic: self.site.broker.envelopes(topic, partition).splitlines(keepends=True) for topic in self.site.inputs}
        log = self.site.folder / f"merged-{partition}"
        if not log.exists():
            log.write_bytes(b"".join(merge(read_journal(self.site, partition), inputs, partition)))
        found, out, said = self.run("explain", lead, "--envelope", "kcat", "--definition", self.site.definition_file, *args, log)
        if found != 0:
            raise bench.oracle.Difference(f"explain {lead} {args} of files: {found}: {said}")
        return out

    def published(self, partition):
        """lead -> what was published of it"""
        found = {}
        for record in self.site.broker.records(self.site.topics["stage_changes"], partition):
            event = json.loads(record.value)
            found.setdefault(event["data"]["lead"], []).append(event)
        return found


def told(story):
    return [entry["published"] for entry in json.loads(story)["timeline"] if entry["kind"] in ("stage", "breach")]


def fill(this, site):
    daemon = site.daemon("daemon")
    daemon.start()
    feeder = bench.Feeder([(broker.Producer(site.broker, topic), this.stream(EVENTS, leads=120, salt=number))
                           for number, topic in enumerate(site.inputs)], EVENTS // 3)
    for number in (1, 2):
        feeder.target = EVENTS * number // 2
        time.sleep(1)
        daemon.kill()
        daemon.start()
    feeder.finish()
    return daemon


def see_the_same(this, teller):
    count = 0
    for partition in range(PARTITIONS):
        published = teller.published(partition)
        for lead in this.random.sample(sorted(published), STORIES):
            story = teller.kafka(lead, "--json")
            bench.oracle.compare(f"the story of {lead}", [teller.files(lead, partition, "--json")], [story])
            bench.oracle.compare(f"the story's events of {lead}", list(map(json.dumps, published[lead])), list(map(json.dumps, told(story))))
            at = this.random.choice(published[lead])["time"]
            for args in (["--json", "--at", at], ["--at", at], ["--html"], ["--until", "2189-01-01T00:00:00Z"]):
                bench.oracle.compare(f"{lead} {args}", [teller.files(lead, partition, *args)], [teller.kafka(lead, *args)])
            count += len(told(story))
    this.check(f"stories with {count} published events are those of files, now and at earlier moments", count > PARTITIONS * STORIES)
    teller.run("publish", "--settings", teller.settings, "--draft", teller.site.definition_file)
    by_file, teller.known = teller.kafka(lead, "--json"), []
    this.check("the same by what was published", teller.kafka(lead, "--json") == by_file)


def see_where_it_is(this, teller, daemon):
    site = teller.site
    home = next(p for p in range(PARTITIONS) if "lead-00001" in teller.published(p))
    stray = {"userId": "stray", "timestamp": events.moment(events.start_ms(40)), "messageId": "x", "event": "identify",
             "traits": {"email": "a@example.com"}}
    for partition in range(PARTITIONS):
        name = {**stray, "userId": f"stray-{partition}"}
        broker.produce(site.broker, site.inputs[0], [(name["userId"].encode(), json.dumps(name).encode())], partition)
    site.await_drained([daemon])
    daemon.stop()
    everywhere = [json.loads(run_quietly(teller, f"stray-{p}"))["partition"] for p in range(PARTITIONS)]
    this.check("leads in any partition are found", everywhere == list(range(PARTITIONS)))
    strays = [p for p in range(PARTITIONS) if "all others are read" in teller.run("explain", f"stray-{p}", "--settings", teller.settings)[2]]
    this.check(f"it says where it did not find them ({strays})", strays)
    lost = strays[0]
    story = teller.kafka(f"stray-{lost}", "--json", "--partition", lost)
    this.check("--partition says where", json.loads(story)["partition"] == lost)
    text = teller.kafka(f"stray-{lost}", "--partition", (lost + 1) % PARTITIONS, status=1)
    this.check("there alone", "there is no such lead in the log" in text and "all others" not in text)
    text = teller.kafka("lead-0001", "--partition", home, status=1)
    this.check(f"near names: {text.strip()}", "did you mean " in text and "lead-00001" in text)
    this.check("in no partition", "there is no such lead in the log" in teller.kafka("nobody", status=1))
    teller.kafka("x", "--partition", PARTITIONS, status=2, errors="there are 3 partitions, counted from 0")
    teller.kafka("x", "--at", "2020-01-01T00:00:00Z", status=1, errors="there is no such lead by then")


def run_quietly(teller, lead):
    return teller.run("explain", lead, "--settings", teller.settings, "--json")[1]


def see_what_is_of_no_use(this, teller):
    site = teller.site
    teller.kafka("x", "--set", "journal=nowhere", status=3, errors="nowhere: there is no such topic")
    other = site.folder / "other.json"
    other.write_text(json.dumps(dict(events.RICH, name="other")))
    text = teller.kafka("x", "--definition", other, status=2)
    this.check("another definition", "neither published nor given" in text)
    trust = site.folder / "trust"
    trust.write_text("")
    this.check("drafts need no signatures", teller.kafka("lead-00001", "--trust", trust, "--json") == teller.kafka("lead-00001", "--json"))
    site.broker.cut(site.inputs[1], 0, 10)
    text = teller.kafka("x", "--partition", 0, status=2)
    this.check(f"an input has been cut: {text.strip()}", "has been cut: it begins at 10" in text)
    site.broker.cut(site.topics["journal"], 1, site.broker.records(site.topics["journal"], 1)[0].offset + 1)
    text = teller.kafka("x", "--partition", 1, status=2)
    this.check(f"the journal has been cut: {text.strip()}", "the journal has been cut" in text)
    broker.produce(site.broker, site.topics["journal"], [(b"", b"hello")], 2)
    text = teller.kafka("x", "--partition", 2, status=2)
    this.check(f"no journal: {text.strip()}", "the journal at offset " in text)


def see_clock_marks(this):
    site = this.site("marks", clock.DEFINITION, partitions=1, clock_grace_ms=clock.GRACE_MS)
    daemon = site.daemon("daemon")
    daemon.start()
    daemon.await_ready()
    asked_ms = clock.send(site, 0, "ana", "Asked")
    clock.await_published(site, daemon, 0, 3)
    daemon.stop()
    teller = Teller(this, site)
    story = teller.kafka("ana", "--json")
    this.check("a breach and a move by the clock are in the story as they were published", told(story) == teller.published(0)["ana"])
    before = teller.kafka("ana", "--json", "--at", events.moment(asked_ms + clock.WITHIN_MS - 1))
    this.check("before the mark there is none, and it is foreseen",
               len(told(before)) == 1 and json.loads(before)["foreseen"][0]["kind"] == "breach")


def test(this):
    site = this.site("explain", events.RICH, inputs=("engagement", "crm"), partitions=PARTITIONS)
    daemon = fill(this, site)
    site.await_drained([daemon])
    teller = Teller(this, site)
    see_the_same(this, teller)
    see_where_it_is(this, teller, daemon)
    see_what_is_of_no_use(this, teller)
    see_clock_marks(this)


if __name__ == "__main__":
    bench.main(test)
