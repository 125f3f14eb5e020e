"""contracts.py: what is published against the schemas and the AsyncAPI document of config/: for test_contracts.py and for
tests/broker/test_contracts.py."""

import copy
import json
import os
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    jsonschema = None
    SYSTEM = "/usr/bin/python3"  # Debian's package is seen by Debian's Python alone, which may not be the first on the PATH
    if os.path.exists(SYSTEM) and os.path.realpath(SYSTEM) != os.path.realpath(sys.executable):
        os.execv(SYSTEM, [SYSTEM, *sys.argv])

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config"
KINDS = {"stage_changed": "urn:handover:lead.stage.changed:1", "sla_breached": "urn:handover:lead.sla.breached:1",
         "dead_letter": "urn:handover:dead-letter:1", "journal": "urn:handover:journal:2"}
MISSING = "python3-jsonschema is not there: left out"
TYPES = (None, True, 7, -1.5, "", [], [7], {}, {"x": 7})


def schema_of(kind):
    return json.loads((CONFIG / f"{kind}.schema.json").read_text("utf-8"))


def validator_of(kind):
    return jsonschema.Draft7Validator(schema_of(kind))


def event_validators():
    """By `dataschema`."""
    return {KINDS[kind]: validator_of(kind) for kind in ("stage_changed", "sla_breached")}


def why(validator, document):
    """What is wrong with it, or None."""
    error = next(validator.iter_errors(document), None)
    return error and f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"


def type_of(value):
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


def put(document, path, value):
    """A copy with another value there."""
    changed = copy.deepcopy(document)
    at = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return changed


def nodes(document, path=()):
    """(path, value) of everything within it."""
    members = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    for name, value in members:
        yield (*path, name), value
        yield from nodes(value, (*path, name))


def without(document, path):
    changed = copy.deepcopy(document)
    at = changed
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return changed


def changed(document, tried):
    """(what was done, where, the result): every member missing, one more in every object, every value of another type. What was done to
    such a value at such a place before (`tried`, a set) is left out."""
    def fresh(what, path, value, other=None):
        key = (what, *(0 if isinstance(step, int) else step for step in path), type_of(value), json.dumps(other))
        found = key in tried
        tried.add(key)
        return not found

    if fresh("extra", (), document):
        yield "extra", (), {**document, "more": 1}
    for path, value in nodes(document):
        if isinstance(path[-1], str) and fresh("missing", path, value):
            yield "missing", path, without(document, path)
        if isinstance(value, dict) and fresh("extra", path, value):
            yield "extra", path, put(document, path, {**value, "more": 1})
        for other in TYPES:
            if type_of(other) != type_of(value) and fresh("type", path, value, other):
                yield "type", path, put(document, path, other)


# --- the AsyncAPI document ---

class Document:
    """config/asyncapi.json, its references resolved where they are met."""

    def __init__(self):
        self.path = CONFIG / "asyncapi.json"
        self.root = json.loads(self.path.read_text("utf-8"))

    def resolve(self, value):
        """What a reference stands for; a schema in a file of its own comes whole."""
        while isinstance(value, dict) and "$ref" in value:
            reference = value["$ref"]
            if not reference.startswith("#/"):
                return json.loads((self.path.parent / reference).read_text("utf-8"))
            value = self.root
            for step in reference[2:].split("/"):
                value = value[step]
        return value

    def messages(self, channel):
        """By their names."""
        return {name: self.resolve(message) for name, message in self.root["channels"][channel]["messages"].items()}

    def validator(self, message, part):
        """Of its `payload` or `headers`; None where nothing is said of them."""
        if part not in message:
            return None
        return jsonschema.Draft7Validator(self.resolve(message[part]["schema"]))
