"""random_backtests.py: a backtest made up by a seed: an agreement, another that somebody made of it, a log, and what is asked.

Half of the agreements are those of random_definitions.py, with few leads and odd events; half are a small funnel with many leads,
of which some buy, some are refused, and some go round again."""

import copy
import dataclasses
import json
import random

import random_definitions as wild
from random_definitions import chance
from random_events import event, payload
from random_logs import HOUR, LEADS, START, Clock, kcat_line
from times import DAY, duration, shown

FIGURES = ["handovers", "handovers_per_week", "leads", "late", "won", "rejected", "open", "precision", "recall", "lift", "busiest_week",
           "breaches", "breaches_per_week"]
COMPARED = ["same", "earlier", "later", "new", "gone"]
COUNTS = {"times": (1, 32), "keep": (1, 256), "deduplicate": (0, 64)}
DURATIONS = {"half_life": "1m", "within": "1m", "after": "1s", "lasts": "1s", "quiet_every": "1h", "quiet_for": "1s", "per": "1s",
             "lateness": "1s"}
UNITS = ["m", "h", "d", "w"]


@dataclasses.dataclass
class Case:
    old: str      # texts of definitions
    new: str
    lines: list   # bytes
    options: list  # of the command, but for files
    asked: dict   # of backtest.Question: what the options say
    sweep: list   # (value, text of the definition)

    def is_unusable(self):
        """There is no stage to hand over at."""
        return self.asked["handover"] is None and None in (handover_of(json.loads(self.old)), handover_of(json.loads(self.new)))

    def save(self, folder):
        """Writes the files; returns the command's arguments."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in ("old.json", self.old), ("new.json", self.new):
            (folder / name).write_text(text, "utf-8")
        (folder / "events.ndjson").write_bytes(b"".join(line + b"\n" for line in self.lines))
        arguments = [str(folder / "old.json"), str(folder / "new.json"), *self.options, str(folder / "events.ndjson")]
        (folder / "args").write_text("".join(argument + "\n" for argument in arguments))
        return arguments


# --- agreements


def funnel(r):
    """A small one, by the names of events that random_definitions.py has: V, W and U are interest, Go asks for sales, Yes buys."""
    scores = {"fit": {"from": "attributes", "rules": [
                  {"name": "size", "when": {"attribute": "n", "at_least": 3}, "points": 20},
                  {"name": "kind", "when": {"attribute": "t", "like": "*b*"}, "points": 7.5},
                  {"name": "no", "when": {"attribute": "t", "is": "a"}, "points": -5}]},
              "interest": {"from": "events", "half_life": r.choice(["1d", "7d"]), "max": 100, "rules": [
                  {"name": "V", "event": "V", "points": 8, "cap": 24},
                  {"name": "W", "event": {"name": "W", "where": {"/n": {"at_least": 1}}}, "points": 6.125, "lasts": "5d", "fading": True},
                  {"name": "U", "event": ["U", "Go"], "points": 10, "at_most": {"times": 1, "per": "1d"}},
                  {"name": "quiet", "quiet_every": "3d", "points": -4}]},
              "all": {"from": "scores", "of": ["fit", "interest"]}}
    criteria = {"engaged": {"score": "interest", "at_least": r.choice([8, 10, 16])},
                "good/fit~": {"description": "x", "when": {"score": "fit", "at_least": r.choice([5, 20])}},
                "asked": {"happened": "Go", "within": "7d"}}
    stages = [{"name": "new", "owner": "marketing"},
              {"name": "mql", "owner": "marketing", "enter": {"any": ["engaged", "asked"]}},
              {"name": "sql 1", "owner": r.choice(["sales", "field sales"]), "enter": {"any": ["asked", {"all": ["engaged", "good/fit~"]}]}},
              {"name": "won", "owner": "sales", "enter": {"event": "Yes"}},
              {"name": "rest", "owner": "marketing", "off_ladder": True}]
    moves = [{"name": "refused", "from": ["sql 1", "mql"], "to": "rest", "when": {"event": "Back"}, "reason": "/t", "reset": ["interest"]},
             {"name": "again", "from": "rest", "to": r.choice(["mql", "sql 1"]), "after": r.choice(["12h", "2d"])},
             {"name": "cold", "from": ["sql 1"], "to": "new", "when": {"all": [{"score": "all", "below": 5}, {"quiet_for": "2d"}]}}]
    teams = ["marketing", "sales"] + ["field sales"] * (stages[2]["owner"] != "sales")
    return {"handover": 1, "name": "f", "version": r.randint(1, 5), "effective_from": shown(START + r.choice([-60, 5, 400]) * DAY),
            "teams": teams, "events": "segment", "lateness": "5m", "review_every": "6h", "deduplicate": 16,
            "attributes": {"n": {"at": "/n", "type": "number"}, "t": "/t"}, "scores": scores, "criteria": criteria, "stages": stages,
            "moves": moves, "slas": [{"name": "answer", "stage": "sql 1", "within": r.choice(["4h", "2d"]), "met_by": ["Yes", "Back"]},
                                     {"name": "call", "stage": "mql", "within": "1d", "met_by": "W"}]}


def wild_agreement(r):
    document = wild.definition(r, r.randint(1, 3), shown(START + r.choice([-60, 5]) * DAY), [], [wild.happened(r) for _ in range(3)])
    if chance(r, 0.4):
        document["teams"].append("sales")
        r.choice(document["stages"][2:])["owner"] = "sales"
    return document


# --- what somebody makes of one


def leaves(value, tokens=()):
    """(tokens, parent, key) of all members and items, but for what is none of the agreement."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    for key, one in list(items):
        if tokens or key not in ("events", "calendars", "routes", "attributes"):
            yield (*tokens, key), value, key
            yield from leaves(one, (*tokens, key))


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def turnable(document):
    """Places of numbers and durations that can be turned: (tokens, parent, key, kind)."""
    for tokens, parent, key in leaves(document):
        if not isinstance(parent, dict):
            continue
        if key in DURATIONS and isinstance(parent[key], str) and not ("calendar" in parent and key == "within"):
            yield tokens, parent, key, "duration"
        elif key == "at_least" and "of" in parent:
            yield tokens, parent, key, (1, len(parent["of"]))
        elif key in COUNTS and is_number(parent[key]):
            yield tokens, parent, key, COUNTS[key]
        elif key in ("at_least", "at_most", "above", "below") and is_number(parent[key]):
            yield tokens, parent, key, "threshold"
        elif key == "points":
            yield tokens, parent, key, "points"


