#!/usr/bin/env python3
"""test_diff.py BINARY [--update]: `handover diff`: each member of the language is changed in the sample (diff_cases.py), and what is said
of it stands in diff.txt beside this file (--update writes it anew). No change of meaning goes unsaid, and no other notation is a change."""

import copy
import itertools
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

import diff_cases

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "oracle"))
import random_logs  # noqa: E402: it lies beside the oracle

UPDATE = "--update" in sys.argv
BINARY = next((a for a in sys.argv[1:] if a != "--update"), "handover")
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SEEDS = 20
SAMPLE = ROOT / "config" / "sample.json"
# Members that are no part of what is compared: the format, the version, the signatures.
LEFT_OUT = {"handover", "version", "signoffs", "team", "by", "key", "signature"}


def read(path):
    """JSON with comments."""
    pattern = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.S)
    return json.loads(pattern.sub(lambda m: m[0] if m[0][0] == '"' else " ", path.read_text("utf-8")))


def change(document, pointer, value):
    """Makes the pointer's value another; diff_cases.GONE takes it out, `-` at the end of a list adds to it."""
    *way, last = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    for token in way:
        document = document[int(token) if isinstance(document, list) else token]
    if isinstance(document, list) and last == "-":
        document.append(value)
        return
    last = int(last) if isinstance(document, list) else last
    if value is diff_cases.GONE:
        del document[last]
    else:
        document[last] = value


def with_all(document, changes):
    document = copy.deepcopy(document)
    for pointer, value in changes:
        change(document, pointer, copy.deepcopy(value) if value is not diff_cases.GONE else value)
    return document


def names_within(value):
    if isinstance(value, dict):
        return set(value).union(*map(names_within, value.values()))
    return set().union(*map(names_within, value)) if isinstance(value, list) else set()


def leaves(value, pointer=""):
    """(pointer, value) of everything that is no object and no list."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in members:
        yield from leaves(child, f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}")
    if not isinstance(value, (dict, list)):
        yield pointer, value


def another(value):
    """A little more than this."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        duration = re.fullmatch(r"(\d+)([smhdw])", value)
        return f"{int(duration[1]) + 1}{duration[2]}" if duration else value + "x"
    return value + 1


def shuffled(r, value):
    """The same in another order."""
    if isinstance(value, list):
        return [shuffled(r, child) for child in value]
    if not isinstance(value, dict):
        return value
    members = [(name, shuffled(r, child)) for name, child in value.items()]
    r.shuffle(members)
    for name, child in members:
        if name in ("all", "any"):
            r.shuffle(child)
    return dict(members)


