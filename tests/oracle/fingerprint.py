"""fingerprint.py: the fingerprint of what a journal record took (docs/log.md, The fingerprint of the inputs), in plain Python: what is
hashed, and XXH3 with 128 bits from its specification.

A fingerprint's bytes are none, or a topic and a record at least, so hashes of 1 to 16 bytes are not asked for."""

import hashlib
import struct

MASK = (1 << 64) - 1
P32_1, P32_2, P32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
P64_1, P64_2, P64_3, P64_4, P64_5 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221"
    "b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb"
    "170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")
STRIPE, BLOCK_STRIPES = 64, 16
BLOCK = STRIPE * BLOCK_STRIPES


def words(raw, at, count):
    return struct.unpack_from(f"<{count}Q", raw, at)


KEYS = [words(SECRET, 8 * stripe, 8) for stripe in range(BLOCK_STRIPES)]


def folded(a, b):
    product = a * b
    return (product ^ product >> 64) & MASK


def avalanche(h):
    h = (h ^ h >> 37) * 0x165667919E3779F9 & MASK
    return h ^ h >> 32


def avalanche_64(h):
    h = (h ^ h >> 33) * P64_2 & MASK
    h = (h ^ h >> 29) * P64_3 & MASK
    return h ^ h >> 32


def mix(low, high, raw, one, two, secret):
    """32 bytes, 16 at `one` and 16 at `two`, with 32 of the secret."""
    a, b, c, d = *words(raw, one, 2), *words(raw, two, 2)
    s = words(SECRET, secret, 4)
    low = (low + folded(a ^ s[0], b ^ s[1])) & MASK ^ (c + d & MASK)
    high = (high + folded(c ^ s[2], d ^ s[3])) & MASK ^ (a + b & MASK)
    return low, high


def finish(low, high, length):
    first = avalanche(low + high & MASK)
    second = -avalanche(low * P64_1 + high * P64_4 + length * P64_2 & MASK) & MASK
    return first, second


def hash_none():
    s = words(SECRET, 64, 4)
    return avalanche_64(s[0] ^ s[1]), avalanche_64(s[2] ^ s[3])


def hash_short(raw):  # 17 to 128 bytes
    length = len(raw)
    low, high = length * P64_1 & MASK, 0
    for i in reversed(range((length - 1) // 32 + 1)):
        low, high = mix(low, high, raw, 16 * i, length - 16 * (i + 1), 32 * i)
    return finish(low, high, length)


def hash_middle(raw):  # 129 to 240 bytes
    length = len(raw)
    low, high = length * P64_1 & MASK, 0
    for i in range(4):
        low, high = mix(low, high, raw, 32 * i, 32 * i + 16, 32 * i)
    low, high = avalanche(low), avalanche(high)
    for i in range(4, length // 32):
        low, high = mix(low, high, raw, 32 * i, 32 * i + 16, 3 + 32 * (i - 4))
    low, high = mix(low, high, raw, length - 16, length - 32, 136 - 17 - 16)
    return finish(low, high, length)


def accumulate(lanes, raw, at, key):
    for i, value in enumerate(words(raw, at, 8)):
        mixed = value ^ key[i]
        lanes[i ^ 1] += value
        lanes[i] += (mixed & 0xFFFFFFFF) * (mixed >> 32)


def scramble(lanes):
    key = words(SECRET, len(SECRET) - STRIPE, 8)
    for i in range(8):
        lane = lanes[i] & MASK
        lanes[i] = (lane ^ lane >> 47 ^ key[i]) * P32_1 & MASK


def merge(lanes, secret, start):
    key = words(SECRET, secret, 8)
    return avalanche(start + sum(folded(lanes[i] ^ key[i], lanes[i + 1] ^ key[i + 1]) for i in range(0, 8, 2)) & MASK)


def hash_long(raw):
    lanes, length = [P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1], len(raw)
    blocks = (length - 1) // BLOCK
    for stripe in range((length - 1) // STRIPE):
        accumulate(lanes, raw, STRIPE * stripe, KEYS[stripe % BLOCK_STRIPES])
        if stripe % BLOCK_STRIPES == BLOCK_STRIPES - 1 and stripe // BLOCK_STRIPES < blocks:
            scramble(lanes)
    accumulate(lanes, raw, length - STRIPE, words(SECRET, len(SECRET) - STRIPE - 7, 8))
    lanes = [lane & MASK for lane in lanes]
    return merge(lanes, 11, length * P64_1 & MASK), merge(lanes, len(SECRET) - STRIPE - 11, ~(length * P64_2) & MASK)


def xxh3(raw):
    """32 hexadecimal digits."""
    length = len(raw)
    assert length == 0 or length > 16
    low, high = (hash_none() if length == 0 else hash_short(raw) if length <= 128 else
                 hash_middle(raw) if length <= 240 else hash_long(raw))
    return f"{high:016x}{low:016x}"


def framed(records):
    """What is hashed of (topic, offset, timestamp or None, key, payload), key and payload bytes or None."""
    topic_before, parts = None, []
    for topic, offset, timestamp, key, payload in records:
        if topic != topic_before:
            parts.append(struct.pack("<qi", -1, len(topic.encode())) + topic.encode())
            topic_before = topic
        parts.append(struct.pack("<qqii", offset, -1 if timestamp is None else timestamp, -1 if key is None else len(key),
                                 -1 if payload is None else len(payload)))
        parts += [key or b"", payload or b""]
    return b"".join(parts)


def fingerprint(kind, records):
    raw = framed(records)
    return f"{kind}:{xxh3(raw) if kind == 'xxh3' else hashlib.sha256(raw).hexdigest()}"
