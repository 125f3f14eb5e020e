#!/usr/bin/env python3
"""test_deploy.py BINARY: what deploy/ holds, read and compared: rights with their one source (rights.json), the plain manifests with the chart
that they were made from, settings with what the program takes, units with what systemd takes. Nothing of it is started.

Where CI=true, a tool that is missing is a failure."""

import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
BINARY = pathlib.Path(sys.argv[1]).resolve()
EXPOSURE_MOST = 20  # tenths, of `systemd-analyze security`: 0 is sealed, 100 is open
STOP_S = 10         # a clean stop takes no longer (docs/operating.md)


def check(what, good, more=""):
    if not good:
        sys.exit(f"FAILED: {what}\n{more}")
    print(f"ok: {what}")


def text_of(path):
    return (ROOT / path).read_text()


def documents_of(path):
    return [document for document in yaml.safe_load_all(text_of(path)) if document]


def settings_of(text):
    """JSON with remarks."""
    pattern = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.S)
    return json.loads(pattern.sub(lambda found: found[0] if found[0].startswith('"') else "", text))


def defaults():
    """{setting: default} of docs/settings.md, which the program's tables make."""
    rows = re.findall(r"^\| `([\w.]+)` \| \w[^|]* \| `?([^|`]*)`? \|", text_of("docs/settings.md"), re.M)
    return {name: value for name, value in rows}


# --- rights

def rights(who):
    """{(type, name, pattern, operation)} for the topics and the group that the settings have by default."""
    named = defaults()
    return {(right["type"], right.get("prefix", right.get("name", "{}")).format(named[right["setting"]]),
             "prefix" if "prefix" in right else "literal", right["operation"])
            for right in json.loads(text_of("deploy/rights.json")) if right["who"] == who}


def of_acl_command(words):
    """What one kafka-acls command allows."""
    values = {"--operation": [], "--topic": [], "--group": [], "--transactional-id": []}
    pattern = "prefix" if "prefixed" in words else "literal"
    for option, value in zip(words, words[1:]):
        if option in values:
            values[option].append(value)
    kinds = {"--topic": "topic", "--group": "group", "--transactional-id": "transactionalId"}
    return {(kind, name, pattern, operation) for option, kind in kinds.items() for name in values[option]
            for operation in values["--operation"]}


def of_acl_commands(lines):
    return set().union(*(of_acl_command(shlex.split(line)) for line in lines))


def of_users(path):
    return {user["metadata"]["name"]: [(acl["resource"]["type"], acl["resource"]["name"], acl["resource"]["patternType"], operation)
                                       for acl in user["spec"]["authorization"]["acls"] for operation in acl["operations"]]
            for user in documents_of(path) if user["kind"] == "KafkaUser"}


def of_security_page(who):
    """The table of a command in docs/security.md, in which G is the group."""
    table = text_of("docs/security.md").split(f"**`handover {who}`**")[1].split("Each of these messages")[0]
    found = set()
    for row in re.findall(r"^\| ([a-z].*?) \| ([A-Z]+) \|", table, re.M):
        name = re.search(r"`(.*?)`", row[0])
        if row[0].startswith("topic"):
            key = ("topic", name[1] if name else "engagement", "literal")
        elif row[0].startswith("group"):
            key = ("group", name[1] if name else "handover", "literal")
        else:
            key = ("transactionalId", name[1].replace("-G-", "-handover-"), "prefix")
        found.add((*key, row[1].capitalize()))
    return found


