"""receiver.py: an HTTP server that takes alerts, and does to their sender what receivers do: it fails, hangs, asks to be left alone, hangs up
before and after it has taken something. It checks each signature, and honours the id."""

import base64
import collections
import hashlib
import hmac
import http.server
import json
import random
import threading
import time

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
TOLERANCE_S = 300

Taken = collections.namedtuple("Taken", "id body")


def signature(identity, timestamp, body):
    key = base64.b64decode(SECRET.split("_", 1)[1])
    signed = f"{identity}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Mailbox:
    """What came to one path. `moods`: what is done with a request, at random; "good" takes it."""

    def __init__(self, moods=("good",), signed=True, hang_s=1.2):
        self.moods, self.signed, self.hang_s = moods, signed, hang_s
        self.taken, self.again, self.requests, self.wrong = [], 0, 0, []
        self.seen = set()

    def take(self, identity, body):
        """An id that is known changes nothing: that is all that it takes to see nothing twice."""
        if identity in self.seen:
            self.again += 1
            return
        self.seen.add(identity)
        self.taken.append(Taken(identity, json.loads(body)))

    def ids(self):
        return [each.id for each in self.taken]


class Receiver:
    """Mailboxes by path, served on a port of its own until the test's process ends."""

    def __init__(self, seed):
        self.lock, self.random = threading.Lock(), random.Random(seed)
        self.boxes = {}
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def do_POST(self):
                receiver.serve(self)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *arguments: None  # a sender that was killed has hung up
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def box(self, path, **options):
        self.boxes[path] = Mailbox(**options)
        return self.boxes[path]

    def serve(self, request):
        body = request.rfile.read(int(request.headers["content-length"]))
        box = self.boxes[request.path]
        with self.lock:
            box.requests += 1
            mood = self.random.choice(box.moods)
            identity = self.check(box, request, body)
            if mood in ("good", "taken, no answer"):
                box.take(identity, body)
        if mood == "hang":
            time.sleep(box.hang_s)
        if mood in ("hang", "hang up", "taken, no answer"):
            request.close_connection = True
            return
        status = {"good": 200, "fail": 503, "busy": 429, "gone": 410, "elsewhere": 302}[mood]
        request.send_response(status)
        if mood == "busy":
            request.send_header("Retry-After", "1")
        if mood == "elsewhere":
            request.send_header("Location", self.url + "/elsewhere")
        request.send_header("Content-Length", "3")
        request.end_headers()
        request.wfile.write(b"so\n")

    @staticmethod
    def check(box, request, body):
        """The request's id: where nothing is signed it is the body itself."""
        if not box.signed:
            return hashlib.sha256(body).hexdigest()
        identity, timestamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        if not hmac.compare_digest(signature(identity, timestamp, body), request.headers["webhook-signature"]):
            box.wrong.append(f"{identity}: the signature does not hold")
        if abs(time.time() - int(timestamp)) > TOLERANCE_S or "." in identity:
            box.wrong.append(f"{identity}: {timestamp}")
        return identity
