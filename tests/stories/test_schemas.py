#!/usr/bin/env python3
"""test_schemas.py BINARY: config/*.schema.json, which editors complete from, say of a document what the parser says.

Both judge the same documents: good ones, and what becomes of two that use every member (whole.json, whole.test.json) when at each
place something is broken. A schema must never refuse what the parser takes. What it takes though the parser refuses it has to be
one of the classes below, each of which has to occur."""

import copy
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import jsonschema
except ImportError:
    jsonschema = None
    SYSTEM = "/usr/bin/python3"  # Debian's package is seen by Debian's Python alone, which may not be the first on the PATH
    if os.path.exists(SYSTEM) and os.path.realpath(SYSTEM) != os.path.realpath(sys.executable):
        os.execv(SYSTEM, [SYSTEM, *sys.argv])

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "conformance" / "definitions"
FILES_A_RUN = 400

REFERENCES = "a schema does not compare a name here with the names that stand elsewhere"
UNIQUE = "a schema tells equal members of a list apart only where all of the member is equal, not its name alone"
TWO_PLACES = "a schema does not compare two values with each other"
DECIMALS = "multipleOf divides in binary fractions, and would refuse good numbers too"
OUTSIDE = "only with its offset is a time known to be outside 1970 to 2199"
TEXT = "a schema sees the values of a document, not its text"

EDGES = r'"(1969-12-31|1970-01-01|2199-12-31|2200-01-01)'

DEFINITION_CLASSES = (  # what the parser says, in full; why a schema cannot; where it matters, what stands in the document then
    (r"there is no (team|attribute|criterion|score|stage|calendar) \".*", REFERENCES),
    (r"the stage \".*\" is still there; .*", REFERENCES),
    (r"only scores from events can be reset; .*", REFERENCES),
    (r"a (criterion|score) cannot use itself: .*", REFERENCES),
    (r"there is another (stage|rule|move|SLA|queue|member) called \".*", UNIQUE),
    (r"\"(\w+|...-...)\": the hours of \"...\" are there already", UNIQUE),
    (r"a move to \".*\" cannot start there", TWO_PLACES),
    (r"\"(min|max)\" cannot be (above|below) \"(min|max)\".*", TWO_PLACES),
    (r"a day's hours ascend and do not overlap; .*", TWO_PLACES),
    (r"offsets must ascend; .*", TWO_PLACES),
    (r"opening hours must be like .*; this is \"\d\d:\d\d-\d\d:\d\d\"", TWO_PLACES),
    (r"\"at_least\", how many of the conditions, must be a whole number from 1 to [1-9]; this is [1-9][\d.e+]*", TWO_PLACES),
    (r"this would (never end|not end within ten years): .*", "a schema does not count open hours"),
    (r"the first offset must hold from .*", "a time has many spellings"),
    (r".* must be a time like .*", OUTSIDE, EDGES),
    (r"\"half_life\" must be a whole number of minutes; this is \"\d+s\"", "a schema does not divide what stands in a text"),
    (r"\"review_every\" must be at least .* and divide a day, .*", "a schema does not divide what stands in a text"),
    (r".* can have at most [36] decimals; this is .*", DECIMALS),
    (r".* must have 1 to 255 bytes; this has \d\d\d+", "a schema counts characters, the program bytes", r"é|\\u00e9"),
    (r"the number 1e400 is too large; numbers are IEEE doubles", TEXT),
    (r"\".*\" is there already, in line \d+; a name can stand only once here", TEXT),
    (r"the character \\u0000 cannot stand in a definition", TEXT),
    (r"half a surrogate pair", TEXT),
    (r"nested deeper than 64", TEXT),
    (r"a definition has at most 1 MiB .*", TEXT),
    (r"and \d+ more problems", "of those above: a hundred are told"),
)
TEST_CLASSES = (
    (r"there is no (stage|SLA|move|criterion|score|queue|member of a queue) \".*", REFERENCES),
    (r"(only moves have reasons|no move of the definition has a \"reason\")", REFERENCES),
    (r".* cannot be read, or has more than 1 MiB", "a schema sees no other file"),
    (r"probes stand in the order of their times", TWO_PLACES),
    (r"a test needs \"start\", its own or the file's", TWO_PLACES),
    (r"is not within the years 1970 to 2199", TWO_PLACES),
    (r"is there already; a name can stand only once here", TEXT),
    (r"(\"start\" is a time such as|is no time:) .*", OUTSIDE, EDGES),
)


