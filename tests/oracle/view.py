"""view.py: a lead at a moment, by a definition: which conditions hold, what its scores are."""

import patterns
from decay import decay
from lead import SCORE_MAX, clamp, half_life
from times import MINUTE, duration
from values import nanopoints, points_written, whole

HIGHEST = 10**15      # what a score can be by default, in nanopoints
SHOWN_LEAST = 10**6   # a thousandth of a point


class View:
    def __init__(self, definition, lead, now, event):
        self.definition, self.lead, self.now, self.event = definition, lead, now, event

    def without_event(self):
        return View(self.definition, self.lead, self.now, None)

    # --- conditions

    def holds(self, condition):
        if isinstance(condition, str):
            return self.holds(self.definition.criteria[condition])
        form = next(form for form in FORMS if form in condition)
        return FORMS[form](self, condition)

    def attribute(self, condition):
        (op, operand), = ((op, operand) for op, operand in condition.items() if op != "attribute")
        value = self.lead.attributes.get(condition["attribute"])
        if op == "present":
            return (value is not None) == operand
        return value is not None and patterns.compare(value, op, operand)

    def threshold(self, condition):
        (op, operand), = ((op, operand) for op, operand in condition.items() if op != "score")
        return patterns.THRESHOLDS[op](self.score(condition["score"]), nanopoints(operand))

    def happened(self, condition):
        times = self.lead.happened.get(condition["text"], [])
        if "within" in condition:
            times = [time for time in times if time > self.now - duration(condition["within"])]
        return len(times) >= whole(condition.get("times"), 1)

    # --- scores

    def minutes(self, name):
        return max(0, self.now // MINUTE - self.lead.as_of[name])

    def lasting(self, name, rule):
        """What the kept events of a rule with `lasts` add."""
        lasts, points = duration(rule["lasts"]), nanopoints(rule["points"])
        total = 0
        for time in self.lead.kept.get((name, rule["name"]), []):
            age = self.now - time
            if 0 <= age < lasts:
                size = abs(points) * (lasts - age) // lasts if rule.get("fading") else abs(points)
                total += -size if points < 0 else size
        return clamp(total, nanopoints(rule["cap"])) if "cap" in rule else total

    def contribution(self, name, rule):
        if "lasts" in rule:
            return self.lasting(name, rule)
        points = self.lead.points.get((name, rule["name"]), 0)
        return decay(points, self.minutes(name), half_life(self.definition.scores[name]))

    def score_from_events(self, name):
        score = self.definition.scores[name]
        total = sum(self.lead.points.get((name, rule["name"]), 0) for rule in score["rules"] if "lasts" not in rule)
        total = decay(clamp(total, SCORE_MAX), self.minutes(name), half_life(score))
        return total + sum(self.lasting(name, rule) for rule in score["rules"] if "lasts" in rule)

    def score(self, name):
        score = self.definition.scores[name]
        if score["from"] == "events":
            total = self.score_from_events(name)
        elif score["from"] == "attributes":
            total = sum(nanopoints(rule["points"]) for rule in score["rules"] if self.holds(rule["when"]))
        else:
            total = sum(map(self.score, score["of"]))
        low = nanopoints(score["min"]) if "min" in score else 0
        high = nanopoints(score["max"]) if "max" in score else HIGHEST
        return min(max(total, low), high)

    def scores(self):
        return {name: points_written(self.score(name)) for name in self.definition.scores}

    def contributions(self):
        """Of the rules that hold, or that add something that can be seen."""
        shown = []
        for name, score in self.definition.scores.items():
            for rule in score.get("rules", []):
                if score["from"] == "events":
                    points = self.contribution(name, rule)
                else:
                    points = nanopoints(rule["points"]) if self.holds(rule["when"]) else 0
                if abs(points) >= SHOWN_LEAST:
                    shown.append({"score": name, "rule": rule["name"], "points": points_written(points)})
        return shown

    # --- routes

    def route(self, stage):
        """The first of the routes that holds, where the stage routes at all."""
        if not self.definition.stages[stage].get("route"):
            return None
        return next((route for route in self.definition.routes if "when" not in route or self.holds(route["when"])), None)


FORMS = {
    "all": lambda view, c: all(map(view.holds, c["all"])),
    "any": lambda view, c: any(map(view.holds, c["any"])),
    "not": lambda view, c: not view.holds(c["not"]),
    "of": lambda view, c: sum(map(view.holds, c["of"])) >= int(c["at_least"].text),
    "attribute": View.attribute,
    "score": View.threshold,
    "happened": View.happened,
    "quiet_for": lambda view, c: view.now - view.lead.quiet_since() >= duration(c["quiet_for"]),
    "event": lambda view, c: view.event is not None and patterns.matches(c["event"], view.event),
}
