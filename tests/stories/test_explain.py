#!/usr/bin/env python3
"""test_explain.py BINARY [--update]: `handover explain`.

1. Many random logs: against the second implementation of the engine (tests/oracle): the story has every change of its lead and no other,
   with --at those of the log cut there; points that are said to have been counted, faded by the engine's rule and kept within
   caps, make the scores that are published; the lead stands as the other implementation has it, and what is foreseen comes.
2. Two leads of the demo's fortnight, word by word (explain.txt and explain.html beside this file; --update writes them anew).
3. What strangers may have in their events, and what is refused.

From the environment: HANDOVER_SEEDS, how many logs (default 150)."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

UPDATE = "--update" in sys.argv
BINARY = next((a for a in sys.argv[1:] if a != "--update"), "handover")
HERE = pathlib.Path(__file__).resolve().parent
SAMPLE = str(HERE.parents[1] / "config" / "sample.json")
sys.path.insert(0, str(HERE.parent / "oracle"))

import replay  # noqa: E402 pylint: disable=wrong-import-position
from definition import Definition  # noqa: E402 pylint: disable=wrong-import-position
from events import Reject, decode  # noqa: E402 pylint: disable=wrong-import-position
from lead import Lead, count, count_quiet, fade_to, reset  # noqa: E402 pylint: disable=wrong-import-position
from random_logs import random_case  # noqa: E402 pylint: disable=wrong-import-position
from times import MINUTE, moment, shown  # noqa: E402 pylint: disable=wrong-import-position
from values import nanopoints, points_written  # noqa: E402 pylint: disable=wrong-import-position
from view import View  # noqa: E402 pylint: disable=wrong-import-position

SEEDS = int(os.environ.get("HANDOVER_SEEDS", "150"))
CHANGES = ("stage", "breach")
FORESEEN = 3 * 86_400_000


def explain(*args, status=0, stdin=None):
    done = subprocess.run([BINARY, "explain", *args], input=stdin, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == status, f"{args}: {done.returncode}\n{done.stdout}{done.stderr}"
    assert not (status and done.stdout)
    return done.stderr if status else done.stdout


def numbers_as_text(raw):
    return json.loads(raw, parse_float=str, parse_int=str)


def plain(scores):
    return {name: str(points) for name, points in scores.items()}


class CutReplay(replay.Replay):
    """The log ends, partition by partition, before the first event that is later than `end`; notes where a lead comes first."""

    def __init__(self, options, out, end=None):
        super().__init__(options, out, lambda letter: None)
        self.end, self.ended, self.homes, self.times = end, set(), {}, []
        if end is not None:
            options.until = end

    def take(self, topic, partition, offset, timestamp, key, payload):
        if partition in self.ended:
            return
        try:
            event = decode(self.task(partition).active, payload, key, timestamp, self.options.max_event_bytes)
        except Reject:
            return
        if self.end is not None and event.time > self.end:
            self.ended.add(partition)
            return
        self.homes.setdefault(event.lead, partition)
        self.times.append(event.time)
        self.task(partition).record(event, topic, offset)


class Books:
    """One lead's points, from nothing but what its story says was counted."""

    def __init__(self, definition, lead, created):
        self.definition, self.lead = definition, Lead(lead, definition, created)
        self.held = set()  # rules from attributes
        self.known = False  # its first event has been told; late as it may be, periods of quiet come before it

    def rule(self, told):
        return next(rule for rule in self.definition.scores[told["score"]]["rules"] if rule["name"] == told["rule"])

    def counted(self, told, time, now):
        """What it added, as it is written."""
        rule, key = self.rule(told), (told["score"], told["rule"])
        if self.definition.scores[told["score"]]["from"] == "attributes":
            self.held ^= {key}
            return points_written(nanopoints(rule["points"]) * (1 if key in self.held else -1))
        if "at_most" in told["less"]:
            return "0"
        rule = {name: member for name, member in rule.items() if name != "at_most"}
        if "lasts" not in rule:
            fade_to(self.lead, told["score"], self.definition.scores[told["score"]], time // MINUTE)
        view = View(self.definition, self.lead, now, None)
        before = view.lasting(told["score"], rule) if "lasts" in rule else self.lead.points.get(key, 0)
        count(self.definition, self.lead, told["score"], rule, time)
        after = view.lasting(told["score"], rule) if "lasts" in rule else self.lead.points[key]
        return points_written(after - before)

    def score(self, name, now):
        score = self.definition.scores[name]
        if score["from"] == "attributes":
            total = sum(nanopoints(rule["points"]) for rule in score["rules"] if (name, rule["name"]) in self.held)
        elif score["from"] == "events":
            total = View(self.definition, self.lead, now, None).score_from_events(name)
        else:
            total = sum(self.score(one, now) for one in score["of"])
        low = nanopoints(score["min"]) if "min" in score else 0
        return min(max(total, low), nanopoints(score["max"]) if "max" in score else 10**15)

    def scores(self, now):
        return {name: str(points_written(self.score(name, now))) for name in self.definition.scores}


def gist(event):
    data = event["data"]
    return event["type"], event["time"], data.get("to"), data.get("sla"), data["cause"]["kind"], data["scores"]


def up_to_stage_change(events):
    """And all that comes at that moment."""
    found, end = [], None
    for event in events:
        if end not in (None, event["time"]):
            break
        found.append(gist(event))
        if event["type"] == "lead.stage.changed":
            end = event["time"]
    return found


class RandomLogs(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="handover-explain-")  # pylint: disable=consider-using-with
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name, "case")
        self.seen = {"stories": 0, "changes": 0, "sums": 0, "cut": 0, "foreseen": 0, "less": set(), "kinds": set()}

    def test_against_the_oracle(self):
        for seed in range(SEEDS):
            case = random_case(seed)
            arguments = case.save(self.folder)
            with self.subTest(seed=seed):
                self.check_case(arguments, [Definition(text) for text in case.definitions])
        seen = self.seen
        print(f"{SEEDS} logs:", {name: sorted(x) if isinstance(x, set) else x for name, x in seen.items()}, flush=True)
        if SEEDS >= 100:
            self.assertEqual(seen["kinds"], {"event", "quiet", "stage", "breach", "reset", "version"})
            self.assertLessEqual({"at_most", "cap", "late"}, seen["less"])
            self.assertGreater(min(seen["sums"], seen["cut"], seen["changes"], seen["foreseen"]), SEEDS // 3)

    def check_case(self, arguments, definitions):
        times = self.check_log(arguments, definitions)
        if times and "--until" not in arguments:
            middle = sorted(times)[len(times) // 2]
            self.check_log(arguments, definitions, middle)
            self.check_log(arguments, definitions, max(times) + 86_400_000)
            self.seen["cut"] += 1

    def check_log(self, arguments, definitions, at=None):
        published = []
        oracle = CutReplay(replay.options_of(["replay", *arguments]), published.append, at)
        oracle.run()
        foreseen, published = {}, list(map(numbers_as_text, published))
        for lead, partition in oracle.homes.items():
            options = [] if at is None else ["--at", shown(at)]
            story = numbers_as_text(explain("--json", *options, *arguments[:-1], "--", lead, arguments[-1]))
            self.assertEqual((story["lead"], story["partition"]), (lead, str(partition)))
            expected = [one for one in published
                        if one["subject"] == lead and one["data"]["cause"]["partition"] == str(partition)]
            self.assertEqual([e["published"] for e in story["timeline"] if e["kind"] in CHANGES], expected)
            self.check_standing(story["standing"], oracle.task(partition), lead)
            self.check_sums(story, definitions)
            foreseen[lead] = story["foreseen"]
            self.seen["stories"] += 1
            self.seen["changes"] += len(expected)
            self.seen["kinds"] |= {entry["kind"] for entry in story["timeline"]}
        if at is None:
            self.check_foreseen(foreseen, oracle)
        return oracle.times

    def check_foreseen(self, foreseen, oracle):
        """What was said to come by time alone comes within the next days, and nothing else; where no version is to come."""
        for partition, task in oracle.tasks.items():
            if task.active is not task.known[-1] or not task.leads:
                continue
            came, end = [], max(task.stream, task.passed) + FORESEEN
            task.publisher.out = lambda line, came=came: came.append(numbers_as_text(line))
            task.mark(end)
            for lead in (lead for lead in foreseen if oracle.homes[lead] == partition):
                expected = up_to_stage_change(one for one in came if one["subject"] == lead)
                told = [gist(one["published"]) for one in foreseen[lead] if moment(one["published"]["time"]) <= end]
                self.assertEqual(told, expected)
                self.seen["foreseen"] += len(told)

    def check_standing(self, standing, task, name):
        lead, now = task.leads[name], max(task.stream, task.passed)
        count_quiet(task.active, lead, now)
        view = View(task.active, lead, now, None)
        self.assertEqual(standing["at"], shown(now).replace("Z", "") + ("Z" if "." in shown(now) else ".000Z"))
        self.assertEqual(standing["stage"], lead.stage)
        self.assertEqual(standing["entry"], str(lead.entries[lead.stage]))
        self.assertEqual(standing["scores"], plain(view.scores()))
        met = [name for name in task.active.criteria if view.holds(name)]
        self.assertEqual(standing["criteria"]["met"], met)
        self.assertEqual([due["sla"] for due in standing["due"]], [sla["name"] for sla in lead.open_slas(task.active)])
        rung = task.active.next_rung(lead.stage)
        enter = task.active.stages[rung].get("enter") if rung else None
        self.assertEqual(bool(standing["next"]), enter is not None)
        if standing["next"]:
            self.assertEqual(standing["next"]["stage"], rung)
            self.assertEqual(standing["next"]["needs"] is None, view.holds(enter))

    def check_sums(self, story, definitions):
        """Where one version decided all of it."""
        versions = {entry["version"] for entry in story["timeline"]}
        if len(versions) > 1 or any(entry["kind"] == "version" for entry in story["timeline"]):
            return
        definition = next(one for one in definitions if str(one.version) in versions)
        first = next(entry for entry in story["timeline"] if entry["kind"] == "event")
        books = Books(definition, story["lead"], moment(first["time"]))
        for entry in story["timeline"]:
            books.known = books.known or entry is first
            if entry["kind"] in CHANGES:
                self.check_change(books, entry)
            elif not entry.get("duplicate"):
                self.check_entry(books, entry)
        self.seen["sums"] += 1

    def check_change(self, books, entry):
        if entry["kind"] == "stage":
            self.assertEqual(entry["published"]["data"]["scores"], books.scores(moment(entry["published"]["time"])))

    def check_entry(self, books, entry):
        time, now = moment(entry["time"]), moment(entry.get("now", entry["time"]))
        for told in entry.get("counted", []):
            self.assertEqual(told["added"], str(books.counted(told, time, now)), told)
            self.seen["less"] |= set(told["less"])
            if told["added"] != told["points"]:
                self.assertTrue(told["less"], told)
        if entry["kind"] == "reset":
            reset(books.definition, books.lead, entry["score"])
        if books.known:
            self.assertEqual(entry["scores"], books.scores(now), entry)


class Fortnight(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.log = subprocess.run([BINARY, "demo", "--events"], capture_output=True, text=True, timeout=300, check=True).stdout

    def explain(self, *args, status=0):
        return explain(*args, "--definition", SAMPLE, "--envelope", "kcat", status=status, stdin=self.log)

    def golden(self, name, text):
        if UPDATE:
            (HERE / name).write_text(text, "utf-8")
        self.assertEqual((HERE / name).read_text("utf-8"), text)

    def test_text(self):
        self.golden("explain.txt", self.explain("u-1001") + "\n" + self.explain("u-1006", "--at", "2026-11-05T18:00:00Z"))

    def test_html(self):
        page = self.explain("--html", "u-1004")
        self.assertNotIn("http", page)
        self.golden("explain.html", page)

    def test_what_is_missing(self):
        needs = json.loads(self.explain("u-1006", "--json"))["standing"]["next"]["needs"]
        self.assertEqual(needs["kind"], "any")
        engaged, looking = needs["of"]
        self.assertEqual(engaged["criterion"], "engaged")
        self.assertEqual(engaged["needs"]["text"], "33.649 more points of engagement (0 of 30; it is 3.648 below its least)")
        self.assertEqual([one["kind"] for one in looking["needs"]["of"]], ["score", "happened"])

    def test_attributes_that_are_not_shared_have_no_value(self):
        text = pathlib.Path(SAMPLE).read_text("utf-8")
        definition = json.loads("\n".join(line.split(" // ")[0] for line in text.splitlines() if not line.lstrip().startswith("//")))
        hidden = [name for name, one in definition["attributes"].items() if isinstance(one, dict) and one.get("share") is False]
        story = json.loads(self.explain("u-1001", "--json"))
        told = {a["name"]: "value" in a for entry in story["timeline"] for a in entry.get("attributes", [])}
        self.assertEqual(told, {name: name not in hidden for name in told})

    def test_nobody_of_that_name(self):
        self.assertIn("no such lead in the log; did you mean u-1001, ", self.explain("u-10001", status=1))
        self.assertIn("no such lead by then", self.explain("u-1001", "--at", "2026-11-01T00:00:00Z", status=1))
        self.assertNotIn("did you mean", self.explain("somebody@else.example", status=1))


HOSTILE = "<b>&\x1b[31m\u202e'\"\\{}$(x)`"
SMALL = {"handover": 1, "name": "x", "version": 1, "effective_from": "2026-01-01T00:00:00Z", "teams": ["m"], "events": "segment",
         "attributes": {"title": {"at": "/traits/title"}, "secret": {"at": "/traits/secret", "share": False}},
         "criteria": {"titled": {"attribute": "title", "is": "chief"}, "told": {"attribute": "secret", "is": "open"}},
         "scores": {"s": {"from": "events", "rules": [{"name": "e", "event": "E", "points": 2.5, "cap": 4}]}},
         "stages": [{"name": "a", "owner": "m"},
                    {"name": "b", "owner": "m", "enter": {"any": [{"all": [{"score": "s", "at_least": 40}, "titled"]}, "told"]}}]}


class Strangers(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="handover-explain-")  # pylint: disable=consider-using-with
        self.addCleanup(scratch.cleanup)
        self.definition = pathlib.Path(scratch.name, "d.json")
        self.definition.write_text(json.dumps(SMALL), "utf-8")

    def explain(self, *args, lead, status=0, events=None):
        event = {"userId": lead, "timestamp": "2026-03-01T00:00:00Z", "event": HOSTILE if lead == HOSTILE else "E",
                 "traits": {"title": lead, "secret": "SESAME"}}
        log = "".join(json.dumps(one) + "\n" for one in events or [event, event])
        return explain(*args, "--definition", str(self.definition), "--", lead, status=status, stdin=log)

    def test_hostile_texts(self):
        text = self.explain(lead=HOSTILE)
        self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\u202e]")
        page = self.explain("--html", lead=HOSTILE)
        self.assertNotIn("<b>", page)
        self.assertNotRegex(page, "[\x00-\x09\x0b-\x1f\u202e]")
        self.assertEqual(json.loads(self.explain("--json", lead=HOSTILE))["lead"], HOSTILE)
        for form in [], ["--html"], ["--json"]:
            self.assertNotIn("SESAME", self.explain(*form, lead="x"))

    def test_leads_that_look_like_something_else(self):
        for lead in "-", "--", "-h", "é" * 127, "l" * 255, " ", "\n", "😀":
            with self.subTest(lead):
                self.assertEqual(json.loads(self.explain("--json", lead=lead))["lead"], lead)

    def test_caps_and_needs(self):
        story = json.loads(self.explain("--json", lead="x"))
        counted = [entry["counted"][0] for entry in story["timeline"]]
        self.assertEqual([(c["points"], c["added"], c["less"]) for c in counted], [(2.5, 2.5, []), (2.5, 1.5, ["cap"])])
        needs = story["standing"]["next"]["needs"]
        self.assertEqual((needs["kind"], needs["of"][0]["kind"]), ("any", "all"))
        texts = [needs["of"][0]["of"][0]["text"], needs["of"][0]["of"][1]["needs"]["text"], needs["of"][1]["needs"]["text"]]
        self.assertEqual(texts, ["36 more points of s (4 of 40)", "title is “x”, not “chief”", "secret is not “open”"])

    def test_a_score_at_its_most(self):
        score = {"from": "events", "max": 5, "rules": [{"name": "e", "event": "E", "points": 3.5}]}
        enter = {"any": [{"score": "s", "at_least": 40}, {"score": "s", "above": 5}, {"score": "s", "below": 3}]}
        hidden = {**SMALL, "scores": {"s": score}, "stages": [SMALL["stages"][0], {"name": "b", "owner": "m", "enter": enter}]}
        self.definition.write_text(json.dumps(hidden), "utf-8")
        needs = json.loads(self.explain("--json", lead="x"))["standing"]["next"]["needs"]["of"]
        self.assertEqual([(one["apart"], one["text"]) for one in needs], [
            (33, "s can never be so high (5 of 40; it is 2 above its most)"),
            (-2, "s can never be so high (5 of 5; it is 2 above its most)"),
            (-4, "more than 4 points fewer of s (5, at most 3; it is 2 above its most)")])

    def test_refusals(self):
        definition = ["--definition", str(self.definition)]
        self.assertIn("is missing: whose story", explain(*definition, status=2))
        self.assertIn("is missing: what is a qualified lead", explain("x", status=2))
        self.assertIn("1 to 255", explain("", *definition, status=2))
        self.assertIn("one of them", explain("x", *definition, "--json", "--html", status=2))
        self.assertIn("one of them", explain("x", *definition, "--at", "2026-01-01T00:00:00Z", "--until", "2026-01-01T00:00:00Z", status=2))
        self.assertIn("--at", explain("x", *definition, "--at", "yesterday", status=2))
        self.assertIn("No such file", explain("x", *definition, "/nowhere", status=2))
        self.assertIn("no such lead", explain("x", *definition, status=1, stdin=""))

    def test_refusals_of_kafka(self):
        kafka = ["--set", "bootstrap=127.0.0.1:1", "--set", "inputs=a"]
        self.assertIn("--settings: reads from Kafka: no FILE", explain("x", *kafka, "file", status=2))
        for option in ["--topic", "t"], ["--envelope", "kcat"], ["--max-event-bytes", "9"]:
            self.assertIn(f"{option[0]}: goes with files", explain("x", *kafka, *option, status=2))
        self.assertIn("No such file", explain("x", "--settings", "/nowhere", status=2))
        self.assertIn("no_such", explain("x", *kafka, "--set", "no_such=1", status=2))
        self.assertIn("settings: ", explain("x", *kafka, "-X", "security.protocol=x", status=2))
        self.assertIn("/nowhere", explain("x", *kafka, "--definition", "/nowhere", status=2))
        self.assertIn("/nowhere", explain("x", *kafka, "--trust", "/nowhere", status=2))
        self.assertIn("a value is missing", explain("x", "--settings", status=2))
        said = explain("x", *kafka, "--set", "definitions_topic=d", status=3)
        self.assertIn("127.0.0.1:1: ", said)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *(a for a in sys.argv[2:] if a != "--update")])
