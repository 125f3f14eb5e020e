#!/usr/bin/env python3
"""test_backtest_asked.py BINARY: `handover backtest`: --sweep and --fail-if, what goes together and what does not, logs of every kind, and what
fails outside."""

import copy
import gzip
import json
import os
import pathlib
import pty
import signal
import subprocess
import sys
import time
import unittest
from decimal import Decimal

import terminal
from backtests import BINARY, FORTNIGHT, NEW, OLD, Backtest, event, figures, kcat, lines, parse


class Sweep(Backtest):
    def swept(self, asked, **more):
        said = self.json("--sweep", asked, **more)["sweep"]
        self.assertEqual(said["pointer"], asked.rpartition("=")[0])
        return said

    def refused_sweep(self, asked, *said):
        return self.refused_here("--sweep", asked, said=["--sweep", *said])

    def test_a_threshold(self):
        said = self.swept("/criteria/keen/at_least=10:30:10")
        self.assertEqual(said["as_it_stands"], 10)
        old, new = ({name: one[name] for name in figures()} for one in (self.json()["old"], self.json()["new"]))
        self.assertEqual(said["points"][:2], [{"value": 10, **new}, {"value": 20, **old}])
        self.assertEqual((said["points"][2]["value"], said["points"][2]["handovers"]), (30, 1))  # Ann has 10 by pages and 20 by the demo

    def test_values(self):
        for asked, values in (("10:20:5", [10, 15, 20]), ("10:19.9:5", [10, 15]), ("20:10:-5", [20, 15, 10]), ("7:7:1", [7]),
                              ("0.1:0.3:0.1", [Decimal("0.1"), Decimal("0.2"), Decimal("0.3")]), ("-1:1:1", [-1, 0, 1]),
                              ("10:20:100", [10])):
            with self.subTest(asked):
                said = self.swept(f"/criteria/keen/at_least={asked}")
                self.assertEqual([point["value"] for point in said["points"]], values)

    def test_durations(self):
        fading = copy.deepcopy(NEW)
        fading["scores"]["interest"]["half_life"] = "7d"
        for asked, values in (("7d:28d:7d", ["7d", "14d", "21d", "28d"]), ("3d:1d:-1d", ["3d", "2d", "1d"]), ("12h:12h:1h", ["12h"])):
            said = self.swept(f"/scores/interest/half_life={asked}", new=fading)
            self.assertEqual((said["as_it_stands"], [point["value"] for point in said["points"]]), ("7d", values))
        said = self.swept("/scores/interest/half_life=1h:1d:12h", new=fading)
        self.assertEqual(len(said["points"]), 2)  # an hour and 13 hours
        log = [event("a", 2, "Demo"), event("b", 3, "Page")]
        points = self.swept("/slas/0/within=12h:36h:12h", log=log)["points"]
        self.assertEqual([point["breaches"] for point in points], [1, 0, 0])  # a day less five minutes has passed

    def test_points_and_counts(self):
        said = self.swept("/scores/interest/rules/0/points=5:20:5")
        self.assertEqual([point["handovers"] for point in said["points"]], [4, 5, 5, 5])
        self.assertEqual(self.swept("/deduplicate=0:64:64", new={**NEW, "deduplicate": 3})["as_it_stands"], 3)

    def test_names_with_slashes(self):
        odd = json.loads(json.dumps(NEW).replace('"keen"', '"a/b~=c"'))
        said = self.swept("/criteria/a~1b~0=c/at_least=10:20:10", new=odd)
        self.assertEqual([point["handovers"] for point in said["points"]], [4, 3])

    def test_one_definition_is_enough(self):
        done = self.run_backtest(self.new, self.new, "--json", "--sweep", "/criteria/keen/at_least=10:20:10", self.log)
        self.assertEqual([point["handovers"] for point in parse(done.stdout)["sweep"]["points"]], [4, 3])

    def test_capacity(self):
        said = self.json("--capacity", 3, "--sweep", "/criteria/keen/at_least=10:20:10")["sweep"]
        self.assertEqual([point["weeks_over"] for point in said["points"]], [1, 0])

    def test_pointers_that_lead_to_nothing(self):
        for pointer in "/criteria/kean/at_least", "/slas/1/within", "/slas/-/within", "/version/x", "/", "criteria":
            with self.subTest(pointer):
                self.refused_sweep(f"{pointer}=1:2:1", pointer)

    def test_pointers_to_something_else(self):
        for pointer in "/name", "/criteria/keen", "/stages/0/owner", "/moves/0/when", "/stages/3/off_ladder", "":
            with self.subTest(pointer):
                self.refused_sweep(f"{pointer}=1:2:1", pointer)

    def test_numbers_are_swept_by_numbers(self):
        self.refused_sweep("/criteria/keen/at_least=1d:2d:1d", "/criteria/keen/at_least")
        self.refused_sweep("/slas/0/within=1:2:1", "/slas/0/within")
        self.refused_sweep("/slas/0/within=1d:2d:1")

    def test_steps(self):
        for asked in "1:2:0", "2:1:1", "1:2:-1":
            self.refused_sweep(f"/criteria/keen/at_least={asked}")
        self.refused_sweep("/slas/0/within=1d:2d:-1d")

    def test_values_that_cannot_be_read(self):
        for asked in "/criteria/keen/at_least", "/criteria/keen/at_least=", "/criteria/keen/at_least=1:2", "/criteria/keen/at_least=1:2:3:4", \
                "/criteria/keen/at_least=a:b:c", "/criteria/keen/at_least=1::1", "/criteria/keen/at_least=1:2:1e999", "":
            with self.subTest(asked):
                self.refused_sweep(asked)

    def test_a_hundred_values(self):
        self.assertEqual(len(self.swept("/criteria/keen/at_least=1:100:1")["points"]), 100)
        self.refused_sweep("/criteria/keen/at_least=0:100:1", "100")
        self.refused_sweep("/criteria/keen/at_least=0:1000000000:0.000001", "100")

    def test_values_for_which_there_are_errors(self):
        self.refused_sweep("/scores/interest/rules/0/points=-5:5:5", "0")  # points are not 0
        self.refused_sweep("/scores/interest/rules/0/points=9999:10001:1", "10001")
        self.refused_sweep("/criteria/keen/at_least=0.0000001:1:1")  # up to six decimals
        self.refused_sweep("/version=0:1:1", "0")

    def test_events_are_read_alike(self):
        parts = {"lead": "/userId", "time": "/timestamp", "name": "/event", "max_ahead": "5m"}
        one = self.file("one.json", {**NEW, "events": parts})
        self.refused(one, one, "--sweep", "/events/max_ahead=1m:5m:1m", self.log, said="max_ahead")


