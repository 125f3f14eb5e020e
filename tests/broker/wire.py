"""wire.py: requests of Kafka's protocol for what kcat cannot do: where a log ends, where its last stable offset is, what a
group has committed, who leads what, records with timestamps, keys and payloads of any kind, that the oldest records be deleted, that members leave their group. Plain text,
the oldest versions that Kafka 4 answers."""

import socket
import struct
import time

PRODUCE, LIST_OFFSETS, METADATA, OFFSET_FETCH, FIND_COORDINATOR, LEAVE_GROUP, DESCRIBE_GROUPS, DELETE_RECORDS = 0, 2, 3, 9, 10, 13, 15, 21
TIMEOUT_S = 120
TRIES = 500
BROKER_MS = 60000
BATCH_BYTES = 200000
GROUP, TRANSACTION = 0, 1  # what a coordinator looks after


class WireError(Exception):
    pass


def text(value):
    raw = value.encode()
    return struct.pack(">h", len(raw)) + raw


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


class Body:
    """A response, read from the front."""

    def __init__(self, raw):
        self.raw, self.at = raw, 0

    def take(self, form):
        values = struct.unpack_from(">" + form, self.raw, self.at)
        self.at += struct.calcsize(">" + form)
        return values if len(values) > 1 else values[0]

    def text(self):
        length = self.take("h")
        value = self.raw[self.at:self.at + max(length, 0)]
        self.at += max(length, 0)
        return value.decode()


def receive(connection, count):
    chunks = []
    while count > 0:
        chunk = connection.recv(count)
        if not chunk:
            raise WireError("the broker closed the connection")
        chunks.append(chunk)
        count -= len(chunk)
    return b"".join(chunks)


def ask(address, key, version, body):
    host, port = address.rsplit(":", 1)
    request = struct.pack(">hhi", key, version, 1) + text("tests") + body
    try:
        with socket.create_connection((host, int(port)), TIMEOUT_S) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            raw = receive(connection, struct.unpack(">i", receive(connection, 4))[0])
    except OSError as error:
        raise WireError(f"{address}: {error}") from error
    return Body(raw[4:])


def log_ends(address, topic, partitions, stable):
    """The end of each partition: the last stable offset, or (stable=False) the end with what is not committed yet.
    Partitions of a topic that has just been made have no leader for a moment."""
    for _ in range(TRIES):
        ends, error = try_log_ends(address, topic, range(partitions), stable)
        if not error:
            return list(ends.values())
        time.sleep(0.2)
    raise WireError(f"{topic}: ListOffsets: error {error}")


def try_log_ends(address, topic, numbers, stable):
    """(number -> end, 0 or an error) of those partitions that the node leads."""
    wanted = array([struct.pack(">iq", partition, -1) for partition in numbers])
    body = ask(address, LIST_OFFSETS, 2, struct.pack(">ib", -1, 1 if stable else 0) + array([text(topic) + wanted]))
    body.take("i")
    ends, first_error = dict.fromkeys(numbers, 0), 0
    for _ in range(body.take("i")):
        body.text()
        for _ in range(body.take("i")):
            partition, error, _, offset = body.take("ihqq")
            ends[partition] = offset
            first_error = first_error or error
    return ends, first_error


def committed(address, group, topic, partitions):
    """What the group has committed, −1 where nothing. Asking for the coordinator makes the topic of offsets, then it loads."""
    coordinator(address, group, GROUP)
    for _ in range(TRIES):
        offsets, errors = try_committed(address, group, topic, partitions)
        if errors == {0}:
            return offsets
        time.sleep(0.2)
    raise WireError(f"{group}: OffsetFetch: errors {sorted(errors)}")


def try_committed(address, group, topic, partitions):
    """(offsets, errors) as the group's coordinator has them."""
    wanted = array([struct.pack(">i", partition) for partition in range(partitions)])
    body = ask(address, OFFSET_FETCH, 5, text(group) + array([text(topic) + wanted]))
    body.take("i")
    offsets, errors = [-1] * partitions, set()
    for _ in range(body.take("i")):
        body.text()
        for _ in range(body.take("i")):
            partition, offset, _ = body.take("iqi")
            body.text()
            errors.add(body.take("h"))
            offsets[partition] = offset
    errors.add(body.take("h"))
    return offsets, errors


def coordinator(address, name, kind):
    """The address of the node that looks after a group, or a transactional id; None while there is none. Asking makes the topic that it needs."""
    body = ask(address, FIND_COORDINATOR, 1, text(name) + struct.pack(">b", kind))
    body.take("i")
    error = body.take("h")
    body.text()
    body.take("i")
    host, port = body.text(), body.take("i")
    return f"{host}:{port}" if not error else None


