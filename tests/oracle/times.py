"""times.py: moments, durations, working time. All of them are milliseconds, moments since 1970 in UTC."""

import datetime
import functools
import re

MINUTE, DAY = 60_000, 86_400_000
END = 7_258_118_400_000  # 2200-01-01: the first moment that is no longer allowed
EVER = 10**18
EPOCH = datetime.datetime(1970, 1, 1)
RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))\Z", re.A)
UNITS = {"s": 1000, "m": MINUTE, "h": 60 * MINUTE, "d": DAY, "w": 7 * DAY}
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def moment(text):
    """An RFC 3339 text, or None."""
    parts = RFC3339.match(text)
    if not parts:
        return None
    try:
        second = datetime.datetime(*(int(parts[i]) for i in range(1, 7)))
    except ValueError:
        return None
    ms = (second - EPOCH) // datetime.timedelta(milliseconds=1) + int((parts[7] or "0")[:3].ljust(3, "0"))
    if parts[8]:
        hours, minutes = int(parts[9]), int(parts[10])
        if hours > 23 or minutes > 59:
            return None
        ms -= (1 if parts[8] == "+" else -1) * (hours * 60 + minutes) * MINUTE
    return ms if 0 <= ms < END else None


def shown(ms):
    return (EPOCH + datetime.timedelta(milliseconds=ms)).isoformat(timespec="milliseconds") + "Z"


@functools.cache
def duration(text):
    return int(text[:-1]) * UNITS[text[-1]]


# --- working time


def clock(text):
    """HH:MM as the time since midnight."""
    return (int(text[:2]) * 60 + int(text[3:])) * MINUTE


def hours_of_week(calendar):
    """For each day of the week its spans, in local time since midnight."""
    week = [[] for _ in WEEK]
    for days, spans in calendar["hours"].items():
        first, _, last = days.partition("-")
        for day in range(WEEK.index(first), WEEK.index(last or first) + 1):
            week[day] += [tuple(map(clock, span.split("-"))) for span in spans]
    return week


def offsets(calendar):
    """(from, to, offset): local time is UTC plus the offset in force."""
    changes = [(-EVER, 0)]
    for text, offset in calendar.get("offsets", []):
        changes.append((moment(text), (1 if offset[0] == "+" else -1) * clock(offset[1:])))
    return [(begin, end, offset) for (begin, offset), (end, _) in zip(changes, changes[1:] + [(EVER, 0)])]


def open_spans(calendar, start):
    """The spans of open time from start on, in UTC."""
    week, holidays = hours_of_week(calendar), calendar.get("holidays", [])
    for begin, end, offset in offsets(calendar):
        if end <= start:
            continue
        begin = max(begin, start)
        day = (begin + offset) // DAY
        while day * DAY - offset < end:
            date = (EPOCH + datetime.timedelta(days=day)).date()
            for opens, closes in [] if date.isoformat() in holidays else week[date.weekday()]:
                midnight = day * DAY - offset
                yield max(midnight + opens, begin), min(midnight + closes, end)
            day += 1


def working_deadline(calendar, start, within):
    """The earliest moment by which the calendar has had that much open time since start."""
    left = within
    for opens, closes in open_spans(calendar, start):
        if closes - opens >= left:
            return opens + left
        left -= max(0, closes - opens)
    raise AssertionError("a calendar without open time")
