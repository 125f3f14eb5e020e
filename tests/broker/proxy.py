"""proxy.py: a TCP proxy in front of the broker that changes no byte, but holds chosen requests of Kafka's protocol
back, or cuts the connection in their place.

The broker tells the clients of one of its listeners this proxy's address (kafka.sh, `proxied` and `proxy`), so that
every connection comes through here. A request that is held keeps its place: what the client sends after it on that
connection waits too. The broker's side of a connection stays open after the client has given up, so that the held
request still arrives, late."""

import socket
import struct
import threading
import time

END_TXN = 26
CUT = -1
ASKED_MOST_S = 60
FRAME_MAX = 100 << 20


def read_exactly(connection, count):
    chunks = bytearray()
    while len(chunks) < count:
        chunk = connection.recv(min(count - len(chunks), 1 << 20))
        if not chunk:
            raise ConnectionError("closed")
        chunks += chunk
    return bytes(chunks)


def end_txn(frame):
    """(transactional id, is it a commit) of an EndTxn request, else None"""
    key, version, _, client = struct.unpack_from(">hhih", frame, 4)
    if key != END_TXN:
        return None
    at = 14 + max(client, 0)
    if version >= 3:  # flexible: no tagged fields in the header, then a compact string
        length = frame[at + 1] - 1
        at += 2
    else:
        length = struct.unpack_from(">h", frame, at)[0]
        at += 2
    return frame[at:at + length].decode(), frame[at + length + 10] == 1


class Asked:
    """Until the client has sent its next EndTxn, having given this one up, and so many seconds more."""

    def __init__(self, seconds):
        self.seconds = seconds


class Proxy:
    """hold(transactional_id, is_commit, number) -> seconds to hold this EndTxn back, the number-th of its transactional id; or Asked; CUT: it
    does not arrive, and the client's connection ends."""

    def __init__(self, listen, upstream, hold):
        self.upstream, self.hold = upstream.rsplit(":", 1), hold
        self.lock = threading.Lock()
        self.requests = []  # (arrived, forwarded, transactional id, commit)
        self.counts = {}
        self.closing = False
        host, port = listen.rsplit(":", 1)
        self.server = socket.create_server((host, int(port)), backlog=64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.closing:
            try:
                client, _ = self.server.accept()
            except OSError:
                continue
            try:
                broker = socket.create_connection((self.upstream[0], int(self.upstream[1])))
            except OSError:
                client.close()
                continue
            for each in (client, broker):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.requests_of, args=(client, broker), daemon=True).start()
            threading.Thread(target=self.answers_to, args=(client, broker), daemon=True).start()

    def requests_of(self, client, broker):
        try:
            while True:
                size = read_exactly(client, 4)
                length = struct.unpack(">i", size)[0]
                if not 8 <= length <= FRAME_MAX:
                    raise ConnectionError("no frame")
                self.forward(size + read_exactly(client, length), broker)
        except OSError:
            pass
        finally:
            for end in (lambda: broker.shutdown(socket.SHUT_WR), lambda: client.shutdown(socket.SHUT_RD)):
                try:
                    end()
                except OSError:
                    pass

    def forward(self, frame, broker):
        found = end_txn(frame)
        if found is not None:
            arrived = time.monotonic()
            with self.lock:
                number = self.counts[found[0]] = self.counts.get(found[0], 0) + 1
                wait_s = self.hold(*found, number)
            if wait_s == CUT:
                raise ConnectionError("cut")
            if isinstance(wait_s, Asked):
                self.await_next(found[0], number)
                wait_s = wait_s.seconds
            if wait_s:
                time.sleep(wait_s)
            with self.lock:
                self.requests.append((arrived, time.monotonic(), *found))
        broker.sendall(frame)

    def await_next(self, transactional_id, number):
        until = time.monotonic() + ASKED_MOST_S
        while self.counts[transactional_id] == number and not self.closing and time.monotonic() < until:
            time.sleep(0.02)

    def before_answer(self, broker):
        """For those who do more (rough.py): may take its time, or raise ConnectionError."""

    def answers_to(self, client, broker):
        """What the broker says to a client that has gone is read and dropped."""
        gone = False
        try:
            while data := broker.recv(1 << 18):
                self.before_answer(broker)
                if not gone:
                    try:
                        client.sendall(data)
                    except OSError:
                        gone = True
        except OSError:
            pass
        finally:
            client.close()
            broker.close()

    def late(self):
        """The requests that were held for more than a second."""
        with self.lock:
            return [request for request in self.requests if request[1] - request[0] > 1]

    def close(self):
        self.closing = True
        self.server.close()
