#!/usr/bin/env python3
"""test_publish.py BINARY: people publish definitions at the same time, each another content under the same version number: one content
is there in the end, and exactly those were told "published" whose content it is. One who is killed leaves all or nothing behind."""

import json
import signal
import subprocess
import time

import bench
import broker
import events

ROUNDS = bench.size("ROUNDS", 5)
PUBLISHERS = 4


def document(version, within_s):
    return dict(events.SMALL, version=version, lateness=f"{within_s + 1}s")


class Office:
    """Where definitions are published from."""

    def __init__(self, this):
        self.this = this
        self.site = this.site("publish", events.SMALL, partitions=1)
        self.settings = self.site.folder / "publish.json"
        self.settings.write_text(json.dumps(self.site.settings))

    def start(self, name, *definitions):
        files = []
        for number, definition in enumerate(definitions):
            files.append(self.site.folder / f"{name}-{number}.json")
            files[-1].write_text(json.dumps(definition))
        command = [self.this.binary, "publish", "--settings", self.settings, "--draft", "--json", *files]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def publish(self, name, *definitions):
        process = self.start(name, *definitions)
        out, errors = process.communicate(timeout=broker.PATIENCE_S)
        return process.returncode, out, errors

    def published(self):
        """version: contents, in the order of the log"""
        found = {}
        for record in self.site.broker.records(self.site.topics["definitions_topic"], 0):
            found.setdefault(record.key.decode(), []).append(json.loads(record.value))
        return found


def race(this, office, version):
    processes = [office.start(f"race-{version}-{i}", document(version, i)) for i in range(PUBLISHERS)]
    told = []
    for number, process in enumerate(processes):
        out, errors = process.communicate(timeout=broker.PATIENCE_S)
        this.check(f"publisher {number} ends with 0, 1 or 3: {process.returncode} {errors.strip()}", process.returncode in (0, 1, 3))
        if process.returncode == 0:
            told.append(number)
        if process.returncode == 3:
            this.check("it says why", "somebody else publishes at the same time" in errors)
    contents = office.published().get(f"small/{version}", [])
    if not told and not contents:  # each was overtaken by another: as they were told, somebody tries again
        status, _, errors = office.publish(f"race-{version}-again", document(version, PUBLISHERS))
        this.check(f"one of them tries again: {errors.strip()}", status == 0)
        told, contents = [PUBLISHERS], office.published().get(f"small/{version}", [])
    this.check(f"version {version}: one content, {len(told)} were told so", len(contents) == 1 and len(told) == 1)
    this.check("it is that one's", contents == [document(version, told[0])])


def killed(this, office, version):
    """Two versions at once: both or none."""
    process = office.start(f"killed-{version}", document(version, 1), document(version + 1, 1))
    time.sleep(this.random.uniform(0.1, 1.1))
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=broker.PATIENCE_S)
    status, _, errors = office.publish(f"after-{version}", document(version + 2, 1))
    this.check(f"the next one is published: {errors.strip()}", status == 0)
    there = office.published()
    both = [f"small/{version + i}" in there for i in range(2)]
    this.check("both or none", both in ([True, True], [False, False]))
    return both[0]


def test(this):
    office = Office(this)
    version = 1
    for _ in range(ROUNDS):
        race(this, office, version)
        version += 1
    finished = 0
    for _ in range(ROUNDS):
        finished += killed(this, office, version)
        version += 3
    this.say(f"{ROUNDS} races of {PUBLISHERS}; of {ROUNDS} that were killed {finished} had finished")
    status, out, _ = office.publish("again", document(version - 1, 1))
    this.check("what is there stays as it is", status == 0 and json.loads(out)["definitions"][0]["state"] == "there")
    status, out, _ = office.publish("low", document(1, PUBLISHERS + 1), document(version, 1))  # a content that no racer had
    this.check("nothing is published where one is refused",
               status == 1 and f"small/{version}" not in office.published())


if __name__ == "__main__":
    bench.main(test)
