#!/usr/bin/env python3
"""test_completions.py BINARY: the completions of deploy/completions are those that follow from the program's help, and bash, zsh and fish
do with them what is meant. The manual page: nothing that mandoc warns of."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"
ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPLETIONS = ROOT / "deploy/completions"
sys.path.insert(0, str(COMPLETIONS))

import make  # noqa: E402

ZSH = """compdef() { : }; _files() { : }; _describe() { print -l -- ${(P)2} }; _arguments() { print -l -- "$@" }
source "$1"; words=("${@[2,-1]}"); CURRENT=$#words; _handover"""
BASH = """source "$1"; COMP_WORDS=("${@:2}"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _handover; printf '%s\\n' "${COMPREPLY[@]}" """


def run(*command):
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=home, env={**os.environ, "HOME": home})
    return done.returncode, done.stdout, done.stderr


class Shell(unittest.TestCase):
    """`tool` is there, or the test is left out; in CI it has to be."""

    tool = None

    def setUp(self):
        if shutil.which(self.tool) is None:
            if os.environ.get("CI") == "true":
                self.fail(f"{self.tool} is not there")
            self.skipTest(f"{self.tool} is not there")

    def told(self, command):
        """Every option that the help tells of."""
        text = subprocess.run([BINARY, command, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout
        return set(re.findall(r"^  (--?[\w-]+)", text, re.M))


class Made(unittest.TestCase):
    def test_nothing_has_changed(self):
        for name, text in make.made(BINARY).items():
            self.assertEqual((COMPLETIONS / name).read_text("utf-8"), text, f"{name}: python3 deploy/completions/make.py BINARY writes it anew")

    def test_what_options_take(self):
        kinds = {option.kind for command in make.commands_of(BINARY) for option in command.options}
        self.assertEqual(kinds, {"none", "files", "free", "words", "settings"})
        self.assertIn("bootstrap", make.settings_of(BINARY))


class Bash(Shell):
    tool = "bash"

    def complete(self, *words):
        status, out, errors = run("bash", "--norc", "-c", BASH, "bash", str(COMPLETIONS / "handover.bash"), "handover", *words)
        self.assertEqual((status, errors), (0, ""))
        return set(out.split())

    def test_words(self):
        self.assertLessEqual({"replay", "report"}, self.complete("re"))
        self.assertNotIn("run", self.complete("re"))
        self.assertEqual(self.complete("run", "--log-level", "d"), {"debug"})
        self.assertEqual(self.complete("run", "--set", "buf"), {"buffers_mb"})
        self.assertEqual(self.complete("replay", "--env"), {"--envelope"})
        self.assertEqual(self.complete("replay", "--definition", "x"), set())  # files are bash's own
        self.assertEqual(self.complete("check", ""), set())
        self.assertEqual(self.complete("test", "--output", "j"), {"json", "junit"})

    def test_every_option(self):
        for command in make.commands_of(BINARY):
            self.assertEqual(self.complete(command.name, "-"), self.told(command.name), command.name)
            if command.actions:
                self.assertEqual(self.complete(command.name, ""), set(command.actions))


class Zsh(Shell):
    tool = "zsh"

    def complete(self, *words):
        status, out, errors = run("zsh", "-f", "-c", ZSH, "zsh", str(COMPLETIONS / "_handover"), "handover", *words)
        self.assertEqual((status, errors), (0, ""))
        return out.splitlines()

    def test_every_option(self):
        commands = make.commands_of(BINARY)
        self.assertEqual([line.split(":")[0] for line in self.complete("")], [command.name for command in commands])
        for command in commands:
            lines = self.complete(command.name, "-")
            self.assertEqual({line[1:].split("[")[0] for line in lines if line.startswith("*-")}, self.told(command.name))
        self.assertIn("*--log-level[error, warning, info or debug]:value:(error warning info debug)", self.complete("run", ""))


class Fish(Shell):
    tool = "fish"

    def complete(self, line):
        status, out, errors = run("fish", "--no-config", "-c", f"source {COMPLETIONS / 'handover.fish'}; complete -C '{line}'")
        self.assertEqual((status, errors), (0, ""))
        return {one.split("\t")[0] for one in out.splitlines()}

    def test_words(self):
        self.assertLessEqual({"replay", "report"}, self.complete("handover re"))
        self.assertEqual(self.complete("handover run --log-level d"), {"debug"})
        self.assertEqual(self.complete("handover run --set buf"), {"buffers_mb"})

    def test_every_option(self):
        for command in make.commands_of(BINARY):
            told = {option for option in self.told(command.name) if option.startswith("--")}
            self.assertEqual({each.split("=")[0] for each in self.complete(f"handover {command.name} --")}, told, command.name)


class Manual(Shell):
    tool = "mandoc"

    def test_lint(self):
        for page in sorted((ROOT / "docs/man").glob("*.[1-8]")):
            status, out, errors = run("mandoc", "-T", "lint", "-W", "warning", str(page))
            self.assertEqual((status, out + errors), (0, ""))
            status, out, errors = run("mandoc", "-T", "utf8", str(page))
            self.assertEqual((status, errors), (0, ""))
            self.assertGreater(len(out), 2000)

    def test_commands(self):
        """Each has a place in SYNOPSIS and a section of its own. Its options: test_documents.py."""
        text = (ROOT / "docs/man/handover.1").read_text("utf-8")
        synopsis = text.partition(".Sh SYNOPSIS")[2].partition(".Sh ")[0]
        for command in make.commands_of(BINARY):
            self.assertIn(f"\n.Cm {command.name}\n", synopsis)
            self.assertIn(f"\n.Ss {command.name}\n", text)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
