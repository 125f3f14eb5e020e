#!/usr/bin/env python3
"""test_audit_bundle.py BINARY: `handover audit BUNDLE`. Bundles are made here, by the documented format and by the engine of tests/oracle,
as a daemon's topics would have given them; the audit proves them, and names whatever was changed afterwards though all digests fit again."""

import hashlib
import json
import pathlib
import random
import re
import subprocess
import sys
import unittest

import bundles
from audit_story import BINARY, Story
from bundles import Bundle, Record
from journals import RANDOM_V2, V1, Daemon, Reject, decode, dense, event, random_daemon, two_inputs


def long_daemon(partition=0):
    daemon, dice = Daemon(partition), random.Random(7)
    daemon.know(V1)
    for number in range(60):
        daemon.skip("engagement", number % 2)
        daemon.read("engagement", event(f"lead {number % 25}", dice.choice(["Demo Requested", "Won", "Called"]), number))
        if number % 7 == 6:
            daemon.commit()
    daemon.clock("2026-03-01T15:00:00Z")
    daemon.commit()
    return daemon


class Keyed(Daemon):
    """Reads records with keys and times of their own."""

    def take(self, topic, records):
        for one in records:
            self.entries.append([topic, one.offset, 1])
            time = None if one.timestamp < 0 else one.timestamp
            getattr(self, "taken", []).append((topic, one.offset, time, one.key, one.value))
            try:
                key = (one.key or b"").decode("utf-8") or None
            except UnicodeDecodeError:
                key = None
            try:
                found = decode(self.task.active, one.value, key, time, 1 << 20)
            except Reject as reject:
                self.letters += 1
                self.dead.append((str(reject), topic, self.partition, one.offset))
            else:
                self.started = True
                self.task.record(found, topic, one.offset)


