"""reckon.py: what `handover report --json` has to say, reckoned a second time from docs/commands.md, in plain words of Python.

It shares nothing with the program. The order of the stages and their owners come from a definition; without one they are taken from the
report itself, whose order is checked by other tests."""

import datetime
import decimal
import json

DAY = 86_400_000
WEEK = 7 * DAY
MONDAY = 4 * DAY  # 1970-01-05
BARS = 60


def ms(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def shown(time):
    moment = datetime.datetime.fromtimestamp(time // 1000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time % 1000:03}Z"


def nearest(durations, per_cent):
    return sorted(durations)[-(-len(durations) * per_cent // 100) - 1] if durations else None


MILLIONTH = decimal.Decimal("0.000001")
AMOUNT_MOST = 9 * 10**12


def amount_of(event, name):
    """What the event says the lead is worth, or None."""
    value = event["data"]["attributes"].get(name) if event else None
    if isinstance(value, bool) or not isinstance(value, (int, float, decimal.Decimal)):
        return None
    with decimal.localcontext(decimal.Context(prec=500, Emax=10**6, Emin=-10**6)):
        value = decimal.Decimal(max(-AMOUNT_MOST, min(AMOUNT_MOST, decimal.Decimal(str(value)))))
        return value.quantize(MILLIONTH, decimal.ROUND_HALF_UP)


def money(name, unknown, amounts):
    return {name: sum(amount for amount in amounts if amount is not None), unknown: amounts.count(None)}


def share(part, whole):
    """In parts of 10,000, to the nearest."""
    if whole <= 0 or part < 0:
        return None
    return (decimal.Decimal(part) / decimal.Decimal(whole)).quantize(decimal.Decimal("0.0001"), decimal.ROUND_HALF_UP)


def spread(durations):
    return {"count": len(durations), "median_ms": nearest(durations, 50), "p90_ms": nearest(durations, 90)}


def place(event):
    topic, partition, offset, n = event["id"].rsplit("/", 3)
    return ms(event["time"]), topic.encode(), int(partition), int(offset), int(n)


class Stay:
    def __init__(self, stage, entered, come):
        self.stage, self.entered, self.come = stage, entered, come
        self.left, self.gone, self.after = None, None, None


def first_that_fits(changes, stays):
    """Of the changes of the earliest moment the one that goes on from where the lead stands; else the first."""
    same = [change for change in changes if change["time"] == changes[0]["time"]]
    for change in same:
        data = change["data"]
        if (data["since"] < change["time"] if not stays else
                (data["from"], ms(data["since"])) == (stays[-1].stage, stays[-1].entered)):
            return change
    return same[0]


class Lead:
    def __init__(self):
        self.changes, self.breaches, self.stays, self.gaps, self.renamed = [], [], [], 0, 0

    def live(self):
        left = sorted(self.changes, key=place)
        while left:
            change = first_that_fits(left, self.stays)
            left.remove(change)
            self.go(change)
        if not self.stays:
            last = max(self.breaches, key=lambda breach: (ms(breach["data"]["since"]), place(breach)))
            self.stays = [Stay(last["data"]["stage"], ms(last["data"]["since"]), None)]

    def go(self, change):
        data, time, since = change["data"], ms(change["time"]), ms(change["data"]["since"])
        if not self.stays:
            self.stays.append(Stay(data["from"], since, None))
        elif since != self.stays[-1].entered:
            self.gaps += 1
            moved = max(since, self.stays[-1].entered)
            self.end(moved, data["from"], None)
            self.stays.append(Stay(data["from"], moved, None))
        elif data["from"] != self.stays[-1].stage:
            self.renamed += 1
            self.stays[-1].stage = data["from"]
            if len(self.stays) > 1:
                self.stays[-2].after = data["from"]
        self.end(time, data["to"], change)
        self.stays.append(Stay(data["to"], time, change))

    def end(self, time, after, change):
        last = self.stays[-1]
        last.left, last.after, last.gone = time, after, change


class Answers:
    def __init__(self):
        self.outcomes, self.durations, self.oldest, self.wins = [], [], None, []

    def add(self, outcome, duration, waited, wins):
        self.outcomes.append(outcome)
        self.wins += wins
        if outcome == "waiting":
            self.oldest = max(waited, self.oldest or 0)
        else:
            self.durations.append(duration)

    def counts(self):
        names = ("accepted", "rejected", "returned", "elsewhere", "waiting")
        return {"handed_over": len(self.outcomes), **{name: self.outcomes.count(name) for name in names}}

    def said(self, amount):
        said = {**self.counts(), "answer": spread(self.durations), "oldest_ms": self.oldest, "won": len(self.wins)}
        if amount:
            said.update(money("revenue", "revenue_unknown", self.wins))
            each = decimal.Decimal(said["revenue"]) / len(self.outcomes) if self.outcomes else None
            said["revenue_per_handover"] = each and each.quantize(MILLIONTH, decimal.ROUND_HALF_UP)
        return said


def promises(words):
    return {"began": len(words), **{name: words.count(name) for name in ("kept", "breached", "running")}}


class Cut:
    """The figures of all stays, or of those of one value."""

    def __init__(self, stages):
        self.rows = {stage: {**dict.fromkeys(("at_start", "entered", "left", "at_end", "passed", "left_up", "converted"), 0),
                             "durations": [], "oldest_ms": None, "inside": [], "came": []} for stage in stages}
        self.answers, self.promises = Answers(), []

    def stages(self, ladder, amount):
        rows = []
        for stage, owner, rung in ladder:
            row = dict(self.rows[stage])
            durations, inside, came = row.pop("durations"), row.pop("inside"), row.pop("came")
            if amount:
                row.update(**money("pipeline", "pipeline_unknown", inside), **money("entered_value", "entered_unknown", came))
            rows.append({"stage": stage, "owner": owner, "rung": rung, **row, "stay": spread(durations)})
        return rows

    def said(self, amount):
        return {"handovers": self.answers.said(amount), "slas": promises(self.promises)}


class Reckoning:
    def __init__(self, events, ladder, by=None, start=None, end=None, replaces=None, slas=(), amount=None):
        """`ladder`: (stage, owner, is it a rung) in order; `replaces`: stages of earlier versions."""
        self.ladder, self.by, self.replaces, self.amount = ladder, by, replaces or {}, amount
        self.names = [stage for stage, _, _ in ladder]
        self.rungs = sum(rung for _, _, rung in ladder)
        self.leads, self.seen, self.duplicates, self.others, self.versions = {}, set(), 0, 0, {}
        for event in events:
            self.take(event)
        for lead in self.leads.values():
            lead.live()
        self.period(start, end)
        self.all, self.groups, self.members = Cut(self.names), {}, {}
        self.receivers, self.backs = {}, {}
        self.slas = {key: [] for key in slas}
        self.weeks()
        for lead in self.leads.values():
            self.count(lead)

    def take(self, event):
        if event["type"] not in ("lead.stage.changed", "lead.sla.breached"):
            self.others += 1
        elif event["id"] in self.seen:
            self.duplicates += 1
        else:
            self.seen.add(event["id"])
            lead = self.leads.setdefault(event["data"]["lead"], Lead())
            (lead.changes if event["type"] == "lead.stage.changed" else lead.breaches).append(event)

    def events(self):
        return [event for lead in self.leads.values() for event in lead.changes + lead.breaches]

    def period(self, start, end):
        moments = [ms(event["data"]["since"]) for event in self.events()]
        times = [ms(event["time"]) for event in self.events()]
        self.start = start if start is not None else min(moments, default=0)
        self.end = end if end is not None else max(times, default=-1) + 1
        self.end = max(self.start, self.end)

    def within(self, time):
        return time is not None and self.start <= time < self.end

    def weeks(self):
        self.monday = max(0, self.start - (self.start - MONDAY) % WEEK)
        weeks = max(1, -(-(self.end - self.monday) // WEEK))
        self.bar_weeks = -(-weeks // BARS)
        self.bars = [(dict.fromkeys(self.names, 0), Answers(), {name: [] for name in self.names}, [])
                     for _ in range(-(-weeks // self.bar_weeks))]

    def bar(self, time):
        return self.bars[(time - self.monday) // (WEEK * self.bar_weeks)]

    # --- stages ---

    def rank(self, stage):
        return self.names.index(stage if stage in self.names else self.replaces[stage])

    def owner(self, stage):
        return self.ladder[self.rank(stage)][1]

    def is_up(self, low, high):
        return self.rank(high) < self.rungs and self.rank(high) > self.rank(low)

    def value(self, event):
        data = event["data"]
        route = data["route"] or {}
        if self.by == "version":
            return str(data["definition"]["version"])
        if self.by in ("member", "queue"):
            return route.get("assignee" if self.by == "member" else "queue")
        value = data["attributes"].get(self.by)
        return value if isinstance(value, str) or value is None else json.dumps(value)

    def cuts(self, stay):
        if self.by is None:
            return [self.all]
        if self.by == "owner":
            value = self.owner(stay.stage)
        elif stay.come:
            value = self.value(stay.come)
        else:
            value = self.value(stay.gone) if stay.gone and self.by not in ("member", "queue") else None
        return [self.all, self.groups.setdefault(value, Cut(self.names))]

    def row(self, cut, stay):
        return cut.rows[self.names[self.rank(stay.stage)]]

    def count_row(self, row, stay):
        up = stay.after is not None and self.rank(stay.stage) < self.rungs and self.is_up(stay.stage, stay.after)
        entered, left = self.within(stay.entered), self.within(stay.left)
        row["entered"] += entered
        row["came"] += [self.worth(stay)] if entered else []
        row["left"] += left
        row["left_up"] += left and up
        row["converted"] += entered and up and stay.left < self.end
        if left:
            row["durations"].append(stay.left - stay.entered)

    def count_standing(self, lead):
        for moment, name in ((self.start, "at_start"), (self.end, "at_end")):
            before = [stay for stay in lead.stays if stay.entered < moment]
            for cut in self.cuts(before[-1]) if before else []:
                row = self.row(cut, before[-1])
                row[name] += 1
                if name == "at_end":
                    row["inside"].append(self.worth(before[-1]))
                    row["oldest_ms"] = max(self.end - before[-1].entered, row["oldest_ms"] or 0)

    # --- money ---

    def worth(self, stay):
        return amount_of(stay.come or stay.gone, self.amount)

    def top(self):
        return self.names[self.rungs - 1] if self.rungs else None

    def is_top(self, stay):
        return self.names[self.rank(stay.stage)] == self.top()

    def wins(self, lead, stay):
        """The amount of the win to which a handover led, if it led to one."""
        later = lead.stays[lead.stays.index(stay):]
        again = next((i for i, other in enumerate(later) if i > 0 and other.come and
                      self.is_handover(other.come["data"]["from"], other.stage) and not self.is_top(other)), len(later))
        return [self.worth(other) for other in later[:again] if self.is_top(other) and other.entered < self.end][:1]

    def count_bars(self, lead):
        for i, bar in enumerate(self.bars):
            begin, end = (min(self.monday + n * WEEK * self.bar_weeks, self.end) for n in (i, i + 1))
            before = [stay for stay in lead.stays if stay.entered < end]
            if before:
                bar[2][self.names[self.rank(before[-1].stage)]].append(self.worth(before[-1]))
            bar[3].extend(self.worth(stay) for stay in lead.stays if self.is_top(stay) and begin <= stay.entered < end and self.within(stay.entered))

    def revenue(self, cut):
        inside = [amount for name in self.names[:max(self.rungs - 1, 0)] for amount in cut.rows[name]["inside"]]
        top = cut.rows[self.top()]["came"] if self.top() else []
        return {"open": len(inside), **money("pipeline", "pipeline_unknown", inside), "wins": len(top), **money("revenue", "revenue_unknown", top)}

    def shares(self, cut):
        own, of = self.revenue(cut), self.revenue(self.all)
        counts, all_counts = cut.answers.counts(), self.all.answers.counts()
        shares = {name: share(counts[name], all_counts[name]) for name in ("handed_over", "accepted")}
        return {**shares, **{name: share(own[name], of[name]) for name in (["wins", "pipeline", "revenue"] if self.amount else ["wins"])}}

    # --- between owners ---

    def crosses(self, one, other):
        return None not in (self.owner(one), self.owner(other)) and self.owner(one) != self.owner(other)

    def is_handover(self, one, other):
        return self.crosses(one, other) and self.rank(other) < self.rungs and (self.rank(one) >= self.rungs or self.is_up(one, other))

    def outcome(self, stay):
        if stay.left is None or stay.left >= self.end:
            return "waiting"
        if self.is_up(stay.stage, stay.after):
            return "accepted"
        if not stay.gone or not self.crosses(stay.stage, stay.after):
            return "elsewhere"
        return "rejected" if stay.gone["data"]["reason"] is not None else "returned"

    def member(self, event):
        route = event["data"]["route"] if event else None
        return [self.members.setdefault((route["queue"], route["assignee"]), Cut(self.names))] if route else []

    def count_handover(self, lead, stay):
        if not stay.come or not self.within(stay.entered) or not self.is_handover(stay.come["data"]["from"], stay.stage):
            return
        receiver = self.receivers.setdefault(self.owner(stay.stage), Answers())
        cuts = [cut.answers for cut in self.cuts(stay) + self.member(stay.come)]
        for answers in [*cuts, receiver, self.bar(stay.entered)[1]]:
            answers.add(self.outcome(stay), stay.left and stay.left - stay.entered, self.end - stay.entered, self.wins(lead, stay))

    def count_back(self, stay):
        if stay.gone and self.within(stay.left) and self.crosses(stay.stage, stay.after) and not self.is_handover(stay.stage, stay.after):
            data = stay.gone["data"]
            cause = data["cause"]
            move = cause.get("name") if cause["kind"] == "move" else cause.get("move")
            key = self.names[self.rank(stay.stage)], self.names[self.rank(stay.after)], move, data["reason"]
            self.backs[key] = self.backs.get(key, 0) + 1

    # --- SLAs ---

    def promise(self, sla, stage, word, event, cuts):
        self.slas.setdefault((sla, stage), []).append(word)
        for cut in cuts + self.member(event):
            cut.promises.append(word)

    def count_promises(self, lead, stay, told):
        for due in stay.come["data"]["due"] if stay.come else []:
            stage = stay.come["data"]["to"]
            key = due["sla"], stay.entered
            told.add(key)
            self.slas.setdefault((due["sla"], stage), [])
            if not self.within(stay.entered):
                continue
            breached = any((b["data"]["sla"], ms(b["data"]["since"])) == key and ms(b["time"]) < self.end for b in lead.breaches)
            over = stay.left is not None and stay.left < self.end
            word = "breached" if breached else "running" if ms(due["by"]) >= self.end and not over else "kept"
            self.promise(due["sla"], stage, word, stay.come, self.cuts(stay))

    def count_untold(self, lead, told):
        for breach in lead.breaches:
            data, since = breach["data"], ms(breach["data"]["since"])
            self.slas.setdefault((data["sla"], data["stage"]), [])
            if (data["sla"], since) in told or not self.within(since) or ms(breach["time"]) >= self.end:
                continue
            stays = [stay for stay in lead.stays if (stay.stage, stay.entered) == (data["stage"], since)]
            self.promise(data["sla"], data["stage"], "breached", breach, self.cuts(stays[0]) if stays else [self.all])

    # --- the whole ---

    def count(self, lead):
        told = set()
        self.count_standing(lead)
        self.count_bars(lead)
        for stay in lead.stays:
            for cut in self.cuts(stay):
                self.count_row(self.row(cut, stay), stay)
                for skipped in stay.come["data"]["skipped"] if stay.come and self.within(stay.entered) else []:
                    cut.rows[self.names[self.rank(skipped)]]["passed"] += 1
            if self.within(stay.entered):
                self.bar(stay.entered)[0][self.names[self.rank(stay.stage)]] += 1
            self.count_handover(lead, stay)
            self.count_back(stay)
            self.count_promises(lead, stay, told)
        self.count_untold(lead, told)

    def said(self):
        """What can be compared with the report, but for definition, versions and dead letters."""
        leads = self.leads.values()
        backs = [dict(zip(("from", "to", "move", "reason"), key), changes=count) for key, count in self.backs.items()]
        return {
            "from": shown(self.start), "to": shown(self.end), "conserved": True, "stages": self.all.stages(self.ladder, self.amount),
            "handovers": {owner: answers.said(self.amount) for owner, answers in self.receivers.items()},
            "given_back": sorted(backs, key=json.dumps),
            "slas": {key: promises(words) for key, words in self.slas.items()},
            "members": {key: cut.said(self.amount) for key, cut in self.members.items()},
            "weeks": [{"from": shown(self.monday + i * self.bar_weeks * WEEK), "weeks": self.bar_weeks, "entered": entered,
                       **answers.counts(), **({"pipeline": {name: money("sum", "unknown", inside[name])["sum"] for name in self.names},
                                               **money("revenue", "revenue_unknown", revenue)} if self.amount else {})}
                      for i, (entered, answers, inside, revenue) in enumerate(self.bars)],
            "money": {"amount": self.amount, **self.revenue(self.all)} if self.amount else None,
            "groups": {value: {"stages": cut.stages(self.ladder, self.amount), "shares": self.shares(cut), **cut.said(self.amount)} for value, cut in self.groups.items()},
            "log": {"events": len(self.seen), "duplicates": self.duplicates, "other_types": self.others, "leads": len(leads),
                    "leads_cut": sum(self.rank(lead.stays[0].stage) != 0 for lead in leads),
                    "missing_changes": sum(lead.gaps for lead in leads), "renamed": sum(lead.renamed for lead in leads), "unseen": []},
        }


def comparable(report):
    """A report in the form of Reckoning.said."""
    def without(row, *names):
        return {name: value for name, value in row.items() if name not in names}
    return {
        **{name: report[name] for name in ("from", "to", "conserved", "stages", "weeks", "log")},
        "money": report["money"] and without(report["money"], "amounts_cut"),
        "handovers": {row["to"]: without(row, "to") for row in report["handovers"]},
        "given_back": sorted(report["given_back"], key=json.dumps),
        "slas": {(row["sla"], row["stage"]): without(row, "sla", "stage") for row in report["slas"]},
        "members": {(row["queue"], row["member"]): without(row, "queue", "member") for row in report["members"]},
        "groups": {row["value"]: without(row, "value") for row in report["groups"]},
    }
