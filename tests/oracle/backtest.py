"""backtest.py: what `handover backtest` says, as JSON and by --leads, by the second implementation of the engine.

Each definition decides the whole log alone, one after the other; what is published is counted in whole numbers and fractions, by
docs/commands.md. It shares nothing with the program. Figures that cannot be said are None."""

import dataclasses
import json
from decimal import Decimal
from fractions import Fraction

import patterns
from events import Reject, decode
from task import Task
from times import DAY, moment, shown
from values import parse

WEEK = 7 * DAY
MONDAY = 4 * DAY  # 1970-01-05
OUTCOMES = ("won", "rejected", "open")
HOWS = ("same", "earlier", "later", "new", "gone")
OPERATORS = {">": lambda a, b: a > b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b}


def share(part, whole):
    return Fraction(part, whole) if whole else None


def cut(fraction):
    """To six decimals, toward zero."""
    return None if fraction is None else Decimal(int(fraction * 10**6)) / 10**6


def week_of(time):
    return (time - MONDAY) // WEEK


# --- the log


@dataclasses.dataclass
class Fate:
    """What became of a lead."""
    won_at: int = None
    rejected: bool = False

    def outcome(self):
        return "won" if self.won_at is not None else "rejected" if self.rejected else "open"


class Log:
    """Its events, decoded once, and its leads: those of one name in two partitions are two."""

    def __init__(self, definition, records, event_bytes_max, won, rejected):
        self.events, self.dead_letters, self.leads = [], 0, {}
        for topic, partition, offset, timestamp, key, payload in records:
            try:
                event = decode(definition, payload, key, timestamp, event_bytes_max)
            except Reject:
                self.dead_letters += 1
                continue
            self.events.append((topic, partition, offset, event))
            fate = self.leads.setdefault((partition, event.lead), Fate())
            if any(patterns.matches(pattern, event) for pattern in won):
                fate.won_at = event.time if fate.won_at is None else min(fate.won_at, event.time)
            fate.rejected = fate.rejected or any(patterns.matches(pattern, event) for pattern in rejected)
        self.times = [event.time for _, _, _, event in self.events]

    def count(self, outcome):
        return sum(fate.outcome() == outcome for fate in self.leads.values())

    def a_week(self, number):
        return Fraction(number * WEEK, max(self.times) - min(self.times) + 1) if self.times else None

    def said(self):
        return {"from": shown(min(self.times)) if self.times else None, "to": shown(max(self.times)) if self.times else None,
                "events": len(self.events), "dead_letters": self.dead_letters, "leads": len(self.leads),
                **{outcome: self.count(outcome) for outcome in OUTCOMES}, "unseen": []}


def published(definition, log, until):
    """All that a definition publishes, alone and active from the first record on."""
    lines, tasks = [], {}
    for topic, partition, offset, event in log.events:
        if partition not in tasks:
            tasks[partition] = Task([definition], partition, lines.append)
        tasks[partition].record(event, topic, offset)
    for partition in sorted(tasks) if until is not None else []:
        tasks[partition].mark(until)
    return list(map(json.loads, lines))


# --- what a definition does with it


@dataclasses.dataclass
class Handover:
    at: int
    origin: str
    to: str
    move: str
    late: bool
    rules: list  # (score, rule) that brought points
    met: list    # criteria

    def said(self):
        return {"at": shown(self.at), "from": self.origin, "to": self.to, "move": self.move, "late": self.late}


def move_of(cause):
    return cause.get("move") if cause["kind"] == "event" else cause.get("name")


def default_handover(definition):
    """The first rung of sales, else the first of another owner than the first stage's; None where there is neither."""
    owners = [(name, definition.stages[name]["owner"]) for name in definition.ladder]
    of_sales = [name for name, owner in owners if "sales" in owner]
    of_others = [name for name, owner in owners if owner != definition.stages[definition.first_stage]["owner"]]
    return next(iter(of_sales + of_others), None)


