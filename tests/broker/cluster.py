"""cluster.py: three real Kafka nodes that keep everything in three copies, of which two have to be there, and never let one lead that has
missed something. Tests' own tools and the nodes among each other talk over one listener; the daemons' comes through a proxy
for each node (rough.py).

Nodes are kafka.sh's, one folder each. What may take long (a node that ends, a node that comes back) is a process to be polled, so that
other things may happen meanwhile."""

import json
import os
import subprocess
import time

import broker
import wire

NODES = 3
INTERNAL = ("__consumer_offsets", "__transaction_state")
HEAP = "256m"
SESSION_MS = 6000  # after which a node that is silent is out
PROPERTIES = {
    "default.replication.factor": NODES, "min.insync.replicas": 2, "offsets.topic.replication.factor": NODES,
    "transaction.state.log.replication.factor": NODES, "transaction.state.log.min.isr": 2,
    "unclean.leader.election.enable": "false", "broker.session.timeout.ms": SESSION_MS, "broker.heartbeat.interval.ms": 500,
    "leader.imbalance.check.interval.seconds": 5, "leader.imbalance.per.broker.percentage": 0,
}


class Node:
    def __init__(self, cluster, number):
        self.cluster, self.number = cluster, number
        self.folder = cluster.folder / f"node-{number}"
        self.folder.mkdir(parents=True)
        self.ports = {}
        self.up = False

    def prepare(self, ports, voters):
        self.ports = ports
        (self.folder / "ports").write_text("".join(f"{name}={address}\n" for name, address in ports.items()))
        more = {"node.id": self.number, "controller.quorum.voters": voters, **PROPERTIES}
        (self.folder / "more").write_text("".join(f"{name}={value}\n" for name, value in more.items()))

    def script(self, command):
        """kafka.sh start, stop or kill, under way."""
        environment = {**os.environ, "HANDOVER_KAFKA_OWNER": str(os.getpid()),
                       "HANDOVER_KAFKA_HEAP": os.environ.get("HANDOVER_KAFKA_HEAP", HEAP)}
        self.up = command == "start"
        with open(self.folder / "script.log", "ab") as log:
            return subprocess.Popen(["sh", str(broker.HERE / "kafka.sh"), command, str(self.folder)], stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log, env=environment)


class Cluster(broker.Broker):
    KEPT = "HANDOVER_KAFKA_NO_NODE"  # none is kept: nodes are killed here

    def __init__(self, folder):
        super().__init__(folder)
        self.nodes = [Node(self, number) for number in range(1, NODES + 1)]

    def choose_ports(self):
        while True:
            chosen = [dict(line.split("=") for line in self.script("ports").splitlines()) for _ in self.nodes]
            if len({address for one in chosen for address in one.values()}) == sum(map(len, chosen)):
                return chosen

    def start(self):
        self.script("fetch")
        chosen = self.choose_ports()
        voters = ",".join(f"{node.number}@{ports['controller']}" for node, ports in zip(self.nodes, chosen))
        for node, ports in zip(self.nodes, chosen):
            node.prepare(ports, voters)
        self.bootstrap = ",".join(ports["bootstrap"] for ports in chosen)
        self.proxy = ",".join(ports["proxy"] for ports in chosen)
        starting = [(node, node.script("start")) for node in self.nodes]
        for node, process in starting:
            if process.wait(2 * broker.PATIENCE_S) != 0:
                raise broker.BrokerError(f"node {node.number}: {(node.folder / 'script.log').read_text()[-2000:]}")
        broker.await_true("all nodes know each other", lambda: self.known() == NODES)

    def known(self):
        listed = subprocess.run(["kcat", "-b", self.bootstrap, "-L", "-J"], capture_output=True, check=False)
        return len(json.loads(listed.stdout)["brokers"]) if listed.returncode == 0 else 0

    def stop(self):
        for process in [node.script("kill") for node in self.nodes]:
            process.wait(broker.PATIENCE_S)

    def of_address(self, address):
        return next(node for node in self.nodes if node.ports["bootstrap"] == address)

    def in_step(self, site):
        """No partition of the site has a copy that is behind: the next node may go."""
        def whole(address):
            return all(wire.in_step(address, topic) for topic in (*site.inputs, *site.topics.values(), *INTERNAL))
        return bool(self.ask_any(whole))

    # --- what wire.py asks of one node, of the one that knows

    def ask_any(self, question):
        """The first node's answer that has one; None where nobody knows."""
        for node in self.nodes:
            try:
                if node.up and (answer := question(node.ports["bootstrap"])) is not None:
                    return answer
            except wire.WireError:
                continue
        return None

    def coordinator(self, name, kind):
        """The node, None while there is none."""
        address = self.ask_any(lambda one: wire.coordinator(one, name, kind))
        return self.of_address(address) if address else None

    def until_known(self, what, question):
        """Leaders change; whoever knows is asked again."""
        start = time.monotonic()
        while (answer := question()) is None:
            if time.monotonic() - start > broker.PATIENCE_S:
                raise broker.BrokerError(f"{what}: nobody knows")
            time.sleep(0.2)
        return answer

    def try_ends(self, topic, partitions, stable):
        leads = self.ask_any(lambda one: wire.leaders(one, topic)) or {}
        ends = {}
        for address in {leads.get(number) for number in range(partitions)}:
            if address is None:
                return None
            try:
                found, error = wire.try_log_ends(address, topic, [n for n in range(partitions) if leads[n] == address], stable)
            except wire.WireError:
                return None
            if error:
                return None
            ends.update(found)
        return [ends[number] for number in range(partitions)]

    def ends(self, topic, partitions, stable=False):
        return self.until_known(f"where {topic} ends", lambda: self.try_ends(topic, partitions, stable))

    def try_committed(self, group, topic, partitions):
        address = self.ask_any(lambda one: wire.coordinator(one, group, wire.GROUP))
        try:
            offsets, errors = wire.try_committed(address, group, topic, partitions) if address else (None, set())
        except wire.WireError:
            return None
        return offsets if errors == {0} else None

    def committed(self, group, topic, partitions):
        return self.until_known(f"what {group} has committed", lambda: self.try_committed(group, topic, partitions))
