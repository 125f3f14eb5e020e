#!/usr/bin/env python3
"""test_security.py BINARY: a broker that asks who is there and what they may do. Logins by PLAIN, SCRAM and client certificates over
TLS; logins and certificates that are wrong, each said clearly and soon; which rights suffice, and that each of them is needed; and
no secret and no personal data where they must not be.

SCRAM with librdkafka before 2.6.1 needs Kafka 3: then a second node runs (HANDOVER_KAFKA_OLD, default 3.9.1). HANDOVER_ONLY=NAME runs
the parts with that in their names."""

import itertools
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import threading
import time
import warnings

import bench
import broker
import events
from secure import (CREATE, DESCRIBE, DESCRIBE_CONFIGS, GROUP, KEY_PASSWORD, LITERAL, PASSWORD, PREFIXED, READ, TOPIC, TRANSACTIONAL_ID,
                    USERS, WRITE, SecureBroker)

LEADS = bench.size("EVENTS", 1000) // 4
SOON_S = 15
NO_EVENT = (b"lead", b"this is no event")


# --- rights: deploy/rights.json, from which docs/security.md and what is deployed follow (tests/package/test_deploy.py)

RIGHTS = json.loads((pathlib.Path(__file__).parents[2] / "deploy/rights.json").read_text())
KINDS = {"topic": TOPIC, "group": GROUP, "transactionalId": TRANSACTIONAL_ID}
OPERATIONS = {"Read": READ, "Write": WRITE}


def rights_of(site, who):
    """By name, for the topics and the group of this site."""
    named = {"inputs": site.inputs[0], "group": site.group, **site.topics,
             **{name: site.settings.get(name, "") for name in ("undelivered", "alert_group")}}
    return {right["what"]: (KINDS[right["type"]], right.get("prefix", right.get("name", "{}")).format(named[right["setting"]]),
                            PREFIXED if "prefix" in right else LITERAL, OPERATIONS[right["operation"]])
            for right in RIGHTS if right["who"] == who}


def rights_to_run(site):
    return rights_of(site, "run")


def rights_to_audit(site):
    return rights_of(site, "audit")


def rights_to_publish(site):
    return rights_of(site, "publish")


class Users:
    """Each lacks another right, so that no list has to be changed, and no change waited for."""

    def __init__(self, node):
        self.node, self.unused = node, [user for user in USERS if user.startswith("lacks-")]

    def take(self, rights, lacking=None):
        user = self.unused.pop(0)
        self.node.allow(user, [right for name, right in rights.items() if name != lacking])
        return user


# --- a site whose daemon comes in by a login

def secured(site, properties, address=None, password="password", **settings):
    node = site.broker
    if properties["security.protocol"].startswith("sasl"):
        settings["sasl.password_file"] = node.secret_file(password, PASSWORD)
    name = f"d{len(site.daemons)}"
    return site.daemon(name, properties, **{"bootstrap": address or node.secure, "instance": "one", **settings})


def site_of(this, name, **settings):
    return this.site(name, events.SMALL, partitions=2, **{"snapshot_records": 1000, "snapshot_interval_ms": 1000, **settings})


NUMBERS = itertools.count()


def new_leads(count):
    """Four events of each: it becomes an mql, then an sql. And one that is no event."""
    at_ms, rows = events.start_ms(), [NO_EVENT]
    for number in itertools.islice(NUMBERS, count):
        for step, name in enumerate(["Pricing Viewed"] * 3 + ["Demo Requested"]):
            event = {"userId": f"lead-{number}", "timestamp": events.moment(at_ms + number * 10 + step), "event": name,
                     "messageId": f"{number}-{step}"}
            rows.append((event["userId"].encode(), json.dumps(event).encode()))
    return rows


def decide(site, instance, leads=LEADS):
    """Reads and decides, from its start to its end."""
    instance.start()
    instance.await_ready()
    broker.produce(site.broker, site.inputs[0], new_leads(leads))
    site.await_drained([instance])
    instance.stop()


