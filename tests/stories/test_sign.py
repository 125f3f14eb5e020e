#!/usr/bin/env python3
"""test_sign.py BINARY: two teams sign a definition, and what they signed is what runs: keygen, approve, verify, replay --trust, and
what happens when somebody changes something afterwards."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

import terminal

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"

TEXT = """// what we agreed
{"handover": 1, "name": "story", "version": 1, "effective_from": "2026-01-01T00:00:00Z",
  "teams": ["marketing", "field sales"], // both
  "events": "segment",
  "stages": [
    {"name": "new", "owner": "marketing"}, {"name": "known", "owner": "field sales", "enter": {"event": "Signed Up"}}
  ] // that is all
}
"""
EVENT = '{"userId":"ana","timestamp":"2026-03-02T09:00:00Z","event":"Signed Up"}\n'


class Sign(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.write("d.json", TEXT)

    def tearDown(self):
        shutil.rmtree(self.folder)

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(path, mode)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def run_it(self, *args, status=0, stdin=""):
        done = subprocess.run([BINARY, *args], input=stdin, capture_output=True, text=True, timeout=300, check=False,
                              cwd=self.folder, start_new_session=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def mode(self, name):
        return stat.S_IMODE(os.stat(os.path.join(self.folder, name)).st_mode)

    def keys(self):
        self.write("passphrase", "open sesame\n", 0o600)
        self.run_it("keygen", "mia")
        self.run_it("keygen", "--passphrase-file", "passphrase", "sam")
        self.write("trust", f"# who\nmarketing {self.read('mia.pub')}\"field sales\" {self.read('sam.pub')}")

    def approve(self, status=0, key="mia.key", team="marketing", more=()):
        return self.run_it("approve", "--key", key, "--team", team, "--by", "Mia Moss", *more, "d.json", status=status)

    def both(self):
        self.keys()
        self.approve()
        self.approve(key="sam.key", team="field sales", more=("--passphrase-file", "passphrase"))

    def test_keys(self):
        self.keys()
        self.assertEqual((self.mode("mia.key"), self.mode("sam.key")), (0o600, 0o600))
        self.assertIn("BEGIN PRIVATE KEY", self.read("mia.key"))
        self.assertIn("BEGIN ENCRYPTED PRIVATE KEY", self.read("sam.key"))
        self.assertRegex(self.read("mia.pub"), r"\A[A-Za-z0-9+/]{43}= mia\n\Z")
        before = self.read("mia.key")
        self.assertIn("never overwritten", self.run_it("keygen", "mia", status=2))
        os.remove(os.path.join(self.folder, "mia.key"))
        self.assertIn("never overwritten", self.run_it("keygen", "mia", status=2))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "mia.key")))
        self.assertNotIn(before.splitlines()[1], self.run_it("keygen", "ann"))

    def test_from_keys_to_an_agreed_event(self):
        self.both()
        text = self.read("d.json")
        for line in TEXT.splitlines()[:-2]:
            self.assertIn(line, text)
        self.assertIn("  ], // that is all\n", text)
        self.assertIn("agreed", self.run_it("verify", "--trust", "trust", "d.json"))
        self.run_it("check", "d.json")
        replay = ("replay", "--definition", "d.json")
        self.assertTrue(json.loads(self.run_it(*replay, "--trust", "trust", stdin=EVENT))["data"]["definition"]["agreed"])
        self.assertFalse(json.loads(self.run_it(*replay, stdin=EVENT))["data"]["definition"]["agreed"])
        self.write("few", self.read("trust").split('"field')[0])
        self.assertIn('missing: "field sales"', self.run_it("verify", "--trust", "few", "d.json", status=1))

    def test_a_change_afterwards(self):
        self.both()
        self.write("d.json", self.read("d.json").replace("// both", "// a remark may change"))
        self.run_it("verify", "--trust", "trust", "d.json")
        self.write("d.json", self.read("d.json").replace('"Signed Up"', '"Signed In"'))
        answer = json.loads(self.run_it("verify", "--json", "--trust", "trust", "d.json", status=1))["definitions"][0]
        self.assertEqual((answer["valid"], answer["agreed"]), (False, False))
        self.assertEqual(answer["missing"], ["marketing", "field sales"])
        run = ("run", "--set", "bootstrap=localhost:1", "--set", "state_dir=state", "--definition", "d.json")
        self.assertIn("not every team has signed it", self.run_it(*run, "--set", "trust=trust", status=2))
        self.approve()
        self.assertEqual(self.read("d.json").count('"team"'), 2)

    def test_the_daemon_takes_what_is_agreed(self):
        self.both()
        run = ("run", "--set", "bootstrap=localhost:1", "--set", "state_dir=state", "--definition", "d.json")
        self.assertIn("not every team", self.run_it(*run, status=2))
        self.write("trust", "marketing nonsense\n")
        self.assertIn("trust:1:11: ", self.run_it(*run, "--set", "trust=trust", status=2))

    def test_what_is_not_signed(self):
        self.keys()
        self.assertTrue(self.approve(team="legal", status=1).endswith("no such team\n"))
        self.assertIn('no such team; did you mean "marketing"?', self.approve(team="Marketting", status=1))
        os.chmod(os.path.join(self.folder, "mia.key"), 0o644)
        self.assertIn("others may read it", self.approve(status=2))
        os.chmod(os.path.join(self.folder, "mia.key"), 0o400)
        self.assertEqual(self.read("d.json"), TEXT)
        self.write("wrong", "sesame\n", 0o600)
        self.assertIn("passphrase is wrong", self.approve(key="sam.key", more=("--passphrase-file", "wrong"), status=2))
        self.assertIn("no terminal", self.approve(key="sam.key", status=2))
        self.assertIn("--at", self.approve(more=("--at", "noon"), status=2))
        self.approve(more=("--at", "2026-03-01T00:00:00Z"))
        self.assertIn("already signed", self.approve(status=1))
        self.write("d.json", TEXT.replace('"stages"', '"stagse"'))
        self.assertIn("errors", self.approve(status=1))

    def at_a_terminal(self, typed, *args):
        """Types a line whenever a passphrase is asked for; exit status and all that could be seen."""
        process, ours = terminal.start(self, BINARY, *args, cwd=self.folder)
        seen = b""
        while True:
            try:
                got = os.read(ours, 4096)
            except OSError:
                break
            seen += got
            if typed and (b"key: " in got or b"again: " in got or b"[yes/no] " in got):
                os.write(ours, typed.pop(0).encode() + b"\n")
        return terminal.end(process), seen.decode()

    def test_a_passphrase_is_typed_unseen(self):
        status, seen = self.at_a_terminal(["sesame", "sesame"], "keygen", "--passphrase", "pat")
        self.assertEqual(status, 0, seen)
        self.assertNotIn("sesame", seen)
        self.assertIn("BEGIN ENCRYPTED PRIVATE KEY", self.read("pat.key"))
        sign = ("approve", "--key", "pat.key", "--team", "marketing", "--by", "Pat", "d.json")
        self.assertEqual(self.at_a_terminal(["mesame"], *sign)[0], 2)
        status, seen = self.at_a_terminal(["sesame"], *sign)
        self.assertEqual(status, 0, seen)
        self.assertEqual(self.at_a_terminal(["one", "two"], "keygen", "--passphrase", "max")[0], 2)
        self.assertEqual(self.at_a_terminal(["on\x03"], "keygen", "--passphrase", "max")[0], 2)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "max.key")))

    def test_against(self):
        self.keys()
        self.write("old.json", TEXT)
        against = ("--against", "old.json", "--yes")
        self.assertIn("nothing changed in meaning", self.approve(more=against))
        self.write("d.json", TEXT.replace('"version": 1', '"version": 2').replace('"Signed Up"', '["Signed Up", "Trial Started"]'))
        seen = self.approve(more=against)
        self.assertIn("1 change in meaning: stages 1; 1 looser; touched: known", seen)
        self.assertIn("looser: more leads will reach “known”", seen)
        self.assertLess(seen.index("looser"), seen.index("signed  for marketing"))
        self.assertIn("No such file", self.approve(status=2, more=("--against", "nowhere.json", "--yes")))

    def test_nobody_says_yes(self):
        self.keys()
        self.write("old.json", TEXT)
        self.assertIn("there is no terminal to ask on; --yes", self.approve(status=1, more=("--against", "old.json")))
        sign = ("approve", "--key", "mia.key", "--team", "marketing", "--by", "Mia", "--against", "old.json", "d.json")
        for typed in ("no", "", "yess"):
            status, seen = self.at_a_terminal([typed], *sign)
            self.assertEqual((status, "the answer was not yes" in seen), (1, True), seen)
        self.assertEqual(self.read("d.json"), TEXT)
        status, seen = self.at_a_terminal(["yes"], *sign)
        self.assertEqual(status, 0, seen)
        self.assertLess(seen.index("nothing changed in meaning"), seen.index("Sign this for marketing as Mia? [yes/no] "))
        self.assertIn('"team":"marketing"', self.read("d.json").replace(": ", ":"))

    def test_who_has_signed_and_who_has_not(self):
        self.keys()
        seen = self.approve()
        self.assertIn("compared with nothing: --against OLD", seen)
        self.assertIn('signatures so far\n  "marketing" is missing\n  "field sales" is missing\n', seen)
        self.assertIn('        missing "field sales"\n', seen)
        seen = self.approve(key="sam.key", team="field sales", more=("--passphrase-file", "passphrase"))
        self.assertRegex(seen, 'so far\n  "marketing" signed by "Mia Moss" at "20.*Z"\n  "field sales" is missing\n')
        self.assertIn("every team has signed", seen)
        self.write("d.json", self.read("d.json").replace('"Signed Up"', '"Signed In"'))
        seen = self.approve()
        self.assertRegex(seen, '"field sales" no longer signed by "Mia Moss" at .*: the signature does not fit')

    def test_the_page_says_who_signed(self):
        self.both()
        page = ("describe", "d.json")
        self.assertIn("were not checked when this page was made", self.run_it(*page))
        self.assertRegex(self.run_it(*page), r"For marketing the file carries a signature of Mia Moss of 2.*Z: not checked\.")
        seen = self.run_it(*page, "--trust", "trust")
        self.assertEqual(len(re.findall(r"Z: verified\.", seen)), 2)
        self.assertIn("Agreed: every team has a verified signature.", seen)
        self.assertNotIn("not checked", seen)
        self.assertEqual(seen, self.run_it(*page, "--trust", "trust"))
        self.write("few", self.read("trust").split('"field')[0])
        seen = self.run_it(*page, "--trust", "few", "--html")
        self.assertIn("not verified: its key is not trusted for the team.", seen)
        self.assertIn("Not agreed. Missing is a verified signature for: field sales.", seen)
        self.write("d.json", self.read("d.json").replace('"Signed Up"', '"Signed In"'))
        seen = self.run_it(*page, "--trust", "trust")
        self.assertEqual(seen.count("not verified: the signature does not fit"), 2)
        self.run_it(*page, "--trust", "nowhere", status=2)

    def test_nobody_signed(self):
        self.run_it("verify", "d.json", status=1)
        self.run_it("verify", "nowhere.json", status=2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
