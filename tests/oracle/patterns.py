"""patterns.py: the operators of conditions, and event patterns."""

import functools
import math
import re

from values import ABSENT, NUMBER, Number, at, listed

THRESHOLDS = {"at_least": lambda a, b: a >= b, "at_most": lambda a, b: a <= b, "above": lambda a, b: a > b, "below": lambda a, b: a < b}


def without_case(text):
    """Only ASCII has case here."""
    return re.sub("[A-Z]", lambda letter: letter[0].lower(), text)


def same(a, b):
    """Equal, and of one type."""
    if isinstance(a, str) and isinstance(b, str):
        return without_case(a) == without_case(b)
    if isinstance(a, Number) and isinstance(b, Number):
        return a.value == b.value
    return isinstance(a, bool) and isinstance(b, bool) and a == b


@functools.cache
def glob(text):
    """* is any run of characters, everything else is itself."""
    return re.compile("".join(".*" if c == "*" else re.escape(c) for c in without_case(text)) + r"\Z", re.S)


def compare(value, op, operand):
    """Does a value that is there compare so?"""
    if isinstance(value, Number) and not math.isfinite(value.value):
        return False
    if op == "is":
        return same(value, operand)
    if op == "in":
        return any(same(value, one) for one in operand)
    if op == "like":
        return isinstance(value, str) and any(glob(one).match(without_case(value)) for one in listed(operand))
    return isinstance(value, Number) and THRESHOLDS[op](value.value, operand.value)


def where_holds(value, op, operand):
    """The same within an event: null counts as absent, a string that is all a number as that number."""
    there = value is not ABSENT and value is not None
    if op == "present":
        return there == operand
    if op in THRESHOLDS and isinstance(value, str) and NUMBER.match(value):
        value = Number(value)
    return there and compare(value, op, operand)


def matches(pattern, event):
    """Does the event match a pattern: a name, names, "*", or {"name", "where"}?"""
    where = {}
    if isinstance(pattern, dict):
        where, pattern = pattern.get("where", {}), pattern["name"]
    if pattern != "*" and event.name not in listed(pattern):
        return False
    return all(where_holds(at(event.document, pointer), *operation)
               for pointer, operations in where.items() for operation in operations.items())
