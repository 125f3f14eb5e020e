"""chaos.py: the fourteen kinds of faults that test_chaos.py does to daemons, nodes and the network between them.

A fault is a generator that the test's one thread runs, together with others: it yields the seconds for which it has nothing to do, and returns
what was seen of its effect, or None where it had none (chance: nothing was under way). It takes what it works on (a daemon's name, "nodes",
"guest") first, and gives it back whole: what was stopped runs again, what was cut is joined."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import time

import broker
import daemon
import events
import rough
import versions
import wire

STEP_S = 0.1
SESSION_MS = 3000
SOCKET_MS = 3000
TRANSACTION_S = 10  # the daemon's own time-out of transactions
VERSIONS_MOST = 12
STATE_MB = 64
OWN_ENDS = (  # reasons for which a daemon may end itself in such weather, for its supervisor to start it again
    "producers were shut out within", "transactions in a row were undone", "no broker answers", "out of memory", "not started")


class Since:
    """What is written to files from now on."""

    def __init__(self, paths):
        self.places = [(path, path.stat().st_size if path.exists() else 0) for path in paths]

    def count(self, pattern):
        found = 0
        for path, size in self.places:
            with open(path, "rb") as file:
                file.seek(size)
                found += len(re.findall(pattern, file.read()))
        return found


class Fault(Exception):
    """It could not be done, or what it was done to did not come back."""


class Tended(daemon.Daemon):
    """A daemon under a supervisor: where it ends by itself, for a reason that may be, it is started again."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.wanted = False
        self.ends = []  # reasons

    def before_exec(self):
        super().before_exec()
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write that is too much fails (fill)

    def begin(self):
        self.wanted = True
        self.start()

    def give_up(self):
        """Who ends it from now on means it."""
        self.wanted = False

    def reason(self):
        """What the daemon said last, as an error or in its own words."""
        lines = [line for line in self.tail(40).splitlines() if '"error"' in line or not line.startswith("{")]
        return lines[-1] if lines else self.tail(1)

    def tend(self):
        if not self.wanted or self.process is None or self.running():
            return
        status, reason = self.process.returncode, self.reason()
        self.process = None
        if status != 3 or not any(words in reason for words in OWN_ENDS):
            raise broker.BrokerError(f"{self.folder.name}: the daemon ended by itself: {status}\n{self.tail()}")
        self.ends.append(reason)
        self.start()

    def ready(self):
        return self.running() and self.get("/readyz")[0] == 200

    def snapshot_folder(self):
        return self.settings["state_dir"]


