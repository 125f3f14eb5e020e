#!/usr/bin/env python3
"""test_memory.py BINARY: the n-th allocation of a command fails, for every n until nothing fails any more: the process ends with a sentence
and status 3, or 2 where a file could not be read; or it did without, and says the same as ever."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from faults import BINARY, CALLS_MOST, Faults  # noqa: E402

SANITIZED = b"__asan_init" in BINARY.read_bytes()
OUT_OF_MEMORY = b"handover: out of memory\n"


@unittest.skipIf(SANITIZED, "the sanitizer has a malloc of its own")
class Memory(Faults):
    def judge(self, done, failed, clean):
        if done.returncode == clean.returncode and not (failed and done.stderr != clean.stderr):
            self.assertEqual((done.stdout, done.stderr), (clean.stdout, clean.stderr))
        elif done.returncode == 2:
            self.assertIn(b"Cannot allocate memory", done.stderr)
        else:
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertTrue(done.stderr.endswith(OUT_OF_MEMORY), done.stderr)
            self.assertTrue(clean.stdout.startswith(done.stdout))

    def each_allocation_fails(self, *args, least):
        clean = self.run_it(*args)
        for number in range(1, CALLS_MOST):
            with self.subTest(" ".join(args), number=number):
                done, failed = self.run_failing(args, "memory", number, "once")
                self.judge(done, failed, clean)
            if not failed:
                break
        self.assertGreater(number, least)
        for number in (*range(1, 200, 40), *range(200, 6000, 400)):  # and all that come after it
            with self.subTest(" ".join(args), number=number, error="on"):
                self.judge(*self.run_failing(args, "memory and libcrypto", number, "on"), clean)

    def test_check(self):
        self.each_allocation_fails("check", "d.json", least=50)

    def test_describe(self):
        self.each_allocation_fails("describe", "d.json", least=50)

    def test_replay(self):
        self.each_allocation_fails("replay", "--definition", "d.json", "log.ndjson", least=50)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
