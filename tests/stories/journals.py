"""journals.py: logs with a journal, as a daemon would have written them: for test_replay_journal.py.

What is decided, and with it what is published and hashed, comes from the engine of tests/oracle."""

import copy
import hashlib
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "oracle"))

from definition import Definition  # noqa: E402
from events import Reject, decode  # noqa: E402
from fingerprint import fingerprint  # noqa: E402
from task import Task  # noqa: E402
from times import moment  # noqa: E402

V1 = {
    "handover": 1, "name": "story", "version": 1, "effective_from": "2026-01-01T00:00:00Z", "teams": ["marketing", "sales"],
    "events": {"lead": ["/userId"], "time": ["/timestamp"], "id": "/messageId", "name": "/event"},
    "stages": [{"name": "new", "owner": "marketing"},
               {"name": "asked", "owner": "sales", "enter": {"event": "Demo Requested"}},
               {"name": "won", "owner": "sales", "enter": {"event": "Won"}}],
    "slas": [{"name": "sales answers", "stage": "asked", "within": "2h", "met_by": "Called"}],
}


def version(number, effective_from, asked_by):
    document = copy.deepcopy(V1)
    document |= {"version": number, "effective_from": effective_from}
    document["stages"][1]["enter"]["event"] = asked_by
    return document


def clock(minute, second=0):
    """So many minutes after nine."""
    day, minute = 1 + (540 + minute) // 1440, (540 + minute) % 1440
    return f"2026-03-{day:02}T{minute // 60:02}:{minute % 60:02}:{second:02}Z"


def event(lead, name="Demo Requested", minute=0):
    return json.dumps({"userId": lead, "event": name, "timestamp": clock(minute)})


def dense(value):
    return json.dumps(value, separators=(",", ":"))


def timestamp(offset):
    return moment("2026-03-02T12:00:00Z") + offset


def envelope(topic, partition, offset, payload, headers=()):
    return dense({"topic": topic, "partition": partition, "offset": offset, "tstype": "create", "ts": timestamp(offset), "broker": 1,
                  **({"headers": list(headers)} if headers else {}), "key": None, "payload": payload})


class Daemon:
    """One task as it ran: what it read, what it published, and its journal."""

    def __init__(self, partition=0, group="handover", inputs="xxh3"):
        self.partition, self.group, self.kind = partition, group, inputs
        self.task, self.agreed, self.started = None, {}, False
        self.inputs, self.next = {}, {}  # topic: lines, offset
        self.published, self.dead, self.journal = [], [], []
        self.chain, self.entries, self.since, self.letters, self.taken = bytes(32), [], [], 0, []

    def publish(self, line):
        digest = re.search(r'"digest":"(sha256:\w+)","agreed":false', line)[1]
        self.since.append(line.replace('"agreed":false', '"agreed":' + dense(self.agreed[digest])))

    def know(self, document, agreed=False):
        definition = Definition(json.dumps(document))
        if self.task is None:
            self.task = Task([definition], self.partition, self.publish)
        elif definition.digest not in self.agreed:
            self.task.known = sorted([*self.task.known, definition], key=lambda one: one.version)
            self.task.active = self.task.active if self.started else self.task.known[0]
        self.agreed[definition.digest] = agreed
        self.entries.append({"definition": definition.version, "digest": definition.digest, "agreed": agreed})

    def clock(self, time):
        self.entries.append({"clock": moment(time)})
        self.task.mark(moment(time))
        self.started = True

    def skip(self, topic, offsets):
        self.next[topic] = self.next.get(topic, 0) + offsets

    def read(self, topic, *payloads):
        for payload in payloads:
            offset = self.next.get(topic, 0)
            self.next[topic] = offset + 1
            self.write(topic, offset, payload)
            last = self.entries[-1] if self.entries else None
            if isinstance(last, list) and last[0] == topic:
                last[2] += 1
            else:
                self.entries.append([topic, offset, 1])
            self.taken.append((topic, offset, timestamp(offset), None, payload.encode()))
            self.decide(topic, offset, payload)

    def write(self, topic, offset, payload):
        self.inputs.setdefault(topic, []).append(envelope(topic, self.partition, offset, payload))

    def decide(self, topic, offset, payload):
        try:
            found = decode(self.task.active, payload.encode(), None, timestamp(offset), 1 << 20)
        except Reject as reject:
            self.letters += 1
            self.dead.append((str(reject), topic, self.partition, offset))
            return
        self.started = True
        self.task.record(found, topic, offset)

    def commit(self):
        self.chain = hashlib.sha256(self.chain + "".join(self.since).encode()).digest()
        record = {"journal": 2, "partition": self.partition, "sequence": len(self.journal), "entries": self.entries,
                  "inputs": fingerprint(self.kind, self.taken), "published": len(self.since), "dead_letters": self.letters,
                  "chain": self.chain.hex()}
        self.journal.append(self.record(len(self.journal), record))
        self.published += self.since
        self.entries, self.since, self.letters, self.taken = [], [], 0, []

    def record(self, sequence, record):
        return envelope("handover-journal", self.partition, 2 * sequence, dense(record), ("group", self.group))

    def change(self, index, **members):
        """The journal with other members in one record."""
        lines = list(self.journal)
        record = json.loads(json.loads(lines[index])["payload"]) | members
        lines[index] = self.record(index, record)
        return lines


def two_inputs():
    """Sales' events and marketing's, read by turns: the order decides who won, and a deadline passes by the clock."""
    daemon = Daemon()
    daemon.know(V1)
    daemon.read("engagement", event("a"), event("b", minute=1))
    daemon.read("crm", event("a", "Won", 2), event("c", "Won", 3))
    daemon.read("engagement", event("c", minute=4), event("d", minute=5))
    daemon.commit()
    daemon.read("crm", event("b", "Called", 6), "no event")
    daemon.commit()
    daemon.clock("2026-03-01T11:04:30Z")
    daemon.commit()
    daemon.read("engagement", event("e", minute=130))
    daemon.read("crm", event("e", "Won", 131), event("d", "Won", 132))
    daemon.commit()
    return daemon


def random_daemon(dice, partition):
    """Two versions, up to three inputs, pauses, gaps, dead letters; a handful of leads, so that much happens to each."""
    topics = ["engagement", "crm", "mail"][:dice.randint(1, 3)]
    daemon, minute = Daemon(partition), 0
    daemon.know(V1, agreed=dice.random() < 0.5)
    for _ in range(dice.randint(1, 12)):
        for _ in range(dice.randint(1, 6)):
            topic = dice.choice(topics)
            minute += dice.randint(0, 40)
            daemon.skip(topic, dice.choice([0, 0, 0, 1, 5]))
            names = ["Demo Requested", "Priced", "Called", "Won"]
            daemon.read(topic, dice.choice(["", "{}", event("x", "")]) if dice.random() < 0.1 else
                        event(f"p{partition}-{dice.randint(0, 5)}", dice.choice(names), minute))
            if dice.random() < 0.1:
                daemon.clock(clock(minute, 30))
            if dice.random() < 0.05:
                daemon.know(RANDOM_V2, agreed=dice.random() < 0.5)
        daemon.commit()
    return daemon


RANDOM_V2 = version(2, "2026-03-01T12:00:00Z", "Priced")


def riffle(dice, piles):
    """The piles as one, each in its own order."""
    piles, mixed = [list(pile) for pile in piles if pile], []
    while piles:
        pile = dice.choice(piles)
        mixed.append(pile.pop(0))
        piles = [pile for pile in piles if pile]
    return mixed