class Chaos:
    """What faults work on."""

    def __init__(self, this, site, network, daemons, guest, stream):
        self.this, self.site, self.network = this, site, network
        self.cluster, self.daemons, self.guest = this.broker, daemons, guest
        self.random = this.random
        self.taken = set()
        self.files = []  # versions of the definition, as published
        self.stream = stream
        self.copies = [this.binary, str(site.folder / "handover-copy")]
        shutil.copy(*self.copies)

    def tend(self):
        for each in (*self.daemons, self.guest):
            each.tend()

    # --- what a fault is made of

    def until(self, what, condition, patience_s=broker.PATIENCE_S, must=True):
        """Generator: waits; whether it has come about."""
        start = time.monotonic()
        while not condition():
            if time.monotonic() - start > patience_s:
                if must:
                    raise Fault(f"{what}: not within {patience_s} s")
                return False
            yield STEP_S
        return True

    def until_ready(self, each):
        yield from self.until(f"{each.folder.name} is ready", each.ready)

    def done(self, process, what):
        """Generator: the process has ended, and well."""
        yield from self.until(what, lambda: process.poll() is not None, 2 * broker.PATIENCE_S)
        if process.returncode != 0:
            raise Fault(f"{what}: {process.returncode}")

    def end_of(self, each):
        """Generator: its status when it has ended."""
        yield from self.until(f"{each.folder.name} ends", lambda: each.process.poll() is not None)
        status, each.process = each.process.returncode, None
        return status

    def stop(self, each):
        """Generator: SIGTERM, and the words for how it ended."""
        each.give_up()
        watch = broker.Watch()
        each.process.send_signal(signal.SIGTERM)
        status = yield from self.end_of(each)
        late = watch.stood_s() > 1 or len(self.taken) > 1  # who is disturbed by another fault may have to give up what is not done
        if status != 0 and not (status == 3 and (late or '"not stopped"' in each.tail())):
            raise Fault(f"{each.folder.name}: SIGTERM: exit status {status}\n{each.tail()}")
        if watch.seconds() > 2 * daemon.STOP_TIMEOUT_S:  # the promise is for a machine that has nothing else to do
            raise Fault(f"{each.folder.name}: SIGTERM: {watch.seconds():.1f} s\n{each.tail()}")
        return f"status {status} after {watch.seconds():.1f} s"

    # --- versions of the definition

    def version(self, number):
        """Two definitions by turns, with another name for a stage each time; it takes over some seconds from now."""
        made = versions.first() if number % 2 else versions.second()
        made.update(version=number, summary=f"version {number}")
        if number > 1:
            made["replaces"] = {"known": "suspect"} if number % 2 else {"suspect": "known"}
            made["effective_from"] = events.moment(int(self.stream.start_ms + (self.stream.made + 1000) * self.stream.step_ms))
        return made

    def publish(self):
        """Generator: one more version of the definition. A node that is away may be in the way for a while."""
        number = len(self.files) + 1
        path = self.site.folder / f"v{number}.json"
        path.write_text(json.dumps(self.version(number)))
        settings = self.site.folder / "publish.json"
        settings.write_text(json.dumps(self.site.settings))
        command = [self.this.binary, "publish", "--settings", str(settings), "--draft", str(path)]
        for _ in range(20):
            with open(self.site.folder / "publish.log", "ab") as log:
                process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            yield from self.until("publish ends", lambda process=process: process.poll() is not None)
            if process.returncode == 0:
                self.files.append(path)
                return
            yield 1
        raise Fault(f"version {number} cannot be published: {(self.site.folder / 'publish.log').read_text()[-1000:]}")

    # --- daemons

    def kill(self, each):
        yield from self.until_ready(each)
        each.give_up()
        each.kill()
        yield self.random.uniform(0, SESSION_MS / 1000 + 2)
        each.begin()
        return "killed"

    def terminate(self, each):
        yield from self.until_ready(each)
        said = yield from self.stop(each)
        yield self.random.uniform(0, 3)
        each.begin()
        return said

    def freeze(self, each):
        """Beyond the group's patience."""
        yield from self.until_ready(each)
        others = Since([other.log_file for other in self.daemons if other is not each])
        each.process.send_signal(signal.SIGSTOP)
        try:
            yield SESSION_MS / 1000 + self.random.uniform(2, 5)
            taken_over = yield from self.until("others take over", lambda: others.count(rb'"event":"rebalance"'), 30, False)
        finally:
            each.process.send_signal(signal.SIGCONT)
        return "others took over" if taken_over else None

    def starve(self, each):
        """It gets no more memory, and has to take its tasks up again, for the group has not heard of it meanwhile. Whom that does not end the
        kernel's killer would."""
        yield from self.until_ready(each)
        each.give_up()
        resource.prlimit(each.process.pid, resource.RLIMIT_AS, (1 << 20, 1 << 20))
        trouble = self.network.begin(rough.Silence(each.folder.name))
        yield from self.until("it ends", lambda: each.process.poll() is not None, SESSION_MS / 1000 + 2, False)
        self.network.end(trouble)
        ended = yield from self.until("it ends", lambda: each.process.poll() is not None, 15, False)
        if not ended:
            each.process.kill()
            yield from self.end_of(each)
            each.begin()
            return "it went on without more; killed, as the kernel would"
        status, said = each.process.returncode, each.tail(3)
        each.process = None
        if status not in (3, -signal.SIGABRT, -signal.SIGSEGV):  # librdkafka asserts that it has memory
            raise Fault(f"{each.folder.name}: without memory: {status}\n{each.tail()}")
        each.begin()
        return f"status {status}: {said.splitlines()[-1][:90]}"

    def visit(self):
        """A fourth instance joins, and leaves or dies."""
        self.guest.begin()
        yield from self.until("the guest has tasks", lambda: self.guest.ready() and self.guest.metric("handover_tasks") > 0)
        yield self.random.uniform(0, 3)
        tasks = int(self.guest.metric("handover_tasks"))
        if self.random.random() < 0.5:
            said = yield from self.stop(self.guest)
            return f"{tasks} tasks; left: {said}"
        self.guest.give_up()
        self.guest.kill()
        return f"{tasks} tasks; killed"

    def upgrade(self):
        """A new version of the definition is published, and one instance after the other goes on with another copy of the program."""
        if len(self.files) < VERSIONS_MOST:
            yield from self.publish()
        other = self.copies[self.daemons[0].binary == self.copies[0]]
        for each in self.daemons:
            yield from self.until_ready(each)
            yield from self.stop(each)
            each.binary = other
            each.begin()
            yield from self.until_ready(each)
        return f"version {len(self.files)}, {os.path.basename(other)}"

    # --- nodes

    def bring_back(self, node):
        yield from self.done(node.script("start"), f"node {node.number} comes back")
        yield from self.until("all copies are in step", lambda: self.cluster.in_step(self.site), must=True)

    def kill_node(self):
        node = self.random.choice(self.cluster.nodes)
        yield from self.done(node.script("kill"), f"node {node.number} is killed")
        yield self.random.uniform(0, 8)
        yield from self.bring_back(node)
        return f"node {node.number}"

    def restart_node(self):
        node = self.random.choice(self.cluster.nodes)
        yield from self.done(node.script("stop"), f"node {node.number} ends")
        yield from self.bring_back(node)
        return f"node {node.number}"

    def move_coordinator(self):
        """Of the group, or of one producer's transactions."""
        name, kind = self.random.choice([(self.site.group, wire.GROUP), *(
            (f"handover-{self.site.group}-{each.folder.name}-0", wire.TRANSACTION) for each in self.daemons)])
        node = self.cluster.coordinator(name, kind)
        if node is None:
            return None
        yield from self.done(node.script("stop"), f"node {node.number} ends")
        moved = yield from self.until("another coordinates", lambda: self.cluster.coordinator(name, kind) not in (None, node), 60, False)
        yield self.random.uniform(0, 3)
        yield from self.bring_back(node)
        return f"{name} from node {node.number}" if moved else None

    # --- the network

    def disturb(self, each):
        """One daemon and all nodes, or one node and all daemons: silence, cuts or slowness."""
        where = {"client": each.folder.name} if self.random.random() < 0.6 else {"node": self.random.randrange(1, 4)}
        make = self.random.choice((rough.Silence, rough.Cut, lambda **where: rough.Slow(self.random, 0.4, **where)))
        trouble = self.network.begin(make(**where))
        yield self.random.uniform(2, 9)
        self.network.end(trouble)
        words = f"{type(trouble).__name__.lower()} of {' '.join(map(str, where.popitem()))}: {trouble.met} requests"
        return words if trouble.met else None

    def delay_end(self, each):
        yield from self.until_ready(each)
        trouble = self.network.begin(rough.LateEnd(each.folder.name, self.random.uniform(0.3, 2.5)))
        start = time.monotonic()
        came = yield from self.until("it came late", lambda: self.network.late(each.folder.name, start), SOCKET_MS / 1000 + 12, False)
        self.network.end(trouble)
        return "came after the next" if came else None

    def delay_produce(self, each):
        yield from self.until_ready(each)
        trouble = self.network.begin(rough.Held(each.folder.name, {rough.PRODUCE}, self.random.choice((1, 1, 2))))
        yield from self.until("messages are sent", lambda: trouble.met, 10, False)
        yield SOCKET_MS / 1000 + self.random.uniform(0.5, 4)
        self.network.end(trouble)
        return f"{trouble.met} requests" if trouble.met else None

    def outlast(self, each):
        """A transaction's time is over before its end comes through."""
        yield from self.until_ready(each)
        nodes = Since([node.folder / "log" for node in self.cluster.nodes])
        name = f"handover-{self.site.group}-{each.folder.name}-"
        said = re.compile(rf"rollback of ongoing transaction for transactionalId {name}\d+ due to timeout".encode())
        keys = self.random.choice(({rough.END_TXN}, {rough.OFFSETS}, {rough.ADD_OFFSETS, rough.OFFSETS, rough.END_TXN}))
        trouble = self.network.begin(rough.Held(each.folder.name, keys, 1 << 30))
        met = yield from self.until("a transaction comes to its end", lambda: trouble.met, 10, False)
        over = met and (yield from self.until("its time is over", lambda: nodes.count(said), TRANSACTION_S + 10, False))
        self.network.end(trouble)
        return f"{trouble.met} requests were held" if over else None

    # --- disks

    def fill_disk(self, each):
        yield from self.until_ready(each)
        before = each.metric("handover_snapshot_failures_total")
        free = fill(each)
        failed = yield from self.until("a snapshot fails", lambda: each.metric("handover_snapshot_failures_total") > before, 15, False)
        free()
        return "a snapshot failed" if failed else None


