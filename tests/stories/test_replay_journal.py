#!/usr/bin/env python3
"""test_replay_journal.py BINARY: `handover replay --journal`. Journals are made here, by the engine of tests/oracle, as a daemon would have
written them; the replay has to publish the same bytes, and to notice whatever is changed afterwards in events, journal or definitions."""

import gzip
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from journals import RANDOM_V2, V1, Daemon, dense, envelope, event, moment, random_daemon, riffle, two_inputs, version

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"


class Story(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.definitions = [V1]

    def tearDown(self):
        shutil.rmtree(self.folder)

    def file(self, name, lines):
        (self.folder / name).write_bytes("".join(line + "\n" for line in lines).encode())
        return str(self.folder / name)

    def command(self, journal, *args):
        files = [self.file(f"v{i}.json", [json.dumps(one)]) for i, one in enumerate(self.definitions)]
        definitions = [part for path in files for part in ("--definition", path)]
        journal = [] if journal is None else ["--journal", self.file("journal", journal)]
        return [BINARY, "replay", *definitions, *journal, "--dead-letters", str(self.folder / "dead"), *args]

    def replay(self, journal, *inputs, args=(), status=0):
        """(published lines, what standard error says)"""
        files = [self.file(f"input{i}", lines) for i, lines in enumerate(inputs)]
        done = subprocess.run(self.command(journal, *args, *files), capture_output=True, timeout=300, check=False)
        error = done.stderr.decode()
        self.assertEqual(done.returncode, status, error)
        return done.stdout.decode().splitlines(), error

    def dead(self):
        letters = [json.loads(line) for line in (self.folder / "dead").read_text().splitlines()]
        return [(one["reason"], one["topic"], one["partition"], one["offset"]) for one in letters]

    def assert_same(self, daemon):
        """What the daemon published comes out again, whatever the order of the files."""
        inputs = list(daemon.inputs.values())
        for order in (inputs, inputs[::-1]):
            output, error = self.replay(daemon.journal, *order)
            self.assertEqual((output, error), (daemon.published, ""))
            self.assertEqual(self.dead(), daemon.dead)

    def assert_differs(self, daemon, wanted, journal=None, inputs=None, status=1):
        """It is said, and nothing comes out before it that was not published."""
        inputs = daemon.inputs if inputs is None else inputs
        output, error = self.replay(daemon.journal if journal is None else journal, *inputs.values(), status=status)
        self.assertRegex(error, wanted)
        self.assertNotIn("ssertion", error)
        return output

    def summary(self, error):
        table = dict(re.findall(r"^ *(\S.*?) +(\d+)$", error, re.M))
        return {label: int(number) for label, number in table.items()}


class Order(Story):
    def test_one_input(self):
        daemon = Daemon(partition=3)
        daemon.know(V1)
        for number in range(200):
            daemon.read("engagement", event(f"lead {number % 70}", random.Random(number).choice(["Demo Requested", "Won", "Called"]), number))
            if number % 17 == 0:
                daemon.commit()
        daemon.commit()
        self.assertGreater(len(daemon.published), 70)
        self.assert_same(daemon)

    def test_two_inputs_as_they_were_read(self):
        daemon = two_inputs()
        moves = [(one["data"]["lead"], one["data"].get("to"), one["type"]) for one in map(json.loads, daemon.published)]
        self.assertIn(("a", "won", "lead.stage.changed"), moves)
        self.assertNotIn(("c", "won", "lead.stage.changed"), moves)
        self.assertIn("lead.sla.breached", [kind for _, _, kind in moves])
        self.assert_same(daemon)
        together = daemon.inputs["crm"] + daemon.inputs["engagement"]
        self.assertEqual(self.replay(daemon.journal, together)[0], daemon.published)
        plain, _ = self.replay(None, together, args=("--envelope", "kcat"))
        self.assertNotEqual(plain, daemon.published)  # so the journal is worth something

    def test_a_clock_mark_at_its_place(self):
        daemon = two_inputs()
        marks = [one for one in map(json.loads, daemon.published) if one["id"].startswith("clock/")]
        self.assertEqual([one["data"]["lead"] for one in marks], ["c"])

    def test_partitions_side_by_side(self):
        daemons = [Daemon(partition=number) for number in (5, 1, 3)]
        for number, daemon in enumerate(daemons):
            daemon.know(V1)
            for minute in range(30):
                daemon.read(("engagement", "crm")[(minute + number) % 2], event(f"p{number}-{minute % 7}", minute=minute))
                if minute % (4 + number) == 0:
                    daemon.commit()
            daemon.commit()
        journal = [line for daemon in daemons for line in daemon.journal]
        inputs = [[line for daemon in daemons for line in daemon.inputs[topic]] for topic in ("crm", "engagement")]
        output, _ = self.replay(journal, *inputs)
        self.assertEqual(sorted(output), sorted(line for daemon in daemons for line in daemon.published))
        for daemon in daemons:
            mine = [line for line in output if f'"partition":{daemon.partition},' in line]
            self.assertEqual(mine, daemon.published)
        self.assertEqual(self.replay(journal, *inputs)[0], output)
        packed = self.folder / "journal.gz"
        packed.write_bytes(gzip.compress("\n".join(journal).encode()))
        self.assertEqual(self.replay(None, *inputs, args=("--journal", str(packed)))[0], output)
        parts = [part for number, daemon in enumerate(daemons) for part in ("--journal", self.file(f"part{number}", daemon.journal))]
        self.assertEqual(self.replay(None, *inputs, args=parts)[0], output)

    def test_standard_input(self):
        daemon = two_inputs()
        both = "\n".join(daemon.inputs["engagement"] + daemon.inputs["crm"]).encode()
        done = subprocess.run(self.command(daemon.journal), input=both, capture_output=True, timeout=300, check=True)
        self.assertEqual(done.stdout.decode().splitlines(), daemon.published)
        files = [self.file(f"input{i}", lines) for i, lines in enumerate(daemon.inputs.values())]
        done = subprocess.run(self.command(None, "--journal", "-", *files), input="\n".join(daemon.journal).encode(),
                              capture_output=True, timeout=300, check=True)
        self.assertEqual(done.stdout.decode().splitlines(), daemon.published)

    def test_offsets_have_gaps(self):
        daemon = Daemon()
        daemon.know(V1)
        daemon.skip("engagement", 40)  # what was there before the daemon
        for minute in range(40):
            daemon.skip("engagement", minute % 3)  # markers of transactions
            daemon.read("engagement", event(f"lead {minute}", minute=minute))
            if minute % 9 == 8:
                daemon.commit()
        daemon.commit()
        self.assert_same(daemon)
        early = [envelope("engagement", 0, 7, event("early")), *daemon.inputs["engagement"]]
        output, error = self.replay(daemon.journal, early, args=("--summary",))
        self.assertEqual(output, daemon.published)
        self.assertEqual(self.summary(error)["before the journal"], 1)

    def test_what_is_behind_the_journal_is_not_decided(self):
        daemon = two_inputs()
        later = [envelope("engagement", 0, 50 + n, event(f"later {n}")) for n in range(3)]
        elsewhere = [envelope("engagement", 9, 0, event("elsewhere")), envelope("mail", 0, 0, event("mail"))]
        output, error = self.replay(daemon.journal, *daemon.inputs.values(), later, elsewhere, args=("--summary",))
        self.assertEqual(output, daemon.published)
        table = self.summary(error)
        lines = sum(map(len, daemon.inputs.values())) + 5
        self.assertEqual((table["lines"], table["not replayed"], table["behind the journal"]), (lines, 5, 5))
        self.assertEqual(table["lines"], table["events"] + table["dead letters"] + table["empty"] + table["not replayed"])
        self.assertEqual((table["journal records that fit"], table["dead letters"], table["partitions"]), (len(daemon.journal), 1, 1))

    def test_only_disorder_is_kept(self):
        daemon = Daemon()
        daemon.know(V1)
        for minute in range(100):
            daemon.read("engagement", event(f"lead {minute}", minute=minute))
            daemon.read("crm", event(f"lead {minute}", "Won", minute))
            daemon.commit()
        first, second = daemon.inputs.values()
        pieces = [lines[at:at + 10] for at in range(0, 100, 10) for lines in (first, second)]
        for files, kept in (([first, second], 99), (pieces, 9), ([[line for pair in zip(first, second) for line in pair]], 0)):
            output, error = self.replay(daemon.journal, *files, args=("--summary",))
            self.assertEqual(output, daemon.published)
            self.assertEqual(self.summary(error)["most records kept for later"], kept)

    def test_a_journal_without_records_of_inputs(self):
        daemon = Daemon()
        daemon.know(V1)
        daemon.commit()
        self.assertEqual(self.replay(daemon.journal, [])[0], [])


class Versions(Story):
    def ran(self, effective_from, **agreed):
        """A version that becomes known in mid-stream."""
        second = version(2, effective_from, "Priced")
        daemon = Daemon()
        daemon.know(V1, **agreed)
        daemon.read("engagement", event("a"), event("b", "Priced", 1), event("c", minute=2))
        daemon.commit()
        daemon.read("engagement", event("d", "Priced", 3))
        daemon.know(second)
        daemon.read("engagement", event("e", "Priced", 4), event("f", minute=5), event("g", "Priced", 30), event("h", minute=31))
        daemon.commit()
        self.definitions = [second, V1]
        return daemon

    def leads(self, daemon):
        return [json.loads(line)["subject"] for line in daemon.published]

    def test_known_before_it_takes_over(self):
        daemon = self.ran("2026-03-01T09:10:00Z")
        self.assertEqual(self.leads(daemon), ["a", "c", "f", "g"])
        self.assert_same(daemon)

    def test_known_late(self):
        daemon = self.ran("2026-02-01T00:00:00Z")
        self.assertEqual(self.leads(daemon), ["a", "c", "e", "g"])
        self.assert_same(daemon)
        plain, _ = self.replay(None, daemon.inputs["engagement"], args=("--envelope", "kcat"))
        self.assertNotEqual(plain, daemon.published)

    def draft_then_signed(self):
        daemon = Daemon()
        daemon.know(V1)
        daemon.read("engagement", event("a"))
        daemon.commit()
        daemon.know(V1, agreed=True)
        daemon.read("engagement", event("b", minute=1))
        daemon.commit()
        daemon.clock("2026-03-01T12:00:00Z")
        daemon.commit()
        return daemon

    def test_a_draft_is_signed(self):
        daemon = self.draft_then_signed()
        agreed = [json.loads(line)["data"]["definition"]["agreed"] for line in daemon.published]
        self.assertEqual(agreed, [False, True, True, True])
        self.assert_same(daemon)

    def signed(self, document, *teams):
        """The document signed by these teams, and a trust file that knows their keys."""
        path, trust = self.file("signed.json", [json.dumps(document)]), []
        for team in teams:
            key = str(pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / team)
            for command in (["keygen", key], ["approve", "--key", key + ".key", "--team", team, "--by", "somebody", path]):
                subprocess.run([BINARY, *command], capture_output=True, timeout=300, check=True)
            trust.append(f"{team} {pathlib.Path(key + '.pub').read_text().strip()}")
        return json.loads(pathlib.Path(path).read_text()), self.file("trust", trust)

    def test_what_the_journal_calls_agreed_has_to_be_signed(self):
        daemon = self.draft_then_signed()
        inputs = daemon.inputs["engagement"]
        document, trust = self.signed(V1, "marketing", "sales")
        self.definitions = [document]
        self.assertEqual(self.replay(daemon.journal, inputs, args=("--trust", trust))[0], daemon.published)
        document, trust = self.signed(V1, "marketing")
        self.definitions = [document]
        self.assertEqual(self.replay(daemon.journal, inputs)[0], daemon.published)
        output, error = self.replay(daemon.journal, inputs, args=("--trust", trust), status=1)
        self.assertIn("partition 0: record 1 of the journal (offset 2): it calls version 1 of the definition agreed; by --trust", error)
        self.assertEqual(output, daemon.published[:1])

    def test_a_definition_is_missing_or_other(self):
        daemon = self.ran("2026-03-01T09:10:00Z")
        digest = re.search(r'"definition.{1,4}:2,.*?(sha256:\w+)', "".join(daemon.journal))[1]
        self.definitions = [V1]
        output = self.assert_differs(daemon, f"journal: line 2: partition 0, record 1: decided by version 2 .*{digest}", status=2)
        self.assertEqual(output, [])
        self.definitions = [V1, version(2, "2026-03-01T09:10:00Z", "Sold")]
        self.assert_differs(daemon, digest, status=2)


class Tampering(Story):
    def setUp(self):
        super().setUp()
        self.daemon = two_inputs()

    def changed(self, topic, change):
        inputs = {name: list(lines) for name, lines in self.daemon.inputs.items()}
        change(inputs[topic])
        return inputs

    def assert_input(self, topic, change, wanted):
        return self.assert_differs(self.daemon, wanted, inputs=self.changed(topic, change))

    def test_an_event_is_altered(self):
        def alter(lines):
            lines[0] = lines[0].replace('"a', '"z')
        self.assertIn('"z', self.daemon.inputs["engagement"][0].replace('"a', '"z'))
        output = self.assert_input("engagement", alter, r"partition 0: record 0 of the journal \(offset 0\): an input was altered, or this record: "
                                   "engagement from 0 to 3, crm from 0 to 1: not what was read$")
        self.assertNotEqual(output, self.daemon.published[:len(output)])

    def test_an_event_is_altered_in_its_bytes_only(self):
        def alter(lines):
            lines[1] = lines[1].replace("T09:01:00Z", "T09:01:01Z")
        self.assert_input("engagement", alter, r"record 0 of the journal \(offset 0\): an input was altered")

    def test_an_event_becomes_a_dead_letter(self):
        def alter(lines):
            lines[2] = lines[2].replace("userId", "nobody")
        self.assert_input("crm", alter, r"record 1 .*: an input was altered, .*: crm from 2 to 3: not what was read")

    def test_an_event_is_altered_without_effect(self):
        """What follows is the same to the byte, or would be: the fingerprint alone tells."""
        changes = {"a member more": ("payload", lambda payload: payload.replace("{", '{"note":1,', 1)),
                   "a space": ("payload", lambda payload: payload + " "),
                   "another timestamp": ("ts", lambda ts: ts + 1), "no timestamp": ("ts", lambda ts: None),
                   "a key": ("key", lambda key: "k"), "an empty key": ("key", lambda key: "")}
        for kind in ("xxh3", "sha256"):
            self.daemon = Daemon(inputs=kind)
            self.daemon.know(V1)
            self.daemon.read("engagement", event("a"), event("b", "Nothing", 1), event("c", "Nothing", 2))
            self.daemon.commit()
            self.daemon.read("engagement", event("d", "Nothing", 3), event("e", "Nothing", 4), "", "")
            self.daemon.commit()
            self.assert_same(self.daemon)
            for what, (member, change) in changes.items():
                def alter(lines):
                    record = json.loads(lines[4])
                    lines[4] = dense(record | {member: change(record[member])})
                with self.subTest(f"{kind}: {what}"):
                    output = self.assert_input("engagement", alter, r"partition 0: record 1 of the journal \(offset 2\): an input was altered, "
                                               r"or this record: engagement from 3 to 6: not what was read")
                    self.assertEqual(output, self.daemon.published)

    def test_an_empty_payload_is_not_none(self):
        daemon = self.daemon
        daemon.read("engagement", "")
        daemon.commit()
        self.assert_same(daemon)
        self.assert_input("engagement", lambda lines: lines.append(lines.pop().replace('"payload":""', '"payload":null')),
                          r"record 4 .*: engagement at 5: not what was read")

    def test_events_without_effect_are_dropped_swapped_moved(self):
        daemon = self.daemon = Daemon()
        daemon.know(V1)
        daemon.read("engagement", *(event(name, "Nothing", 1) for name in "abcde"))
        daemon.commit()
        daemon.read("engagement", event("f", "Nothing", 1))
        daemon.commit()

        def moved(lines, *places):
            """The payloads in this order, at the offsets that were there."""
            payloads = [json.loads(lines[place])["payload"] for place in places]
            lines[:] = [dense(json.loads(line) | {"payload": payload}) for line, payload in zip(lines, payloads)]
        self.assert_input("engagement", lambda lines: lines.pop(2), r"record 0 .*: engagement from 0 to 5: not what was read")
        self.assert_input("engagement", lambda lines: moved(lines, 0, 2, 1, 3, 4, 5), r"record 0 .*: engagement from 0 to 4: not what was read")
        self.assert_input("engagement", lambda lines: moved(lines, 0, 0, 1, 2, 3, 4), r"record 0 .*: engagement from 0 to 4: not what was read")
        self.assert_input("engagement", lambda lines: moved(lines, 0, 1, 2, 3, 5, 4), r"record 0 .*: engagement from 0 to 4: not what was read")

    def test_events_are_dropped(self):
        crm = len(self.daemon.inputs["crm"])
        for topic, index, wanted in (("engagement", 0, r"record 0 .*: engagement has been cut: it begins at 1, 0 is wanted"),
                                     ("engagement", 1, r"record 0 .*: record 2 of engagement is gone, the next one is 3"),
                                     ("engagement", 3, r"record 0 .*"),
                                     ("engagement", 4, r"record 3 .*: engagement ends too early: of 1 records from 4 on 1 are missing"),
                                     ("crm", crm - 1, r"record 3 .*: crm ends too early: of 2 records from 4 on 1 are missing")):
            with self.subTest(f"{topic} {index}"):
                self.assert_input(topic, lambda lines, at=index: lines.pop(at), wanted)

    def test_an_input_is_not_there(self):
        inputs = {"engagement": self.daemon.inputs["engagement"]}
        self.assert_differs(self.daemon, r"record 0 .*: crm ends too early: of 2 records from 0 on 2 are missing", inputs=inputs)

    def test_an_event_is_inserted(self):
        daemon = Daemon()
        daemon.know(V1)
        daemon.skip("engagement", 1)
        daemon.read("engagement", event("a"))
        daemon.skip("engagement", 1)
        daemon.commit()
        daemon.read("engagement", event("b", minute=1))
        daemon.commit()
        lines = daemon.inputs["engagement"]
        self.assert_same(daemon)
        more = [lines[0], envelope("engagement", 0, 2, event("x")), lines[1]]
        output = self.assert_differs(daemon, r"record 1 of the journal \(offset 2\): engagement has a record 2 that the journal has not: 3 comes next",
                                     inputs={"engagement": more})
        self.assertEqual(output, daemon.published[:1])

    def test_events_are_swapped(self):
        def swap(lines):
            lines[0], lines[1] = lines[1], lines[0]

        def swap_payloads(lines):
            first, second = map(json.loads, lines[:2])
            first["payload"], second["payload"] = second["payload"], first["payload"]
            lines[:2] = dense(first), dense(second)
        self.assert_input("engagement", swap, r"partition 0: record 0 .*begins at 1, 0 is wanted")
        self.assert_input("crm", swap_payloads, r"record 0 ")

    def test_an_event_is_there_twice(self):
        output = self.assert_input("engagement", lambda lines: lines.insert(2, lines[1]),
                                   r"partition 0: record 0 of the journal \(offset 0\): record 1 of engagement comes after record 1")
        self.assertEqual(output, self.daemon.published[:len(output)])

    def test_a_journal_record_is_dropped(self):
        journal = self.daemon.journal
        for at, wanted in ((0, r"the journal has been cut: it begins with record 1 \(offset 2\), 0 is wanted"),
                           (1, r"record 1 of the journal is missing: record 2 \(offset 4\) follows record 0"),
                           (2, r"record 2 of the journal is missing: record 3 \(offset 6\) follows record 1")):
            with self.subTest(at):
                output = self.assert_differs(self.daemon, f"partition 0: {wanted}", journal=journal[:at] + journal[at + 1:])
                self.assertEqual(output, self.daemon.published[:len(output)])
                self.assertEqual(len(output) > 0, at > 0)

    def test_journal_records_are_swapped(self):
        first, second, *rest = self.daemon.journal
        self.assert_differs(self.daemon, "it begins with record 1", journal=[second, first, *rest])

    def test_a_journal_record_is_repeated(self):
        journal = self.daemon.journal
        for again in (journal[:2] + journal[1:], journal + journal, [line for line in journal for _ in range(2)]):
            self.assertEqual(self.replay(again, *self.daemon.inputs.values())[0], self.daemon.published)
        other = self.daemon.change(1, dead_letters=2)[1]
        output = self.assert_differs(self.daemon, r"partition 0: record 1 of the journal is there twice with other content \(offsets 2 and 2\)",
                                     journal=[*journal, other])
        self.assertEqual(output, self.daemon.published[:len(output)])

    def test_a_journal_record_is_altered(self):
        daemon = self.daemon
        entries = [json.loads(json.loads(line)["payload"])["entries"] for line in daemon.journal]
        published = json.loads(json.loads(daemon.journal[0])["payload"])["published"]
        for sequence, members, wanted in (
                (0, {"published": published + 1}, rf"record 0 .* says that {published + 1} messages"),
                (1, {"dead_letters": 0}, r"record 1 .* says that 0 messages and 0 dead letters were published; replayed they are 0 and 1"),
                (1, {"chain": "0" * 64}, r"record 1 .*: its chain is not that of the replay"),
                (2, {"entries": []}, r"record 2 .* says that 1 messages .* replayed they are 0"),
                (2, {"entries": [{"clock": moment("2026-03-01T13:00:00Z")}]}, r"record 2 .* replayed they are 2"),
                (0, {"entries": entries[0][1:]}, r"record 0 of the journal \(offset 0\): it comes before any definition"),
                (0, {"entries": [entries[0][0], *entries[0][2:]]}, r"record 0 .*: an input was altered, or this record: crm from 0 to 1"),
                (2, {"inputs": "xxh3:" + "0" * 32}, r"record 2 .*: this record was altered: it has a fingerprint of records, but none were read"),
                (3, {"inputs": "sha256:" + "0" * 64}, r"record 3 .*: an input was altered, or this record: engagement at 4, crm from 4 to 5: not"),
                (0, {"entries": [entries[0][0], ["engagement", 0, 3], *entries[0][2:]]}, r"record 0 .*"),
                (3, {"entries": [["engagement", 4, 1], ["crm", 4, 3]]}, r"record 3 .*crm ends too early: of 3 records from 4 on 1 are missing"),
                (3, {"entries": [["mail", 0, 1]]}, r"record 3 .*mail ends too early: of 1 records from 0 on 1 are missing")):
            with self.subTest(f"{sequence} {members}"):
                self.assert_differs(daemon, f"partition 0: {wanted}", journal=daemon.change(sequence, **members))

    def test_one_partition_differs_and_the_others_go_on(self):
        other = Daemon(partition=7)
        other.know(V1)
        other.read("engagement", event("x"), event("y", minute=1))
        other.commit()
        journal = [self.daemon.journal[0], *other.journal, *self.daemon.change(1, chain="0" * 64)[1:]]
        inputs = [*self.daemon.inputs["engagement"], *other.inputs["engagement"]], self.daemon.inputs["crm"]
        output, error = self.replay(journal, *inputs, args=("--summary",), status=1)
        self.assertEqual([line for line in output if '"partition":7,' in line], other.published)
        self.assertEqual(error.count("handover replay: partition"), 1)
        table = self.summary(error)
        self.assertGreater(table["of partitions that differ"], 0)
        self.assertEqual(table["lines"], table["events"] + table["dead letters"] + table["empty"] + table["not replayed"])


class Random(Story):
    """Many small logs. An untouched one comes out as it ran; a touched one is never taken for another that was published."""

    def logs(self, seeds):
        self.definitions = [V1, RANDOM_V2]
        for seed in range(seeds):
            dice = random.Random(seed)
            daemons = [random_daemon(dice, partition) for partition in dice.sample(range(9), dice.randint(1, 3))]
            journal = riffle(dice, [daemon.journal for daemon in daemons])
            files = [[] for _ in range(dice.randint(1, 3))]
            for daemon in daemons:
                for lines in daemon.inputs.values():
                    dice.choice(files).append(lines)
            with self.subTest(seed):
                yield dice, daemons, journal, [riffle(dice, piles) for piles in files]

    def of_partition(self, output, partition):
        return [line for line in output if json.loads(line)["data"]["cause"]["partition"] == partition]

    def test_untouched(self):
        for _, daemons, journal, files in self.logs(60):
            output, error = self.replay(journal, *files)
            self.assertEqual(error, "")
            for daemon in daemons:
                self.assertEqual(self.of_partition(output, daemon.partition), daemon.published)
            self.assertEqual(sorted(self.dead()), sorted(letter for daemon in daemons for letter in daemon.dead))

    def touch(self, dice, lines):
        """Drops, repeats, swaps or alters."""
        at, other = dice.randrange(len(lines)), dice.randrange(len(lines))
        kind = dice.randrange(5)
        if kind == 0:
            lines.pop(at)
        elif kind == 1:
            lines.insert(other, lines[at])
        elif kind == 2:
            lines[at], lines[other] = lines[other], lines[at]
        else:
            place = dice.randrange(len(lines[at]))
            lines[at] = lines[at][:place] + dice.choice('0123456789"[]{},:aefz') + lines[at][place + 1:]

    def test_touched(self):
        outcomes = {0: 0, 1: 0, 2: 0}
        for dice, daemons, journal, files in self.logs(120):
            whole = len(journal)
            self.touch(dice, dice.choice([lines for lines in [journal, *files] if lines]))
            paths = [self.file(f"input{i}", lines) for i, lines in enumerate(files)]
            done = subprocess.run([*self.command(journal), *paths], capture_output=True, timeout=300, check=False)
            outcomes[done.returncode] += 1
            if done.returncode == 0:
                output = done.stdout.decode().splitlines()
                for daemon in daemons:
                    mine = self.of_partition(output, daemon.partition)
                    self.assertEqual(mine, daemon.published[:len(mine)])
                    self.assertTrue(len(journal) < whole or len(mine) == len(daemon.published))
            else:
                self.assertIn(b"handover replay: ", done.stderr)
        self.assertGreater(min(outcomes.values()), 5, outcomes)


class Lines(Story):
    def test_hostile_lines(self):
        daemon = two_inputs()
        good = daemon.journal[0]
        record = json.loads(json.loads(good)["payload"])
        for line, wanted in (
                ("{", "line 1: not what `kcat -J` prints"), ("null", "not what `kcat -J` prints"), ("\x00", "not what `kcat -J` prints"),
                (envelope("handover-journal", 0, 0, None), "line 1: no record of a journal"),
                (envelope("handover-journal", 0, 0, ""), "no record of a journal"),
                (envelope("handover-journal", 0, 0, event("a")), "no record of a journal"),
                (envelope("handover-journal", 0, 0, "[" * 100000), "no record of a journal"),
                (daemon.record(0, record | {"journal": 1}), "no record of a journal: journal"),
                (daemon.record(0, record | {"journal": 3}), "no record of a journal: journal"),
                (daemon.record(0, record | {"inputs": "md5:0"}), "no record of a journal: inputs: xxh3: and 32, or sha256: and 64"),
                (daemon.record(0, record | {"partition": 1}), "a record of partition 1 in partition 0"),
                (daemon.record(0, record | {"sequence": -1}), "no record of a journal: sequence"),
                (daemon.record(0, record | {"entries": [["engagement", 0, 0]]}), "no record of a journal: a run's count"),
                (daemon.record(0, record | {"entries": [["t%d" % n, 0, 1] for n in range(9)]}), "more topics than there can be inputs")):
            with self.subTest(line[:200]):
                self.assertEqual(self.assert_differs(daemon, wanted, journal=[line, *daemon.journal], status=2), [])

    def test_far_numbers(self):
        daemon = two_inputs()
        far = 2**63 - 2
        for entry in (["engagement", far, 1], ["engagement", 0, far], ["engagement", 1, far]):
            with self.subTest(entry):
                entries = json.loads(json.loads(daemon.journal[0])["payload"])["entries"][:1] + [entry, entry]
                self.assert_differs(daemon, "partition 0: record 0", journal=daemon.change(0, entries=entries))
        self.assert_differs(daemon, f"begins with record {far}", journal=daemon.change(0, sequence=far))

    def test_names_that_a_terminal_would_obey(self):
        daemon = two_inputs()
        topic = "\x1b[2J\u202e"
        _, error = self.replay(daemon.change(3, entries=[[topic, 0, 1]]), *daemon.inputs.values(), status=1)
        self.assertIn("\ufffd[2J\ufffd ends too early", error)
        other = envelope("\x1b[2J", 0, 0, json.loads(daemon.journal[0])["payload"])
        _, error = self.replay([*daemon.journal, other], *daemon.inputs.values(), status=2)
        self.assertIn("it is of the topic \ufffd[2J, lines", error)

    def test_a_topic_in_every_record(self):
        daemon = Daemon()
        daemon.know(V1)
        for number in range(9):
            daemon.read(f"t{number}", event(f"lead {number}", minute=number))
            daemon.commit()
        output = self.assert_differs(daemon, r"record 8 of the journal \(offset 16\) names more topics than there can be inputs")
        self.assertEqual(output, daemon.published[:8])

    def test_two_groups(self):
        ours, theirs = two_inputs(), Daemon(partition=1, group="elsewhere")
        theirs.know(V1)
        theirs.commit()
        wanted = r"journal: line 5: it was written by the group elsewhere, lines before it by handover"
        self.assert_differs(ours, wanted, journal=ours.journal + theirs.journal, status=2)
        without = [json.loads(line) for line in ours.journal]
        without = [dense({name: value for name, value in line.items() if name != "headers"}) for line in without]
        self.assertEqual(self.replay(without, *ours.inputs.values())[0], ours.published)
        moved = ours.journal[:1] + [line.replace("handover-journal", "journal") for line in ours.journal[1:]]
        self.assert_differs(ours, "line 2: it is of the topic journal, lines before it are of handover-journal", journal=moved, status=2)

    def test_no_journal(self):
        daemon = two_inputs()
        self.assert_differs(daemon, "--journal: no records", journal=["", " "], status=2)
        self.assert_differs(daemon, "no record of a journal", journal=daemon.inputs["crm"], status=2)
        _, error = self.replay(None, [], args=("--journal", str(self.folder / "none")), status=2)
        self.assertIn("none: No such file", error)

    def test_a_bad_line_of_an_input(self):
        daemon = two_inputs()
        inputs = daemon.inputs | {"crm": [*daemon.inputs["crm"][:2], "{", *daemon.inputs["crm"][2:]]}
        output = self.assert_differs(daemon, "input1: line 3: not what `kcat -J` prints", inputs=inputs, status=2)
        self.assertEqual(output, daemon.published[:len(output)])

    def test_options_that_do_not_go_together(self):
        daemon = two_inputs()
        for args, wanted in ((("--until", "2026-03-02T00:00:00Z"), "--until: the clock marks are in the journal"),
                             (("--envelope", "none"), "--envelope none: with --journal each line is what `kcat -J` prints")):
            _, error = self.replay(daemon.journal, *daemon.inputs.values(), args=args, status=2)
            self.assertIn(wanted, error)
        self.assertEqual(self.replay(daemon.journal, *daemon.inputs.values(), args=("--envelope", "kcat"))[0], daemon.published)
        _, error = self.replay(daemon.journal, args=("--journal", "-", "-"), status=2)
        self.assertIn("standard input: can be read once only", error)
        journal = self.file("journal", daemon.journal)
        done = subprocess.run([*self.command(daemon.journal), "--dead-letters", journal], capture_output=True, timeout=300, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"is a file that is read", done.stderr)
        self.assertGreater(os.path.getsize(journal), 0)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
