"""definition.py: a definition as the engine reads it.

Nothing is checked here but what several versions have to have in common: a definition that is wrong in itself is `handover check`'s
business. Parts that the engine does nothing with but look at stay as the document has them."""

import hashlib
import re

from times import duration, moment
from values import canonical, listed, parse, whole

PRESETS = {
    "segment": {"lead": ["/userId", "/traits/email", "@key"], "time": ["/timestamp", "@timestamp"], "id": ["/messageId"],
                "name": ["/event", "/type"]},
    "cloudevents": {"lead": ["/subject", "@key"], "time": ["/time", "@timestamp"], "id": ["/id"], "name": ["/type"]},
}
COMMENTS = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.S)


class Unusable(Exception):
    """What the run ends for."""


def without_descriptions(value):
    if isinstance(value, dict):
        return {name: without_descriptions(member) for name, member in value.items() if name != "description"}
    return [without_descriptions(member) for member in value] if isinstance(value, list) else value


def parts_of(condition):
    """The conditions that a condition joins."""
    for form in ("all", "any", "of"):
        yield from condition.get(form, [])
    if "not" in condition:
        yield condition["not"]


class Definition:
    def __init__(self, text):
        document = parse(COMMENTS.sub(lambda found: found[1] or " ", text))
        self.name, self.version = document["name"], int(document["version"].text)
        self.effective_from = moment(document["effective_from"])
        signed = {name: member for name, member in document.items() if name != "signoffs"}
        self.digest = "sha256:" + hashlib.sha256(canonical(signed).encode()).hexdigest()
        self.agreed = False  # nobody has said otherwise yet
        events = document["events"]
        self.events = PRESETS[events] if isinstance(events, str) else events
        self.max_ahead = duration(self.events.get("max_ahead", "5m"))
        self.lateness = duration(document.get("lateness", "5m"))
        self.review_every = duration(document.get("review_every", "1d"))
        self.deduplicate = whole(document.get("deduplicate"), 16)
        self.attributes = {name: one if isinstance(one, dict) else {"at": one} for name, one in document.get("attributes", {}).items()}
        self.criteria = {name: one["when"] if isinstance(one, dict) and "when" in one else one
                         for name, one in document.get("criteria", {}).items()}
        self.scores = document.get("scores", {})
        self.stages = {stage["name"]: stage for stage in document["stages"]}
        self.first_stage = document["stages"][0]["name"]
        self.ladder = [name for name, stage in self.stages.items() if not stage.get("off_ladder")]
        self.moves, self.slas, self.routes = (document.get(part, []) for part in ("moves", "slas", "routes"))
        self.calendars, self.replaces = document.get("calendars", {}), document.get("replaces", {})
        self.happened = {}  # text of a `happened` condition: the condition
        for condition in self.conditions():
            self.find_happened(condition)

    def conditions(self):
        """All that are judged, but for those of scores from attributes."""
        yield from self.criteria.values()
        yield from (stage["enter"] for stage in self.stages.values() if "enter" in stage)
        yield from (one["when"] for one in [*self.moves, *self.routes] if "when" in one)

    def find_happened(self, condition):
        if isinstance(condition, dict):
            if "happened" in condition:
                condition["text"] = canonical(without_descriptions(condition))
                self.happened[condition["text"]] = condition
            for part in parts_of(condition):
                self.find_happened(part)

    # --- stages

    def next_rung(self, stage):
        """The rung above, where it can be climbed to."""
        if stage not in self.ladder or stage == self.ladder[-1]:
            return None
        rung = self.ladder[self.ladder.index(stage) + 1]
        return rung if "enter" in self.stages[rung] else None

    def moves_from(self, stage):
        """In document order; "*" is every stage but the move's own."""
        return [move for move in self.moves if (stage != move["to"] if move["from"] == "*" else stage in listed(move["from"]))]

    def slas_of(self, stage):
        return [sla for sla in self.slas if sla["stage"] == stage]

    # --- scores

    def scores_from_events(self):
        return [name for name, score in self.scores.items() if score["from"] == "events"]

    def event_rules(self):
        """(score, rule) of all scores from events, in document order."""
        return [(name, rule) for name in self.scores_from_events() for rule in self.scores[name]["rules"]]

    # --- conditions

    def named_by(self, condition):
        """The criteria that a condition names, itself or inside other criteria."""
        if isinstance(condition, str):
            return {condition} | self.named_by(self.criteria[condition])
        return set().union(*map(self.named_by, parts_of(condition)))

    def uses_time(self, condition):
        """Can the passage of time alone change it?"""
        if isinstance(condition, str):
            return self.uses_time(self.criteria[condition])
        if "quiet_for" in condition or ("happened" in condition and "within" in condition):
            return True
        if "score" in condition:
            return self.score_uses_time(condition["score"])
        return any(map(self.uses_time, parts_of(condition)))

    def score_uses_time(self, name):
        score = self.scores[name]
        return score["from"] == "events" or any(map(self.score_uses_time, score.get("of", [])))


def check_together(definitions):
    """Several versions fit together, or the run ends."""
    known = sorted(definitions, key=lambda one: one.version)
    if len({one.name for one in known}) > 1:
        raise Unusable("versions of several names")
    if len({one.version for one in known}) < len(known):
        raise Unusable("a version that is there twice")
    for older in known:
        for stage in older.stages:
            for newer in known:
                if newer.version > older.version:
                    stage = stage if stage in newer.stages else newer.replaces.get(stage, stage)
                    if stage not in newer.stages:
                        raise Unusable(f"version {newer.version} says nothing of the stage {stage}")
