"""bundles.py: an audit's bundle written and read by what docs/log.md says of its format, without handover: for test_audit_bundle.py and
tests/broker/test_bundle.py."""

import hashlib
import io
import json
import re
import struct
import tarfile
from typing import NamedTuple, Optional

NULL = 0xFFFFFFFF


def length(part):
    return NULL if part is None else len(part)


class Record(NamedTuple):
    offset: int
    value: Optional[bytes]
    key: Optional[bytes] = None
    timestamp: int = -1
    headers: tuple = ()  # (name, value)

    def packed(self):
        headers = b"".join(struct.pack("<II", len(name), length(value)) + name + (value or b"") for name, value in self.headers)
        head = struct.pack("<qqIII", self.offset, self.timestamp, length(self.key), length(self.value), len(headers))
        return head + (self.key or b"") + (self.value or b"") + headers


def cut(part, at, lengths):
    """([the bytes of each length], where they end)"""
    texts = []
    for one in lengths:
        texts.append(None if one == NULL else part[at:at + one])
        at += 0 if one == NULL else one
    return texts, at


def unpacked(part):
    at, records = 0, []
    while at < len(part):
        offset, timestamp, *lengths = struct.unpack_from("<qqIII", part, at)
        (key, value, packed), at = cut(part, at + 28, lengths)
        headers, behind = [], 0
        while behind < len(packed):
            pair, behind = cut(packed, behind + 8, struct.unpack_from("<II", packed, behind))
            headers.append(tuple(pair))
        records.append(Record(offset, value, key, timestamp, tuple(headers)))
    assert at == len(part)
    return records


def zstd(content):
    """One frame of Zstandard (RFC 8878), stored as it is."""
    blocks = [content[at:at + 100000] for at in range(0, len(content), 100000)] or [b""]
    framed = [struct.pack("<I", len(block) << 3 | (number == len(blocks) - 1))[:3] + block for number, block in enumerate(blocks)]
    return b"\x28\xb5\x2f\xfd\x00\x38" + b"".join(framed)


def folder(kind, partition, topic=None):
    names = {"journal": "journal", "stage_changes": "stage-changes", "dead_letters": "dead-letters", "input": f"inputs/{topic}"}
    return f"partitions/{partition}/{names[kind]}"


class Bundle:
    """Everything that goes into one; what is changed here fits together again when it is written."""

    def __init__(self, documents, partitions=1, trust=None):
        self.documents = [document if isinstance(document, bytes) else json.dumps(document).encode() for document in documents]
        self.partitions, self.trust, self.per_part = partitions, trust, 3
        self.streams = {}  # (kind, partition, topic): records
        self.begins = {}  # the same: where Kafka's log begins
        self.manifest = {"bundle": 1, "program": "a test", "made": "2026-03-02T12:00:00.000Z", "cluster": "", "group": "handover",
                         "journal": "handover-journal", "stage_changes": "stage-changes", "dead_letters": "handover-dead-letters", "definitions_topic": "handover-definitions",
                         "event_bytes_max": 1048576}

    @classmethod
    def of(cls, *daemons, documents, trust=None):
        """What daemons of journals.py read, wrote and published."""
        self = cls(documents, max(one.partition for one in daemons) + 1, trust)
        for one in daemons:
            for topic, lines in one.inputs.items():
                self.streams["input", one.partition, topic] = [from_kcat(line) for line in lines]
            self.streams["journal", one.partition, None] = [from_kcat(line) for line in one.journal]
            self.streams["stage_changes", one.partition, None] = [Record(3 * n, line.encode(), b"a lead", 1000 + n)
                                                                  for n, line in enumerate(one.published)]
            self.streams["dead_letters", one.partition, None] = [self.letter(2 * n, *letter) for n, letter in enumerate(one.dead)]
        return self

    def letter(self, at, reason, topic, partition, offset):
        """As a daemon would have written it of that record."""
        record = next(one for one in self.streams["input", partition, topic] if one.offset == offset)
        headers = (("reason", reason), ("detail", "in words"), ("topic", topic), ("partition", partition), ("offset", offset))
        return record._replace(offset=at, headers=tuple((name.encode(), str(value).encode()) for name, value in headers))

    def members(self):
        """[(name, bytes)] without SHA256SUMS."""
        members = [(f"definitions/{n:03}.json", document) for n, document in enumerate(self.documents)]
        streams = []
        for (kind, partition, topic), records in self.streams.items():
            parts = [records[at:at + self.per_part] for at in range(0, len(records), self.per_part)]
            members += [(f"{folder(kind, partition, topic)}/{n:06}.records", b"".join(one.packed() for one in part))
                        for n, part in enumerate(parts)]
            streams.append({"kind": kind, "topic": topic or self.manifest.get(kind, kind), "partition": partition, "parts": len(parts),
                            "records": len(records), "first": records[0].offset if records else None,
                            "last": records[-1].offset if records else None, "begin": self.begins.get((kind, partition, topic), 0)})
        if self.trust:
            members.append(("trust.txt", self.trust))
        manifest = {**self.manifest, "partitions": self.partitions, "definitions": [], "streams": streams, "result": None}
        return [*members, ("manifest.json", json.dumps(manifest).encode())]

    def write(self, path):
        write(path, summed(self.members()))


def from_kcat(line):
    one = json.loads(line)
    key, value = (None if one[name] is None else one[name].encode() for name in ("key", "payload"))
    return Record(one["offset"], value, key, one["ts"])


def summed(members):
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in members)
    return [*members, ("SHA256SUMS", sums.encode())]


def info(name, content):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    return member


def archive(members):
    """members: (name or TarInfo, bytes)"""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in members:
            tar.addfile(name if isinstance(name, tarfile.TarInfo) else info(name, content), io.BytesIO(content))
    return packed.getvalue()


def write(path, members):
    path.write_bytes(zstd(archive(members)))


def read(plain):
    """The members of an unpacked archive: {name: bytes}. Digests fit, and it is in the order and of the form that is documented."""
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as tar:
        members = {one.name: tar.extractfile(one).read() for one in tar if one.isreg()}
    assert summed([(name, content) for name, content in members.items() if name != "SHA256SUMS"])[-1][1] == members["SHA256SUMS"]
    return members


def records(members, kind, partition, topic=None):
    """Those of one stream, by the manifest's word for it."""
    start = folder(kind, partition, topic) + "/"
    parts = sorted(name for name in members if re.fullmatch(re.escape(start) + r"\d{6}\.records", name))
    return [one for name in parts for one in unpacked(members[name])]
