"""events.py: a record's payload becomes an event, or is rejected with a reason."""

import dataclasses
import math

from times import END, moment
from values import ABSENT, NUMBER, Number, at, is_whole, listed, parse

TEXT_BYTES_MAX = 255


class Reject(Exception):
    """The dead letter's reason."""


@dataclasses.dataclass
class Event:
    document: dict
    lead: str
    time: int
    name: str
    id: str  # or None


def part_of(value):
    """What a lead, an id or a name can be: text, or an integer's text."""
    if isinstance(value, Number) and value.is_integer():
        value = value.text
    return value if isinstance(value, str) and 1 <= len(value.encode()) <= TEXT_BYTES_MAX else None


def part(sources, document, key):
    """The first that is there, or None."""
    found = (part_of(key if source == "@key" else at(document, source)) for source in listed(sources))
    return next((text for text in found if text is not None), None)


def milliseconds(value):
    """Of a timestamp, an integer, a text; None where it is none of them, or far beyond."""
    if isinstance(value, Number):
        return int(value.text) if value.is_integer() and abs(value.value) <= END else None
    return moment(value) if isinstance(value, str) else value if is_whole(value) else None


def time_of(sources, document, timestamp):
    for source in listed(sources):
        value = timestamp if source == "@timestamp" else at(document, source)
        if value is ABSENT or value is None:
            continue
        ms = milliseconds(value)
        if ms is None or not 0 <= ms < END:
            raise Reject("bad_time")
        return ms
    raise Reject("no_time")


def decode(definition, payload, key, timestamp, bytes_max):
    """The reasons in the order in which they are looked for."""
    if payload is not None and len(payload) > bytes_max:
        raise Reject("too_large")
    try:
        document = parse(payload or b"")
    except ValueError:
        raise Reject("not_json") from None
    if not isinstance(document, dict):
        raise Reject("not_object")
    parts = definition.events
    lead = part(parts["lead"], document, key)
    if lead is None:
        raise Reject("no_lead")
    time = time_of(parts["time"], document, timestamp)
    name = part(parts["name"], document, key)
    if name is None:
        raise Reject("no_name")
    if timestamp is not None and time > timestamp + definition.max_ahead:
        time = timestamp
    return Event(document, lead, time, name, part(parts.get("id", []), document, key))


# --- attributes


def as_text(value):
    """What an attribute of type text takes, or None."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Number):
        return value.text if math.isfinite(value.value) else None
    return value.encode()[:TEXT_BYTES_MAX].decode("utf-8", "ignore") if isinstance(value, str) else None


def as_number(value):
    if isinstance(value, str) and NUMBER.match(value):
        value = Number(value)
    return value if isinstance(value, Number) and math.isfinite(value.value) else None


def as_boolean(value):
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value)
    return value if isinstance(value, bool) else None


TYPES = {"text": as_text, "number": as_number, "boolean": as_boolean}


def take_attributes(definition, attributes, event):
    """What is there is set, null clears, and what does not go with the type is ignored."""
    for name, attribute in definition.attributes.items():
        found = (at(event.document, pointer) for pointer in listed(attribute["at"]))
        value = next((one for one in found if one is not ABSENT), ABSENT)
        if value is None:
            attributes.pop(name, None)
        elif value is not ABSENT:
            taken = TYPES[attribute.get("type", "text")](value)
            if taken is not None:
                attributes[name] = taken
