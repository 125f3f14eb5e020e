"""rough.py: the network between daemons and nodes, a proxy for each node (proxy.py), and what connections go through: silence, cuts, slowness,
requests of a kind that are held back. Whom it concerns is told by the client's id, which every request carries; what was held arrives
later, also when its sender has given it up."""

import struct
import threading
import time

import proxy

STEP_S = 0.02
PRODUCE, ADD_OFFSETS, END_TXN, OFFSETS = 0, 25, 26, 28  # of the protocol's requests


def header(frame):
    """(kind of request, client's id, what follows)"""
    key, version, _, length = struct.unpack_from(">hhih", frame, 4)
    end = 14 + max(length, 0)
    return key, version, frame[14:end].decode("utf-8", "replace"), frame[end:]


def in_transaction(version, body):
    """Of a Produce request: whether it has a transactional id."""
    if version >= 9:  # flexible: no tagged fields in the header, then a compact string
        return body[1] > 1
    return version >= 3 and struct.unpack_from(">h", body)[0] > 0


class Trouble:
    """Until it is over. client, node: None concerns all of them."""

    def __init__(self, client=None, node=None):
        self.client, self.node, self.over = client, node, False
        self.met = 0  # requests that it concerned

    def concerns(self, client, node):
        return not self.over and self.client in (None, client) and self.node in (None, node)

    def await_end(self):
        while not self.over:
            time.sleep(STEP_S)

    def request(self, key, version, body):
        """May take its time, or raise ConnectionError."""

    def answer(self):
        """Likewise."""


class Silence(Trouble):
    """Nothing comes through, in neither direction, and nobody is told."""

    def request(self, key, version, body):
        self.met += 1
        self.await_end()

    def answer(self):
        self.await_end()


class Cut(Trouble):
    """Connections end, new ones too, in the midst of what they were about."""

    def request(self, key, version, body):
        self.met += 1
        raise ConnectionError("cut")

    def answer(self):
        raise ConnectionError("cut")


class Slow(Trouble):
    """Each request takes up to so long more. What was sent over two connections comes in another order."""

    def __init__(self, rnd, most_s, client=None, node=None):
        super().__init__(client, node)
        self.random, self.most_s = rnd, most_s

    def request(self, key, version, body):
        self.met += 1
        time.sleep(self.random.uniform(0, self.most_s))


class Held(Trouble):
    """Requests of these kinds, so many of them, come when it is over. Of Produce only those of a transaction."""

    def __init__(self, client, keys, most):
        super().__init__(client)
        self.keys, self.most, self.lock = keys, most, threading.Lock()

    def request(self, key, version, body):
        if key not in self.keys or (key == PRODUCE and not in_transaction(version, body)):
            return
        with self.lock:
            if self.met >= self.most:
                return
            self.met += 1
        self.await_end()


class LateEnd(Trouble):
    """One EndTxn is held until its sender has asked again, and a while longer: into its next transactions."""

    def __init__(self, client, seconds):
        super().__init__(client)
        self.seconds = seconds


class Link(proxy.Proxy):
    def __init__(self, network, node):
        self.network, self.node = network, node.number
        self.clients = {}  # the broker's side of a connection -> the client's id
        super().__init__(node.ports["proxy"], node.ports["proxied"], network.hold_end)

    def forward(self, frame, broker):
        key, version, client, body = header(frame)
        self.clients[broker] = client
        for trouble in self.network.troubles_of(client, self.node):
            trouble.request(key, version, body)
        super().forward(frame, broker)

    def before_answer(self, broker):
        for trouble in self.network.troubles_of(self.clients.get(broker), self.node):
            trouble.answer()

    def answers_to(self, client, broker):
        super().answers_to(client, broker)
        self.clients.pop(broker, None)


class Network:
    def __init__(self, nodes):
        self.lock, self.troubles = threading.Lock(), []
        self.links = [Link(self, node) for node in nodes]

    def troubles_of(self, client, node):
        with self.lock:
            return [each for each in self.troubles if each.concerns(client, node)]

    def begin(self, trouble):
        with self.lock:
            self.troubles.append(trouble)
        return trouble

    def end(self, trouble):
        trouble.over = True
        with self.lock:
            self.troubles.remove(trouble)

    def hold_end(self, transactional_id, commit, number):
        with self.lock:
            for each in self.troubles:
                if isinstance(each, LateEnd) and not each.met and f"-{each.client}-" in transactional_id:
                    each.met = 1
                    return proxy.Asked(each.seconds)
        return 0

    def late(self, client, since):
        """Whether an EndTxn of this client has come, since that moment, after another one that was sent later."""
        for link in self.links:
            requests = []
            with link.lock:
                for each in reversed(link.requests):  # in the order in which they came
                    if each[1] < since:
                        break
                    requests += [each] if f"-{client}-" in each[2] else []
            for old in requests:
                if any(new[2] == old[2] and old[0] < new[0] and new[1] < old[1] for new in requests):
                    return True
        return False

    def close(self):
        for link in self.links:
            link.close()
