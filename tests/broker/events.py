"""events.py: made-up definitions, and a seeded stream of made-up events, bad ones among them.

Event times lie days ahead of the wall clock (the definitions allow it), so that no deadline can pass by the wall clock
while a test runs: what is published is then a function of the inputs alone."""

import json
import random
import time

DAY_MS = 86400000

EVENTS = {"lead": ["/userId", "@key"], "time": ["/timestamp", "@timestamp"], "id": ["/messageId"], "name": ["/event", "/type"],
          "max_ahead": "3650d"}

# No score fades and nothing is due: no deadline ever.
SMALL = {
    "handover": 1, "name": "small", "version": 1, "effective_from": "2026-01-01T00:00:00Z", "teams": ["marketing", "sales"],
    "events": EVENTS,
    "attributes": {"email": "/traits/email"},
    "scores": {"engagement": {"from": "events", "rules": [
        {"name": "page", "event": "Page Viewed", "points": 1},
        {"name": "pricing", "event": "Pricing Viewed", "points": 8.125},
        {"name": "unsubscribed", "event": "Unsubscribed", "points": -20}]}},
    "stages": [
        {"name": "suspect", "owner": "marketing"},
        {"name": "mql", "owner": "marketing", "enter": {"score": "engagement", "at_least": 20}},
        {"name": "sql", "owner": "sales", "enter": {"event": "Demo Requested"}}],
    "moves": [{"name": "cold", "from": ["mql", "sql"], "to": "suspect", "when": {"score": "engagement", "below": 5},
               "reset": ["engagement"]},
              {"name": "no", "from": "sql", "to": "suspect", "when": {"event": "Lead Rejected"}, "reason": "/properties/reason",
               "reset": ["engagement"]}],
}

RICH = {
    "handover": 1, "name": "rich", "version": 7, "effective_from": "2026-01-01T00:00:00Z", "teams": ["marketing", "sales"],
    "events": EVENTS, "deduplicate": 8, "lateness": "10m", "review_every": "1h",
    "attributes": {
        "email": "/traits/email", "title": "/traits/title", "region": "/traits/region",
        "employees": {"at": "/traits/employees", "type": "number"},
        "budget": {"at": ["/traits/budget", "/properties/budget"], "type": "boolean", "share": False}},
    "criteria": {
        "contact": {"attribute": "email", "present": True},
        "good fit": {"score": "fit", "at_least": 30},
        "engaged": {"score": "engagement", "at_least": 20},
        "pricing lately": {"happened": "Pricing Viewed", "times": 2, "within": "7d"},
        "silent": {"quiet_for": "5d"}},
    "scores": {
        "fit": {"from": "attributes", "max": 100, "rules": [
            {"name": "decides", "when": {"attribute": "title", "in": ["CEO", "CTO"]}, "points": 30},
            {"name": "size", "when": {"attribute": "employees", "at_least": 50}, "points": 20}]},
        "engagement": {"from": "events", "half_life": "3d", "max": 500, "rules": [
            {"name": "page", "event": "Page Viewed", "points": 1.5, "cap": 12, "at_most": {"times": 3, "per": "1h"}},
            {"name": "pricing", "points": 7,
             "event": {"name": "Pricing Viewed", "where": {"/properties/path": {"like": "/pricing*"}}}},
            {"name": "webinar", "event": "Webinar Attended", "points": 12.345, "lasts": "9d", "fading": True, "keep": 6},
            {"name": "unsubscribed", "event": "Unsubscribed", "points": -15},
            {"name": "gone quiet", "quiet_every": "2d", "points": -2}]},
        "total": {"from": "scores", "of": ["fit", "engagement"], "max": 400}},
    "stages": [
        {"name": "universe", "owner": "marketing"},
        {"name": "suspect", "owner": "marketing", "enter": "contact"},
        {"name": "mql", "owner": "marketing", "enter": {"any": [{"all": ["good fit", "engaged"]}, "pricing lately"]}},
        {"name": "sql", "owner": "sales", "route": True,
         "enter": {"all": [{"event": ["Demo Requested", "Trial Started"]}, {"score": "total", "above": 40}]}},
        {"name": "customer", "owner": "sales", "enter": {"event": "Opportunity Won"}},
        {"name": "recycled", "owner": "marketing", "off_ladder": True}],
    "moves": [
        {"name": "said no", "from": ["mql", "sql"], "to": "recycled", "when": {"event": "Lead Rejected"},
         "reason": "/properties/reason", "reset": ["engagement"]},
        {"name": "rested", "from": "recycled", "to": "suspect", "after": "2d"},
        {"name": "went cold", "from": "mql", "to": "suspect",
         "when": {"any": [{"score": "engagement", "below": 4}, "silent"]}}],
    "slas": [{"name": "sales answers", "stage": "sql", "within": "4h", "met_by": ["Lead Accepted", "Lead Rejected"]},
             {"name": "marketing looks", "stage": "mql", "within": "8h", "calendar": "office", "met_by": "Page Viewed"}],
    "routes": [{"queue": "emea", "when": {"attribute": "region", "is": "emea"},
                "members": ["ana", {"name": "bo", "weight": 3}]},
               {"queue": "everyone else"}],
    "calendars": {"office": {"hours": {"mon-fri": ["09:00-12:30", "13:30-17:30"]}, "holidays": ["2027-01-01"]}},
}

