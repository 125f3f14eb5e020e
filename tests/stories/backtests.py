"""backtests.py: what the tests of `handover backtest` share: two small agreements, a fortnight of five leads whose figures can be reckoned
by hand, and how the command is run."""

import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal

BINARY = next((a for a in sys.argv[1:] if a != "--update"), "handover")
DAY = 86_400_000

# Sales gets whoever has 20 points: a demo, or four pages. Whoever sales refuses rests, until a demo brings them back.
OLD = {
    "handover": 1, "name": "agreement", "version": 1, "effective_from": "2026-01-01T00:00:00Z", "teams": ["marketing", "sales"],
    "events": "segment", "attributes": {"size": {"at": "/size", "type": "number"}},
    "criteria": {"keen": {"score": "interest", "at_least": 20}, "large": {"attribute": "size", "at_least": 100}},
    "scores": {"fit": {"from": "attributes", "rules": [{"name": "large", "when": {"attribute": "size", "at_least": 100}, "points": 1}]},
               "interest": {"from": "events", "rules": [{"name": "page", "event": "Page", "points": 5},
                                                        {"name": "demo", "event": "Demo", "points": 20}]}},
    "stages": [{"name": "lead", "owner": "marketing"}, {"name": "sql", "owner": "sales", "enter": "keen"},
               {"name": "customer", "owner": "sales", "enter": {"event": "Deal Won"}},
               {"name": "resting", "owner": "marketing", "off_ladder": True}],
    "moves": [{"name": "no thanks", "from": "sql", "to": "resting", "when": {"event": "Refused"}, "reason": "/why"},
              {"name": "back again", "from": "resting", "to": "sql", "when": {"event": "Demo"}}],
    "slas": [{"name": "answer", "stage": "sql", "within": "2d", "met_by": ["Called", "Refused"]}]}


def with_threshold(points, **more):
    made = copy.deepcopy(OLD)
    made["criteria"]["keen"]["at_least"] = points
    return {**made, "version": 2, **more}


# Two pages do now.
NEW = with_threshold(10)


def event(lead, date, name, **more):
    """Dates are days of March 2026, the 2nd being a Monday, with a time where one matters."""
    day, _, clock = str(date).partition(" ")
    return {"userId": lead, "timestamp": f"2026-03-{int(day):02}T{clock or '09:00:00.000'}Z", "event": name, **more}


# Two weeks to the millisecond. Ann buys on the 9th; Bob is refused; Cy only reads; Dee had bought before she asked; Eve buys unseen.
FORTNIGHT = [
    event("ann", "2 00:00:00.000", "Page", size=500), event("eve", 2, "Page"), event("dee", 2, "Deal Won"), event("bob", 2, "Demo"),
    event("cy", 2, "Page"), event("ann", 3, "Page"), event("cy", 3, "Page"), event("dee", 3, "Demo"), event("ann", 4, "Demo"),
    event("bob", 5, "Refused", why="too small"), event("ann", 9, "Deal Won"), event("eve", "15 23:59:59.999", "Deal Won")]


def lines(events):
    return b"".join(json.dumps(one).encode() + b"\n" for one in events)


def kcat(events, partition):
    """As `kcat -J` prints them, the leads being in the partitions that are told."""
    return b"".join(json.dumps({"topic": "engagement", "partition": partition(one), "offset": offset, "key": None,
                                "payload": json.dumps(one)}).encode() + b"\n" for offset, one in enumerate(events))


def parse(text):
    return json.loads(text, parse_float=Decimal)


class Backtest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="handover-backtest-")  # pylint: disable=consider-using-with
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.old, self.new = self.file("old.json", OLD), self.file("new.json", NEW)
        self.log = self.file("log", lines(FORTNIGHT))

    def path(self, name):
        return str(self.folder / name)

    def file(self, name, content):
        (self.folder / name).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return self.path(name)

    def run_backtest(self, *args, stdin=b""):
        return subprocess.run([BINARY, "backtest", *map(str, args)], input=stdin, capture_output=True, timeout=300, check=False)

    def say(self, *args, status=0, old=None, new=None, log=None):
        """What goes to standard output, of the fortnight if nothing else is told."""
        old, new = (path if one is None else self.file(path.replace(".json", "-other.json"), one)
                    for one, path in ((old, "old.json"), (new, "new.json")))
        log = self.log if log is None else self.file("other log", lines(log))
        done = self.run_backtest(*(one if os.path.isabs(one) else self.path(one) for one in (old, new)), *args, log)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return done.stdout.decode()

    def json(self, *args, **more):
        return parse(self.say("--json", *args, **more))

    def differing(self):
        """What was written to the file `differ`, by --leads."""
        return [json.loads(line) for line in pathlib.Path(self.path("differ")).read_text("utf-8").splitlines()]

    def refused(self, *args, said, status=2):
        """Nothing goes to standard output, and the message has all that is told."""
        done = self.run_backtest(*args)
        errors = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout[:80]), (status, b""), errors)
        self.assertTrue(errors.startswith("handover backtest: "), errors)
        for one in [said] if isinstance(said, str) else said:
            self.assertIn(one, errors)
        return errors

    def refused_here(self, *args, said):
        return self.refused(self.old, self.new, *args, self.log, said=said)

    def judged(self, *conditions, status, **more):
        said = self.json(*(word for one in conditions for word in ("--fail-if", one)), status=status, **more)["fail_if"]
        self.assertEqual([one["condition"] for one in said], list(conditions))
        return [(one["value"], one["limit"], one["fails"]) for one in said]


def figures(**told):
    """All of a side's figures; those that are not told are what the fortnight has by OLD."""
    return {"handovers": 3, "per_week": Decimal("1.5"), "leads": 3, "late": 1, "won": 1, "rejected": 1, "open": 0,
            "precision": Decimal("0.5"), "recall": Decimal("0.333333"), "lift": Decimal("0.833333"), "busiest_week": 3, "weeks_over": None,
            "breaches": 3, **told}


NEW_FIGURES = figures(handovers=4, per_week=2, leads=4, open=1, precision=Decimal("0.333333"), lift=Decimal("0.555555"), busiest_week=4,
                      breaches=4)
