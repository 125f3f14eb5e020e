#!/usr/bin/env python3
"""test_replay.py BINARY: `handover replay` and the program's frame as people and scripts meet them: packed files, pipes, bad lines,
bad options, closed pipes, full disks, signals. What is decided is the conformance cases' matter; here it is that nothing is lost."""

import gzip
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import terminal

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"

DEFINITION = {
    "handover": 1, "name": "story", "version": 1, "effective_from": "2026-01-01T00:00:00Z", "teams": ["marketing", "sales"],
    "events": {"lead": ["/userId", "@key"], "time": ["/timestamp", "@timestamp"], "id": "/messageId", "name": "/event"},
    "stages": [{"name": "new", "owner": "marketing"},
               {"name": "asked", "owner": "sales", "enter": {"event": "Demo Requested"}},
               {"name": "won", "owner": "sales", "enter": {"event": "Won"}}],
    "slas": [{"name": "sales answers", "stage": "asked", "within": "2h", "met_by": "Called"}],
}


def event(lead, name="Demo Requested", minute=0, **more):
    return json.dumps({"userId": lead, "event": name, "timestamp": f"2026-03-01T09:{minute:02}:00Z", **more})


def envelope(offset, payload, partition=0, **more):
    return json.dumps({"topic": "engagement", "partition": partition, "offset": offset, "payload": payload, **more})


def text(*lines):
    return "".join(line + "\n" for line in lines).encode()


