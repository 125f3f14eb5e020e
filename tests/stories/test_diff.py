#!/usr/bin/env python3
"""test_diff.py BINARY: `handover diff`: exit status, text and JSON; the sentences are tests/unit/test_diff.c's matter."""

import json
import pathlib
import subprocess
import sys
import unittest

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"
SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "config" / "sample.json"


class Diff(unittest.TestCase):
    def diff(self, *args, status, stdin=""):
        done = subprocess.run([BINARY, "diff", *args], input=stdin, capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout or done.stderr

    def changed(self, old, new):
        text = SAMPLE.read_text("utf-8")
        self.assertIn(old, text)
        return text.replace(old, new)

    def test_the_same(self):
        same = self.changed('"half_life": "14d"', '"half_life": "2w" /* a fortnight */')
        self.assertEqual(self.diff(str(SAMPLE), "-", status=0, stdin=same), "nothing changed in meaning\n")
        self.assertEqual(json.loads(self.diff("--json", str(SAMPLE), "-", status=0, stdin=same)), {"changes": []})

    def test_another(self):
        text, sentence = self.changed('"within": "4h"', '"within": "2h"'), "SLA sales answers: 4 hours become 2 hours"
        self.assertEqual(self.diff(str(SAMPLE), "-", status=1, stdin=text), sentence + "\n")
        self.assertEqual(json.loads(self.diff("--json", str(SAMPLE), "-", status=1, stdin=text)), {"changes": [sentence]})

    def test_refusals(self):
        self.diff(str(SAMPLE), status=2)
        self.diff("-", "-", status=2)
        self.diff(str(SAMPLE), "-", status=2, stdin="{}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