def another_number(r, kind, before):
    if isinstance(kind, tuple):
        return min(max(before + r.choice([-2, -1, 1, 2]), kind[0]), kind[1])
    after = r.choice([before + 1, before - 1, before * 2, before + 2.5, before - 4, before / 2])
    after = min(max(round(after, 3), -10000), 10000)
    after = after if kind != "points" or after else 1
    return int(after) if after == int(after) else after


def another_duration(r, key, before):
    after = f"{r.randint(1, 40)}{r.choice(UNITS[:3])}"
    return after if duration(after) >= duration(DURATIONS[key]) else before


def turn(r, document):
    """A threshold, points, a time, a count."""
    places = list(turnable(document))
    for _, parent, key, kind in r.sample(places, min(len(places), r.randint(1, 3))):
        parent[key] = another_duration(r, key, parent[key]) if kind == "duration" else another_number(r, kind, parent[key])


def rename(value, before, after):
    """The stage, wherever it is named."""
    if isinstance(value, dict):
        return {key: after if key in ("name", "to", "from", "stage") and one == before else rename(one, before, after)
                for key, one in value.items()}
    return [after if one == before else rename(one, before, after) for one in value] if isinstance(value, list) else value


def rename_stage(r, document):
    name = r.choice(document["stages"])["name"]
    for part in "stages", "moves", "slas":
        if part in document:
            document[part] = rename(document[part], name, name + "'")