class Side:
    """One definition's figures."""

    def __init__(self, definition, log, handover, capacity, until):
        self.definition, self.log, self.capacity = definition, log, capacity
        self.handover = handover or default_handover(definition)
        self.entered, self.breaches, self.weeks = dict.fromkeys(definition.stages, 0), 0, {}
        self.first = {}  # lead: its first handover
        self.handovers = 0
        for event in published(definition, log, until):
            self.take(event)

    def take(self, event):
        data = event["data"]
        if event["type"] == "lead.sla.breached":
            self.breaches += 1
            return
        self.entered[data["to"]] += 1
        if not self.leads_over(data["from"], data["to"]):
            return
        self.handovers += 1
        time, lead = moment(event["time"]), (data["cause"]["partition"], data["lead"])
        self.weeks[week_of(time)] = self.weeks.get(week_of(time), 0) + 1
        if lead not in self.first:
            won_at = self.log.leads[lead].won_at
            rules = [(one["score"], one["rule"]) for one in data["contributions"]]
            self.first[lead] = Handover(time, data["from"], data["to"], move_of(data["cause"]), won_at is not None and time >= won_at,
                                        rules, data["criteria"]["met"])

    def leads_over(self, origin, to):
        ladder = self.definition.ladder
        line = ladder.index(self.handover)
        return to in ladder and ladder.index(to) >= line and (origin not in ladder or ladder.index(origin) < line)

    # --- figures

    def quality(self, leads):
        """Counts and shares of leads that were handed over, none of them late."""
        outcomes = [self.log.leads[lead].outcome() for lead in leads]
        counts = {outcome: outcomes.count(outcome) for outcome in OUTCOMES}
        precision = share(counts["won"], len(outcomes))
        base = share(self.log.count("won"), len(self.log.leads))
        return {"leads": len(outcomes), **counts, "precision": precision, "recall": share(counts["won"], self.log.count("won")),
                "lift": precision / base if precision is not None and base else None}

    def in_time(self):
        return [lead for lead, handover in self.first.items() if not handover.late]

    def figures(self):
        """By name, exactly."""
        quality = self.quality(self.in_time())
        return {"handovers": self.handovers, "per_week": self.log.a_week(self.handovers), "leads": len(self.first),
                "late": len(self.first) - quality.pop("leads"), **quality,
                "busiest_week": max(self.weeks.values(), default=0),
                "weeks_over": None if self.capacity is None else sum(number > self.capacity for number in self.weeks.values()),
                "breaches": self.breaches}

    def figures_to_judge(self):
        figures = self.figures()
        figures["handovers_per_week"] = figures.pop("per_week")
        figures["breaches_per_week"] = self.log.a_week(self.breaches)
        for stage, number in self.entered.items():
            figures[f"{stage}_entered"], figures[f"{stage}_per_week"] = number, self.log.a_week(number)
        return figures

    def rules(self):
        for score, one in self.definition.scores.items():
            for rule in one.get("rules", []):
                leads = [lead for lead in self.in_time() if (score, rule["name"]) in self.first[lead].rules]
                yield {"score": score, "rule": rule["name"], **as_said(self.quality(leads))}

    def criteria(self):
        for name in self.definition.criteria:
            leads = [lead for lead in self.in_time() if name in self.first[lead].met]
            yield {"criterion": name, **as_said(self.quality(leads))}

    def said(self):
        definition = self.definition
        return {"definition": {"name": definition.name, "version": definition.version, "digest": definition.digest},
                "handover": self.handover, **as_said(self.figures()),
                "stages": [{"stage": stage, "entered": number} for stage, number in self.entered.items()],
                "rules": list(self.rules()), "criteria": list(self.criteria())}


def as_said(figures):
    return {name: cut(value) if isinstance(value, Fraction) else value for name, value in figures.items()}


# --- the two compared


