#!/usr/bin/env python3
"""test_settings.py BINARY: what is said of settings that are wrong, as a terminal and a log get it. What is wrong with them is
tests/unit/test_settings.c's matter."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"


class Settings(unittest.TestCase):
    def said(self, text, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "s.json"
            path.write_text(text, encoding="utf-8")
            done = subprocess.run([BINARY, "topics", "--settings", path, *options], capture_output=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        return done.stderr.decode().replace(str(path), "s.json").splitlines()

    def test_places(self):
        self.assertEqual(self.said('{"bootstrap": "b",\n "threds": 1}', "--set", "threads=0")[:2],
                         ['handover topics: s.json:2:2: there is no setting "threds"; did you mean "threads"?',
                          "handover topics: settings: threads must be a whole number from 1 to 64"])

    def test_names_that_a_terminal_would_obey(self):
        line, _ = self.said('{"bootstrap": "b", "a\\u001b[2J\\nhandover topics: \\u202eb": 1}')
        self.assertEqual(line, 'handover topics: s.json:1:20: there is no setting "a\ufffd[2J\ufffdhandover topics: \ufffdb"')
        line, _ = self.said('{"bootstrap": "b", "kafka": {"a\\nb": "1"}}')
        self.assertIn('property "a\ufffdb"', line)

    def test_names_that_are_cut_stay_text(self):
        line, _ = self.said('{"bootstrap": "b", "' + "x" * 99 + "\u00e9" * 9 + '": 1}')
        self.assertTrue(line.endswith('"' + "x" * 99 + '\ufffd"'), line)

    def test_an_option_that_says_nothing(self):
        self.assertEqual(self.said('{"bootstrap": "b"}', "--set", "threads")[0], "handover topics: --set: wants name=value")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