def add_stage(r, document):
    """A rung that is climbed at once, by a score, or not at all; or one beside the ladder."""
    scores = list(document["scores"])
    stage = {"name": "added", "owner": r.choice(document["teams"])}
    if chance(r, 0.2):
        stage["off_ladder"] = True
    elif scores and chance(r, 0.7):
        stage["enter"] = {"score": r.choice(scores), "at_least": r.choice([0, 5, 20])}
    elif chance(r, 0.5):
        stage["enter"] = {"happened": r.choice(wild.NAMES)}
    document["stages"].insert(r.randint(1, len(document["stages"])), stage)


def remove_stage(r, document):
    if len(document["stages"]) < 3:
        return
    gone = document["stages"].pop(r.randrange(1, len(document["stages"])))["name"]
    moves = [move for move in document.get("moves", []) if move["to"] != gone]
    for move in moves:
        if isinstance(move["from"], list):
            move["from"] = [stage for stage in move["from"] if stage != gone]
    document["moves"] = [move for move in moves if move["from"] not in ([], gone)]
    document["slas"] = [sla for sla in document.get("slas", []) if sla["stage"] != gone]


def change_moves(r, document):
    moves, names = document.get("moves", []), [stage["name"] for stage in document["stages"]]
    if moves and chance(r, 0.5):
        moves.pop(r.randrange(len(moves)))
        return
    origin, to = r.sample(names, 2)
    move = {"name": "added", "from": r.choice([origin, [origin], "*"]), "to": to, "when": {"event": r.choice(wild.NAMES)}}
    document["moves"] = [one for one in moves if one["name"] != "added"] + [move]


def change_slas(r, document):
    slas = document.get("slas", [])
    if slas and chance(r, 0.5):
        slas.pop(r.randrange(len(slas)))
        return
    stage = r.choice(document["stages"])["name"]
    document["slas"] = [one for one in slas if one["name"] != "added"] + [
        {"name": "added", "stage": stage, "within": r.choice(["1h", "1d"]), "met_by": r.choice(wild.NAMES)}]


def change_rules(r, document):
    scores = [score for score in document["scores"].values() if score["from"] == "events"]
    if not scores:
        return
    rules = r.choice(scores)["rules"]
    if len(rules) > 1 and chance(r, 0.5):
        rules.pop(r.randrange(len(rules)))
    elif all(rule["name"] != "added" for rule in rules):
        rules.insert(r.randint(0, len(rules)), wild.event_rule(r, "added"))


def change_memory(r, document):
    document["deduplicate"] = r.choice([0, 1, 2, 16])
    document["lateness"] = r.choice(["1s", "5m", "3h"])


CHANGES = [turn, turn, turn, rename_stage, add_stage, remove_stage, change_moves, change_slas, change_rules, change_memory]


def made_of(r, document):
    """Another agreement."""
    made = copy.deepcopy(document)
    for change in r.sample(CHANGES, r.choice([0, 1, 2, 3, 4])):
        change(r, made)
    for part in "moves", "slas":
        if not made.get(part, True):
            del made[part]
    made["version"], made["name"] = r.choice([made["version"], made["version"] + 1]), r.choice([made["name"], "other"])
    return made


# --- what is asked


def events_of(condition):
    """The patterns of its `event` conditions; None where there is a `not`."""
    if isinstance(condition, str):
        return []
    if "event" in condition:
        return [condition["event"]]
    if "not" in condition:
        return None
    parts = [events_of(part) for form in ("all", "any", "of") for part in condition.get(form, [])]
    return None if None in parts else [pattern for part in parts for pattern in part]


def each_once(patterns):
    return None if patterns is None else [pattern for i, pattern in enumerate(patterns) if pattern not in patterns[:i]]


