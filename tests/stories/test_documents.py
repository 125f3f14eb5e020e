#!/usr/bin/env python3
"""test_documents.py BINARY: what a command's help tells, the documents tell too: every option stands in docs/commands.md and in the
manual page, and neither has one that the help does not know. Links between documents lead somewhere."""

import pathlib
import re
import subprocess
import sys
import unittest

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"
ROOT = pathlib.Path(__file__).resolve().parents[2]


def printed(*args):
    return subprocess.run([BINARY, *args], capture_output=True, text=True, timeout=300, check=True).stdout


def section(text, heading):
    """From the heading up to the next one that is not below it."""
    level = len(re.match(r"#*", heading)[0]) or 1
    found = re.search(rf"^{re.escape(heading)}$(.*?)(?=^#{{1,{level}}} |^\.S[hs] |\Z)", text, re.M | re.S)
    return found[1] if found else ""


def anchors(text):
    """Of a Markdown document: how its headings can be linked to."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", text, re.M)}


class Documents(unittest.TestCase):
    def test_options(self):
        commands = re.findall(r"^  ([a-z]+) {3,}\S", printed("--help"), re.M)
        self.assertGreaterEqual(len(commands), 5)
        document = (ROOT / "docs/commands.md").read_text("utf-8")
        manual = (ROOT / "docs/man/handover.1").read_text("utf-8")
        for command in commands:
            with self.subTest(command):
                told = set(re.findall(r"^  (--?[\w-]+)", printed(command, "--help"), re.M))
                self.assertEqual(told, set(re.findall(r"`(--?[A-Za-z][\w-]*)", self.table(document, command))))
                flags = {"-" + flag for flag in re.findall(r"\bFl (-?[\w-]+)", section(manual, f".Ss {command}"))}
                self.assertEqual(told - {"--help"}, flags)

    def table(self, document, command):
        rows = re.findall(r"^\| (`-[^|]*(?:\\\|[^|]*)*)\|", section(document, f"## {command}"), re.M)
        self.assertTrue(rows, f"docs/commands.md has no options of {command}")
        return "\n".join(rows)

    def test_links(self):
        for path in (ROOT / "README.md", ROOT / "CHANGES.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "examples").glob("*/*.md"))):
            text = path.read_text("utf-8")
            for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([\w-]+))?\)", text):
                with self.subTest(f"{path.name}: {target}#{anchor}"):
                    other = path.parent / target if target else path
                    self.assertTrue(other.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(other.read_text("utf-8")))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