def version_of(text):
    return tuple(int(part) for part in text.split(".")[:3])


def library_version(instance):
    return version_of(next(line for line in instance.log() if line["event"] == "library")["librdkafka"])


# --- who is there

def logins(this):
    site = site_of(this, "logins")
    node = site.broker
    node.allow("handover", rights_to_run(site).values())
    locked = node.secret_file("key-password", KEY_PASSWORD)
    ways = {"PLAIN over TLS": secured(site, node.login()),
            "a client's certificate": secured(site, node.certificate(), node.mutual),
            "a client's certificate, its key locked by a password":
                secured(site, node.certificate(key="handover-locked"), node.mutual, **{"ssl.key.password_file": locked})}
    for what, instance in ways.items():
        decide(site, instance)
        this.say(f"ok: {what} reads, decides and publishes")
    if library_version(instance) >= (2, 6, 1) or os.environ.get("HANDOVER_KAFKA_VERSION", "4").startswith("3."):
        scram(this, site)
    else:
        scram_of_before(this, site)
    this.check("all of it is what replay says", site.verify()["changes"] > 0)


def scram(this, site):
    for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
        decide(site, secured(site, site.broker.login(mechanism=mechanism)))
        decide(site, secured(site, {"security.protocol": "sasl_plaintext", "sasl.mechanism": mechanism,
                                          "sasl.username": "handover"}, site.broker.clear), 10)
        this.say(f"ok: {mechanism} reads, decides and publishes, over TLS and without")


def scram_of_before(this, site):
    """librdkafka before 2.6.1: Kafka 4 does not let it in, which is said; Kafka 3 does."""
    refused(this, "SCRAM of a librdkafka before 2.6.1", secured(site, site.broker.login(mechanism="SCRAM-SHA-512")), 3,
            "SASL authentication error", "before 2.6.1 librdkafka cannot log in to Kafka 4 by SCRAM")
    older = os.environ.get("HANDOVER_KAFKA_OLD", "3.9.1")
    node = OldBroker(this.folder / "old", older)
    node.start()
    try:
        other = bench.Site(bench.Bench(this.binary, this.folder / "old", node, this.seed), "scram", events.SMALL, partitions=2)
        this.sites.append(other)
        other.create_topics()
        node.allow("handover", rights_to_run(other).values())
        this.say(f"Kafka {older} on {node.bootstrap}")
        scram(this, other)
        other.verify()
    finally:
        node.stop()


class OldBroker(SecureBroker):
    KEPT = "HANDOVER_KAFKA_OLD_NODE"

    def __init__(self, folder, version):
        super().__init__(folder)
        self.environment = {"HANDOVER_KAFKA_VERSION": version, "HANDOVER_KAFKA_HEAP": "256m"}


def refused(this, what, instance, status, *words):
    start = time.monotonic()
    got, log = instance.run_to_end(60)
    seconds = time.monotonic() - start
    last = [line for line in log.splitlines() if '"error"' in line or not line.startswith("{")][-1:]
    if got != status or not all(word in "".join(last) for word in words) or seconds > SOON_S:
        raise bench.oracle.Difference(f"{what}: status {got} after {seconds:.1f} s, not {status}; or not said: {words}\n{log[-3000:]}")
    this.say(f"ok: {what}: status {got} after {seconds:.1f} s: {', '.join(words)}")


