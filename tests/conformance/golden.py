#!/usr/bin/env python3
"""golden.py BINARY [CASE…] [--update]: the project's own golden cases, so that a clone alone tests the whole engine.

A case is a folder below cases/ beside this file (or below --root FOLDER):

  args                             options for `BINARY replay`, one a line
  definition*.json                 one or more versions
  events*.ndjson                   one or more files, read in the order of their names
  expected.ndjson                  standard output, byte by byte
  expected-dead-letters.ndjson     the dead letters but for `detail`, which is for people
  expected-status                  instead of the two: only the exit status counts

definitions/accepted/*.json and definitions/refused/*.json are judged by `BINARY replay --definition FILE` of an empty log: 0 or 2.

--update writes down what BINARY says now as what is expected (git shows the difference, a person judges it). The last line is
"N passed, M failed"; the exit status is 1 where any failed."""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TIMEOUT_S = 60


class Failure(Exception):
    pass


def replay(binary, arguments):
    """Runs BINARY replay; returns its exit status, standard output, standard error."""
    try:
        done = subprocess.run([binary, "replay", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise Failure(f"no end within {TIMEOUT_S} s") from error
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def strip_detail(raw):
    """The dead letters without `detail`, in canonical bytes."""
    out = []
    for line in raw.splitlines():
        letter = json.loads(line)
        letter.pop("detail", None)
        out.append(json.dumps(letter, ensure_ascii=False, separators=(",", ":")))
    return "".join(line + "\n" for line in out).encode("utf-8", "surrogatepass")


def compare(what, wanted, got):
    if wanted == got:
        return
    wanted_lines, got_lines = wanted.split(b"\n"), got.split(b"\n")
    for number, (left, right) in enumerate(zip(wanted_lines + [b"(end)"], got_lines + [b"(end)"]), 1):
        if left != right:
            start = max(0, len(os.path.commonprefix([left, right])) - 60)
            raise Failure(f"{what}, line {number}, from byte {start}\n"
                          f"  wanted {left[start:start + 240].decode('utf-8', 'replace')}\n"
                          f"  got    {right[start:start + 240].decode('utf-8', 'replace')}")
    raise Failure(f"{what}: {len(wanted_lines) - 1} lines wanted, {len(got_lines) - 1} came")


def run_case(binary, case, update):
    arguments = (case / "args").read_text().splitlines()
    for definition in sorted(case.glob("definition*.json")):
        arguments += ["--definition", definition]
    with tempfile.TemporaryDirectory() as scratch:
        letters = pathlib.Path(scratch, "dead-letters.ndjson")
        arguments += ["--dead-letters", letters, *sorted(case.glob("events*.ndjson"))]
        status, out, errors = replay(binary, arguments)
        dead = strip_detail(letters.read_bytes()) if letters.exists() else b""
    if update:
        write_expected(case, status, out, dead)
        return
    wanted_status = case / "expected-status"
    if wanted_status.exists():
        if status != int(wanted_status.read_text()):
            raise Failure(f"exit status {status}, wanted {wanted_status.read_text().strip()}: {errors[:300]}")
        return
    if status != 0:
        raise Failure(f"exit status {status}: {errors[:300]}")
    compare("published", (case / "expected.ndjson").read_bytes(), out)
    compare("dead letters", strip_detail((case / "expected-dead-letters.ndjson").read_bytes()), dead)


def write_expected(case, status, out, dead):
    for old in case.glob("expected*"):
        old.unlink()
    if status != 0:
        (case / "expected-status").write_text(f"{status}\n")
        return
    (case / "expected.ndjson").write_bytes(out)
    (case / "expected-dead-letters.ndjson").write_bytes(dead)


def run_definition(binary, definition, wanted):
    status, _, errors = replay(binary, ["--definition", definition, os.devnull])
    if status != wanted:
        raise Failure(f"exit status {status}, wanted {wanted}: {errors[:300]}")


def jobs_of(root, only, binary, update):
    """What is to be done: (name, function, arguments)."""
    for case in sorted((root / "cases").glob("*/args")):
        if not only or case.parent.name in only:
            yield case.parent.name, run_case, (binary, case.parent, update)
    for kind, wanted in (("accepted", 0), ("refused", 2)):
        for definition in sorted((root / "definitions" / kind).glob("*.json")):
            if not only and not update:
                yield f"{kind}/{definition.name}", run_definition, (binary, definition, wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("case", nargs="*")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent)
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    binary = str(pathlib.Path(options.binary).resolve())

    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [(name, pool.submit(function, *arguments))
                for name, function, arguments in jobs_of(options.root, options.case, binary, options.update)]
        for name, job in jobs:
            try:
                job.result()
                passed += 1
            except (Failure, OSError, ValueError) as failure:
                failed += 1
                print(f"FAILED {name}: {failure}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
