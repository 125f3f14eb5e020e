#!/usr/bin/env python3
"""test_generate.py BINARY: `handover generate`: the same bytes on every machine, events that the sample takes, a pace, and options that mean no
good."""

import calendar
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"
SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "config/sample.json"
DIGEST = "61c91fea1efdebe4e74be0d81225e3ea6f981a9cf72ea2a0ae09ce7fd3c3049d"
UNIFORM = "df65b388581ef0667fbb0bf091f09e3abc0cd9fea392da7da2ea396049e21619"


def generate(*args):
    return subprocess.run([BINARY, "generate", *args], capture_output=True, timeout=300, check=False)


class Bytes(unittest.TestCase):
    def digest(self, *args):
        done = generate(*args)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return hashlib.sha256(done.stdout).hexdigest()

    def test_the_same_everywhere(self):
        """A change of these bytes is a new load: what was measured before cannot be compared any more."""
        self.assertEqual(self.digest("--events", "10000"), DIGEST)
        self.assertEqual(self.digest("--events", "10000", "--zipf", "--seed", "1", "--leads", "100000", "--days", "90"), DIGEST)
        self.assertEqual(self.digest("--events", "10000", "--uniform", "--leads", "500", "--days", "10", "--seed", "7"), UNIFORM)
        self.assertNotEqual(self.digest("--events", "10000", "--seed", "2"), DIGEST)


class Events(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bytes = generate("--events", "20000", "--leads", "2000", "--days", "30").stdout
        cls.events = [json.loads(line) for line in cls.bytes.splitlines()]

    def test_what_is_in_them(self):
        self.assertEqual(len(self.events), 20000)
        self.assertEqual(len({event["messageId"] for event in self.events}), 20000)
        self.assertAlmostEqual(len(self.bytes) / 20000, 365, delta=20)
        self.assertTrue(all(re.fullmatch(r"lead-\d{7}", event["userId"]) for event in self.events))
        times = [event["timestamp"] for event in self.events]
        self.assertEqual(times, sorted(times))
        self.assertEqual((times[0], times[10000]), ("2026-01-01T00:00:00.000Z", "2026-01-16T00:00:00.000Z"))
        names = [event.get("event", event["type"]) for event in self.events]
        self.assertAlmostEqual(names.count("Page Viewed") / 20000, 0.52, delta=0.02)
        self.assertAlmostEqual(names.count("identify") / 20000, 0.08, delta=0.01)
        self.assertEqual(len(set(names)), 17)

    def test_a_lead_stays_who_it_is(self):
        companies = {}
        for event in self.events:
            if "traits" in event:
                company = event["traits"]["company"]
                self.assertEqual(companies.setdefault(event["userId"], company), company)
        self.assertGreater(len(companies), 100)

    def test_the_sample_decides_them(self):
        done = subprocess.run([BINARY, "replay", "--definition", str(SAMPLE), "--summary"], input=self.bytes, capture_output=True,
                              timeout=300, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr.decode(), r"dead letters +0\n")
        stages = {json.loads(line)["data"].get("to") for line in done.stdout.splitlines()}
        self.assertLessEqual({"suspect", "mql", "sql", "opportunity", "customer", "nurture", "recycled"}, stages)


class Pace(unittest.TestCase):
    def test_events_are_of_now(self):
        before = time.time()
        done = generate("--events", "40", "--rate", "100")
        took = time.time() - before
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(took, 0.38)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        seconds = [calendar.timegm(time.strptime(e["timestamp"][:19], "%Y-%m-%dT%H:%M:%S")) for e in lines]
        self.assertEqual(len(lines), 40)
        self.assertGreaterEqual(seconds[0], int(before))
        self.assertLessEqual(seconds[-1], before + took)

    def test_a_signal_ends_it(self):
        with subprocess.Popen([BINARY, "generate", "--events", "100", "--rate", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            self.assertTrue(child.stdout.readline())
            child.send_signal(signal.SIGTERM)
            self.assertEqual(child.wait(300), 3)


class Trouble(unittest.TestCase):
    def test_options(self):
        for args, why in ((["--events", "0"], "--events: a number from 1 to 1000000000 is wanted"),
                          (["--events", "1e6"], "--events: a number"),
                          (["--leads", "100000001"], "--leads: a number from 1 to 100000000 is wanted"),
                          (["--days", "-1"], "--days: a number from 1 to 3650 is wanted"),
                          (["--seed", "99999999999999999999"], "--seed: a number"),
                          (["--rate", "0"], "--rate: a number from 1 to"),
                          (["--rate"], "--rate: a value is missing"),
                          (["--fast"], "--fast: there is no such option"),
                          (["file"], "file: nothing more is expected here"),
                          (["--set", "bootstrap=x:1", "--set", "nonsense=1"], "nonsense")):
            with self.subTest(args):
                done = generate(*args)
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                self.assertIn(why, done.stderr.decode())

    def test_a_reader_that_goes_away(self):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([BINARY, "generate", "--events", "10"], stdout=write, stderr=subprocess.PIPE, timeout=300, check=False)
        os.close(write)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"standard output: closed by its reader", done.stderr)

    def test_nobody_answers(self):
        done = generate("--events", "1", "--set", "bootstrap=127.0.0.1:1")
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"no broker answers", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