class FailIf(Backtest):
    def test_every_figure(self):
        told = {"handovers": 4, "handovers_per_week": 2, "leads": 4, "late": 1, "won": 1, "rejected": 1, "open": 1,
                "precision": Decimal("0.333333"), "recall": Decimal("0.333333"), "lift": Decimal("0.555555"), "busiest_week": 4,
                "weeks_over": 1, "breaches": 4, "breaches_per_week": 2, "same": 2, "earlier": 1, "later": 0, "new": 1, "gone": 0,
                "sql_per_week": 2, "sql_entered": 4, "customer_entered": 1, "customer_per_week": Decimal("0.5")}
        said = self.json("--capacity", 3, *(word for name in told for word in ("--fail-if", f"{name} > 1000000")))["fail_if"]
        self.assertEqual({one["condition"].split()[0]: one["value"] for one in said}, told)
        self.assertEqual({(one["limit"], one["fails"], one["why"]) for one in said}, {(1000000, False, None)})

    def test_operators(self):
        for op, fails in (">", [False, False, True]), (">=", [False, True, True]), ("<", [True, False, False]), ("<=", [True, True, False]):
            conditions = [f"handovers {op} {limit}" for limit in (5, 4, 3)]
            self.assertEqual([one[2] for one in self.judged(*conditions, status=1)], fails, op)

    def test_values(self):
        said = self.judged("precision < 20%", "precision < 0.34", "handovers > 1.2x", "handovers > 1.5x", "lift < 12.5%", status=1)
        self.assertEqual(said, [(Decimal("0.333333"), Decimal("0.2"), False), (Decimal("0.333333"), Decimal("0.34"), True),
                                (4, Decimal("3.6"), True), (4, Decimal("4.5"), False), (Decimal("0.555555"), Decimal("0.125"), False)])

    def test_fractions_are_exact(self):
        """A third is more than 0.333333. Six a week in three weeks are 1.2 times five, no more and no less, though neither can be written down."""
        self.assertEqual([one[2] for one in self.judged("precision <= 0.333333", "precision > 0.333333", status=1)], [False, True])
        log = [event("a", "2 00:00:00.000", "Page"), *(event(f"lead {i}", 3, "Demo") for i in range(5)), event("a", 3, "Page"),
               event("b", "22 23:59:59.999", "Page")]
        said = self.judged("handovers > 1.2x", "handovers_per_week > 1.2x", "handovers_per_week < 1.2x", status=0, log=log)
        self.assertEqual(said[1:], [(2, 2, False), (2, 2, False)])

    def test_names_of_stages(self):
        odd = {**NEW, "stages": [*NEW["stages"][:2], {**NEW["stages"][2], "name": "big deal"}, *NEW["stages"][3:]]}
        self.assertEqual(self.judged("big deal_entered >= 1", status=1, old=odd, new=odd), [(1, 1, True)])
        odd = json.loads(json.dumps(NEW).replace('"sql"', '"a > b"'))
        self.assertEqual(self.judged("a > b_entered > 1", "a > b_entered >= 1x", status=1, old=odd, new=odd), [(4, 1, True), (4, 4, True)])

    def test_exit_status(self):
        self.assertEqual(self.judged("handovers > 100", status=0), [(4, 100, False)])
        text = self.say("--fail-if", "handovers > 3", "--fail-if", "handovers > 100", status=1)
        self.assertIn("handovers > 3", text)
        self.say("--html", "--fail-if", "handovers > 3", status=1)

    def test_what_cannot_be_judged_fails(self):
        nobody = [event("a", 2, "Page")]
        for condition in "precision < 10%", "precision > 10%", "lift >= 0":
            (said,) = self.json("--fail-if", condition, status=1, log=nobody)["fail_if"]
            self.assertEqual((said["value"], said["fails"]), (None, True))
            self.assertTrue(said["why"])

    def test_so_many_times_nothing(self):
        """None at all is a number; a precision of nobody, and a stage that OLD does not have, are none."""
        log = [event("a", 2, "Page"), event("a", 3, "Page")]  # NEW alone hands her over
        self.assertEqual(self.judged("handovers > 1.2x", "handovers < 1.2x", status=1, log=log), [(1, 0, True), (1, 0, False)])
        nobody = self.judged("handovers > 1.2x", "handovers < 1.2x", status=0, log=[event("a", 2, "Page")])
        self.assertEqual(nobody, [(0, 0, False)] * 2)
        renamed = json.loads(json.dumps(NEW).replace('"sql"', '"accepted"'))
        for condition, new in ("precision < 1.2x", NEW), ("accepted_per_week > 1.2x", renamed):
            (said,) = self.json("--fail-if", condition, status=1, log=log, new=new)["fail_if"]
            self.assertEqual((said["limit"], said["fails"]), (None, True))
            self.assertIn("OLD", said["why"])

    def test_weeks_over_what(self):
        self.refused_here("--fail-if", "weeks_over > 1", said=["weeks_over > 1", "--capacity"])

    def test_conditions_that_cannot_be_read(self):
        for condition in "", "handovers", "handovers >", "handovers > many", "handovers => 3", "handovers == 3", "> 3", "handovers > 3 4", \
                "handovers > 3y", "handovers > %", "handovers > x":
            with self.subTest(condition):
                self.refused_here("--fail-if", condition, said="--fail-if")

    def test_figures_that_are_not_there(self):
        self.refused_here("--fail-if", "precison < 1", said=["precison", "did you mean \"precision\"?"])
        self.refused_here("--fail-if", "sqll_per_week < 1", said=["sqll_per_week", "did you mean \"sql_per_week\"?"])
        self.assertNotIn("did you mean", self.refused_here("--fail-if", "xxxxxxxxxxxxxxxx < 1", said="xxxxxxxxxxxxxxxx"))

    def test_what_compares_is_not_compared_again(self):
        for figure in "same", "earlier", "later", "new", "gone":
            self.refused_here("--fail-if", f"{figure} > 1.2x", said=["--fail-if", f"{figure} > 1.2x"])


