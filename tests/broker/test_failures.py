#!/usr/bin/env python3
"""test_failures.py BINARY: what is outside fails: no broker, no topic, wrong credentials, a state directory that cannot
be written, a log that has been cut or made anew, records that are too large, a broker that dies in mid-stream. Each is said
clearly, with the right exit status, and nothing is lost."""

import json
import os
import signal
import socket
import time

import bench
import broker
import daemon
import events

EVENTS = bench.size("EVENTS", 60000)
TOO_LARGE = 2 << 20


def fails(this, what, instance, status, *words):
    """Ends by itself, with this status, and says every one of the words. Returns the seconds it took."""
    watch = broker.Watch()
    got, log = instance.run_to_end()
    said = all(word in log for word in words)
    if got != status or not said:
        raise bench.oracle.Difference(f"{what}: exit status {got}, not {status}; or not said: {words}\n{log[-3000:]}")
    lines = [line for line in log.splitlines() if not line.startswith("{")]
    errors = lines or [line for line in log.splitlines() if '"error"' in line]
    line = errors[-1][:200] if errors else log[-200:]
    seconds = watch.seconds()
    this.say(f"ok: {what}: status {got} after {seconds:.1f} s: {line}")
    return seconds


def starts_that_fail(this):
    site = this.site("start", events.SMALL)
    nobody = daemon.free_address()
    fails(this, "a broker that is not there", site.daemon("no-broker", bootstrap=nobody), 3, nobody)
    fails(this, "an input that does not exist", site.daemon("no-input", inputs=["no-such-input"]), 3, "no-such-input")
    fails(this, "an output that does not exist", site.daemon("no-output", journal="no-such-journal"), 3, "no-such-journal")
    site.broker.create(f"{site.group}-other", 3)
    fails(this, "inputs with different numbers of partitions",
          site.daemon("uneven", inputs=[site.inputs[0], f"{site.group}-other"]), 3, f"{site.group}-other")
    file = site.folder / "file"
    file.write_text("in the way")
    fails(this, "a state directory that cannot be made", site.daemon("no-dir", state_dir=str(file / "state")), 3, str(file))
    fails(this, "a setting that does not exist", site.daemon("setting", no_such_setting=1), 2, "no_such_setting")


def ended_while_starting(this):
    """Something listens and does not answer, as a broker that hangs. A signal need not wait for it."""
    site = this.site("hangs", events.SMALL)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        instance = site.daemon("a", bootstrap=f"127.0.0.1:{silent.getsockname()[1]}")
        instance.start()
        with silent.accept()[0]:
            seconds = instance.stop()
    this.check(f"a start that waits is ended by SIGTERM with status 0: {seconds:.1f} s", seconds < 4)
    this.check("it says so", [line["message"] for line in instance.log()][-1] == "before it had started")


def ended_while_joining(this):
    """librdkafka before 2.3 aborts where a member is destroyed between its joining and its first assignment."""
    site = this.site("joins", events.SMALL)
    instance = site.daemon("a", threads=2)
    for _ in range(20):
        lines = len(instance.log()) if instance.starts else 0
        instance.start()
        broker.await_true("it has started", lambda: any(line["event"] == "started" for line in log_from(instance, lines)), step_s=0.02)
        time.sleep(this.random.uniform(0, 0.6))
        instance.stop()
    this.check("20 times SIGTERM while it joins its group: status 0", True)


def log_from(instance, first):
    """Whole lines that it has written since."""
    return [json.loads(line) for line in instance.log_file.read_text("utf-8").splitlines(True)[first:] if line.endswith("\n")]


def credentials(this):
    site = this.site("login", events.SMALL)
    secret = site.folder / "password"
    secret.touch(0o600)
    secret.write_text("correct horse\n")
    login = {"security.protocol": "sasl_plaintext", "sasl.mechanism": "PLAIN", "sasl.username": "handover"}
    settings = {"bootstrap": site.broker.sasl, "insecure": True, "sasl.password_file": str(secret)}
    right = site.daemon("right", login, **settings)
    right.start()
    right.await_ready()
    broker.produce(site.broker, site.inputs[0], this.stream(2000).take(2000))
    site.await_drained([right])
    right.stop()
    this.check("the right password reads, decides and publishes", site.verify()["changes"] > 0)
    secret.write_text("wrong horse\n")
    seconds = fails(this, "a wrong password", site.daemon("wrong", login, **settings), 3, "uthentication failed")
    this.check("it does not wait for another answer", seconds < 8)
    log = (site.folder / "wrong" / "log").read_text()
    this.check("the password is not in the log", "wrong horse" not in log)
    os.chmod(secret, 0o644)
    fails(this, "a password that everybody may read", site.daemon("open", login, **settings), 2, str(secret))


def too_large(this):
    """Records beyond event_bytes_max, up to what the topic takes."""
    site = bench.Site(this, "large", events.SMALL, partitions=2)
    site.broker.create(site.inputs[0], 2, max_message_bytes=2 * TOO_LARGE)
    site.create_topics()
    this.sites.append(site)
    event = json.dumps({"userId": "big", "timestamp": events.moment(events.start_ms()), "event": "Demo Requested"}).encode()
    padded = event[:-1] + b',"pad":"' + b"x" * TOO_LARGE + b'"}'
    pairs = [(b"big", event), (b"big", padded), *this.stream(500).take(500), (b"big", padded), (b"big", event)]
    broker.produce(site.broker, site.inputs[0], pairs)
    instance = site.daemon("a", threads=1)
    instance.start()
    site.await_drained([instance])
    instance.stop()
    total = site.verify()
    this.check("two records of 2 MiB are dead letters, whole", total["dead_letters"] >= 2)
    for partition in range(2):
        letters = [bench.oracle.parse_envelope(line)
                   for line in site.broker.envelopes(site.topics["dead_letters"], partition).splitlines()]
        for letter in letters:
            if len(letter["payload"] or "") > TOO_LARGE and letter["headers"]["reason"] != "too_large":
                raise bench.oracle.Difference(f"a record of 2 MiB: reason {letter['headers']['reason']}")


