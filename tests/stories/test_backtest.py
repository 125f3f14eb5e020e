#!/usr/bin/env python3
"""test_backtest.py BINARY [--update]: `handover backtest`: two agreements over a fortnight, every figure reckoned by hand; who counts as won,
refused, late; what it says of them, and of the demo's fortnight, word by word (backtest.txt, backtest.json and backtest.html beside this file;
--update writes them anew). test_backtest_asked.py has the sweep, conditions and input; tests/oracle/test_backtest.py random logs."""

import json
import os
import pathlib
import subprocess
import sys
import unittest
from decimal import Decimal
from html.parser import HTMLParser

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "oracle")]

from backtests import BINARY, DAY, FORTNIGHT, NEW, NEW_FIGURES, OLD, Backtest, event, figures, kcat, lines, parse, with_threshold  # noqa: E402
from random_backtests import random_case  # noqa: E402

SAMPLE = HERE.parents[1] / "config" / "sample.json"
UPDATE = "--update" in sys.argv
HOSTILE = "</text><script>alert(1)</script>\x1b[31m\u202e'\"&"


class TheFortnight(Backtest):
    """Reckoned by hand. OLD hands Ann over on the 4th, Bob on the 2nd, Dee on the 3rd; NEW Ann on the 3rd, and Cy on the 3rd."""

    def side(self, said):
        return {name: said[name] for name in figures()}

    def test_figures(self):
        said = self.json()
        self.assertEqual(list(said), ["old", "new", "compared", "weeks", "sweep", "fail_if", "log", "won", "rejected", "capacity"])
        self.assertEqual(list(said["old"]), ["definition", "handover", *figures(), "stages", "rules", "criteria"])
        self.assertEqual(self.side(said["old"]), figures())
        self.assertEqual(self.side(said["new"]), NEW_FIGURES)
        self.assertEqual((said["sweep"], said["fail_if"], said["capacity"]), (None, [], None))
        self.assertEqual((said["won"], said["rejected"]), (["Deal Won"], ["Refused"]))
        for side, version in ("old", 1), ("new", 2):
            self.assertEqual(said[side]["handover"], "sql")
            definition = said[side]["definition"]
            self.assertEqual((definition["name"], definition["version"]), ("agreement", version))
            self.assertRegex(definition["digest"], "^sha256:[0-9a-f]{64}$")

    def test_the_log(self):
        self.assertEqual(self.json()["log"], {
            "from": "2026-03-02T00:00:00.000Z", "to": "2026-03-15T23:59:59.999Z", "events": 12, "dead_letters": 0, "leads": 5, "won": 3,
            "rejected": 1, "open": 1, "unseen": []})

    def test_compared(self):
        none = {"leads": 0, "won": 0, "rejected": 0, "open": 0, "median_ms": None}
        self.assertEqual(self.json()["compared"], {
            "same": {**none, "leads": 2, "won": 1, "rejected": 1},  # Dee was won in the end
            "earlier": {**none, "leads": 1, "won": 1, "median_ms": DAY}, "later": none, "new": {**none, "leads": 1, "open": 1},
            "gone": none})
        back = self.json(old=NEW, new=OLD)["compared"]
        self.assertEqual((back["later"]["median_ms"], back["gone"]["leads"], back["new"]["leads"]), (DAY, 1, 0))

    def test_stages_and_breaches(self):
        said = self.json()
        stages = [[(one["stage"], one["entered"]) for one in said[side]["stages"]] for side in ("old", "new")]
        self.assertEqual(stages[0], [("lead", 0), ("sql", 3), ("customer", 1), ("resting", 1)])
        self.assertEqual(stages[1], [("lead", 0), ("sql", 4), ("customer", 1), ("resting", 1)])
        # Bob was refused on the third day: too late. By OLD Dee is waited for, too; nobody answers Ann.
        self.assertEqual((said["old"]["breaches"], said["new"]["breaches"]), (3, 4))

    def test_rules_and_criteria(self):
        """Dee's handover was late, so she is in none of them. Ann: page (both), demo (OLD alone), large; Bob: demo; Cy: page (NEW)."""
        said = self.json()
        nobody = {"leads": 0, "won": 0, "rejected": 0, "open": 0, "precision": None, "recall": Decimal(0), "lift": None}
        ann = {"leads": 1, "won": 1, "rejected": 0, "open": 0, "precision": 1, "recall": Decimal("0.333333"), "lift": Decimal("1.666666")}
        bob = {**nobody, "leads": 1, "rejected": 1, "precision": 0, "lift": 0}
        both = {**ann, "leads": 2, "rejected": 1, "precision": Decimal("0.5"), "lift": Decimal("0.833333")}
        self.assertEqual(said["old"]["rules"], [{"score": "fit", "rule": "large", **ann}, {"score": "interest", "rule": "page", **ann},
                                                {"score": "interest", "rule": "demo", **both}])
        ann_and_cy = {**both, "rejected": 0, "open": 1}
        self.assertEqual(said["new"]["rules"], [{"score": "fit", "rule": "large", **ann}, {"score": "interest", "rule": "page", **ann_and_cy},
                                                {"score": "interest", "rule": "demo", **bob}])
        self.assertEqual(said["old"]["criteria"], [{"criterion": "keen", **both}, {"criterion": "large", **ann}])

    def test_leads(self):
        def first(at, late=False, move=None):
            return {"at": f"2026-03-0{at}T09:00:00.000Z", "from": "lead", "to": "sql", "move": move, "late": late}

        self.say("--leads", self.path("differ"))
        self.assertEqual(self.differing(), [
            {"lead": "ann", "partition": 0, "how": "earlier", "outcome": "won", "won_at": "2026-03-09T09:00:00.000Z", "old": first(4),
             "new": first(3)},
            {"lead": "cy", "partition": 0, "how": "new", "outcome": "open", "won_at": None, "old": None, "new": first(3)}])

    def test_the_same_twice(self):
        said = self.json(new=OLD)
        self.assertEqual(said["old"], said["new"])
        self.assertEqual({how: one["leads"] for how, one in said["compared"].items()},
                         {"same": 3, "earlier": 0, "later": 0, "new": 0, "gone": 0})
        done = self.run_backtest(self.old, self.old, "--leads", self.path("differ"), self.log)
        self.assertEqual((done.returncode, os.path.getsize(self.path("differ"))), (0, 0), done.stderr)

    def test_the_same_bytes(self):
        for form in [], ["--json"], ["--html"]:
            args = [*form, "--capacity", "2", "--sweep", "/criteria/keen/at_least=5:25:5", "--fail-if", "new >= 1", "--leads", self.path("l")]
            once, leads = self.say(*args, status=1), pathlib.Path(self.path("l")).read_bytes()
            self.assertEqual((self.say(*args, status=1), pathlib.Path(self.path("l")).read_bytes()), (once, leads))

    def test_effective_from_does_not_matter(self):
        said = self.json(new=with_threshold(10, effective_from="2199-01-01T00:00:00Z"))
        self.assertEqual(self.side(said["new"]), NEW_FIGURES)
        self.assertEqual(said["compared"], self.json()["compared"])


