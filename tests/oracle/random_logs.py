"""random_logs.py: a case made up by a seed: versions of a definition, a log, and the options of a replay.

The log's times are not even: some lie close together, some on the same moments as deadlines, some are late, some are ahead."""

import dataclasses
import json
import random

from random_definitions import chance, definition, happened
from random_events import event, payload
from times import DAY, END, shown

START = 1_772_323_200_000  # 2026-03-01
HOUR = DAY // 24
EARLIER = START - 60 * DAY
PARTITIONS = [0, 0, 3]
KEYS = ["", "\udcff", 12, "k" * 256]  # that are no text of 1 to 255 bytes
TIMESTAMPS = [END, EARLIER, -1, None, "1"]
LEADS = ["l0", "l1", "l", "L1", "é", '"l"', 12, "l" * 40]


@dataclasses.dataclass
class Case:
    definitions: list  # texts
    lines: list        # bytes
    options: list      # of replay, but for files

    def save(self, folder):
        """A folder as the golden cases have it; returns the arguments of a replay of it."""
        arguments = list(self.options)
        folder.mkdir(parents=True, exist_ok=True)
        for number, text in enumerate(self.definitions, 1):
            path = folder / f"definition-{number}.json"
            path.write_text(text, "utf-8")
            arguments += ["--definition", str(path)]
        (folder / "args").write_text("".join(option + "\n" for option in self.options))
        events = folder / "events.ndjson"
        events.write_bytes(b"".join(line + b"\n" for line in self.lines))
        return [*arguments, str(events)]


def versions(r):
    """The first is there from the beginning; the others come at any time, in any order, now and then two at once."""
    made, shared = [], [happened(r) for _ in range(3)]
    starts, days = [EARLIER], r.choice([1, 3, 10])
    for version in range(1, 1 + r.choice([1, 2, 2, 3])):
        made.append(definition(r, version, shown(starts[-1]), made, shared))
        any_time = START + r.choice([r.randint(0, days * DAY), r.randint(0, days) * DAY, r.randint(0, days * 24) * HOUR])
        starts.append(starts[-1] if version > 1 and chance(r, 0.3) else any_time)
    return made


def definition_text(r, document):
    text = json.dumps(document, ensure_ascii=chance(r, 0.5), indent=r.choice([None, 1]))
    return "// made up by a seed\n" + text if chance(r, 0.2) else text


class Clock:
    """Moments that go on, in a log's own pace, and the times that events say, which may be earlier or ahead."""

    def __init__(self, r):
        self.r, self.now = r, START
        self.grid = r.choice([1, 1, 1000, 900_000, HOUR])
        self.pace = r.choice([120_000, 2 * HOUR, DAY])

    def tick(self):
        r = self.r
        self.now += r.choice([0, 1, 1000, r.randint(0, 2 * HOUR), r.randint(0, self.pace), HOUR - self.now % HOUR])
        self.now -= self.now % self.grid

    def event_time(self):
        r = self.r
        time = self.now - r.choice([0, 0, 0, r.randint(0, 3 * DAY), HOUR, r.randint(0, 1000)])
        return max(0, time - time % self.grid)


def kcat_line(r, clock, offsets, raw, leads):
    """As `kcat -J` prints a record: bytes that are no UTF-8 stand in it as they are."""
    partition = r.choice(PARTITIONS)
    offsets[partition] = offsets.get(partition, -1) + r.choice([1, 1, 1, 2])
    record = {"topic": "e", "partition": partition, "offset": offsets[partition],
              "key": r.choice([None] * 8 + [str(r.choice(leads))] * 7 + KEYS),
              "payload": None if chance(r, 0.005) else raw.decode("utf-8", "surrogateescape")}
    if chance(r, 0.8):
        record["ts"] = r.choice(TIMESTAMPS) if chance(r, 0.01) else clock.now - r.choice([0, 0, 30_000, 2 * HOUR])
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogateescape")


def random_case(seed):
    r = random.Random(seed)
    definitions = [definition_text(r, document) for document in versions(r)]
    leads = r.sample(LEADS, r.choice([1, 2, 3, 4]))
    clock, offsets, lines = Clock(r), {}, []
    is_kcat = chance(r, 0.4)
    options = ["--envelope", "kcat"] if is_kcat else r.choice([[], [], ["--topic", "t", "--partition", "7"]])
    wildness = r.choice([0, 0.3, 1])
    for _ in range(r.randint(20, 80)):
        clock.tick()
        raw = payload(r, event(r, clock.event_time(), leads), chance(r, wildness))
        lines.append(kcat_line(r, clock, offsets, raw, leads) if is_kcat else raw)
        if chance(r, 0.01):
            lines.append(r.choice([b"", b" \t\r"]))
    if chance(r, 0.4):
        options = [*options, "--until", shown(clock.now + r.choice([0, HOUR, 5 * DAY, -DAY]))]
    if chance(r, 0.03):
        options = [*options, "--max-event-bytes", "200"]
    return Case(definitions, lines, options)