def broker_dies(this):
    """Twice, while events are written and read; the second time the daemon is told to end while the broker is away."""
    site = this.site("dies", events.RICH)
    feeder = bench.Feeder([(broker.Producer(site.broker, site.inputs[0]), this.stream(EVENTS))], EVENTS // 20)
    feeder.target = EVENTS * 3 // 4
    instance = site.daemon("a", threads=2)
    instance.start()
    instance.await_ready()
    site.await_progress([instance])
    time.sleep(this.random.uniform(0.5, 2))
    site.broker.kill()
    this.say("the broker is killed")
    time.sleep(3)
    instance.check_alive()
    site.broker.start()
    this.say("the broker is back")
    site.await_progress([instance])
    this.say("the daemon goes on")
    time.sleep(2)
    site.broker.kill()
    time.sleep(1)
    watch = broker.Watch()
    instance.process.terminate()
    broker.await_true("SIGTERM ends it without a broker", lambda: not instance.running())
    took, status = watch.seconds(), instance.process.returncode
    this.check(f"without a broker, SIGTERM ends it in {took:.1f} s, status {status}", took < daemon.STOP_TIMEOUT_S + 1)
    instance.process = None
    site.broker.start()
    feeder.target, feeder.rate = EVENTS, EVENTS
    instance.start()
    feeder.finish()
    site.await_drained([instance])
    instance.stop()
    total = site.verify()
    this.check("nothing is missing from the input", total["events"] >= EVENTS)


def cut(site, offset):
    order = site.folder / "cut.json"
    order.write_text(json.dumps({"version": 1, "partitions": [{"topic": site.inputs[0], "partition": 0, "offset": offset}]}))
    site.broker.tool("DeleteRecordsCommand", "--offset-json-file", order)


def cut_log(this):
    """The records since the last snapshot are gone: refuse, publish nothing."""
    site = this.site("cut", events.SMALL, partitions=1, snapshot_records=1000000, snapshot_interval_ms=events.DAY_MS)
    broker.produce(site.broker, site.inputs[0], this.stream(4000).take(4000))
    instance = site.daemon("a", threads=1)
    instance.start()
    site.await_drained([instance])
    instance.kill()
    site.broker.await_stable([site.topics["stage_changes"]], 1)
    before = site.broker.ends(site.topics["stage_changes"], 1, stable=True)
    cut(site, 1000)
    fails(this, "an input that has been cut since the last snapshot", instance, 3, site.inputs[0])
    this.check("nothing was published", site.broker.ends(site.topics["stage_changes"], 1, stable=True) == before)


def cut_beneath(this):
    """Records that a running daemon has not read yet are gone: it ends, and does not go on behind them."""
    site = this.site("beneath", events.SMALL, partitions=1)
    stream = this.stream(20000)
    broker.produce(site.broker, site.inputs[0], stream.take(1000))
    instance = site.daemon("a", {"session.timeout.ms": "300000"}, threads=1)
    instance.start()
    for pause_s in (1, 2, 4, 8, 16):
        site.await_drained([instance])
        end = site.broker.ends(site.inputs[0], 1)[0]
        instance.process.send_signal(signal.SIGSTOP)
        time.sleep(pause_s)  # what it has asked for comes before what is written now, unless the broker is slow
        broker.produce(site.broker, site.inputs[0], stream.take(1000))
        cut(site, end + 500)
        instance.process.send_signal(signal.SIGCONT)
        broker.await_true("it ends, or had been sent the records before", lambda: not instance.running() or site.lag() == 0)
        if not instance.running():
            break
    status = instance.process.wait(broker.PATIENCE_S)
    this.check(f"an input that is cut beneath a running daemon: status {status}", status == 3 and "is gone" in instance.tail())
    instance.process = None
    this.check("nothing behind the gap was taken", site.lag() > 0)


def made_anew(this):
    """An input is deleted, which takes the group's offsets with it, and made again."""
    site = this.site("anew", events.SMALL, partitions=1)
    broker.produce(site.broker, site.inputs[0], this.stream(1000).take(1000))
    instance = site.daemon("a", threads=1)
    instance.start()
    site.await_drained([instance])
    instance.stop()
    site.broker.delete(site.inputs[0])
    site.create_topics()
    fails(this, "an input that was made anew", instance, 3, site.inputs[0], "made anew")


def other_group(this):
    """A second group publishes to the same topics: it would say everything once more."""
    site = this.site("group", events.SMALL, partitions=2)
    broker.produce(site.broker, site.inputs[0], this.stream(1000).take(1000))
    instance = site.daemon("a", threads=1)
    instance.start()
    site.await_drained([instance])
    site.broker.await_stable([site.topics["stage_changes"]], 2)
    before = site.broker.ends(site.topics["stage_changes"], 2)
    fails(this, "another group on the same topics", site.daemon("b", group=f"{site.group}-2"), 3, site.group, "topics of its own")
    this.check("it published nothing", site.broker.ends(site.topics["stage_changes"], 2) == before)
    instance.stop()
    site.verify()


def test(this):
    wanted = os.environ.get("HANDOVER_ONLY", "")
    for part in (starts_that_fail, ended_while_starting, ended_while_joining, credentials, too_large, cut_log, cut_beneath, made_anew,
                 other_group, broker_dies):
        if wanted in part.__name__:
            this.say(f"-- {part.__name__.replace('_', ' ')}")
            part(this)


if __name__ == "__main__":
    bench.main(test)
