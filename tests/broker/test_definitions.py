#!/usr/bin/env python3
"""test_definitions.py BINARY: what may become a daemon's definition while it runs, and what may not. Two daemons run, events flow.

1. refused: other content for a version number, what is not signed, or by others, what is no definition, keys that do not fit, null.
2. reread: SIGHUP: a version more, a file that may not take a version's place, a draft that is agreed later.
3. drafts: a draft is published, decides, and is published again when it is signed.
4. quiet: where no event comes the clock lets a version take over.

HANDOVER_ONLY=NAME runs one of them."""

import copy
import json
import os
import time

import agreements
import bench
import broker
import by_journal
import events
import versions

EVENTS = bench.size("EVENTS", 20000)  # in a month; there are more where a machine needs longer
EVENTS_MOST = 20 * EVENTS
RATE = bench.size("RATE", 200)
LEADS = 150
QUIET_S = 5  # within which a quiet partition has taken a version over


class Pair:
    """A site with two daemons, each after its settings, and events all the time."""

    def __init__(self, this, name, **settings):
        self.this, self.site = this, this.site(name, None, **settings)
        self.office = agreements.Office(this, self.site)
        self.both, self.feeder = [], None

    def make(self):
        self.both = [self.site.daemon(name) for name in ("first", "second")]

    def start(self, sources):
        if not self.both:
            self.make()
        for each in self.both:
            each.start()
        self.feeder = bench.Feeder(sources, RATE)
        self.feeder.target = EVENTS_MOST
        self.site.await_shared(self.both)

    def start_stream(self):
        self.stream = self.this.stream(EVENTS, LEADS)
        self.start([(broker.Producer(self.site.broker, self.site.inputs[0]), self.stream)])

    def soon(self, made):
        """The version takes over about a second from now."""
        ms = self.stream.start_ms + int((self.feeder.fed + RATE) * self.stream.step_ms)
        return {**made, "effective_from": events.moment(ms)}

    def reload(self):
        for each in self.both:
            each.reload()

    def refused(self):
        return [int(each.metric("handover_definitions_refused_total")) for each in self.both]

    def await_refused(self, what, count, word):
        """Both have refused one more, for a reason that has this word; they go on, and know what they knew."""
        broker.await_true(f"{what}: both refuse it", lambda: min(self.refused()) >= count)
        self.this.check(f"{what}: each has refused it once", self.refused() == [count, count])
        for each in self.both:
            reason = agreements.refusals(each)[-1]
            if word not in reason:
                raise bench.oracle.Difference(f"{what}: no {word!r} in the reason: {reason}")
        self.this.say(f"ok: {what}: {reason}")

    def start_again(self, **settings):
        """Both die, and forget what they kept on the disk of one of them."""
        for each in self.both:
            each.kill()
            each.write_settings(**settings)
        bench.shutil.rmtree(self.both[0].settings["state_dir"])
        for each in self.both:
            each.start()
        self.site.await_shared(self.both)

    def decided(self, version, agreed):
        seconds = agreements.await_decided(self.site, self.both, version, agreed)
        self.this.say(f"version {version}, agreed: {agreed}, has decided in every partition, {seconds}")

    def finish(self):
        """No more events; all ends and is judged. Returns the partitions."""
        self.feeder.target = self.feeder.fed + RATE
        self.feeder.finish()
        self.site.await_drained(self.both)
        for each in self.both:
            each.stop()
        return by_journal.verify(self.site, self.office.agreed)


def changed(definition):
    """The same version with other content."""
    return {**copy.deepcopy(definition), "summary": "not what was agreed"}


# --- 1. refused


def without_replaces(definition):
    return {name: member for name, member in definition.items() if name != "replaces"}