class Proof(Story):
    def test_all_is_proven(self):
        for daemon in (two_inputs(), long_daemon()):
            found, error = self.audit(Bundle.of(daemon, documents=[V1]))
            part, = found["partitions"]
            self.assertTrue(found["proven"])
            self.assertEqual((part["decided"], part["verified"], part["journal_records"], part["why"]),
                             (len(daemon.published), len(daemon.published), len(daemon.journal), ""))
            self.assertEqual(part["events"] + part["dead_letters"], sum(map(len, daemon.inputs.values())))
            self.assertRegex(error, rf"\A[0-9a-f]{{64}}  {re.escape(str(self.path))}\n\Z")

    def test_random_logs_of_several_partitions(self):
        for seed in range(25):
            with self.subTest(seed):
                dice = random.Random(seed)
                daemons = [random_daemon(dice, partition) for partition in range(3)]
                bundle = Bundle.of(*daemons, documents=[V1, RANDOM_V2])
                bundle.per_part = dice.choice([1, 2, 1000])
                found, _ = self.audit(bundle)
                self.assertEqual([part["verified"] for part in found["partitions"]], [len(one.published) for one in daemons])
                self.assertTrue(found["proven"])
                same, _ = self.audit(None, "--threads", "1")
                self.assertEqual(same, found)

    def test_a_partition_in_which_nothing_happened(self):
        bundle = Bundle.of(long_daemon(partition=2), documents=[V1])
        found, _ = self.audit(bundle)
        self.assertEqual([part["journal_records"] > 0 for part in found["partitions"]], [False, False, True])
        self.assertTrue(found["proven"])

    def test_text_and_standard_input(self):
        bundle = Bundle.of(two_inputs(), documents=[V1])
        bundle.write(self.path)
        digest = hashlib.sha256(self.path.read_bytes()).hexdigest()
        code, output, error = self.run_it(self.path)
        self.assertEqual((code, error), (0, ""))
        self.assertIn("proven: what was published is what follows from the inputs, and nothing else\n", output)
        self.assertIn("signatures were not checked: no keys are given", output)
        self.assertTrue(output.endswith(f"{digest}  {self.path}\n"), output)
        again = self.run_it("-", stdin=self.path.read_bytes())
        self.assertEqual(again, (0, output.replace(str(self.path), "-"), ""))

    def test_an_archive_that_is_not_packed(self):
        self.path.write_bytes(bundles.archive(bundles.summed(Bundle.of(two_inputs(), documents=[V1]).members())))
        self.assertTrue(self.audit(None)[0]["proven"])

    def test_keys_and_values_that_are_null_empty_and_binary(self):
        """@key is the lead, and @timestamp the time where the event has none: what has no lead or no time, or is no JSON, is a dead letter."""
        definition = dict(V1, events={"lead": ["@key"], "time": ["/timestamp", "@timestamp"], "name": "/event"})
        good, timeless = event("x").encode(), b'{"event": "Demo Requested"}'
        records = [Record(0, good, b"a", 5), Record(1, good, None, 5), Record(2, good, b"", 5), Record(3, None, b"b", 5), Record(4, b"", b"b", 5),
                   Record(5, bytes(range(256)), b"\xff\x00", 5), Record(6, good, b"\xff", 5), Record(7, timeless, b"c", 5), Record(8, timeless, b"d")]
        daemon = Keyed()
        daemon.know(definition)
        daemon.take("engagement", records)
        daemon.commit()
        self.assertEqual([json.loads(one)["data"]["lead"] for one in daemon.published], ["a", "c"])
        reasons = [one[0] for one in daemon.dead]
        self.assertEqual(reasons, ["no_lead", "no_lead", "not_json", "not_json", "not_json", "no_lead", "no_time"])
        bundle = Bundle([definition])
        bundle.streams["input", 0, "engagement"] = records
        bundle.streams["journal", 0, None] = [bundles.from_kcat(line) for line in daemon.journal]
        bundle.streams["stage_changes", 0, None] = [Record(n, line.encode()) for n, line in enumerate(daemon.published)]
        bundle.streams["dead_letters", 0, None] = [bundle.letter(n, *one) for n, one in enumerate(daemon.dead)]
        found, _ = self.audit(bundle)
        self.assertEqual((found["partitions"][0]["verified"], found["partitions"][0]["letters"]["verified"]), (2, 7))
        for at, members in ((1, {"key": b"z"}), (2, {"key": b"z"}), (6, {"key": b"z"}), (7, {"timestamp": 6}), (8, {"timestamp": 5}),
                            (0, {"key": None}), (3, {"value": good})):
            with self.subTest(f"{at} {members}"):
                before, records[at] = records[at], records[at]._replace(**members)
                self.assertIn("record 0 of the journal (offset 0): ", self.audit(bundle, status=1)[0]["partitions"][0]["why"])
                records[at] = before

    def test_behind_the_journal(self):
        bundle = Bundle.of(two_inputs(), documents=[V1])
        bundle.streams["input", 0, "engagement"] += [Record(100 + n, event("later").encode()) for n in range(5)]
        bundle.streams["input", 0, "mail"] = [Record(0, b"unread")]
        found, _ = self.audit(bundle)
        self.assertEqual((found["proven"], found["partitions"][0]["behind"]), (True, 5))


class Keys(Story):
    def signed(self, *teams):
        """V1 signed by these teams, and their keys as a trust file."""
        path, trust = self.folder / "signed.json", ""
        path.write_text(json.dumps(V1) + "\n")
        for team in teams:
            key = self.folder / f"{team}-{len(list(self.folder.iterdir()))}"
            for command in (["keygen", key], ["approve", "--key", f"{key}.key", "--team", team, "--by", "somebody", path]):
                subprocess.run([BINARY, *map(str, command)], capture_output=True, timeout=300, check=True)
            trust += f"{team} {pathlib.Path(f'{key}.pub').read_text().strip()}\n"
        return path.read_bytes(), trust.encode()

    def daemon(self):
        daemon = Daemon()
        daemon.know(V1, agreed=True)
        daemon.read("engagement", event("a"))
        daemon.commit()
        return daemon

    def test_whose_keys(self):
        document, trust = self.signed("marketing", "sales")
        (self.folder / "trust").write_bytes(trust)
        _, others = self.signed("marketing", "sales")
        (self.folder / "others").write_bytes(others)
        bundle = Bundle.of(self.daemon(), documents=[document])
        self.assertEqual(self.audit(bundle)[0]["keys"], None)
        self.assertEqual(self.audit(bundle, "--trust", self.folder / "trust")[0]["keys"], "given")
        found, _ = self.audit(bundle, "--trust", self.folder / "others", status=1)
        self.assertIn("calls version 1 of the definition agreed; by --trust its file is not", found["partitions"][0]["why"])
        bundle.trust = trust
        self.assertEqual(self.audit(bundle)[0]["keys"], "bundle")
        self.assertIn("with the bundle's own keys: whoever trusts them trusts the bundle", self.run_it(self.path)[1])
        bundle.trust = others
        self.audit(bundle, status=1)
        self.assertTrue(self.audit(bundle, "--trust", self.folder / "trust")[0]["proven"])
        bundle.trust = b"marketing no key\n"
        bundle.write(self.path)
        self.refuse(r"trust\.txt:1: a line is a team and its public key")

    def test_signed_by_one_team(self):
        document, trust = self.signed("marketing")
        found, _ = self.audit(Bundle.of(self.daemon(), documents=[document], trust=trust), status=1)
        self.assertIn("agreed", found["partitions"][0]["why"])