NAMES = ["Page Viewed"] * 50 + ["Pricing Viewed"] * 18 + ["Webinar Attended"] * 7 + ["identify"] * 12 + [
    "Demo Requested", "Demo Requested", "Demo Requested", "Trial Started", "Unsubscribed", "Unsubscribed", "Lead Accepted",
    "Lead Rejected", "Lead Rejected", "Opportunity Won", "Opened", "Opened", "Besuch im Café"]
TRAITS = [("email", ["a@example.com", "b@gmail.com", None]), ("title", ["CEO", "CTO", "Engineer", 'the "boss" \\ owner']),
          ("region", ["emea", "EMEA", "apac", ""]), ("employees", [5, 50, 1200.5, "75", "many"]),
          ("budget", [True, False, "true"])]
REASONS = ["no budget", "zu früh – später", "wrong person \u0007", 7]


def moment(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}Z"


class Stream:
    """Pairs of key and payload for Producer.write. The same seed, size and start make the same events."""

    def __init__(self, seed, leads, count, start_ms, days=30, bad=0.01):
        self.random = random.Random(seed)
        self.seed, self.leads, self.bad = seed, leads, bad
        self.start_ms, self.step_ms = start_ms, days * DAY_MS / max(count, 1)
        self.made, self.bad_made = 0, 0
        self.earlier = []

    def take(self, count):
        return [self.one() for _ in range(count)]

    def one(self):
        chance = self.random.random()
        self.made += 1
        if chance < self.bad:
            self.bad_made += 1
            return self.spoilt()
        if chance < self.bad + 0.03 and self.earlier:
            return self.random.choice(self.earlier)
        pair = self.good()
        if chance > 0.9:
            self.earlier = self.earlier[-200:] + [pair]
        return pair

    def lead(self):
        """Few leads have most of the events."""
        return "lead-%05d" % int(self.leads * self.random.random() ** 2)

    def event(self):
        rnd = self.random
        at_ms = self.start_ms + int(self.made * self.step_ms)
        late = rnd.random()
        if late < 0.1:
            at_ms -= rnd.randrange(600000)
        elif late < 0.105:
            at_ms -= rnd.randrange(10800000)
        name = rnd.choice(NAMES)
        event = {"userId": self.lead(), "timestamp": moment(at_ms), "messageId": f"{self.seed}-{self.made}", "event": name}
        if name == "identify":
            event["traits"] = {trait: rnd.choice(values) for trait, values in rnd.sample(TRAITS, rnd.randint(1, 4))}
        elif name == "Pricing Viewed":
            event["properties"] = {"path": rnd.choice(["/pricing", "/pricing/enterprise", "/prices"])}
        elif name == "Lead Rejected":
            event["properties"] = {"reason": rnd.choice(REASONS), "budget": rnd.random() < 0.5}
        return event

    def good(self):
        event = self.event()
        key = event["userId"].encode()
        odd = self.random.random()
        if odd < 0.02:
            del event["userId"]  # the key is the lead
        elif odd < 0.04:
            del event["messageId"]
        elif odd < 0.05:
            event["timestamp"] = "2190-01-01T00:00:00Z"  # further ahead than allowed: happened at the record's timestamp
        elif odd < 0.06:
            del event["timestamp"]  # the same
        return key, json.dumps(event, ensure_ascii=odd < 0.5).encode()

    def spoilt(self):
        event = self.event()
        key, raw = event["userId"].encode(), json.dumps(event).encode()
        kinds = {
            "null": lambda: b"",
            "truncated": lambda: raw[:self.random.randrange(1, len(raw))],
            "trailing": lambda: raw + b"}",
            "utf-8": lambda: raw.replace(b'"event"', b'"\xff\xc3\x28"', 1),
            "surrogate": lambda: raw.replace(b'"event"', b'"\\ud800"', 1),
            "array": lambda: b"[" + raw + b"]",
            "deep": lambda: b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}",
            "year 9999": lambda: json.dumps({**event, "timestamp": "9999-12-31T23:59:59Z"}).encode(),
            "no name": lambda: json.dumps({**event, "event": None}).encode(),
            "no lead": lambda: json.dumps({**event, "userId": ""}).encode(),
        }
        kind = self.random.choice(list(kinds))
        return (b"" if kind == "no lead" else key), kinds[kind]()


def start_ms(days_ahead=3):
    """Midnight some days from now."""
    return (int(time.time() * 1000) // DAY_MS + days_ahead) * DAY_MS
