"""difference.py: one log through the program and through the oracle, and what to keep of it where they differ.

A log that makes a difference is cut down, half by half, as long as what is left makes one too. It stays in a folder with the layout of a
golden case, in which the oracle's word is what is expected."""

import dataclasses
import json
import os
import pathlib
import subprocess
import tempfile
import time

import replay

RUN_S = 300
SHRINK_S = 30


def first_difference(what, expected, got, sides=("oracle ", "program")):
    """Where and how two lists of lines differ, or None."""
    for number, (wanted, came) in enumerate(zip([*expected, "(end)"], [*got, "(end)"]), 1):
        if wanted != came:
            start = max(0, len(os.path.commonprefix([wanted, came])) - 80)
            return (f"{what}, line {number}, from character {start}\n  {sides[0]} {wanted[start:start + 240]}\n"
                    f"  {sides[1]} {came[start:start + 240]}")
    return None


def without_detail(line):
    """A dead letter but for what is for people; a line that is none as it is."""
    try:
        letter = json.loads(line)
        letter.pop("detail", None)
    except (ValueError, AttributeError):
        return line
    return json.dumps(letter, ensure_ascii=False, separators=(",", ":"))


def lines(raw):
    """Bytes that are not UTF-8 as \\xNN, which nothing else is."""
    return raw.decode("utf-8", "backslashreplace").split("\n")[:-1]


class Comparison:
    """Runs the cases in a folder of its own."""

    def __init__(self, binary):
        self.binary = binary
        self.scratch = tempfile.TemporaryDirectory(prefix="handover-oracle-")  # goes with the object
        self.folder = pathlib.Path(self.scratch.name, "case")
        self.changes = 0

    def program(self, arguments):
        """(exit status, standard output, dead letters, standard error)"""
        letters = self.folder / "letters"
        letters.unlink(missing_ok=True)
        try:
            done = subprocess.run([self.binary, "replay", "--dead-letters", letters, *arguments], stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=RUN_S, check=False)
        except subprocess.TimeoutExpired:
            return f"none within {RUN_S} s", b"", b"", b""
        return done.returncode, done.stdout, letters.read_bytes() if letters.exists() else b"", done.stderr

    def difference(self, case):
        """Between the two, in words, or None."""
        arguments = case.save(self.folder)
        expected, expected_dead = replay.replay(["replay", *arguments])
        self.changes += len(expected)
        status, out, dead, errors = self.program(arguments)
        if status != 0:
            return f"exit status {status}: {errors.decode('utf-8', 'replace')[-2000:]}"
        return (first_difference("published", expected, lines(out)) or
                first_difference("dead letters", list(map(without_detail, expected_dead)), list(map(without_detail, lines(dead)))))

    def shrunk(self, case):
        """Less of the log that still makes a difference: delta debugging over its lines."""
        size, end = len(case.lines) // 2, time.monotonic() + SHRINK_S
        while size:
            start = 0
            while start < len(case.lines) and time.monotonic() < end:
                less = dataclasses.replace(case, lines=case.lines[:start] + case.lines[start + size:])
                if self.difference(less):
                    case = less
                else:
                    start += size
            size //= 2
        return case

    def keep(self, case, name):
        """Leaves the case, with the oracle's word, in a folder; returns the folder."""
        root = pathlib.Path(tempfile.mkdtemp(prefix="handover-oracle-"))
        folder = root / "cases" / name
        out, dead = replay.replay(["replay", *case.save(folder)])
        for file, said in ("expected.ndjson", out), ("expected-dead-letters.ndjson", dead):
            (folder / file).write_bytes("".join(line + "\n" for line in said).encode())
        return root