class Tampering(Story):
    """Everything fits together again: counts, offsets, digests."""

    def setUp(self):
        super().setUp()
        self.daemon = long_daemon()
        self.bundle = Bundle.of(self.daemon, documents=[V1])

    def changed(self, kind, change, topic=None, **kinds):
        records = self.bundle.streams[kind, 0, topic] = list(self.bundle.streams[kind, 0, topic])
        change(records)
        found, _ = self.audit(self.bundle, status=1)
        part, = found["partitions"]
        self.assertFalse(found["proven"] or part["proven"])
        for name in ("missing", "unexpected", "twice", "different", "out_of_order"):
            if kinds:
                self.assertEqual(part[name], kinds.get(name, 0), part)
        return part

    def event(self, change, wanted):
        self.assertRegex(self.changed("input", change, "engagement")["why"], wanted)

    def deciding(self):
        """The index of an input event that published something."""
        offsets = {json.loads(line)["data"]["cause"].get("offset") for line in self.daemon.published}
        return next(n for n, one in enumerate(self.bundle.streams["input", 0, "engagement"]) if n > 20 and one.offset in offsets)

    def test_an_event_is_altered(self):
        at = self.deciding()
        def alter(records):
            records[at] = records[at]._replace(value=records[at].value.replace(b'"lead ', b'"head '))
        self.event(alter, rf"record {at // 7} of the journal \(offset {at // 7 * 2}\): an input was altered")

    def test_an_event_is_deleted(self):
        self.event(lambda records: records.pop(14), "record 2 of the journal .*: record 21 of engagement is gone, the next one is 23")

    def test_an_event_is_deleted_in_the_middle_of_a_run(self):
        self.event(lambda records: records.pop(self.deciding()), "of the journal")

    def test_the_last_event_is_deleted(self):
        self.event(lambda records: records.pop(), "engagement ends too early: .* 1 are missing")

    def test_an_event_is_inserted(self):
        def insert(records):
            records.insert(21, Record(records[21].offset - 1, event("new").encode()))
        self.event(insert, "record 3 of the journal .*: engagement has a record 31 that the journal has not: 32 comes next")

    def test_events_are_swapped(self):
        at = self.deciding()
        def swap(records):
            records[at], records[at + 1] = (records[at]._replace(value=records[at + 1].value), records[at + 1]._replace(value=records[at].value))
        self.event(swap, "of the journal")

    def test_events_are_in_another_order(self):
        def swap(records):
            records[4], records[5] = records[5], records[4]
        self.event(swap, r"partitions/0/inputs/engagement/000001\.records: the record at offset \d+ comes after that at \d+")

    def change_one(self, change):
        def alter(records):
            records[5] = records[5]._replace(value=change(records[5].value))
        return alter

    def test_a_stage_change_is_altered(self):
        part = self.changed("stage_changes", self.change_one(lambda v: v.replace(b'"lead":"', b'"lead":"x')), different=1)
        self.assertEqual(part["findings"][0]["offset"], 15)
        self.assertIn('/data/lead is "x', part["findings"][0]["what"])
        self.assertIn(json.loads(self.daemon.published[5])["id"], part["findings"][0]["what"])

    def test_stage_changes_are_deleted_inserted_repeated_swapped(self):
        def swap(records):
            records[5], records[6] = records[5]._replace(value=records[6].value), records[6]._replace(value=records[5].value)

        def insert(value):
            return lambda records: records.insert(6, Record(16, value))
        fifth = self.daemon.published[5].encode()
        for change, kinds in ((lambda r: r.pop(5), {"missing": 1}), (lambda r: r.pop(0), {"missing": 1}), (lambda r: r.pop(), {"missing": 1}),
                              (insert(fifth.replace(b'"id":"', b'"id":"0')), {"unexpected": 1}), (insert(b"{}"), {"unexpected": 1}),
                              (insert(None), {"unexpected": 1}), (insert(fifth), {"twice": 1}),
                              (lambda r: r.append(Record(10 ** 6, fifth.replace(b'"id":"', b'"id":"0'))), {"unexpected": 1}),
                              (swap, {"out_of_order": 1})):
            with self.subTest(kinds):
                self.bundle = Bundle.of(self.daemon, documents=[V1])
                part = self.changed("stage_changes", change, **kinds)
                self.assertEqual((len(part["findings"]), part["why"]), (1, ""))

    def test_stage_changes_are_in_another_order(self):
        def swap(records):
            records[4], records[5] = records[5], records[4]
        part = self.changed("stage_changes", swap)
        self.assertIn("partitions/0/stage-changes/000001.records: the record at offset 12 comes after that at 15", part["why"])

    def test_a_definition_is_changed(self):
        other = json.loads(json.dumps(V1))
        other["slas"][0]["within"] = "3h"
        self.bundle.documents = [json.dumps(other).encode()]
        found, _ = self.audit(self.bundle, status=1)
        self.assertIn("version 1 of the definition with digest sha256:", found["partitions"][0]["why"])
        self.assertIn("which is not at hand", found["partitions"][0]["why"])
        path = self.folder / "own.json"
        path.write_text(json.dumps(V1))
        self.assertTrue(self.audit(self.bundle, "--definition", path)[0]["proven"])
        for documents in ([], [b"no definition"]):
            self.bundle.documents = documents
            self.assertIn("not at hand", self.audit(self.bundle, status=1)[0]["partitions"][0]["why"])

    def journal(self, change, wanted):
        part = self.changed("journal", change)
        self.assertRegex(part["why"] or part["findings"][0]["what"], wanted)

    def test_the_journal_is_altered(self):
        def with_entry(**members):
            def alter(records):
                record = json.loads(records[3].value)
                record.update({name: change(record[name]) for name, change in members.items()})
                records[3] = records[3]._replace(value=dense(record).encode())
            return alter

        def swap(records):
            records[3], records[4] = records[3]._replace(value=records[4].value), records[4]._replace(value=records[3].value)
        for change, wanted in ((lambda r: r.pop(0), "the journal has been cut: it begins with record 1 "),
                               (lambda r: r.pop(3), "record 3 of the journal is missing: record 4 "),
                               (lambda r: r.pop(), "breached"),  # what it published is decided by no record
                               (swap, "record 3 of the journal is missing"),
                               (with_entry(published=lambda n: n + 1), "record 3 of the journal .* messages"),
                               (with_entry(chain=lambda chain: chain[::-1]), "record 3 of the journal .* its chain"),
                               (with_entry(entries=lambda entries: entries[:-1]), "record 3 of the journal"),
                               (with_entry(sequence=lambda n: n + 7), "record 3 of the journal is missing"),
                               (with_entry(partition=lambda n: n + 1), "the journal at offset 6 is of partition 1"),
                               (lambda r: r.__setitem__(3, r[3]._replace(value=r[3].value[:-1])), "the journal at offset 6: ")):
            with self.subTest(wanted):
                self.bundle = Bundle.of(self.daemon, documents=[V1])
                self.journal(change, wanted)

    def test_the_manifest_says_otherwise(self):
        for what, value in (("records", 59), ("first", 1), ("last", 1000), ("records", 61)):
            with self.subTest(what):
                members = self.bundle.members()
                manifest = json.loads(members[-1][1])
                stream = next(one for one in manifest["streams"] if one["kind"] == "input")
                stream[what] = value
                bundles.write(self.path, bundles.summed([*members[:-1], ("manifest.json", json.dumps(manifest).encode())]))
                found, _ = self.audit(None, status=1)
                self.assertRegex(found["partitions"][0]["why"], "records of engagement in the bundle: 60, offsets 0 to 89; by its manifest: ")