def wrong_logins(this):
    site = site_of(this, "wrong")
    node = site.broker
    node.allow("handover", rights_to_run(site).values())
    port = node.secure.rsplit(":", 1)[1]
    other = secured(site, node.login())
    other.write_settings(**{"sasl.password_file": node.secret_file("wrong-password", f"{PASSWORD}-not")})
    refused(this, "a wrong password", other, 3, "Authentication failed")
    refused(this, "a user that is not there", secured(site, node.login("somebody")), 3, "Authentication failed")
    refused(this, "a broker of an authority that is not trusted", secured(site, node.login(authority="other-ca")), 3,
            "certificate verify failed", "self-signed certificate in certificate chain")
    same = f"127.1:{port}"  # another name for 127.0.0.1, on every machine; who localhost is, a bare one may not know
    refused(this, "a broker whose certificate has another name", secured(site, node.login(), same), 3,
            "certificate verify failed", "hostname mismatch")
    refused(this, "a broker whose certificate has run out", secured(site, node.login(), node.expired), 3,
            "certificate verify failed", "certificate has expired")
    refused(this, "a certificate with another's key", secured(site, node.certificate(key="stranger-key"), node.mutual), 3,
            "ssl.key.location", "key values mismatch")
    wrong = node.secret_file("wrong-key-password", f"{KEY_PASSWORD}-not")
    refused(this, "a key with a wrong password",
            secured(site, node.certificate(key="handover-locked"), node.mutual, **{"ssl.key.password_file": wrong}), 3, "ssl.key.location")
    nameless = {"security.protocol": "ssl", "ssl.ca.location": str(node.folder / "ca.pem")}
    refused(this, "no certificate where one is asked for", secured(site, nameless, node.mutual), 3, "SSL alert")
    refused(this, "plain text where TLS is spoken", site.daemon("plain", bootstrap=node.secure), 3, "security.protocol")
    old_tls(this, site)


