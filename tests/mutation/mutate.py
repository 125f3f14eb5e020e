#!/usr/bin/env python3
"""mutate.py BUILD [--file NAME …] [--sample N] [--skip N] [--seed S] [--minutes M] [--jobs J] [--seeds K] [--quick]: do the tests find bugs in the engine?

Each mutant is one small bug in a copy of consumer/engine. What comes out of the compiler as the same bytes is no mutant and is left out;
of the others each is made a shared library, with which the program and the tests of BUILD are linked once more; shots.py says which are
to find it, and how. All are tried, or N of them by the seed S.

Survivors are printed with their line before and after. Those that survivors.txt beside this file lists, with the reason, are expected; exit
status 1 where there are others."""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import queue
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import mutants
import shots

HERE = pathlib.Path(__file__).resolve().parent
ENGINE = HERE.parents[1] / "consumer/engine"
LIBRARY = "libhandover_engine.so"
NOT_MUTATED = ("decay_table.h",)  # four tables, which test_decay.c reckons again
FEWER = {"SEEDS": "20"}  # of unit tests that go by seeds


class Workshop:
    """A copy of the engine, in which one source at a time is changed and compiled."""

    def __init__(self, folder, build):
        self.folder, self.commands = folder, compile_commands(build)
        self.objects = build / "CMakeFiles/handover_engine.dir/consumer/engine"
        shutil.copytree(ENGINE, folder, dirs_exist_ok=True)
        self.link({})

    def right(self, name):
        """What the compiler makes of it while nothing is changed, debug information left out."""
        target = self.folder / f"{name}.right.o"
        if not target.exists():
            self.compile(name, target)
        return target.read_bytes()

    def compile(self, name, target):
        done = subprocess.run([*self.commands[name], "-w", "-g0", "-o", str(target), "-c", name], cwd=self.folder,
                              capture_output=True, check=False)
        return done.returncode == 0

    def link(self, changed):
        objects = [str(changed.get(name, self.objects / f"{name}.o")) for name in self.commands]
        subprocess.run([next(iter(self.commands.values()))[0], "-shared", f"-Wl,-soname,{LIBRARY}", "-o",
                        str(self.folder / LIBRARY), *objects], check=True, capture_output=True)

    def build(self, mutant):
        """'made', 'broken' (it does not compile) or 'same' (as the compiler sees it)."""
        path, right = self.folder / mutant.path, (ENGINE / mutant.path).read_text()
        rights = {name: self.right(name) for name in (self.commands if mutant.path.endswith(".h") else [mutant.path])}
        path.write_text(mutant.applied(right))
        changed = {}
        try:
            for name, bytes_right in rights.items():
                target = self.folder / f"{name}.o"
                if not self.compile(name, target):
                    return "broken"
                if target.read_bytes() != bytes_right:
                    changed[name] = target
        finally:
            path.write_text(right)
        if not changed:
            return "same"
        self.link(changed)
        return "made"

    def environment(self):
        return {**os.environ, **FEWER, "LD_LIBRARY_PATH": str(self.folder)}


def compile_commands(build):
    """Of each source of the engine the compiler's call, without its files."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if path.parent == ENGINE and path.name not in found:
            words = shlex.split(entry["command"])
            out = words.index("-o")
            found[path.name] = [w for i, w in enumerate(words) if i not in (out, out + 1) and w not in ("-c", str(path), "-g")]
    return found


def link_command(build, target):
    """As CMake's Makefiles or Ninja have it."""
    written = build / f"CMakeFiles/{target}.dir/link.txt"
    if written.exists():
        return written.read_text()
    done = subprocess.run(["ninja", "-C", str(build), "-t", "commands", target], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1].removeprefix(": && ").removesuffix(" && :")


def linked(build, folder, names):
    """Programs of the build, linked once more, with the engine as a shared library; name -> path."""
    found = {}
    for name in names:
        words = shlex.split(link_command(build, name))
        words[words.index("-o") + 1] = str(folder / name)
        words = [str(folder / "workshop-0" / LIBRARY) if word.endswith("libhandover_engine.a") else word.replace("-z,now", "-z,lazy")
                 for word in words]  # lazy: they are started by the ten thousand
        subprocess.run(words, cwd=build, check=True, capture_output=True)
        found[name] = str(folder / name)
    return found


