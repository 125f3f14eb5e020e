#!/usr/bin/env python3
"""journal.py --definition FILE… --journal FILE [--dead-letters FILE] INPUT…: what one task published, by its journal.

An INPUT is one partition of an input as `kcat -J` prints it, the journal's file has that partition's journal records, one a line. Records
of the inputs, clock marks and definitions come to the engine in the journal's order (docs/log.md, The journal). What was published goes to
standard output. Exit status 1: the journal is not one of these inputs and definitions: an order number, a run, a version, the inputs'
fingerprint, a count or the chain does not fit."""

import argparse
import hashlib
import json
import pathlib
import sys

from definition import Definition, Unusable, check_together
from fingerprint import fingerprint
from replay import EVENT_BYTES_MAX, decide, kcat_record
from task import Task

FORMAT = 2


class Unfit(Exception):
    """The journal does not go with the inputs or the definitions."""


def key_bytes(line):
    """The key as it was, of a line that kcat printed; the engine has none that is not UTF-8."""
    key = json.loads(line.decode("utf-8", "surrogateescape")).get("key")
    return key.encode("utf-8", "surrogateescape") if isinstance(key, str) else None


class Input:
    """One partition of one topic; its records are taken in order."""

    def __init__(self, raw):
        lines = raw.splitlines()
        self.records = [kcat_record(number, line) for number, line in enumerate(lines)]
        self.keys = [key_bytes(line) for line in lines]
        self.taken = 0

    def run(self, first, count):
        """`count` records with the bytes of their keys; the first has the offset `first`: no gap, nothing twice, nothing that is not there."""
        keys, records = self.keys[self.taken:self.taken + count], self.records[self.taken:self.taken + count]
        if len(records) < count:
            raise Unfit(f"a run of {count} records at offset {first}, but the input has {len(records)} more")
        if records[0][2] != first:
            raise Unfit(f"a run from offset {first}, but {records[0][2]} comes next")
        self.taken += count
        return zip(records, keys)


class JournalReplay:
    def __init__(self, definitions, inputs, out, dead):
        self.definitions = {one.digest: one for one in definitions}
        self.inputs = {one.records[0][0]: one for one in inputs if one.records}
        self.out, self.dead = out, dead
        self.told, self.task = {}, None  # told: version -> agreed, as the journal last said it
        self.chain, self.published, self.letters = bytes(32), [], 0
        self.taken = []  # (topic, offset, timestamp, key, payload) for the record at hand

    # --- what a record does

    def learn(self, entry, partition):
        """A version becomes known, or one that is known has been signed, or lost a signature, since."""
        version, digest, agreed = entry["definition"], entry["digest"], entry["agreed"]
        definition = self.definitions.get(digest)
        if definition is None or definition.version != version:
            raise Unfit(f"version {version} with digest {digest}: there is no such definition")
        if self.told.get(version) == agreed:
            raise Unfit(f"version {version}: told a second time, with nothing new")
        definition.agreed = agreed
        if version not in self.told:
            self.make_known(definition, partition)
        self.told[version] = agreed

    def make_known(self, definition, partition):
        if self.task is None:
            self.task = Task([definition], partition, self.publish)
            return
        if definition.version < self.task.known[-1].version:
            raise Unfit(f"version {definition.version} becomes known after a higher one")
        self.task.learn(definition)
        check_together(self.task.known)

    def publish(self, line):
        self.published.append(line.encode())

    def bury(self, letter):
        self.letters += 1
        self.dead(letter)

    def step(self, entry, partition):
        if isinstance(entry, dict) and "definition" in entry:
            self.learn(entry, partition)
        elif self.task is None:
            raise Unfit("a record is decided before a definition is known")
        elif isinstance(entry, dict):
            self.task.mark(entry["clock"])
        else:
            topic, first, count = entry
            if topic not in self.inputs:
                raise Unfit(f"a run of {topic}, which has no records")
            for record, key in self.inputs[topic].run(first, count):
                _, _, offset, timestamp, _, payload = record
                self.taken.append((topic, offset, timestamp, key, payload))
                decide(self.task, record, EVENT_BYTES_MAX, self.bury)

    # --- what is checked

    def close(self, record):
        """The fingerprint is that of what was taken, counts and chain are those of what was published for this record."""
        kind = record["inputs"].split(":")[0]
        if kind not in ("xxh3", "sha256") or record["inputs"] != fingerprint(kind, self.taken):
            raise Unfit(f"the fingerprint of the inputs is {record['inputs']}; it comes to {fingerprint(kind, self.taken)}")
        if (len(self.published), self.letters) != (record["published"], record["dead_letters"]):
            raise Unfit(f"{record['published']} published, {record['dead_letters']} dead letters; "
                        f"it comes to {len(self.published)}, {self.letters}")
        for line in self.published:
            self.out(line)
        self.chain = hashlib.sha256(self.chain + b"".join(self.published)).digest()
        self.published, self.letters, self.taken = [], 0, []
        if record["chain"] != self.chain.hex():
            raise Unfit("the chain breaks")

    def run(self, journal):
        for number, record in enumerate(journal):
            try:
                if (record["journal"], record["sequence"]) != (FORMAT, number):
                    raise Unfit(f"format {record['journal']}, sequence {record['sequence']}")
                for entry in record["entries"]:
                    self.step(entry, record["partition"])
                self.close(record)
            except (Unfit, Unusable) as error:
                raise Unfit(f"journal record {number} of {len(journal)}: {error}\n  {json.dumps(record)[:1000]}") from error
        for topic, one in self.inputs.items():
            if one.taken != len(one.records):
                raise Unfit(f"{topic}: {one.taken} of {len(one.records)} records are in the journal")


def options_of():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--definition", action="append", required=True, type=pathlib.Path)
    parser.add_argument("--journal", required=True, type=pathlib.Path)
    parser.add_argument("--dead-letters", type=pathlib.Path)
    parser.add_argument("inputs", nargs="+", type=pathlib.Path)
    return parser.parse_intermixed_args()


def main():
    options, dead = options_of(), []
    definitions = [Definition(path.read_text("utf-8")) for path in options.definition]
    inputs = [Input(path.read_bytes()) for path in options.inputs]
    journal = [json.loads(line) for line in options.journal.read_bytes().splitlines()]
    status = 0
    try:
        JournalReplay(definitions, inputs, lambda line: sys.stdout.buffer.write(line + b"\n"), dead.append).run(journal)
    except Unfit as error:
        print(f"journal.py: {error}", file=sys.stderr)
        status = 1
    if options.dead_letters:
        options.dead_letters.write_bytes(b"".join(line.encode() + b"\n" for line in dead))
    return status


if __name__ == "__main__":
    sys.exit(main())
