#!/usr/bin/env python3
"""test_contracts.py BINARY: the JSON Schemas of what is published, and the AsyncAPI document.

Every event that a conformance case expects is valid, and so are dead letters and journal records. One that lacks a member, has one
more, or has a value of another type, is refused, at every place of every kind of event. The document's references, examples and topics
are right; the specification's own JSON Schema judges it where HANDOVER_ASYNCAPI_SCHEMA names that file (docs/testing.md)."""

import collections
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

import contracts
import journals

jsonschema = contracts.jsonschema
BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"
ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = [ROOT / "tests/conformance/cases", ROOT.parent / "shared/conformance/cases"]
EVERY_CAUSE = {("lead.stage.changed", "event"), ("lead.stage.changed", "move"), ("lead.stage.changed", "climb"), ("lead.sla.breached", "timer")}


def lines_of(name):
    """What the cases expect, decoded."""
    for root in CASES:
        for path in sorted(root.glob(f"*/{name}")):
            for line in path.read_bytes().decode("utf-8", "surrogatepass").split("\n"):
                if line:
                    yield json.loads(line)


def journal_records():
    made = [journals.two_inputs(), *(journals.random_daemon(random.Random(seed), seed % 3) for seed in range(20))]
    return [json.loads(json.loads(line)["payload"]) for daemon in made for line in daemon.journal]


def shape_of(value):
    """Which members there are, and of which types; names that are free do not count."""
    if isinstance(value, dict):
        return tuple((name, "free" if name in ("scores", "attributes") else shape_of(its)) for name, its in value.items())
    if isinstance(value, list):
        return tuple(sorted({shape_of(each) for each in value[:4]}, key=repr))
    return contracts.type_of(value)


def samples(documents):
    """One of each shape."""
    return list({shape_of(each): each for each in documents}.values())


def may_be(document, what, path, value):
    """Is a document that was changed so one that may be published?"""
    name = path[-1] if path else ""
    nullable = {"reason", "next", "route", "assignee", "id"}
    if len(path) > 1 and path[-2] in ("scores", "attributes") or what == "extra" and name in ("scores", "attributes"):
        free = {"scores": ("number",), "attributes": ("number", "str", "bool")}
        inside = path[-2] if what != "extra" else name
        return what != "type" or contracts.type_of(value) in free[inside]
    if what == "missing" and path[:2] == ("data", "cause"):
        return name == "move" or name == "offset" and document["data"]["cause"]["topic"] == "clock"
    if what == "type" and "data" in path and name in nullable:
        was = contracts.type_of(value_at(document, path))
        return value is None or was == "NoneType" and isinstance(value, str) and name in ("reason", "id")
    if what == "type" and name in ("skipped", "contributions", "due", "met", "missing", "entries"):
        return value == []
    return False


def value_at(document, path):
    for step in path:
        document = document[step]
    return document