def check_rights():
    run = rights("run")
    check(f"rights.json has the {len(run)} of docs/security.md", of_security_page("run") == run, of_security_page("run") ^ run)
    alert = rights("alert")
    check(f"… and the {len(alert)} of `alert`", of_security_page("alert") == alert, of_security_page("alert") ^ alert)
    for user, its in (("handover", run), ("handover-alert", alert)):
        commands = [line for line in text_of("docs/security.md").splitlines() if line.startswith("    kafka-acls ")
                    and f" User:{user} " in line]
        check(f"docs/security.md's kafka-acls give {user} the same", of_acl_commands(commands) == its, of_acl_commands(commands) ^ its)
        lines = [line for line in text_of("deploy/compose/setup.sh").splitlines() if line.startswith(f"allow {user} ")]
        check(f"compose/setup.sh allows {user} the same", of_acl_commands(lines) == its, of_acl_commands(lines) ^ its)
    users = of_users("deploy/strimzi/users.yaml")
    for who, name in (("run", "handover"), ("publish", "handover-publisher"), ("audit", "handover-auditor"), ("alert", "handover-alert")):
        check(f"strimzi/users.yaml: {name} has what `{who}` needs, once", set(users[name]) == rights(who)
              and len(set(users[name])) == len(users[name]), set(users[name]) ^ rights(who))


# --- topics

def check_topics():
    named = defaults()
    wanted = {named[setting] for setting in ("inputs", "stage_changes", "dead_letters", "state", "journal", "definitions_topic",
                                      "undelivered")}
    topics = {topic["metadata"]["name"]: topic["spec"] for topic in documents_of("deploy/strimzi/topics.yaml")}
    check("strimzi/topics.yaml has the topics of the settings", set(topics) == wanted, set(topics) ^ wanted)
    inputs = topics[named["inputs"]]["partitions"]
    counts = {name: spec["partitions"] for name, spec in topics.items()}
    check("as many partitions each, and one for definitions",
          counts == {name: 1 if name == named["definitions_topic"] else inputs for name in wanted}, counts)


# --- settings

def check_settings(what, settings, texts=None):
    """`handover run --check` takes them, with the files that they name below a folder of this test's own."""
    with tempfile.TemporaryDirectory() as folder:
        def own(path, text=""):
            (pathlib.Path(folder) / pathlib.Path(path).name).write_text(text)
            os.chmod(pathlib.Path(folder) / pathlib.Path(path).name, 0o600)
            return str(pathlib.Path(folder) / pathlib.Path(path).name)

        settings = dict(settings)
        settings["trust"] = [own(path) for path in settings.get("trust", [])]
        settings["definitions"] = [str(ROOT / "config/sample.json") if path.endswith("sample.json") else folder
                                   for path in settings.get("definitions", [])]
        if "sasl.password_file" in settings:
            settings["sasl.password_file"] = own("password", "secret\n")
        pathlib.Path(folder, "handover.settings").write_text(json.dumps(settings))
        done = subprocess.run([BINARY, "run", "--check", "--settings", pathlib.Path(folder, "handover.settings")], capture_output=True,
                              text=True, timeout=60)
        check(f"run --check takes {what}", done.returncode == 0, done.stderr)


def check_wrong_settings():
    for what, settings, word in (("a setting that is none", {"bootstrap": "k:1", "bootstap": "k:1"}, "bootstap"),
                                 ("a password file that is not there",
                                  {"bootstrap": "k:1", "sasl.password_file": "/nonexistent/password", "kafka":
                                   {"security.protocol": "sasl_ssl", "sasl.mechanism": "PLAIN", "sasl.username": "u"}}, "/nonexistent/password"),
                                 ("a definition that is not there", {"bootstrap": "k:1", "definitions": ["/nonexistent/d.json"]},
                                  "/nonexistent/d.json"),
                                 ("a definition that nobody signed", {"bootstrap": "k:1", "definitions": [str(ROOT / "config/sample.json")]},
                                  "--draft")):
        done = subprocess.run([BINARY, "run", "--check", "--settings", "-"], input=json.dumps(settings), capture_output=True, text=True,
                              timeout=60)
        check(f"run --check refuses {what}", done.returncode == 2 and word in done.stderr, (done.returncode, done.stderr))


# --- Kubernetes