def metadata(address, topic):
    """(node's number -> address, [(partition, leader, how many copies, how many of them in step)])"""
    body = ask(address, METADATA, 1, array([text(topic)]))
    nodes, found = {}, []
    for _ in range(body.take("i")):
        number, host, port = body.take("i"), body.text(), body.take("i")
        nodes[number] = f"{host}:{port}"
        body.text()
    body.take("i")
    for _ in range(body.take("i")):
        body.take("h")
        body.text()
        body.take("b")
        for _ in range(body.take("i")):
            _, partition, leader = body.take("hii")
            counts = []
            for _ in ("copies", "in step"):
                counts.append(body.take("i"))
                body.at += 4 * counts[-1]
            found.append((partition, leader, *counts))
    return nodes, found


def leaders(address, topic):
    """Partition -> the address of the node that leads it, None while nobody does."""
    nodes, found = metadata(address, topic)
    return {partition: nodes.get(leader) for partition, leader, _, _ in found}


def in_step(address, topic):
    """Whether each of its partitions has a leader, and no copy is behind."""
    nodes, found = metadata(address, topic)
    return bool(found) and all(leader in nodes and copies == fresh for _, leader, copies, fresh in found)


def members(address, group):
    """The ids of a group's members."""
    body = ask(address, DESCRIBE_GROUPS, 0, array([text(group)]))
    body.take("i")
    body.take("h")
    for _ in ("group", "state", "type", "protocol"):
        body.text()
    found = []
    for _ in range(body.take("i")):
        found.append(body.text())
        body.text()
        body.text()
        for _ in ("metadata", "assignment"):
            body.at += max(body.take("i"), 0)
    return found


def expel(address, group):
    """All members leave the group, and nobody has told them."""
    for member in members(address, group):
        error = ask(address, LEAVE_GROUP, 0, text(group) + text(member)).take("h")
        if error not in (0, 25):  # 25: it has gone by itself
            raise WireError(f"{group}: LeaveGroup: error {error}")


def delete_records(address, topic, partition, before):
    """What retention does: records before this offset are no longer there."""
    wanted = array([text(topic) + array([struct.pack(">iq", partition, before)])])
    body = ask(address, DELETE_RECORDS, 0, wanted + struct.pack(">i", BROKER_MS))
    body.take("ii")
    body.text()
    _, begin, error = body.take("i"), body.take("iq")[1], body.take("h")
    if error or begin != before:
        raise WireError(f"{topic}/{partition}: DeleteRecords: error {error}, the log begins at {begin}")


# --- records as they are

def crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC_TABLE = crc_table()


def crc32c(raw):
    crc, table = 0xFFFFFFFF, CRC_TABLE
    for byte in raw:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def varint(number):
    """Zigzag: small numbers of either sign are short."""
    number, raw = number << 1 if number >= 0 else (-number << 1) - 1, bytearray()
    while number > 127:
        raw.append(number & 127 | 128)
        number >>= 7
    raw.append(number)
    return bytes(raw)


def nullable(raw):
    return varint(-1) if raw is None else varint(len(raw)) + raw


def batch_of(records):
    """A record batch, format 2, of (timestamp in ms, -1 for none; key; value)."""
    first, rows = records[0][0], []
    for index, (timestamp, key, value) in enumerate(records):
        row = b"\0" + varint(timestamp - first) + varint(index) + nullable(key) + nullable(value) + varint(0)
        rows.append(varint(len(row)) + row)
    last = max(timestamp for timestamp, _, _ in records)
    checked = struct.pack(">hiqqqhii", 0, len(records) - 1, first, last, -1, -1, -1, len(records)) + b"".join(rows)
    body = struct.pack(">ibI", -1, 2, crc32c(checked)) + checked
    return struct.pack(">qi", 0, len(body)) + body


def produce(address, topic, partition, records):
    """records: (timestamp in ms, -1 for none; key and value, None for null), in this order."""
    pile, size = [], 0
    for number, record in enumerate(records):
        pile.append(record)
        size += 50 + len(record[1] or b"") + len(record[2] or b"")
        if size > BATCH_BYTES or number + 1 == len(records):
            send_batch(address, topic, partition, batch_of(pile))
            pile, size = [], 0


def send_batch(address, topic, partition, batch):
    wanted = text(topic) + array([struct.pack(">ii", partition, len(batch)) + batch])
    for _ in range(TRIES):  # partitions of a topic that has just been made have no leader for a moment
        body = ask(address, PRODUCE, 3, struct.pack(">hhi", -1, -1, BROKER_MS) + array([wanted]))
        body.take("i")
        body.text()
        body.take("i")
        _, error, _, _ = body.take("ihqq")
        if not error:
            return
        if error not in (3, 5, 6):  # no such topic yet, no leader, not the leader
            break
        time.sleep(0.2)
    raise WireError(f"{topic}/{partition}: Produce: error {error}")
