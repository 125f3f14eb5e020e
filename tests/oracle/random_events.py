"""random_events.py: one event, made up by a seed, as bytes: spelled in unusual ways, and now and then broken."""

import json

from random_definitions import NAMES, chance
from times import shown

TEXTS = ["a", "A", "bb", "BxB", "5", "1e2", "", "true", " 5", "é", 'q"\\/\n', "é" * 130, "x" * 300, "𝄞b"]
NUMBERS = ["0", "1", "3", "5", "5.5", "-3", "100", "1e2", "1E+2", "0.1", "-0", "-0.0", "1e21", "1e-7", "5e-324", "1e400",
           "123456789012345678901234567890"]
NOISE = ["noise", "userIds", "", "~1", "n2", "é"]
BLANKS = ["", "", "", " ", "\t", "\r", "  "]
RUBBISH = [b"}", b"]", b",", b"x", b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\\ud800", b"\0", b"\x1f", b"\xef\xbb\xbf", b"1", b'"']


class Spelled(str):
    """A number as it is to be written."""


def value(r):
    kind = r.random()
    if kind < 0.4:
        return r.choice(TEXTS)
    if kind < 0.75:
        return Spelled(r.choice(NUMBERS))
    return r.choice([True, False, None, {}, [1], [[]], {"y": "a"}])


def time_value(r, ms):
    """Mostly the milliseconds, as a number or as text."""
    kind = r.random()
    if kind < 0.7:
        return ms
    if kind < 0.85:
        return shown(ms)
    if kind < 0.97:
        minutes = r.choice([0, 60, -690, 1439])
        offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
        return shown(max(0, ms + minutes * 60000))[:-1] + r.choice(["", "9", "0001"]) + offset
    return r.choice([None, True, "never", "2026-02-29T00:00:00Z", Spelled(f"{ms}.0"), -1, 7258118400000, {}])


def event(r, ms, leads):
    """Mostly with the members of both presets, so that every version can use it."""
    made = {}
    for kind in r.choice([[0, 1]] * 18 + [[0], [1]]):
        made[("userId", "subject")[kind]] = r.choice(leads)
        made[("timestamp", "time")[kind]] = time_value(r, ms)
        made[("event", "type")[kind]] = r.choice(NAMES)
        if chance(r, 0.5):
            made[("messageId", "id")[kind]] = r.choice([f"m{r.randint(0, 9)}", r.randint(0, 4)])
    for name, share in ("n", 0.3), ("t", 0.3), ("b", 0.3), ("a/b", 0.1):
        if chance(r, share):
            made[name] = value(r)
    if chance(r, 0.2):
        made["x"] = r.choice([{"y": value(r)}, {"y": value(r), "1": 1}, [value(r), value(r)], value(r)])
    if chance(r, 0.02):
        made[r.choice(sorted(made))] = value(r)
    if chance(r, 0.01):
        del made[r.choice(sorted(made))]
    return made


# --- as text


def plain_text(made):
    if isinstance(made, Spelled):
        return str(made)
    if isinstance(made, dict):
        return "{" + ",".join(json.dumps(name, ensure_ascii=False) + ":" + plain_text(one) for name, one in made.items()) + "}"
    return "[" + ",".join(map(plain_text, made)) + "]" if isinstance(made, list) else json.dumps(made, ensure_ascii=False)


class Writer:
    """Writes JSON as nobody would."""

    def __init__(self, r):
        self.r = r

    def blank(self):
        return self.r.choice(BLANKS)

    def character(self, c):
        if chance(self.r, 0.9) and c >= " " and c not in '"\\':
            return c
        units = c.encode("utf-16-be")
        form = self.r.choice(["\\u{:04x}", "\\u{:04X}"])
        return "".join(form.format(int.from_bytes(units[i:i + 2], "big")) for i in range(0, len(units), 2))

    def string(self, text):
        return '"' + "".join("\\/" if c == "/" and chance(self.r, 0.5) else self.character(c) for c in text) + '"'

    def members(self, made):
        """In any order, with members that nobody asks for, and with some said twice: the first one counts."""
        members = list(made.items())
        self.r.shuffle(members)
        if members and chance(self.r, 0.2):
            members.append((self.r.choice(members)[0], value(self.r)))
        if chance(self.r, 0.5):
            noise = [[["}", "\\", {"userId": "other"}]], '{"userId":"no"}', {"y": {"n": 1}}, Spelled("1e9"), value(self.r)]
            members.insert(self.r.randint(0, len(members)), (self.r.choice(NOISE), self.r.choice(noise)))
        return members

    def text(self, made):
        if isinstance(made, dict):
            inner = ",".join(self.blank() + self.string(name) + self.blank() + ":" + self.text(one) for name, one in self.members(made))
            made = "{" + (inner or self.blank()) + "}"
        elif isinstance(made, list):
            made = "[" + (",".join(map(self.text, made)) or self.blank()) + "]"
        elif isinstance(made, str) and not isinstance(made, Spelled):
            made = self.string(made)
        elif not isinstance(made, Spelled):
            made = json.dumps(made)
        return self.blank() + made + self.blank()


def broken(r, raw):
    at = r.randrange(len(raw) + 1)
    return raw[:at] + r.choice([b"", r.choice(RUBBISH), r.choice(RUBBISH) + raw[at:], raw[at + 1:]])


def payload(r, made, wild):
    """The event's bytes, on one line."""
    raw = (Writer(r).text(made) if wild else plain_text(made)).encode()
    if wild and chance(r, 0.03):
        raw = r.choice([broken(r, raw), b"[" * r.choice([64, 65]) + raw, b"null", b"[]", b"7"])
    return raw