class Replay(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.definition = self.file("definition.json", json.dumps(DEFINITION).encode())

    def tearDown(self):
        shutil.rmtree(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def file(self, name, content):
        with open(self.path(name), "wb") as out:
            out.write(content)
        return self.path(name)

    def command(self, *args):
        return [BINARY, "replay", "--definition", self.definition, *args]

    def run_replay(self, *args, stdin=b"", status=0):
        done = subprocess.run(self.command(*args), input=stdin, capture_output=True, timeout=300, check=False)
        error = done.stderr.decode()
        self.assertEqual(done.returncode, status, error)
        return done.stdout, error

    def leads(self, output):
        return [json.loads(line)["subject"] for line in output.splitlines()]

    def dead(self):
        with open(self.path("dead"), "rb") as lines:
            return [json.loads(line) for line in lines]

    def summary(self, error):
        """{label: number}, and every line is accounted for."""
        table = dict(re.findall(r"^ *(\S.*?) +([\d.]+)$", error, re.M))
        table = {label: float(number) for label, number in table.items()}
        self.assertEqual(table["lines"], table["events"] + table["dead letters"] + table["empty"], error)
        return table


class Inputs(Replay):
    def test_ways_in(self):
        log = text(event("a"), "", event("b", minute=1))
        expected, _ = self.run_replay(self.file("log", log))
        self.assertEqual(self.leads(expected), ["a", "b"])
        self.assertEqual([json.loads(x)["id"] for x in expected.splitlines()], ["events/0/0/0", "events/0/2/0"])
        packed = gzip.compress(log)
        self.assertEqual(self.run_replay(self.file("log.gz", packed))[0], expected)
        self.assertEqual(self.run_replay(stdin=log)[0], expected)
        self.assertEqual(self.run_replay("-", stdin=log)[0], expected)
        self.assertEqual(self.run_replay("-", stdin=packed)[0], expected)
        halves = self.file("1", text(event("a"))), self.file("2", b"\n" + event("b", minute=1).encode())
        self.assertEqual(self.run_replay(*halves)[0], expected)
        self.assertEqual(self.run_replay(stdin=b"")[0], b"")

    @unittest.skipUnless(shutil.which("zstd"), "no zstd here; tests/unit/test_source_file.c has it all the same")
    def test_zstd(self):
        log = text(event("a"), event("b", minute=1))
        expected, _ = self.run_replay(stdin=log)
        packed = subprocess.run(["zstd", "-q", "-c"], input=log, capture_output=True, check=True).stdout
        self.assertEqual(self.run_replay(self.file("log.zst", packed))[0], expected)
        self.assertEqual(self.run_replay(stdin=packed)[0], expected)

    def test_topic_and_partition(self):
        output, _ = self.run_replay("--topic", "crm", "--partition", "7", stdin=text(event("a")))
        self.assertEqual(json.loads(output)["id"], "crm/7/0/0")

    def test_broken_gzip_keeps_what_came_before(self):
        log = text(*(event(f"lead {i}", minute=i % 60) for i in range(20000)))
        packed = gzip.compress(log)
        whole, _ = self.run_replay(self.file("log.gz", packed))
        output, error = self.run_replay(self.file("cut.gz", packed[:-20]), status=2)
        self.assertIn("cut.gz: the packed file ends too early", error)
        self.assertTrue(whole.startswith(output))
        self.assertGreater(len(output), len(whole) // 2)
        _, error = self.run_replay(self.file("plain.gz", log), status=2)
        self.assertIn("not good gzip", error)

    def test_missing_file_before_anything_is_done(self):
        output, error = self.run_replay(self.file("log", text(event("a"))), self.path("none"), status=2)
        self.assertEqual(output, b"")
        self.assertRegex(error, r"^handover replay: .*none: No such file")
        self.assertIn("is a directory", self.run_replay(self.folder, status=2)[1])

    def test_output_comes_while_input_waits(self):
        with subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
            for lead in ("a", "b"):
                run.stdin.write(text(event(lead)))
                run.stdin.flush()
                self.assertEqual(json.loads(run.stdout.readline())["subject"], lead)
            run.stdin.close()
            self.assertEqual(run.wait(timeout=300), 0)


class BadLines(Replay):
    def test_every_bad_line_is_a_dead_letter(self):
        large = event("x", filler="y" * (2 << 20))
        lines = [
            (event("x")[:40].encode(), "not_json"),
            (large.encode(), "too_large"),
            (b'{"userId":"\xff\xfe\xe2\x82","event":"x"}', "not_json"),
            (b"[" * 10000 + b"]" * 10000, "not_json"),
            (b'{"event":"x","timestamp":"2026-03-01T09:00:00Z"}', "no_lead"),
            (b'{"userId":"x","event":"x","timestamp":"9999-01-01T00:00:00Z"}', "bad_time"),
            (b'{"userId":"x","event":"x"}', "no_time"),
            (b'{"userId":"x","timestamp":"2026-03-01T09:00:00Z"}', "no_name"),
            (b'"x"', "not_object"),
            (b"\x00\x1b[31m", "not_json"),
        ]
        log = text(event("a")) + b"".join(line + b"\n" for line, _ in lines) + b" \t\r\n" + text(event("b", minute=1))
        output, error = self.run_replay("--summary", "--dead-letters", self.path("dead"), stdin=log)
        self.assertEqual(self.leads(output), ["a", "b"])
        dead = self.dead()
        self.assertEqual([d["reason"] for d in dead], [reason for _, reason in lines])
        for number, (letter, (line, _)) in enumerate(zip(dead, lines), 1):
            self.assertEqual(list(letter), ["reason", "detail", "topic", "partition", "offset", "value"])
            self.assertEqual((letter["topic"], letter["partition"], letter["offset"]), ("events", 0, number))
            self.assertEqual(letter["value"], line.decode(errors="replace"))
        table = self.summary(error)
        self.assertEqual((table["lines"], table["events"], table["dead letters"], table["empty"]), (13, 2, 10, 1))
        self.assertEqual(table["not_json"], 4)

    def test_counted_without_a_file(self):
        output, error = self.run_replay(stdin=text("{", "[]", event("a"), "{"))
        self.assertEqual(self.leads(output), ["a"])
        self.assertIn("3 dead letters (not_json 2, not_object 1)", error)

    def test_largest_event_is_an_option(self):
        log = text(event("a"), event("b", filler="y" * 300), event("c"))
        output, _ = self.run_replay("--max-event-bytes", "200", "--dead-letters", self.path("dead"), stdin=log)
        self.assertEqual(self.leads(output), ["a", "c"])
        self.assertEqual([d["reason"] for d in self.dead()], ["too_large"])


class Kcat(Replay):
    def test_partitions_in_the_order_of_lines(self):
        lines = [envelope(i, event(f"lead {i}", minute=i // 5), partition=(i * 7) % 4) for i in range(200)]
        output, error = self.run_replay("--envelope", "kcat", "--summary", stdin=text(*lines))
        changes = [json.loads(x) for x in output.splitlines()]
        self.assertEqual([c["subject"] for c in changes], [f"lead {i}" for i in range(200)])
        self.assertEqual([c["data"]["cause"]["partition"] for c in changes], [(i * 7) % 4 for i in range(200)])
        self.assertEqual(changes[10]["id"], "engagement/2/10/0")
        table = self.summary(error)
        self.assertEqual((table["partitions"], table["leads"], table["new \u2192 asked"]), (4, 200, 200))

    def test_null_payload_key_and_timestamp(self):
        payload = json.dumps({"event": "Demo Requested"})
        log = text(envelope(0, None), envelope(1, payload, key="k", ts=1772357400000), "",
                   envelope(2, payload, key=7, ts=1772357400000), envelope(3, payload, key="k", ts=-1),
                   envelope(4, "\u0000\u00e9\U0001f600"))
        output, error = self.run_replay("--envelope", "kcat", "--summary", "--dead-letters", self.path("dead"), stdin=log)
        self.assertEqual(self.leads(output), ["k"])
        self.assertEqual([(d["reason"], d["offset"]) for d in self.dead()],
                         [("not_json", 0), ("no_lead", 2), ("no_time", 3), ("not_json", 4)])
        self.assertEqual(self.dead()[0]["value"], "")
        self.assertEqual(self.dead()[3]["value"], "\u0000\u00e9\U0001f600")
        self.assertEqual(self.summary(error)["empty"], 1)

    def test_a_line_that_is_none_ends_the_run_after_all_before_it(self):
        log = text(envelope(0, event("a")), "", envelope(1, "{"), '{"topic":"t","partition":0,"offset":2}',
                   envelope(3, event("b")))
        output, error = self.run_replay("--envelope", "kcat", "--summary", "--dead-letters", self.path("dead"), stdin=log,
                                        status=2)
        self.assertEqual(self.leads(output), ["a"])
        self.assertEqual([d["offset"] for d in self.dead()], [1])
        self.assertIn('standard input: line 4: not what `kcat -J` prints: no "payload"', error)
        self.assertEqual(self.summary(error)["lines"], 3)

    def test_large_payload(self):
        log = text(envelope(0, event("a")), envelope(1, event("b", filler="\n" * (2 << 20))), envelope(2, event("c")))
        output, error = self.run_replay("--envelope", "kcat", stdin=log)
        self.assertEqual(self.leads(output), ["a", "c"])
        self.assertIn("1 dead letter (too_large 1)", error)

    def test_too_many_partitions(self):
        log = text(*(envelope(0, event("a"), partition=i) for i in range(5000)))
        output, error = self.run_replay("--envelope", "kcat", stdin=log, status=2)
        self.assertEqual(len(output.splitlines()), 4096)
        self.assertIn("line 4097: more partitions", error)


class Time(Replay):
    def test_until(self):
        output, error = self.run_replay("--until", "2026-03-01T12:00:00Z", "--summary", stdin=text(event("a")))
        kinds = [json.loads(x)["type"] for x in output.splitlines()]
        self.assertEqual(kinds, ["lead.stage.changed", "lead.sla.breached"])
        self.assertEqual(self.summary(error)["sales answers"], 1)

    def test_until_goes_by_partition(self):
        log = text(*(envelope(0, event(f"lead {p}"), partition=p) for p in (5, 0, 300, 2)))
        output, _ = self.run_replay("--envelope", "kcat", "--until", "2026-03-01T12:00:00Z", stdin=log)
        ids = [json.loads(x)["id"] for x in output.splitlines()][4:]
        mark = 1772366400000
        self.assertEqual(ids, [f"clock/{p}/{mark}/0" for p in (0, 2, 5, 300)])


class Usage(Replay):
    def check(self, *args, said, status=2):
        done = subprocess.run([BINARY, *args], stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)
        self.assertEqual(done.returncode, status)
        self.assertIn(said, done.stderr.decode())
        self.assertEqual(done.stdout, b"")

    def test_frame(self):
        self.check(said="usage: handover COMMAND")
        self.check("replya", said="did you mean `handover replay`?")
        self.check("xyzzy", said='"xyzzy": there is no such command')
        self.check("x" * 1000, said="there is no such command")
        for args in (["--help"], ["replay", "--help"]):
            done = subprocess.run([BINARY, *args], capture_output=True, timeout=300, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertTrue(done.stdout.startswith(b"usage: handover"))
            self.assertLessEqual(max(map(len, done.stdout.decode().splitlines())), 120)
        version = subprocess.run([BINARY, "--version"], capture_output=True, timeout=300, check=True).stdout
        self.assertRegex(version.decode(), r"^handover \S+\n$")

    def test_options(self):
        replay = ["replay", "--definition", self.definition]
        self.check("replay", said="--definition FILE: is missing")
        for options, said in (
                (["--frobnicate"], "--frobnicate: there is no such option"),
                (["--topic"], "--topic: a value is missing"),
                (["--topic", ""], "--topic: a topic's name"),
                (["--topic", "a/b"], "--topic: a topic's name"),
                (["--partition", "-1"], "--partition:"),
                (["--partition", "2147483648"], "--partition:"),
                (["--partition", "1x"], "--partition:"),
                (["--envelope", "avro"], "--envelope: is none or kcat"),
                (["--until", "tomorrow"], "--until: is a time like"),
                (["--until", "9999-01-01T00:00:00Z"], "--until: is a time like"),
                (["--max-event-bytes", "0"], "--max-event-bytes:"),
                (["--dead-letters", "-"], "--dead-letters:"),
                (["--definition", "-"], "standard input: can be read once")):
            self.check(*replay, *options, said="handover replay: " + said)

    def test_definitions(self):
        broken = self.file("broken.json", json.dumps({**DEFINITION, "stagse": []}, indent=1).encode())
        self.check("replay", "--definition", broken, os.devnull, said="broken.json:")
        self.check("replay", "--definition", self.path("none.json"), os.devnull, said="none.json: ")
        other = self.file("other.json", json.dumps({**DEFINITION, "name": "other", "version": 2}).encode())
        self.check("replay", "--definition", self.definition, "--definition", other, os.devnull, said="handover replay: ")

    def test_dead_letters_never_destroy_an_input(self):
        log = self.file("log", text(event("a")))
        for path in (log, self.definition):
            self.run_replay("--dead-letters", path, log, status=2)
            self.assertGreater(os.path.getsize(path), 0)
        os.symlink(log, self.path("link"))
        self.run_replay("--dead-letters", self.path("link"), log, status=2)
        self.assertGreater(os.path.getsize(log), 0)


class Outside(Replay):
    def log(self, count=30000):
        return self.file("log", text(*(event(f"lead {i}") for i in range(count))))

    def run_to(self, output, *args):
        return subprocess.run(self.command(*args), stdout=output, stderr=subprocess.PIPE, timeout=300, check=False)

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            done = self.run_to(full, self.log())
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"handover replay: standard output: No space left", done.stderr)
        done = self.run_to(subprocess.DEVNULL, "--dead-letters", "/dev/full", self.file("bad", b"{\n"))
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"/dev/full: No space left", done.stderr)
        done = self.run_to(subprocess.DEVNULL, "--dead-letters", self.path("none/dead"), os.devnull)
        self.assertEqual(done.returncode, 3)

    def test_closed_pipe(self):
        with subprocess.Popen(self.command(self.log()), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
            self.assertEqual(json.loads(run.stdout.readline())["subject"], "lead 0")
            run.stdout.close()
            self.assertEqual(run.wait(timeout=300), 3)
            self.assertEqual(run.stderr.read(), b"handover replay: standard output: closed by its reader\n")

    def test_closed_output(self):
        done = subprocess.run(["sh", "-c", '"$@" >&-', "sh", *self.command(self.log(1))], stderr=subprocess.PIPE, timeout=300,
                              check=False)
        self.assertEqual(done.returncode, 3)

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as run:
                run.stdin.write(text(event("a")) + b'{"userId":"b"')
                run.stdin.flush()
                self.assertEqual(json.loads(run.stdout.readline())["subject"], "a")
                run.send_signal(number)
                self.assertEqual(run.wait(timeout=300), 3)
                self.assertIn(b"handover replay: interrupted", run.stderr.read())

    def test_signal_while_nobody_reads(self):
        with subprocess.Popen(self.command(self.log()), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
            terminal.await_in_pipe(run.stdout, lambda count: count > 60000)  # it waits for the pipe
            run.send_signal(signal.SIGTERM)
            self.assertEqual(run.wait(timeout=300), 3)

    def test_progress_on_a_terminal_alone(self):
        self.assertEqual(self.run_replay(self.log())[1], "")
        ours, theirs = pty.openpty()
        with subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=theirs) as run:
            os.close(theirs)
            for lead in ("a", "b"):
                terminal.feed(run.stdin, text(event(lead)))
                time.sleep(0.8)  # longer than half a second, before which it shows nothing
            run.stdin.close()
            self.assertEqual(run.wait(timeout=300), 0)
        self.assertRegex(terminal.shown(ours), r"^(\r\033\[K1 lines, \d+ a second)?\r\033\[K2 lines, \d+ a second\r\033\[K$")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