def default_won(document, handover):
    """None where it is better said."""
    ladder = [stage for stage in document["stages"] if not stage.get("off_ladder")]
    highest = ladder[-1]
    if highest["name"] == handover:
        return []
    return each_once(events_of(highest["enter"])) if "enter" in highest else []


def default_rejected(document):
    found = [events_of(move["when"]) if "when" in move else [] for move in document.get("moves", []) if "reason" in move]
    return None if None in found else each_once([pattern for some in found for pattern in some])


def handover_of(document):
    """By default; as backtest.default_handover, of a document."""
    ladder = [stage for stage in document["stages"] if not stage.get("off_ladder")]
    of_sales = [stage["name"] for stage in ladder if "sales" in stage["owner"]]
    return next(iter(of_sales + [stage["name"] for stage in ladder if stage["owner"] != document["stages"][0]["owner"]]), None)


def shared_rungs(old, new):
    rungs = [[stage["name"] for stage in document["stages"] if not stage.get("off_ladder")] for document in (old, new)]
    return [rung for rung in rungs[0][1:] if rung in rungs[1][1:]]


def some_patterns(r, name):
    if chance(r, 0.6):
        return [name]
    where = {"name": name, "where": {pointer: wild.comparison(r) for pointer in r.sample(["/n", "/t", "/b"], r.randint(0, 2))}}
    return [where] if chance(r, 0.6) else [where, {"name": "*", "where": {"/n": {"at_least": 5}}}]


def outcomes(r, new, handover, options, asked):
    for option, name, default in ("won", "Yes", default_won(new, handover)), ("rejected", "Back", default_rejected(new)):
        asked[option] = default
        if default is None or chance(r, 0.6):
            asked[option] = some_patterns(r, name)
            for pattern in asked[option]:
                options += ["--" + option, pattern if isinstance(pattern, str) else json.dumps(pattern)]


def pointer_of(tokens):
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def steps_of_numbers(r, kind, before):
    if isinstance(kind, tuple):
        first, last = kind[0], min(kind[1], kind[0] + r.randint(0, 5))
        return [first + i for i in range(last - first + 1)], f"{first}:{last}:1"
    step = r.choice([1, 2.5, 5, 0.5, 0.125, -3])
    first, count = r.choice([before if abs(before) < 9000 else 3, 2, 7.5]), r.randint(1, 5)
    if kind == "points" and any(first + i * step == 0 for i in range(count)):
        first += 0.25
    last = first + (count - 1) * step + r.choice([0, 0, step / 2])
    return [round(first + i * step, 6) for i in range(count)], f"{plain(first)}:{plain(last)}:{plain(step)}"


def plain(number):
    return f"{number:.6f}".rstrip("0").rstrip(".")