class Options(Backtest):
    def test_handover(self):
        said = self.json("--handover", "customer")
        self.assertEqual((said["old"]["handover"], said["old"]["handovers"], said["new"]["leads"]), ("customer", 1, 1))
        self.assertEqual((said["won"], said["log"]["won"]), ([], 0))  # the highest rung is not above the handover
        said = self.json("--handover", "customer", "--won", "Deal Won")
        self.assertEqual((said["new"]["late"], said["new"]["won"]), (1, 0))  # she comes there at the moment at which she is won

    def test_the_first_rung_of_sales(self):
        owners = {"lead": "marketing", "sql": "inside sales", "customer": "sales", "resting": "marketing"}
        for owner, found in (("inside sales", "sql"), ("partners", "customer")):
            stages = [{**stage, "owner": {**owners, "sql": owner}[stage["name"]]} for stage in OLD["stages"]]
            one = {**OLD, "stages": stages, "teams": ["marketing", owner, "sales"]}
            self.assertEqual(self.json(old=one, new=one)["new"]["handover"], found)

    def test_else_the_first_of_another_owner(self):
        stages = [{**stage, "owner": {"marketing": "growth", "sales": "closers"}[stage["owner"]]} for stage in OLD["stages"]]
        one = {**OLD, "stages": stages, "teams": ["growth", "closers"]}
        self.assertEqual(self.json(old=one, new=one)["old"]["handover"], "sql")

    def test_nobody_to_hand_over_to(self):
        alone = self.file("alone.json", {**OLD, "stages": [{**stage, "owner": "marketing"} for stage in OLD["stages"]]})
        self.refused(alone, alone, self.log, said="--handover")
        self.assertEqual(self.run_backtest(alone, alone, "--handover", "sql", self.log).returncode, 0)

    def test_a_stage_that_is_not_there(self):
        self.refused_here("--handover", "sqll", said=["--handover", "sqll"])
        self.refused_here("--handover", "resting", said="resting")  # beside the ladder
        text = json.dumps(NEW).replace('"sql"', '"accepted"')
        renamed = self.file("renamed.json", text.encode())
        self.refused(self.old, renamed, "--handover", "sql", self.log, said=["sql", "renamed.json"])
        self.refused(renamed, self.old, "--handover", "sql", self.log, said=["sql", "renamed.json"])

    def test_won_and_rejected(self):
        log = [event("a", 2, "Demo"), event("b", 2, "Demo"), event("c", 2, "Demo"), event("a", 3, "Deal", value=7), event("b", 3, "Deal"),
               event("c", 3, "Paid"), event("b", 4, "Spam")]
        large = {"name": "Deal", "where": {"/value": {"at_least": 5}}}
        said = self.json("--won", json.dumps(large), "--won", "Paid", "--rejected", "Spam", log=log)
        self.assertEqual((said["won"], said["rejected"]), ([large, "Paid"], ["Spam"]))
        self.assertEqual([said["new"][name] for name in ("won", "rejected", "open")], [2, 1, 0])
        said = self.json("--won", "Nothing", "--rejected", "Deal", log=log)
        self.assertEqual([said["old"][name] for name in ("won", "rejected", "open", "precision", "recall", "lift")], [0, 2, 1, 0, None, None])

    def test_whoever_is_won_and_refused_is_won(self):
        log = [event("a", 2, "Demo"), event("a", 3, "Deal Won"), event("a", 4, "Refused"), event("a", 5, "Deal Won")]
        said = self.json(log=log)
        self.assertEqual([said["old"][name] for name in ("won", "rejected", "late")], [1, 0, 0])

    def test_defaults_come_from_new(self):
        stages = [{**stage, "enter": {"event": "Signed"}} if stage["name"] == "customer" else stage for stage in NEW["stages"]]
        patient = {"name": "give up", "from": "sql", "to": "resting", "when": {"event": {"name": "Lost", "where": {"/n": {"is": 1}}}},
                   "reason": "/why"}
        said = self.json(new={**NEW, "stages": stages, "moves": [*NEW["moves"], patient]})
        self.assertEqual((said["won"], said["rejected"]), (["Signed"], ["Refused", {"name": "Lost", "where": {"/n": {"is": 1}}}]))

    def test_defaults_are_events_that_are_asked_for(self):
        for enter, won in (({"any": [{"event": "A"}, {"event": "A"}, {"at_least": 1, "of": [{"event": ["B", "C"]}]}]}, ["A", ["B", "C"]]),
                           ({"all": [{"event": "A"}, {"not": {"event": "B"}}]}, ["A"]), ({"happened": "A"}, []), ("keen", [])):
            stages = [{**stage, "enter": enter} if stage["name"] == "customer" else stage for stage in NEW["stages"]]
            self.assertEqual(self.json(new={**NEW, "stages": stages})["won"], won)

    def test_patterns_of_no_use(self):
        for option in "--won", "--rejected":
            for pattern in "[]", "{}", '{"name":', '{"nam":"x"}', '{"name":"x","where":{"y":{"is":1}}}', "", '{"name":"x"} 1', "x" * 256:
                with self.subTest(option=option, pattern=pattern):
                    self.refused_here(option, pattern, said=option)

    def test_capacity(self):
        for capacity, weeks in (1, 1), (3, 1), (4, 0):
            said = self.json("--capacity", capacity)
            self.assertEqual((said["capacity"], said["new"]["weeks_over"]), (capacity, weeks))
        self.assertEqual(self.json("--capacity", 3)["old"]["weeks_over"], 0)
        for capacity in "0", "-1", "x", "1.5", "", "99999999999999999999":
            self.refused_here("--capacity", capacity, said="--capacity:")

    def test_weeks_go_from_monday_to_monday(self):
        log = [event("a", "8 23:59:59.999", "Demo"), event("b", "9 00:00:00.000", "Demo"), event("c", "9 10:00:00", "Demo"),
               event("d", "23 10:00:00", "Demo")]
        said = self.json("--capacity", 1, log=log)
        self.assertEqual(said["weeks"], [{"from": f"2026-03-{day:02}T00:00:00.000Z", "old": number, "new": number}
                                         for day, number in ((2, 1), (9, 2), (16, 0), (23, 1))])
        self.assertEqual((said["new"]["busiest_week"], said["new"]["weeks_over"]), (2, 1))

    def test_the_week_in_which_time_began(self):
        """Events of the time 0 are rubbish that is often there; its Monday is in 1969."""
        log = [{"userId": lead, "timestamp": time, "event": "Demo"} for lead, time in (("a", 0), ("b", 4 * DAY - 1), ("c", 4 * DAY))]
        said = self.json(log=log)["weeks"]
        self.assertEqual([(one["old"], one["new"]) for one in said], [(2, 2), (1, 1)])
        self.assertIn(said[0]["from"], ("1969-12-29T00:00:00.000Z", "1970-01-01T00:00:00.000Z"))
        self.assertEqual(said[1]["from"], "1970-01-05T00:00:00.000Z")
        for form in [], ["--html"]:
            self.say(*form, log=log)

    def test_until(self):
        log = [event("a", 2, "Demo")]
        self.assertEqual(self.json(log=log)["new"]["breaches"], 0)
        said = self.json("--until", "2026-03-30T00:00:00Z", log=log)
        self.assertEqual((said["new"]["breaches"], said["log"]["to"]), (1, "2026-03-02T09:00:00.000Z"))
        self.refused_here("--until", "soon", said="--until:")

    def test_forms_exclude_each_other(self):
        self.refused_here("--json", "--html", said=["--json", "--html"])

    def test_large_events_are_dead_letters(self):
        log = [*FORTNIGHT, event("fay", 4, "Demo", text="x" * 300)]
        said = self.json("--max-event-bytes", 200, log=log)["log"]
        self.assertEqual((said["events"], said["dead_letters"], said["leads"]), (12, 1, 5))


