#!/usr/bin/env python3
"""test_init.py BINARY: `handover init`: whatever is answered, by flags or on a terminal, what it writes is good, strictly checked, and
passes its own tests; what it refuses leaves nothing behind."""

import datetime
import itertools
import json
import os
import pathlib
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import zoneinfo

import terminal

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"
BINARY = str(pathlib.Path(BINARY).resolve()) if os.sep in BINARY else BINARY
NAMES = {"definition.json", "definition.test.json"}
COMBINATIONS = 250
SEED = 20261124

ODD = 'Ärger "&" Söhne \\'
CHOICES = {
    "company": ["Acme", ODD, "日本", "%{name} %s */ //", "-x- 12", "a" * 100],
    "zone": ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"],
    "hours": ["mon-fri 09:00-17:00", "mon-fri 09:00-12:30,13:30-17:30", "mon-sun 00:00-24:00", "tue 10:00-18:00", "sat-sun 22:00-24:00"],
    "sales": ["-", "ana", "ana, bo, chloe", "emea: ana, bo; americas: eli", 'Süd "1": x\\y; Nord:', "a: b;c:d ; e : f,g"],
    "page": ["Page Viewed", "-", 'P"\\'], "download": ["Content Downloaded", "-", "%if x"], "webinar": ["Webinar Attended", "-", "W, 1"],
    "trial": ["Trial Started", "-", "Jeu d’essai"], "demo": ["Demo Requested", "-", "D\u2028emo"], "unsubscribed": ["Unsubscribed", "-"],
    "accepted": ["Lead Accepted", "SAL"], "rejected": ["Lead Rejected", "*no*"],
    "opportunity": ["Opportunity Created", "-"], "won": ["Opportunity Won", "-"], "lost": ["Opportunity Lost", "-"],
    "size": ["50", "-", "1", "10000000"], "industries": ["-", "software", 'retail, "A & B" , Öl'], "countries": ["-", "DE", "DE, AT, CH"],
    "threshold": ["40", "1", "8", "16", "25", "30", "99", "100"], "sla": ["4h", "5m", "30m", "90m", "2h"], "bant": ["yes", "no"],
    "effective-from": ["2026-01-01", "2025-06-15", "2024-02-29"],
}
EVENTS = ("page", "download", "webinar", "trial")
DAY = {"effective-from": "2026-01-01"}  # by default it is the first of a year that may end between two runs
FROM = ("--effective-from=2026-01-01",)


def plain(path):
    """The tree of a file of JSON with // comments."""
    text = pathlib.Path(path).read_text("utf-8")
    return json.loads(re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*', lambda m: m[1] or "", text))


def run(*args, cwd=None, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE):
    return subprocess.run([BINARY, *args], cwd=cwd, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=300, check=False)


def working_deadline(start, within_min, zone, hours):
    """By walking minute after minute."""
    days, ranges = hours.split(" ")
    week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    first, last = week.index(days[:3]), week.index(days[-3:])
    opening = [tuple(int(t[:2]) * 60 + int(t[3:]) for t in r.split("-")) for r in ranges.split(",")]
    at, left = start, within_min
    while left:
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        new_year = (local.month, local.day) == (1, 1)
        left -= first <= local.weekday() <= last and not new_year and any(a <= minute < b for a, b in opening)
        at += datetime.timedelta(minutes=1)
    return at


def milliseconds(offset):
    unit = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    return sum(int(n) * unit[u] for n, u in re.findall(r"(\d+)([dhms])", offset))


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())

    def tearDown(self):
        shutil.rmtree(self.folder)

    def there(self, folder="."):
        return {p.name for p in (self.folder / folder).iterdir()}