def chart_digest():
    files = sorted(str(path.relative_to(ROOT)) for path in (DEPLOY / "helm/handover").rglob("*") if path.is_file())
    return hashlib.sha256(b"".join((ROOT / path).read_bytes() for path in files)).hexdigest()


def check_rendered():
    manifests = {name: text_of(f"deploy/kubernetes/{name}") for name in ("handover.yaml", "handover-alert.yaml")}
    check("the manifests were made from this chart (deploy/kubernetes/render.sh makes them anew)",
          all(f"# sha256 of the chart: {chart_digest()}\n" in text for text in manifests.values()))
    if shutil.which("helm"):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(DEPLOY, pathlib.Path(folder, "deploy"))
            subprocess.run(["sh", pathlib.Path(folder, "deploy/kubernetes/render.sh")], check=True, timeout=60)
            for name, text in manifests.items():
                check(f"Helm makes the same of {name}", pathlib.Path(folder, "deploy/kubernetes", name).read_text() == text)


def check_pod(workload):
    pod = workload["spec"]["template"]["spec"]
    container = pod["containers"][0]
    check("no pod runs as root, or may write but to its volumes",
          pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
          and container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                               "capabilities": {"drop": ["ALL"]}} and not pod["automountServiceAccountToken"])
    check("it has time for a clean stop", pod["terminationGracePeriodSeconds"] >= STOP_S + 5)
    paths = {probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    check("probes ask what there is", paths == {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"})
    mounts, volumes = ({entry["name"] for entry in entries} for entries in (
        container["volumeMounts"], pod["volumes"] + [{"name": claim["metadata"]["name"]} for claim in workload["spec"]["volumeClaimTemplates"]]))
    check("each volume is mounted", mounts == volumes, mounts ^ volumes)
    return container


def by_kinds(path):
    by_kind = {}
    for document in documents_of(path):
        by_kind.setdefault(document["kind"], []).append(document)
    return by_kind


def check_alert_manifests():
    """The pod of `handover alert`: probes where it serves them, settings that it takes."""
    by_kind = by_kinds("deploy/kubernetes/handover-alert.yaml")
    workload, service, config = (by_kind[kind][0] for kind in ("StatefulSet", "Service", "ConfigMap"))
    labels = workload["spec"]["template"]["metadata"]["labels"]
    check("alert: selectors find the pod, one at most", workload["spec"]["replicas"] == 1 and all(
        selector.items() <= labels.items() for selector in (workload["spec"]["selector"]["matchLabels"], service["spec"]["selector"])))
    container = check_pod(workload)
    settings = json.loads(config["data"]["alert.json"])
    check("alert: what it serves is what is asked for", settings["http_public"]
          and settings["alert_http"].endswith(f":{container['ports'][0]['containerPort']}"))
    state = pathlib.PurePath(settings.get("alert_state", defaults()["alert_state"])).parent
    check("alert: its file lies on its volume", {"name": "state", "mountPath": str(state)} in container["volumeMounts"])
    done = subprocess.run([BINARY, "alert", "test", settings["alerts"][0]["name"], "--dry-run", "--settings", "-"],
                          input=json.dumps(settings), capture_output=True, text=True, timeout=60)
    check("alert takes the manifests' settings", done.returncode == 0 and "test-lead" in done.stdout, done.stderr)


def check_manifests():
    by_kind = by_kinds("deploy/kubernetes/handover.yaml")
    workload, budget, service = (by_kind[kind][0] for kind in ("StatefulSet", "PodDisruptionBudget", "Service"))
    labels = workload["spec"]["template"]["metadata"]["labels"]
    selectors = [workload["spec"]["selector"]["matchLabels"], budget["spec"]["selector"]["matchLabels"], service["spec"]["selector"]]
    check("selectors find the pods", all(selector.items() <= labels.items() for selector in selectors))
    container = check_pod(workload)
    check("the pod's name is the instance", "instance=$(POD_NAME)" in container["args"] and container["env"][0]["name"] == "POD_NAME")
    settings = settings_of(next(config["data"]["handover.json"] for config in by_kind["ConfigMap"] if "handover.json" in config["data"]))
    check("what it serves is what is asked for", settings["http_public"]
          and settings["http"].endswith(f":{container['ports'][0]['containerPort']}"))
    check_settings("the manifests' settings", settings)


# --- compose and the image

def check_compose():
    compose = yaml.safe_load(text_of("deploy/compose.yaml"))
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            there = source in compose["volumes"] or (DEPLOY / source).exists() or source.endswith("alert.json")
            check(f"compose.yaml: {name} mounts {source}", there)
        if service["image"].startswith("handover:"):
            check(f"compose.yaml: {name} writes nothing but its volumes", service["read_only"] and service["cap_drop"] == ["ALL"])
            check_command(name, service.get("command", ["run"])[0])
    check_settings("compose/handover.json", settings_of(text_of("deploy/compose/handover.json")))
    check_settings("the package's handover.json", settings_of(text_of("deploy/debian/handover.json")))


def check_command(name, command):
    done = subprocess.run([BINARY, command, "--help"], capture_output=True, text=True, timeout=60)
    check(f"compose.yaml: {name}: there is `handover {command}`", done.returncode == 0, done.stderr)


def check_image():
    version = re.search(r"project\(handover VERSION ([\d.]+)", text_of("CMakeLists.txt"))[1]
    stages = re.split(r"^FROM ", text_of("deploy/Dockerfile"), flags=re.M)[1:]
    check("the image is of Debian 13, and its user is a number that is not root's",
          all(stage.startswith("debian:13-slim") for stage in stages) and re.search(r"^USER 10001:10001$", stages[-1], re.M))
    for path in re.findall(r"(?:source=|/source/)(deploy/[\w.-]+)", text_of("deploy/Dockerfile")):
        check(f"the Dockerfile's {path}", (ROOT / path).exists())
    chart = yaml.safe_load(text_of("deploy/helm/handover/Chart.yaml"))
    check("chart and compose.yaml are of this version", chart["appVersion"] == version
          and f"image: handover:{version}\n" in text_of("deploy/compose.yaml") and f"handover:{version} " in text_of("deploy/Dockerfile"))


# --- systemd

def exposure(unit):
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", unit], capture_output=True, text=True, timeout=60)
    found = re.search(r"Overall exposure level for \S+ (\d+)\.(\d)", done.stdout.replace(":", ""))
    return int(found[1]) * 10 + int(found[2]) if found else None


def check_units():
    if not shutil.which("systemd-analyze"):
        check("systemd-analyze is there", os.environ.get("CI") != "true")
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in ("handover.service", "handover-alert.service"):
            unit = pathlib.Path(folder, name)
            unit.write_text(text_of(f"deploy/systemd/{name}").replace("/usr/bin/handover", str(BINARY))
                            .replace("file:///usr/share/doc/handover/docs/operating.md", "man:handover(1)"))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60)
            check(f"systemd-analyze verify finds nothing in {name}", done.returncode == 0 and name not in done.stderr, done.stderr)
            level = exposure(unit)
            check(f"systemd-analyze security has {name} at {level} of 100", level is not None and level <= EXPOSURE_MOST)


def check_scripts():
    scripts = [*DEPLOY.rglob("*.sh"), *(DEPLOY / "debian" / name for name in ("postinst", "prerm", "postrm"))]
    for script in scripts:
        subprocess.run(["sh", "-n", script], check=True, timeout=60)
    check(f"{len(scripts)} scripts can be read by sh", True)


if __name__ == "__main__":
    check_rights()
    check_topics()
    check_wrong_settings()
    check_rendered()
    check_manifests()
    check_alert_manifests()
    check_compose()
    check_image()
    check_units()
    check_scripts()
