#!/usr/bin/env python3
"""instructions.py BINARY [--definition FILE] [--events N] [--leads N]: instructions an event of `handover replay`, part by part, counted by
valgrind's callgrind: other than seconds they do not depend on who else uses the machine.

N events and 2 N events are replayed; what the second half took is what counts, so that start-up is in no figure. A part contains what it
calls: `apply`, all that a lane does behind decoding, contains `look up`, `timers` and `encode`; `timers` contain some of `deadline`."""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "config/sample.json"
PARTS = {  # what: functions that callgrind knows; one after a minus is in the first and does not belong to the part
    "all": ("cmd_replay",), "decode": ("decoder_decode",), "bring near": ("task_prefetch",),
    "apply": ("lane_apply", "-decoder_decode", "-task_prefetch"), "look up": ("leads_find_hashed",), "deadline": ("deadline_find",),
    "timers": ("timers_fire_due",), "encode": ("change_encode",)}
LINE = re.compile(r"^ *([\d,]+) .*:([A-Za-z_]\w*) \[")


def count(binary, definition, events, folder):
    """Function -> instructions, what it calls included."""
    out = folder / "callgrind"
    subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", binary, "replay", "--definition", definition, events],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    text = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", str(out)], capture_output=True, text=True,
                          check=True).stdout
    found = {}
    for line in text.splitlines():
        if match := LINE.match(line):
            found.setdefault(match[2], int(match[1].replace(",", "")))
    return found


def measure(options, folder):
    runs = []
    for events in (options.events, 2 * options.events):
        path = folder / "events"
        made = subprocess.run([options.binary, "generate", "--events", str(2 * options.events), "--leads", str(options.leads)],
                              capture_output=True, check=True).stdout
        path.write_bytes(b"".join(made.splitlines(keepends=True)[:events]))
        runs.append(count(options.binary, options.definition, str(path), folder))
    def spent(name):
        sign, name = (-1, name[1:]) if name[0] == "-" else (1, name)
        return sign * (runs[1].get(name, 0) - runs[0].get(name, 0))

    return {part: sum(map(spent, names)) / options.events for part, names in PARTS.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--definition", default=str(SAMPLE))
    parser.add_argument("--events", type=int, default=50000)
    parser.add_argument("--leads", type=int, default=10000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("instructions.py: valgrind is not there")
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(options, pathlib.Path(folder))
    if options.json:
        print(json.dumps({part: round(value, 1) for part, value in figures.items()}))
        return
    for part, value in figures.items():
        print(f"{part:12}{value:10,.0f}")


if __name__ == "__main__":
    main()
