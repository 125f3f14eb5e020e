#!/usr/bin/env python3
"""test_audit_archive.py BINARY: `handover audit BUNDLE` where BUNDLE is no bundle, or not any more, or a hostile archive; and the usage of
the options that go with bundles."""

import json
import random
import re
import signal
import subprocess
import sys
import tarfile
import unittest

import bundles
from audit_story import BINARY, Story
from bundles import Bundle
from journals import V1, two_inputs


class Archive(Story):
    """Archives that are no bundles, or not any more."""

    def setUp(self):
        super().setUp()
        self.members = bundles.summed(Bundle.of(two_inputs(), documents=[V1]).members())
        self.part = next(name for name, _ in self.members if name.endswith("engagement/000000.records"))

    def with_member(self, name, content=b"x", **members):
        entry = bundles.info(name, content)
        for field, value in members.items():
            setattr(entry, field, value)
        bundles.write(self.path, [(entry, content), *self.members])

    def test_names(self):
        for name in ("../manifest.json", "/etc/passwd", "./manifest.json", "manifest.json/", "partitions", "partitions/0/journal/0.records",
                     "partitions/0/journal/0000000.records", "partitions/00/journal/000000.records", "partitions/-1/journal/000000.records",
                     "partitions/0/inputs/../000000.records", "partitions/0/inputs/a/b/000000.records", "partitions/0/inputs//000000.records",
                     "partitions/0/inputs/./000000.records", "partitions/0/inputs/a b/000000.records", "partitions/100000/journal/000000.records",
                     "partitions/0/inputs/" + "a" * 250 + "/000000.records", "definitions/1.json", "definitions/001.txt", "README", "trust.txt.txt",
                     "partitions/0/journal/000000.records2", "partitions/4294967296/journal/000000.records"):
            with self.subTest(name):
                self.with_member(name)
                self.refuse(r"no member of a bundle is called so|a member has a name that cannot be read")

    def test_a_name_that_is_no_text(self):
        entry = bundles.info("x", b"")
        entry.name = "definitions/\udcff.json"
        packed = entry.tobuf(tarfile.USTAR_FORMAT, "utf-8", "surrogateescape") + bytes(1024)
        self.path.write_bytes(packed)
        self.refuse("no member of a bundle is called so|cannot be read|converted")

    def test_other_than_plain_files(self):
        for kind, target in ((tarfile.SYMTYPE, "/etc/passwd"), (tarfile.LNKTYPE, "manifest.json"), (tarfile.DIRTYPE, ""), (tarfile.FIFOTYPE, ""),
                             (tarfile.CHRTYPE, "")):
            with self.subTest(kind):
                self.with_member("definitions/001.json", b"", type=kind, linkname=target)
                self.refuse("is no plain file|no member of a bundle is called so")

    def test_sizes(self):
        for name, size in (("definitions/001.json", 1 << 21), ("trust.txt", 1 << 19), (self.part, (256 << 20) + 1), ("manifest.json", 1 << 40)):
            with self.subTest(name):
                entry = bundles.info(name, b"")
                entry.size = size
                self.path.write_bytes(entry.tobuf(tarfile.GNU_FORMAT) + bytes(10240))
                self.refuse(rf"{re.escape(name)}: is larger than it may be")

    def test_cut(self):
        whole = bundles.zstd(bundles.archive(self.members))
        for length in (1, 3, 600, len(whole) // 2, len(whole) - 11000):
            with self.subTest(length):
                self.path.write_bytes(whole[:length])
                self.refuse(r"bundle\.tar\.zst: ")

    def test_no_archive(self):
        for content in (b"", b"hello", b"{}" * 5000, bytes(10240), bytes(random.Random(1).randbytes(20000))):
            with self.subTest(content[:10]):
                self.path.write_bytes(content)
                self.refuse(r"bundle\.tar\.zst: ")
        self.path.unlink()
        self.refuse("No such file or directory")
        self.path.mkdir()
        self.refuse("Is a directory", status=3)

    def test_bits(self):
        """Whatever bit is turned, it is found."""
        intact, dice = bundles.archive(self.members), random.Random(3)
        whole = bytearray(intact)
        content = [at for at in range(len(whole) - 10240) if whole[at]]
        for at in dice.sample(content, 150):
            whole[at] ^= 1 << dice.randrange(8)
            self.path.write_bytes(whole)
            code, output, error = self.run_it(self.path, "--json")
            harmless = code == 0 and json.loads(output)["proven"]  # the mode, the owner, the time of a member
            self.assertTrue(harmless or (code in (1, 2) and error), error)
            if harmless:
                self.assertEqual(bundles.read(bytes(whole)), dict(self.members))
            whole[at] = intact[at]

    def rewritten(self, change):
        members = dict(self.members)
        change(members)
        bundles.write(self.path, list(members.items()))

    def test_a_digest_does_not_fit(self):
        self.rewritten(lambda m: m.update({self.part: m[self.part][:-1] + b"?"}))
        self.refuse(rf"{self.part}: its digest is not the one in SHA256SUMS: it has been altered", status=1)

    def test_a_member_is_missing(self):
        self.rewritten(lambda m: m.pop(self.part))
        self.refuse(rf"{self.part}: is missing, though SHA256SUMS has it", status=1)
        for name, wanted, status in (("manifest.json", "manifest.json: is missing", 1), ("SHA256SUMS", "is no bundle: it has no SHA256SUMS", 2)):
            self.rewritten(lambda m, name=name: m.pop(name))
            self.refuse(wanted, status=status)
        rest = [(name, content) for name, content in self.members[:-1] if name != "manifest.json"]
        bundles.write(self.path, bundles.summed(rest))
        self.refuse("is no bundle: it has no manifest.json")

    def test_a_member_is_missing_and_its_digest(self):
        rest = [(name, content) for name, content in self.members[:-1] if name != self.part]
        bundles.write(self.path, bundles.summed(rest))
        self.refuse(r"engagement/000001\.records: number 0 is missing before it", status=1)
        last = self.part.replace("000000", "000001")
        rest = [(name, content) for name, content in self.members[:-1] if name != last]
        bundles.write(self.path, bundles.summed(rest))
        self.refuse(rf"{last}: is missing, though manifest\.json has it", status=1)

    def test_a_member_too_many(self):
        more = "partitions/0/journal/000009.records"
        bundles.write(self.path, [(more, b""), *self.members])
        self.refuse(rf"{more}: SHA256SUMS does not have it", status=1)
        bundles.write(self.path, bundles.summed([(more, b""), *self.members[:-1]]))
        self.refuse(rf"{more}: number \d is missing before it", status=1)
        more = "partitions/7/journal/000000.records"
        bundles.write(self.path, bundles.summed([(more, b""), *self.members[:-1]]))
        self.refuse(rf"{more}: manifest\.json does not have it", status=1)
        bundles.write(self.path, bundles.summed([*self.members[:-1], ("definitions/002.json", b"")]))
        self.refuse(r"definitions/002\.json: number 1 is missing before it", status=1)

    def test_twice(self):
        for name, content in (self.members[0], ("manifest.json", b"{}"), (self.part, b"")):
            with self.subTest(name):
                bundles.write(self.path, [*self.members, (name, content)])
                self.refuse(rf"{re.escape(name)}: is there twice")

    def test_sums_that_are_none(self):
        sums = self.members[-1][1]
        first = sums.split(b"\n")[0] + b"\n"
        for content, wanted, status in ((sums[:-1], "its last line does not end", 2), (b"\n" + sums, "a line is no digest and name", 2),
                                        (first + sums, "SHA256SUMS: has definitions/000.json twice", 2),
                                        (sums.replace(b"  ", b" *"), "a line is no digest and name", 2),
                                        (sums.replace(b"  ", b"  \0", 1), "a line is no digest and name", 2),
                                        (b"", "SHA256SUMS does not have it", 1)):
            with self.subTest(wanted):
                self.rewritten(lambda m, content=content: m.update(SHA256SUMS=content))
                self.refuse(wanted, status=status)

    def test_manifests_that_are_none(self):
        manifest = json.loads(dict(self.members)["manifest.json"])

        def changed(**members):
            return json.dumps({**manifest, **members}).encode()
        stream = manifest["streams"][0]
        for content, wanted in ((b"", "manifest.json: at byte 0"), (b"{}", '"bundle" is not the number'), (b"[" * 5000 + b"]" * 5000, "nested"),
                                (changed(bundle=2), '"bundle" is a format that this version does not know'),
                                (changed(bundle=None), '"bundle" is not the number'), (changed(group=3), '"group" is missing, or no string'),
                                (changed(journal="j" * 300), '"journal" is too long'), (changed(event_bytes_max=0), '"event_bytes_max" is not'),
                                (changed(partitions=1.5), '"partitions" is not'), (changed(partitions=10 ** 9), '"partitions" is not'),
                                (changed(streams={}), '"streams" is missing, or no list'), (changed(streams=[{}]), 'stream 0: "kind" is missing'),
                                (changed(streams=[{**stream, "kind": "x"}]), '"kind" is stage_changes'),
                                (changed(streams=[{**stream, "partition": 1}]), '"partition" is not'),
                                (changed(streams=[{**stream, "first": -1}]), '"first" is not'),
                                (changed(streams=[stream, stream]), '"streams" names one twice')):
            with self.subTest(wanted):
                members = [(name, content if name == "manifest.json" else old) for name, old in self.members[:-1]]
                bundles.write(self.path, bundles.summed(members))
                self.refuse("manifest.json: .*" + wanted if "at byte" not in wanted else wanted)

    def test_records_that_are_none(self):
        packed = dict(self.members)[self.part]
        for content in (packed[:10], packed[:-1], packed + b"\0", packed + bytes(24)[:20], packed[:16] + b"\xfe\xff\xff\xff" + packed[20:],
                        packed[:7] + b"\x80" + packed[8:], packed[:8] + b"\xfe" + b"\xff" * 7 + packed[16:]):
            members = [(name, content if name == self.part else old) for name, old in self.members[:-1]]
            bundles.write(self.path, bundles.summed(members))
            found, _ = self.audit(None, status=1)
            self.assertIn(f"{self.part}: what follows the record at offset ", found["partitions"][0]["why"])

    def test_no_room_for_what_is_unpacked(self):
        Bundle.of(two_inputs(), documents=[V1]).write(self.path)
        done = subprocess.run([BINARY, "audit", self.path], env={"TMPDIR": str(self.folder / "nowhere")}, capture_output=True, timeout=300, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"no file can be made in TMPDIR, or /var/tmp: No such file or directory", done.stderr)
        limited = subprocess.run(["sh", "-c", f"ulimit -f 1; trap '' XFSZ; exec {BINARY} audit {self.path}"], capture_output=True, timeout=300, check=False)
        self.assertEqual(limited.returncode, 3, limited.stderr)
        self.assertIn(b"cannot be kept in TMPDIR, or /var/tmp: File too large", limited.stderr)

    def test_a_signal(self):
        """While it waits for the rest of what is piped to it."""
        entry = bundles.info("partitions/0/journal/000000.records", b"")
        entry.size = 100 << 20
        for number in (signal.SIGINT, signal.SIGTERM):
            with subprocess.Popen([BINARY, "audit", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                process.stdin.write(entry.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 20))  # more than a pipe holds: it reads by now
                process.stdin.flush()
                process.send_signal(number)
                self.assertEqual(process.wait(timeout=300), 3)
                self.assertEqual(process.stderr.read(), b"handover audit: -: partitions/0/journal/000000.records: interrupted\n")

    def test_a_large_part_is_not_believed(self):
        """Of what is packed to nearly nothing, too."""
        entry = bundles.info("partitions/0/journal/000000.records", b"")
        entry.size = 300 << 20
        self.path.write_bytes(bundles.zstd(entry.tobuf(tarfile.GNU_FORMAT)))
        self.refuse("is larger than it may be")


class Usage(Story):
    def test_usage(self):
        Bundle.of(two_inputs(), documents=[V1]).write(self.path)
        settings = self.folder / "settings.json"
        settings.write_text('{"bootstrap": "localhost:1", "inputs": ["engagement"]}')
        for args, wanted in (((self.path, "--settings", settings), "a bundle is audited without settings"),
                             ((self.path, "--set", "group=x"), "a bundle is audited without settings"),
                             ((self.path, "--bundle", "x"), "--bundle: a bundle is made of what is in Kafka"),
                             ((self.path, self.path), "nothing more is expected here"), ((self.path, "--force"), "--force: goes with --bundle alone"),
                             ((self.path, "--from", "yesterday"), "--from: is a time like"), ((self.path, "--to", ""), "--to: is a time like"),
                             ((self.path, "--from", "2026-03-01T00:00:00Z", "--to", "2026-03-01T00:00:00Z"), "--to: has to be later than --from"),
                             ((self.path, "--lead", ""), "--lead: a lead has"), ((self.path, "--lead", "x" * 256), "--lead: a lead has"),
                             (("--settings", settings, "--bundle", self.path), "is there already; --force replaces it")):
            with self.subTest(args):
                code, output, error = self.run_it(*args)
                self.assertEqual((code, output), (2, ""), error)
                self.assertIn(wanted, error)

    def test_nothing_is_left_where_nothing_can_be_made(self):
        settings = self.folder / "settings.json"
        settings.write_text('{"bootstrap": "127.0.0.1:1", "inputs": ["engagement"]}')
        code, _, error = self.run_it("--settings", settings, "--bundle", self.folder / "nowhere/b")
        self.assertEqual(code, 3, error)
        self.assertIn("cannot be written: No such file or directory", error)
        definition = self.folder / "bad.json"
        definition.write_text("{}")
        code, _, error = self.run_it("--settings", settings, "--definition", definition, "--bundle", self.folder / "b")
        self.assertEqual(code, 2, error)
        self.assertEqual(sorted(one.name for one in self.folder.iterdir()), ["bad.json", "settings.json"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
