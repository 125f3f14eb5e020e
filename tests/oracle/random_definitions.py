"""random_definitions.py: versions of one definition, made up by a seed: small, and full of what can go wrong.

All versions draw on the same few names, stages and `happened` conditions, so that a new version finds something to keep."""

import copy
import dataclasses

NAMES = ["V", "W", "U", "Go", "Back", "Yes"]  # of events
MEMBERS = ["/n", "/t", "/b", "/x/y", "/x/1", "/a~1b", "/x"]  # of events
RUNGS = ["a", "b", 'c "\\é', "d"]
OFF_LADDER = ["off", "off2"]
ATTRIBUTES = ["n", "t", "b"]
SCORES = ["s", "u", "fit", "sum"]
RULES = ["r0", "r1", "r2", "r3", "r4"]
HALF_LIVES = ["1m", "90m", "1d", "7d", "61m"]
THRESHOLDS = ["at_least", "at_most", "above", "below"]


def chance(r, share):
    return r.random() < share


@dataclasses.dataclass
class Context:
    """What a condition may use."""
    happened: list
    scores: list = dataclasses.field(default_factory=list)
    criteria: list = dataclasses.field(default_factory=list)
    event: bool = False
    only_attributes: bool = False


# --- conditions


def scalar(r):
    return r.choice([1, 5, 2.5, -3, "a", "B", "bb", "5", "", "É", True, False])


def comparison(r):
    op = r.choice(["is", "in", "like", "present", *THRESHOLDS])
    if op == "is":
        return {op: scalar(r)}
    if op == "in":
        return {op: [scalar(r) for _ in range(r.randint(1, 3))]}
    if op == "like":
        return {op: r.choice(["a*", "*b*", "*", ["A", "b*b"], "b", "**x*", ""])}
    if op == "present":
        return {op: chance(r, 0.6)}
    return {op: r.choice([1, 3, 5, -2.5, 100])}


def pattern(r):
    kind = r.random()
    if kind < 0.5:
        return r.choice(NAMES)
    if kind < 0.65:
        return r.sample(NAMES, 2)
    if kind < 0.7:
        return "*"
    where = {pointer: comparison(r) for pointer in r.sample(MEMBERS, r.choice([0, 1, 1, 2]))}
    return {"name": r.choice([*NAMES, "*"]) if chance(r, 0.7) else r.sample(NAMES, 2), "where": where}


def happened(r):
    condition = {"happened": pattern(r)}
    if chance(r, 0.5):
        condition["times"] = r.randint(1, 4)
    if chance(r, 0.7):
        condition["within"] = r.choice(["2h", "1d", "36h", "10d"])
    return condition


def happened_before(r, context):
    """One that other versions may have too, in words of its own."""
    condition = copy.deepcopy(r.choice(context.happened))
    if isinstance(condition["happened"], dict) and chance(r, 0.5):
        condition["happened"]["description"] = r.choice(["x", "y"])
    return condition


def leaf(r, context):
    forms = ["attribute"]
    if not context.only_attributes:
        forms += ["happened", "quiet_for"] + ["score"] * 2 * bool(context.scores) + ["criterion"] * 2 * bool(context.criteria)
        forms += ["event"] * 3 * context.event
    form = r.choice(forms)
    if form == "attribute":
        return {"attribute": r.choice(ATTRIBUTES), **comparison(r)}
    if form == "happened":
        return happened_before(r, context) if chance(r, 0.6) else happened(r)
    if form == "quiet_for":
        return {"quiet_for": r.choice(["3h", "1d", "5d"])}
    if form == "score":
        return {"score": r.choice(context.scores), r.choice(THRESHOLDS): r.choice([0, 1, 5, 10, 12.5, 20, -5, 0.001, 0.000001])}
    return r.choice(context.criteria) if form == "criterion" else {"event": pattern(r)}


def condition(r, context, depth=2):
    if not depth or chance(r, 0.65):
        return {"not": leaf(r, context)} if chance(r, 0.15) else leaf(r, context)
    form = r.choice(["all", "any", "not", "of"])
    if form == "not":
        return {"not": condition(r, context, depth - 1)}
    parts = [condition(r, context, depth - 1) for _ in range(r.randint(1, 3))]
    return {"at_least": r.randint(1, len(parts)), "of": parts} if form == "of" else {form: parts}


