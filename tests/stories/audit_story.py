"""audit_story.py: what the stories about bundles stand on: a folder, a bundle's path, `handover audit` of it."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"


class Story(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.path = self.folder / "bundle.tar.zst"

    def tearDown(self):
        shutil.rmtree(self.folder)

    def run_it(self, *args, stdin=b""):
        done = subprocess.run([BINARY, "audit", *map(str, args)], input=stdin, capture_output=True, timeout=300, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def audit(self, bundle, *args, status=0):
        """(what it found, what standard error says)"""
        if bundle is not None:
            bundle.write(self.path)
        code, output, error = self.run_it(self.path, "--json", *args)
        self.assertEqual(code, status, output + error)
        return json.loads(output), error

    def refuse(self, wanted, *args, status=2):
        """Of what lies at self.path."""
        code, output, error = self.run_it(self.path, *args)
        self.assertEqual((code, output), (status, ""), error)
        self.assertRegex(error, wanted)
        self.assertTrue(error.startswith("handover audit: "), error)
