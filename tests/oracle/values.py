"""values.py: JSON in and out.

parse takes RFC 8259 and nothing else; numbers stay as they were written. at follows a JSON Pointer. written is the form in which
changes are published, canonical that of RFC 8785."""

import json
import re
from decimal import Decimal
from fractions import Fraction

NESTING_MAX = 64
NANO = 10**9
ABSENT = object()  # what stands where nothing stands; null is None
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[\[\]{}]', re.S)
HALF_PAIR = re.compile("[\ud800-\udfff]")
ESCAPES = {code: f"\\u{code:04x}" for code in range(32)} | {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


class Number:
    """A number as it is written, and the nearest double."""

    def __init__(self, text):
        self.text, self.value = text, float(text)

    def is_integer(self):
        """Written without fraction and exponent."""
        return re.fullmatch("-?[0-9]+", self.text) is not None


class Written(str):
    """Text that stands in the output as it is."""


# --- in


def refuse(text):
    raise ValueError(f"{text}: not JSON")


def first_of_each(members):
    """Where an object repeats a member's name, the first one counts."""
    found = {}
    for name, value in members:
        found.setdefault(name, value)
    return found


def check_tokens(text):
    """What Python's parser lets pass: deep nesting, escapes of half a surrogate pair."""
    depth = 0
    for token in TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth > NESTING_MAX:
                refuse("nesting")
        elif token[0] in "]}":
            depth -= 1
        elif "\\u" in token[0] and HALF_PAIR.search(json.loads(token[0])):
            refuse(token[0])


def parse(raw):
    """The value of bytes or text; ValueError where it is not JSON."""
    text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
    check_tokens(text)
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=refuse, object_pairs_hook=first_of_each)


def at(value, pointer):
    """What stands at a JSON Pointer (RFC 6901), or ABSENT."""
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(token, ABSENT)
        elif isinstance(value, list) and re.fullmatch("0|[1-9][0-9]*", token) and int(token) < len(value):
            value = value[int(token)]
        else:
            return ABSENT
    return value


def listed(value):
    return value if isinstance(value, list) else [value]


def is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def whole(number, default):
    """The whole number that a definition says, or the default where it says none."""
    return default if number is None else int(number.text)


def nanopoints(number):
    return int(Fraction(number.text) * NANO)


# --- out


def number_written(value):
    """A double as RFC 8785 (ECMAScript) writes it."""
    if value == 0:
        return "0"
    shortest = Decimal(repr(abs(value))).normalize().as_tuple()
    digits, sign = "".join(map(str, shortest.digits)), "-" if value < 0 else ""
    count = len(digits)
    point = shortest.exponent + count
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    fraction = "." + digits[1:] if count > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def points_written(nano):
    """Nanopoints cut toward zero to three decimals; no trailing zeros, no -0."""
    milli = abs(nano) // 10**6
    text = f"{milli // 1000}.{milli % 1000:03}".rstrip("0").rstrip(".")
    return Written("-" + text if nano < 0 and milli else text)


def quoted(text):
    return '"' + text.translate(ESCAPES) + '"'


def written(value):
    """Without white space, members in the order that they have."""
    if isinstance(value, Written):
        return value
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Number):
        return number_written(value.value)
    if isinstance(value, dict):
        return "{" + ",".join(quoted(name) + ":" + written(member) for name, member in value.items()) + "}"
    return "[" + ",".join(map(written, value)) + "]"


def canonical(value):
    """RFC 8785: members in the order of their names' UTF-16 units."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(quoted(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return written(value)
