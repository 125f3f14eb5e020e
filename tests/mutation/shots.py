"""shots.py: what is to find a mutant: commands of which is known what they say when the engine is right.

Golden cases, and logs made up by the oracle's seeds (tests/oracle finds the program to be right about these), through `replay`; now and
then the story of a lead through `explain`; the unit tests that have to do with the engine; seeds of the simulator. The ones that found
most for their time come first."""

import hashlib
import pathlib
import resource
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE.parent / "conformance/cases"
sys.path.insert(0, str(HERE.parent / "oracle"))

from random_logs import LEADS, random_case  # noqa: E402

UNIT = ("decay", "calendar", "definition_compiled", "engine", "save", "save_steps", "share", "reviews", "snapshot", "backtest")
WALL_S = 600


class Shot:
    def __init__(self, name, command, cwd):
        self.name, self.command, self.cwd = name, command, cwd
        self.expected, self.seconds, self.found = None, 0.1, 0

    def run(self, environment, cpu_s):
        """What came of it, as one value: exit status and output."""
        def limit():
            resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        try:
            done = subprocess.run(self.command, cwd=self.cwd, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, preexec_fn=limit, timeout=WALL_S, check=False)
        except subprocess.TimeoutExpired:
            return "no end"
        told = hashlib.sha256(done.stdout).hexdigest() if "unit" not in self.name and "simulation" not in self.name else ""
        return f"{done.returncode} {told}"

    def learn(self, environment):
        """Of the right engine."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.expected = self.run(environment, 600)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.seconds = max(0.005, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return self

    def hits(self, environment):
        return self.run(environment, int(5 * self.seconds) + 3) != self.expected

    def worth(self):
        return (self.found + 1) / self.seconds


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


def all_shots(found, folder, seeds, environment):
    """found: name of a program -> its path"""
    made = [*golden_shots(found["handover"]), *oracle_shots(found["handover"], folder, seeds)]
    made += [Shot(f"unit {name}", [path], folder) for name, path in found.items() if name.startswith("unit_")]
    if "simulation" in found:
        made.append(Shot("simulation", [found["simulation"], "--seeds", "1:100"], folder))
    return [shot.learn(environment) for shot in made]