def unfit(office):
    """(what, key, file or None for null, a word of the reason)"""
    first, second = versions.first(), versions.second()
    unsigned = office.write(second, "unsigned.json")
    broken = office.folder / "broken.json"
    broken.write_text('{"handover": 1, "name": "rich",')
    wrong = office.write({**second, "stagse": []}, "wrong.json")
    return [
        ("other content for version 1", "rich/1", office.approve(office.write(changed(first), "other.json")), "version 1"),
        ("nobody has signed", "rich/2", unsigned, "signed"),
        ("one team has signed", "rich/2", office.approve(office.write(second, "half.json"), ["sales"]), "signed"),
        ("strangers have signed", "rich/2", office.approve(office.write(second, "strange.json"), key="stranger"), "signed"),
        ("signed, then changed", "rich/2", forged(office), "signed"),
        ("a stage is gone", "rich/2", office.approve(office.write(without_replaces(second), "gone.json")), "suspect"),
        ("a broken document", "rich/2", broken, "ends too early"),
        ("no good definition", "rich/2", wrong, "stagse"),
        ("a key with another version", "rich/3", office.approve(office.write(second, "early.json")), "key"),
        ("a key that is none", "rich", unsigned, "NAME/VERSION"),
        ("null", "rich/2", None, "definition"),
    ]


def forged(office):
    path = office.approve(office.write(versions.second(), "forged.json"))
    path.write_text(path.read_text().replace('"points": 12.345', '"points": 12.346'))
    return path


def check_publish(pair, first):
    """What publish says no to; nothing comes to the topic."""
    office, topic = pair.office, pair.office.topic
    ends = pair.site.broker.ends(topic, 1)
    office.approve(office.write({**without_replaces(versions.fourth()), "version": 3}, "lost.json"))
    for name, word in (("other.json", "1"), ("unsigned.json", "signed"), ("half.json", "signed"), ("strange.json", "signed"),
                       ("forged.json", "signed"), ("lost.json", "known")):
        said = office.publish(office.folder / name, status=1)
        pair.this.check(f"publish refuses {name}", word in said)
    office.publish(office.folder / "broken.json", status=2)
    office.publish(office.folder / "wrong.json", status=2)
    office.publish(office.folder / "v2.json", office.folder / "unsigned.json", status=2)
    said = office.publish(first)
    pair.this.check("the same once more is there already", "already" in said)
    pair.this.check("nothing of it was written", pair.site.broker.ends(topic, 1) == ends)


def refused(this):
    pair = Pair(this, "refused", draft=False, definition_name=versions.NAME)
    office = pair.office
    first = office.sign(versions.first())
    office.publish(first)
    pair.start_stream()
    pair.decided(1, True)
    for count, (what, key, path, word) in enumerate(unfit(office), 1):
        office.smuggle(key, path)
        pair.await_refused(what, count, word)
    total = count
    this.check("they know version 1 and nothing else", [list(agreements.known(each)) for each in pair.both] == [[1], [1]])
    office.smuggle("another/1", office.approve(office.write({**versions.first(), "name": "another"}, "another.json")))
    second = office.sign(versions.second())  # what the unsigned one says
    check_publish(pair, first)
    this.check("what was there unsigned is published now that it is signed", "refused" not in office.publish(second))
    agreements.await_known(pair.both, 2)
    pair.decided(2, True)
    check_lower(pair)
    this.check("another definition is not refused, it is no business of theirs", pair.refused() == [total, total])
    for each in pair.both:
        each.stop()
        each.start()
    pair.site.await_shared(pair.both)
    this.check("started with all that in the topic they know what they knew",
               [sorted(agreements.known(each)) for each in pair.both] == [[1, 2, 4], [1, 2, 4]])
    for one in pair.finish():
        this.check(f"partition {one.number}: two versions have decided", sorted(one.published_by()) == [1, 2])


def check_lower(pair):
    """A version that is lower than one that is there would never take over."""
    fourth = {**versions.fourth(), "effective_from": "2190-01-01T00:00:00Z"}  # it waits for ever
    pair.office.publish(pair.office.sign(fourth))
    agreements.await_known(pair.both, 4)
    third = pair.office.approve(pair.office.write(versions.third()))
    pair.this.check("publish refuses a version that is lower", "4" in pair.office.publish(third, status=1))


# --- 2. reread


