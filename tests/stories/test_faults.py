#!/usr/bin/env python3
"""test_faults.py BINARY: what a disk and a machine without memory do to the commands. Beside BINARY stands libfaults.so (tests/faults), which
makes the n-th call fail, for every n until nothing fails any more:

  writes   whatever fails, a command that says 0 has written everything; one that does not says why, leaves no file torn under its name, and
           nothing beside it
  stdout   the same where the file that standard output goes to must not grow: what is written through stdio
  memory   the process ends with a sentence and status 3, or 2 where a file could not be read; or it did without and says the same as ever"""

import json
import os
import pathlib
import resource
import sqlite3
import subprocess
import sys
import tempfile
import unittest

BINARY = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "handover").resolve()
LIBRARY = BINARY.with_name("libfaults.so")
ROOT = pathlib.Path(__file__).resolve().parents[2]
SANITIZED = b"__asan_init" in BINARY.read_bytes()
OUT_OF_MEMORY = b"handover: out of memory\n"
CALLS_MOST = 2000  # of a command: more than this is a loop

DEFINITION = {
    "handover": 1, "name": "story", "version": 1, "effective_from": "2026-01-01T00:00:00Z", "teams": ["marketing"], "events": "segment",
    "attributes": {"email": "/traits/email"},
    "stages": [{"name": "new", "owner": "marketing"}, {"name": "old", "owner": "marketing"}],
    "moves": [{"name": "go", "from": "new", "to": "old", "when": {"event": "Go"}},
              {"name": "back", "from": "old", "to": "new", "when": {"event": "Back"}}],
}
TESTS = {"definition": "d.json", "start": "2026-03-02T09:00:00Z",
         "tests": [{"name": "one", "events": [{"at": "1m", "name": "Go"}], "expect": [{"at": "2m", "to": "old"}]}]}


def events(count):
    for n in range(count):
        yield json.dumps({"userId": f"lead {n % 7}", "messageId": n, "timestamp": f"2026-03-02T09:{n // 60:02}:{n % 60:02}Z",
                          "event": "Back" if n // 7 % 2 else "Go"}) + "\n"


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


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


def environment(kind, number, error, told):
    return {**os.environ, "LD_PRELOAD": str(LIBRARY), "FAULTS_KIND": kind, "FAULTS_NTH": str(number), "FAULTS_ERROR": error,
            "FAULTS_TOLD": str(told), "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}


class Faults(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)
        self.file("d.json", json.dumps(DEFINITION))
        self.file("t.json", json.dumps(TESTS))
        self.file("log.ndjson", "".join(events(60)) + "no event\n{}\n")
        changes = self.run_it("replay", "--definition", "d.json", "log.ndjson")
        self.assertEqual(changes.returncode, 0, changes.stderr)
        self.file("changes.ndjson", changes.stdout.decode())

    def file(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def run_it(self, *args, **more):
        return subprocess.run([BINARY, *args], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=more.pop("stdout", subprocess.PIPE),
                              stderr=subprocess.PIPE, timeout=120, check=False, **more)

    def restore(self, files):
        for name in contents(self.folder).keys() - files.keys():
            (self.folder / name).unlink()
        for name, content in files.items():
            (self.folder / name).write_bytes(content)

    def run_failing(self, args, kind, number, error):
        """The process, and whether a call failed in it."""
        reading, writing = os.pipe()
        try:
            done = self.run_it(*args, env=environment(kind, number, error, writing), pass_fds=[writing])
            os.close(writing)
            return done, bool(os.read(reading, 1))
        finally:
            os.close(reading)


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


@unittest.skipIf(SANITIZED, "the sanitizer has a malloc of its own")
class Memory(Faults):
    def judge(self, done, failed, clean):
        if done.returncode == clean.returncode and not (failed and done.stderr != clean.stderr):
            self.assertEqual((done.stdout, done.stderr), (clean.stdout, clean.stderr))
        elif done.returncode == 2:
            self.assertIn(b"Cannot allocate memory", done.stderr)
        else:
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertTrue(done.stderr.endswith(OUT_OF_MEMORY), done.stderr)
            self.assertTrue(clean.stdout.startswith(done.stdout))

    def each_allocation_fails(self, *args, least):
        clean = self.run_it(*args)
        for number in range(1, CALLS_MOST):
            with self.subTest(" ".join(args), number=number):
                done, failed = self.run_failing(args, "memory", number, "once")
                self.judge(done, failed, clean)
            if not failed:
                break
        self.assertGreater(number, least)
        for number in (*range(1, 200, 40), *range(200, 6000, 400)):  # and all that come after it
            with self.subTest(" ".join(args), number=number, error="on"):
                self.judge(*self.run_failing(args, "memory and libcrypto", number, "on"), clean)

    def test_check(self):
        self.each_allocation_fails("check", "d.json", least=50)

    def test_describe(self):
        self.each_allocation_fails("describe", "d.json", least=50)

    def test_replay(self):
        self.each_allocation_fails("replay", "--definition", "d.json", "log.ndjson", least=50)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
