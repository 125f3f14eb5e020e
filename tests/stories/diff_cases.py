"""diff_cases.py: what test_diff.py changes in the sample: (title, (JSON Pointer, value), …). GONE takes a value out, `-` adds to a list."""

GONE = object()

# What the sample has not, so that it can be changed.
BASE = [
    ("/description", "as agreed"),
    ("/replaces", {"prospect": "suspect"}),
    ("/scores/engagement/rules/3/keep", 10),
    ("/criteria/loud", {"not": {"happened": "Page Viewed", "times": 2, "within": "1d"}}),
    ("/moves/-", {"name": "back at once", "from": "*", "to": "universe", "when": {"all": [{"event": "Reset"}, "loud"]}}),
]

MQL, SQL = "/stages/2/enter", "/stages/3/enter"
MARKET, FIT = "/criteria/target market/when/all", "/scores/fit/rules"
RULES, INTENT = "/scores/engagement/rules", "/scores/intent/rules"
LONDON = "/calendars/london"
PRICING = {"name": "Page Viewed", "where": {"/properties/path": {"like": "/pricing*"}}}

CHANGES = [
    ("name", ("/name", "another")),
    ("effective_from", ("/effective_from", "2026-06-01T00:00:00Z")),
    ("teams", ("/teams/-", "legal")),
    ("replaces: gone", ("/replaces", GONE)),
    ("replaces: another", ("/replaces/prospect", "mql")),
    ("deduplicate", ("/deduplicate", 32)),
    ("lateness", ("/lateness", "1h")),
    ("review_every", ("/review_every", GONE)),
    ("events: another preset", ("/events", "cloudevents")),
    ("events: lead, time, id, name, max_ahead", ("/events", {
        "lead": "/user", "time": ["/at", "@timestamp"], "name": "/what", "max_ahead": "1h"})),
    ("stage: new", ("/stages/-", {"name": "lost", "owner": "sales", "off_ladder": True})),
    ("stage: gone", ("/stages/5", GONE)),
    ("stage: owner", ("/stages/4/owner", "marketing")),
    ("stage: route", ("/stages/4/route", True)),
    ("stage: off_ladder", ("/stages/7/off_ladder", GONE)),
    ("stages: the ladder", ("/stages/4", {"name": "customer", "owner": "sales", "enter": {"event": "Opportunity Won"}}),
     ("/stages/5", {"name": "opportunity", "owner": "sales", "enter": {"event": "Opportunity Created"}})),
    ("enter: gone", ("/stages/1/enter", GONE)),
    ("enter: a part less", (MQL + "/all/1", GONE)),
    ("enter: a part more", (MQL + "/all/-", "need")),
    ("enter: one alone", (MQL, "contact")),
    ("enter: an alternative more", (MQL + "/all/3/any/-", "need")),
    ("enter: any in place of all", (MQL, {"any": ["contact", "good fit"]})),
    ("enter: at_least", (SQL + "/all/2/at_least", 2)),
    ("enter: of", (SQL + "/all/2/of/-", "engaged")),
    ("enter: event", ("/stages/4/enter/event", ["Opportunity Created", "Quote Sent"])),
    ("enter: event, where", ("/stages/4/enter/event", {"name": "Opportunity Created", "where": {"/properties/value": {"above": 0}}})),
    ("criterion: new", ("/criteria/urgent", {"quiet_for": "2d"})),
    ("criterion: gone", ("/criteria/loud", GONE), ("/moves/10/when", {"event": "Reset"})),
    ("criterion: another name", ("/criteria/timescale", "need")),
    ("condition: attribute", ("/criteria/timescale/attribute", "region")),
    ("condition: is", ("/criteria/authority/any/0/is", False)),
    ("condition: in", ("/criteria/timescale/in", ["this month", "this year"])),
    ("condition: like", (MARKET + "/2/not/attribute", "email"), (MARKET + "/2/not/like/-", "*@yahoo.com")),
    ("condition: not", (MARKET + "/2", {"attribute": "email", "like": "*@gmail.com"})),
    ("condition: present", ("/criteria/need/any/0/present", False)),
    ("condition: at_least", (MARKET + "/1/at_least", 50)),
    ("condition: above", (MARKET + "/1", {"attribute": "employees", "above": 20})),
    ("condition: at_most", (MARKET + "/1", {"attribute": "employees", "at_most": 20})),
    ("condition: score, at_least", ("/criteria/good fit/at_least", 45.5)),
    ("condition: another score", ("/criteria/good fit/score", "total")),
    ("condition: below", ("/moves/7/when/all/0/below", 12)),
    ("condition: quiet_for", ("/moves/7/when/all/2/quiet_for", "3d")),
    ("condition: happened", ("/criteria/need/any/1/happened", ["Demo Requested"])),
    ("condition: happened, where", ("/criteria/looking to buy/when/any/1/happened/where/~1properties~1path/like", "/price*")),
    ("condition: happened, times", ("/criteria/looking to buy/when/any/1/times", 4)),
    ("condition: happened, times, within", ("/criteria/loud/not", {"happened": "Page Viewed", "times": 3, "within": "2d"})),
    ("condition: happened, within gone", ("/criteria/need/any/1/within", GONE)),
    ("condition: happened in another notation", ("/criteria/need/any/1/within", "2160h")),
    ("condition: a negation within", ("/criteria/contact/when/all/1/not/within", "30d")),
    ("score: new", ("/scores/visits", {"from": "events", "rules": [{"name": "visit", "event": "*", "points": 1}]}),
     ("/scores/total/of/-", "visits")),
    ("score: gone", ("/scores/total", GONE)),
    ("score: from", ("/scores/total", {"from": "attributes", "rules": [
        {"name": "any", "when": {"attribute": "email", "present": True}, "points": 1}]})),
    ("score: half_life", ("/scores/engagement/half_life", "30d")),
    ("score: half_life gone", ("/scores/engagement/half_life", GONE)),
    ("score: min", ("/scores/engagement/min", -20)),
    ("score: max", ("/scores/fit/max", 60)),
    ("score: of", ("/scores/total/of/2", GONE)),
    ("rule: new", (RULES + "/-", {"name": "booth", "event": "Booth Visited", "points": 12, "cap": 24})),
    ("rule: gone", (RULES + "/2", GONE)),
    ("rule: points", (RULES + "/1/points", 4.5)),
    ("rule: points of the other sign", (RULES + "/5/points", 5)),
    ("rule: when", (FIT + "/2/when/at_least", 100)),
    ("rule: when, of negative points", (FIT + "/5/when/like/-", "trainee")),
    ("rule: event", (RULES + "/1/event", ["Email Clicked", "Email Opened"])),
    ("rule: event, where", (INTENT + "/2/event/where/~1properties~1minutes/at_least", 15)),
    ("rule: quiet_every", (RULES + "/6/quiet_every", "14d")),
    ("rule: event in place of quiet_every", (RULES + "/6", {"name": "gone quiet", "event": "Silence Noted", "points": -5})),
    ("rule: cap", (RULES + "/1/cap", 9)),
    ("rule: cap gone", (RULES + "/1/cap", GONE)),
    ("rule: at_most, times", (RULES + "/2/at_most/times", 1)),
    ("rule: at_most, per", (RULES + "/2/at_most/per", "7d")),
    ("rule: at_most gone", (RULES + "/4/at_most", GONE)),
    ("rule: lasts", (RULES + "/3/lasts", "90d")),
    ("rule: lasts gone", (RULES + "/3", {"name": "webinar attended", "event": "Webinar Attended", "points": 15})),
    ("rule: fading", (RULES + "/3/fading", GONE)),
    ("rule: keep", (RULES + "/3/keep", 20)),
    ("move: new", ("/moves/-", {"name": "won back", "from": "customer", "to": "opportunity", "when": {"event": "Churn Risk"}})),
    ("move: gone", ("/moves/9", GONE)),
    ("move: from", ("/moves/2/from", ["sql", "opportunity", "nurture"])),
    ("move: from everywhere", ("/moves/0/from", "*")),
    ("move: to", ("/moves/6/to", "universe")),
    ("move: when", ("/moves/2/when/event", {"name": "Lead Rejected", "where": {"/properties/reason": {"is": "duplicate"}}})),
    ("move: when gone", ("/moves/5/when", GONE)),
    ("move: after", ("/moves/6/after", "60d")),
    ("move: after gone", ("/moves/8/after", GONE)),
    ("move: reason", ("/moves/2/reason", "/properties/why")),
    ("move: reset", ("/moves/2/reset", ["intent"])),
    ("moves: order", ("/moves/1", {
        "name": "sales said no", "from": ["mql", "sql", "opportunity"], "to": "recycled", "when": {"event": "Lead Rejected"},
        "reason": "/properties/reason", "reset": ["engagement", "intent"]}), ("/moves/2", {
            "name": "not now", "from": ["sql", "opportunity"], "to": "nurture", "reason": "/properties/reason", "reset": ["intent"],
            "when": {"event": {"name": "Lead Rejected", "where": {
                "/properties/reason": {"in": ["no budget yet", "not now", "no answer"]}}}}})),
    ("SLA: new", ("/slas/-", {"name": "proposal", "stage": "opportunity", "within": "10d", "met_by": "Quote Sent"})),
    ("SLA: gone", ("/slas/1", GONE)),
    ("SLA: stage", ("/slas/1/stage", "suspect")),
    ("SLA: within", ("/slas/0/within", "2h")),
    ("SLA: calendar gone", ("/slas/0/calendar", GONE)),
    ("SLA: met_by", ("/slas/0/met_by", ["Lead Accepted", "Lead Rejected"])),
    ("route: new", ("/routes/3", {"queue": "apac", "when": {"attribute": "region", "is": "apac"}, "members": ["hana"]})),
    ("route: gone", ("/routes/1", GONE)),
    ("route: queue", ("/routes/0/queue", "large accounts")),
    ("route: when", ("/routes/0/when/at_least", 500)),
    ("route: when gone", ("/routes/2/when", GONE)),
    ("route: members", ("/routes/0/members", ["ana", "ida"])),
    ("route: weight", ("/routes/1/members/1/weight", 3)),
    ("routes: order", ("/routes/0", {"queue": "emea", "when": {"attribute": "region", "is": "emea"},
                                     "members": ["chloe", {"name": "dev", "weight": 2}]}),
     ("/routes/1", {"queue": "enterprise", "when": {"attribute": "employees", "at_least": 1000}, "members": ["ana", "bo"]})),
    ("calendar: new", ("/calendars/paris", {"hours": {"mon-fri": ["09:00-18:00"]}})),
    ("calendar: hours of some days", (LONDON + "/hours/mon-thu", ["09:00-12:30", "13:30-18:00"])),
    ("calendar: hours of a day more", (LONDON + "/hours/sat", ["10:00-12:00"])),
    ("calendar: holidays", (LONDON + "/holidays/-", "2026-12-24")),
    ("calendar: offsets", (LONDON + "/offsets", [["1970-01-01T00:00:00Z", "+01:00"]])),
    ("attribute: new", ("/attributes/country", "/traits/country")),
    ("attribute: gone", ("/attributes/company", GONE)),
    ("attribute: at", ("/attributes/region", {"at": ["/context/region", "/traits/region"]})),
    ("attribute: type", ("/attributes/budget/type", "text")),
    ("attribute: share", ("/attributes/phone/share", True)),
]

