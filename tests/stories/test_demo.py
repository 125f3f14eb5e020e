#!/usr/bin/env python3
"""test_demo.py BINARY: `handover demo` as somebody meets it who has nothing but the binary: it is quick, it shows every kind of change, it says
the same each time, and the same as `handover replay` of the same records."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"
SAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../config/sample.json")
SECONDS = 10
TRIES = 5  # on a machine that does other things too


def demo(*args, env=None, **more):
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TMPDIR")}
    return subprocess.run([BINARY, "demo", *args], stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False,
                          env={**environment, **(env or {})}, **more)


def sanitized():
    with open(shutil.which(BINARY), "rb") as binary:
        return bool(re.search(b"__[at]san_init", binary.read()))


class Demo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        for _ in range(TRIES):
            start = time.monotonic()
            cls.done = demo(cwd=cls.folder, env={"TMPDIR": cls.folder})
            cls.seconds = time.monotonic() - start
            if cls.seconds < SECONDS:
                break
        cls.left = os.listdir(cls.folder)
        cls.text = cls.done.stdout.decode()
        cls.json = demo("--json")
        cls.events = demo("--events")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def published(self):
        return [json.loads(line) for line in self.json.stdout.splitlines()]

    def test_quick_quiet_and_tidy(self):
        self.assertEqual((self.done.returncode, self.done.stderr), (0, b""))
        self.assertLess(self.seconds, SECONDS * (3 if sanitized() else 1))
        self.assertEqual(self.left, [])

    def test_reads_well(self):
        lines = self.text.splitlines()
        self.assertLessEqual(len(lines), 150)
        self.assertIn("Times are UTC", self.text)
        for line in lines:
            self.assertNotRegex(line, r"[\x00-\x1f\x7f]")
            self.assertLessEqual(len(line), 110)
            self.assertEqual(line, line.rstrip())
        # who, from and to, why; below it who has to act by when
        self.assertRegex(self.text, r"(?m)^Fri  6 Nov 13:45  Ben Okafor, Harbour Retail +mql → sql +Form Submitted$")
        self.assertRegex(self.text, r"(?m)^ +sales: .+, sales answers by Mon 9 Nov 10:45$")
        self.assertRegex(self.text, r"(?m)^Mon  9 Nov 10:45  Ben Okafor, Harbour Retail +sql: SLA BREACHED +sales answers$")
        self.assertRegex(self.text, r"missing for sql: .*need")

    def test_every_kind_of_change(self):
        changes = [e["data"] for e in self.published() if e["type"] == "lead.stage.changed"]
        breaches = [e["data"] for e in self.published() if e["type"] == "lead.sla.breached"]
        moves = {c["cause"].get("move", c["cause"].get("name")) for c in changes if c["cause"]["kind"] == "move" or "move" in c["cause"]}
        self.assertTrue(any(c["cause"]["kind"] == "event" and "move" not in c["cause"] for c in changes), "a climb")
        self.assertTrue(any(c["cause"]["kind"] == "move" for c in changes), "time alone")
        for move in ("hand raised", "went cold", "sales said no", "not now", "opportunity lost", "interest is back"):
            self.assertIn(move, moves)
        self.assertTrue({c["to"] for c in changes} >= {"suspect", "mql", "sql", "opportunity", "customer", "nurture", "recycled"})
        self.assertTrue(any(c["skipped"] for c in changes))
        self.assertTrue(any(c["from"] == "recycled" and c["entry"] == 2 for c in changes), "back again")
        self.assertTrue(any(c["reason"] for c in changes))
        self.assertEqual({b["sla"] for b in breaches}, {"sales answers", "marketing follows up"})
        self.assertTrue(25 <= len(changes) + len(breaches) <= 45)
        self.assertTrue(all(c["definition"]["agreed"] is False for c in changes))

    def test_summary_adds_up(self):
        found = re.search(r"(?m)^([\d,]+) records of (\d+) leads: (\d+) stage changes, (\d+) SLA breaches, (\d+) dead letters$", self.text)
        records, leads, changes, breaches, dead = (int(number.replace(",", "")) for number in found.groups())
        self.assertEqual(records, len(self.events.stdout.splitlines()))
        self.assertTrue(120 <= leads <= 200)
        kinds = [event["type"] for event in self.published()]
        self.assertEqual((changes, breaches), (kinds.count("lead.stage.changed"), kinds.count("lead.sla.breached")))
        self.assertEqual(dead, len(re.findall(r"(?m)^\w{3} [ \d]\d Nov [\d:]{5}  engagement/\d/\d+ +[a-z_]+ +\S", self.text)))
        rows = self.text[found.end():self.text.index("What next?")]
        self.assertEqual(sum(int(n) for n in re.findall(r"(\d+) \S+ → ", rows)), changes)

    def test_json_is_what_replay_says(self):
        self.assertEqual((self.json.returncode, self.json.stderr), (0, b""))
        self.assertEqual((self.events.returncode, self.events.stderr), (0, b""))
        replay = subprocess.run([BINARY, "replay", "--definition", SAMPLE, "--envelope", "kcat"], input=self.events.stdout,
                                capture_output=True, timeout=300, check=False)
        self.assertEqual(replay.returncode, 0, replay.stderr)
        self.assertEqual(sorted(self.json.stdout.splitlines()), sorted(replay.stdout.splitlines()))
        order = [(e["time"], [int(n) if n.isdigit() else n for n in e["id"].split("/")]) for e in self.published()]
        self.assertEqual(order, sorted(order))

    def test_the_same_each_time(self):
        again = demo(cwd="/")
        self.assertEqual((again.returncode, again.stdout.decode()), (0, self.text))

    def test_events_are_kcats(self):
        offsets, before = {}, 0
        for line in self.events.stdout.splitlines():
            record = json.loads(line)
            self.assertEqual(record["offset"], offsets.get(record["partition"], 0))
            offsets[record["partition"]] = record["offset"] + 1
            self.assertGreaterEqual(record["ts"], before)
            before = record["ts"]
        self.assertEqual(sorted(offsets), [0, 1, 2, 3])

    def on_terminal(self, **env):
        ours, theirs = pty.openpty()
        environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        with subprocess.Popen([BINARY, "demo"], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
                              env={**environment, "TERM": "xterm", **env}) as run:
            os.close(theirs)
            shown = b""
            while True:
                try:
                    shown += os.read(ours, 65536)
                except OSError:  # closed by the other side
                    break
            self.assertEqual(run.wait(timeout=300), 0)
        os.close(ours)
        return shown.decode().replace("\r\n", "\n")

    def test_life_and_colour_on_a_terminal(self):
        shown = self.on_terminal()
        self.assertRegex(shown, r"^\r\033\[K\d+ records are in the broker")
        self.assertIn("\033[1;31m", shown)
        plain = re.sub(r"\033\[[\d;]*m", "", shown)
        self.assertEqual(plain[plain.index("A made-up fortnight"):], self.text)
        self.assertTrue(plain[:plain.index("A made-up fortnight")].endswith("\r\033[K"))
        self.assertNotIn("m", "".join(re.findall(r"\033\[[\d;]*(\w)", self.on_terminal(NO_COLOR="1"))))


class Usage(unittest.TestCase):
    def test_usage(self):
        for args, said in ((["--jsno"], "--jsno: there is no such option"), (["x"], "x: nothing more is expected"),
                           (["--json", "--events"], "--json, --events: one of them"), (["--json=1"], "takes no value")):
            done = demo(*args)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn("handover demo: ", done.stderr.decode())
            self.assertIn(said, done.stderr.decode())
        done = demo("--help")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertTrue(done.stdout.startswith(b"usage: handover demo"))
        self.assertLessEqual(max(map(len, done.stdout.decode().splitlines())), 120)

    def test_full_disk_and_closed_pipe(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BINARY, "demo", "--events"], stdout=full, stderr=subprocess.PIPE, timeout=300, check=False)
        self.assertEqual((done.returncode, done.stderr), (3, b"handover demo: standard output: No space left on device\n"))
        with subprocess.Popen([BINARY, "demo", "--events"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
            run.stdout.close()
            self.assertEqual(run.wait(timeout=300), 3)
            self.assertEqual(run.stderr.read(), b"handover demo: standard output: closed by its reader\n")

    def test_no_folder(self):
        done = demo(env={"TMPDIR": "/nowhere"})
        self.assertEqual((done.returncode, done.stdout), (3, b""))
        self.assertIn("a folder in /nowhere: No such file", done.stderr.decode())

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            folder = tempfile.mkdtemp()
            with subprocess.Popen([BINARY, "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env={**os.environ, "TMPDIR": folder}) as run:
                while not os.listdir(folder) and run.poll() is None:  # while it works
                    time.sleep(0.01)
                run.send_signal(number)
                self.assertEqual(run.wait(timeout=300), 3)
                self.assertEqual(run.stdout.read(), b"")
                self.assertEqual(run.stderr.read(), b"handover demo: interrupted\n")
            self.assertEqual(os.listdir(folder), [])
            os.rmdir(folder)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
