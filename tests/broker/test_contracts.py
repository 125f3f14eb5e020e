#!/usr/bin/env python3
"""test_contracts.py BINARY: what a daemon writes to a real Kafka is what config/asyncapi.json says: keys, headers and values of stage
changes, breaches, dead letters (sent again, too), journal and state. What it serves at /metrics is what docs/metrics.md says, and promtool
has nothing to say against it."""

import collections
import json
import os
import pathlib
import subprocess
import sys

import bench
import broker
import events

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "stories"))

import contracts  # noqa: E402
import promtool  # noqa: E402

EVENTS = bench.size("EVENTS", 4000)
SCHEMAS = 500  # records of each kind that are judged: it takes long
CHANNELS = {"stageChanges": "stage_changes", "deadLetters": "dead_letters", "journal": "journal", "state": "state"}


def records_of(site, topic):
    for partition in range(site.partitions):
        for line in site.broker.envelopes(topic, partition).splitlines():
            yield json.loads(line.decode("utf-8", "replace"))  # bytes of a dead letter or a chunk may be none


def headers_of(record):
    found = record.get("headers", [])
    return dict(zip(found[::2], found[1::2]))


def message_of(document, channel, record):
    """Which of a channel's messages it is: where there are several, its headers say so."""
    messages, told = document.messages(channel), headers_of(record)
    if len(messages) == 1:
        return next(iter(messages.items()))
    if channel == "stageChanges":
        return next((name, message) for name, message in messages.items() if message["name"] == told["ce_type"])
    name = "redriveMark" if "redriven" in told else "deadLetter"
    return name, messages[name]


def judge(document, channel, record, name, message, validators):
    if name not in validators:
        validators[name] = [document.validator(message, part) for part in ("headers", "payload")]
    headers, payload = validators[name]
    wrong = headers and contracts.why(headers, headers_of(record)) or payload and contracts.why(payload, json.loads(record["payload"]))
    wrong = wrong or ("no headers are told of" if not headers and headers_of(record) else None)
    if channel == "stageChanges":
        lead, event = record["key"], json.loads(record["payload"])
        told = headers_of(record)
        wrong = wrong or (None if lead == event["subject"] == event["data"]["lead"] == told["ce_subject"] else "key and lead differ")
        wrong = wrong or (None if told["ce_id"] == event["id"] else "two ids")
        wrong = wrong or (None if all(event["data"].get(each) == told.get(each) for each in ("from", "to")) else "two stages")
    if wrong:
        raise bench.oracle.Difference(f"{channel}: {wrong}: {json.dumps(record)[:1500]}")


def judge_metrics(this, daemon):
    def told():
        text = daemon.get("/metrics")[1]
        return text if "handover_input_lag_records{" in text and "handover_leads{" in text else None
    broker.await_true("every metric is told of", told)
    text = told()
    wanted = {name: its for name, its in promtool.documented().items() if not name.startswith("handover_alert_")}
    found = promtool.served(text)
    differ = {name: (wanted.get(name), found.get(name)) for name in {*wanted, *found} if wanted.get(name) != found.get(name)}
    this.check(f"/metrics is what docs/metrics.md says: {differ or len(wanted)}", not differ)
    if promtool.find() is None:
        return this.say(promtool.MISSING) if os.environ.get("CI") != "true" else this.check(promtool.MISSING, False)
    status, said = promtool.run("check", "metrics", given=text)
    return this.check(f"promtool check metrics: {status} {said.strip()}", status == 0 and not said.strip())


def redrive(this, site):
    """Every dead letter is sent again, is no event again, and says by its headers that it was here before."""
    settings = site.folder / "topics.json"
    done = subprocess.run([this.binary, "letters", "redrive", "--settings", settings, "--yes"], capture_output=True, text=True,
                          timeout=broker.PATIENCE_S, check=False)
    this.check(f"letters redrive: {done.returncode} {done.stderr.strip()}", done.returncode == 0)


def test(this):
    document = contracts.Document()
    site = this.site("contract", events.RICH)
    daemon = site.daemon("daemon")
    daemon.start()
    broker.produce(site.broker, site.inputs[0], this.stream(EVENTS, leads=150).take(EVENTS))
    site.await_drained([daemon])
    judge_metrics(this, daemon)
    letters = sum(1 for _ in records_of(site, site.topics["dead_letters"]))
    redrive(this, site)
    broker.await_true("they are read again", lambda: daemon.metric("handover_events_consumed_total") >= EVENTS + letters)
    daemon.stop()
    counts, validators = collections.Counter(), {}
    for channel, setting in CHANNELS.items():
        for record in records_of(site, site.topics[setting]):
            name, message = message_of(document, channel, record)
            counts[name] += 1
            if counts[name] <= SCHEMAS:
                judge(document, channel, record, name, message, validators)
    this.say(", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    this.check("each kind of record was seen", all(counts[name] for channel in CHANNELS for name in document.messages(channel)))


if __name__ == "__main__":
    if contracts.jsonschema is None:
        print(f"test_contracts.py: {contracts.MISSING}")
        sys.exit(1 if os.environ.get("CI") == "true" else 77)
    bench.main(test)
