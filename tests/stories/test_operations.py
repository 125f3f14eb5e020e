#!/usr/bin/env python3
"""test_operations.py BINARY: `handover top`, `tap` and `letters` without a broker: what is wrong with how they are called, and nobody answers."""

import concurrent.futures
import http.server
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"


def run(*args):
    done = subprocess.run([BINARY, *map(str, args)], capture_output=True, text=True, timeout=300, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


class Pages(http.server.BaseHTTPRequestHandler):
    """What a daemon might say, good or not, by path."""
    TEXTS = {"/metrics": (200, b"handover_tasks 3\nhandover_leads{stage=\"sql\\n\x1b[2J\"} 7\n"), "/torn": (200, b"handover_tasks 3\nhandover"),
             "/strange": (200, b"<html>\n"), "/large": (200, b"# x\n" * (5 << 18)), "/away": (404, b"no\n"), "/elsewhere": (302, b"")}

    def do_GET(self):  # pylint: disable=invalid-name
        status, text = self.TEXTS[self.path]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/metrics")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        try:
            self.wfile.write(text)
        except OSError:  # it has heard enough
            pass

    def log_message(self, *args):  # pylint: disable=arguments-differ
        pass


class Operations(unittest.TestCase):
    def refused(self, said, *args):
        status, out, errors = run(*args)
        self.assertEqual((status, out), (2, ""), (args, errors))
        self.assertTrue(errors.startswith(f"handover {args[0]}: "), errors)
        self.assertIn(said, errors)

    def test_usage(self):
        at = ("--set", "bootstrap=127.0.0.1:1")
        for name in ("tap", "letters"):
            self.refused("--settings FILE: is missing", name)
        self.refused("--settings FILE: is missing (or --url", "top")
        for name in ("top", "tap", "letters"):
            self.refused("there is no such option", name, "--nonsense")
            self.refused("a value is missing", name, "--settings")
            self.refused("No such file", name, "--settings", "/nowhere.json")
            self.refused("is a time like", name, *at, "--from", "yesterday")
        self.refused("x: is no option", "tap", *at, "x")
        self.refused("is changes or breaches", "tap", *at, "--type", "moves")
        self.refused("is NAME=VALUE", "tap", *at, "--attribute", "region")
        self.refused("x: is no option", "top", *at, "x")
        self.refused("no address like", "top", "--url", "ftp://x")
        self.refused("no address like", "top", "--url", "http://user:secret@x")
        self.refused("more than 64", "top", *["--url=x"] * 65)

    def test_usage_of_letters(self):
        at = ("--set", "bootstrap=127.0.0.1:1")
        for said, args in (
                ("is none of list, show and redrive", ["drop"]), ("is no place of a letter", ["show", "3"]), ("wants one", ["show"]),
                ("wants one", ["show", "1:2", "1:3"]), ("goes with show and redrive", ["list", "1:2"]), ("has no use for filters", ["show", "1:2", "--reason", "no_lead"]),
                ("go with list", ["redrive", "--open"]), ("go with list", ["show", "1:2", "--summary"]), ("goes with show", ["--raw"]),
                ("goes with list and redrive", ["show", "1:2", "--limit", "3"]), ("go with redrive", ["list", "--yes"]), ("one of them", ["show", "1:2", "--raw", "--json"]),
                ("is not after --from", ["--from", "2026-01-02T00:00:00Z", "--to", "2026-01-02T00:00:00Z"]), ("is a number", ["--limit", "0"]),
                ("is a number", ["--limit", "99999999999999999999"]), ("is a number", ["--limit", "1x"]), ("is too_large, not_json", ["--reason", "bad"]),
                ("more than 256", ["redrive", *["1:2"] * 257])):
            self.refused(said, "letters", *at, *args)

    def test_nobody_answers(self):
        with socket.socket() as bound:  # nobody listens
            bound.bind(("127.0.0.1", 0))
            at = ("--set", f"bootstrap=127.0.0.1:{bound.getsockname()[1]}")
            calls = (["tap", "--once"], ["letters"], ["letters", "redrive", "--yes"], ["top", "--once", "--set", "http="])
            with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:  # each waits for ten seconds
                ended = list(pool.map(lambda args: run(*args, *at), calls))
            for status, out, errors in ended:
                self.assertEqual(status, 3, errors)
                self.assertIn("127.0.0.1:", out + errors)

    def test_what_daemons_say(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        base = f"http://127.0.0.1:{server.server_port}"
        urls = [part for path in ("/torn", "/strange", "/large", "/away", "/elsewhere") for part in ("--url", base + path)]
        status, out, _ = run("top", "--once", "--url", base, *urls)
        self.assertEqual(status, 0)
        self.assertIn("1 of 6 daemons", out)
        self.assertRegex(out, r"sql\ufffd\ufffd\[2J +7")
        for path, why in (("/torn", "line 2: the last line does not end"), ("/strange", "line 1: a name is missing"), ("/large", ""),
                          ("/away", "status 404"), ("/elsewhere", "status 302")):
            self.assertIn(f"{base}{path}: {why}", out)
        self.assertEqual(run("top", "--once", *urls)[0], 3)

    def test_settings_name_the_daemon(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "settings.json")
            path.write_text(json.dumps({"bootstrap": "127.0.0.1:1", "http": "127.0.0.1:2"}))
            status, out, _ = run("top", "--once", "--settings", path)
            self.assertEqual(status, 3)
            self.assertIn("0 of 1 daemon", out)
            self.assertIn("http://127.0.0.1:2/metrics: ", out)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
