#!/usr/bin/env python3
"""test_bench.py BINARY: `handover bench` without a broker, with tiny numbers: the figures are there and add up, as text and as JSON; what means
no good; and tests/bench/compare.py over two kept runs. How fast anything is, is asserted nowhere."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"
ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPARE = ROOT / "tests/bench/compare.py"
COST = ["cpu_s_per_million", "events_per_s"]
NAMED = "decode, replay, backtest, scale, snapshot; consume, run, latency, restore, audit"


class Story(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def bench(self, *args):
        """Whatever comes of it, nothing stays in TMPDIR."""
        parent = self.folder / "tmp"
        parent.mkdir(exist_ok=True)
        done = subprocess.run([BINARY, "bench", *map(str, args)], capture_output=True, text=True, timeout=120, check=False,
                              env=dict(os.environ, TMPDIR=str(parent)))
        self.assertEqual(list(parent.iterdir()), [])
        return done

    def figures(self, *args):
        done = self.bench(*args, "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)


class Figures(Story):
    def rows(self, result):
        rows = {}
        for figure in result["figures"]:
            self.assertEqual(len(figure["values"]), result["repeat"])
            self.assertEqual((figure["min"], figure["max"]), (min(figure["values"]), max(figure["values"])))
            self.assertEqual(figure["median"], sorted(figure["values"])[(result["repeat"] - 1) // 2])
            rows.setdefault(figure["row"], {})[figure["figure"]] = figure["median"]
        for row, figures in rows.items():
            self.assertGreater(figures["cpu_s_per_million"], 0, row)
            self.assertGreater(figures["events_per_s"], 0, row)
        return rows

    def test_decode(self):
        result = self.figures("decode", "--events", "5000", "--leads", "500", "--repeat", "3")
        self.assertEqual({name: result[name] for name in ("what", "events", "leads", "days", "seed", "uniform", "repeat")},
                         {"what": "decode", "events": 5000, "leads": 500, "days": 90, "seed": 1, "uniform": False, "repeat": 3})
        rows = self.rows(result)
        self.assertEqual(list(rows), ["decode", "decide"])
        self.assertEqual(list(rows["decide"]), [*COST, "rss_mb"])

    def test_replay(self):
        rows = self.rows(self.figures("replay", "--events", "5000", "--leads", "500"))
        self.assertEqual({row: list(figures) for row, figures in rows.items()}, {"lines": COST, "replay": [*COST, "rss_mb"]})

    def test_backtest_against_replay(self):
        rows = self.rows(self.figures("backtest", "--events", "5000", "--leads", "500", "--uniform"))
        self.assertEqual(list(rows), ["lines", "replay", "backtest"])
        self.assertAlmostEqual(rows["backtest"]["times_replay"],
                               rows["backtest"]["cpu_s_per_million"] / rows["replay"]["cpu_s_per_million"], delta=0.001)

    def test_snapshot(self):
        result = self.figures("snapshot", "--events", "3000", "--leads", "20000")
        rows = {}
        for figure in result["figures"]:
            rows.setdefault(figure["row"], {})[figure["figure"]] = figure["median"]
        self.assertEqual({row: list(figures) for row, figures in rows.items()},
                         {"step": ["count", "p50_ms", "p99_ms", "max_ms", "max_cpu_ms"], "snapshot": ["wall_s", "bytes_per_lead"],
                          "back": ["read_s", "load_s", "cpu_ns_per_lead", "state_bytes_per_lead"]})
        self.assertLessEqual(rows["step"]["p50_ms"], rows["step"]["p99_ms"])
        self.assertLessEqual(rows["step"]["p99_ms"], rows["step"]["max_ms"])
        self.assertGreater(rows["snapshot"]["bytes_per_lead"], 20)
        self.assertGreater(rows["back"]["state_bytes_per_lead"], rows["snapshot"]["bytes_per_lead"])

    def test_scale(self):
        rows = self.rows(self.figures("scale", "--events", "3000", "--leads", "20000"))
        self.assertEqual(list(rows), ["10000 leads", "20000 leads"])
        for figures in rows.values():
            self.assertEqual(list(figures), ["state_bytes_per_lead", "first_cpu_s_per_million", *COST, "rss_mb"])
            self.assertGreater(figures["state_bytes_per_lead"], 50)
        self.assertEqual(list(self.rows(self.figures("scale", "--events", "100", "--leads", "7"))), ["7 leads"])

    def test_text(self):
        lines = self.bench("decode", "--events", "1000").stdout.splitlines()
        self.assertEqual(lines[0].split(), ["figure", "value"])
        self.assertRegex(lines[1], r"^  decode  cpu_s_per_million +\d+\.\d{3}$")
        lines = self.bench("decode", "--events", "1000", "--repeat", "2").stdout.splitlines()
        self.assertEqual(lines[0].split(), ["figure", "minimum", "median", "maximum"])
        self.assertEqual(len(lines), 6)

    def test_a_definition_of_ones_own(self):
        rows = self.rows(self.figures("replay", "--events", "2000", "--definition", ROOT / "examples/gitlab/definition.json"))
        self.assertIn("replay", rows)


class Trouble(Story):
    def test_options(self):
        for args, why in (([], "WHAT: is missing"),
                          (["nothing"], f"nothing: is nothing that can be measured: {NAMED}"),
                          (["replay", "decode"], "decode: nothing more is expected here"),
                          (["replay", "--repeat", "101"], "--repeat: a number from 1 to 100 is wanted"),
                          (["replay", "--events", "x"], "--events: a number from 1 to"),
                          (["latency", "--rate", "0"], "--rate: a number from 1 to"),
                          (["latency", "--seconds"], "--seconds: a value is missing"),
                          (["latency", "--set", "bootstrap=x:1", "--rate", "1000000", "--seconds", "101"], "--rate, --seconds: more than 100,000,000"),
                          (["replay", "--nonsense"], "--nonsense: there is no such option"),
                          (["replay", "--set", "threads=2"], "replay: needs no broker"),
                          (["run"], "--settings FILE: is missing (or --set bootstrap=HOST:PORT)"),
                          (["run", "--settings", "-"], "--settings -: is read more than once"),
                          (["latency", "--set", "bootstrap=x:1", "--topic", "t"], "--topic: it makes its events itself"),
                          (["run", "--set", "bootstrap=x:1", "--set", "nonsense=1"], "nonsense"),
                          (["replay", "--definition", "-"], "--definition -: is read more than once"),
                          (["replay", "--definition", "gone.json"], "gone.json: No such file or directory")):
            with self.subTest(args):
                done = self.bench(*args)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(why, done.stderr)

    def test_a_definition_of_no_use(self):
        broken = self.folder / "broken.json"
        broken.write_text('{"handover": 1}')
        done = self.bench("decode", "--definition", broken)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn(f"{broken}:1:1", done.stderr)

    def test_what_a_process_says_is_told(self):
        """Backtest finds no stage of sales in it."""
        document = (ROOT / "config/sample.json").read_text().replace('"owner": "sales"', '"owner": "marketing"')
        one_team = self.folder / "one.json"
        one_team.write_text(document)
        done = self.bench("backtest", "--events", "100", "--definition", one_team)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertRegex(done.stderr, "^handover bench: backtest: `backtest` ended with status 2: ")

    def test_nobody_answers(self):
        done = self.bench("consume", "--set", "bootstrap=127.0.0.1:1")
        self.assertEqual(done.returncode, 3)
        self.assertIn("no broker answers", done.stderr)

    def test_no_room_for_files(self):
        done = subprocess.run([BINARY, "bench", "replay"], capture_output=True, text=True, timeout=300, check=False,
                              env=dict(os.environ, TMPDIR="/nowhere"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("a folder in /nowhere: No such file or directory", done.stderr)

    def test_a_signal_ends_it(self):
        """Children end, too, and nothing is left behind."""
        parent = self.folder / "tmp"
        parent.mkdir()
        with subprocess.Popen([BINARY, "bench", "replay", "--events", "50000000"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              env=dict(os.environ, TMPDIR=str(parent))) as child:
            deadline = time.monotonic() + 300
            while not list(parent.glob("*/events.ndjson")) and time.monotonic() < deadline:
                time.sleep(0.01)
            child.send_signal(signal.SIGTERM)
            self.assertEqual(child.wait(300), 3)
            self.assertIn(b"interrupted", child.stderr.read())
        self.assertEqual(list(parent.iterdir()), [])


class Compared(Story):
    def kept(self, name, **values):
        """A kept run with the row "replay" and these figures."""
        path = self.folder / name
        figures = [{"row": "replay", "figure": figure, "min": value, "median": value, "max": value, "values": [value]}
                   for figure, value in values.items()]
        path.write_text(json.dumps({"what": "replay", "events": 1, "leads": 1, "days": 1, "seed": 1, "uniform": False, "figures": figures}))
        return str(path)

    def compare(self, *args):
        return subprocess.run([sys.executable, str(COMPARE), *args], capture_output=True, text=True, timeout=300, check=False)

    def test_two_real_runs(self):
        paths = []
        for name in ("a", "b"):
            paths.append(self.folder / name)
            paths[-1].write_text(self.bench("decode", "--events", "1000", "--json").stdout)
        done = self.compare(*map(str, paths), "--worse", "1000x")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(len(re.findall(r"^(?:decode|decide) ", done.stdout, re.M)), 5)

    def test_worse(self):
        before = self.kept("before", cpu_s_per_million=1.0, events_per_s=1000, rss_mb=10)
        for after, status in (({"cpu_s_per_million": 1.09, "events_per_s": 950, "rss_mb": 10}, 0),
                              ({"cpu_s_per_million": 1.2, "events_per_s": 1000, "rss_mb": 10}, 1),
                              ({"cpu_s_per_million": 0.5, "events_per_s": 2000, "rss_mb": 1}, 0),
                              ({"cpu_s_per_million": 1.0, "events_per_s": 800, "rss_mb": 10}, 1),
                              ({"cpu_s_per_million": 1.0, "events_per_s": 1000}, 1)):
            with self.subTest(after):
                done = self.compare(before, self.kept("after", **after))
                self.assertEqual(done.returncode, status, done.stdout)
                self.assertEqual("worse" in done.stdout or "gone" in done.stdout, status == 1)
        self.assertEqual(self.compare(before, self.kept("after", cpu_s_per_million=1.2, events_per_s=1000, rss_mb=10), "--worse", "1.3x").returncode, 0)

    def test_what_cannot_be_compared(self):
        good = self.kept("good", rss_mb=1)
        other = self.folder / "other"
        other.write_text(pathlib.Path(good).read_text().replace('"seed": 1', '"seed": 2'))
        for args, why in (((good, str(other)), "seed"), ((good, str(self.folder / "gone")), "gone"), ((good, str(COMPARE)), "compare.py"),
                          ((good, good, "--worse", "0.5x"), "--worse")):
            with self.subTest(args):
                done = self.compare(*args)
                self.assertEqual(done.returncode, 2)
                self.assertIn(why, done.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
