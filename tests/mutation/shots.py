"""shots.py: what is to find a mutant: commands of which is known what they say when the engine is right.

Months of events under five versions, golden cases, and logs made up by the oracle's seeds (tests/oracle finds the program to be right about these), through `replay`; now and
then the story of a lead through `explain`; the unit tests that have to do with the engine, and what memory they leave behind; seeds of the simulator; the stories that
`explain` tells. The ones that found most for their time come first."""

import collections
import hashlib
import json
import os
import pathlib
import resource
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE.parent / "conformance/cases"
sys.path[:0] = [str(HERE.parent / "broker"), str(HERE.parent / "oracle")]  # both have an events.py: that of the broker tests is meant

import events  # noqa: E402
import versions  # noqa: E402
from random_logs import LEADS, random_case  # noqa: E402

UNIT = ("decay", "calendar", "definition_compiled", "engine", "lead", "limits", "look", "pool", "save", "saved", "save_steps", "share", "reviews", "snapshot", "backtest")
LEAKS = ("decay", "definition_compiled", "engine", "lead", "look", "pool", "save", "saved", "share")  # what they leave behind is counted, too
SLOW = ("unit_test_save_steps", "unit_test_snapshot", "unit_test_reviews", "unit_test_backtest", "simulation")
WALL_S = 600


class Shot:
    def __init__(self, name, command, cwd, more=None):
        self.name, self.command, self.cwd, self.more = name, command, cwd, more or {}
        self.expected, self.seconds = None, 0.1
        self.first = 20 if name.startswith(("month", "story")) else 0
        self.found = collections.Counter()  # by source

    def run(self, environment, cpu_s):
        """What came of it, as one value: exit status and output."""
        def limit():
            resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        try:
            done = subprocess.run(self.command, cwd=self.cwd, env={**environment, **self.more}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, preexec_fn=limit, timeout=WALL_S, check=False)
        except subprocess.TimeoutExpired:
            return "no end"
        kind = self.name.split()[0]
        told = done.stdout.splitlines()[-1:] if kind == "leaks" else [] if kind in ("unit", "simulation", "stories") else [done.stdout]
        return f"{done.returncode} {hashlib.sha256(b''.join(told)).hexdigest()}"

    def learn(self, environment):
        """Of the right engine."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.expected = self.run(environment, 600)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.seconds = max(0.005, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        if self.run(environment, 600) != self.expected:
            raise SystemExit(f"{self.name}: says something else each time")
        return self

    def hits(self, environment):
        return self.run(environment, int(5 * self.seconds) + 1) != self.expected

    def worth(self, source):
        """What it has found counts, in the same source most."""
        return (self.first + self.found.total() + 20 * self.found[source] + 1) / self.seconds


def golden_shots(binary):
    for case in sorted(path.parent for path in CASES.glob("*/args")):
        files = [*(f"--definition={p}" for p in sorted(case.glob("definition*.json"))), *map(str, sorted(case.glob("events*.ndjson")))]
        yield Shot(f"golden {case.name}", [binary, "replay", *(case / "args").read_text().splitlines(), *files], case)


def oracle_shots(binary, folder, count):
    for seed in range(count):
        case = random_case(seed)
        arguments = case.save(folder / f"seed-{seed}")
        yield Shot(f"oracle {seed}", [binary, "replay", *arguments], folder)
        if seed % 3 == 0:
            lead = LEADS[seed // 3 % len(LEADS)]
            yield Shot(f"explain {seed}", [binary, "explain", "--json", *arguments, "--", str(lead)], folder)


def programs():
    """What may be linked with a mutant; what a build does not have is left out."""
    return ["handover", *(f"unit_test_{name}" for name in UNIT), "simulation"]


def long_shots(binary, folder, count=3):
    """A month of a few leads each, in which five versions take turns: most mutants are found by the first of these."""
    for seed in range(count):
        base, start = folder / f"month-{seed}", 1_772_323_200_000  # 2026-03-01
        base.mkdir()
        options = ["--envelope", "kcat", "--until", "2026-05-01T00:00:00Z"]
        for number, made in enumerate((versions.first(), versions.second(), versions.third(), versions.fourth(), versions.fifth())):
            if number:
                made["effective_from"] = events.moment(start + number * 5 * events.DAY_MS)
            (base / f"{number}.json").write_text(json.dumps(made))
            options.append(f"--definition={base / f'{number}.json'}")
        pairs = events.Stream(seed, 40, 3000, start, bad=0).take(3000)
        lines = [{"topic": "e", "partition": 0, "offset": at, "ts": start + at * 800_000, "key": key.decode(), "payload": raw.decode()}
                 for at, (key, raw) in enumerate(pairs)]
        log = base / "log.ndjson"
        log.write_text("".join(json.dumps(line) + "\n" for line in lines))
        yield Shot(f"month {seed}", [binary, "replay", *options, log], folder)
        yield Shot(f"story {seed}", [binary, "explain", "--json", *options, log, "--", f"lead-{seed:05}"], folder)


def crowd_shots(binary, folder):
    """More leads than a table has places for at first."""
    log = folder / "crowd.ndjson"
    made = subprocess.run([binary, "generate", "--events", "6000", "--leads", "3000"], capture_output=True, check=True,
                          env={**os.environ, "LD_LIBRARY_PATH": str(folder / "workshop-0")})
    log.write_bytes(made.stdout)
    yield Shot("crowd", [binary, "replay", f"--definition={HERE.parents[1] / 'config/sample.json'}", log], folder)


def leak_shots(found, folder):
    """The same tests once more, with their blocks of memory counted (leaks.c)."""
    library = folder / "leaks.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, HERE / "leaks.c"], check=True)
    for name in LEAKS:
        if (path := found.get(f"unit_test_{name}")):
            yield Shot(f"leaks {name}", [path], folder, {"LD_PRELOAD": str(library)})


def all_shots(found, folder, seeds, environment):
    """found: name of a program -> its path"""
    made = [*leak_shots(found, folder), *crowd_shots(found["handover"], folder), *long_shots(found["handover"], folder), *golden_shots(found["handover"]), *oracle_shots(found["handover"], folder, seeds)]
    made += [Shot(f"unit {name}", [path], folder) for name, path in found.items() if name.startswith("unit_")]
    if "simulation" in found:
        made.append(Shot("simulation", [found["simulation"], "--seeds", "1:100"], folder))
        made.append(Shot("stories explain", [sys.executable, HERE.parent / "stories/test_explain.py", found["handover"]], folder))
    return [shot.learn(environment) for shot in made]
