#!/usr/bin/env python3
"""compare.py A.json B.json [--worse 1.1x]: two kept runs of `handover bench WHAT --json`, figure by figure: the minimum of each run (of
rates the maximum: machines are noisy, and only slower by accident), the ratio, and what is worse in B.

Exit status 0: nothing is worse; 1: something is, or is gone; 2: the two cannot be compared."""

import argparse
import json
import sys

SAME = ("what", "events", "leads", "days", "seed", "uniform")  # of two runs that can be compared
MORE_IS_BETTER = ("events_per_s",)
TOLD = ("changes", "records")  # neither better nor worse


def times(text):
    value = float(text.removesuffix("x"))
    if not value >= 1:
        raise ValueError(text)
    return value


def read(path):
    with open(path, encoding="utf-8") as file:
        run = json.load(file)
    return run, {(f["row"], f["figure"]): f for f in run["figures"]}


def best(figure, name):
    return figure["max"] if name in MORE_IS_BETTER else figure["min"]


def compare(before, after, limit):
    """Prints the table; how many figures are worse or gone."""
    wrong = 0
    width = max(len(row) for row, _ in before) + 2
    for (row, name), figure in before.items():
        old, new = best(figure, name), after.get((row, name))
        if new is None:
            print(f"{row:{width}}{name:28}{old:14.3f}{'':14}       gone")
            wrong += 1
            continue
        new = best(new, name)
        ratio = new / old if old else float("inf") if new else 1.0
        worse = name not in TOLD and (1 / ratio if name in MORE_IS_BETTER and ratio else ratio) > limit
        wrong += worse
        print(f"{row:{width}}{name:28}{old:14.3f}{new:14.3f}{ratio:8.3f}x{'  worse' if worse else ''}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("--worse", type=times, default=1.1, metavar="TIMESx", help="what counts as worse; default: 1.1x")
    options = parser.parse_args()
    runs = []
    for path in (options.a, options.b):
        try:
            runs.append(read(path))
        except (OSError, ValueError, KeyError, TypeError) as error:
            sys.stderr.write(f"compare.py: {path}: no kept run: {error}\n")
            return 2
    (first, before), (second, after) = runs
    for member in SAME:
        if first.get(member) != second.get(member):
            sys.stderr.write(f"compare.py: {member} differs: {first.get(member)} and {second.get(member)}\n")
            return 2
    return 1 if compare(before, after, options.worse) else 0


if __name__ == "__main__":
    sys.exit(main())
