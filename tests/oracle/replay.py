#!/usr/bin/env python3
"""replay.py replay --definition FILE… [OPTION…] [FILE…]: what `handover replay` does, by a second implementation.

It was written from docs/definition.md, docs/engine.md and docs/commands.md, in plain words of Python, and shares nothing with the program:
what both say is probably what the documents say. Dead letters have no `detail`, which is for people; files that are packed, `--trust` and
`--summary` are not known; a definition that is wrong in itself is not told. Exit status 2: versions that do not fit together, or a line
that kcat did not print."""

import argparse
import json
import pathlib
import sys

from definition import Definition, Unusable, check_together
from events import Reject, decode
from task import Task
from times import moment
from values import HALF_PAIR, is_whole, written

EVENT_BYTES_MAX = 1 << 20


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["replay"])
    parser.add_argument("--definition", action="append", required=True, type=pathlib.Path)
    parser.add_argument("--dead-letters", type=pathlib.Path)
    parser.add_argument("--topic", default="events")
    parser.add_argument("--partition", type=int, default=0)
    parser.add_argument("--envelope", choices=["none", "kcat"], default="none")
    parser.add_argument("--until", type=moment)
    parser.add_argument("--max-event-bytes", type=int, default=EVENT_BYTES_MAX)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    return parser.parse_intermixed_args(arguments)


def lines(files):
    """(number, line) of every line that is not empty; numbers go on over all files."""
    number = 0
    for path in files:
        for line in path.read_bytes().removesuffix(b"\n").split(b"\n"):
            if line.strip(b" \t\r"):
                yield number, line
            number += 1


def kcat_record(number, line):
    """(topic, partition, offset, timestamp, key, payload) of what `kcat -J` printed."""
    try:
        record = json.loads(line.decode("utf-8", "surrogateescape"))
        topic, partition, offset, payload = (record[name] for name in ("topic", "partition", "offset", "payload"))
    except (ValueError, KeyError, TypeError):
        raise Unusable(f"line {number}: not a line of kcat") from None
    if not (isinstance(topic, str) and is_whole(partition) and is_whole(offset) and isinstance(payload, (str, type(None)))):
        raise Unusable(f"line {number}: not a line of kcat")
    timestamp, key = record.get("ts"), record.get("key")
    timestamp = timestamp if is_whole(timestamp) and timestamp >= 0 else None
    key = key if isinstance(key, str) and not HALF_PAIR.search(key) else None  # or it is not UTF-8
    return topic, partition, offset, timestamp, key, None if payload is None else payload.encode("utf-8", "surrogateescape")


def decide(task, record, event_bytes_max, dead):
    """One record through a task; what cannot be used goes to the dead letters."""
    topic, partition, offset, timestamp, key, payload = record
    try:
        event = decode(task.active, payload, key, timestamp, event_bytes_max)
    except Reject as reject:
        value = (payload or b"").decode("utf-8", "replace")
        dead(written({"reason": str(reject), "topic": topic, "partition": partition, "offset": offset, "value": value}))
        return
    task.record(event, topic, offset)


class Replay:
    def __init__(self, options, out, dead):
        self.options, self.out, self.dead = options, out, dead
        self.definitions = [Definition(path.read_text("utf-8")) for path in options.definition]
        check_together(self.definitions)
        self.tasks = {}
        if options.envelope == "none":
            self.task(options.partition)

    def task(self, partition):
        if partition not in self.tasks:
            self.tasks[partition] = Task(self.definitions, partition, self.out)
        return self.tasks[partition]

    def take(self, *record):
        decide(self.task(record[1]), record, self.options.max_event_bytes, self.dead)

    def run(self):
        options = self.options
        for number, line in lines(options.files):
            if options.envelope == "kcat":
                self.take(*kcat_record(number, line))
            else:
                self.take(options.topic, options.partition, number, None, None, line)
        for partition in sorted(self.tasks) if options.until is not None else []:
            self.tasks[partition].mark(options.until)


def replay(arguments):
    """(lines that are published, dead letters) of a command line."""
    out, dead = [], []
    Replay(options_of(arguments), out.append, dead.append).run()
    return out, dead


def main():
    options = options_of(sys.argv[1:])
    dead = []
    try:
        Replay(options, lambda line: sys.stdout.buffer.write(line.encode() + b"\n"), dead.append).run()
    except Unusable as error:
        print(f"replay.py: {error}", file=sys.stderr)
        return 2
    if options.dead_letters:
        options.dead_letters.write_bytes(b"".join(line.encode() + b"\n" for line in dead))
    return 0


if __name__ == "__main__":
    sys.exit(main())
