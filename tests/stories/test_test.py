#!/usr/bin/env python3
"""test_test.py BINARY: `handover test` as people and CI meet it: the sample's tests, each form, failures, broken files, coverage, update."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SAMPLE = os.path.join(ROOT, "config", "sample.test.json")

TESTS = """// a remark above
{
  "definition": "d.json", "start": "2026-03-02T09:00:00Z",
  "tests": [
    {"name": "good", "events": [{"at": "1h", "name": "Asked"}], "expect": [{"at": "1h", "from": "new", "to": "old", "move": null}]},
    {"name": "bad & <wrong>", // stays
      "events": [{"at": "1h", "name": "Asked"}],
      "expect": [
        {"at": "2h", "from": "new", "to": "old"}
      ]}
  ]
}
"""
DEFINITION = {
    "handover": 1, "name": "story", "version": 1, "effective_from": "2026-01-01T00:00:00Z", "teams": ["marketing"], "events": "cloudevents",
    "stages": [{"name": "new", "owner": "marketing"}, {"name": "old", "owner": "marketing", "enter": {"event": "Asked"}}],
}

SPOILERS = (  # where, and what to put there
    (r'"from": ("(?!ineligible)[^"]*")', '/* stays */ "ineligible"'),
    (r'"scores": (\{[^}]*\})', '{"person": 7 /* stays */}'),
    (r'"expect": \[()', ' {"at": "9d"}, /* stays ], */'),
    (r'\n        \{"at"[^\n]*"from"[^\n]*\}(),\n', ',\n        {"at": "400d", "to": "purged"}'),
    (r'(\n        \{"at"[^\n]*"from"[^\n]*\},)\n', ""),
)


def spoiled(dice, text):
    """Test files with one expectation more, less or other than what is."""
    where, what = dice.choice(SPOILERS)
    found = dice.choice(list(re.finditer(where, text)))
    return text[:found.start(1)] + what + text[found.end(1):]


class Test(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.file("d.json", json.dumps(DEFINITION))
        self.tests = self.file("t.json", TESTS)

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def run_tests(self, *args, status):
        done = subprocess.run([BINARY, "test", *args], capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout, done.stderr

    def test_the_sample(self):
        output, error = self.run_tests(SAMPLE, status=0)
        self.assertTrue(output.endswith("16 tests, 0 failed\n"), output)
        self.assertEqual(error, "")

    def test_a_failure_is_readable(self):
        output, _ = self.run_tests(self.tests, status=1)
        self.assertIn(f"FAIL  bad & <wrong>\n      {self.tests}:9\n", output)
        self.assertRegex(output, r"! at +2026-03-02T11:00:00.000Z +2026-03-02T10:00:00.000Z\n")
        self.run_tests("--run", "go*", self.tests, status=0)

    def test_forms(self):
        answer = json.loads(self.run_tests("--output", "json", self.tests, status=1)[0])
        self.assertEqual([(r["name"], r["passed"]) for r in answer["results"]], [("good", True), ("bad & <wrong>", False)])
        self.assertIn("not ok 2 - bad", self.run_tests("--output", "tap", self.tests, status=1)[0])
        suite = xml.etree.ElementTree.fromstring(self.run_tests("--output", "junit", self.tests, status=1)[0])
        self.assertEqual((suite.get("failures"), suite[1].get("name"), len(suite[1])), ("1", "bad & <wrong>", 1))
        self.assertTrue(self.run_tests("--output", "github", self.tests, status=1)[0].startswith(f"::error file={self.tests},line=9,"))

    def test_coverage(self):
        """The sample's tests reach all of it; without the one of the deal that nobody decides they do not."""
        self.assertNotIn("no test reaches", self.run_tests("--coverage", "--threshold", "100", SAMPLE, status=0)[0])
        output, _ = self.run_tests("--coverage", "--threshold", "99", "--run", "[!a]*", SAMPLE, status=1)
        self.assertIn('no test reaches: move "no decision"', output)

    def test_update(self):
        self.run_tests("--update", self.tests, status=1)
        with open(self.tests, encoding="utf-8") as updated:
            self.assertEqual(updated.read(), TESTS.replace('"at": "2h"', '"at": "1h"').replace("\n      ]}", "\n      ]}"))
        self.run_tests(self.tests, status=0)

    def test_probes_and_breakage(self):
        probe = '"probes": [{"at": "30m", "lead": "lead-1"}, {"at": "2h", "stage": "new"}], "expect"'
        output, _ = self.run_tests(self.file("p.json", TESTS.replace('"expect"', probe, 1)), status=1)
        self.assertRegex(output, r"! stage +new +old\n")
        for before, after, said in (('"expect"', '"expcet"', 'did you mean "expect"?'), ('"1h"', '"1 hour"', "is no time"),
                                    ('"start"', '"description"', 'needs "start"'), ("// stays", "/* stays", "does not end"),
                                    ('"d.json"', '"none.json"', "No such file"), ('"good"', "5", "another type")):
            with self.subTest(said):
                self.assertIn(said, self.run_tests(self.file("x.json", TESTS.replace(before, after)), status=2)[1])

    def test_names(self):
        for before, after, said in (('"to": "old"', '"to": "odl"', 'there is no stage "odl"; did you mean "old"?'),
                                    ('"to": "old"', '"queue": "emea"', 'there is no queue "emea"'),
                                    ('"to": "old"', '"met": ["contact"]', 'there is no criterion "contact"')):
            with self.subTest(said):
                output, error = self.run_tests(self.file("x.json", TESTS.replace(before, after)), status=2)
                self.assertIn(said, error)
                self.assertEqual(output, "")

    def test_update_of_probes(self):
        probe = '"probes": [{"at": "2h", /* then */ "stage": "%s"}], "expect"'
        tests = self.file("p.json", TESTS.replace('"expect"', probe % "new", 1))
        self.run_tests("--update", "--run", "good", tests, status=1)
        with open(tests, encoding="utf-8") as updated:
            self.assertEqual(updated.read(), TESTS.replace('"expect"', probe % "old", 1))  # and the bad one is left alone

    def test_update_of_anything(self):
        """Whatever is wrong with what is expected: after --update it is not, and every remark that was added is there."""
        example = os.path.join(ROOT, "examples", "gitlab", "definition")
        with open(example + ".test.json", encoding="utf-8") as file:
            good = file.read()
        for seed in range(25):
            dice = random.Random(seed)
            with self.subTest(seed):
                text = spoiled(dice, good)
                tests = self.file("g.json", text)
                self.run_tests("--definition", example + ".json", "--update", tests, status=1)
                with open(tests, encoding="utf-8") as updated:
                    self.assertEqual(updated.read().count("/* stays"), text.count("/* stays"))
                self.run_tests("--definition", example + ".json", tests, status=0)

    def test_values(self):
        expect = '"expect": [{"at": "1h", "from": "new"'
        for before, after, said in ((expect, expect + ', "cause": "events"', "is event, move, climb or timer"),
                                    (expect, expect + ', "scores": {"fit": "7"}', "is no number of points"),
                                    (expect, expect + ', "met": ["need", 7]', "is no name of a criterion"),
                                    (expect, expect + ', "from": "old"', "is there already"),
                                    ('"start": "2026', '"start": "26', '"start" is a time such as'),
                                    ('"at": "1h"', '"at": "-hour"', "is no time"), ('"at": "1h"', '"at": "-100w"', None),
                                    ('"at": "1h"', f'"at": "{20 * "1000000w"}"', "is not within the years"),
                                    ('"start"', '"$schema": "./test.schema.json", "start"', None)):
            with self.subTest(after):
                error = self.run_tests(self.file("x.json", TESTS.replace(before, after, 1)), status=2 if said else 1)[1]
                self.assertIn(said or "", error)
                self.assertEqual(not said, not error)
        self.assertIn("cannot be an empty list", self.run_tests(self.file("x.json", '{"definition": "d.json", "tests": []}'), status=2)[1])

    def test_usage(self):
        for args in ((), ("--output", "xml", SAMPLE), ("--threshold", "101", SAMPLE), ("--run", "none", SAMPLE), ("--bad", SAMPLE), ("none",)):
            self.run_tests(*args, status=2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
