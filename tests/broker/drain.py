#!/usr/bin/env python3
"""drain.py BINARY --definition FILE --events N [--gen GEN] [--count COUNT] …: not a test, a measurement: what `handover
run` costs to drain a topic, as CPU seconds per million events, beside a raw consumer that only counts, in the same
run on the same broker.

GEN (called as `GEN -b BOOTSTRAP -t TOPIC -n N -l LEADS`) fills the topic; without it --topic names one that is full
already, on the node in HANDOVER_KAFKA_NODE. COUNT (called as `COUNT BOOTSTRAP TOPIC N`) ends when it has read them all."""

import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import bench
import broker as kafka


def cpu_of(command):
    """Runs it; (CPU seconds, wall seconds)."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stdout=sys.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start


def status_of(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def steady(samples, total):
    """CPU seconds per million events between 20 % of the input and its end."""
    first = next(s for s in samples if s[0] >= total / 5)
    last = samples[-1]
    return (last[1] - first[1]) / max(last[0] - first[0], 1) * 1e6


def drain(site, instance, total):
    """Samples of (committed, CPU seconds, wall seconds) until all is committed."""
    start = time.monotonic()
    instance.start()
    samples = [(0, 0.0, 0.0)]
    while samples[-1][0] < total:
        time.sleep(0.1)
        instance.check_alive()
        done = sum(max(offset, 0) for offset in site.broker.committed(site.group, site.inputs[0], site.partitions))
        if done > samples[-1][0]:
            samples.append((done, instance.cpu_seconds(), time.monotonic() - start))
    return samples


def report(name, total, cpu_s, wall_s, **more):
    figures = {"what": name, "events": total, "cpu_s_per_million": round(cpu_s / total * 1e6, 3), "wall_s": round(wall_s, 2),
               "events_per_s": int(total / wall_s), **more}
    print(json.dumps(figures), flush=True)


def measure(options, node, folder):
    this = bench.Bench(os.path.abspath(options.binary), folder, node, 1)
    definition = json.loads(options.definition.read_text()) if not options.raw_definition else {}
    site = bench.Site(this, "drain", definition, partitions=options.partitions, snapshot_records=2000000,
                      snapshot_interval_ms=600000, commit_interval_ms=options.commit_interval_ms,
                      **({"journal_inputs": options.journal_inputs} if options.journal_inputs else {}))
    if options.topic:
        site.inputs[:] = [options.topic]
    site.create_topics()
    if options.gen:
        subprocess.run([options.gen, "-b", node.bootstrap, "-t", site.inputs[0], "-n", str(options.events),
                        "-l", str(options.leads)], check=True, stdout=sys.stderr)
    total = sum(node.ends(site.inputs[0], site.partitions))
    if options.count:
        report("raw consumer", total, *cpu_of([options.count, node.bootstrap, site.inputs[0], str(total)]))
    instance = site.daemon("drain", threads=options.threads)
    if options.raw_definition:
        shutil.copy(options.definition, instance.definition_file)
    instance.kafka = {}
    try:
        samples = drain(site, instance, total)
        peak_kb = status_of(instance.process.pid, "VmHWM")
        report("handover run", total, samples[-1][1], samples[-1][2], steady_cpu_s_per_million=round(steady(samples, total), 3),
               peak_rss_mb=peak_kb // 1024, threads=options.threads)
        instance.stop()
    finally:
        instance.abandon()
    changes = sum(len(node.records(site.topics["stage_changes"], p)) for p in range(site.partitions))
    print(json.dumps({"what": "stage changes", "count": changes}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--definition", type=pathlib.Path, required=True)
    parser.add_argument("--topic")
    parser.add_argument("--gen")
    parser.add_argument("--count")
    parser.add_argument("--events", type=int, default=1000000)
    parser.add_argument("--leads", type=int, default=500000)
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--commit-interval-ms", type=int, default=100)
    parser.add_argument("--journal-inputs", help="as the setting; without it what the program does by default")
    options = parser.parse_args()
    try:
        json.loads(options.definition.read_text())
        options.raw_definition = False
    except ValueError:
        options.raw_definition = True  # comments: the daemon reads them
    kafka.require_tools()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="handover-drain-"))
    node = kafka.Broker(folder)
    try:
        node.start()
        measure(options, node, folder)
    finally:
        node.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