def fill(each):
    """Its disk, where that is one of its own; else no file of its may grow. Returns what takes this back."""
    folder = each.snapshot_folder()
    if not os.path.ismount(folder):
        limits = resource.prlimit(each.process.pid, resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
        return lambda: each.running() and resource.prlimit(each.process.pid, resource.RLIMIT_FSIZE, limits)
    filler = os.path.join(folder, "filler")
    with open(filler, "wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return lambda: os.unlink(filler)


KINDS = {  # what the log calls it: (what it takes, the fault)
    "daemon killed": ("daemon", Chaos.kill), "daemon ended": ("daemon", Chaos.terminate), "daemon frozen": ("daemon", Chaos.freeze),
    "out of memory": ("daemon", Chaos.starve), "join and leave": ("guest", Chaos.visit), "rolling upgrade": ("daemons", Chaos.upgrade),
    "node killed": ("nodes", Chaos.kill_node), "node restarted": ("nodes", Chaos.restart_node),
    "coordinator moved": ("nodes", Chaos.move_coordinator), "network disturbed": ("daemon", Chaos.disturb),
    "EndTxn delayed": ("daemon", Chaos.delay_end), "Produce delayed": ("daemon", Chaos.delay_produce),
    "transaction timed out": ("daemon", Chaos.outlast), "disk full": ("daemon", Chaos.fill_disk),
}