class Diff(unittest.TestCase):
    def setUp(self):
        self.base = with_all(read(SAMPLE), diff_cases.BASE)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.old = pathlib.Path(folder.name) / "old.json"

    def diff(self, old, new, *options, status):
        self.old.write_text(json.dumps(old), "utf-8")
        done = subprocess.run([BINARY, "diff", *options, str(self.old), "-"], input=json.dumps(new), capture_output=True, text=True,
                              timeout=300, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def told(self, title, changes):
        """What is said there and back: both ways the meaning is another."""
        lines = [f"## {title}"]
        new = with_all(self.base, changes)
        for mark, (a, b) in ((">", (self.base, new)), ("<", (new, self.base))):
            answer = json.loads(self.diff(a, b, "--json", status=1))
            self.assertFalse(answer["same"])
            self.assertTrue(answer["changes"])
            for change in answer["changes"]:
                outcome = " ".join(filter(None, [change["effect"], change["outcome"]]))
                lines.append(f"{mark} {change['sentence']}" + (f" [{outcome}]" if outcome else ""))
            lines += [f"{mark} ({text})" for text in answer["takeover"]]
        return "\n".join(lines) + "\n"

    def test_every_change_of_meaning_is_told(self):
        text = ""
        for title, *changes in diff_cases.CHANGES:
            with self.subTest(title):
                text += self.told(title, changes)
        golden = HERE / "diff.txt"
        if UPDATE:
            golden.write_text(text, "utf-8")
        self.assertEqual(text, golden.read_text("utf-8"))

    def test_no_value_changes_unseen(self):
        """Each value of the document is made another; where that still is a good definition, something is said."""
        told = 0
        for pointer, value in leaves(self.base):
            new = with_all(self.base, [(pointer, another(value))])
            self.old.write_text(json.dumps(new), "utf-8")
            good = subprocess.run([BINARY, "check", str(self.old)], capture_output=True, timeout=300, check=False).returncode == 0
            if not good or pointer in ("/version", "/handover"):
                continue
            with self.subTest(pointer):
                words = pointer == "/summary" or pointer.endswith("/description")
                answer = json.loads(self.diff(self.base, new, "--json", status=0 if words else 1))
                self.assertTrue(answer["words"] if words else answer["changes"])
                told += 1
        self.assertGreater(told, 200)

    def test_made_up_definitions(self):
        """Any two versions can be compared, and the order of members and of what counts alike is no change."""
        for seed in range(SEEDS):
            r = random.Random(seed)
            versions = random_logs.versions(r)
            for a, b in itertools.product(versions, repeat=2):
                with self.subTest(f"seed {seed}: {a['version']}, {b['version']}"):
                    self.diff(a, b, status=0 if a is b else 1)
            self.diff(versions[0], shuffled(r, versions[0]), status=0)

    def test_another_notation_is_no_change(self):
        for title, *changes in diff_cases.NOTATIONS:
            with self.subTest(title):
                new = with_all(self.base, changes)
                self.assertNotEqual(json.dumps(new), json.dumps(self.base))
                for a, b in ((self.base, new), (new, self.base)):
                    answer = json.loads(self.diff(a, b, "--json", status=0))
                    self.assertEqual((answer["same"], answer["changes"], answer["words"]), (True, [], []))

    def test_words_are_told_apart(self):
        for title, *changes in diff_cases.WORDS:
            with self.subTest(title):
                answer = json.loads(self.diff(self.base, with_all(self.base, changes), "--json", status=0))
                self.assertTrue(answer["same"])
                self.assertEqual(len(answer["words"]), 1)

    def test_every_member_of_the_language_is_changed(self):
        sources = "".join(path.read_text("utf-8") for path in sorted((ROOT / "config").glob("definition*.c")))
        members = set(re.findall(r'\{"(\w+)", (?:true|false)\}', sources)) - LEFT_OUT
        self.assertGreater(len(members), 50)
        told = set()
        for _, *changes in diff_cases.CHANGES + diff_cases.WORDS:
            for pointer, value in changes:
                told |= set(pointer.split("/")) | names_within(value)
        self.assertEqual(members - told, set())

    def test_the_text(self):
        new = with_all(read(SAMPLE), diff_cases.VERSION_2)
        text = re.sub(r"[0-9a-f]{64}", "DIGEST", self.diff(read(SAMPLE), new, status=1))
        self.assertEqual(text, diff_cases.VERSION_2_TEXT)
        same = self.diff(self.base, self.base, status=0)
        self.assertEqual(same.splitlines()[-1], "nothing changed in meaning")

    def test_hostile_names_are_not_obeyed(self):
        hostile = "\x1b[2Jtidy\u202e\x07"
        stage = {"name": hostile, "owner": "marketing", "enter": {"event": hostile}}
        new = with_all(self.base, [("/summary", hostile), ("/stages/1", stage), ("/moves/5", diff_cases.GONE),
                                   ("/replaces", {hostile + "x": hostile}), ("/criteria/need", {"attribute": "problem", "is": hostile})])
        new = json.loads(json.dumps(new).replace('"suspect"', json.dumps(hostile)))
        seen = self.diff(self.base, new, status=1)
        self.assertFalse(re.search("[\x00-\x09\x0b-\x1f\u202e]", seen))
        self.assertIn("[2Jtidy", seen)
        self.assertFalse(re.search("[\x00-\x09\x0b-\x1f]", self.diff(self.base, new, "--json", status=1)))

    def test_refusals(self):
        for args in ([str(SAMPLE)], ["-", "-"], [str(SAMPLE), "-"]):
            done = subprocess.run([BINARY, "diff", *args], input="{}", capture_output=True, text=True, timeout=300, check=False)
            self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