SEGMENT = {"lead": ["/userId", "/traits/email", "@key"], "time": ["/timestamp", "@timestamp"], "id": "/messageId",
           "name": ["/event", "/type"], "max_ahead": "300s"}

NOTATIONS = [
    ("another version", ("/version", 2)),
    ("no signatures", ("/signoffs", [])),
    ("a preset and its object", ("/events", SEGMENT)),
    ("durations in another unit", ("/lateness", "600s"), ("/scores/engagement/half_life", "2w"), ("/moves/6/after", "720h"),
     ("/slas/0/within", "240m"), ("/moves/7/when/all/2/quiet_for", "120h"), (RULES + "/3/lasts", "1440h"),
     (RULES + "/0/at_most/per", "60m"), (RULES + "/6/quiet_every", "1w"), ("/review_every", "60m")),
    ("a time in another form", ("/effective_from", "2026-01-01T01:00:00.000+01:00")),
    ("defaults of attributes", ("/attributes/name", {"at": ["/traits/name"], "type": "text", "share": True})),
    ("defaults of scores and rules", ("/scores/fit/min", 0), ("/scores/total/min", 0.0), (FIT + "/0/points", 25.0)),
    ("defaults of stages", ("/stages/0/off_ladder", False), ("/stages/0/route", False)),
    ("a list of one", ("/moves/3/from", ["opportunity"]), ("/moves/3/when/event", ["Opportunity Lost"]),
     ("/stages/4/enter/event", {"name": ["Opportunity Created"], "where": {}}), ("/slas/0/met_by", {
         "name": ["Meeting Booked", "Lead Rejected", "Lead Accepted", "Lead Accepted"]})),
    ("every other stage, named", ("/moves/10/from", ["suspect", "mql", "sql", "opportunity", "customer", "nurture", "recycled"])),
    ("members of a queue", ("/routes/0/members", [{"name": "bo", "weight": 1}, {"name": "ana"}])),
    ("connectives", (MQL, {"all": [{"all": ["contact", "good fit"]}, {"any": [{"any": ["looking to buy"]}, "engaged"]},
                                   {"not": {"not": "target market"}}, "contact"]}),
     (SQL + "/all/2/of", ["need", "authority", "budget", "timescale"])),
    ("at least one, at least all", ("/criteria/authority", {"at_least": 1, "of": [
        {"attribute": "title", "like": ["chief **", "CEO", "cfo", "cio", "cmo", "coo", "cto", "vp *", "head of *", "*Director*", "owner",
                                        "founder*"]}, {"attribute": "decides", "is": True}]}),
     ("/moves/0/when", {"at_least": 2, "of": ["contact", {"event": ["Contact Requested", "Demo Requested"]}]})),
    ("comparisons", ("/criteria/timescale", {"attribute": "timeframe", "like": ["This Quarter", "this month"]}),
     ("/routes/1/when", {"attribute": "region", "in": ["EMEA"]}), ("/routes/2/when", {"attribute": "region", "like": "americas"})),
    ("a criterion as an object", ("/criteria/good fit", {"when": {"score": "fit", "at_least": 40.0}})),
    ("lists in another order", ("/teams", ["sales", "marketing"]), ("/moves/2/reset", ["intent", "engagement"]),
     ("/scores/total/of", ["intent", "engagement", "fit"])),
    ("days one by one, hours that touch", (LONDON + "/hours", {
        "mon": ["09:00-12:30", "13:30-15:00", "15:00-17:30"], "tue-wed": ["09:00-12:30", "13:30-17:30"],
        "thu": ["09:00-12:30", "13:30-17:30"], "fri": ["09:00-12:30", "13:30-16:00"]}),
     (LONDON + "/holidays", ["2026-12-28", "2026-12-25", "2026-08-31", "2026-05-25", "2026-05-04", "2026-04-06", "2026-04-03",
                             "2026-01-01", "2026-01-01"])),
    ("an offset that changes nothing", (LONDON + "/offsets/-", ["2031-01-01T00:00:00Z", "+00:00"])),
]