class Input(Backtest):
    def test_what_is_missing(self):
        self.refused(said="OLD")
        self.refused(self.old, said="NEW")
        self.refused(self.old, self.path("none.json"), self.log, said=["none.json", "No such file"])
        self.refused(self.path("none.json"), self.new, self.log, said=["none.json", "No such file"])
        self.refused(self.old, self.new, self.path("none"), said=["none", "No such file"])

    def test_options_that_are_not_there(self):
        self.refused_here("--wonn", "x", said="--wonn")
        self.refused_here("--envelope", "avro", said="--envelope:")
        self.refused_here("--partition", "-1", said="--partition:")

    def test_definitions_with_errors(self):
        broken, nothing = self.file("broken.json", {**OLD, "stagse": []}), self.file("nothing.json", b"{")
        for pair, said in (([self.old, broken], "stagse"), ([broken, self.new], "stagse"), ([self.old, nothing], "nothing.json:1:2")):
            done = self.run_backtest(*pair, self.log)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn(said, done.stderr.decode())
            self.assertRegex(done.stderr.decode(), r"^\S+\.json:\d+:\d+: ")

    def test_standard_input_is_read_once(self):
        self.refused("-", "-", self.log, said="standard input")
        self.refused("-", self.new, said="standard input")
        self.refused("-", self.new, "-", said="standard input")
        done = self.run_backtest(self.old, "-", "--json", self.log, stdin=json.dumps(NEW).encode())
        self.assertEqual(done.stdout.decode(), self.say("--json"))
        for log in [], ["-"]:
            self.assertEqual(self.run_backtest(self.old, self.new, "--json", *log, stdin=lines(FORTNIGHT)).stdout.decode(), self.say("--json"))

    def test_several_files_and_packed_ones(self):
        first, second = self.file("first", lines(FORTNIGHT[:5])), self.path("second.gz")
        pathlib.Path(second).write_bytes(gzip.compress(lines(FORTNIGHT[5:])))
        self.assertEqual(self.run_backtest(self.old, self.new, "--json", first, second).stdout.decode(), self.say("--json"))

    def test_events_that_read_differently(self):
        parts = {"lead": "/userId", "time": "/timestamp", "name": "/event", "id": "/messageId", "max_ahead": "5m"}
        one = self.file("one.json", {**OLD, "events": parts})
        for part, other in ("lead", ["/userId", "/email"]), ("time", "@timestamp"), ("name", "/type"), ("id", "/id"), ("max_ahead", "1h"):
            with self.subTest(part):
                two = self.file("two.json", {**NEW, "events": {**parts, part: other}})
                self.refused(one, two, self.log, said=part)
        without = self.file("two.json", {**NEW, "events": {name: at for name, at in parts.items() if name != "id"}})
        self.refused(one, without, self.log, said="id")

    def test_events_that_read_alike_in_other_words(self):
        parts = {"lead": ["/userId", "/traits/email", "@key"], "time": ["/timestamp", "@timestamp"], "id": ["/messageId"],
                 "name": ["/event", "/type"]}
        same = [{**parts, "max_ahead": age} for age in ("5m", "300s")] + [parts, {**parts, "id": "/messageId"}]
        for events in same:
            self.assertEqual(self.json(new={**NEW, "events": events})["compared"], self.json()["compared"])

    def test_an_empty_log(self):
        said = self.json("--capacity", 1, log=[])
        self.assertEqual(said["log"], {"from": None, "to": None, "events": 0, "dead_letters": 0, "leads": 0, "won": 0, "rejected": 0, "open": 0, "unseen": []})
        self.assertEqual(said["weeks"], [])
        self.assertEqual({name: said["new"][name] for name in figures()}, figures(
            handovers=0, per_week=None, leads=0, late=0, won=0, rejected=0, precision=None, recall=None, lift=None, busiest_week=0, weeks_over=0,
            breaches=0))
        for form in [], ["--html"]:
            self.say(*form, log=[])

    def test_dead_letters_and_empty_lines(self):
        log = self.file("odd", b"{\n\n \t\r\n" + lines([event("a", 2, "Demo"), {"userId": "a"}]) + b"7")
        done = self.run_backtest(self.old, self.new, "--json", log)
        said = parse(done.stdout)["log"]
        self.assertEqual((said["events"], said["dead_letters"], said["leads"]), (1, 3, 1))
        self.assertEqual(done.returncode, 0)

    def test_a_line_that_kcat_did_not_print(self):
        log = self.file("odd", kcat(FORTNIGHT[:2], lambda one: 0) + b"{}\n")
        self.refused(self.old, self.new, "--envelope", "kcat", log, said="line 3: not what `kcat -J` prints")