# --- scores


def event_rule(r, name):
    rule = {"name": name, "points": r.choice([1, 5, 10, -5, 20, 0.5, -0.125, 7.001, 10000])}
    if chance(r, 0.25):
        rule["quiet_every"] = r.choice(["2h", "5h", "1d", "3d"])
    else:
        rule["event"] = pattern(r)
    if chance(r, 0.35):
        rule["lasts"] = r.choice(["3h", "1d", "10d"])
        if chance(r, 0.5):
            rule["fading"] = chance(r, 0.8)
        if chance(r, 0.5):
            rule["keep"] = r.randint(1, 4)
    if chance(r, 0.35):
        rule["cap"] = r.choice([3, 12, 0.75, 25])
    if chance(r, 0.4):
        rule["at_most"] = {"times": r.randint(1, 3)}
        if chance(r, 0.7):
            rule["at_most"]["per"] = r.choice(["1h", "1d", "90m", "10d"])
    return rule


def score_of(r, name, others):
    if name == "sum":
        return {"from": "scores", "of": r.sample(others, r.randint(1, len(others)))}
    if name == "fit":
        context = Context([], only_attributes=True)
        return {"from": "attributes", "rules": [
            {"name": f"r{i}", "when": condition(r, context, 1), "points": r.choice([5, -3, 10.5])} for i in range(r.randint(1, 3))]}
    score = {"from": "events", "rules": [event_rule(r, name) for name in r.sample(RULES, r.randint(1, 4))]}
    if chance(r, 0.6):
        score["half_life"] = r.choice(HALF_LIVES)
    return score


def scores_like(r, before):
    """The scores of the version before, some of their rules made anew."""
    scores = copy.deepcopy(before)
    for score in scores.values():
        if score["from"] != "events":
            continue
        score["rules"] = [event_rule(r, rule["name"]) if chance(r, 0.2) else rule for rule in score["rules"]]
        for rule in score["rules"]:
            if "at_most" in rule:
                rule["at_most"]["times"] = r.randint(1, 4)
            if "lasts" in rule:
                rule["keep"] = r.randint(1, 4)
        if chance(r, 0.3):
            score["half_life"] = r.choice(HALF_LIVES)
    return scores


def scores_of(r):
    scores = {}
    names = r.sample(SCORES, r.randint(0, 4))
    for name in names:
        others = [other for other in names if other != "sum"]
        if name == "sum" and not others:
            continue
        scores[name] = score_of(r, name, others)
        if chance(r, 0.5):
            scores[name]["min"] = r.choice([-1000, -3, 0])
        if chance(r, 0.5):
            scores[name]["max"] = r.choice([15, 100, 1000000000])
    return scores


# --- stages and what hangs on them


def stages_of(r, context, is_first):
    """Later versions may have lost some."""
    ladder, others = list(RUNGS), list(OFF_LADDER)
    if not is_first and chance(r, 0.3):
        ladder.remove(r.choice(ladder[1:]))
    if chance(r, 0.3):
        others.pop()
    stages = [{"name": ladder[0], "owner": "m"}]
    for name in ladder[1:]:
        stages.append({"name": name, "owner": r.choice(["m", "n"])})
        if chance(r, 0.75):
            stages[-1]["enter"] = condition(r, context)
        if chance(r, 0.4):
            stages[-1]["route"] = True
    for name in others:
        stage = {"name": name, "owner": "n", "off_ladder": True}
        stages.insert(r.randint(1, len(stages)), {**stage, "route": True} if chance(r, 0.3) else stage)
    return stages


def move_of(r, number, context, stages, resettable):
    to = r.choice(stages)
    others = [stage for stage in stages if stage != to]
    move = {"name": f"m{number}", "to": to, "from": "*" if chance(r, 0.2) else r.sample(others, r.randint(1, 2))}
    if chance(r, 0.4):
        move["after"] = r.choice(["1h", "30h", "3d"])
    if "after" not in move or chance(r, 0.5):
        move["when"] = condition(r, dataclasses.replace(context, event="after" not in move))
    if chance(r, 0.3):
        move["reason"] = r.choice([*MEMBERS, ""])
    if resettable and chance(r, 0.4):
        move["reset"] = r.sample(resettable, r.randint(1, len(resettable)))
    return move


