#!/usr/bin/env python3
"""test_examples.py BINARY: every folder of examples/ holds a definition that is good, and tests that pass and reach all of it; its page
can be printed, and names what the definition has."""

import json
import pathlib
import re
import subprocess
import sys
import unittest

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"
EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
ADVICE = {"education": {"a business need", "a timeframe", "authority", "contact information", "one criterion alone"},
          "gitlab": {"a business need", "authority", "a timeframe", 'stage "purged" for ever',
                     'move "restored by hand" takes leads back from sales without a reason',
                     'move "owner left" takes leads back from sales without a reason'}}  # what each README.md explains


def without_comments(text):
    return re.sub(r'"(?:\\.|[^"\\])*"|//[^\n]*', lambda m: m[0] if m[0][0] == '"' else "", text)


class Examples(unittest.TestCase):
    def run_one(self, *args, status=0):
        done = subprocess.run([BINARY, *map(str, args)], capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def each(self):
        for folder in sorted(EXAMPLES.iterdir()):
            with self.subTest(folder.name):
                yield folder

    def test_there_are_some(self):
        self.assertEqual({folder.name for folder in EXAMPLES.iterdir()}, set(ADVICE))

    def test_good_and_no_advice_but_what_is_explained(self):
        for folder in self.each():
            answer = json.loads(self.run_one("check", "--json", folder / "definition.json"))
            advice = [a["why"] for a in answer["definitions"][0]["advice"]]
            explained = ADVICE[folder.name]
            self.assertEqual([why for why in advice if not any(e in why for e in explained)], [])
            self.assertEqual([e for e in explained if not any(e in why for why in advice)], [])

    def test_tests_pass_and_reach_everything(self):
        for folder in self.each():
            output = self.run_one("test", "--threshold", 100, folder / "definition.test.json")
            self.assertIn(" tests, 0 failed\n", output)

    def test_page(self):
        for folder in self.each():
            definition = json.loads(without_comments((folder / "definition.json").read_text("utf-8")))
            page = self.run_one("describe", folder / "definition.json")
            named = [definition["name"], *definition["teams"], *definition["criteria"], *definition["scores"]]
            named += [one.get("name", one.get("queue")) for kind in ("stages", "moves", "slas", "routes") for one in definition.get(kind, [])]
            self.assertEqual([name for name in named if name not in page], [])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