class Schemas(unittest.TestCase):
    def refuses(self, validator, documents):
        """Nothing but what may be is taken, and all of what may be."""
        counts, tried = collections.Counter(), set()
        for document in documents:
            self.assertIsNone(contracts.why(validator, document))
            for what, path, result in contracts.changed(document, tried):
                value = value_at(result, path) if what != "missing" else None
                allowed = may_be(document, what, path, value)
                counts[what, "taken" if allowed else "refused"] += 1
                if validator.is_valid(result) != allowed:
                    self.fail(f"{what} {path} {value!r}: {'refused' if allowed else 'taken'}: {json.dumps(document)[:2000]}")
        for what in ("missing", "extra", "type"):
            self.assertGreater(counts[what, "refused"], 0)
        return sum(counts.values())

    def test_events(self):
        validators, counts, seen = contracts.event_validators(), collections.Counter(), collections.defaultdict(list)
        for event in lines_of("expected.ndjson"):
            cause = event["data"]["cause"]
            self.assertIsNone(contracts.why(validators[event["dataschema"]], event), event)
            counts[event["type"], cause["kind"]] += 1
            seen[event["dataschema"], cause["kind"], cause["topic"] == "clock"].append(event)
            if cause["kind"] != "event" and "offset" in cause:  # the same, let pass by a clock mark
                event = contracts.without(contracts.put(event, ("data", "cause", "topic"), "clock"), ("data", "cause", "offset"))
                seen[event["dataschema"], cause["kind"], True].append(event)
        self.assertEqual(set(counts), EVERY_CAUSE)
        tried = sum(self.refuses(validators[name], samples(events)) for (name, *_), events in seen.items())
        print(f"{sum(counts.values())} events are valid: {dict(counts)}; {tried} changed ones are judged rightly", flush=True)

    def test_one_type_is_not_the_other(self):
        validators = contracts.event_validators()
        for event in samples(lines_of("expected.ndjson")):
            for name, validator in validators.items():
                self.assertEqual(validator.is_valid(event), name == event["dataschema"])

    def test_dead_letters(self):
        validator = contracts.validator_of("dead_letter")
        letters = [{"detail": "", **letter} for letter in lines_of("expected-dead-letters.ndjson")]
        reasons = set(re.findall(r'\[REJECT_\w+\] = "(\w+)"', (ROOT / "consumer/decode.c").read_text("utf-8"))) - {"none"}
        self.assertEqual({letter["reason"] for letter in letters}, reasons)
        self.assertEqual(set(contracts.schema_of("dead_letter")["properties"]["reason"]["enum"]), reasons)
        self.refuses(validator, letters[:3])
        for letter in letters:
            self.assertIsNone(contracts.why(validator, letter))

    def test_dead_letters_as_they_are_written(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        (folder / "events").write_bytes(b'no event\n{}\n{"userId":"a"}\n[]\n\xff\n')
        subprocess.run([BINARY, "replay", "--definition", ROOT / "config/sample.json", "--dead-letters", folder / "dead", folder / "events"],
                       check=True, capture_output=True, timeout=300)
        letters = [json.loads(line) for line in (folder / "dead").read_text("utf-8").splitlines()]
        self.assertEqual(len(letters), 5)
        for letter in letters:
            self.assertIsNone(contracts.why(contracts.validator_of("dead_letter"), letter))

    def test_journal(self):
        records = journal_records()
        self.assertGreater(len(records), 50)
        validator = contracts.validator_of("journal")
        for record in records:
            self.assertIsNone(contracts.why(validator, record))
        self.refuses(validator, samples(records))

    def test_what_stands_in_both_is_the_same(self):
        one, other = (contracts.schema_of(kind)["definitions"] for kind in ("stage_changed", "sla_breached"))
        both = set(one) & set(other) - {"data"}
        self.assertGreater(len(both), 10)
        for name in both:
            self.assertEqual(one[name], other[name], name)

    def test_people_can_read_it(self):
        standard = {*jsonschema.Draft7Validator.META_SCHEMA["properties"]}

        def look(its, where):
            self.assertLessEqual(set(its), standard, where)
            for name, member in its.get("properties", {}).items():
                if its.get("additionalProperties") is False:
                    self.assertRegex(member.get("description", ""), r"(?s)\A[A-Zh].{3,220}\.\Z", f"{where}: {name}")
            for each in its.get("definitions", {}).values():
                look(each, where)

        for kind, name in contracts.KINDS.items():
            schema = contracts.schema_of(kind)
            jsonschema.Draft7Validator.check_schema(schema)
            self.assertEqual((schema["$schema"], schema["$id"]), ("http://json-schema.org/draft-07/schema#", name))
            look(schema, kind)
            for title, definition in schema.get("definitions", {}).items():
                self.assertTrue(definition.get("title"), title)
            used = set(re.findall(r'"#/definitions/(\w+)"', json.dumps(schema)))
            self.assertEqual(used, set(schema.get("definitions", {})))


class AsyncApi(unittest.TestCase):
    def setUp(self):
        self.document = contracts.Document()
        self.root = self.document.root

    def test_references(self):
        found = [value["$ref"] for _, value in contracts.nodes(self.root) if isinstance(value, dict) and "$ref" in value]
        self.assertGreater(len(found), 20)
        for reference in found:
            self.assertTrue(self.document.resolve({"$ref": reference}), reference)

    def test_operations(self):
        """Each speaks of a channel and of messages of that channel, and every channel has one."""
        channels = set()
        for name, operation in self.root["operations"].items():
            channel = operation["channel"]["$ref"]
            channels.add(channel.rpartition("/")[2])
            self.assertIn(operation["action"], ("send", "receive"))
            for message in operation["messages"]:
                self.assertTrue(message["$ref"].startswith(channel + "/messages/"), name)
        self.assertEqual(channels, set(self.root["channels"]))
        used = {message["$ref"].rpartition("/")[2] for channel in self.root["channels"].values() for message in channel["messages"].values()}
        self.assertEqual(used, set(self.root["components"]["messages"]))

    def test_topics(self):
        """The addresses are the settings' defaults, and no topic is left out."""
        table = (ROOT / "docs/settings.md").read_text("utf-8")
        topics = re.findall(r"^\| `\w+` \| topics? \| `([\w-]+)` \|", table, re.M)
        self.assertGreater(len(topics), 5)
        addresses = {channel["address"] for channel in self.root["channels"].values()}
        self.assertEqual(addresses, set(topics))

    def test_examples(self):
        count = 0
        for name, message in self.root["components"]["messages"].items():
            for example in message.get("examples", ()):
                for part in ("payload", "headers"):
                    if part in example:
                        validator = self.document.validator(message, part)
                        self.assertIsNone(contracts.why(validator, example[part]), f"{name}: {part}")
                        count += 1
        self.assertGreater(count, 6)

    def test_example_is_that_of_the_document(self):
        """docs/engine.md shows the same event."""
        text = (ROOT / "docs/engine.md").read_text("utf-8")
        shown = json.loads(re.search(r"```json\n(\{\"specversion.*?)```", text, re.S)[1].replace("sha256:…", "sha256:" + "0" * 64))
        example = self.root["components"]["messages"]["stageChanged"]["examples"][0]["payload"]
        shown["data"]["definition"]["digest"] = example["data"]["definition"]["digest"]
        self.assertEqual(example, shown)

    def test_by_its_own_schema(self):
        path = os.environ.get("HANDOVER_ASYNCAPI_SCHEMA")
        if not path:
            self.skipTest("HANDOVER_ASYNCAPI_SCHEMA names no file")
        schema = json.loads(pathlib.Path(path).read_text("utf-8"))
        self.assertIsNone(contracts.why(jsonschema.Draft7Validator(schema), self.root))
        self.assertIsNotNone(contracts.why(jsonschema.Draft7Validator(schema), {**self.root, "channels": 7}))


if __name__ == "__main__":
    if jsonschema is None:
        print(f"test_contracts.py: {contracts.MISSING}")
        sys.exit(1 if os.environ.get("CI") == "true" else 77)
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
