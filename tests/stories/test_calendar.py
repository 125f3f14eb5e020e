#!/usr/bin/env python3
"""test_calendar.py BINARY: `handover calendar` against Python's zoneinfo, which reads the same database by other code; names and files
that mean no good."""

import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import zoneinfo

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"
ZONES = pathlib.Path(os.environ.get("TZDIR") or "/usr/share/zoneinfo")
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)


def calendar(*args, tzdir=None):
    environment = dict(os.environ, **({"TZDIR": str(tzdir)} if tzdir else {}))
    return subprocess.run([BINARY, "calendar", *args], capture_output=True, text=True, timeout=300, check=False, env=environment)


def moment(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def minutes(offset):
    return (-1 if offset[0] == "-" else 1) * (int(offset[1:3]) * 60 + int(offset[4:6]))


class Zone(unittest.TestCase):
    def setUp(self):
        zoneinfo.reset_tzpath([str(ZONES)])
        if not ZONES.is_dir():
            self.skipTest("there is no time zone database")

    def offsets(self, *args, tzdir=None):
        done = calendar(*args, tzdir=tzdir)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [(moment(at), minutes(offset)) for at, offset in json.loads(done.stdout)]

    def compare(self, name, listed, first, last, step):
        """The list says what Python says, at every step of a range and on both sides of each change."""
        zone = zoneinfo.ZoneInfo(name)
        edges = [at + datetime.timedelta(seconds=s) for at, _ in listed[1:] for s in (-1, 0)]
        count = (last - first) // step
        current = -1
        for at in sorted(edges + [first + step * i for i in range(count)]):
            while current + 1 < len(listed) and listed[current + 1][0] <= at:
                current += 1
            seconds = at.astimezone(zone).utcoffset().total_seconds()
            self.assertLessEqual(abs(seconds - listed[current][1] * 60), 30, f"{name} at {at}")
            if seconds % 60 == 0:
                self.assertEqual(seconds, listed[current][1] * 60, f"{name} at {at}")

    def test_zones_in_detail(self):
        for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia",
                     "Africa/Casablanca", "America/Nuuk", "Europe/Dublin"):
            with self.subTest(name):
                listed = self.offsets(name, "1975", "2059")
                self.assertEqual(listed[0][0], EPOCH)
                self.assertTrue(all(a[0] < b[0] and a[1] != b[1] for a, b in zip(listed, listed[1:])), listed)
                self.compare(name, listed, moment("1975-01-01T00:00:00Z"), moment("2060-01-01T00:00:00Z"), datetime.timedelta(hours=12))

    def test_all_zones(self):
        names = sorted(zoneinfo.available_timezones())
        self.assertGreater(len(names), 300)
        for name in names:
            if (ZONES / name).is_file() and name != "localtime":
                self.compare(name, self.offsets(name, "1970", "2110"), EPOCH, moment("2110-01-01T00:00:00Z"), datetime.timedelta(days=41))

    def test_files_with_rules_say_the_same(self):
        """zic's "slim" files leave the future to the rule at their end, its "fat" ones list it up to 2037."""
        zic, source = shutil.which("zic") or shutil.which("/usr/sbin/zic"), ZONES / "tzdata.zi"
        if not zic or not source.is_file():
            self.skipTest("zic or the database's source is not there")
        with tempfile.TemporaryDirectory() as folder:
            for form in ("slim", "fat"):
                subprocess.run([zic, "-b", form, "-d", f"{folder}/{form}", source], check=True, timeout=300)
            for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago", "UTC"):
                for years in (("1970", "2199"), ("2050-04-01", "2050-12-01")):
                    answers = [calendar(name, *years, tzdir=f"{folder}/{form}") for form in ("slim", "fat")]
                    self.assertEqual(answers[0].returncode, 0, answers[0].stderr)
                    self.assertEqual(answers[0].stdout, answers[1].stdout, name)

    def test_known_changes(self):
        self.assertEqual(calendar("Asia/Kolkata", "2000", "2030").stdout, '[\n  ["1970-01-01T00:00:00Z", "+05:30"]\n]\n')
        self.assertEqual(calendar("Europe/London", "2026", "2027").stdout, """[
  ["1970-01-01T00:00:00Z", "+00:00"],
  ["2026-03-29T01:00:00Z", "+01:00"], ["2026-10-25T01:00:00Z", "+00:00"],
  ["2027-03-28T01:00:00Z", "+01:00"], ["2027-10-31T01:00:00Z", "+00:00"]
]
""")
        self.assertIn('["2011-12-30T10:00:00Z", "+14:00"]', calendar("Pacific/Apia", "2011-12-01", "2011-12-31").stdout)
        self.assertEqual(self.offsets("Australia/Lord_Howe", "2026-07-01", "2026-07-01"), [(EPOCH, 630)])
        rounded = calendar("Africa/Monrovia", "1970", "1970")
        self.assertIn('"-00:45"', rounded.stdout)
        self.assertIn("nearest minute", rounded.stderr)

    def test_what_it_prints_is_a_calendar(self):
        for name in ("America/New_York", "Africa/Casablanca", "Asia/Kolkata"):
            text = calendar(name, "2026", "2046").stdout
            definition = f"""{{"handover": 1, "name": "zone", "version": 1, "effective_from": "2026-01-01T00:00:00Z", "teams": ["a"],
              "events": "segment", "stages": [{{"name": "new", "owner": "a"}}],
              "slas": [{{"name": "s", "stage": "new", "within": "4h", "calendar": "c", "met_by": "E"}}],
              "calendars": {{"c": {{"hours": {{"mon-fri": ["09:00-17:00"]}}, "offsets": {text}}}}}}}"""
            done = subprocess.run([BINARY, "check", "-"], input=definition, capture_output=True, text=True, timeout=300, check=False)
            self.assertEqual(done.returncode, 0, done.stdout)