def steps_of_durations(r, key):
    first, step = r.choice(["1h", "90m", "1d", "2d"]), r.choice(["1h", "30m", "1d", "1w"])
    count = r.randint(1, 4)
    minutes = [(duration(first) + i * duration(step)) // 60_000 for i in range(count)]
    if chance(r, 0.3):
        return [f"{one}m" for one in reversed(minutes)], f"{minutes[-1]}m:{first}:-{step}"
    last = f"{minutes[-1] + r.choice([0, duration(step) // 120_000])}m"
    return [f"{one}m" for one in minutes], f"{first}:{last}:{step}"


def sweep(r, new, options, asked):
    """Returns (value, text of the definition) for each."""
    places = [place for place in turnable(new) if place[2] != "quiet_every" or place[3] == "duration"]
    if not places or chance(r, 0.65):
        return []
    tokens, parent, key, kind = r.choice(places)
    before = parent[key]
    values, text = steps_of_durations(r, key) if kind == "duration" else steps_of_numbers(r, kind, before)
    asked["pointer"], asked["as_it_stands"] = pointer_of(tokens), before
    options += ["--sweep", f"{asked['pointer']}={text}"]
    made = []
    for value in values:
        parent[key] = value
        made.append((value, json.dumps(new)))
    parent[key] = before
    return made


def conditions(r, new, asked):
    """Of what cannot be said, and of stages that OLD has not, too."""
    figures = FIGURES + COMPARED + ["weeks_over"] * (asked["capacity"] is not None) + [f"{stage['name']}_{what}" for stage in new["stages"] for what in ("per_week", "entered")]
    for _ in range(r.choice([0, 1, 3, 6])):
        figure = r.choice(figures)
        value = r.choice(["0", "1", "2", "0.5", "3.25", "20%", "12.5%", "100%"] + ["1x", "1.2x", "0.9x", "0.5x"] * (figure not in COMPARED))
        yield f"{figure} {r.choice(['>', '>=', '<', '<='])} {value}"


# --- a log


def interest(r, clock, leads):
    """An event of the funnel: most are interest."""
    made = {"userId": r.choice(leads), "timestamp": clock.event_time(), "event": r.choice(["V"] * 4 + ["W", "W", "U", "U", "Go", "Back", "Yes"])}
    if chance(r, 0.7):
        made["messageId"] = f"m{r.randint(0, 60)}"
    for name, values in ("n", [0, 1, 3, 5]), ("t", ["a", "bb", "BxB", None]), ("b", [True, False]):
        if chance(r, 0.4):
            made[name] = r.choice(values)
    if chance(r, 0.02):
        del made[r.choice(["userId", "timestamp", "event"])]
    return made


def log(r, is_wild, options):
    leads = r.sample(LEADS, r.choice([2, 4, 8])) if is_wild else [f"l{i}" for i in range(r.choice([3, 10, 30]))]
    clock, offsets, lines = Clock(r), {}, []
    wildness = r.choice([0, 0.3, 1]) if is_wild else 0
    for _ in range(r.choice([0, 1, *[r.randint(20, 80)] * 12] if is_wild else [r.randint(40, 140)])):
        clock.tick()
        raw = payload(r, event(r, clock.event_time(), leads) if is_wild else interest(r, clock, leads), chance(r, wildness))
        lines.append(kcat_line(r, clock, offsets, raw, leads) if "kcat" in options else raw)
        if chance(r, 0.02):
            lines.append(lines[-1] if "kcat" not in options and chance(r, 0.7) else b" ")
    return lines, clock.now


def random_case(seed):
    r = random.Random(f"backtest {seed}")
    is_wild = chance(r, 0.5)
    old = wild_agreement(r) if is_wild else funnel(r)
    new = made_of(r, old)
    options, asked = r.choice([[], [], ["--envelope", "kcat"], ["--topic", "t", "--partition", "7"]])[:], {}
    lines, end = log(r, is_wild, options)
    shared, default = shared_rungs(old, new), (handover_of(old), handover_of(new))
    asked["handover"] = None
    if shared and (None in default or chance(r, 0.3)):  # else each by its own, even if they are two
        asked["handover"] = r.choice(shared)
        options += ["--handover", asked["handover"]]
    asked["capacity"] = r.choice([None, None, 1, 2, 5])
    if asked["capacity"] is not None:
        options += ["--capacity", str(asked["capacity"])]
    outcomes(r, new, asked["handover"] or default[1], options, asked)
    made = sweep(r, new, options, asked)
    asked["fail_if"] = list(conditions(r, new, asked))
    options += [word for condition in asked["fail_if"] for word in ("--fail-if", condition)]
    if chance(r, 0.4):
        asked["until"] = end - end % 1000 + r.choice([0, HOUR, 5 * DAY, -DAY])
        options += ["--until", shown(asked["until"])]
    if chance(r, 0.05):
        asked["event_bytes_max"] = 100
        options += ["--max-event-bytes", "100"]
    return Case(json.dumps(old), json.dumps(new), lines, options, asked, made)