# --- the schema's side ---

def without_comments(text):
    return re.sub(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', lambda found: found[0] if found[0][0] == '"' else " ", text, flags=re.S)


def ecma_pattern(validator, pattern, instance, _schema):
    """Schemas are written for ECMA-262, whose $ is the end alone, and not also what is in front of a last line break."""
    if validator.is_type(instance, "string") and not re.search(pattern.replace("$", r"\Z"), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


def schema_of(kind):
    return json.loads((ROOT / "config" / f"{kind}.schema.json").read_text("utf-8"))


def validator_of(schema, **keywords):
    return jsonschema.validators.extend(jsonschema.Draft7Validator, {"pattern": ecma_pattern, **keywords})(schema)


def remembering_validator(schema):
    """The same, which judges what it has judged before by memory: thousands of documents differ in one place each."""
    judged = {}

    def ref(validator, name, instance, its):
        key = name, json.dumps(instance)
        if key not in judged:
            judged[key] = next(jsonschema.Draft7Validator.VALIDATORS["$ref"](validator, name, instance, its), None)
        if judged[key]:
            yield judged[key]

    return validator_of(schema, **{"$ref": ref})


def subschemas(schema):
    """The schema and all that it is made of."""
    yield schema
    for keyword in ("properties", "definitions"):
        for child in schema.get(keyword, {}).values():
            yield from subschemas(child)
    for keyword in ("allOf", "anyOf", "oneOf", "items", "additionalItems", "additionalProperties", "propertyNames", "not", "if", "then"):
        child = schema.get(keyword, [])
        for each in child if isinstance(child, list) else [child]:
            if isinstance(each, dict):
                yield from subschemas(each)


# --- documents that are broken ---

RAW = "\x01"  # a text that begins so stands in the document without quotes; a member's name that does stands there a second time

KINDS = (None, True, 7, "seven", ["seven"], [], {"seven": 7}, {})
NUMBERS = (0, -1, -0.5, 0.5, 1.0, 1.5, 2, 0.001, 0.0001, 0.0000001, 32, 33, 64, 65, 100, 101, 256, 257, 1000, 10000, 10001, 10000.001,
           -10000, -10001, 1e6, 1000001, 1e9, 1000000001, -1e9, -1000000001, 2147483647, 2147483648, 1e20, RAW + "1e400", RAW + "10e-1")
LONG = 256 * "a"
TEXTS = ("", "*", "a\0b", LONG, 128 * "é", 64 * "aé😀", "attributes", "events", "scores", "number", "timer")
DURATIONS = ("0s", "1s", "05m", "5", "m", "5 m", "5M", "1.5h", "-5m", "+5m", "5ms", "1h30m", "59s", "60s", "61s", "90s", "119s", "1m", "7m", "59m",
             "60m", "61m", "1h", "24h", "1d", "2d", "1w", "3599s", "3600s", "3601s", "999999s", "1000000s", "999999m", "87600h", "87601h",
             "88000h", "90000h", "100000h", "3650d", "3651d", "3700d", "4000d", "10000d", "521w", "522w", "530w", "600w", "1000w", "5m\n", "５m",
             "0s", "-1w", "-", "1000000s", "1000001s", "007d", "-1w2d3h", "12000w", 40 * "1000000w")
TIMES = ("2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-01-01t00:00:00z", "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.Z",
         "2026-01-01T24:00:00Z", "2026-01-01T23:60:00Z", "2026-01-01T23:59:60Z", "2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00-23:59",
         "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01", "2026-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
         "2000-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
         "2026-01-32T00:00:00Z", "1969-12-31T23:59:59Z", "1969-12-31T23:30:00-01:00", "1969-12-30T23:30:00-01:00", "1970-01-01T00:30:00+01:00",
         "2199-12-31T23:59:59.999Z", "2199-12-31T23:59:59-01:00", "2200-01-01T00:00:00Z", "2200-01-01T00:30:00+01:00", "2200-01-02T00:00:00+01:00",
         "2026-01-01T00:00:00Z\n", " 2026-01-01T00:00:00Z")
DATES = ("2026-1-1", "2026-02-30", "2026-02-29", "2024-02-29", "2100-02-29", "2400-02-29", "0000-02-29", "0100-02-29", "0004-02-29", "9999-12-31",
         "2026-06-31", "2026-07-31", "2026-13-01", "2026-00-10", "2026-12-00", "2026-12-32", "26-12-25", "2026-12-25T00:00:00Z", "2026/12/25")
HOURS = ("09:00", "9:00-17:00", "09:00-24:00", "09:00-24:01", "24:00-24:00", "00:00-00:00", "17:00-09:00", "09:00 - 17:00", "09:00-17:60", "25:00-26:00")
OFFSETS = ("01:00", "+1:00", "+23:59", "-23:59", "+24:00", "-00:00", "+01:60", "+0100", "Z")
POINTERS = ("@key", "@timestamp", "@x", "a", "/", "//", "/~", "/~2", "/~01", "/a~0/b~1", "/a/~", "/é", "/a\n")
SHAPES = ((r"-?\d+[smhdw](\d+[smhdw])*", DURATIONS + ("2026-01-01T00:00:00Z",)), (r"\d{4}-\d\d-\d\dT.*", TIMES + ("2d",)), (r"\d{4}-\d\d-\d\d", DATES),
          (r"\d\d:\d\d-\d\d:\d\d", HOURS), (r"[+-]\d\d:\d\d", OFFSETS), (r"[/@].*", POINTERS))
MORE = {"xyzzy": 1, "description": "x", "name": "x", "when": "reached", "after": "1d", "above": 1}
NAMES = ("", "x", "~", "/x", LONG, 128 * "é", "mon", "sun-mon", "mon-mon", "known")


def grown(node, count):
    """A list or an object with that many members: copies of the last, with names of their own."""
    if isinstance(node, dict):
        return {**node, **{f"{list(node)[-1]} {i}": list(node.values())[-1] for i in range(count - len(node))}}
    more = [copy.deepcopy(node[-1]) for _ in range(count - len(node))]
    for i, each in enumerate(more):
        if isinstance(each, dict):
            each.update({key: f"{each[key]} {i}" for key in ("name", "queue") if key in each})
        elif isinstance(each, str):
            more[i] = f"{each} {i}"
    return node + more


def instead(node):
    """What can stand in a node's place."""
    yield from (kind for kind in KINDS if type(kind) is not type(node))
    if isinstance(node, (int, float)) and not isinstance(node, bool):
        yield from NUMBERS
    elif isinstance(node, bool):
        yield not node
    elif isinstance(node, str):
        yield from (*TEXTS, node + "x", node.upper(), node + "\n", [node], [node, 7])
        yield from next((values for shape, values in SHAPES if re.fullmatch(shape, node, re.S)), ())
    elif isinstance(node, list):
        yield from ([], node[0], [node[0]], node[:-1], node[::-1], node + node[-1:], node + ["*"], node + [None]) if node else (["*"],)
        yield from (grown(node, count) for count in (16, 17, 64, 65, 128, 129) if node and count > len(node))
    elif isinstance(node, dict):
        yield from ({}, *({**node, name: value} for name, value in MORE.items()))
        for name, value in node.items():
            less = {other: its for other, its in node.items() if other != name}
            yield from (less, {**less, "above": 1})
            yield {**node, RAW + name: value}
            yield from ({(new if other == name else other): its for other, its in node.items()} for new in NAMES)
            if isinstance(value, (dict, list)) or name in ("at_least", "of"):
                yield from ({**node, "at_least": 1}, {**node, "all": [value]})


def broken(root):
    """Every document that differs from `root` in one place."""
    def walk(node, put):
        yield from map(put, instead(node))
        if isinstance(node, dict):
            for name, value in node.items():
                yield from walk(value, lambda new, name=name: put({**node, name: new}))
        elif isinstance(node, list):
            for i, value in enumerate(node):
                yield from walk(value, lambda new, i=i: put(node[:i] + [new] + node[i + 1:]))
    return walk(root, lambda new: new)


def text_of(document):
    text = json.dumps(document)
    return re.sub(r'"\\u0001([^"]*)"(:?)', lambda found: f'"{found[1]}":' if found[2] else found[1], text)


def sections_grown(root):
    """The limits of sections, which are objects, and what only a whole document can break."""
    for name, value in root.items():
        if isinstance(value, dict) and name != "events":
            yield from ({**root, name: grown(value, count)} for count in (8, 9, 16, 17, 64, 65, 128, 129) if count > len(value))
    deep = {"attribute": "email", "present": True}
    for _ in range(70):
        deep = {"not": deep}
    yield {**root, "criteria": {**root["criteria"], "deep": deep}}
    yield {**root, "summary": 1100000 * "x"}


# --- the test ---

class Schemas(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        sys.setrecursionlimit(20000)
        shutil.copy(ROOT / "tests/stories/whole.ndjson", self.folder)

    def read(self, path):
        return without_comments((ROOT / path).read_text("utf-8"))

    def write(self, texts):
        """Files, a batch of paths at a time."""
        for start in range(0, len(texts), FILES_A_RUN):
            paths = []
            for i, text in enumerate(texts[start:start + FILES_A_RUN]):
                paths.append(os.path.join(self.folder, f"{i}.json"))
                with open(paths[-1], "w", encoding="utf-8") as out:
                    out.write(text)
            yield paths

    def check(self, texts):
        """What the parser says of definitions: a list of messages each, empty for good ones."""
        said = []
        for paths in self.write(texts):
            done = subprocess.run([BINARY, "check", "--output", "json", *paths], capture_output=True, timeout=300, check=False)
            self.assertIn(done.returncode, (0, 1), done.stderr)
            for answer in json.loads(done.stdout)["definitions"]:
                self.assertEqual(answer["good"], not answer["problems"])
                said.append([problem["message"] for problem in answer["problems"]])
        return said

    def read_tests(self, texts):
        """The same of test files. With one that is bad nothing is run, and what is wrong with all of them is said."""
        said = []
        definition = str(ROOT / "tests/stories/whole.json")
        for paths in self.write(texts):
            bad = os.path.join(self.folder, "bad")
            pathlib.Path(bad).write_text("[]", "utf-8")
            done = subprocess.run([BINARY, "test", "--output", "json", "--definition", definition, bad, *paths], capture_output=True,
                                  text=True, timeout=300, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            lines = [re.fullmatch(r"(.*?):\d+:\d+: (.*)", line) for line in done.stderr.splitlines()]
            messages = {path: [] for path in [bad, *paths]}
            for said_line, line in zip(done.stderr.splitlines(), lines, strict=True):
                self.assertTrue(line, said_line)
                messages[line[1]].append(line[2])
            self.assertTrue(messages[bad])
            said += [messages[path] for path in paths]
        return said

    def compare(self, kind, texts, parse, classes):
        """Both over the same documents; returns how many are good."""
        validator, said = remembering_validator(schema_of(kind)), parse(texts)
        counts, seen, bad = {"good": 0, "broken": 0, "classes": 0}, set(), []
        for text, messages in zip(texts, said, strict=True):
            taken = validator.is_valid(json.loads(text))
            if not messages:
                counts["good"] += 1
                bad += [] if taken else [f"refused by the schema alone: {self.why(validator, text)}: {text[:3000]}"]
                continue
            if not taken:
                counts["broken"] += 1
                continue
            counts["classes"] += 1
            for message in messages:
                found = [expression for expression, _, *where in classes
                         if re.fullmatch(expression, message, re.S) and all(re.search(each, text) for each in where)]
                seen.update(found)
                bad += [] if found else [f"taken by the schema alone: {message}: {text[:3000]}"]
        print(f"{kind}: {len(texts)} documents: {counts['good']} are good by both, {counts['broken']} by neither, {counts['classes']} are wrong "
              f"in one of the {len(classes)} ways that a schema cannot say", flush=True)
        self.assertEqual(bad[:10], [], f"{len(bad)} differences")
        self.assertEqual([expression for expression, *_ in classes if expression not in seen], [], "never seen")

    def why(self, validator, text):
        error = next(validator.iter_errors(json.loads(text)))
        return f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"

    def test_definitions(self):
        whole = json.loads(self.read("tests/stories/whole.json"))
        texts = [self.read("config/sample.json"), json.dumps(whole)]
        for path in sorted([*ROOT.glob("tests/conformance/definitions/*/*.json"), *SHARED.glob("*/*.json"),
                            *ROOT.glob("tests/conformance/cases/*/definition*.json")]):
            try:
                texts.append(without_comments(path.read_text("utf-8")))
                json.loads(texts[-1])
            except ValueError:
                texts.pop()  # no JSON: nothing to ask a schema about
        texts += sorted({text_of(document) for document in (*broken(whole), *sections_grown(whole))})
        self.compare("definition", texts, self.check, DEFINITION_CLASSES)

    def test_tests(self):
        whole = json.loads(self.read("tests/stories/whole.test.json"))
        texts = [self.read("config/sample.test.json"), json.dumps(whole)]
        texts += sorted({text_of(document) for document in broken(whole)})
        self.compare("test", texts, self.read_tests, TEST_CLASSES)

    def test_every_member_is_used(self):
        for kind, path in (("definition", "tests/stories/whole.json"), ("test", "tests/stories/whole.test.json")):
            schema, used = schema_of(kind), set()
            plain = validator_of(schema)

            def note(validator, properties, instance, its, plain=plain, used=used):
                if plain.evolve(schema=its).is_valid(instance):
                    used.update((json.dumps(its, sort_keys=True), name) for name in properties if name in instance)
                yield from jsonschema.Draft7Validator.VALIDATORS["properties"](validator, properties, instance, its)

            self.assertEqual(list(validator_of(schema, properties=note).iter_errors(json.loads(self.read(path)))), [])
            known = [(its, name) for its in subschemas(schema) if its.get("additionalProperties") is False for name in its["properties"]]
            self.assertGreater(len(known), 40)
            for its, name in known:
                self.assertTrue((json.dumps(its, sort_keys=True), name) in used, f"{kind}: {name}")

    def test_people_can_read_it(self):
        """Editors show title and description; only what the standard knows stands in a schema."""
        standard = {*jsonschema.Draft7Validator.META_SCHEMA["properties"]}
        for kind in ("definition", "test"):
            schema = schema_of(kind)
            jsonschema.Draft7Validator.check_schema(schema)
            self.assertEqual(schema["$schema"], "http://json-schema.org/draft-07/schema#")
            self.assertEqual(schema["$id"], f"urn:handover:schema:{kind}:1")
            for name, definition in schema["definitions"].items():
                self.assertTrue(definition.get("title"), name)
            for its in subschemas(schema):
                self.assertLessEqual(set(its), standard)
                if its.get("additionalProperties") is not False:
                    continue
                for name, member in its["properties"].items():
                    self.assertRegex(member["description"], r"(?s)\A.{3,220}[.}]\Z", name)


if __name__ == "__main__":
    if jsonschema is None:
        print("test_schemas.py: python3-jsonschema is not there: left out")
        sys.exit(1 if os.environ.get("CI") == "true" else 77)
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