class Leads(Backtest):
    def test_late(self):
        """At the millisecond at which the lead is won, and later, but not one before."""
        for clock, late in ("08:59:59.999", False), ("09:00:00.000", True), ("09:00:00.001", True):
            log = [event("a", 3, "Deal Won"), event("a", f"3 {clock}", "Demo")]
            said = self.json(log=sorted(log, key=lambda one: one["timestamp"]))["new"]
            self.assertEqual((said["late"], said["won"]), (late, not late), clock)
            self.assertEqual(said["precision"], None if late else 1)

    def test_duplicates_tell_of_outcomes(self):
        log = [event("a", 2, "Demo", messageId="m"), event("a", 3, "Deal Won", messageId="m")]
        said = self.json(log=log)
        self.assertEqual((said["old"]["won"], said["old"]["stages"][2]["entered"], said["log"]["events"]), (1, 0, 2))

    def test_each_remembers_ids_as_it_says(self):
        log = [event("a", 2, "Page", messageId="m"), event("a", 3, "Page", messageId="m")]
        said = self.json(log=log, old=NEW, new={**NEW, "deduplicate": 0})
        self.assertEqual((said["compared"]["new"]["leads"], said["old"]["leads"]), (1, 0))

    def test_the_first_handover_counts(self):
        log = [event("a", 2, "Demo"), event("a", 3, "Refused", why="x"), event("a", 9, "Demo")]
        said = self.json("--leads", self.path("differ"), log=log)
        self.assertEqual([said["new"][name] for name in ("handovers", "leads", "rejected", "busiest_week")], [2, 1, 1, 1])

    def test_from_beside_the_ladder(self):
        """OLD knows her from the score, NEW only by the move from the side."""
        log = [event("a", 2, "Demo"), event("a", 3, "Refused"), event("a", 4, "Demo")]
        aside = {"name": "aside", "from": "lead", "to": "resting", "when": {"event": "Demo"}}
        self.json("--leads", self.path("differ"), log=log, new={**NEW, "moves": [aside, *NEW["moves"]]})
        (told,) = self.differing()
        self.assertEqual((told["how"], told["old"]["move"], told["outcome"]), ("later", None, "rejected"))
        self.assertEqual(told["new"], {"at": "2026-03-04T09:00:00.000Z", "from": "resting", "to": "sql", "move": "back again", "late": False})

    def test_the_lower_median(self):
        log = [event("a", 2, "Page"), event("b", 2, "Page"), event("a", 3, "Page"), event("b", 3, "Page"), event("a", 4, "Demo"),
               event("b", 6, "Demo")]
        self.assertEqual(self.json(log=log)["compared"]["earlier"]["median_ms"], DAY)

    def test_partitions(self):
        """A lead of one name in two partitions is two leads; lines come by partition, then by the lead's first event."""
        log = [event("z", 2, "Page"), event("y", 2, "Page"), event("x", 2, "Page"), event("z", 3, "Page"), event("x", 3, "Page"),
               event("y", 3, "Page")]
        for partitions, expected in (({"z": 5, "y": 1, "x": 1}, [(1, "y"), (1, "x"), (5, "z")]),
                                     (dict.fromkeys("zyx", 0), [(0, name) for name in "zyx"])):
            path = self.file("kcat", kcat(log, lambda one, of=partitions: of[one["userId"]]))
            done = self.run_backtest(self.old, self.new, "--envelope", "kcat", "--leads", self.path("differ"), "--json", path)
            self.assertEqual(parse(done.stdout)["new"]["leads"], 3, done.stderr)
            self.assertEqual([(one["partition"], one["lead"]) for one in self.differing()], expected)
        both = self.file("both", kcat([event("z", day, "Demo") for day in (2, 3)], lambda one: int(one["timestamp"][9])))
        said = parse(self.run_backtest(self.old, self.new, "--envelope", "kcat", "--json", both).stdout)
        self.assertEqual((said["log"]["leads"], said["new"]["leads"]), (2, 2))

    def test_a_partition_and_a_topic_of_ones_own(self):
        self.json("--partition", 7, "--topic", "t", "--leads", self.path("differ"))
        self.assertEqual({one["partition"] for one in self.differing()}, {7})

    def test_never_onto_what_is_read(self):
        os.symlink(self.log, self.path("link"))
        for path in self.log, self.old, self.new, self.path("link"):
            size = os.path.getsize(path)
            self.refused_here("--leads", path, said="--leads: is a file that is read")
            self.assertEqual(os.path.getsize(path), size)

    def test_never_onto_standard_output(self):
        self.refused_here("--leads", "-", said="--leads: - is not possible")

    def test_a_file_that_cannot_be_written(self):
        self.assertIn("No such file", self.refused_leads(self.path("none/differ")))
        self.assertIn("No space left", self.refused_leads("/dev/full"))

    def refused_leads(self, path):
        done = self.run_backtest(self.old, self.new, "--leads", path, self.log)
        self.assertEqual(done.returncode, 3, done.stderr)
        return done.stderr.decode()