class Answers(Folder):
    def init(self, choice, folder):
        flags = [f"--{name}={value}" for name, value in choice.items()]
        return run("init", "--yes", *flags, str(self.folder / folder))

    def judge(self, choice, folder):
        done = self.init(choice, folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""), f"{choice}\n{done.stdout}")
        definition, tests = self.folder / folder / "definition.json", self.folder / folder / "definition.test.json"
        self.assertIn("0 failed", done.stdout)
        strict = run("check", "--strict", "--json", str(definition))
        advice = [a["why"] for a in json.loads(strict.stdout)["definitions"][0]["advice"]]
        # A high threshold, or few kinds of events: check says rightly that many are needed. By default there is nothing to say.
        few = int(choice.get("threshold", 40)) >= 60 or "-" in [choice.get(kind) for kind in ("page", "download", "webinar", "trial")]
        advice = [why for why in advice if not (few and "points fade faster here than people act" in why)]
        if choice.get("bant", "yes") == "yes":
            self.assertEqual(advice, [], choice)
        else:
            self.assertTrue(all("authority" in why or "timeframe" in why for why in advice) and len(advice) <= 2, advice)
            self.assertIn("because BANT was left out", done.stdout)
        self.judge_definition(choice, plain(definition))
        self.judge_tests(choice, plain(tests), plain(definition))

    def judge_definition(self, choice, d):
        self.assertEqual(d["summary"], f"What marketing and sales of {choice['company'].strip()} agreed a qualified lead is.")
        self.assertRegex(d["name"], r"^([a-z0-9]+-)*qualified-lead$")
        self.assertEqual(d["effective_from"], choice["effective-from"] + "T00:00:00Z")
        names = json.dumps(d["scores"]) + json.dumps(d["moves"]) + json.dumps(d["criteria"])
        for event in (*EVENTS, "demo", "unsubscribed"):
            if choice[event] != "-":
                self.assertIn(json.dumps(choice[event]), names)
        rules = {rule["name"] for rule in d["scores"]["engagement"]["rules"]}
        self.assertEqual(len(rules), 1 + sum(choice[event] != "-" for event in (*EVENTS, "unsubscribed")))
        self.assertEqual("hand raised" in json.dumps(d["moves"]), choice["demo"] != "-")
        self.assertEqual("opportunity" in [s["name"] for s in d["stages"]], choice["opportunity"] != "-")
        self.assertEqual("good fit" in d["criteria"], any(choice[f] != "-" for f in ("size", "industries", "countries")))
        self.assertEqual("budget" in d["criteria"], choice["bant"] == "yes")
        self.assertEqual("offsets" in d["calendars"]["working hours"], choice["zone"] != "UTC")
        if ":" in choice["sales"]:
            queues = [t.split(":")[0].strip() for t in choice["sales"].split(";")]
            self.assertEqual([r["queue"] for r in d["routes"]], [*queues, "everyone else"])
        else:
            self.assertEqual([r["queue"] for r in d["routes"]], ["sales"])

    def judge_tests(self, choice, tests, d):
        """When sales is late, by other code."""
        start = datetime.datetime.strptime(tests["start"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
        story = next(t for t in tests["tests"] if t["name"] == "sales misses the SLA")
        handed, late = (start + datetime.timedelta(seconds=milliseconds(e["at"])) for e in story["expect"][-2:])
        within = int(d["slas"][0]["within"][:-1]) * (60 if d["slas"][0]["within"].endswith("h") else 1)
        zone = zoneinfo.ZoneInfo(choice["zone"])
        self.assertEqual(late, working_deadline(handed, within, zone, choice["hours"]), choice)

    def test_many_combinations(self):
        dice = random.Random(SEED)
        made = 0
        while made < COMBINATIONS:
            choice = {name: dice.choice(values) for name, values in CHOICES.items()}
            if all(choice[event] == "-" for event in EVENTS) or (choice["hours"][:3] == "sat" and choice["sla"] == "2h"):
                continue
            self.judge(choice, f"combination-{made}")
            made += 1

    def test_every_choice_alone(self):
        """Each value of each flag with the defaults of all others; and which events there are, in every way."""
        first = {name: values[0] for name, values in CHOICES.items()}
        choices = [{**first, name: value} for name, values in CHOICES.items() for value in values[1:]]
        for there in itertools.product((True, False), repeat=len(EVENTS)):
            if any(there):
                choices.append({**first, **{e: first[e] if is_there else "-" for e, is_there in zip(EVENTS, there)}, "demo": "-"})
        for number, choice in enumerate(choices):
            self.judge(choice, str(number))

    def test_thresholds(self):
        """From 1 to 100, by each event alone: the stories say exactly when there are enough points."""
        first = {name: values[0] for name, values in CHOICES.items()}
        for event in EVENTS:
            others = {e: "-" for e in EVENTS if e != event}
            for threshold in range(1, 101, 3):
                done = self.init({**first, **others, "threshold": str(threshold)}, f"{event}-{threshold}")
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_same_answers_give_the_same_bytes(self):
        for folder in ("a", "b"):
            self.assertEqual(self.init({"company": ODD, "zone": "Europe/Berlin", **DAY}, folder).returncode, 0)
        for name in NAMES:
            self.assertEqual((self.folder / "a" / name).read_bytes(), (self.folder / "b" / name).read_bytes())

    def test_odd_company(self):
        self.assertEqual(self.init({"company": ODD}, "a").returncode, 0)
        definition = plain(self.folder / "a/definition.json")
        self.assertIn(ODD, definition["summary"])
        self.assertEqual(definition["name"], "arger-sohne-qualified-lead")
        self.assertIn("Ärger", run("describe", str(self.folder / "a/definition.json")).stdout)

    def test_everything_is_reached(self):
        self.assertEqual(self.init({"sales": "emea: ana", "effective-from": "2026-01-01"}, "a").returncode, 0)
        done = run("test", "--coverage", "--threshold", "80", str(self.folder / "a/definition.test.json"))
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_refused(self):
        refused = [
            ("company", "x" * 101, "100 bytes"), ("company", "a\nb", "control characters"), ("company", "-", "cannot be left out"),
            ("zone", "Mars/Olympus", "no such time zone"), ("zone", "../../etc/passwd", "no name of a time zone"), ("zone", "z" * 1999, "no name"),
            ("hours", "always", "mon-fri"), ("hours", "mon-fri 9-5", "opening hours"), ("hours", "mon-fri", "hours"), ("hours", "-", "left out"),
            ("hours", "fri-mon 09:00-10:00", "in this order"), ("hours", "mon 10:00-11:00,10:30-12:00", "overlap"),
            ("sales", "emea: ana; bo", "a colon each"), ("sales", "a: b; A: c", "twice"), ("sales", "ana, ana", "ana"), ("sales", "a,,b", "1"),
            ("sales", "everyone else: ana", "everyone else"), ("sales", "a: b: c", "colon each"), ("sales", "; ".join(f"t{i}: x" for i in range(80)), "64"),
            ("page", "Demo Requested", "--page already"), ("page", "Lead Accepted", "--page already"), ("page", "identify", "traits"), ("page", "*", "one event"),
            ("download", "x" * 256, "255 bytes"), ("accepted", "-", "left out"), ("rejected", "Lead Accepted", "already"),
            ("size", "0", "1 to"), ("size", "many", "number"), ("size", "-5", "number"), ("size", "99999999999999999999", "number"),
            ("industries", "a,,b", "commas"), ("countries", "x" * 256, "255"), ("countries", "y" * 2001, "too long"),
            ("threshold", "0", "1 to 100"), ("threshold", "101", "1 to 100"), ("threshold", "1e1", "number"), ("threshold", "040", "number"),
            ("sla", "4", "like 30m or 4h"), ("sla", "1d", "working time"), ("sla", "4m", "from 5m"), ("sla", "201h", "200h"), ("sla", "200h", "more than 10 days"),
            ("bant", "maybe", "yes or no"), ("effective-from", "2026", "a date"), ("effective-from", "2026-02-29", "a date"), ("effective-from", "2191-01-01", "2190"),
        ]
        for flag, value, words in refused:
            with self.subTest(f"{flag}={value[:40]}"):
                done = self.init({flag: value}, "a")
                self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
                self.assertIn(words, done.stderr)
                self.assertTrue(done.stderr.startswith("handover init: "), done.stderr)
                self.assertEqual(self.there(), set())
        done = self.init({event: "-" for event in EVENTS}, "a")
        self.assertEqual(done.returncode, 2)
        self.assertIn("nothing else tells of interest", done.stderr)
        done = subprocess.run([BINARY.encode(), b"init", b"--yes", b"--company=\xff\xc3", os.fsencode(self.folder)], capture_output=True, timeout=300,
                              check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"UTF-8", done.stderr)


class Files(Folder):
    def test_where_to(self):
        for place, definition in (((), "definition.json"), ((".",), "definition.json"), (("new",), "new/definition.json"),
                                  (("./new/",), "new/definition.json"), (("lead.json",), "lead.json"), (("new dir/it's.json",), "new dir/it's.json")):
            with self.subTest(place):
                (self.folder / "new dir").mkdir()
                done = run("init", *place, cwd=self.folder)
                self.assertEqual(done.returncode, 0, done.stderr)
                tests = definition.replace(".json", ".test.json")
                self.assertEqual({str(p.relative_to(self.folder)) for p in self.folder.rglob("*.json")}, {definition, tests})
                self.assertEqual(plain(self.folder / tests)["definition"], os.path.basename(definition))
                next_steps = done.stdout[done.stdout.index("Next:\n"):].splitlines()[1:]
                self.assertEqual([line.split()[1] for line in next_steps], ["describe", "test", "run"])
                page = subprocess.run(["sh", "-c", next_steps[0].replace("handover", f"'{BINARY}'", 1)], cwd=self.folder, capture_output=True,
                                      text=True, timeout=300, check=False)
                self.assertIn("Our company", page.stdout, page.stderr)
                shutil.rmtree(self.folder)
                self.folder.mkdir()

    def test_nothing_is_overwritten(self):
        for name in NAMES:
            (self.folder / name).write_text("mine")
            done = run("init", "--yes", cwd=self.folder)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(f"{name}: is there already; --force replaces it", done.stderr)
            self.assertEqual(((self.folder / name).read_text(), self.there()), ("mine", {name}))
            (self.folder / name).unlink()
        (self.folder / "definition.json").symlink_to("nowhere")
        self.assertEqual(run("init", "--yes", cwd=self.folder).returncode, 2)
        self.assertEqual(self.there(), {"definition.json"})

    def test_force(self):
        (self.folder / "definition.json").write_text("mine")
        os.chmod(self.folder / "definition.json", 0o640)
        self.assertEqual(run("init", "--yes", "--force", cwd=self.folder).returncode, 0)
        self.assertEqual(self.there(), NAMES)
        self.assertEqual((self.folder / "definition.json").stat().st_mode & 0o777, 0o640)
        before = (self.folder / "definition.json").read_bytes()
        self.assertEqual(run("init", "--yes", "--force", "--bant=maybe", cwd=self.folder).returncode, 2)
        self.assertEqual((self.folder / "definition.json").read_bytes(), before)

    def test_what_cannot_be_written(self):
        self.assertEqual(run("init", "none/deeper", cwd=self.folder).returncode, 3)
        self.assertEqual(run("init", "none/a.json", cwd=self.folder).returncode, 3)
        self.assertEqual(run("init", "/dev/null/x", cwd=self.folder).returncode, 3)
        self.assertEqual(self.there(), set())
        (self.folder / "definition.test.json").mkdir()
        done = run("init", "--yes", "--force", cwd=self.folder)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(self.there(), {"definition.test.json"})
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.assertEqual(run("init", "a", cwd=self.folder, stdout=full).returncode, 3)

    def test_without_a_time_zone_database(self):
        """UTC needs none."""
        for zone, status, words in (("UTC", 0, ""), ("Europe/Berlin", 2, "install the package tzdata")):
            done = subprocess.run([BINARY, "init", "--yes", "--zone", zone, zone[:3]], cwd=self.folder, env={**os.environ, "TZDIR": "/nowhere"},
                                  capture_output=True, text=True, timeout=300, check=False)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(words, done.stderr)
        self.assertEqual(self.there(), {"UTC"})

    def test_usage(self):
        for args in (("a", "b"), ("--none",), ("--company",), ("",), ("a\nb",), ("x" * 5000,)):
            with self.subTest(args):
                done = run("init", *args, cwd=self.folder)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertEqual(self.there(), set())


class Terminal(Folder):
    """The questions, on a pseudo-terminal."""

    def start(self, *args):
        self.process, self.terminal = terminal.start(self, BINARY, "init", *args, cwd=self.folder)
        self.seen = ""

    def until(self, *words):
        """Reads up to one of the words; "" stands for the end."""
        deadline = time.monotonic() + 300
        while not any(word and word in self.seen for word in words):
            self.assertTrue(select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))[0], self.seen)
            try:
                got = os.read(self.terminal, 4096)
            except OSError:
                got = b""
            self.seen += got.decode("utf-8", "replace").replace("\r\n", "\n")
            if not got:
                self.assertIn("", words, self.seen)
                return

    def answer(self, text):
        """Waits for the prompt, and types."""
        self.until("]: ")
        question, self.seen = self.seen, ""
        os.write(self.terminal, text.encode())
        return question

    def end(self):
        self.until("")
        return terminal.end(self.process)

    def dialogue(self, *lines, args=()):
        """Answers with the lines, then with Enter alone; returns the questions."""
        self.start(*args)
        asked = []
        for line in itertools.chain(lines, itertools.repeat("")):
            self.until("]: ", "wrote ", "")
            if "]: " not in self.seen:
                return asked
            asked.append(self.answer(line + "\n"))
            self.seen = self.seen.replace(line + "\n", "", 1)
        return asked

    def test_enter_takes_the_defaults(self):
        asked = self.dialogue(args=FROM)
        self.assertEqual(self.end(), 0, self.seen)
        self.assertEqual(len(asked), 11)
        self.assertIn("Nothing is written before the last answer", asked[0])
        self.assertEqual(run("init", "--yes", *FROM, "b", cwd=self.folder).returncode, 0)
        for name in NAMES:
            self.assertEqual((self.folder / name).read_bytes(), (self.folder / "b" / name).read_bytes())

    def test_answers_are_those_of_flags(self):
        self.dialogue(ODD, "Europe/Berlin", "mon-fri 08:00-16:30", "emea: ana, bo; rest: x", "no", "-", "", "-", "", "Hand Raised", "20", "software", "DE",
                      "55", "2h", "no", args=FROM)
        self.assertEqual(self.end(), 0, self.seen)
        done = run("init", "--yes", "--company", ODD, "--zone", "Europe/Berlin", "--hours", "mon-fri 08:00-16:30", "--sales", "emea: ana, bo; rest: x",
                   "--page", "-", "--webinar", "-", "--demo", "Hand Raised", "--size", "20", "--industries", "software", "--countries", "DE",
                   "--threshold", "55", "--sla", "2h", "--bant", "no", *FROM, "b", cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in NAMES:
            self.assertEqual((self.folder / name).read_bytes(), (self.folder / "b" / name).read_bytes())

    def test_what_a_flag_says_is_not_asked(self):
        asked = self.dialogue(args=("--company", "Acme", "--bant", "no", "lead.json"))
        self.assertEqual(self.end(), 0, self.seen)
        self.assertEqual(len(asked), 9)
        self.assertEqual(self.there(), {"lead.json", "lead.test.json"})

    def test_wrong_answers_are_asked_again(self):
        asked = self.dialogue("", "Mars/Olympus", "UTC", "never", "", "", "maybe", "no", "-", "-", "-", "-", "Trial Started", "Trial Started", "x" * 3000, "")
        self.assertEqual(self.end(), 0, self.seen)
        text = "".join(asked)
        for words in ("no such time zone", "days must be like", "must be yes or no", "nothing else tells of interest", "is the event of --trial already", "too long"):
            self.assertIn(words, text)
        self.assertEqual(self.there(), NAMES)

    def test_end_in_the_middle(self):
        """^C, ^D and SIGTERM at any question leave nothing behind, nor does a line that is half typed."""
        for number, (key, status, words) in itertools.product((0, 3, 10), (("\x03", 3, "a signal came"), ("\x04", 2, "the input ended"),
                                                                            ("half\x03", 3, "a signal came"), ("half\x04\x04", 2, "the input ended"))):
            with self.subTest(f"{number} {key!r}"):
                self.start()
                for _ in range(number):
                    self.answer("\n")
                self.answer(key)
                self.assertEqual(self.end(), status, self.seen)
                self.assertIn(words, self.seen)
                self.assertIn("nothing was written", self.seen)
                self.assertEqual(self.there(), set())
        self.start()
        self.until("]: ")
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.end(), 3, self.seen)
        self.assertEqual(self.there(), set())

    def test_a_file_that_is_there_is_told_before_the_questions(self):
        (self.folder / "definition.json").write_text("mine")
        self.start()
        self.assertEqual(self.end(), 2, self.seen)
        self.assertNotIn("]: ", self.seen)

    def test_yes_asks_nothing(self):
        self.start("--yes")
        self.assertEqual(self.end(), 0, self.seen)
        self.assertNotIn("]: ", self.seen)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
