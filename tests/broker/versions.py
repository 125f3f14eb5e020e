"""versions.py: versions of one definition that differ in everything that a lead keeps when the next one takes over: stages,
scores, rules, conditions, attributes, SLAs, routes, ids, times. For the events of events.Stream."""

import copy

import events

NAME = "rich"


def first():
    return {**copy.deepcopy(events.RICH), "name": NAME, "version": 1, "review_every": "6h"}


def rename_stage(definition, old, new):
    """Everywhere, and in `replaces`."""
    for stage in definition["stages"]:
        stage["name"] = new if stage["name"] == old else stage["name"]
    for move in definition["moves"]:
        move["to"] = new if move["to"] == old else move["to"]
        if isinstance(move["from"], list):
            move["from"] = [new if name == old else name for name in move["from"]]
    definition["replaces"] = {old: new}


def second():
    """A stage has another name, points fade faster, rules keep other things, deadlines are nearer."""
    made = first()
    rename_stage(made, "suspect", "known")
    made.update(version=2, deduplicate=3, lateness="30m", review_every="4h")
    engagement = made["scores"]["engagement"]
    engagement["half_life"] = "2d"
    page, pricing, webinar, _, quiet = engagement["rules"]
    page.update(cap=6, at_most={"times": 2, "per": "2h"})
    pricing["at_most"] = {"times": 20}
    del webinar["lasts"], webinar["fading"], webinar["keep"]
    quiet["quiet_every"] = "1d"
    engagement["rules"].append({"name": "accepted", "event": "Lead Accepted", "points": 3, "lasts": "6d"})
    made["attributes"]["region"] = {"at": "/traits/region", "share": False}
    made["attributes"]["reason"] = "/properties/reason"
    made["slas"][0]["within"] = "2h"
    made["slas"].append({"name": "somebody looks", "stage": "known", "within": "3d", "met_by": ["Page Viewed", "identify"]})
    return made


def third():
    """Thresholds and routes; a criterion counts over another time."""
    made = second()
    del made["replaces"]
    made.update(version=3, lateness="10m")
    made["criteria"]["good fit"] = {"score": "fit", "at_least": 20}
    made["criteria"]["pricing lately"] = {"happened": "Pricing Viewed", "times": 3, "within": "9d"}
    made["routes"] = [{"queue": "everyone", "members": ["cy", "dee", {"name": "eve", "weight": 2}]}]
    made["moves"][1]["after"] = "1d"
    return made


def fourth():
    """The old stage is back; a score more, a rule less."""
    made = third()
    rename_stage(made, "known", "suspect")
    made.update(version=4, deduplicate=16)
    made["slas"] = [sla for sla in made["slas"] if sla["stage"] != "known"]
    made["scores"]["engagement"]["rules"] = [rule for rule in made["scores"]["engagement"]["rules"] if rule["name"] != "page"]
    made["scores"]["demos"] = {"from": "events", "rules": [{"name": "demo", "event": "Demo Requested", "points": 10}]}
    made["moves"].append({"name": "asked often", "from": "*", "to": "sql", "when": {"score": "demos", "above": 15},
                          "reset": ["demos"]})
    return made


def fifth():
    """Points fade more slowly, and the quiet is counted otherwise."""
    made = fourth()
    del made["replaces"]
    made.update(version=5, review_every="8h", deduplicate=0)
    made["scores"]["engagement"].update(half_life="5d", max=200)
    next(rule for rule in made["scores"]["engagement"]["rules"] if "quiet_every" in rule)["quiet_every"] = "36h"
    made["slas"][0]["within"] = "6h"
    made["attributes"]["region"] = "/traits/region"
    return made


def sixth():
    return {**fifth(), "version": 6, "lateness": "5m", "deduplicate": 4}
