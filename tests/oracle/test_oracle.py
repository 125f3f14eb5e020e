#!/usr/bin/env python3
"""test_oracle.py BINARY: does the program say what a second implementation says?

1. The oracle (replay.py) alone, by the project's golden cases: what those expect was worked out by hand.
2. Random definitions and logs through both, byte for byte, dead letters too. A difference prints its seed and the first lines that
   differ, and leaves the definitions and a shortened log in a folder that it names: `golden.py BINARY --root FOLDER` runs it again.

From the environment: HANDOVER_SEEDS, how many (default 2000, about a minute); HANDOVER_SEED, the first (default 0). The exit status is 1
where anything differs."""

import os
import pathlib
import sys
import time

import replay
from definition import Unusable
from difference import Comparison, first_difference, lines, without_detail
from random_logs import random_case

CASES = pathlib.Path(__file__).resolve().parents[1] / "conformance" / "cases"
SEEDS = 2000
FINDINGS_MAX = 3
SIDES = ("golden", "oracle")


def golden_difference(case):
    """What the oracle says otherwise than a golden case, or None."""
    arguments = ["replay", *(case / "args").read_text().splitlines()]
    for definition in sorted(case.glob("definition*.json")):
        arguments += ["--definition", str(definition)]
    arguments += map(str, sorted(case.glob("events*.ndjson")))
    refused = (case / "expected-status").exists()
    try:
        out, dead = replay.replay(arguments)
    except Unusable as error:
        return None if refused else f"refused: {error}"
    if refused:
        return "not refused"
    letters = list(map(without_detail, lines((case / "expected-dead-letters.ndjson").read_bytes())))
    return (first_difference("published", lines((case / "expected.ndjson").read_bytes()), out, SIDES) or
            first_difference("dead letters", letters, list(map(without_detail, dead)), SIDES))


def check_golden():
    cases = sorted(path.parent for path in CASES.glob("*/args"))
    failed = 0
    for case in cases:
        difference = golden_difference(case)
        if difference:
            failed += 1
            print(f"FAILED {case.name}: {difference}", flush=True)
    print(f"golden cases by the oracle alone: {len(cases) - failed} passed, {failed} failed", flush=True)
    return failed == 0 and len(cases) > 0


def report(comparison, seed, case, difference):
    print(f"FAILED seed {seed}: {difference}", flush=True)
    less = comparison.shrunk(case)
    folder = comparison.keep(less, f"seed-{seed}")
    print(f"  in {folder}/cases/seed-{seed}: {len(less.lines)} of the log's {len(case.lines)} lines still differ", flush=True)


def check_random(binary, first, count):
    comparison, findings, started = Comparison(binary), 0, time.monotonic()
    seed = first
    for seed in range(first, first + count):
        case = random_case(seed)
        difference = comparison.difference(case)
        if difference:
            findings += 1
            report(comparison, seed, case, difference)
            if findings == FINDINGS_MAX:
                print(f"that is enough: given up after seed {seed}")
                break
    print(f"seeds {first} to {seed}: {comparison.changes} changes, {findings} logs differ, {time.monotonic() - started:.0f} s")
    return findings == 0


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    first, count = int(os.environ.get("HANDOVER_SEED", "0")), int(os.environ.get("HANDOVER_SEEDS", SEEDS))
    results = [check_golden(), check_random(pathlib.Path(sys.argv[1]).resolve(), first, count)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