class Refusals(unittest.TestCase):
    def refused(self, status, words, *args, tzdir=None):
        done = calendar(*args, tzdir=tzdir)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertTrue(done.stderr.startswith("handover calendar: "), done.stderr)
        self.assertIn(words, done.stderr)
        self.assertLess(len(done.stderr), 700)

    def test_names(self):
        for name in ("../../etc/passwd", "", "/etc/localtime", "Europe/../Europe/Berlin", "./UTC", "Europe//Berlin", "Europe/",
                     "Europe/Berlin\n", "Europe/Bérlin", "x" * 10000, "%s%n", "zone.tab"):
            with self.subTest(name[:30]):
                self.refused(2, "is no name of a time zone", name, "2026", "2030")
        self.refused(2, "there is no such option", "-x", "2026", "2030")

    def test_usage(self):
        for years in (("2026",), ("2026", "2025"), ("2026", "next"), ("1969", "2030"), ("2026", "2200"), ("2026-02-30", "2030"),
                      ("2026", "2030", "2031"), ("", ""), ("26", "30"), ("2026-01-01T00:00:00Z", "2030")):
            with self.subTest(years):
                self.refused(2, "--help", "UTC", *years)

    def test_not_there(self):
        with tempfile.TemporaryDirectory() as folder:
            self.refused(2, "no such time zone", "Mars/Olympus", "2026", "2030", tzdir=folder)
            self.refused(3, "install the package tzdata", "UTC", "2026", "2030", tzdir=folder + "/none")
            os.mkdir(folder + "/Europe")
            self.refused(2, "no such time zone", "Europe", "2026", "2030", tzdir=folder)

    def test_files_of_no_use(self):
        """A file cut anywhere, or with any byte of its heads turned, is refused or read, never worse."""
        whole = (ZONES / "America/New_York").read_bytes() if ZONES.is_dir() else b"TZif2" + bytes(39)
        second = whole.index(b"TZif", 4) if b"TZif" in whole[4:] else 0
        ends = set(range(0, len(whole), max(1, len(whole) // 60))) | {4, 5, 43, 44, second, second + 43, len(whole) - 2}
        files = [whole[:end] for end in ends] + [b"x" * 500, b"TZif2" + b"\xff" * 80, bytes(44)]
        files += [whole[:at] + bytes([whole[at] ^ 0xff]) + whole[at + 1:] for at in [*range(44), *range(second, second + 44)]]
        files += [whole[:whole.rindex(b"\n", 0, -1)] + b"\n" + rule + b"\n" for rule in
                  (b"EST5EDT", b"EST5EDT,M13.1.0,M1.1.1", b"<EST", b"EST999", b"EST5EDT,M3.2.0/200,M11.1.0", b"E5" * 4000, b"EST5EDT,J0,J1")]
        with tempfile.TemporaryDirectory() as folder:
            for content in files:
                pathlib.Path(folder, "Zone").write_bytes(content)
                done = calendar("Zone", "2026", "2050", tzdir=folder)
                self.assertIn(done.returncode, (0, 3), content[:100])
                self.assertEqual(done.returncode == 3, "no time zone's file" in done.stderr or "leap seconds" in done.stderr, done.stderr)
            for content in files[-7:]:
                pathlib.Path(folder, "Zone").write_bytes(content)
                self.refused(3, "is no time zone's file", "Zone", "2026", "2030", tzdir=folder)

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([BINARY, "calendar", "UTC", "2026", "2027"], stdout=full, stderr=subprocess.PIPE, timeout=300, check=False)
        self.assertEqual(done.returncode, 3, done.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