def reread(this):
    pair = Pair(this, "reread", draft=True)
    office, file = pair.office, pair.site.folder / "v1.json"
    pair.site.settings["definitions"] = [str(file)]
    trusted = office.trust.read_text()
    office.trust.write_text(office.trust_line("marketing"))
    office.sign(versions.first())
    kept = [keep(office, file, "kept-1.json")]
    pair.make()
    pair.both[1].write_settings(definitions=[])
    pair.both[1].definition_options = ["--definition", str(file)]
    pair.start_stream()
    pair.decided(1, False)
    office.trust.write_text(trusted)
    pair.reload()
    agreements.await_known(pair.both, 1, True)
    pair.decided(1, True)

    office.write(pair.soon(versions.second()), file.name)
    pair.reload()
    agreements.await_known(pair.both, 2, False)
    pair.decided(2, False)
    check_refused_files(pair, file)
    office.approve(file)
    kept.append(keep(office, file, "kept-2.json"))
    pair.reload()
    agreements.await_known(pair.both, 2, True)
    pair.decided(2, True)
    pair.reload()  # nothing new
    time.sleep(1)
    pair.both[1].definition_options = []
    pair.start_again(definitions=list(map(str, kept)))
    office.agreed = kept
    check_told(pair, [(1, False), (1, True), (2, False), (2, True)])


def check_told(pair, told):
    """Each partition's journal tells of these (version, agreed), once, and what is published says the same, one after the other."""
    for one in pair.finish():
        pair.this.check(f"partition {one.number}: the journal tells of each once",
                        [(version, agreed) for version, _, agreed, _ in one.definitions()] == told)
        said = one.agreements()
        pair.this.check("published events say the same, one after the other", sorted(set(said)) == told and said == sorted(said))


def keep(office, file, name):
    copied = office.folder / name
    bench.shutil.copy(file, copied)
    return copied


def check_refused_files(pair, file):
    """A file that may not take the place of the one that was read: it changes nothing, and neither does its going."""
    text = file.read_text()
    before = [agreements.known(each) for each in pair.both]
    for count, (what, now, word) in enumerate([
            ("a file with other content for version 2", text.replace('"points": 12.345', '"points": 12.346'), "version 2"),
            ("a file that is no definition", text[:-40], ""),
            ("a file with a lost stage", json.dumps(without_replaces(versions.fourth())), "known")], 1):
        file.write_text(now)
        pair.reload()
        pair.await_refused(what, count, word)
    file.unlink()
    pair.reload()
    pair.await_refused("a file that is gone", count + 1, "")
    file.write_text(text)
    pair.this.check("what they know has not changed", [agreements.known(each) for each in pair.both] == before)


# --- 3. drafts


def drafts(this):
    pair = Pair(this, "drafts", draft=True)
    office = pair.office
    first, second = office.write(versions.first()), office.write(versions.second())
    office.agreed = [first, second]
    office.publish(first, status=1)
    office.publish(first, draft=True)
    pair.start_stream()
    pair.decided(1, False)
    this.check("as a draft it is there already", "already" in office.publish(first, draft=True))
    for each in pair.both:
        this.check("a draft is known as one", list(agreements.known(each).values())[0][1] is False)
    for version, file in ((1, first), (2, second)):
        if version == 2:
            office.publish(file, draft=True)
            pair.decided(2, False)
        office.publish(office.approve(file))
        agreements.await_known(pair.both, version, True)
        pair.decided(version, True)
    pair.start_again(draft=False)  # all is signed now, so it may run without
    check_told(pair, [(1, False), (1, True), (2, False), (2, True)])


# --- 4. quiet


class Live:
    """Events that happen now."""

    def __init__(self, name):
        self.name, self.made = name, 0

    def take(self, count):
        return [self.one() for _ in range(count)]

    def one(self):
        self.made += 1
        lead = f"{self.name}-{self.made % 20}"
        return pair_of(lead, "Answered" if self.made % 3 == 0 else "Asked", now())


def pair_of(lead, name, ms):
    event = {"userId": lead, "timestamp": events.moment(ms), "event": name}
    return lead.encode(), json.dumps(event).encode()


def now():
    return int(time.time() * 1000)