def expected_survivors():
    """(file, line before, line after) -> why"""
    found = {}
    for line in (HERE / "survivors.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, before, after, why = (part.strip() for part in line.split(" @@ "))
            found[name, before, after] = why
    return found


def try_mutant(mutant, workshops, all_shots, until):
    """What became of it, and what found it."""
    workshop = workshops.get()
    try:
        if time.monotonic() > until:
            return mutant, "left", ""
        made = workshop.build(mutant)
        if made != "made":
            return mutant, made, ""
        for shot in sorted(all_shots, key=lambda s: -s.worth(mutant.path)):
            if shot.hits(workshop.environment()):
                shot.found[mutant.path] += 1
                return mutant, "found", shot.name
        return mutant, "survived", ""
    finally:
        workshops.put(workshop)


def choose(asked):
    names = asked.file or sorted(p.name for p in ENGINE.iterdir() if p.suffix in (".c", ".h") and p.name not in NOT_MUTATED)
    every = [m for name in names for m in mutants.mutants_of(name, (ENGINE / name).read_text())]
    random.Random(asked.seed).shuffle(every)  # a larger sample begins with the smaller one
    return every[asked.skip:asked.sample or None]


def run(asked, folder):
    workshops = queue.Queue()
    for number in range(asked.jobs):
        workshops.put(Workshop(folder / f"workshop-{number}", asked.build))
    environment = workshops.queue[0].environment()
    names = [name for name in shots.programs() if (asked.build / name).exists() and not (asked.quick and name in shots.SLOW)]
    programs = linked(asked.build, folder, names)
    all_shots = shots.all_shots(programs, folder, asked.seeds, environment)
    every, start = choose(asked), time.monotonic()
    until = start + 60 * asked.minutes if asked.minutes else float("inf")
    print(f"{len(every)} mutants, {len(all_shots)} commands that may find them", flush=True)
    outcomes = collections.defaultdict(collections.Counter)
    survivors, listed = [], expected_survivors()
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        waiting = [pool.submit(try_mutant, mutant, workshops, all_shots, until) for mutant in every]
        for done in concurrent.futures.as_completed(waiting):
            mutant, outcome, by = done.result()
            before, after = mutant.lines((ENGINE / mutant.path).read_text())
            if outcome == "survived":
                outcome = "expected" if (mutant.path, before, after) in listed else outcome
                survivors += [mutant] if outcome == "survived" else []
                print(f"{outcome}: {mutant.path}:{mutant.line} {mutant.operator} @@ {before} @@ {after}", flush=True)
            if asked.verbose and outcome != "left":
                print(f"{outcome} {by}: {mutant.path}:{mutant.line} {before} @@ {after}", flush=True)
            outcomes[mutant.path][outcome] += 1
    report(outcomes, all_shots, time.monotonic() - start)
    return survivors, outcomes


def report(outcomes, all_shots, seconds):
    kinds = ("found", "expected", "survived", "same", "broken", "left")
    print(f"{'':16}" + "".join(f"{kind:>10}" for kind in kinds))
    for name in sorted(outcomes):
        print(f"{name:16}" + "".join(f"{outcomes[name][kind]:10}" for kind in kinds))
    total = sum(outcomes.values(), collections.Counter())
    print(f"{'all':16}" + "".join(f"{total[kind]:10}" for kind in kinds))
    kinds_found = collections.Counter()
    for shot in all_shots:
        kinds_found[shot.name.split()[0]] += shot.found.total()
    print("found by: " + ", ".join(f"{kind} {count}" for kind, count in kinds_found.most_common()) + f"; {seconds:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--file", action="append")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--skip", type=int, default=0, help="so many of the sample, which another run has tried")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seeds", type=int, default=150)
    parser.add_argument("--minutes", type=float, default=0, help="begins no mutant later")
    parser.add_argument("--quick", action="store_true", help="without the slow tests; what survives may not survive those")
    parser.add_argument("--verbose", action="store_true")
    asked = parser.parse_args()
    asked.build = asked.build.resolve()
    with tempfile.TemporaryDirectory(prefix="handover-mutants-") as folder:
        survivors, outcomes = run(asked, pathlib.Path(folder))
    total = sum(outcomes.values(), collections.Counter())
    real = total["found"] + total["survived"]
    print(f"{total['found']} of {real} mutants were found: {100 * total['found'] / real if real else 100:.1f} %; besides, {total['expected']} "
          f"survived that survivors.txt lists")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
