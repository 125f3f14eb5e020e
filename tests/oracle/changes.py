"""changes.py: what is published, as lines.

A Publisher knows where in the log its task is: a record, or a clock mark, which has no offset. What it is given is a lead as it stands
before the change."""

from events import as_text
from times import duration, shown, working_deadline
from values import ABSENT, at, written


def sla_deadline(definition, sla, entered):
    within = duration(sla["within"])
    if "calendar" not in sla:
        return entered + within
    return working_deadline(definition.calendars[sla["calendar"]], entered, within)


def missing_for(definition, rung, met):
    """`next`: the rung above and the criteria that it still asks for."""
    if rung is None:
        return None
    named = definition.named_by(definition.stages[rung]["enter"])
    return {"stage": rung, "missing": [name for name, holds in met.items() if name in named and not holds]}


def rungs_between(ladder, below, above):
    return ladder[ladder.index(below) + 1:ladder.index(above)] if below in ladder and above in ladder else []


def reason_of(move, event):
    """The text of what the move's `reason` finds in the event, or null."""
    found = at(event.document, move["reason"]) if event and move and "reason" in move else ABSENT
    return None if found is ABSENT else as_text(found)


class Publisher:
    def __init__(self, partition, out):
        self.partition, self.out = partition, out

    def begin(self, topic, offset, is_mark=False):
        """A record, or a mark whose time is the offset; what it publishes is numbered from 0."""
        self.topic, self.offset, self.is_mark, self.published = topic, offset, is_mark, 0

    def publish(self, kind, definition, lead, time, data):
        identity = f"{self.topic}/{self.partition}/{self.offset}/{self.published}"
        self.published += 1
        self.out(written({
            "specversion": "1.0", "id": identity, "source": "handover/" + definition.name, "type": "lead." + kind,
            "dataschema": f"urn:handover:lead.{kind}:1", "subject": lead.name, "time": shown(time),
            "datacontenttype": "application/json", "data": data}))

    def place(self):
        return {"topic": self.topic, "partition": self.partition} | ({} if self.is_mark else {"offset": self.offset})

    def cause(self, view, move):
        named = {} if move is None else {"move": move["name"]}
        if view.event:
            event = view.event
            return {"kind": "event", **named, "name": event.name, "id": event.id, "time": shown(event.time), **self.place()}
        kind = {"kind": "climb"} if move is None else {"kind": "move", "name": move["name"]}
        return {**kind, "time": shown(view.now), **self.place()}

    def stage_changed(self, view, to, move, route):
        definition, lead = view.definition, view.lead
        calm = view.without_event()
        met = {name: calm.holds(name) for name in definition.criteria}
        self.publish("stage.changed", definition, lead, view.now, {
            "lead": lead.name, "from": lead.stage, "to": to, "entry": lead.entries.get(to, 0) + 1,
            "skipped": rungs_between(definition.ladder, lead.stage, to),
            "owner": definition.stages[to]["owner"], "since": shown(lead.entered),
            "cause": self.cause(view, move), "reason": reason_of(move, view.event),
            "scores": view.scores(), "contributions": view.contributions(),
            "criteria": {"met": [name for name in met if met[name]], "missing": [name for name in met if not met[name]]},
            "next": missing_for(definition, definition.next_rung(to), met), "route": route,
            "due": [{"sla": sla["name"], "by": shown(sla_deadline(definition, sla, view.now))} for sla in definition.slas_of(to)],
            **common(view)})

    def sla_breached(self, view, sla, deadline):
        definition, lead = view.definition, view.lead
        self.publish("sla.breached", definition, lead, deadline, {
            "lead": lead.name, "stage": lead.stage, "owner": definition.stages[lead.stage]["owner"], "sla": sla["name"],
            "since": shown(lead.entered), "deadline": shown(deadline), "cause": {"kind": "timer", **self.place()},
            "scores": view.scores(), "route": lead.route, **common(view)})


def common(view):
    """The members that both kinds end with."""
    definition, known = view.definition, view.lead.attributes
    shared = [name for name, attribute in definition.attributes.items() if attribute.get("share", True)]
    return {"attributes": {name: known[name] for name in shared if name in known},
            "definition": {"name": definition.name, "version": definition.version, "digest": definition.digest,
                           "agreed": definition.agreed}}
