#!/usr/bin/env python3
"""test_describe.py BINARY [--update]: `handover describe`: what it prints of the sample, word by word (describe.md and describe.html beside
this file; --update writes them anew), and that nothing of a hostile definition is obeyed."""

import json
import pathlib
import subprocess
import sys
import unittest
from html.parser import HTMLParser

UPDATE = "--update" in sys.argv
BINARY = next((a for a in sys.argv[1:] if a != "--update"), "handover")
HERE = pathlib.Path(__file__).resolve().parent
SAMPLE = str(HERE.parents[1] / "config" / "sample.json")
HOSTILE = "</p><script>alert(1)</script>\n# [x](http://evil.example) | `y`\u202e"


class Tags(HTMLParser):
    """Which tags there are, whether each is closed, and whether anything would be loaded."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes = [], set(), set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> in {self.open}"
        self.open.pop()


class Describe(unittest.TestCase):
    def describe(self, *args, status=0, stdin=None):
        done = subprocess.run([BINARY, "describe", *args], input=stdin, capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout if status == 0 else done.stderr

    def golden(self, name, text):
        if UPDATE:
            (HERE / name).write_text(text, "utf-8")
        self.assertEqual((HERE / name).read_text("utf-8"), text)

    def well_formed(self, page):
        tags = Tags()
        tags.feed(page)
        self.assertEqual(tags.open, [])
        self.assertFalse(tags.seen & {"script", "img", "link", "iframe", "a"})
        self.assertLessEqual(tags.attributes, {"lang", "charset", "name", "content", "class"})

    def test_the_sample(self):
        self.golden("describe.md", self.describe(SAMPLE))

    def test_the_sample_as_html(self):
        page = self.describe("--html", SAMPLE)
        self.well_formed(page)
        self.assertNotIn("http", page)
        self.golden("describe.html", page)

    def test_hostile_texts(self):
        stages = [{"name": HOSTILE, "owner": "marketing", "description": HOSTILE}, {"name": "b", "owner": "marketing"}]
        signoff = {"team": "marketing", "by": HOSTILE, "at": HOSTILE, "key": "", "signature": ""}
        text = json.dumps({"handover": 1, "name": "x", "version": 1, "effective_from": "2026-01-01T00:00:00Z", "summary": HOSTILE,
                           "teams": ["marketing"], "events": "segment", "stages": stages, "signoffs": [signoff]})
        page = self.describe("--html", "-", stdin=text)
        self.well_formed(page)
        self.assertIn("&lt;script&gt;", page)
        markdown = self.describe("-", stdin=text)
        for line in markdown.splitlines():
            self.assertNotRegex(line, r"(?<!\\)[<`|]|^# \[|\u202e")

    def test_an_answer_from_everywhere(self):
        stages = [{"name": name, "owner": "marketing"} for name in ("a", "b")]
        move = {"name": "stop", "from": "*", "to": "a", "when": {"event": "Stopped"}, "reason": "/why"}
        text = json.dumps({"handover": 1, "name": "x", "version": 1, "effective_from": "2026-01-01T00:00:00Z", "moves": [move],
                           "teams": ["marketing"], "events": "segment", "stages": stages})
        self.assertIn("“Stopped” takes a lead from every other stage to “a”", self.describe("-", stdin=text))

    def test_refusals(self):
        self.assertIn("is missing", self.describe(status=2))
        self.assertIn("No such file", self.describe("/nowhere.json", status=2))
        self.assertIn("-:1:1: ", self.describe("-", stdin="[]", status=2))
        self.assertIn("one page", self.describe(SAMPLE, SAMPLE, status=2))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
