"""task.py: one partition's leads and their time: records, clock marks, timers, versions, steps.

Slow and without a shortcut: what is due is looked for among all leads, and no deadline is left out."""

import patterns
import rendezvous
from changes import Publisher, sla_deadline
from events import take_attributes
from lead import Lead, count, count_quiet, latest, reset
from takeover import carry
from times import EVER, duration
from values import nanopoints, whole
from view import View


class Task:
    def __init__(self, definitions, partition, out):
        self.known = sorted(definitions, key=lambda one: one.version)
        self.active = self.known[0]
        self.publisher = Publisher(partition, out)
        self.leads = {}
        self.stream = self.passed = -EVER

    # --- one record, one clock mark

    def record(self, event, topic, offset):
        """An event that the active version has decoded."""
        self.publisher.begin(topic, offset)
        before = self.passed
        self.stream = max(self.stream, event.time)
        self.passed = max(self.passed, self.stream - self.active.lateness)
        self.take_over(self.stream, before)
        self.fire(self.passed)
        lead = self.find_or_create(event)
        count_quiet(self.active, lead, max(event.time, lead.now, self.passed))
        if self.is_duplicate(lead, event):
            return
        lead.now = max(event.time, lead.now)
        take_attributes(self.active, lead.attributes, event)
        self.take_happened(lead, event)
        self.take_points(lead, event)
        lead.met |= {sla["name"] for sla in lead.open_slas(self.active) if patterns.matches(sla["met_by"], event)}
        self.step(lead, lead.now, event)

    def mark(self, time):
        self.publisher.begin("clock", time, is_mark=True)
        before = self.passed
        self.passed = max(before, time)
        self.take_over(time, before)
        self.fire(self.passed)

    def find_or_create(self, event):
        """A lead's own timers come up to its event's time."""
        lead = self.leads.get(event.lead)
        if lead is None:
            lead = self.leads[event.lead] = Lead(event.lead, self.active, event.time)
            return lead
        while lead.deadline is not None and lead.deadline <= event.time:
            self.step(lead, max(lead.deadline, lead.now), None)
        return lead

    def is_duplicate(self, lead, event):
        if event.id is None or not self.active.deduplicate:
            return False
        if event.id in lead.ids:
            return True
        lead.ids = [*lead.ids, event.id][-self.active.deduplicate:]
        return False

    def take_happened(self, lead, event):
        for text, condition in self.active.happened.items():
            if patterns.matches(condition["happened"], event):
                lead.happened[text] = latest([*lead.happened.get(text, []), event.time], whole(condition.get("times"), 1))

    def take_points(self, lead, event):
        is_activity = False
        for name, rule in self.active.event_rules():
            if "event" in rule and patterns.matches(rule["event"], event):
                count(self.active, lead, name, rule, event.time)
                is_activity = is_activity or nanopoints(rule["points"]) > 0
        if is_activity and (lead.activity is None or event.time > lead.activity):
            lead.activity, lead.periods = event.time, {}

    # --- timers

    def fire(self, until):
        """The least (deadline, bytes of the lead) first, as long as one is due."""
        while True:
            due = [lead for lead in self.leads.values() if lead.deadline is not None and lead.deadline <= until]
            if not due:
                return
            lead = min(due, key=lambda one: (one.deadline, one.name.encode()))
            self.step(lead, max(lead.deadline, lead.now), None)

    def deadline(self, lead, after, floor=-EVER):
        """The earliest of the lead's deadlines > after. An open SLA whose deadline is before the floor has the floor."""
        active = self.active
        moments = [max(sla_deadline(active, sla, lead.entered), floor) for sla in lead.open_slas(active)]
        moves, rung = active.moves_from(lead.stage), active.next_rung(lead.stage)
        moments += [lead.entered + duration(move["after"]) for move in moves if "after" in move]
        judged = [move["when"] for move in moves if "when" in move] + ([active.stages[rung]["enter"]] if rung else [])
        if any(map(active.uses_time, judged)):
            moments.append((after // active.review_every + 1) * active.review_every)
        return min((moment for moment in moments if moment > after), default=None)

    # --- a step

    def step(self, lead, now, event):
        count_quiet(self.active, lead, now)
        published = self.breach(lead, now)
        published += self.take_move(lead, now, event)
        published += self.climb(lead, now, event)
        if published:
            lead.now = now
        lead.deadline = self.deadline(lead, now)

    def breach(self, lead, now):
        over = [(sla, sla_deadline(self.active, sla, lead.entered)) for sla in lead.open_slas(self.active)]
        over = [(sla, deadline) for sla, deadline in over if deadline <= now]
        for sla, deadline in over:
            lead.breached.add(sla["name"])
            self.publisher.sla_breached(View(self.active, lead, now, None), sla, deadline)
        return len(over)

    def take_move(self, lead, now, event):
        """At most one."""
        view = View(self.active, lead, now, event)
        for move in self.active.moves_from(lead.stage):
            if lead.entered + duration(move.get("after", "0s")) <= now and ("when" not in move or view.holds(move["when"])):
                self.go(view, move["to"], move)
                return 1
        return 0

    def climb(self, lead, now, event):
        rungs = 0
        view = View(self.active, lead, now, event)
        while (rung := self.active.next_rung(lead.stage)) and view.holds(self.active.stages[rung]["enter"]):
            self.go(view, rung, None)
            rungs += 1
        return rungs

    def go(self, view, to, move):
        """The change is published as the lead stands before; then it goes."""
        lead, chosen = view.lead, view.route(to)
        route = chosen and {"queue": chosen["queue"], "assignee": rendezvous.assignee(chosen.get("members", []), lead.name)}
        self.publisher.stage_changed(view, to, move, route)
        lead.enter(to, view.now, route)
        for name in move.get("reset", []) if move else []:
            reset(self.active, lead, name)

    # --- versions

    def learn(self, definition):
        """A version becomes known; it takes over with a later record or mark."""
        self.known = sorted([*self.known, definition], key=lambda one: one.version)

    def take_over(self, until, before):
        """before: the time that had passed under the active version when the new one was not known yet, or not due"""
        while later := [one for one in self.known if one.version > self.active.version and one.effective_from <= until]:
            new = min(later, key=lambda one: (one.effective_from, -one.version))
            last = min(self.passed, max(new.effective_from - 1, before))
            self.fire(last)
            for lead in self.leads.values():
                count_quiet(self.active, lead, max(last, lead.now))
            old, self.active = self.active, new
            for lead in self.leads.values():
                carry(lead, old, new, self.known)
                lead.deadline = self.deadline(lead, new.effective_from - 1, new.effective_from)