def old_tls(this, site):
    """Something that speaks TLS 1.1 at most is not spoken to, whatever ciphers are allowed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(site.broker.folder / "node-both.pem")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of them, too
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    spoken = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            while True:
                try:
                    connection = server.accept()[0]
                except OSError:
                    return
                try:
                    with context.wrap_socket(connection, server_side=True) as tls:
                        spoken.append(tls.version())
                except OSError:
                    pass
        threading.Thread(target=serve, daemon=True).start()
        refused(this, "a broker that speaks TLS 1.1 at most", secured(site, site.broker.login(), f"127.0.0.1:{server.getsockname()[1]}"), 3,
                "SSL handshake failed")
        server.shutdown(socket.SHUT_RDWR)
    this.check("not one word was spoken with it", not spoken)


# --- what they may do

def rights_of_the_daemon(this):
    users = Users(this.broker)
    site = site_of(this, "suffices")
    decide(site, secured(site, site.broker.login(users.take(rights_to_run(site)))))
    log = site.daemons[0].log()
    # Of a slow broker librdkafka says that its coordinator still loads, or is another: it tries again, and nothing is refused.
    complaints = [line for line in log if line["level"] in ("warning", "error") and not line["message"].endswith(": retrying")]
    uploaded = len(site.broker.records(site.topics["state"], 0))
    this.check("the rights that docs/security.md lists suffice, without one warning", not complaints and uploaded > 0)
    this.check("… and what was published is right", (lambda total: (total["changes"], total["dead_letters"]) == (2 * LEADS, 1))(site.verify()))
    for number, name in enumerate(rights_to_run(site)):
        lacks(this, users, site_of(this, f"lacks{number}"), name)


STARTS_WITHOUT = {"journal, reading", "snapshots, reading", "snapshots, writing"}


def lacks(this, users, site, name):
    """Without one right it ends with status 3 and names the resource; what is needed later only, a restart finds."""
    right = rights_to_run(site)[name]
    instance = secured(site, site.broker.login(users.take(rights_to_run(site), name)))
    if name not in STARTS_WITHOUT:
        broker.produce(site.broker, site.inputs[0], new_leads(50))
        refused(this, f"no right on {name}", instance, 3, right[1])
        this.check("… and nothing was published", site.published() == 0)
        return
    decide(site, instance)
    if name == "snapshots, writing":
        warned(this, name, instance, "snapshot not uploaded", right[1])
        return
    shutil.rmtree(instance.settings["state_dir"])
    if name == "journal, reading":
        refused(this, f"no right on {name}, at a restart", instance, 3, right[1], "authorization failed")
        return
    decide(site, instance, 10)
    warned(this, name, instance, "snapshot", right[1])
    site.verify()


def warned(this, name, instance, event, resource):
    """It goes on, by a longer way, and says so."""
    lines = [line for line in instance.log() if line["event"] == event and line["level"] == "warning"]
    said = any(resource in line.values() and "authorization failed" in line["message"] for line in lines)
    this.check(f"no right on {name}: it goes on, and its warning names {resource}", said)


def command(site, name, user, *arguments, **settings):
    """Exit status, and all that was printed."""
    node = site.broker
    file = site.folder / "command.json"
    password = node.secret_file("command-password", PASSWORD)
    file.write_text(json.dumps({**site.settings, "bootstrap": node.secure, "sasl.password_file": password, "draft": True, **settings,
                                "kafka": node.login(user)}))
    done = subprocess.run([site.binary, name, *map(str, arguments), "--settings", str(file)],capture_output=True, text=True, timeout=60, check=False)
    printed = done.stdout + done.stderr
    with open(site.folder / "commands", "a", encoding="utf-8") as log:
        log.write(printed)
    return done.returncode, printed


def rights_of_commands(this):
    site = site_of(this, "commands")
    node, users = site.broker, Users(site.broker)
    users.unused = users.unused[11:]  # rights_of_the_daemon has taken those before
    node.allow("handover", rights_to_run(site).values())
    decide(site, secured(site, node.login()))
    definition = ["--definition", site.definition_file]

    def expect(what, user, status, words, name, *arguments):
        got, printed = command(site, name, user, *arguments)
        if got != status or not all(word in printed for word in words):
            raise bench.oracle.Difference(f"{what}: exit status {got}, not {status}; or not said: {words}\n{printed[-2000:]}")
        this.say(f"ok: {what}: status {got}")

    node.allow("auditor", rights_to_audit(site).values())
    lead = site.broker.records(site.topics["stage_changes"], 0)[0].key.decode()
    expect("audit, by who may read", "auditor", 0, ["proven"], "audit", *definition)
    expect("report, by who may read", "auditor", 0, [], "report", *definition)
    expect("explain, by who may read", "auditor", 0, [lead], "explain", lead, *definition)
    expect("backtest, by who may read", "auditor", 0, [], "backtest", site.definition_file, site.definition_file)
    for name, right in rights_to_audit(site).items():
        user = users.take(rights_to_audit(site), name)
        got, printed = command(site, "audit", user, *definition)
        this.check(f"audit without {right[1]}: status {got}", got in (1, 3) and right[1] in printed)
    for name, right in rights_to_publish(site).items():
        user = users.take(rights_to_publish(site), name)
        got, printed = command(site, "publish", user, site.definition_file, "--draft")
        this.check(f"publish without {name}: status {got}", got == 3 and right[1] in printed)
    node.allow("publisher", rights_to_publish(site).values())
    expect("publish, by who may", "publisher", 0, [], "publish", site.definition_file, "--draft")
    prefix = site.group[:-len("group")]
    node.allow("maker", [(TOPIC, prefix, PREFIXED, operation) for operation in (DESCRIBE, DESCRIBE_CONFIGS, CREATE)])
    expect("topics, by who may describe", "maker", 0, ["ok"], "topics")
    expect("topics, by who may do nothing", "nobody", 1, ["missing"], "topics")


def alert_settings(site, name, user):
    """Of `handover alert` with a state file of its own; its one receiver takes nothing, and is given up at once."""
    key, node = site.folder / "alert-key", site.broker
    key.write_text("routing\n")
    key.chmod(0o600)
    nobody = {"name": "nobody", "kind": "webhook", "url": "http://127.0.0.1:1/", "allow_http": True, "allow_private": True, "retries": [],
              "secret_file": node.secret_file("webhook", "whsec_" + "A" * 32)}
    file = site.folder / f"{name}.json"
    file.write_text(json.dumps({**site.settings, "bootstrap": node.secure, "alert_http": "", "alert_start": "beginning", "alerts": [nobody],
                                "alert_state": str(site.folder / f"{name}.sqlite"), "kafka": node.login(user),
                                "sasl.password_file": node.secret_file("command-password", PASSWORD)}))
    return file


def alert(site, name, user, *arguments):
    """Exit status, and all that it said."""
    file = alert_settings(site, name, user)
    done = subprocess.run([site.binary, "alert", *arguments, "--settings", file, "-X", "heartbeat.interval.ms=300"], capture_output=True,
                          text=True, timeout=60, check=False)
    printed = done.stdout + done.stderr
    with open(site.folder / "commands", "a", encoding="utf-8") as log:
        log.write(printed)
    return done.returncode, printed


def rights_of_alert(this):
    """A user of its own: four rights suffice, and each is needed."""
    prefix = this.broker.prefix
    site = site_of(this, "alert", alerts=[{"name": "lines", "kind": "stdout"}], undelivered=f"{prefix}alert-undelivered", alert_group=f"{prefix}alert-tell")
    users = Users(site.broker)
    users.unused = users.unused[20:]  # others have taken those before
    change = {"specversion": "1.0", "id": "a/0/1/0", "type": "lead.stage.changed", "data": {"lead": "l", "from": "mql", "to": "sql"}}
    broker.produce(site.broker, site.topics["stage_changes"], [(b"l", json.dumps(change).encode())], 0)
    rights = rights_of(site, "alert")
    user = users.take(rights)
    got, printed = alert(site, "suffices", user, "--once")
    letters = b"".join(site.broker.envelopes(site.settings["undelivered"], number) for number in range(2))
    this.check("alert: its rights suffice to read, to commit and to say what was not delivered",
               got == 0 and b"a/0/1/0/nobody" in letters and "uthorization" not in printed)
    this.check("… and its place is committed", 1 in site.broker.committed(site.settings["alert_group"], site.topics["stage_changes"], 2))
    got, printed = alert(site, "suffices", user, "redeliver", "--dry-run")
    this.check("… and to take it up again", (got, printed.splitlines()[-1].split(",")[0]) == (0, "1 would be queued"))
    for name, right in rights.items():
        action = ["redeliver", "--dry-run"] if name == "undelivered, reading" else []
        start = time.monotonic()
        got, printed = alert(site, f"lacks-{name[-7:]}", users.take(rights, name), *action)
        seconds = time.monotonic() - start
        last = [line for line in printed.splitlines() if '"error"' in line or not line.startswith("{")][-1:]
        this.check(f"alert without {name}: status {got} after {seconds:.1f} s: {last}",
                   got == 3 and seconds < SOON_S and right[1] in "".join(last))


# --- what must not be seen

def personal_data(this):
    """Leads and attributes reach the published events and, of records that are no events, the dead letters: nothing else."""
    site = site_of(this, "personal")
    node = site.broker
    node.allow("handover", rights_to_run(site).values())
    marks = ["zq-lead", "zq-mail", "zq-title", "zq-reason", "zq-key", "zq-broken"]
    moment = events.moment(events.start_ms())
    rows = [(f"zq-lead-{n}".encode(), json.dumps({
        "userId": f"zq-lead-{n}", "timestamp": moment, "event": name, "messageId": f"zq-key-{n}-{number}",
        "traits": {"email": f"zq-mail-{n}@example.com", "title": "zq-title"},
        "properties": {"reason": "zq-reason", "email": "zq-mail"}}).encode())
            for n in range(300) for number, name in enumerate(("identify", "Pricing Viewed", "Pricing Viewed", "Pricing Viewed"))]
    rows += [(b"zq-key", b'{"userId":"zq-broken-1","timestamp":"zq-broken"}'), (b"zq-key", b'{"zq-broken":')]
    instance = secured(site, node.login())
    instance.start()
    instance.await_ready()
    broker.produce(node, site.inputs[0], rows)
    site.await_drained([instance])
    pages = "".join(instance.get(path)[1] for path in ("/", "/metrics", "/readyz?verbose", "/livez?verbose", "/version"))
    instance.stop()
    seen = instance.log_file.read_text("utf-8", "replace") + pages
    this.check("no lead, no attribute in the log and on any page", "handover_events_consumed_total" in pages and
               not [mark for mark in marks if mark in seen])
    letters = [bench.oracle.parse_envelope(line) for number in range(2)
               for line in node.envelopes(site.topics["dead_letters"], number).splitlines()]
    this.check("dead letters hold the record as it came, and say of it where and why", len(letters) == 2 and all(
        letter["payload"].encode() == row[1] and set(letter["headers"]) == {"reason", "detail", "topic", "partition", "offset"}
        for letter, row in zip(letters, rows[-2:])))
    this.check("leads are in what was published", any(b"zq-lead" in record.value for record in node.records(site.topics["stage_changes"], 0)))


def http_on_loopback(this):
    """It listens where `http` says and nowhere else, and what other machines reach has to be asked for."""
    site = site_of(this, "http")
    instance = site.daemon("a")
    instance.start()
    instance.await_ready()
    rows = [line.split() for name in ("tcp", "tcp6") for line in pathlib.Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    links = (link for link in pathlib.Path(f"/proc/{instance.process.pid}/fd").iterdir())
    inodes = {os.readlink(link) for link in links if link.is_symlink()}
    listening = [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes]
    port = int(instance.settings["http"].rsplit(":", 1)[1])
    this.check("it listens on 127.0.0.1 and nowhere else", listening == [f"0100007F:{port:04X}"])
    instance.stop()
    refused(this, "an address that other machines reach", site.daemon("b", http=f"0.0.0.0:{port}"), 2, "http_public")


def secrets(this):
    """After all that: no password in any log, output, page or command line, and none in the processes' environment."""
    site = site_of(this, "secrets")
    node = site.broker
    node.allow("handover", rights_to_run(site).values())
    instance = secured(site, node.certificate(key="handover-locked"), node.mutual,
                       **{"ssl.key.password_file": node.secret_file("key-password", KEY_PASSWORD)})
    instance.start()
    instance.await_ready()
    process = pathlib.Path(f"/proc/{instance.process.pid}")
    seen = [(process / name).read_bytes() for name in ("cmdline", "environ")]
    seen += [instance.get(path)[1].encode() for path in ("/metrics", "/readyz?verbose", "/version", "/")]
    instance.stop()
    for arguments in (["-X", f"sasl.password={PASSWORD}"], ["--set", f"sasl.password={PASSWORD}"],
                      ["-X", f"ssl.key.password={KEY_PASSWORD}"]):
        done = subprocess.run([site.binary, "run", "--settings", str(instance.settings_file), *arguments], capture_output=True,
                              timeout=30, check=False)
        this.check(f"{arguments[0]} {arguments[1].split('=')[0]}=…: refused", done.returncode == 2)
        seen.append(done.stdout + done.stderr)
    kept = [path for path in this.folder.rglob("*") if path.is_file() and not path.is_relative_to(node.folder)
            and "old" not in path.relative_to(this.folder).parts[:1]]
    seen += [path.read_bytes() for path in kept]
    found = [text for text in seen if PASSWORD.encode() in text or KEY_PASSWORD.encode() in text]
    this.check(f"no secret in {len(seen)} logs, outputs, pages and files", len(seen) > 10 and not found)
    (site.folder / "open").write_text(PASSWORD)
    for mode in (0o444, 0o640, 0o604, 0o666):
        path = node.secret_file("open-password", PASSWORD, mode)
        os.chmod(path, mode)
        other = secured(site, node.login())
        other.write_settings(**{"sasl.password_file": path})
        refused(this, f"a password in a file of mode {mode:04o}", other, 2, path, "others may read it")


def test(this):
    wanted = os.environ.get("HANDOVER_ONLY", "")
    for part in (logins, wrong_logins, rights_of_the_daemon, rights_of_commands, rights_of_alert, personal_data, http_on_loopback, secrets):
        if wanted in part.__name__:
            this.say(f"-- {part.__name__.replace('_', ' ')}")
            part(this)


if __name__ == "__main__":
    broker.NEEDED += ("openssl",)
    bench.main(test, SecureBroker)
