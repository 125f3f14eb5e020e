#!/usr/bin/env python3
"""facts.py [--root FOLDER]: do the golden cases' expected bytes say what their READMEs say?

golden.py --update writes down whatever the program says. The README of a case was worked out by hand from the specification: below
its text stands each change, in order, as

  TIME  LEAD  FROM -> TO  [PATH=VALUE …]
  TIME  LEAD  STAGE breaches SLA  [PATH=VALUE …]
  dead  OFFSET  REASON

or "nothing", or "exit status N"; two blanks part the columns. A lead may be written as a JSON string. PATH leads from `data` (or,
failing that, from the whole) to what is compared: text as it is, everything else as JSON; the name of a score alone stands for
scores.NAME."""

import argparse
import json
import pathlib
import re
import sys

TIME = re.compile(r"\d{4}-\d\d-\d\dT")


class Number(str):
    """A number as it is written."""


def found_at(change, path):
    """What stands at the path; numbers as they are written."""
    data = change["data"]
    if path in data["scores"]:
        return data["scores"][path]
    for value in (data, change):
        for step in path.split("."):
            if isinstance(value, list) and step.isdigit() and int(step) < len(value):
                value = value[int(step)]
            elif isinstance(value, dict) and step in value:
                value = value[step]
            else:
                break
        else:
            return value
    return "(not there)"


def as_text(value, inside=False):
    """As it is published, text at the top without its quotes."""
    if isinstance(value, Number) or (isinstance(value, str) and not inside):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{as_text(k, True)}:{as_text(v, True)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(as_text(v, True) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def headline(change):
    data = change["data"]
    if change["type"] == "lead.stage.changed":
        what = f"{data['from']} -> {data['to']}"
    else:
        what = f"{data['stage']} breaches {data['sla']}"
    return [change["time"], data["lead"], what]


def read(path):
    """The lines of an expected file, numbers as text."""
    return [json.loads(line, parse_float=Number, parse_int=Number) for line in path.read_bytes().splitlines()]


def check_line(line, change):
    columns = line.split("  ")
    if columns[1].startswith('"'):
        columns[1] = json.loads(columns[1])
    if columns[:3] != headline(change):
        yield f"says {columns[:3]}, published is {headline(change)}"
        return
    for fact in columns[3:]:
        path, _, wanted = fact.partition("=")
        got = as_text(found_at(change, path))
        if got != (json.loads(wanted) if wanted.startswith('"') else wanted):
            yield f"{line}: {path} is {got}"


def check(case):
    lines = [line for line in (case / "README").read_text().splitlines() if line]
    status = case / "expected-status"
    if status.exists() or lines[-1].startswith("exit status"):
        if not status.exists() or lines[-1] != "exit status " + status.read_text().strip():
            yield f"{lines[-1]}, and not as expected-status has it"
        return
    changes, letters = read(case / "expected.ndjson"), read(case / "expected-dead-letters.ndjson")
    facts = [line for line in lines if TIME.match(line)]
    if len(facts) != len(changes):
        yield f"README has {len(facts)} changes, expected.ndjson {len(changes)}"
    for line, change in zip(facts, changes):
        yield from check_line(line, change)
    dead = [line.split()[1:] for line in lines if line.startswith("dead  ")]
    if dead != [[letter["offset"], letter["reason"]] for letter in letters]:
        yield f"dead letters: {[(letter['offset'], letter['reason']) for letter in letters]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent)
    cases = sorted(parser.parse_args().root.glob("cases/*/README"))
    failed = 0
    for readme in cases:
        findings = list(check(readme.parent))
        failed += bool(findings)
        for finding in findings:
            print(f"FAILED {readme.parent.name}: {finding}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
