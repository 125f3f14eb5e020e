#!/usr/bin/env python3
"""test_report.py BINARY [--update]: `handover report`: what it says of the demo's fortnight, word by word (report.txt, report.json and
report.html beside this file; --update writes them anew); that a second reckoning (reckon.py) has the same figures, of the fortnight and of
random logs (tests/oracle); and what it says of files that are of no use."""

import csv
import decimal
import io
import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import unittest
from html.parser import HTMLParser

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "oracle")]

import reckon  # noqa: E402
from definition import Definition  # noqa: E402
from random_logs import random_case  # noqa: E402

UPDATE = "--update" in sys.argv
BINARY = next((a for a in sys.argv[1:] if a != "--update"), "handover")
SAMPLE = ROOT / "config" / "sample.json"
SEEDS = 150
HOSTILE = "</text><script>alert(1)</script>\x1b[31m\u202e"


def run(*args, stdin=None, binary=BINARY):
    return subprocess.run([binary, *map(str, args)], input=stdin, capture_output=True, timeout=300, check=False)


def change(who, origin, target, start, time, n, **more):
    """A published change of the second `time`, as a dict."""
    moment = "2026-03-02T00:{:02}:{:02}.000Z".format
    data = {"lead": who, "from": origin, "to": target, "entry": 1, "skipped": [],
            "owner": "sales" if target == "sql" else "marketing", "since": moment(*divmod(start, 60)), "cause": {"kind": "event", "name": "x"}, "reason": None, "next": None, "route": None,
            "due": [], "attributes": {}, "definition": {"name": "d", "version": 1, "digest": "sha256:0", "agreed": True}, **more}
    return {"specversion": "1.0", "id": f"t/0/{n}/0", "type": "lead.stage.changed", "subject": who,
            "time": moment(*divmod(time, 60)), "data": data}


def enriched(r, line):
    """With a reason, or a route, more often than a random definition has one."""
    event = json.loads(line)
    if r.random() < 0.3 and event["type"] == "lead.stage.changed":
        event["data"]["reason"] = r.choice(["no budget", "wrong person", ""])
    if r.random() < 0.3:
        event["data"]["route"] = {"queue": r.choice("pq"), "assignee": r.choice(["ana", "bo", None])}
    return json.dumps(event).encode() + b"\n"


def any_event(r):
    """A change or a breach at random: nothing follows from anything, ids repeat."""
    since = r.choice([0, 0, 1, 2, 5, 60, 600])
    stages = ["new", "mql", "sql", "won", "nurture"]
    amount = r.choice([0, 1, -2.5, 1234.567891, 0.0000005, -0.0000005, 0.00000049, 1e-9, 3e3, 1e30, -1e30, 8999999999999.5, "9", None, True,
                       r.randrange(10**9) / 100])
    event = change(r.choice("abc"), r.choice(stages), r.choice(stages), since, since + r.choice([0, 0, 1, 3, 60]), r.randrange(60),
                   owner=r.choice(["marketing", "sales"]), reason=r.choice([None, "no", ""]), skipped=r.choice([[], ["mql"], ["mql", "sql"]]),
                   next=r.choice([None, {"stage": r.choice(stages), "missing": []}]), attributes={"source": r.choice([True, 7, "fair", ""]), **r.choice([{}, {"worth": amount}])},
                   route=r.choice([None, {"queue": "q", "assignee": None}, {"queue": "q", "assignee": "ana"}]),
                   cause=r.choice([{"kind": "event", "move": "m"}, {"kind": "move", "name": "n"}, {"kind": "climb"}]),
                   due=[{"sla": sla, "by": f"2026-03-02T00:{r.randrange(20):02}:00.000Z"} for sla in r.choice([[], ["answer"], ["answer", "call"]])])
    data = event["data"]
    if r.random() < 0.2:
        data["stage"], data["sla"] = data.pop("from"), r.choice(["answer", "call"])
        event["type"] = "lead.sla.breached"
    return event


def lines(events):
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def csv_rows(raw):
    """A file of CSV: a byte order mark, CRLF behind each row, nothing else."""
    text = raw.decode("utf-8")
    assert text.startswith("\ufeff") and text.endswith("\r\n")
    head, *rows = csv.reader(io.StringIO(text[1:], newline=""), strict=True)
    assert len(set(head)) == len(head) and all(len(row) == len(head) for row in rows)
    return [dict(zip(head, row)) for row in rows]


