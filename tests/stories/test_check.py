#!/usr/bin/env python3
"""test_check.py BINARY: `handover check` as people and scripts meet it. What is wrong with what is tests/unit/test_definition.c's matter;
here it is where the answer goes, and the exit status."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

DEFINITION = {
    "handover": 1, "name": "story", "version": 1, "effective_from": "2026-01-01T00:00:00Z", "teams": ["marketing"],
    "events": "segment", "stages": [{"name": "new", "owner": "marketing"}, {"name": "old", "owner": "marketing"}],
}


class Check(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()

    def tearDown(self):
        shutil.rmtree(self.folder)

    def file(self, name, /, **members):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write("// a remark\n" + json.dumps({**DEFINITION, **members}, indent=1))
        return path

    def check(self, *args, status, stdin=b""):
        done = subprocess.run([BINARY, "check", *args], input=stdin, capture_output=True, timeout=300, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout.decode(), done.stderr.decode()

    def test_the_sample_is_good(self):
        sample = os.path.join(ROOT, "config", "sample.json")
        output, error = self.check(sample, status=0)
        self.assertRegex(output, r"sample\.json: acme-qualified-lead version 1: good, sha256:[0-9a-f]{64}\n$")
        self.assertEqual(error, "")

    def test_everything_that_is_wrong(self):
        path = self.file("a.json", stagse=[], lateness="5")
        output, error = self.check(path, status=1)
        lines = output.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertTrue(lines[0].startswith(f'{path}:21:2: /stagse: a definition has no member "stagse"'), output)
        self.assertTrue(lines[1].startswith(f"{path}:22:14: /lateness: "), output)
        self.assertEqual(lines[2], f"{path}: not good")
        self.assertEqual(error, "")

    def test_json(self):
        bad, good = self.file("bad.json", name="No"), self.file("good.json")
        answer = json.loads(self.check("--json", good, bad, status=1)[0])
        self.assertFalse(answer["good"])
        first, second = answer["definitions"]
        self.assertEqual((first["file"], first["good"], first["name"], first["version"]), (good, True, "story", 1))
        self.assertEqual((first["effective_from"], first["agreed"]), ("2026-01-01T00:00:00.000Z", False))
        self.assertTrue(first["digest"].startswith("sha256:"))
        self.assertEqual(first["problems"], [])
        self.assertEqual([(p["pointer"], p["line"], p["column"]) for p in second["problems"]], [("/name", 4, 10)])
        self.assertIsNone(answer["misfit"])

    def test_versions_have_to_fit_together(self):
        first = self.file("1.json")
        gone = self.file("2.json", version=2, stages=DEFINITION["stages"][:1])
        output, _ = self.check(first, gone, status=1)
        self.assertIn('no longer has the stage "old"', output)
        self.check(first, self.file("3.json", version=2, stages=DEFINITION["stages"][:1], replaces={"old": "new"}), status=0)
        self.assertIn("was given twice", self.check(first, first, status=1)[0])
        self.check(first, self.file("other.json", name="other"), status=0)

    def test_strict_makes_advice_a_failure(self):
        path = self.file("a.json")
        self.assertIn(f"{path}:11:12: /stages: advice: all stages have the owner", self.check(path, status=0)[0])
        self.check("--strict", path, status=1)
        self.check("--strict", os.path.join(ROOT, "config", "sample.json"), status=0)
        self.assertTrue(json.loads(self.check("--json", path, status=0)[0])["definitions"][0]["advice"][0]["remedy"])

    def test_against_an_older_version(self):
        first = self.file("1.json")
        gone = self.file("2.json", version=2, stages=DEFINITION["stages"][:1], lateness="1m")
        output = self.check("--against", first, gone, status=1)[0]
        self.assertIn(f'{gone}: cannot follow {first}: the stage "old" is gone', output)
        self.assertIn("\"lateness\" falls from 300 s to 60 s", output)
        self.check("--against", first, self.file("3.json", version=2), status=0)
        self.check("--against", first, self.file("4.json", name="other"), status=1)
        self.check("--against", first, self.file("5.json", summary="other"), status=1)
        self.check("--against", first, self.file("6.json", version=2, effective_from="2025-01-01T00:00:00Z"), status=1)
        self.check("--against", self.file("7.json", version=2), first, status=1)
        self.check("--against", os.path.join(self.folder, "none"), first, status=2)

    def test_output_for_ci(self):
        bad, good = self.file("bad.json", name="No"), self.file("good.json")
        output = self.check("--output", "github", bad, good, status=1)[0]
        self.assertIn(f"::error file={bad},line=4,col=10::/name: ", output)
        self.assertIn(f"::warning file={good},line=11,col=12::/stages: advice: ", output)
        for strict, failures in (([], "1"), (["--strict"], "2")):
            suite = ElementTree.fromstring(self.check("--output", "junit", *strict, bad, good, status=1)[0])[0]
            self.assertEqual((suite.get("tests"), suite.get("failures")), ("2", failures))
        self.check("--output", "xml", good, status=2)

    def test_hostile_names_are_not_obeyed(self):
        hostile = "\x1b[2Jtidy\u202e"
        stages = [{"name": "new", "owner": "marketing"}, {"name": hostile, "owner": "marketing"}]
        bad, good = self.file("bad.json", **{hostile: 1}), self.file("good.json", stages=stages)
        for how in ("text", "github", "junit"):
            output = self.check("--output", how, bad, good, status=1)[0]
            self.assertIn("[2Jtidy", output)
            self.assertNotRegex(output, "[\x1b\u202e]")
        self.assertNotIn("\x1b", subprocess.run([BINARY, "verify", bad], capture_output=True, text=True, timeout=300, check=False).stderr)

    def test_standard_input(self):
        with open(self.file("a.json"), "rb") as definition:
            self.assertTrue(self.check("-", status=0, stdin=definition.read())[0].splitlines()[-1].startswith("-: story version 1: good"))
        self.assertTrue(self.check("-", status=1)[0].startswith("-:1:1: "))

    def test_usage(self):
        for args, said in (([], "FILE: is missing"), (["--strictt", "x"], "--strictt: there is no such option"),
                           (["-", "-"], "standard input can be read only once"),
                           ([os.path.join(self.folder, "none.json")], "none.json: No such file or directory"),
                           ([self.folder], "Is a directory")):
            output, error = self.check(*args, status=2)
            self.assertIn("handover check: ", error)
            self.assertIn(said, error)
            self.assertNotIn("good,", output)
        self.assertTrue(self.check("--help", status=0)[0].startswith("usage: handover check"))

    def test_a_closed_or_full_output(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BINARY, "check", self.file("a.json")], stdout=full, stderr=subprocess.PIPE, timeout=300, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"handover check: standard output: ", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
