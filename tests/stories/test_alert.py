#!/usr/bin/env python3
"""test_alert.py BINARY: `handover alert` without Kafka: what `test` says of receivers of every kind, what is refused at the start, what is
never printed."""

import base64
import http.server
import json
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

BINARY = sys.argv[1] if len(sys.argv) > 1 else "handover"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
PATIENCE_S = 300


class Server:
    """Answers by the path: a status, or what is wrong with it."""

    def __init__(self, context=None):
        self.bodies = bodies = []
        self.over = threading.Event()
        over = self.over

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                bodies.append((self.path, self.rfile.read(int(self.headers["content-length"])), dict(self.headers)))
                if self.path == "/hang":
                    over.wait(PATIENCE_S)
                if self.path in ("/hang", "/hangup"):
                    return
                self.send_response(200 if self.path == "/long" else int(self.path[1:]))
                self.send_header("Location", "/200")
                self.end_headers()
                self.wfile.write(b"x" * 200000 if self.path == "/long" else b"so be\x1b[31m it\n")

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *arguments: None
        self.server.daemon_threads = True
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Alert(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="handover-alert-")
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.server = Server()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.addClassCleanup(cls.server.over.set)

    def private(self, name, text, mode=0o600):
        path = self.folder / name
        path.write_text(text + "\n")
        path.chmod(mode)
        return str(path)

    def hook(self, path="/200", **members):
        return {"name": "hook", "kind": "webhook", "url": f"http://127.0.0.1:{self.server.port}{path}", "allow_http": True,
                "allow_private": True, "secret_file": self.private("secret", SECRET), **members}

    def run_alert(self, words, receivers, status, **settings):
        file = self.folder / "settings.json"
        file.write_text(json.dumps({"bootstrap": "127.0.0.1:1", "alert_state": str(self.folder / "alert.sqlite"),
                                    "alerts": receivers, **settings}))
        done = subprocess.run([BINARY, "alert", *words, "--settings", str(file)], capture_output=True, timeout=PATIENCE_S, check=False)
        out, errors = done.stdout.decode(), done.stderr.decode()
        self.assertEqual(done.returncode, status, out + errors)
        self.assertNotIn(SECRET, out + errors)
        return out if status in (0, 1) or out else errors

    def test_answers(self):
        cases = [("/200", 0, r"sent: status 200, \d+ ms: so be"), ("/204", 0, "status 204"), ("/500", 1, "status 500"),
                 ("/410", 1, "status 410"), ("/429", 1, "status 429"), ("/302", 1, "status 302: redirects are not followed"),
                 ("/hangup", 3, "not sent: hung up without an answer"), ("/long", 0, "status 200")]
        for path, status, words in cases:
            with self.subTest(path):
                said = self.run_alert(["test", "hook"], [self.hook(path)], status)
                self.assertRegex(said, words)
                self.assertNotIn("\x1b", said)
                self.assertNotIn(str(self.server.port), said)

    def test_redirects_are_not_followed(self):
        before = len(self.server.bodies)
        self.run_alert(["test", "hook"], [self.hook("/302")], 1)
        self.assertEqual([path for path, _, _ in self.server.bodies[before:]], ["/302"])

    def test_hang(self):
        self.assertIn("not sent: timed out", self.run_alert(["test", "hook"], [self.hook("/hang", timeout_ms=300)], 3))

    def test_nobody(self):
        receiver = self.hook(url="http://127.0.0.1:1/")
        self.assertIn("cannot be connected to", self.run_alert(["test", "hook"], [receiver], 3))
        receiver = self.hook(url="http://handover.invalid/")
        self.assertRegex(self.run_alert(["test", "hook"], [receiver], 3), "the host's name is not known|timed out")

    def test_private_addresses(self):
        before = len(self.server.bodies)
        for host, what in (("127.0.0.1", "loopback"), ("localhost", "loopback"), ("[::1]", "loopback"), ("0.0.0.0", "this network"),
                           ("[::ffff:127.0.0.1]", "loopback"), ("2130706433", "loopback"), ("127.1", "loopback")):
            with self.subTest(host):
                receiver = self.hook(url=f"http://{host}:{self.server.port}/200", allow_private=False)
                said = self.run_alert(["test", "hook"], [receiver], 3)
                # A machine without IPv6 cannot even ask for a socket.
                self.assertRegex(said, rf"blocked: [0-9a-f.:]+ is {what}|cannot be connected to")
        self.assertEqual(len(self.server.bodies), before)

    def test_certificates(self):
        key, certificate = self.folder / "key.pem", self.folder / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate),
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                       capture_output=True, check=True, timeout=PATIENCE_S)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        port = Server(context).port
        receiver = {**self.hook(url=f"https://localhost:{port}/200"), "allow_http": False}
        self.assertIn("its certificate does not hold", self.run_alert(["test", "hook"], [receiver], 3))
        known = {**receiver, "ca_file": str(certificate)}
        self.assertIn("status 200", self.run_alert(["test", "hook"], [known], 0))
        other = {**known, "url": f"https://127.0.0.1:{port}/200"}
        self.assertIn("its certificate does not hold", self.run_alert(["test", "hook"], [other], 3))

    def test_every_kind(self):
        url = f"http://127.0.0.1:{self.server.port}/202"
        common = {"allow_http": True, "allow_private": True}
        receivers = [{**common, "name": "s", "kind": "slack", "url_file": self.private("slack", url)},
                     {**common, "name": "p", "kind": "pagerduty", "url": url, "secret_file": self.private("key", "ROUTING")},
                     {"name": "o", "kind": "stdout"}]
        before = len(self.server.bodies)
        self.assertIn("sent: status 202", self.run_alert(["test", "s"], receivers, 0))
        self.assertRegex(self.run_alert(["test", "p"], receivers, 0), r"(?s)sent: status 202.*resolved: status 202")
        self.assertIn("test-lead mql -> sql for ana", self.run_alert(["test", "o"], receivers, 0))
        slack, trigger, resolve = (json.loads(body) for _, body, _ in self.server.bodies[before:])
        self.assertEqual(slack["text"], "*ana*: *test-lead* is sql now, was mql")
        self.assertEqual((trigger["event_action"], resolve["event_action"]), ("trigger", "resolve"))
        self.assertEqual(trigger["routing_key"], "ROUTING")
        shown = self.run_alert(["test", "p", "--dry-run"], receivers, 0)
        self.assertNotIn("ROUTING", shown)
        self.assertEqual(len(self.server.bodies), before + 3)

    def test_templates(self):
        words = self.private("words", '{"text":"{{/data/lead}}","event":{{event}}}')
        shown = self.run_alert(["test", "hook", "--dry-run"], [self.hook(template=words)], 0)
        body = json.loads(shown[shown.index("\n\n") + 2:])
        self.assertEqual((body["text"], body["event"]["type"]), ("test-lead", "lead.stage.changed"))
        self.assertIn("Content-Type: application/json", shown)
        for kind in ("slack", "webhook", "pagerduty", "stdout"):
            printed = subprocess.run([BINARY, "alert", "template", kind], capture_output=True, text=True, check=True, timeout=PATIENCE_S)
            self.assertIn("{{", printed.stdout)

    def test_refused_at_the_start(self):
        wrong = self.private("wrong", "a\n{{if /data/to}}")
        cases = [([self.hook(template=wrong)], "hook: .*wrong: line 2: {{if"),
                 ([self.hook(template="/nowhere")], "/nowhere: No such file"),
                 ([self.hook(link="{{x}}")], "hook: link: line 1"),
                 ([self.hook(secret_file="/nowhere")], "/nowhere: No such file"),
                 ([self.hook(secret_file=self.private("open", SECRET, 0o644))], "others may read it"),
                 ([self.hook(secret_file=self.private("short", "whsec_AAAA"))], "is no secret of a webhook"),
                 ([self.hook(allow_http=False)], "is not https"),
                 ([{**self.hook(), "name": "hoök"}], "a-z, 0-9"), ([], "names no receiver"),
                 ([{"name": "s", "kind": "slack", "url_file": self.private("bad", "ftp://h/secret-path")}], "begins with https")]
        for receivers, words in cases:
            with self.subTest(words):
                said = self.run_alert([], receivers, 2)
                self.assertRegex(said, words)
                self.assertNotIn("secret-path", said)

    def test_usage(self):
        for words, said in ((["tset", "hook"], "is not test"), (["test"], "wants a receiver's name"), (["test", "other"], "no receiver of that name"),
                            (["redeliver", "--receiver", "x"], "no receiver of that name"), (["--dry-run"], "goes with test"),
                            (["test", "hook", "more"], "nothing more"), (["redeliver", "--once"], "no other command"),
                            (["redeliver", "--since", "noon"], "is a time like")):
            with self.subTest(words):
                self.assertIn(said, self.run_alert(words, [self.hook()], 2))

    def test_state_file(self):
        noise = self.private("noise", "x" * 5000)
        self.assertIn("not a database", self.run_alert(["enable", "hook"], [self.hook()], 3, alert_state=noise))
        self.assertIn("was not disabled", self.run_alert(["enable", "hook"], [self.hook()], 0))

    def test_one_at_a_time(self):
        first = subprocess.Popen([BINARY, "alert", "--settings", self.settings()], stderr=subprocess.PIPE, text=True)
        try:
            self.assertIn('"started"', first.stderr.readline())
            self.assertIn("another handover alert", self.run_alert([], [self.hook()], 3, alert_http=""))
            first.terminate()
            self.assertEqual(first.wait(PATIENCE_S), 0)
        finally:
            first.kill()
            first.communicate()

    def settings(self):
        file = self.folder / "first.json"
        file.write_text(json.dumps({"bootstrap": "127.0.0.1:1", "alert_state": str(self.folder / "alert.sqlite"), "alert_http": "",
                                    "alerts": [self.hook()]}))
        return str(file)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
