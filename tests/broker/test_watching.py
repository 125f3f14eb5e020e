#!/usr/bin/env python3
"""test_watching.py BINARY: `handover tap` shows what is published, as it is published, and only what was asked for; it ends by SIGINT and when
nobody reads. `handover top` shows a running daemon: as plain text, and on a terminal, which it follows in size and gives back as it was."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading

import bench
import broker
import events

PARTITIONS = 2
EVENTS = bench.size("EVENTS", 3000)


class Watcher:
    def __init__(self, this, site):
        self.this, self.site = this, site
        self.settings = site.folder / "watch.json"

    def use(self, daemon):
        self.settings.write_text(json.dumps({**self.site.settings, "http": daemon.settings["http"]}))

    def command(self, name, *args):
        return [str(self.this.binary), name, "--settings", str(self.settings), *map(str, args)]

    def run(self, name, *args, status=0):
        done = subprocess.run(self.command(name, *args), capture_output=True, timeout=broker.PATIENCE_S, check=False)
        self.this.check(f"{name} {' '.join(map(str, args))}: {done.stderr.decode().strip()}", done.returncode == status)
        return done.stdout.decode()


def published(site):
    values = [record.value for number in range(PARTITIONS) for record in site.broker.records(site.topics["stage_changes"], number)]
    return values, [json.loads(value) for value in values]


def see_what_was(this, site, watcher):
    values, all_events = published(site)
    this.check("there is something", len(values) > 50)
    this.check("the events, byte for byte", sorted(watcher.run("tap", "--once", "--json").encode().splitlines()) == sorted(values))
    this.check("a line each", watcher.run("tap", "--once").count("\n") == len(values))
    lead, to = all_events[0]["data"]["lead"], all_events[0]["data"]["to"]

    def asked(*args):
        return sorted(json.loads(line)["id"] for line in watcher.run("tap", "--once", "--json", *args).splitlines())
    this.check("of one lead", asked("--lead", lead) == sorted(e["id"] for e in all_events if e["data"]["lead"] == lead))
    this.check("to one stage", asked("--type", "changes", "--to-stage", to) == sorted(e["id"] for e in all_events if e["data"].get("to") == to))
    this.check("from a time on: none", asked("--from", "2199-01-01T00:00:00Z") == [])
    watcher.run("tap", "--once", "--set", "stage_changes=nowhere", status=3)
    watcher.run("tap", "--type", "x", status=2)


def see_what_comes(this, site, watcher, stream):
    """Begun before anything comes; ended by SIGINT."""
    producer = broker.Producer(site.broker, site.inputs[0])
    with subprocess.Popen(watcher.command("tap", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(process.stdout), daemon=True)
        reader.start()
        before = set(published(site)[0])

        def came():  # when it has begun to listen depends on the machine
            producer.write(stream.take(20))
            return len(lines) > 10
        broker.await_true("changes come", came, step_s=0.3)
        process.send_signal(signal.SIGINT)
        status = process.wait(broker.PATIENCE_S)
        reader.join(broker.PATIENCE_S)
        producer.close()
        this.check(f"it ends by SIGINT: {process.stderr.read()}", status == 0)
    this.check("what it has shown is new", lines and not before & {line.rstrip(b"\n") for line in lines})


def see_nobody_reads(this, watcher):
    """A reader that goes away, with more to come, and with nothing to come."""
    for args in (["--from", "beginning"], []):
        with subprocess.Popen(watcher.command("tap", *args), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            if args:
                process.stdout.readline()
            process.stdout.close()
            status = process.wait(broker.PATIENCE_S)
            this.check(f"nobody reads: {status}", status == 0 and process.stderr.read() == b"")


def see_one_picture(this, daemon, watcher):
    text = watcher.run("top", "--once", "--from", "beginning")
    this.say("\n" + text)
    this.check("the daemon answers", "1 of 1 daemon" in text and re.search(rf"tasks {PARTITIONS} ", text))
    this.check("what it has read", f"leads {int(daemon.metric('handover_state_leads'))} " in text and re.search(r"^t?\S+/1 +0 ", text, re.M))
    this.check("dead letters by reason", re.search(r"no_\w+ +\d+$", text, re.M))
    this.check("last changes", len(re.findall(r"^20\d\d-\d\d-\d\d .* → ", text, re.M)) > 3)
    this.check("plain text", "\x1b" not in text and max(map(len, text.splitlines())) <= 80)
    alone = subprocess.run([this.binary, "top", "--once", "--url", daemon.settings["http"], "--url", "127.0.0.1:1"], capture_output=True,
                           text=True, timeout=broker.PATIENCE_S, check=True).stdout
    this.check("by address, and who does not answer is named", "1 of 2 daemons" in alone and "127.0.0.1:1/metrics: " in alone)
    nobody = subprocess.run([this.binary, "top", "--once", "--url", "127.0.0.1:1"], capture_output=True, timeout=broker.PATIENCE_S, check=False)
    this.check("nobody answers", nobody.returncode == 3)


class Terminal:
    """A program on a pseudo-terminal, and what it has shown."""

    def __init__(self, command, columns, rows):
        self.ours, theirs = pty.openpty()
        self.size(columns, rows)
        self.before = termios.tcgetattr(self.ours)
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                                        env={**os.environ, "TERM": "xterm", "NO_COLOR": "1"},
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.theirs = theirs  # kept open: its state is looked at afterwards
        self.raw = bytearray()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def size(self, columns, rows):
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self):
        try:
            while chunk := os.read(self.ours, 65536):
                self.raw += chunk
        except OSError:
            pass

    def pictures(self):
        return self.raw.decode("utf-8", "replace").split("\x1b[H")[1:-1]  # the last may still be on its way

    def await_picture(self, what, good):
        def seen():
            if self.process.poll() is not None:
                raise broker.BrokerError(f"top has ended: {bytes(self.raw)!r}")
            return any(good([line.split("\x1b[K")[0] for line in picture.split("\r\n")]) for picture in self.pictures())
        broker.await_true(what, seen)

    def end(self):
        status = self.process.wait(broker.PATIENCE_S)
        same = termios.tcgetattr(self.ours) == self.before
        os.close(self.theirs)  # the last one that has it: the reader comes to an end
        self.reader.join(broker.PATIENCE_S)
        raw = bytes(self.raw)
        return status, same and raw.startswith(b"\x1b[?1049h") and raw.endswith(b"\x1b[?25h\x1b[?1049l")


def see_on_a_terminal(this, watcher):
    for way in ("q", "SIGINT", "SIGTERM"):
        terminal = Terminal(watcher.command("top", "--from", "beginning"), 80, 24)
        try:
            terminal.await_picture("a picture", lambda lines: len(lines) <= 24 and "1 of 1 daemon" in lines[0] and
                                   any(" → " in line for line in lines))
            this.check("it fits", all(len(line.split("\x1b[K")[0]) <= 80 for picture in terminal.pictures() for line in picture.split("\r\n")))
            if way == "q":
                terminal.size(44, 18)
                os.kill(terminal.process.pid, signal.SIGWINCH)
                terminal.await_picture("a narrow one", lambda lines: len(lines) <= 18 and all(len(line) <= 44 for line in lines))
            if way == "SIGTERM":
                terminal.process.terminate()
            else:
                os.write(terminal.ours, b"q" if way == "q" else b"\x03")
            this.check(f"{way} ends it, and the terminal is as it was", terminal.end() == (0, True))
        finally:
            terminal.process.kill()
            terminal.process.wait()


def test(this):
    site = this.site("watching", events.RICH, partitions=PARTITIONS)
    daemon, watcher = site.daemon("daemon"), Watcher(this, site)
    watcher.use(daemon)
    daemon.start()
    daemon.await_ready()
    stream = this.stream(EVENTS + 50000)
    broker.produce(site.broker, site.inputs[0], stream.take(EVENTS))
    site.await_drained([daemon])
    see_what_was(this, site, watcher)
    see_nobody_reads(this, watcher)
    see_what_comes(this, site, watcher, stream)
    see_one_picture(this, daemon, watcher)
    see_on_a_terminal(this, watcher)
    daemon.stop()


if __name__ == "__main__":
    bench.main(test)
