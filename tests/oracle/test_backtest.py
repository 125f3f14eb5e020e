#!/usr/bin/env python3
"""test_backtest.py BINARY [--count N] [--first SEED]: does `handover backtest` say what a second implementation says?

Random agreements, what somebody makes of them, and logs: every member that --json prints, every line of --leads, and the exit status
are those of backtest.py; numbers are compared as decimals, to the last of their digits. A difference prints its seed and where it is,
and leaves the files, a shortened log among them, in a folder that it names.

By default as many as HANDOVER_SEEDS says, or 400, from HANDOVER_SEED on, or 0."""

import argparse
import collections
import decimal
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import backtest
import difference
from definition import Definition
from random_backtests import random_case
from replay import kcat_record, lines
from times import duration

SEEDS = 400
FINDINGS_MAX = 3
RUN_S = 300


def records(options, path):
    """As replay.py reads them."""
    topic, partition = ("t", 7) if "--topic" in options else ("events", 0)
    for number, line in lines([path]):
        yield kcat_record(number, line) if "kcat" in options else (topic, partition, number, None, None, line)


def once(members):
    made = dict(members)
    assert len(made) == len(members), f"a member twice: {members}"
    return made


def parse(text):
    return json.loads(text, parse_float=decimal.Decimal, object_pairs_hook=once)


def is_number(value):
    return isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool)


def same_duration(expected, got):
    """Texts that last as long: which unit is used for a value in between is nobody's promise."""
    return all(isinstance(one, str) and one[:-1].isdigit() and one[-1] in "smhdw" for one in (expected, got)) and (
        duration(expected) == duration(got))


def first_difference(expected, got, place=""):
    """Where and how two JSON values differ, or None; the order of members counts, but of patterns. Ellipsis is any text."""
    if expected is Ellipsis:
        return None if isinstance(got, str) and got else f"{place}: no text: {got!r}"
    if isinstance(expected, dict) and isinstance(got, dict):
        if list(expected) != list(got) and (not place.startswith(("/won", "/rejected")) or expected.keys() != got.keys()):
            return f"{place}: members {list(expected)}, but {list(got)}"
        pairs = [(f"{place}/{name}", expected[name], got[name]) for name in expected]
    elif isinstance(expected, list) and isinstance(got, list):
        if len(expected) != len(got):
            return f"{place}: {len(expected)} items, but {len(got)}:\n  {expected}\n  {got}"
        pairs = [(f"{place}/{number}", *pair) for number, pair in enumerate(zip(expected, got))]
    else:
        if is_number(expected) and is_number(got):
            same = decimal.Decimal(str(expected)) == decimal.Decimal(str(got))
        else:
            same = type(expected) is type(got) and expected == got or same_duration(expected, got)
        return None if same else f"{place}: {expected!r}, but {got!r}"
    return next(filter(None, (first_difference(one, other, at) for at, one, other in pairs)), None)


class Comparison(difference.Comparison):
    """Runs cases in a folder of its own, and counts what was seen."""

    def __init__(self, binary):
        super().__init__(binary)
        self.seen = collections.Counter()

    def run(self, arguments):
        leads = self.folder / "leads"
        leads.unlink(missing_ok=True)
        done = subprocess.run([self.binary, "backtest", "--json", "--leads", leads, *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=RUN_S, check=False)
        return done, leads.read_bytes() if leads.exists() else b""

    def expected(self, case, folder):
        old, new = Definition(case.old), Definition(case.new)
        question = backtest.Question(old, new, sweep=[(value, Definition(text)) for value, text in case.sweep], **case.asked)
        return backtest.answer(question, records(case.options, folder / "events.ndjson"))

    def difference(self, case):
        """Between the two, in words, or None."""
        arguments = case.save(self.folder)
        done, leads = self.run(arguments)
        if case.is_unusable():
            return None if done.returncode == 2 else f"exit status {done.returncode}, but there is no stage to hand over at"
        said, lines_of_leads, status = self.expected(case, self.folder)
        if done.returncode != status:
            return f"exit status {status}, but {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-2000:]}"
        self.count(said)
        return (first_difference(said, parse(done.stdout)) or
                first_difference(lines_of_leads, list(map(parse, leads.splitlines())), "--leads "))

    def count(self, said):
        new = said["new"]
        self.seen.update({how: one["leads"] for how, one in said["compared"].items()})
        self.seen.update({name: new[name] for name in ("handovers", "leads", "late", "won", "rejected", "open", "breaches")})
        self.seen.update(swept=len(said["sweep"]["points"]) if said["sweep"] else 0, dead_letters=said["log"]["dead_letters"],
                         conditions=len(said["fail_if"]), failed=sum(one["fails"] for one in said["fail_if"]),
                         again=new["handovers"] - new["leads"], rules=sum(rule["leads"] for rule in new["rules"]),
                         criteria=sum(one["leads"] for one in new["criteria"]))

    def keep(self, case, name):
        """Leaves the case and what was expected in a folder; returns the folder."""
        root = pathlib.Path(tempfile.mkdtemp(prefix=f"handover-backtest-{name}-"))
        case.save(root)
        if not case.is_unusable():
            said, leads, _ = self.expected(case, root)
            for file, values in ("expected.json", [said]), ("expected-leads.ndjson", leads):
                (root / file).write_text("".join(json.dumps(one, default=written) + "\n" for one in values), "utf-8")
        return root


def written(value):
    return "(a text)" if value is Ellipsis else float(value)


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=int(os.environ.get("HANDOVER_SEEDS", SEEDS)))
    parser.add_argument("--first", type=int, default=int(os.environ.get("HANDOVER_SEED", "0")))
    return parser.parse_args()


def main():
    asked = options()
    comparison, findings, started = Comparison(asked.binary.resolve()), 0, time.monotonic()
    seed = asked.first
    for seed in range(asked.first, asked.first + asked.count):
        case = random_case(seed)
        differs = comparison.difference(case)
        if differs:
            findings += 1
            less = comparison.shrunk(case)
            print(f"FAILED seed {seed}: {differs}\n  in {comparison.keep(less, f'seed-{seed}')}: {len(less.lines)} of the log's "
                  f"{len(case.lines)} lines still differ: {comparison.difference(less)}", flush=True)
            if findings == FINDINGS_MAX:
                print(f"that is enough: given up after seed {seed}")
                break
    print(f"seeds {asked.first} to {seed}: {findings} backtests differ, {time.monotonic() - started:.0f} s; seen: {dict(comparison.seen)}")
    never = [name for name, number in comparison.seen.items() if not number]
    return 1 if findings or (asked.count >= SEEDS and never) else 0


if __name__ == "__main__":
    sys.exit(main())