class Letters(Story):
    """Dead letters: a record that could not be used, as it came, with headers that say which one and why."""

    def setUp(self):
        super().setUp()
        self.daemon = Daemon()
        self.daemon.know(V1)
        for number in range(12):
            self.daemon.read("engagement", f"no event {number}", event(f"lead {number}", minute=number))
            self.daemon.commit()
        self.bundle = Bundle.of(self.daemon, documents=[V1])
        self.stream = self.bundle.streams["dead_letters", 0, None]

    def letters(self, status=0, **wanted):
        found, _ = self.audit(self.bundle, status=status)
        part, = found["partitions"]
        letters = {"missing": 0, "unexpected": 0, "twice": 0, "different": 0, "out_of_order": 0, "gone": 0}
        self.assertEqual(part["letters"], {**letters, **wanted})
        self.assertEqual((part["why"], part["verified"], found["proven"]), ("", len(self.daemon.published), status == 0))
        self.assertTrue(all(one["of"] == "dead_letter" for one in part["findings"]))
        return part["findings"]

    def change(self, **members):
        self.stream[5] = self.stream[5]._replace(**members)

    def with_header(self, name, value):
        return tuple((one, value if one == name else old) for one, old in self.stream[5].headers)

    def test_as_decided(self):
        self.letters(verified=12)
        text = self.run_it(self.path)[1]
        self.assertRegex(text, r"dead letters +12\n  as decided, to the byte +12\n  no longer there +0\n")

    def test_altered(self):
        for members, wanted in (({"value": b"no event, never"}, "/value/bytes is 15, decided was 10"), ({"value": None}, "/value is null"),
                                ({"value": b"no event 6"}, "/value/sha256"), ({"key": b""}, "/key is "), ({"key": b"key"}, "/key is "),
                                ({"headers": self.with_header(b"reason", b"too_large")}, '/reason is "too_large", decided was "not_json"'),
                                ({"headers": self.with_header(b"reason", b"\xff")}, "/reason is ")):
            with self.subTest(wanted):
                before = self.stream[5]
                self.change(**members)
                finding, = self.letters(status=1, verified=11, different=1)
                self.assertEqual((finding["offset"], finding["kind"]), (10, "different"))
                self.assertIn("dead letter of engagement/0/10, not_json: ", finding["what"])
                self.assertIn(wanted, finding["what"])
                self.stream[5] = before

    def test_what_is_nobodys_promise(self):
        self.change(headers=(*self.with_header(b"detail", b"in other words"), (b"more", None)), timestamp=17)
        self.letters(verified=12)

    def test_of_another_record(self):
        for headers in (self.with_header(b"offset", b"11"), self.with_header(b"partition", b"1"), self.with_header(b"topic", b"x"),
                        self.with_header(b"topic", None), ()):
            before = self.stream[5]
            self.change(headers=headers)
            self.letters(status=1, verified=11, missing=1, unexpected=1)
            self.stream[5] = before

    def test_deleted_inserted_repeated_swapped(self):
        fifth = self.stream[5]
        self.stream.pop(5)
        self.assertIn("dead letter of engagement/0/10, not_json", self.letters(status=1, verified=11, missing=1)[0]["what"])
        self.stream.insert(5, fifth)
        self.stream.append(fifth._replace(offset=100))
        self.letters(status=1, verified=12, twice=1)
        self.stream[-1] = Record(100, b"hello")
        self.letters(status=1, verified=12, unexpected=1)
        self.stream.pop()
        self.stream[5], self.stream[6] = self.stream[6]._replace(offset=10), fifth._replace(offset=12)
        self.letters(status=1, verified=12, out_of_order=1)

    def test_no_longer_there(self):
        place = ("dead_letters", 0, None)
        for left in (11, 5, 0):
            with self.subTest(left):
                del self.stream[:len(self.stream) - left]
                self.bundle.begins[place] = 2 * (12 - left) - 1
                self.letters(verified=left, gone=12 - left)
                self.bundle.begins[place] = 0
                self.letters(status=1, verified=left, missing=12 - left)

    def test_one_is_missing_behind_those_that_are_no_longer_there(self):
        del self.stream[:4], self.stream[2:3]
        self.bundle.begins["dead_letters", 0, None] = 8
        self.letters(status=1, verified=7, gone=4, missing=1)

    def test_a_bundle_without_them(self):
        del self.bundle.streams["dead_letters", 0, None]
        self.assertIsNone(self.audit(self.bundle)[0]["partitions"][0]["letters"])

    def test_about_a_part_only_published_events_are_asked(self):
        self.stream.pop()
        found, _ = self.audit(self.bundle, "--lead", "lead 3")
        self.assertEqual((found["proven"], found["partitions"][0]["letters"]), (True, None))