class Comparison:
    def __init__(self, old, new):
        self.log, self.old, self.new = old.log, old, new
        self.hows = {}  # lead: (how, by how much)
        for lead in self.log.leads:
            before, after = old.first.get(lead), new.first.get(lead)
            if before and after:
                apart = after.at - before.at
                self.hows[lead] = ("same" if not apart else "earlier" if apart < 0 else "later"), abs(apart)
            elif before or after:
                self.hows[lead] = ("gone" if before else "new"), None

    def count(self, how):
        return sum(one == how for one, _ in self.hows.values())

    def said_of(self, how):
        leads = [lead for lead, (one, _) in self.hows.items() if one == how]
        outcomes = [self.log.leads[lead].outcome() for lead in leads]
        apart = sorted(self.hows[lead][1] for lead in leads) if how in ("earlier", "later") else []
        return {"leads": len(leads), **{outcome: outcomes.count(outcome) for outcome in OUTCOMES},
                "median_ms": apart[(len(apart) - 1) // 2] if apart else None}

    def said(self):
        return {how: self.said_of(how) for how in HOWS}

    def weeks(self):
        there = self.old.weeks.keys() | self.new.weeks.keys()
        return [{"from": shown(week * WEEK + MONDAY), "old": self.old.weeks.get(week, 0), "new": self.new.weeks.get(week, 0)}
                for week in range(min(there), max(there) + 1)] if there else []

    def leads(self):
        """The lines of --leads."""
        order = sorted(self.log.leads, key=lambda lead: lead[0])  # sorting is stable: within a partition by the first event
        for partition, name in order:
            how, _ = self.hows.get((partition, name), ("same", None))
            if how == "same":
                continue
            fate = self.log.leads[partition, name]
            first = [side.first.get((partition, name)) for side in (self.old, self.new)]
            yield {"lead": name, "partition": partition, "how": how, "outcome": fate.outcome(),
                   "won_at": None if fate.won_at is None else shown(fate.won_at),
                   **{side: one and one.said() for side, one in zip(("old", "new"), first)}}


# --- conditions


def judged(condition, comparison):
    """`value`, `limit` and `fails` of a condition; what cannot be said can be judged by nothing, and fails."""
    figure, op, text = condition.rsplit(None, 2)
    value = comparison.count(figure) if figure in HOWS else comparison.new.figures_to_judge()[figure]
    if text.endswith("x"):
        before = comparison.old.figures_to_judge().get(figure)
        limit = None if before is None else Fraction(text[:-1]) * before
    else:
        limit = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
    return {"value": value, "limit": limit, "fails": None in (value, limit) or OPERATORS[op](value, limit)}


# --- the whole


@dataclasses.dataclass
class Question:
    """What the command line asks; definitions are those of definition.py, patterns and the sweep's values JSON."""
    old: object
    new: object
    won: list
    rejected: list
    handover: str = None
    capacity: int = None
    pointer: str = None
    as_it_stands: object = None
    sweep: list = dataclasses.field(default_factory=list)  # (value, definition)
    fail_if: list = dataclasses.field(default_factory=list)
    until: int = None
    event_bytes_max: int = 1 << 20


def answer(question, records):
    """The object that --json prints, the lines of --leads, and the exit status."""
    won, rejected = ([parse(json.dumps(pattern)) for pattern in some] for some in (question.won, question.rejected))
    log = Log(question.old, records, question.event_bytes_max, won, rejected)

    def side(definition):
        return Side(definition, log, question.handover, question.capacity, question.until)

    comparison = Comparison(side(question.old), side(question.new))
    conditions = [(condition, judged(condition, comparison)) for condition in question.fail_if]
    sweep = None
    if question.pointer is not None:
        points = [{"value": value, **as_said(side(definition).figures())} for value, definition in question.sweep]
        sweep = {"pointer": question.pointer, "as_it_stands": question.as_it_stands, "points": points}
    said = {"old": comparison.old.said(), "new": comparison.new.said(), "compared": comparison.said(), "weeks": comparison.weeks(),
            "sweep": sweep,
            "fail_if": [{"condition": condition, "value": cut_any(one["value"]), "limit": cut_any(one["limit"]), "fails": one["fails"],
                         "why": Ellipsis if None in (one["value"], one["limit"]) else None} for condition, one in conditions],
            "log": log.said(), "won": question.won, "rejected": question.rejected, "capacity": question.capacity}
    return said, list(comparison.leads()), 1 if any(one["fails"] for _, one in conditions) else 0


def cut_any(value):
    return cut(Fraction(value)) if value is not None else None
