"""agreements.py: definitions that teams sign, publish or hand out as files, and what daemons come to know of them."""

import json
import re
import subprocess

import broker
from oracle import Difference

TEAMS = ("marketing", "sales")


class Office:
    """Two teams with a key each, a stranger with one of its own, and the trust file that knows the teams'."""

    def __init__(self, bench, site):
        self.bench, self.site, self.folder = bench, site, site.folder
        self.topic = site.topics["definitions_topic"]
        self.agreed = []  # files of what was agreed or let run: the documents that a journal may name
        for who in (*TEAMS, "stranger"):
            self.handover("keygen", self.folder / who)
        self.trust = self.folder / "trust"
        self.trust.write_text("".join(self.trust_line(team) for team in TEAMS))
        site.settings["trust"] = [str(self.trust)]

    def trust_line(self, team):
        return f"{team} {(self.folder / f'{team}.pub').read_text()}"

    def handover(self, *arguments, status=0):
        command = [str(self.site.binary), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=broker.PATIENCE_S, check=False)
        if done.returncode != status:
            raise Difference(f"{' '.join(command[1:])}: {done.returncode}, not {status}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    # --- files

    def write(self, definition, name=None):
        """A file that nobody has signed. With comments: they are no part of what is agreed."""
        path = self.folder / (name or f"v{definition['version']}.json")
        path.write_text(f"// {definition['name']}, the agreement\n{json.dumps(definition, indent=1)} // and that is all\n")
        return path

    def approve(self, path, teams=TEAMS, key=None):
        for team in teams:
            self.handover("approve", "--key", self.folder / f"{key or team}.key", "--team", team, "--by", f"Head of {team}", path)
        return path

    def sign(self, definition, name=None):
        """A file that both teams have signed: one that may run."""
        path = self.approve(self.write(definition, name))
        self.agreed.append(path)
        return path

    # --- the topic

    def publish(self, *files, status=0, draft=False):
        settings = self.folder / "publish.json"
        settings.write_text(json.dumps({**self.site.settings, "draft": False}))
        return self.handover("publish", "--settings", settings, *(["--draft"] if draft else []), *files, status=status)

    def smuggle(self, key, path):
        """A record of the topic that `publish` would not write. path None: a null value."""
        if path is None:
            broker.produce(self.site.broker, self.topic, [(key.encode(), b"")], 0)
            return
        command = ["kcat", "-b", self.site.broker.bootstrap, "-P", "-t", self.topic, "-p", "0", "-k", key, str(path)]
        subprocess.run(command, check=True, timeout=broker.PATIENCE_S, stdin=subprocess.DEVNULL)


# --- what daemons know


def known(daemon):
    """version -> (digest's hex, agreed), as the metrics say."""
    found = {}
    for line in daemon.get("/metrics")[1].splitlines():
        if line.startswith("handover_definition_info{"):
            labels = dict(re.findall(r'(\w+)="([^"]*)"', line))
            found[int(labels["version"])] = labels["sha256"], labels["agreed"] == "true"
    return found


def await_known(daemons, version, agreed=True):
    def there():
        for each in daemons:
            each.check_alive()
        return all(version in (now := known(each)) and now[version][1] == agreed for each in daemons)
    seconds = broker.await_true(f"version {version} is known, agreed: {agreed}", there)
    return f"{seconds:.1f} s"


def await_decided(site, daemons, version, agreed):
    """Every partition has a change that this version has decided. Its text is looked for; nothing else writes it."""
    text = re.compile(rb'"version":%d,"digest":"sha256:[0-9a-f]{64}","agreed":%s}}' % (version, b"true" if agreed else b"false"))

    def there():
        for each in daemons:
            each.check_alive()
        return all(text.search(site.broker.consume(site.topics["stage_changes"], number)) for number in range(site.partitions))
    return f"{broker.await_true(f'version {version} has decided in every partition', there, step_s=0.3):.1f} s"


def refusals(daemon):
    """The reasons of all definitions that were refused, as the log has them."""
    return [line["message"] for line in daemon.log() if line["event"] == "definition refused"]