def sla_of(r, number, stages):
    sla = {"name": f"q{number}", "stage": r.choice(stages), "within": r.choice(["1h", "5h", "2d", "20h"]),
           "met_by": r.choice(["Yes", ["V", "Yes"], {"name": "Yes", "where": {"/b": {"is": True}}}])}
    return {**sla, "calendar": "k"} if chance(r, 0.4) else sla


def route_of(r, number, context):
    route = {"queue": f"q{number}"}
    if chance(r, 0.7):
        route["when"] = condition(r, context)
    if chance(r, 0.7):
        route["members"] = [{"name": name, "weight": r.randint(1, 5)} if chance(r, 0.8) else name
                            for name in r.sample(["x", "y", "zé", "w" * 40], r.randint(1, 3))]
    return route


def calendar_of(r):
    hours = r.choice([{"mon-fri": ["09:00-12:00", "13:00-17:00"]}, {"mon-sun": ["00:00-24:00"]},
                      {"sun": ["22:00-24:00"], "mon": ["00:00-02:00", "05:00-06:30"]}])
    offsets = r.choice([[["1970-01-01T00:00:00Z", "+00:00"], ["2026-03-06T01:00:00Z", "+01:00"]],
                        [["1970-01-01T00:00:00Z", "-11:30"], ["2026-03-04T00:00:00Z", "-12:30"]]])
    return {"hours": hours, "holidays": ["2026-03-03", "2026-03-09"], "offsets": offsets}


# --- the document


def events_of(r):
    if chance(r, 0.7):
        return r.choice(["segment", "segment", "cloudevents"])
    events = {"lead": r.choice(["/userId", ["/userId", "/subject"], ["@key", "/userId"]]),
              "time": r.choice(["/timestamp", ["/timestamp", "@timestamp"], ["@timestamp", "/timestamp"]]),
              "name": r.choice(["/event", ["/x/y", "/event"]])}
    if chance(r, 0.8):
        events["id"] = r.choice(["/messageId", ["/id", "/messageId"], "@key"])
    if chance(r, 0.5):
        events["max_ahead"] = r.choice(["1m", "1h"])
    return events


def attributes_of(r):
    attributes = {
        "n": {"at": r.choice(["/n", ["/x/y", "/n"], ["/x/0", "/x/y", "/n"]]), "type": "number"},
        "t": {"at": r.choice(["/t", ["/a~1b", "/t"]]), "share": chance(r, 0.8)},
        "b": {"at": "/b", "type": "boolean" if chance(r, 0.8) else "text"},
    }
    return {name: attributes[name] for name in r.sample(ATTRIBUTES, 3)}


def settings_of(r):
    settings = {"lateness": r.choice(["1s", "5m", "3h", "2d"]), "deduplicate": r.choice([0, 1, 2, 3, 5, 16])}
    if chance(r, 0.7):
        settings["review_every"] = r.choice(["1h", "6h", "12h", "8h", "1d"])
    return settings


def definition(r, version, effective_from, before, happened_conditions):
    """The next version, after those before it."""
    scores = scores_like(r, before[-1]["scores"]) if before and chance(r, 0.5) else scores_of(r)
    criteria = {}
    context = Context(happened_conditions, list(scores))
    for i in range(r.randint(0, 3)):
        criteria[f"c{i}"] = condition(r, context)
        context.criteria.append(f"c{i}")
    context.event = True
    stages = stages_of(r, context, not before)
    names = [stage["name"] for stage in stages]
    resettable = [name for name, score in scores.items() if score["from"] == "events"]
    gone = {stage["name"]: r.choice(names) for old in before for stage in old["stages"] if stage["name"] not in names}
    return {
        "handover": 1, "name": "z", "version": version, "effective_from": effective_from, "teams": ["m", "n"],
        "events": events_of(r), **settings_of(r), "attributes": attributes_of(r), "scores": scores, "criteria": criteria, "stages": stages,
        "moves": [move_of(r, i, context, names, resettable) for i in range(r.randint(1, 5))],
        "slas": [sla_of(r, i, names) for i in range(r.randint(1, 3))],
        "routes": [route_of(r, i, context) for i in range(r.randint(1, 3))],
        "calendars": {"k": calendar_of(r)}, **({"replaces": gone} if gone else {}),
    }
