"""by_journal.py: is what lies on the broker what the second implementation (tests/oracle/journal.py) makes of inputs, clock
marks and definitions in the journal's order? It shares nothing with the program, and nothing may differ by a byte: what was
published, dead letters, the journal's counts and chain. `handover replay --journal` has to come to the same."""

import collections
import concurrent.futures
import json
import pathlib
import subprocess
import sys

import oracle

JOURNAL_PY = pathlib.Path(__file__).resolve().parents[1] / "oracle" / "journal.py"
ORACLE_TIMEOUT_S = 1000
PROCESSES = 2


class Partition:
    """What the broker has of one task."""

    def __init__(self, site, number):
        self.site, self.number = site, number
        self.inputs = {topic: site.broker.envelopes(topic, number).splitlines(keepends=True) for topic in site.inputs}
        self.changes, self.letters = (
            [oracle.parse_envelope(line) for line in site.broker.envelopes(site.topics[name], number).splitlines()]
            for name in ("stage_changes", "dead_letters"))
        self.journal = oracle.read_journal(site, number)
        self.values = [oracle.raw(record["payload"]) for record in self.changes]

    def entries(self, kind):
        """The journal's entries of a kind, `clock` or `definition`, in order."""
        steps = (step for record in self.journal for step in record["entries"])
        return [step for step in steps if isinstance(step, dict) and kind in step]

    def definitions(self):
        """(version, digest, agreed, the number of records that were decided before) as the journal tells them."""
        before, told = 0, []
        for step in (step for record in self.journal for step in record["entries"]):
            if isinstance(step, list):
                before += step[2]
            elif "definition" in step:
                told.append((step["definition"], step["digest"], step["agreed"], before))
        return told

    def published_by(self):
        """version -> how many events it published"""
        return collections.Counter(version for version, _ in self.agreements())

    def agreements(self):
        """(version, agreed) of each published event, in order"""
        said = (json.loads(value)["data"]["definition"] for value in self.values)
        return [(one["version"], one["agreed"]) for one in said]

    def ask_oracle(self, files):
        """(published lines, dead letters) by the journal; a Difference where the journal does not fit."""
        folder = self.site.folder / f"by-journal-{self.number}"
        folder.mkdir(exist_ok=True)
        (folder / "journal").write_text("".join(json.dumps(record) + "\n" for record in self.journal))
        inputs = []
        for number, lines in enumerate(self.inputs.values()):
            inputs.append(folder / f"input-{number}")
            inputs[-1].write_bytes(b"".join(lines))
        command = [sys.executable, JOURNAL_PY, "--journal", folder / "journal", "--dead-letters", folder / "dead", *inputs]
        command += [part for file in files for part in ("--definition", file)]
        done = subprocess.run(list(map(str, command)), capture_output=True, timeout=ORACLE_TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise oracle.Difference(f"partition {self.number} (in {folder}): {done.stderr.decode('utf-8', 'replace')[-3000:]}")
        dead = [json.loads(line) for line in (folder / "dead").read_bytes().splitlines()]
        return done.stdout.splitlines(), [oracle.DeadLetter(d["reason"], d["topic"], d["partition"], d["offset"]) for d in dead]

    def replay(self, files):
        """What `handover replay --journal` publishes; a Difference where it finds that the journal does not fit."""
        folder = self.site.folder / f"by-journal-{self.number}"
        (folder / "journal.kcat").write_bytes(self.site.broker.envelopes(self.site.topics["journal"], self.number))
        trust = self.site.folder / "trust"
        command = [self.site.binary, "replay", "--journal", folder / "journal.kcat", *(["--trust", trust] if trust.exists() else [])]
        command += [part for file in files for part in ("--definition", file)] + sorted(folder.glob("input-*"))
        done = subprocess.run(list(map(str, command)), capture_output=True, timeout=ORACLE_TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise oracle.Difference(f"replay --journal in {folder}: {done.returncode}: {done.stderr.decode()[-3000:]}")
        return done.stdout.splitlines()

    def verify(self, files, seen):
        name = f"partition {self.number}, by the journal"
        expected, dead = self.ask_oracle(files)
        oracle.compare(f"stage changes of {name}", expected, self.values)
        oracle.compare(f"replay --journal of {name}", self.replay(files), self.values)
        oracle.compare(f"dead letters of {name}", dead, oracle.check_dead(self.site, self.number, self.letters, self.inputs))
        lines = (record for lines in self.inputs.values() for record in map(oracle.parse_envelope, lines))
        oracle.check_published(self.site, self.number, self.changes, {(r["topic"], r["offset"]): r["ts"] for r in lines})
        if seen is not None:
            oracle.compare(f"what a reader was shown of {name}", self.values, [record.value for record in seen[self.number]])
        return collections.Counter(events=sum(map(len, self.inputs.values())), changes=len(self.values), dead_letters=len(self.letters),
                                   transactions=len(self.journal), clock_marks=len(self.entries("clock")))


def verify(site, files, seen=None):
    """Raises Difference, or returns the partitions. files: each document that may be named in a journal."""
    site.broker.await_stable([site.topics[name] for name in ("stage_changes", "dead_letters", "journal")], site.partitions)
    partitions = [Partition(site, number) for number in range(site.partitions)]
    with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
        totals = sum(pool.map(lambda one: one.verify(files, seen), partitions), collections.Counter())
    text = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in totals.items())
    site.bench.say(f"equal to the second implementation by the journal: {text}")
    return partitions
