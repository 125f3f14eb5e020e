#!/usr/bin/env python3
"""test_decoder.py BINARY: hostile events through `handover replay` and through the oracle, whose decoder is Python's: what is a dead letter and
why, and every value that was found, in the changes that are published.

Events are those of tests/fuzz/corpus/event, changed a few times at random, and by the words of event.dict. HANDOVER_SEEDS=N: how many logs;
HANDOVER_SEED=N: the first."""

import json
import os
import pathlib
import random
import re
import sys

from difference import Comparison
from random_logs import Case

FUZZ = pathlib.Path(__file__).resolve().parents[1] / "fuzz"
SEEDS = 40
EVENTS = 500
PATHS = ["/traits/email", "/traits/size", "/traits/budget", "/properties/value", "/properties/value/0", "/a/0/b", "/a/1", "/a/10",
         "/a/b/c/d/e", "/\u00e9", "/traits/~1", "//"]
BYTES = b"\"\\{}[]:,-+.eE0123456789 \tu/\x01\x80\xc3\xe2\xed\xf0\xff"

DEFINITION = {
    "handover": 1, "name": "hostile", "version": 1, "effective_from": "2020-01-01T00:00:00Z", "teams": ["marketing"],
    "events": {"lead": ["/userId", "/traits/email", "/user"], "time": ["/timestamp", "/time"], "name": ["/event", "/type"]},
    "attributes": {f"{kind}-{n}": {"at": path, "type": kind} for n, path in enumerate(PATHS) for kind in ("text", "number", "boolean")},
    "stages": [{"name": "new", "owner": "marketing"}, {"name": "old", "owner": "marketing"}],
    "moves": [{"name": "go", "from": "new", "to": "old", "when": {"event": "*"}}, {"name": "back", "from": "old", "to": "new", "when": {"event": "*"}}],
}


def words():
    """The dictionary's, as bytes."""
    for word in re.findall(rb'^"(.*)"$', (FUZZ / "event.dict").read_bytes(), re.M):
        yield re.sub(rb"\\(x..|.)", lambda found: bytes([int(found[1][1:], 16)]) if found[1][:1] == b"x" else found[1], word)


def changed(r, event, seeds, tokens):
    for _ in range(r.choice([0, 1, 1, 2, 3, 6])):
        at, length = r.randrange(len(event) + 1), r.randrange(24)
        new = r.choice([b"", r.choice(tokens), bytes([r.choice(BYTES)]), event[at:at + length], r.choice(seeds)[r.randrange(100):]])
        event = event[:at] + new + event[at + r.choice([0, 0, 1, length]):]
    return event.replace(b"\n", b" ")


def hostile_log(seed):
    r = random.Random(seed)
    seeds = [path.read_bytes() for path in sorted((FUZZ / "corpus" / "event").iterdir())]
    timed = [seed.replace(b"{", b'{"time":%d,' % (1772357400000 + n), 1) for n, seed in enumerate(seeds)]
    tokens = list(words())
    return Case([json.dumps(DEFINITION)], [changed(r, r.choice(timed), seeds, tokens) for _ in range(EVENTS)], [])


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    comparison, failed = Comparison(pathlib.Path(sys.argv[1]).resolve()), 0
    first, count = int(os.environ.get("HANDOVER_SEED", "0")), int(os.environ.get("HANDOVER_SEEDS", SEEDS))
    for seed in range(first, first + count):
        case = hostile_log(seed)
        difference = comparison.difference(case)
        if difference:
            failed += 1
            less = comparison.shrunk(case)
            print(f"FAILED seed {seed}: {difference}\n  in {comparison.keep(less, f'hostile-{seed}')}: {len(less.lines)} lines", flush=True)
    print(f"{count} logs of {EVENTS} events, {comparison.changes} changes, {failed} differ")
    return 0 if failed == 0 and comparison.changes > count * EVENTS // 10 else 1


if __name__ == "__main__":
    sys.exit(main())
