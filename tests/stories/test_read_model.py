#!/usr/bin/env python3
"""test_read_model.py BINARY: `handover report --sqlite`: its views and tables have the figures of --json, of the fortnight and of random
events; docs/read-model.md names every table and column, and its queries say what the report says; files that cannot be written."""

import collections
import decimal
import json
import pathlib
import random
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import reckon  # noqa: E402
from test_report import BINARY, SAMPLE, any_event, change, lines, run  # noqa: E402

DOCUMENT = (HERE.parents[1] / "docs" / "read-model.md").read_text("utf-8")
SEEDS = 60


def small_files():
    """Runs in a child: no file may be larger than 64 KiB."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))


def micros(number):
    return decimal.Decimal(number) / 1000000


class ReadModel(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.fortnight = run("demo", "--json").stdout
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name, "model.db")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def write(self, *args, stdin, status=0):
        """A database anew; the report as JSON, and the connection."""
        self.path.unlink(missing_ok=True)
        done = run("report", "--sqlite", self.path, *args, stdin=stdin)
        self.assertEqual((done.returncode, done.stdout), (status, b""), done.stderr)
        report = json.loads(run("report", "--json", *args, stdin=stdin).stdout, parse_float=decimal.Decimal)
        base = sqlite3.connect(self.path)
        base.row_factory = sqlite3.Row
        self.addCleanup(base.close)
        return report, base

    def rows(self, base, sql):
        return [dict(row) for row in base.execute(sql)]

    # --- the figures ---

    def compare(self, report, base):
        self.assertEqual([tuple(row) for row in base.execute("PRAGMA integrity_check")], [("ok",)])
        self.assertEqual(self.rows(base, "PRAGMA foreign_key_check"), [])
        period = self.rows(base, "SELECT * FROM period")[0]
        self.assertEqual((reckon.shown(period["from_ms"]), reckon.shown(period["to_ms"]), period["definition_name"], period["order_inferred"]),
                         (report["from"], report["to"], report["definition"], report["order_inferred"]))
        self.compare_stages(report, base)
        self.compare_handovers(report, base)
        self.compare_slas(report, base)
        self.compare_log(report, base)
        if report["money"]:
            self.compare_money(report, base)

    def compare_stages(self, report, base):
        times = {row["stage"]: row for row in self.rows(base, "SELECT * FROM stay_times")}
        oldest = dict(base.execute("SELECT stage, max(to_ms - entered_ms) FROM stays, period WHERE entered_ms < to_ms AND coalesce(left_ms >= to_ms, 1) GROUP BY stage"))
        for row, told in zip(self.rows(base, "SELECT * FROM funnel ORDER BY stage"), report["stages"], strict=True):
            stay = times.get(row["stage"], {"count": 0, "median_ms": None, "p90_ms": None})
            money = {name: told[name] for name in told if name.startswith(("pipeline", "entered_"))}
            found = {**money, "stage": row["name"], "owner": row["owner"], "rung": bool(row["rung"]),
                     **{name: row[name] for name in ("at_start", "entered", "left", "at_end", "passed", "left_up", "converted")},
                     "stay": {name: stay[name] for name in ("count", "median_ms", "p90_ms")}, "oldest_ms": oldest.get(row["stage"])}
            self.assertEqual(found, told)
        weeks = collections.defaultdict(dict)
        for row in base.execute("SELECT week_ms, name, entered FROM weeks"):
            weeks[reckon.shown(row["week_ms"])][row["name"]] = row["entered"]
        self.assertEqual(dict(weeks), {week["from"]: week["entered"] for week in report["weeks"]} if report["stages"] else {})
        back = self.rows(base, "SELECT * FROM given_back")
        self.assertEqual(sorted(map(str, ([*row.values()] for row in back))), sorted(map(str, ([*row.values()] for row in report["given_back"]))))

    ANSWERS = ("handed_over", "accepted", "rejected", "returned", "elsewhere", "waiting")

    def compare_money(self, report, base):
        rows = self.rows(base, "SELECT name AS stage, sum(at_end) AS at_end, sum(pipeline_micros) AS pipeline, sum(at_end - pipeline_known) AS pipeline_unknown, "
                               "sum(entered) AS entered, sum(entered_micros) AS entered_value, sum(entered - entered_known) AS entered_unknown FROM money GROUP BY money.stage ORDER BY money.stage")
        for row, told in zip(rows, report["stages"], strict=True):
            self.assertEqual({**row, "pipeline": micros(row["pipeline"]), "entered_value": micros(row["entered_value"])}, {name: told[name] for name in row})
        won = {row["owner"]: (row["won"], micros(row["revenue"])) for row in
               base.execute("SELECT owner, sum(won) AS won, sum(revenue_micros) AS revenue FROM handover_figures GROUP BY owner")}
        self.assertEqual(won, {row["to"]: (row["won"], row["revenue"]) for row in report["handovers"]})

    def sums(self, base, key, where=""):
        figures = ", ".join(f"sum({name}) AS {name}" for name in self.ANSWERS)
        return {row[0]: dict(zip(self.ANSWERS, row[1:])) for row in base.execute(f"SELECT {key}, {figures} FROM handover_figures {where} GROUP BY {key}")}

    def compare_handovers(self, report, base):
        def told(row):
            return {name: row[name] for name in self.ANSWERS}
        self.assertEqual(self.sums(base, "owner"), {row["to"]: told(row) for row in report["handovers"]})
        weeks = {week["from"]: told(week) for week in report["weeks"] if week["handed_over"]}
        self.assertEqual({reckon.shown(week): row for week, row in self.sums(base, "week_ms").items()}, weeks)
        if report["groups"]:
            self.assertEqual(self.sums(base, "value"), {row["value"]: told(row["handovers"]) for row in report["groups"] if row["handovers"]["handed_over"]})
        found = {(row["queue"], row["member"]): {**row, "revenue_micros": micros(row["revenue_micros"])} for row in self.rows(base, "SELECT * FROM members")}
        self.assertEqual(found, {(row["queue"], row["member"]): {
            "queue": row["queue"], "member": row["member"], **told(row["handovers"]), "won": row["handovers"]["won"],
            "revenue_micros": row["handovers"].get("revenue", 0), **row["slas"]} for row in report["members"]})

    def compare_slas(self, report, base):
        names = ("began", "kept", "breached", "running")
        sums = ", ".join(f"sum({name}) AS {name}" for name in names)
        found = {(row["sla"], row["stage"]): {name: row[name] for name in names}
                 for row in base.execute(f"SELECT sla, stage, {sums} FROM sla_figures GROUP BY sla, stage")}
        self.assertEqual(found, {(row["sla"], row["stage"]): {name: row[name] for name in names} for row in report["slas"] if row["began"]})

    def compare_log(self, report, base):
        changes, breaches = (base.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("changes", "breaches"))
        self.assertEqual(changes + breaches, report["log"]["events"])
        self.assertEqual(base.execute("SELECT count(*) FROM leads").fetchone()[0], report["log"]["leads"])
        versions = self.rows(base, "SELECT version, digest, agreed, count(change) FILTER (WHERE time_ms >= from_ms AND time_ms < to_ms) AS changes "
                                   "FROM period, definitions LEFT JOIN changes USING (definition) GROUP BY definition")
        self.assertEqual(sorted(map(str, ({**row, "agreed": bool(row["agreed"])} for row in versions))), sorted(map(str, report["versions"])))
        self.assertEqual(self.rows(base, "SELECT reason, records FROM dead_letters"), report["dead_letters"])

    def test_the_fortnight(self):
        with tempfile.TemporaryDirectory() as folder:
            letters = pathlib.Path(folder, "letters")
            letters.write_bytes(b'{"reason":"no_lead"}\n{"reason":"bad_time"}\n{"reason":"no_lead"}\n')
            for args in [], ["--by", "source"], ["--definition", SAMPLE, "--by", "owner", "--from", "2026-11-06T12:00:00Z"], ["--to", "2026-11-08T00:00:00Z"]:
                with self.subTest(args):
                    self.compare(*self.write("--dead-letters", letters, *args, stdin=self.fortnight))
        self.compare(*self.write(stdin=b""))

    def test_random_events(self):
        for seed in range(SEEDS):
            r = random.Random(seed)
            published = lines(any_event(r) for _ in range(r.randint(1, 60))).replace(b"1e+30", b"1e+3").replace(b"8999999999999.5", b"89.5")
            period = [part for option, minute in (("--from", 0), ("--to", 1), ("--to", 10)) if r.random() < 0.4
                      for part in (option, f"2026-03-02T00:{minute:02}:{r.randrange(6) + 1:02}Z")]
            by = r.choice([[], ["--by", r.choice(["owner", "member", "queue", "version", "source"])]])
            amount = r.choice([[], ["--amount", "worth"]])
            with self.subTest(seed):
                self.compare(*self.write(*by, *amount, *period, stdin=published))

    def test_facts(self):
        events = [change("a", "new", "sql", 0, 5, 1, skipped=["mql"], reason="r", route={"queue": "q", "assignee": "ana"},
                         due=[{"sla": "answer", "by": "2026-03-02T04:00:00Z"}, {"sla": "answer", "by": "2026-03-02T04:00:00Z"}],
                         attributes={"source": "fair"}, definition={"name": "d", "version": 1.5, "digest": "x", "agreed": True})]
        _, base = self.write("--by", "source", stdin=lines(events))
        self.assertEqual(self.rows(base, "SELECT changes.*, name, version, (SELECT name FROM skipped JOIN stages USING (stage)) AS skipped FROM changes JOIN leads USING (lead) JOIN definitions USING (definition)"),
                         [{"change": 1, "id": "t/0/1/0", "lead": 1, "time_ms": reckon.ms("2026-03-02T00:00:05Z"), "since_ms": reckon.ms("2026-03-02T00:00:00Z"),
                           "from_stage": "new", "to_stage": "sql", "move": None, "reason": "r", "queue": "q", "member": "ana", "definition": 1,
                           "value": "fair", "micros": None, "name": "a", "version": "1.5", "skipped": "mql"}])
        self.assertEqual([tuple(row) for row in base.execute("SELECT * FROM due")], [(1, "answer", reckon.ms("2026-03-02T04:00:00Z"))] * 2)

    def test_the_same_bytes(self):
        self.write(stdin=self.fortnight)
        once = self.path.read_bytes()
        self.write(stdin=self.fortnight)
        self.assertEqual(self.path.read_bytes(), once)

    # --- the document ---

    def test_every_column_is_documented(self):
        _, base = self.write(stdin=self.fortnight)
        self.assertEqual([base.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")],
                         [int(number) for number in re.search(r"application_id` is (\d+).*?user_version` is (\d+)", DOCUMENT, re.S).groups()])
        named = {}
        for heading, text in re.findall(r"^## `(\w+)`\n(.*?)(?=^## )", DOCUMENT, re.M | re.S):
            named[heading] = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", text, re.M)))
        for view, text in re.findall(r"^\| `(\w+)` \| (.*) \|$", DOCUMENT[DOCUMENT.index("## Views"):], re.M):
            named[view] = re.findall(r"`(\w+)`", text)
        found = {name: [column[1] for column in base.execute(f"PRAGMA table_info({name})")]
                 for name, in base.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")}
        self.assertEqual({name: sorted(columns) for name, columns in named.items() if name != "members"},
                         {name: sorted(columns) for name, columns in found.items() if name != "members"})
        self.assertIn("members", named)

    def test_the_documents_queries(self):
        report, base = self.write("--definition", SAMPLE, "--by", "source", "--amount", "employees", stdin=self.fortnight)
        queries = [self.rows(base, sql) for sql in re.findall(r"```sql\n(.*?)```", DOCUMENT, re.S)]
        funnel, weeks, reasons, worth, waiting = queries
        self.assertEqual([(row["name"], row["entered"], row["converted"], row["median_hours"] and round(row["median_hours"] * 3600000)) for row in funnel],
                         [(row["stage"], row["entered"], row["converted"], row["stay"]["median_ms"]) for row in report["stages"] if row["rung"]])
        self.assertEqual([[*row.values()] for row in weeks],
                         [[week["from"][:10], week["handed_over"], week["accepted"], week["rejected"]] for week in report["weeks"]])
        self.assertEqual(sum(row["rejections"] for row in reasons), sum(row["rejected"] for row in report["handovers"]))
        self.assertEqual(sum(row["pipeline"] for row in worth), report["money"]["pipeline"])
        self.assertEqual([(row["source"], row["revenue"]) for row in worth if row["revenue"]],
                         [(row["value"], top["entered_value"]) for row in report["groups"] for top in row["stages"] if top["stage"] == "customer" and top["entered_value"]])
        self.assertGreater(sum(row["revenue"] or 0 for row in worth), 0)
        self.assertEqual(len(waiting), sum(row["waiting"] for row in report["handovers"]))
        self.assertEqual(waiting[0]["hours"], max(row["oldest_ms"] for row in report["handovers"]) // 3600000)

    # --- files ---

    def refused(self, *args, status):
        done = subprocess.run([BINARY, "report", "--sqlite", *map(str, args)], input=self.fortnight, capture_output=True, timeout=300, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr.decode()

    def test_a_file_that_is_there(self):
        self.path.write_text("mine")
        self.path.chmod(0o640)
        self.assertIn("is there already; --force", self.refused(self.path, status=2))
        self.assertEqual(self.path.read_text(), "mine")
        self.assertEqual(self.refused(self.path, "--force", status=0), "")
        self.assertEqual((self.path.read_bytes()[:15], self.path.stat().st_mode & 0o777), (b"SQLite format 3", 0o640))
        self.assertEqual(list(self.path.parent.iterdir()), [self.path])

    def test_a_file_that_cannot_be_written(self):
        self.assertIn("cannot be written: No such file", self.refused(self.path.parent / "no" / "where.db", status=3))
        before = self.path.read_bytes() if self.path.exists() else None
        small = [BINARY, "report", "--sqlite", str(self.path), "--force"]
        done = subprocess.run(small, input=self.fortnight, capture_output=True, timeout=300, check=False,
                              preexec_fn=small_files)
        self.assertEqual((done.returncode, self.path.read_bytes() if self.path.exists() else None), (3, before), done.stderr)
        self.assertIn(b"cannot be written", done.stderr)
        self.assertEqual([path for path in self.path.parent.iterdir() if path != self.path], [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