WORDS = [
    ("the summary", ("/summary", "Other words.")),
    ("the agreement's description", ("/description", GONE)),
    ("a stage's description", ("/stages/0/description", GONE)),
    ("a criterion's description", ("/criteria/contact/description", "Other words.")),
    ("a criterion gets a description", ("/criteria/engaged", {"description": "New.", "when": {"score": "engagement", "at_least": 30}})),
    ("a rule's description", (FIT + "/0/description", "New.")),
    ("a move's description", ("/moves/0/description", "Other words.")),
    ("an SLA's description", ("/slas/0/description", "New.")),
    ("a route's description", ("/routes/0/description", "New.")),
    ("a member's description", ("/routes/1/members/1/description", "New.")),
    ("a description of the events", ("/events", {**SEGMENT, "description": "New."})),
    ("a description within a condition", ("/stages/4/enter/event", {"name": "Opportunity Created", "description": "New."})),
]

VERSION_2 = [
    ("/version", 2),
    ("/criteria/good fit/at_least", 50),
    (INTENT + "/0/points", 10),
    ("/slas/0/within", "2h"),
    ("/criteria/need/any/1/within", "30d"),
    ("/stages/0/description", "Everybody we ever heard of."),
]

VERSION_2_TEXT = """\
acme-qualified-lead
  version 1        sha256:DIGEST
  version 2        sha256:DIGEST
4 changes in meaning: criteria 2, scores 1, slas 1; 3 tighter, 1 looser; touched: suspect, mql, sql

Criteria
  criterion “good fit”: the score “fit” is at least 50; before: at least 40
      tighter: fewer leads will reach “mql”
  criterion “need”: has happened: “Demo Requested” or “Trial Started”, within the last 30 days; before: has happened: “Demo Requested” or “Trial Started”, within the last 90 days
      tighter: fewer leads will reach “sql”

Scores
  score “intent”, rule “pricing page”: points +10; before: +8
      looser: more leads will reach “mql”; “went cold” will be taken less often

SLAs
  SLA “sales answers”: within 2 hours of working time (“london”); before: 4 hours of working time (“london”)
      tighter: less time to keep it

When it takes over
  has happened: “Demo Requested” or “Trial Started”, within the last 30 days: is counted from the day on which this version takes over

Words alone, which decide nothing
  stage “universe”: the description is “Everybody we ever heard of.” now
"""
