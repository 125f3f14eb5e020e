"""faults.py: a folder with a definition, its tests and a log, in which commands run whose n-th call fails: for test_faults.py and
test_memory.py. Beside the binary stands libfaults.so (tests/faults)."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

BINARY = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "handover").resolve()
LIBRARY = BINARY.with_name("libfaults.so")
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


def environment(kind, number, error, told):
    return {**os.environ, "LD_PRELOAD": str(LIBRARY), "FAULTS_KIND": kind, "FAULTS_NTH": str(number), "FAULTS_ERROR": error,
            "FAULTS_TOLD": str(told), "ASAN_OPTIONS": "verify_asan_link_order=0"}


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
