"""oracle.py: is what lies on the broker exactly what follows from the inputs?

For each partition: the journal's runs cover the inputs without a gap or an overlap; its counts and its chain fit what
was published; `stage-changes`, read committed, is byte for byte what `handover replay --envelope kcat` makes of the
inputs in the journal's order (with one input that is the order of the log); dead letters the same; keys, timestamps and
headers are right."""

import collections
import hashlib
import json
import os
import subprocess

REPLAY_TIMEOUT_S = 1000

DeadLetter = collections.namedtuple("DeadLetter", "reason topic partition offset")


class Difference(Exception):
    """What was published is not what should have been."""


def parse_envelope(line):
    """A line of kcat -J; bytes that are no UTF-8 come back by .encode("utf-8", "surrogateescape")."""
    record = json.loads(line.decode("utf-8", "surrogateescape"))
    flat = record.get("headers", [])
    record["headers"] = dict(zip(flat[0::2], flat[1::2]))
    return record


def raw(value):
    return None if value is None else value.encode("utf-8", "surrogateescape")


def replay(site, lines, name, until=None):
    """(published lines, dead letters) that `handover replay` makes of kcat lines"""
    source, letters = site.folder / f"{name}.kcat", site.folder / f"{name}.dead"
    source.write_bytes(b"".join(lines))
    command = [site.binary, "replay", "--definition", site.definition_file, "--envelope", "kcat", "--dead-letters", letters]
    if until is not None:
        command += ["--until", until]
    done = subprocess.run([*map(str, command), str(source)], capture_output=True, timeout=REPLAY_TIMEOUT_S, check=False)
    if done.returncode != 0:
        raise Difference(f"{name}: replay: exit status {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-500:]}")
    dead = [json.loads(line) for line in letters.read_bytes().splitlines()]
    return done.stdout.splitlines(), [DeadLetter(d["reason"], d["topic"], d["partition"], d["offset"]) for d in dead]


def read_journal(site, partition):
    entries = []
    for record in site.broker.records(site.topics["journal"], partition):
        entry = json.loads(record.value)
        if entry["journal"] != 2 or entry["partition"] != partition:
            raise Difference(f"journal/{partition}: a strange record at {record.offset}: {record.value[:200]}")
        entries.append(entry)
    return entries


def marks(journal):
    return [step["clock"] for record in journal for step in record["entries"] if isinstance(step, dict) and "clock" in step]


def merge(journal, inputs, partition):
    """The inputs' lines in the order in which they were decided. inputs: topic -> list of kcat lines."""
    position, merged = dict.fromkeys(inputs, 0), []
    for number, record in enumerate(journal):
        for step in record["entries"]:
            if not isinstance(step, list):
                continue
            topic, first, count = step
            if first != position[topic]:
                raise Difference(f"journal/{partition} record {number}: {topic} from {first}, but {position[topic]} comes next")
            merged += inputs[topic][first:first + count]
            position[topic] += count
    for topic, lines in inputs.items():
        if position[topic] != len(lines):
            raise Difference(f"journal/{partition}: {topic} up to {position[topic]}, but the log has {len(lines)}")
    return merged


def check_chain(journal, values, letters, partition):
    """Counts and chain of the journal against what was published."""
    chain, at, dead = bytes(32), 0, 0
    for number, record in enumerate(journal):
        chain = hashlib.sha256(chain + b"".join(values[at:at + record["published"]])).digest()
        at += record["published"]
        dead += record["dead_letters"]
        if record["chain"] != chain.hex():
            raise Difference(f"journal/{partition} record {number} of {len(journal)}: the chain breaks at message {at}")
    if (at, dead) != (len(values), letters):
        raise Difference(f"journal/{partition}: {at} published, {dead} dead letters; on the topics {len(values)}, {letters}")


def compare(what, expected, got):
    """Lists must be equal; says where they part and what is missing or too much."""
    if expected == got:
        return
    at = next((i for i, (e, g) in enumerate(zip(expected, got)) if e != g), min(len(expected), len(got)))
    missing = collections.Counter(expected) - collections.Counter(got)
    extra = collections.Counter(got) - collections.Counter(expected)

    def show(items):
        return repr(items[at])[:600] if at < len(items) else "(end)"
    raise Difference(f"{what}: {len(expected)} expected, {len(got)} there; {sum(missing.values())} missing, "
                     f"{sum(extra.values())} too much; the first difference is number {at}\n"
                     f"  expected {show(expected)}\n  got      {show(got)}")


