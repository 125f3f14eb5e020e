#!/usr/bin/env python3
"""test_activation.py BINARY: definitions take over while two daemons run and events flow: one in mid-stream, one that is late,
one around a kill, one that only one of two instances knows while partitions wander, one that is published while an instance is
away; then both start again without any file. Each partition is, byte for byte, what the second implementation makes of the log
by the journal."""

import agreements
import bench
import broker
import by_journal
import events
import versions

EVENTS = bench.size("EVENTS", 300000)  # at most, for 20 minutes; it ends when the story does
DAYS = EVENTS / 500
RATE = bench.size("RATE", 250)
LEADS = 200
REST = 1000  # events after the last start


class Story:
    """One site, two daemons, events all the time."""

    def __init__(self, this):
        self.this = this
        self.site = this.site("activation", None, draft=False)
        self.office = agreements.Office(this, self.site)
        self.stream = events.Stream(this.seed, LEADS, EVENTS, events.start_ms(), DAYS)
        self.start_ms = self.stream.start_ms
        self.files = self.site.folder / "definitions"  # the second's; nothing in it to begin with
        self.files.mkdir()
        self.first = self.site.daemon("first", threads=2)
        self.second = self.site.daemon("second", threads=1, definitions=[str(self.files)])
        self.both = [self.first, self.second]
        self.reader = broker.Reader(self.site.broker, self.site.topics["stage_changes"])
        self.feeder = None

    def begin(self):
        self.office.publish(self.office.sign({**versions.first(), "effective_from": "2026-01-01T00:00:00Z"}))
        for each in self.both:
            each.start()
        self.feeder = bench.Feeder([(broker.Producer(self.site.broker, self.site.inputs[0]), self.stream)], RATE)
        self.feeder.target = EVENTS
        self.site.await_shared(self.both)
        self.await_published_by(1)

    def moment(self, fed):
        """The event time of the event with that number."""
        return events.moment(int(self.start_ms + fed * self.stream.step_ms))

    def signed(self, made, fed):
        return self.office.sign({**made, "effective_from": self.moment(fed)})

    def soon(self):
        """An event that comes about two seconds from now."""
        return self.feeder.fed + 2 * RATE

    def await_published_by(self, version):
        working = [each for each in self.both if each.process is not None]
        seconds = agreements.await_decided(self.site, working, version, True)
        self.this.say(f"version {version} has decided in every partition, {seconds}; {self.feeder.fed} events, "
                      f"{self.site.lag()} behind")


def mid_stream(story):
    story.office.publish(story.signed(versions.second(), story.soon()))
    story.this.say(f"version 2 is known to both after {agreements.await_known(story.both, 2)}")
    story.await_published_by(2)
    story.this.check("neither was started again", [each.starts for each in story.both] == [1, 1])


def late(story):
    """It says that it has been in force since before the version that decides now."""
    fed = story.feeder.fed
    story.office.publish(story.signed(versions.third(), fed // 10))
    story.this.say(f"version 3 is known to both after {agreements.await_known(story.both, 3)}")
    story.await_published_by(3)
    story.this.check("neither was started again", [each.starts for each in story.both] == [1, 1])


def killed(story):
    """One dies at any moment around the publication."""
    file = story.signed(versions.fourth(), story.soon())
    moment = story.this.random.uniform(-0.3, 0.3)
    if moment < 0:
        story.first.kill()
        bench.time.sleep(-moment)
    story.office.publish(file)
    if moment >= 0:
        bench.time.sleep(moment)
        story.first.kill()
    story.this.say(f"killed {moment:+.2f} s from the publication of version 4")
    agreements.await_known([story.second], 4)
    story.await_published_by(4)
    story.first.start()
    story.site.await_shared(story.both)
    agreements.await_known([story.first], 4)


def only_one_knows(story):
    """The second instance has version 5 from a file and decides by it; the first does not know it when it is given the second's
    tasks, and gets it from the topic a moment later."""
    file = story.signed(versions.fifth(), story.feeder.fed // 2)
    bench.shutil.copy(file, story.files)
    story.second.reload()
    agreements.await_known([story.second], 5)
    story.this.check("the first does not know version 5", 5 not in agreements.known(story.first))
    broker.await_true("a journal names version 5", lambda: told(story, 5))
    story.second.kill()
    bench.time.sleep(story.this.random.uniform(3, 6))
    story.first.check_alive()
    story.office.publish(file)
    story.await_published_by(5)
    (story.files / file.name).unlink()
    story.second.write_settings(definitions=[])
    story.second.start()
    story.site.await_shared(story.both)
    agreements.await_known([story.second], 5)


def told(story, version):
    return any(version == step["definition"] for number in range(story.site.partitions)
               for record in bench.oracle.read_journal(story.site, number) for step in record["entries"]
               if isinstance(step, dict) and "definition" in step)


def away(story):
    """The second instance stands still for longer than the group waits, and comes back to a group that knows version 6."""
    file = story.signed(versions.sixth(), story.soon())
    story.second.process.send_signal(bench.daemon.signal.SIGSTOP)
    story.office.publish(file)
    agreements.await_known([story.first], 6)
    story.await_published_by(6)
    story.second.process.send_signal(bench.daemon.signal.SIGCONT)
    story.site.await_shared(story.both)
    agreements.await_known(story.both, 6)


def again(story):
    """Both end and start; what they run they know from the topic alone. Then the rest of the events."""
    story.first.stop()
    story.second.kill()
    for each in story.both:
        each.start()
    story.site.await_shared(story.both)
    story.this.check("both know all six versions", all(sorted(agreements.known(each)) == [1, 2, 3, 4, 5, 6] for each in story.both))
    story.feeder.target = min(EVENTS, story.feeder.fed + REST)
    story.feeder.finish()
    story.this.say(f"drained after {story.site.await_drained(story.both):.1f} s")
    for each in story.both:
        each.stop()


def judge(story):
    partitions = by_journal.verify(story.site, story.office.agreed, story.reader.finish(story.site.published()))
    for one in partitions:
        found = one.definitions()
        story.this.say(f"partition {one.number}: published by version {dict(sorted(one.published_by().items()))}; "
                       f"records before each was known {[before for *_, before in found]}")
        story.this.check("each version became known once, in order, agreed",
                         [(version, agreed) for version, _, agreed, _ in found] == [(v, True) for v in range(1, 7)])
        story.this.check("each version has published", sorted(one.published_by()) == [1, 2, 3, 4, 5, 6])
    places = {before for one in partitions for version, _, _, before in one.definitions() if version == 3}
    story.this.check("the late one became known at places of their own", len(places) > 1)
    story.this.check("nothing is missing from the input", sum(len(one.inputs[story.site.inputs[0]]) for one in partitions) == story.feeder.fed)


def test(this):
    story = Story(this)
    story.begin()
    for part in (mid_stream, late, killed, only_one_knows, away, again, judge):
        this.say(f"--- {part.__name__.replace('_', ' ')}")
        part(story)
    for each in story.both:
        this.check(f"{each.folder.name}: nothing was refused", not agreements.refusals(each))


if __name__ == "__main__":
    bench.main(test)
