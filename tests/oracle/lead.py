"""lead.py: all that is known of one lead, and how events and their absence count for its scores."""

from decay import decay
from times import MINUTE, duration
from values import nanopoints, whole

SCORE_MAX = 10**18  # nanopoints that an accumulator holds at most
KEEP = 32           # events that a rule with `lasts` keeps by default


class Lead:
    """Rules stand in its dictionaries by (score, rule)."""

    def __init__(self, name, definition, time):
        self.name = name
        self.now = self.created = time
        self.activity = None
        self.deadline = None
        self.attributes = {}
        self.ids = []          # of the last messages, the oldest first
        self.happened = {}     # text of a condition: the latest event times
        self.as_of = {score: time // MINUTE for score in definition.scores_from_events()}
        self.points = {}       # accumulators, as of their score's minute
        self.kept = {}         # of rules with `lasts`: event times
        self.counted = {}      # of `at_most` with `per`: counted times
        self.count = {}        # of `at_most` without: how many
        self.periods = {}      # of `quiet_every`: how many of this quiet were counted
        self.entries = {}      # stage: how often entered
        self.enter(definition.first_stage, time, None)

    def enter(self, stage, now, route):
        self.stage, self.entered, self.route = stage, now, route
        self.met, self.breached = set(), set()
        self.entries[stage] = self.entries.get(stage, 0) + 1

    def quiet_since(self):
        return self.created if self.activity is None else self.activity

    def open_slas(self, definition):
        return [sla for sla in definition.slas_of(self.stage) if sla["name"] not in self.met | self.breached]


def half_life(score):
    """In minutes, or None."""
    return duration(score["half_life"]) // MINUTE if "half_life" in score else None


def clamp(value, size):
    return max(-size, min(size, value))


def latest(times, most):
    return sorted(times)[-most:]


# --- count


def is_allowed(lead, key, rule, time):
    """Does `at_most` allow one more? If so it is remembered."""
    if "at_most" not in rule:
        return True
    times = int(rule["at_most"]["times"].text)
    if "per" not in rule["at_most"]:
        before = lead.count.get(key, 0)
        lead.count[key] = max(before, min(before + 1, times))
        return before < times
    counted, per = lead.counted.get(key, []), duration(rule["at_most"]["per"])
    if sum(abs(time - other) < per for other in counted) >= times:
        return False
    lead.counted[key] = latest([*counted, time], times)
    return True


def fade_to(lead, name, score, minute):
    """Brings all accumulators of a score to a minute; they are never turned back."""
    minutes = minute - lead.as_of[name]
    if minutes <= 0:
        return
    lead.as_of[name] = minute
    for key in lead.points:
        if key[0] == name:
            lead.points[key] = decay(lead.points[key], minutes, half_life(score))


def count(definition, lead, name, rule, time):
    """An event, or the end of a quiet period, counts for a rule of a score."""
    score, key = definition.scores[name], (name, rule["name"])
    if not is_allowed(lead, key, rule, time):
        return
    if "lasts" in rule:
        lead.kept[key] = latest([*lead.kept.get(key, []), time], whole(rule.get("keep"), KEEP))
        return
    fade_to(lead, name, score, time // MINUTE)
    late = lead.as_of[name] - time // MINUTE
    total = clamp(lead.points.get(key, 0) + decay(nanopoints(rule["points"]), late, half_life(score)), SCORE_MAX)
    lead.points[key] = clamp(total, nanopoints(rule["cap"])) if "cap" in rule else total


def count_quiet(definition, lead, now):
    """All periods of quiet that are over, for each score in the order of their ends."""
    due = []
    for place, (name, rule) in enumerate(definition.event_rules()):
        if "quiet_every" not in rule:
            continue
        key, every = (name, rule["name"]), duration(rule["quiet_every"])
        over = (now - lead.quiet_since()) // every
        for period in range(lead.periods.get(key, 0) + 1, over + 1):
            due.append((lead.quiet_since() + period * every, place, name, rule))
            lead.periods[key] = period
    for time, _, name, rule in sorted(due, key=lambda one: one[:2]):
        count(definition, lead, name, rule, time)


def reset(definition, lead, name):
    """The points of a score are gone; what `at_most` counted stays."""
    for rule in definition.scores[name]["rules"]:
        lead.points.pop((name, rule["name"]), None)
        lead.kept.pop((name, rule["name"]), None)