class Asked(Story):
    def setUp(self):
        super().setUp()
        self.daemon = long_daemon()
        self.bundle = Bundle.of(self.daemon, documents=[V1])

    def count(self, fits):
        return sum(1 for one in map(json.loads, self.daemon.published) if fits(one))

    def test_counts(self):
        whole = self.audit(self.bundle)[0]
        self.assertIsNone(whole["asked"])
        for args, asked, fits in (
                (("--lead", "lead 3"), {"from": None, "to": None, "lead": "lead 3"}, lambda e: e["data"]["lead"] == "lead 3"),
                (("--from", "2026-03-01T09:10:00Z"), {"from": "2026-03-01T09:10:00.000Z", "to": None, "lead": None},
                 lambda e: e["time"] >= "2026-03-01T09:10"),
                (("--from", "2026-03-01T09:10:00Z", "--to", "2026-03-01T09:20:00Z"),
                 {"from": "2026-03-01T09:10:00.000Z", "to": "2026-03-01T09:20:00.000Z", "lead": None},
                 lambda e: "2026-03-01T09:10" <= e["time"] < "2026-03-01T09:20"),
                (("--to", "2026-03-01T09:10:00Z", "--lead", "nobody"), {"from": None, "to": "2026-03-01T09:10:00.000Z", "lead": "nobody"},
                 lambda e: False)):
            with self.subTest(args):
                found, _ = self.audit(None, *args)
                part = found["partitions"][0]
                self.assertEqual((found["asked"], part["decided"], part["verified"]), (asked, self.count(fits), self.count(fits)))
                self.assertEqual((part["events"], part["leads"], part["stages"]),
                                 tuple(whole["partitions"][0][name] for name in ("events", "leads", "stages")))
        text = self.run_it(self.path, "--from", "2026-03-01T09:10:00Z", "--lead", "lead 3")[1]
        self.assertIn("asked about published events only of the lead lead 3 from 2026-03-01T09:10:00.000Z; ", text)
        self.assertIn("proven: what was asked about follows from the inputs\n", text)

    def test_only_what_is_asked_about_is_found(self):
        altered = json.loads(self.daemon.published[5])
        lead, minute = altered["data"]["lead"], altered["time"][:16]
        stream = self.bundle.streams["stage_changes", 0, None]
        stream[5] = stream[5]._replace(value=stream[5].value + b" ")
        self.audit(self.bundle, "--lead", lead, status=1)
        self.assertTrue(self.audit(None, "--lead", "somebody else")[0]["proven"])
        self.assertEqual(self.audit(None, "--from", f"{minute}:00Z", status=1)[0]["partitions"][0]["different"], 1)
        self.assertTrue(self.audit(None, "--to", f"{minute}:00Z")[0]["proven"])
        part = self.audit(None, "--lead", lead, status=1)[0]["partitions"][0]
        self.assertEqual(part["decided"] - part["verified"], 1)

    def test_an_altered_event_is_asked_about_by_what_it_was_and_by_what_it_is(self):
        lead = json.loads(self.daemon.published[5])["data"]["lead"]
        stream = self.bundle.streams["stage_changes", 0, None]
        stream[5] = stream[5]._replace(value=stream[5].value.replace(lead.encode(), b"new lead"))
        self.audit(self.bundle, "--lead", lead, status=1)
        self.audit(None, "--lead", "new lead", status=1)
        self.assertTrue(self.audit(None, "--lead", "another")[0]["proven"])

    def test_what_is_no_event_always_counts(self):
        self.bundle.streams["stage_changes", 0, None].append(Record(10 ** 6, b"hello"))
        found, _ = self.audit(self.bundle, "--lead", "nobody", status=1)
        self.assertEqual(found["partitions"][0]["unexpected"], 1)

    def test_what_cannot_be_proven_always_counts(self):
        self.bundle.streams["journal", 0, None].pop(1)
        found, _ = self.audit(self.bundle, "--lead", "nobody", status=1)
        self.assertIn("record 1 of the journal is missing", found["partitions"][0]["why"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
