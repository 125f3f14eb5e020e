"""takeover.py: what a lead keeps, by name, when a new version takes over."""

from times import MINUTE, duration
from values import whole
from lead import KEEP, latest


def stage_in(known, old, new, name):
    """A stage's name in the new version; versions that are passed over are applied with their `replaces`."""
    for definition in known:
        if old.version < definition.version <= new.version and name not in definition.stages:
            name = definition.replaces.get(name, name)
    return name


def carry(lead, old, new, known):
    """The lead under the new version; its deadline is set by the task."""
    carry_stage(lead, old, new, known)
    types = [{name: one.get("type", "text") for name, one in version.attributes.items()} for version in (old, new)]
    lead.attributes = {name: value for name, value in lead.attributes.items() if types[0].get(name) == types[1].get(name)}
    lead.ids = lead.ids[-new.deduplicate:] if new.deduplicate else []
    lead.happened = {text: latest(lead.happened[text], whole(condition.get("times"), 1))
                     for text, condition in new.happened.items() if text in lead.happened}
    carry_scores(lead, old, new)


def carry_stage(lead, old, new, known):
    before = {sla["name"] for sla in old.slas_of(lead.stage)}
    lead.stage = stage_in(known, old, new, lead.stage)
    entries = {}
    for stage, times in lead.entries.items():
        stage = stage_in(known, old, new, stage)
        entries[stage] = entries.get(stage, 0) + times
    lead.entries = entries
    still = before & {sla["name"] for sla in new.slas_of(lead.stage)}
    lead.met &= still
    lead.breached &= still


def carry_scores(lead, old, new):
    rules = {(name, rule["name"]): rule for name, rule in old.event_rules()}
    lead.as_of = {name: lead.as_of.get(name, lead.created // MINUTE) for name in new.scores_from_events()}
    points, kept, counted, count, periods = lead.points, lead.kept, lead.counted, lead.count, lead.periods
    lead.points, lead.kept, lead.counted, lead.count, lead.periods = {}, {}, {}, {}, {}
    for name, rule in new.event_rules():
        key = (name, rule["name"])
        was = rules.get(key, {})
        if "quiet_every" in rule:
            lead.periods[key] = periods_over(lead, rule, was, periods.get(key, 0), new.effective_from)
        if "lasts" in rule and "lasts" in was:
            lead.kept[key] = latest(kept.get(key, []), whole(rule.get("keep"), KEEP))
        if "lasts" not in rule and "lasts" not in was and key in points:
            lead.points[key] = points[key]
        if "at_most" in rule and "at_most" in was and ("per" in rule["at_most"]) == ("per" in was["at_most"]):
            lead.counted[key] = latest(counted.get(key, []), int(rule["at_most"]["times"].text))
            lead.count[key] = count.get(key, 0)


def periods_over(lead, rule, was, counted, effective_from):
    """A new length starts at the periods that were over when the version took over."""
    every = duration(rule["quiet_every"])
    if "quiet_every" in was and duration(was["quiet_every"]) == every:
        return counted
    return max(0, (effective_from - lead.quiet_since()) // every)
