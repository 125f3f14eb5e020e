#!/usr/bin/env python3
"""coverage.py BUILD… [--uncovered PATTERN] [--hold]: which lines and branches the tests of builds with HANDOVER_COVERAGE have run:
a table by room, and what is missing.

  --uncovered PATTERN  besides, each line and branch that never ran of the sources that match (fnmatch, such as 'consumer/engine/*')
  --hold               exit status 1 where less is covered than floors.txt beside this file asks of a room

Counts are what GCC's gcov says of the objects of the two libraries and of the program; where a source is compiled more than once
(headers' functions, a copy with crash points) a line ran if it ran anywhere, and the n-th branch of a line likewise. Left out are
branches of `assert`, whose other way is a bug's, and the way past all cases of a `switch` that has one for every value of its enum. A process
that is killed leaves no counts."""

import argparse
import collections
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "tidy"))

import tidy  # noqa: E402

ROOMS = ("engine", "codec", "io", "commands")
OBJECTS = 24  # of one gcov
LINES_SHARE = re.compile(r"(\w+) lines ([\d.]+) branches ([\d.]+)")


class Source:
    def __init__(self):
        self.lines = collections.Counter()  # line: how often
        self.branches = collections.Counter()  # (line, n-th): how often

    def counts(self):
        """(lines that ran, all lines, branches that were taken, all branches)"""
        return tuple(part for each in (self.lines, self.branches) for part in (sum(n > 0 for n in each.values()), len(each)))


def documents(objects):
    done = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", *objects], capture_output=True, text=True,
                          check=False)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def notes_of(build):
    """Of each object of the program its notes: what the compiler knew, counts beside it or not."""
    return [str(p) for p in sorted(pathlib.Path(build).rglob("*.gcno")) if re.search(r"CMakeFiles/handover(_\w+)?\.dir/", str(p))]


def gather(builds):
    """Source's path -> Source, of what lies in the project's rooms."""
    found = collections.defaultdict(Source)
    notes = [note for build in builds for note in notes_of(build)]
    groups = [notes[i:i + OBJECTS] for i in range(0, len(notes), OBJECTS)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for file in (file for group in pool.map(documents, groups) for document in group for file in document["files"]):
            path = pathlib.Path(file["file"])
            if not path.is_relative_to(ROOT) or path.relative_to(ROOT).parts[0] not in ("consumer", "producer", "config"):
                continue
            add(found[path.relative_to(ROOT)], file["lines"], path.read_text().splitlines())
    return found


def is_whole(text, number):
    """A switch on this line that has no `default`: -Wswitch sees to it that every value has its case."""
    if not re.match(r"\s*switch \(", text[number - 1]):
        return False
    end = " " * (len(text[number - 1]) - len(text[number - 1].lstrip())) + "}"
    for line in text[number:]:
        if line.startswith(end):
            return True
        if line.strip().startswith("default:"):
            return False
    return False


def add(source, lines, text):
    for line in lines:
        number, branches = line["line_number"], line["branches"]
        source.lines[number] += line["count"]
        if "assert(" in text[number - 1]:
            continue
        if is_whole(text, number):
            branches = branches[:-1]
        for place, branch in enumerate(branches):
            source.branches[number, place] += branch["count"]


def share(part, whole):
    return 100.0 * part / whole if whole else 100.0


def rounded_down(value):
    return int(value * 100) / 100


def by_room(found):
    """Room -> counts, and "all"."""
    table, sums = tidy.rooms(), {room: (0, 0, 0, 0) for room in (*ROOMS, "all")}
    for path, source in found.items():
        room = tidy.room_of(path, table)
        for name in ("all", *([ROOMS[room]] if room is not None else [])):
            sums[name] = tuple(a + b for a, b in zip(sums[name], source.counts()))
    return sums


def print_table(sums):
    print(f"{'covered':10}{'lines':>8}{'of':>8}{'%':>8}{'branches':>10}{'of':>8}{'%':>8}")
    for name, (ran, lines, taken, branches) in sums.items():
        print(f"{name:10}{ran:8}{lines:8}{rounded_down(share(ran, lines)):8.2f}"
              f"{taken:10}{branches:8}{rounded_down(share(taken, branches)):8.2f}")


def print_least(found, count=12):
    """The sources with the most lines that never ran."""
    missing = sorted(((lines - ran, path, ran, lines) for path, (ran, lines, _, _) in
                      ((path, source.counts()) for path, source in found.items())), reverse=True)
    for lines_missing, path, ran, lines in missing[:count]:
        if lines_missing:
            print(f"  {lines_missing:4} lines of {path} never ran ({share(ran, lines):.0f} % did)")


def print_uncovered(found, pattern):
    for path in sorted(found):
        if not fnmatch.fnmatch(str(path), pattern):
            continue
        text, source = (ROOT / path).read_text().splitlines(), found[path]
        for number in sorted(source.lines):
            never = [place for (line, place), n in source.branches.items() if line == number and n == 0]
            if source.lines[number] == 0:
                print(f"{path}:{number}: never ran: {text[number - 1].strip()}")
            elif never:
                print(f"{path}:{number}: branches {never} never taken: {text[number - 1].strip()}")


def below(sums):
    """What floors.txt asks and is not there."""
    for name, lines_floor, branches_floor in LINES_SHARE.findall((HERE / "floors.txt").read_text()):
        ran, lines, taken, branches = sums[name]
        for what, has, floor in (("lines", share(ran, lines), lines_floor), ("branches", share(taken, branches), branches_floor)):
            if has < float(floor):
                yield f"{name}: {rounded_down(has):.2f} % of {what} are covered, {floor} % are asked for"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("builds", nargs="+", metavar="BUILD")
    parser.add_argument("--uncovered", metavar="PATTERN")
    parser.add_argument("--hold", action="store_true")
    asked = parser.parse_args()
    found = gather(asked.builds)
    if not found:
        sys.exit(f"coverage.py: no counts below {', '.join(asked.builds)}: built with -DHANDOVER_COVERAGE=ON, by GCC?")
    if asked.uncovered:
        print_uncovered(found, asked.uncovered)
    sums = by_room(found)
    print_least(found)
    print_table(sums)
    lacking = list(below(sums)) if asked.hold else []
    for line in lacking:
        print(line)
    sys.exit(1 if lacking else 0)


if __name__ == "__main__":
    main()