class Tags(HTMLParser):
    """Which tags there are, and whether each is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes = [], set(), set()

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> in {self.open}"
        self.open.pop()


class Forms(Backtest):
    @classmethod
    def setUpClass(cls):
        cls.demo = subprocess.run([BINARY, "demo", "--events"], capture_output=True, timeout=300, check=True).stdout

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
        self.assertNotRegex(page, r"url\(|@import|https?:")

    def demo_backtest(self, *args):
        """The sample against one that asks less of leads, and more of companies."""
        text = SAMPLE.read_text("utf-8")
        for before, after in ('{"score": "engagement", "at_least": 30}', '{"score": "engagement", "at_least": 15}'), \
                ('{"at_least": 3, "of": ["budget"', '{"at_least": 2, "of": ["budget"'), \
                ('{"attribute": "employees", "at_least": 20}', '{"attribute": "employees", "at_least": 300}'), \
                ('"version": 1,', '"version": 2,'):
            self.assertEqual(text.count(before), 1)
            text = text.replace(before, after)
        log, new = self.file("demo", self.demo), self.file("other.json", text.encode())
        done = self.run_backtest(SAMPLE, new, "--envelope", "kcat", "--capacity", "2", "--sweep", "/criteria/engaged/at_least=10:40:10",
                                 "--fail-if", "sql_per_week > 1.2x", "--fail-if", "precision < 20%", *args, log)
        self.assertIn(done.returncode, (0, 1), done.stderr.decode())
        return done.stdout.decode()

    def test_text(self):
        self.golden("backtest.txt", self.say("--capacity", 3, "--sweep", "/criteria/keen/at_least=5:25:5", "--fail-if", "handovers > 1.2x",
                                             "--fail-if", "gone > 0", status=1) + "\n" + self.demo_backtest())

    def test_json(self):
        self.golden("backtest.json", json.dumps(json.loads(self.demo_backtest("--json")), indent=1, ensure_ascii=False) + "\n")

    def test_html(self):
        page = self.demo_backtest("--html")
        self.well_formed(page)
        self.golden("backtest.html", page)

    def test_no_blanks_at_the_end(self):
        for line in self.demo_backtest().splitlines():
            self.assertNotRegex(line, r"\s$")

    def test_hostile_names(self):
        def hostile(one):
            return json.loads(json.dumps(one).replace('"large"', json.dumps(HOSTILE)).replace('"customer"', json.dumps(HOSTILE + "2")).replace(
                '"Deal Won"', json.dumps(HOSTILE + "3")).replace('"page"', json.dumps(HOSTILE + "4")))

        args = ["--sweep", "/criteria/keen/at_least=10:20:10", "--fail-if", "handovers > 0", "--rejected", HOSTILE]
        old, new = self.file("old.json", hostile(OLD)), self.file("new.json", hostile(NEW))
        log = self.file("log", lines([{**one, "userId": HOSTILE} for one in hostile(FORTNIGHT)]))
        pages = {form: self.run_backtest(old, new, *args, *form.split(), log) for form in ("", "--html", "--json")}
        for form, done in pages.items():
            self.assertEqual(done.returncode, 1, done.stderr)
            if form != "--json":
                self.assertNotRegex(done.stdout.decode(), "[\x00-\x09\x0b-\x1f\u202e]")
        self.well_formed(pages["--html"].stdout.decode())
        self.assertIn("&lt;script&gt;", pages["--html"].stdout.decode())
        said = parse(pages["--json"].stdout)
        self.assertEqual((said["rejected"], said["new"]["criteria"][1]["criterion"]), ([HOSTILE], HOSTILE))

    def test_a_page_whatever_comes(self):
        for args in [], ["--capacity", 1], ["--sweep", "/criteria/keen/at_least=10:10:1"], ["--won", "Nothing"], ["--handover", "customer"]:
            for log in FORTNIGHT, FORTNIGHT[:1]:
                self.well_formed(self.say("--html", *args, log=log))
                self.assertTrue(self.say(*args, log=log).strip())

    def test_random_pages(self):
        """All three forms end alike, whatever is in them."""
        for seed in range(40):
            arguments = random_case(seed).save(self.folder)
            forms = {form: self.run_backtest(*form.split(), *arguments) for form in ("", "--json", "--html")}
            with self.subTest(seed):
                self.assertEqual(len({done.returncode for done in forms.values()}), 1)
                self.assertIn(forms[""].returncode, (0, 1), forms[""].stderr)
                self.well_formed(forms["--html"].stdout.decode())
                self.assertNotRegex(forms[""].stdout.decode(), "[ \t]\n")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *(a for a in sys.argv[2:] if a != "--update")])