def check_published(site, partition, published, timestamps):
    """Keys, timestamps and headers of stage changes that records caused."""
    for record in published:
        value = json.loads(record["payload"])
        data, cause = value["data"], value["data"]["cause"]
        where = f"{site.topics['stage_changes']}/{partition}/{record['offset']}"
        wanted = {"content-type": "application/cloudevents+json", "ce_id": value["id"], "ce_type": value["type"],
                  "ce_subject": value["subject"]}
        if value["type"] == "lead.stage.changed":
            wanted.update({"from": data["from"], "to": data["to"]})
        compare(f"{where}: headers", sorted(wanted.items()), sorted(record["headers"].items()))
        compare(f"{where}: key", [data["lead"]], [record["key"]])
        if "offset" in cause:
            compare(f"{where}: timestamp", [timestamps[cause["topic"], cause["offset"]]], [record["ts"]])


def check_dead(site, partition, letters, inputs):
    """A dead letter is the event as it came, with headers; returns them as replay would list them."""
    found = []
    for letter in letters:
        headers = letter["headers"]
        names = ["detail", "offset", "partition", "reason", "topic"]
        compare(f"dead letter {partition}/{letter['offset']}: headers", names, sorted(headers))
        found.append(DeadLetter(headers["reason"], headers["topic"], int(headers["partition"]), int(headers["offset"])))
        origin = parse_envelope(inputs[headers["topic"]][int(headers["offset"])])
        if (raw(letter["payload"]), letter["key"]) != (raw(origin["payload"]), origin["key"]):
            raise Difference(f"dead letter {partition}/{letter['offset']}: not as it came\n  {origin}\n  {letter}")
    return found


def verify_partition(site, partition, seen):
    """Returns what there was, for the report."""
    inputs = {topic: site.broker.envelopes(topic, partition).splitlines(keepends=True) for topic in site.inputs}
    changes = [parse_envelope(line) for line in site.broker.envelopes(site.topics["stage_changes"], partition).splitlines()]
    letters = [parse_envelope(line) for line in site.broker.envelopes(site.topics["dead_letters"], partition).splitlines()]
    values = [raw(record["payload"]) for record in changes]
    journal = read_journal(site, partition)
    merged = merge(journal, inputs, partition)
    if len(inputs) == 1:
        merged = inputs[site.inputs[0]]
    expected, dead = replay(site, merged, f"partition-{partition}")
    compare(f"stage changes of partition {partition}", expected, values)
    compare(f"dead letters of partition {partition}", dead, check_dead(site, partition, letters, inputs))
    check_chain(journal, values, len(letters), partition)
    compare(f"clock marks of partition {partition}", [], marks(journal))
    sample = changes[:1000] + changes[-1000:]
    timestamps = {(r["topic"], r["offset"]): r["ts"] for lines in inputs.values() for r in map(parse_envelope, lines)}
    check_published(site, partition, sample, timestamps)
    if seen is not None:
        compare(f"what a reader was shown of partition {partition}", values, [record.value for record in seen[partition]])
    return {"events": len(merged), "changes": len(values), "dead_letters": len(letters), "transactions": len(journal)}


def verify(site, seen=None):
    """Raises Difference, or returns the sums over all partitions. seen: what a Reader was shown."""
    site.broker.await_stable([site.topics[name] for name in ("stage_changes", "dead_letters", "journal")], site.partitions)
    total = collections.Counter()
    for partition in range(site.partitions):
        total.update(verify_partition(site, partition, seen))
    aborted = 0
    for topic in (site.topics["stage_changes"], site.topics["journal"]):
        for partition in range(site.partitions):
            dirty = len(site.broker.records(topic, partition, stable=False))
            aborted += dirty - len(site.broker.records(topic, partition))
    total["records_of_aborted_transactions"] = aborted
    if not os.environ.get("HANDOVER_KEEP"):
        for file in [*site.folder.glob("*.kcat"), *site.folder.glob("*.dead")]:
            file.unlink()
    return dict(total)
