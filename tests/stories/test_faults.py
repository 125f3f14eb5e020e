#!/usr/bin/env python3
"""test_faults.py BINARY: what a disk does to the commands: the n-th write, fsync, rename or link fails, for every n until nothing fails any
more.

  writes   a command that says 0 has written everything; one that does not says why, leaves no file torn under its name, and nothing
           beside it
  stdout   the same where the file that standard output goes to must not grow: what is written through stdio"""

import json
import pathlib
import resource
import sqlite3
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from faults import CALLS_MOST, DEFINITION, Faults, contents  # noqa: E402


def dump(content):
    """A database's statements, but for the moment at which it was made."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        base = sqlite3.connect(file.name)
        try:
            return [line for line in base.iterdump() if "made" not in line]
        finally:
            base.close()


def whole(name, content, after, alike):
    """Is that what the command would have written?"""
    if name.endswith(".db"):
        return dump(content) == dump(after)
    return len(content) == len(after) if alike else content == after


class Writes(Faults):
    def judge(self, done, wanted, before, after, streams, alike):
        found, error = contents(self.folder), done.stderr.decode()
        wanted = done.stdout if alike and len(done.stdout) == len(wanted) else wanted
        if done.returncode == 0:
            self.assertEqual(done.stdout, wanted)
            self.assertEqual(found.keys(), after.keys())
        else:
            self.assertIn(done.returncode, (2, 3), error)
            self.assertNotEqual(error, "")
            self.assertTrue(wanted.startswith(done.stdout))
        self.assertLessEqual(found.keys(), before.keys() | after.keys())
        for name, content in found.items():
            if name in streams and done.returncode != 0:
                self.assertTrue(after[name].startswith(content), name)
            elif content != before.get(name) or done.returncode == 0:
                self.assertTrue(whole(name, content, after[name], alike), name)

    def each_write_fails(self, *args, streams=(), alike=False, least=1):
        """streams: files that are written bit by bit. alike: with keys and times, which are others each time. least: calls that there are."""
        before = contents(self.folder)
        clean = self.run_it(*args)
        after = contents(self.folder)
        self.assertEqual(clean.returncode, 0, clean.stderr)
        for error in ("full on", "io once", "short once", "signal once"):
            for number in range(1, CALLS_MOST):
                with self.subTest(error, number=number):
                    self.restore(before)
                    done, failed = self.run_failing(args, "write", number, error)
                    self.judge(done, clean.stdout, before, after, streams, alike)
                    if not failed or error.startswith("s"):  # a short write is gone on with, and an interrupted one is made once more
                        self.assertEqual(done.returncode, 0, done.stderr)
                if not failed:
                    break
            self.assertGreater(number, 1 if error.startswith("s") else least, error)
        self.restore(before)

    def test_replay(self):
        self.each_write_fails("replay", "--definition", "d.json", "--dead-letters", "dead.ndjson", "log.ndjson", streams=["dead.ndjson"], least=2)

    def test_report_as_a_database(self):
        self.each_write_fails("report", "--sqlite", "new.db", "changes.ndjson", least=5)
        self.run_it("report", "--sqlite", "old.db", "changes.ndjson")
        self.file("changes.ndjson", (self.folder / "changes.ndjson").read_text(encoding="utf-8").partition("\n")[0] + "\n")
        self.each_write_fails("report", "--sqlite", "old.db", "--force", "changes.ndjson", least=5)

    def test_report_as_tables(self):
        self.each_write_fails("report", "--csv", "tables", "changes.ndjson", least=5)

    def test_signatures(self):
        self.each_write_fails("keygen", "mia", alike=True, least=2)
        self.run_it("keygen", "mia")
        self.each_write_fails("approve", "--key", "mia.key", "--team", "marketing", "--by", "Mia", "d.json", alike=True, least=2)


class StandardOutput(Faults):
    def limited(self, args, most):
        """With a file that cannot grow beyond `most` bytes: the process, and the file's bytes."""
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

        with open(self.folder / "out", "wb") as out:  # Python ignores SIGXFSZ, and so does its child
            done = self.run_it(*args, stdout=out, preexec_fn=limit, restore_signals=False)
        return done, (self.folder / "out").read_bytes()

    def test_what_is_cut_is_no_success(self):
        self.file("e.json", json.dumps({**DEFINITION, "version": 2, "effective_from": "2026-03-01T00:00:00Z"}))
        for args in (["check", "d.json"], ["check", "--json", "d.json"], ["describe", "d.json"], ["describe", "--html", "d.json"],
                     ["diff", "d.json", "e.json"], ["replay", "--definition", "d.json", "log.ndjson"], ["test", "t.json"],
                     ["explain", "lead 1", "--definition", "d.json", "log.ndjson"], ["report", "changes.ndjson"],
                     ["report", "--json", "changes.ndjson"], ["report", "--html", "changes.ndjson"],
                     ["backtest", "--handover", "old", "d.json", "e.json", "log.ndjson"], ["calendar", "Europe/London", "2026", "2027"], ["verify", "d.json"], ["--help"]):
            clean = self.run_it(*args)
            for most in sorted({0, 1, len(clean.stdout) // 2, len(clean.stdout) - 1}):
                with self.subTest(" ".join(args), most=most):
                    done, written = self.limited(args, most)
                    self.assertEqual((done.returncode, written), (3, clean.stdout[:most]), done.stderr)
            done, written = self.limited(args, len(clean.stdout))
            self.assertEqual((done.returncode, written), (clean.returncode, clean.stdout), " ".join(args))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