def answers(version, effective_ms, *slas):
    made = {
        "handover": 1, "name": "answers", "version": version, "effective_from": events.moment(effective_ms),
        "teams": list(agreements.TEAMS), "events": "segment", "lateness": "1s",
        "stages": [{"name": "new", "owner": "sales"}, {"name": "asked", "owner": "sales", "enter": {"event": "Asked"}}],
        "moves": [{"name": "answered", "from": "asked", "to": "new", "when": {"event": "Answered"}}]}
    if slas:
        made["slas"] = [{"name": name, "stage": "asked", "within": within, "met_by": "Answered"} for name, within in slas]
    return made


def send(site, partition, lead, name):
    """Returns the event's time in milliseconds."""
    ms = now()
    broker.produce(site.broker, site.inputs[0], [pair_of(lead, name, ms)], partition)
    return ms


def await_breach(pair, sla, asked_ms, due_ms):
    """The version with this SLA has taken over partition 2 by a clock mark: ann has waited for too long."""
    site, text = pair.site, f'"sla":"{sla}"'.encode()

    def there():
        for each in pair.both:
            each.check_alive()
        return text in site.broker.consume(site.topics["stage_changes"], 2)
    watch = broker.Watch()
    broker.await_true(f"{sla} is breached", there)
    lines = site.broker.consume(site.topics["stage_changes"], 2).splitlines()
    value = next(json.loads(line) for line in lines if text in line)
    pair.this.check(f"{sla}: its cause is the clock", value["data"]["cause"] == {"kind": "timer", "topic": "clock", "partition": 2})
    pair.this.check(f"{sla}: its deadline is a second after she asked", value["time"] == events.moment(asked_ms + 1000))
    after_s = (int(value["id"].split("/")[2]) - due_ms) / 1000  # the mark's time
    pair.this.check(f"{sla}: by a mark of {after_s:.1f} s after the version was due", after_s < QUIET_S + watch.stood_s())


def quiet(this):
    pair = Pair(this, "quiet", draft=False, clock_grace_ms=500)
    office, site = pair.office, pair.site
    office.publish(office.sign(answers(1, now() - events.DAY_MS)))
    pair.start([(broker.Producer(site.broker, site.inputs[0], number), Live(f"lead-{number}")) for number in (0, 1)])
    asked_ms = send(site, 2, "ann", "Asked")
    time.sleep(3)
    due_ms = now() + 4000
    office.publish(office.sign(answers(2, due_ms, ("first", "1s"))))
    this.say(f"version 2 is known to both after {agreements.await_known(pair.both, 2)}")
    await_breach(pair, "first", asked_ms, due_ms)
    late_ms = now()  # it is due at once
    office.publish(office.sign(answers(3, due_ms - 2000, ("first", "1s"), ("second", "1s"))))
    await_breach(pair, "second", asked_ms, late_ms)
    site.broker.await_stable([site.topics["journal"]], site.partitions)
    ends = site.broker.ends(site.topics["journal"], site.partitions)
    time.sleep(3)
    after = site.broker.ends(site.topics["journal"], site.partitions)
    this.check("then nothing is due, and nothing is written", after[2] == ends[2])
    this.check("nor is it where never an event came", after[3] == 0)
    send(site, 2, "ann", "Answered")
    send(site, 3, "bo", "Asked")
    agreements.await_decided(site, pair.both, 3, True)
    judge_quiet(this, pair.finish())


def judge_quiet(this, partitions):
    silent, empty = partitions[2:]
    places = [next(iter(step)) for record in silent.journal for step in record["entries"] if isinstance(step, dict)]
    this.check("a mark for each version, after it became known", places == ["definition", "definition", "clock", "definition", "clock"])
    this.check("the answer is decided by the third", silent.agreements()[-1] == (3, True))
    this.check("so is all of a partition that had none", set(empty.agreements()) == {(3, True)})  # with breaches, if they are due by now


def test(this):
    only = os.environ.get("HANDOVER_ONLY", "")
    for part in (refused, reread, drafts, quiet):
        if only in part.__name__:
            this.say(f"--- {part.__name__}")
            part(this)


if __name__ == "__main__":
    bench.main(test)
