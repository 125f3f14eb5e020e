"""daemon.py: `handover run` as a process that tests start, watch, stop and kill."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from broker import PATIENCE_S, BrokerError, Watch, await_true, die_with_parent

STOP_TIMEOUT_S = 10  # the promise
OUTPUTS = ("stage_changes", "dead_letters", "state", "journal")


BOUND = []  # until the test ends


def free_address():
    """Nobody listens there, and nobody else is given it; a server that we start may listen."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # not before: two would get the same
    BOUND.append(bound)
    return f"127.0.0.1:{bound.getsockname()[1]}"


class Daemon:
    """One instance. It may be started and ended any number of times; its log, state and settings stay in its folder.
    Without a definition it is the settings, and what is published, that say what it runs."""

    def __init__(self, binary, folder, settings, definition, kafka=None):
        folder.mkdir(parents=True, exist_ok=True)
        self.binary, self.folder = str(binary), folder
        self.settings = {"state_dir": str(folder / "state"), "http": free_address(), **settings}
        # The broker notices within 3 s that a killed instance has gone.
        self.kafka = {"session.timeout.ms": "3000", "heartbeat.interval.ms": "500", **(kafka or {})}
        self.definition_file, self.definition_options = folder / "definition.json", []
        if definition is not None:
            self.definition_file.write_text(json.dumps(definition))
            self.definition_options = ["--definition", str(self.definition_file), "--draft"]
        self.settings_file = folder / "settings.json"
        self.write_settings()
        self.log_file = folder / "log"
        self.process = None
        self.environment = {}  # what it has beside the test's own
        self.starts = 0

    def write_settings(self, **settings):
        self.settings.update(settings)
        self.settings_file.write_text(json.dumps(self.settings, indent=1))

    def command(self):
        options = [part for name, value in self.kafka.items() for part in ("-X", f"{name}={value}")]
        return [self.binary, "run", "--settings", str(self.settings_file), *self.definition_options, *options]

    def before_exec(self):
        """In the child."""
        die_with_parent()

    def start(self):
        assert self.process is None
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=self.before_exec, env={**os.environ, **self.environment})
        self.starts += 1

    def running(self):
        return self.process is not None and self.process.poll() is None

    def check_alive(self):
        if not self.running():
            status = self.process.returncode if self.process else "never started"
            raise BrokerError(f"{self.folder.name}: the daemon ended by itself: {status}\n{self.tail()}")

    def kill(self):
        """SIGKILL. That it still ran is part of the test."""
        self.check_alive()
        self.process.kill()
        self.process.wait()
        self.process = None

    def reload(self):
        """SIGHUP: files are read again."""
        self.check_alive()
        self.process.send_signal(signal.SIGHUP)

    def pause(self, seconds):
        """SIGSTOP for so long, then SIGCONT: to the others it is dead, and then it comes back."""
        self.check_alive()
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        """SIGTERM: a clean end with status 0 in time. Returns the seconds it took. On a machine that stands still meanwhile it may have to
        give up what is not done: that, too, it says."""
        self.check_alive()
        watch = Watch()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            raise BrokerError(f"{self.folder.name}: SIGTERM: no end within {PATIENCE_S} s\n{self.tail()}") from error
        finally:
            self.abandon()
        gave_up = status == 3 and watch.stood_s() > 1 and '"not stopped"' in self.tail()
        if status != 0 and not gave_up:
            raise BrokerError(f"{self.folder.name}: SIGTERM: exit status {status}\n{self.tail()}")
        if watch.seconds() > STOP_TIMEOUT_S:
            raise BrokerError(f"{self.folder.name}: SIGTERM: no end within {STOP_TIMEOUT_S} s\n{self.tail()}")
        return watch.seconds()

    def abandon(self):
        """However the test ends, nothing is left running."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def tail(self, lines=15):
        if not self.log_file.exists():
            return ""
        return "\n".join(self.log_file.read_text("utf-8", "replace").splitlines()[-lines:])

    def log(self):
        """Every line must be a JSON object."""
        return [json.loads(line) for line in self.log_file.read_text("utf-8").splitlines()]

    def get(self, path):
        """Status and text of the HTTP address; (0, "") where nothing answers."""
        try:
            with urllib.request.urlopen(f"http://{self.settings['http']}{path}", timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def await_ready(self):
        def ready():
            self.check_alive()
            return self.get("/readyz")[0] == 200
        return await_true(f"{self.folder.name} is ready", ready)

    def metric(self, name):
        """The sum over all labels."""
        lines = [line for line in self.get("/metrics")[1].splitlines() if line.startswith((name + " ", name + "{"))]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def run_to_end(self, timeout_s=PATIENCE_S):
        """For starts that must fail: exit status and the log."""
        self.start()
        try:
            status = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise BrokerError(f"{self.folder.name}: still runs after {timeout_s} s\n{self.tail()}") from error
        finally:
            self.abandon()
        return status, self.log_file.read_text("utf-8", "replace")

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