class Outside(Backtest):
    def test_progress_on_a_terminal_alone(self):
        self.assertEqual(self.run_backtest(self.old, self.new, self.log).stderr, b"")
        ours, theirs = pty.openpty()
        with subprocess.Popen([BINARY, "backtest", self.old, self.new], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=theirs) as run:
            os.close(theirs)
            for one in FORTNIGHT[:2]:
                terminal.feed(run.stdin, lines([one]))
                time.sleep(0.8)  # longer than half a second, before which it shows nothing
            run.stdin.close()
            self.assertEqual(run.wait(timeout=300), 0)
        self.assertRegex(terminal.shown(ours), r"^(\r\033\[K1 lines, \d+ a second)?\r\033\[K2 lines, \d+ a second\r\033\[K$")

    def test_full_disk(self):
        for form in [], ["--json"], ["--html"]:
            with open("/dev/full", "wb") as full:
                done = subprocess.run([BINARY, "backtest", *form, self.old, self.new, self.log], stdout=full, stderr=subprocess.PIPE, timeout=300,
                                      check=False)
            self.assertEqual(done.returncode, 3)
            self.assertIn(b"handover backtest: standard output: No space left", done.stderr)

    def test_signals(self):
        for number in signal.SIGINT, signal.SIGTERM:
            with subprocess.Popen([BINARY, "backtest", self.old, self.new], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as run:
                terminal.feed(run.stdin, lines(FORTNIGHT))
                run.send_signal(number)
                self.assertEqual(run.wait(timeout=300), 3)
                self.assertIn(b"handover backtest: interrupted", run.stderr.read())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