def shown_in_csv(value):
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def flat(row):
    """A row of the report's JSON with the names of CSV."""
    cells = {}
    for name, value in row.items():
        if not isinstance(value, dict):
            cells[name] = value
        elif name in ("stay", "answer"):
            cells.update(value)
        elif name == "handovers":
            cells.update(flat(value))
        else:  # entered, slas
            cells.update({f"{name}_{inner}": one for inner, one in value.items()})
    return cells


class Tags(HTMLParser):
    """Which tags there are, and whether each is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes = [], set(), set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> in {self.open}"
        self.open.pop()


class Report(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.fortnight = run("demo", "--json").stdout
        cls.letters = b'{"reason":"no_lead","detail":"","topic":"t","partition":0,"offset":1,"value":""}\n'

    def report(self, *args, stdin=None, status=0):
        done = run("report", *args, stdin=stdin)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return (done.stdout if status == 0 else done.stderr).decode()

    def golden(self, name, text):
        if UPDATE:
            (HERE / name).write_text(text, "utf-8")
        self.assertEqual((HERE / name).read_text("utf-8"), text)

    def well_formed(self, page):
        tags = Tags()
        tags.feed(page)
        self.assertEqual(tags.open, [])
        self.assertFalse(tags.seen & {"script", "img", "link", "iframe", "a", "image", "use", "foreignobject"})
        self.assertFalse({name for name in tags.attributes if name.startswith("on") or name in ("href", "src", "style")})

    # --- the fortnight ---

    def test_the_fortnight(self):
        self.golden("report.txt", self.report("--definition", SAMPLE, "--by", "source", stdin=self.fortnight))

    def test_the_fortnight_as_json(self):
        text = self.report("--json", "--by", "member", stdin=self.fortnight)
        self.golden("report.json", json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n")

    def test_the_fortnight_as_html(self):
        page = self.report("--html", "--definition", SAMPLE, stdin=self.fortnight)
        self.well_formed(page)
        self.assertNotIn("http", page)
        self.assertEqual(page.count("<td"), page.count(' data-head="'))  # what a narrow window shows in place of the head's row
        self.golden("report.html", page)

    def test_each_table_of_the_page_has_its_head(self):
        page = self.report("--html", "--by", "source", "--amount", "employees", stdin=self.fortnight)
        for table in page.split("<table>")[1:]:
            head, *rows = table[:table.index("</table>")].split("<tr>")[1:]
            self.assertEqual({row.count("<td") for row in rows}, {head.count("<th")})
            self.assertNotIn("<th", "".join(rows))

    def test_the_inferred_order_is_the_defined_one(self):
        inferred = json.loads(self.report("--json", stdin=self.fortnight))
        defined = json.loads(self.report("--json", "--definition", SAMPLE, stdin=self.fortnight))
        self.assertTrue(inferred["order_inferred"] and not defined["order_inferred"])
        rungs = [[(row["stage"], row["owner"]) for row in report["stages"] if row["rung"]] for report in (inferred, defined)]
        self.assertEqual(*rungs)

    # --- a second reckoning ---

    def reckoned(self, published, definition=None, by=None, start=None, end=None, order=None, amount=None):
        """Compares the report with the second reckoning; returns the report."""
        args = ["--json"]
        if definition:
            args += ["--definition", definition]
        if by:
            args += ["--by", by if by in ("owner", "member", "queue", "version") else f"attribute={by}"]
        args += ["--amount", amount] if amount else []
        for option, time in (("--from", start), ("--to", end)):
            args += [option, reckon.shown(time)] if time is not None else []
        report = json.loads(self.report(*args, stdin=b"".join(order or published)), parse_float=decimal.Decimal)
        ladder = [(row["stage"], row["owner"], row["rung"]) for row in report["stages"]]
        slas, replaces = [], {}
        if definition:
            agreed = Definition(pathlib.Path(definition).read_text("utf-8"))
            slas, replaces = [(sla["name"], sla["stage"]) for sla in agreed.slas], agreed.replaces
            stages = [(name, agreed.stages[name]["owner"], True) for name in agreed.ladder]
            stages += [(name, stage["owner"], False) for name, stage in agreed.stages.items() if name not in agreed.ladder]
            self.assertEqual(ladder[:len(stages)], stages)
        second = reckon.Reckoning(map(json.loads, published), ladder, by, start, end, replaces, slas, amount)
        self.assertEqual(reckon.comparable(report), second.said())
        return report

    def test_the_fortnight_reckoned_again(self):
        published = self.fortnight.splitlines(True)
        middle = reckon.ms("2026-11-06T12:00:00Z")
        for by in (None, "owner", "member", "queue", "version", "source", "employees"):
            for start, end in ((None, None), (middle, None), (None, middle), (middle, middle + 3 * reckon.DAY), (0, 1)):
                for definition in (None, SAMPLE):
                    with self.subTest(by=by, start=start, end=end, definition=definition):
                        self.reckoned(published, definition, by, start, end)

    def test_any_order_and_twice(self):
        published = self.fortnight.splitlines(True)
        once = json.loads(self.report("--json", "--by", "source", stdin=self.fortnight))
        for seed in range(5):
            shuffled = published + published[:7]
            random.Random(seed).shuffle(shuffled)
            again = json.loads(self.report("--json", "--by", "source", stdin=b"".join(shuffled)))
            self.assertEqual(again["log"].pop("duplicates"), 7)
            self.assertEqual({**again, "log": None}, {**once, "log": None})

    def test_random_logs(self):
        changes = 0
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(SEEDS):
                r = random.Random(seed)
                at = pathlib.Path(folder, str(seed))
                done = run("replay", *random_case(seed).save(at))
                if done.returncode != 0:
                    continue
                published = [enriched(r, line) for line in done.stdout.splitlines(True)]
                changes += len(published)
                times = [reckon.ms(json.loads(line)["time"]) for line in published] or [reckon.DAY]
                start, end = sorted(r.choices([*times, min(times) - 1, max(times) + 1], k=2))
                definition = r.choice([None, max(at.glob("definition-*.json"))])
                by = r.choice([None, "owner", "member", "queue", "version", "n", "t", "b"])
                order = r.sample(published, len(published))
                if r.random() < 0.3:
                    published = published[r.randrange(len(published) + 1):]  # what retention left
                    order = published
                with self.subTest(seed):
                    self.reckoned(published, definition, by, r.choice([None, start]), r.choice([None, max(end, start + 1)]), order,
                                  r.choice([None, "n"]))
        self.assertGreater(changes, SEEDS)

    def test_random_events(self):
        for seed in range(SEEDS):
            r = random.Random(seed)
            published = lines(any_event(r) for _ in range(r.randint(1, 60))).splitlines(True)
            start, end = (reckon.ms(f"2026-03-02T00:{minute:02}:{r.randrange(6):02}Z") for minute in (0, r.choice([0, 1, 10])))
            by = r.choice([None, "owner", "member", "queue", "version", "source"])
            with self.subTest(seed):
                self.reckoned(published, None, by, r.choice([None, start]), r.choice([None, max(end, start + 1)]), amount=r.choice([None, "worth"]))

    # --- CSV ---

    def tables(self, *args, stdin):
        """The report as CSV: name of the file -> rows as dicts of texts."""
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder, "out")
            self.assertEqual(self.report("--csv", out, *args, stdin=stdin), "")
            return {path.stem: csv_rows(path.read_bytes()) for path in out.iterdir()}

    def test_csv_has_the_figures_of_json(self):
        for args in [], ["--by", "source", "--amount", "employees"], ["--definition", SAMPLE, "--by", "owner", "--from", "2026-11-06T12:00:00Z"]:
            with tempfile.TemporaryDirectory() as folder:
                letters = pathlib.Path(folder, "letters")
                letters.write_bytes(self.letters * 3)
                args = [*args, "--dead-letters", letters]
                report = json.loads(self.report("--json", *args, stdin=self.fortnight))
                tables = self.tables(*args, stdin=self.fortnight)
            self.assertEqual(sorted(tables), sorted(["report", "unseen", "stages", "handovers", "given_back", "slas", "members", "weeks",
                                                     "groups", "group_stages", "group_shares", "money", "money_weeks", "versions", "dead_letters"]))
            figures = {row["figure"]: row["value"] for row in tables["report"]}
            self.assertEqual(figures, {name: shown_in_csv(value) for name, value in {**report, **report["log"], **(report["money"] or {"amount": None})}.items() if name in figures})
            for name in "stages", "handovers", "given_back", "slas", "members", "weeks", "groups", "versions", "dead_letters":
                self.assertEqual(len(tables[name]), len(report[name]))
                for row, told in zip(tables[name], map(flat, report[name])):
                    self.compare_row(row, told)
            told = [{"value": group["value"], **flat(row)} for group in report["groups"] for row in group["stages"]
                    if row["at_start"] or row["entered"] or row["passed"]]
            self.compare_money(tables, report)
            self.assertEqual(len(tables["group_stages"]), len(told))
            for row, one in zip(tables["group_stages"], told):
                self.compare_row(row, one)

    def compare_money(self, tables, report):
        for row, told in zip(tables["group_shares"], report["groups"], strict=True):
            self.assertEqual({name: row[f"{name}_share"] for name in told["shares"]}, {name: f"{part:.4f}" if part is not None else "" for name, part in told["shares"].items()})
            top = [stage for stage in told["stages"] if stage["rung"]][-1]
            self.assertEqual(row["wins"], str(top["entered"]))
            if report["money"]:
                below = [stage["pipeline"] for stage in told["stages"] if stage["rung"]][:-1]
                self.assertEqual((float(row["revenue"]), float(row["pipeline"])), (top["entered_value"], sum(below)))
        if not report["money"]:
            self.assertEqual((tables["money"], tables["money_weeks"]), ([], []))
            return
        for row, told in zip(tables["money"], report["stages"], strict=True):
            self.compare_row(row, told)
        for row, told in zip(tables["money_weeks"], report["weeks"], strict=True):
            self.assertEqual(row, {"from": told["from"][:10], **{f"pipeline_{stage}": shown_in_csv(sum) for stage, sum in told["pipeline"].items()},
                                   "revenue": shown_in_csv(told["revenue"]), "revenue_unknown": shown_in_csv(told["revenue_unknown"])})
        figures = {row["figure"]: row["value"] for row in tables["report"]}
        self.assertEqual({name: figures[name] for name in report["money"]}, {name: shown_in_csv(value) for name, value in report["money"].items()})

    def compare_row(self, row, told):
        """Each cell of the row is what JSON says; above the highest rung nobody converts, and of rates JSON has the parts."""
        for name, text in row.items():
            if name == "rate" or name == "slas_rate" or (name == "converted" and text == ""):
                continue
            value = shown_in_csv(told[name])
            self.assertEqual(text, value[:len("2026-11-02")] if name == "from" and "entered_universe" in row else value, (name, row, told))
        if row.get("rate") and "accepted" in row:
            self.assertAlmostEqual(float(row["rate"]), told["accepted"] / (told["handed_over"] - told["waiting"]), 4)
        elif row.get("rate") and "converted" in row:
            self.assertAlmostEqual(float(row["rate"]), told["converted"] / told["entered"], 4)

    def test_csv_is_no_formula(self):
        names = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", 'a"b,c\r\nd', "plain", "'", ""]
        events = [change(f"a{i}", "new", "sql", 0, 5, i, reason=name, attributes={"source": name}) for i, name in enumerate(names)]
        tables = self.tables("--by", "source", stdin=lines(events))
        self.assertEqual(sorted(row["value"] for row in tables["groups"]),
                         sorted("'" + name if number < 11 else name for number, name in enumerate(names)))
        odd = [change("a", "=new", "+sql", 0, 5, 1, owner="@x", definition={"name": "-d", "version": 1, "digest": "=", "agreed": True})]
        tables = self.tables(stdin=lines(odd))
        self.assertEqual([(row["stage"], row["owner"]) for row in tables["stages"]], [("'=new", "'@x"), ("'+sql", "'@x")])
        self.assertIn("entered_=new", tables["weeks"][0])
        self.assertEqual(tables["report"][0]["value"], "'-d")

    def test_csv_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder, "out")
            self.report("--csv", out, stdin=self.fortnight)
            before = (out / "stages.csv").read_bytes()
            self.assertIn("is not empty; --force", self.report("--csv", out, stdin=b"", status=2))
            self.assertEqual((out / "stages.csv").read_bytes(), before)
            (out / "mine").write_text("mine")
            self.report("--csv", out, "--force", stdin=b"")
            self.assertNotEqual((out / "stages.csv").read_bytes(), before)
            self.assertEqual((out / "mine").read_text(), "mine")
            self.report("--csv", out, "--force", stdin=self.fortnight)
            self.assertEqual((out / "stages.csv").read_bytes(), before)
            for path in out.glob("*.csv"):
                path.unlink()
            (out / "stages.csv").mkdir()
            self.assertIn("cannot be replaced", self.report("--csv", out, "--force", stdin=self.fortnight, status=3))
            self.assertEqual(sorted(path.name for path in out.iterdir()), ["mine", "stages.csv"])
            self.assertIn("No such file", self.report("--csv", out / "no" / "where", stdin=self.fortnight, status=3))

    # --- what is odd ---

    def test_what_is_not_in_the_log(self):
        events = [change("a", "mql", "sql", 10, 20, 1), change("a", "mql", "sql", 40, 50, 3)]
        log = json.loads(self.report("--json", stdin=lines(events)))["log"]
        self.assertEqual((log["missing_changes"], log["leads"]), (1, 1))
        text = self.report(stdin=lines(events))
        self.assertIn("Changes that are missing in the log: 1.", text)
        self.assertIn("Conserved", text)

    def test_other_types_are_counted(self):
        events = [{"type": "something else"}, {"no": "type"}, change("a", "new", "sql", 0, 5, 1)]
        self.assertIn("Lines of other types, which count for nothing: 2.", self.report(stdin=lines(events)))
        self.assertIn("Stage changes: 0.", self.report(stdin=b"\n \t\r\n"))
        for form in "--json", "--html":
            self.report(form, stdin=b"")

    def test_hostile_names(self):
        events = [change(HOSTILE, HOSTILE, "sql", 0, 5, 1, route={"queue": HOSTILE, "assignee": HOSTILE}, owner=HOSTILE,
                         reason=HOSTILE, attributes={"source": HOSTILE},
                         definition={"name": HOSTILE, "version": 1, "digest": HOSTILE, "agreed": True}),
                  change(HOSTILE, "sql", HOSTILE, 5, 9, 2, reason=HOSTILE,
                         definition={"name": HOSTILE, "version": 1, "digest": "", "agreed": False})]
        page = self.report("--html", "--by", "source", stdin=lines(events))
        self.well_formed(page)
        self.assertIn("&lt;script&gt;", page)
        text = self.report("--by", "source", stdin=lines(events))
        self.assertNotRegex(text, "\x1b|\u202e")

    def test_dead_letters(self):
        with tempfile.TemporaryDirectory() as folder:
            plain, kcat = pathlib.Path(folder, "plain"), pathlib.Path(folder, "kcat")
            plain.write_bytes(self.letters * 2 + self.letters.replace(b"no_lead", b"bad_time"))
            kcat.write_bytes(b'{"topic":"t","partition":0,"offset":1,"headers":["reason","no_name","detail","x"],"key":null,"payload":"\xff"}\n')
            expected = [{"reason": "bad_time", "records": 1}, {"reason": "no_lead", "records": 2}]
            report = json.loads(self.report("--json", "--dead-letters", plain, stdin=self.fortnight))
            self.assertEqual(report["dead_letters"], expected)
            self.assertRegex(self.report("--dead-letters", plain, stdin=self.fortnight), r"Dead letters\n.*\n  bad_time +1\n  no_lead +2\n")
            report = json.loads(self.report("--json", "--envelope", "kcat", "--dead-letters", kcat, stdin=b""))
            self.assertEqual(report["dead_letters"], [{"reason": "no_name", "records": 1}])
            kcat.write_bytes(b'{"headers":["detail","x"]}\n')
            self.assertIn("line 1: no header", self.report("--envelope", "kcat", "--dead-letters", kcat, stdin=b"", status=2))

    def test_kcat(self):
        quoted = b"".join(json.dumps({"topic": "stage-changes", "partition": 0, "offset": i, "payload": line.decode()}).encode() + b"\n"
                          for i, line in enumerate(self.fortnight.splitlines()))
        self.assertEqual(self.report("--envelope", "kcat", stdin=quoted), self.report(stdin=self.fortnight))
        self.assertIn("line 1: not what `kcat -J` prints", self.report("--envelope", "kcat", stdin=b"{}\n", status=2))

    def test_lines_of_no_use(self):
        good = change("a", "new", "sql", 0, 5, 1)
        wrong = [b"{", b"[]", b'{"type":"lead.stage.changed"}', b"{}x",
                 *(lines([{**good, **bad}]) for bad in ({"id": "t/0/x/0"}, {"id": "1/2/3"}, {"id": 7}, {"time": "now"})),
                 *(lines([change("a", "new", "sql", 0, 5, 1, **bad)]) for bad in (
                     {"lead": ""}, {"from": None}, {"to": 3}, {"owner": None}, {"due": [{"sla": 1}]}, {"since": "2027-01-01T00:00:00Z"},
                     {"definition": {"name": "d"}}))]
        for line in wrong:
            with self.subTest(line):
                self.assertIn("handover report: standard input: line 3: ", self.report(stdin=lines([good]) + b"\n" + line, status=2))
        other = change("b", "new", "sql", 0, 5, 2, definition={"name": "e", "version": 1, "digest": "", "agreed": True})
        self.assertIn("another definition", self.report(stdin=lines([good, other]), status=2))
        many = [change(str(i), "new", "mql", 0, 5, i, attributes={"source": i}) for i in range(10001)]
        self.assertIn("more than 10000 values", self.report("--by", "source", stdin=lines(many), status=2))
        many = [change("a", f"s{i}", f"s{i + 1}", i, i + 1, i) for i in range(64)]
        self.assertIn("line 64: more than 64 stages", self.report(stdin=lines(many), status=2))

    def test_a_definition_that_does_not_fit(self):
        event = change("a", "visitor", "sql", 0, 5, 1)
        self.assertIn("another one", self.report("--definition", SAMPLE, stdin=lines([event]), status=2))
        event["data"]["definition"]["name"] = "acme-qualified-lead"
        self.assertIn("Stages that the definition does not have: 1.", self.report("--definition", SAMPLE, stdin=lines([event])))

    def test_what_fails_outside(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BINARY, "report"], input=self.fortnight, stdout=full, stderr=subprocess.PIPE, timeout=300, check=False)
        self.assertEqual((done.returncode, done.stderr), (3, b"handover report: standard output: cannot be written\n"))
        for number in signal.SIGINT, signal.SIGTERM:
            with subprocess.Popen([BINARY, "report"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                process.stdin.write(self.fortnight * 20)  # more than a pipe holds: it reads by now
                process.stdin.flush()
                process.send_signal(number)
                self.assertEqual(process.wait(timeout=300), 3)
                self.assertEqual(process.stderr.read(), b"handover report: interrupted: there is no report\n")
                self.assertEqual(process.stdout.read(), b"")

    def test_no_broker(self):
        said = self.report("--set", "bootstrap=127.0.0.1:1", "--set", "inputs=a", stdin=b"", status=3)
        self.assertTrue(said.startswith("handover report: 127.0.0.1:1: "), said)
        self.assertIn("refused", said)

    def test_refusals(self):
        for args, words in ((["--by", "x"], "--by: is owner"), (["--by", "attribute="], "--by: is owner"), (["--from", "x"], "--from: is a time"),
                            (["--from", "2026-01-01T00:00:00Z", "--to", "2026-01-01T00:00:00Z"], "--to: is not after --from"),
                            (["--json", "--html"], "one of them, please"), (["--csv", "x", "--json"], "one of them"),
                            (["--force"], "--force: goes with --csv"), (["--csv", "/dev/null"], "/dev/null: Not a directory"), (["--envelope", "x"], "none or kcat"), (["--to"], "a value is missing"),
                            (["--definition", "/nowhere"], "No such file"), (["/nowhere"], "No such file"), (["--x"], "no such option"),
                            (["-", "--dead-letters", "-"], "once only"), (["--settings"], "a value is missing"),
                            (["--settings", "x", "y"], "--settings: reads from Kafka: no FILE"), (["--set", "a=b", "--dead-letters", "-"], "reads from Kafka"),
                            (["--set", "a=b", "--envelope", "none"], "reads from Kafka"), (["--settings", "/nowhere"], "No such file"),
                            (["--settings", "-", "--definition", "-"], "once only"), (["--set", "nothing=1"], "nothing"),
                            (["--set", "inputs=a", "--set", "bootstrap=b", "-X", "security.protocol=x"], "settings: ")):
            with self.subTest(args):
                self.assertIn(words, self.report(*args, stdin=b"", status=2))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
