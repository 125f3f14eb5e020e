"""rendezvous.py: who gets a lead: weighted rendezvous hashing with XXH64."""

import struct

from values import whole

PRIMES = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
MASK = (1 << 64) - 1


def rotated(x, bits):
    return (x << bits | x >> (64 - bits)) & MASK


def lane(accumulator, word):
    return rotated((accumulator + word * PRIMES[1]) & MASK, 31) * PRIMES[0] & MASK


def stripes(data):
    """The hash of all whole 32 bytes, before the rest and the length come in."""
    lanes = [(PRIMES[0] + PRIMES[1]) & MASK, PRIMES[1], 0, -PRIMES[0] & MASK]
    for start in range(0, len(data) - 31, 32):
        lanes = [lane(*pair) for pair in zip(lanes, struct.unpack_from("<4Q", data, start))]
    merged = sum(rotated(one, bits) for one, bits in zip(lanes, (1, 7, 12, 18))) & MASK
    for one in lanes:
        merged = ((merged ^ lane(0, one)) * PRIMES[0] + PRIMES[3]) & MASK
    return merged


def xxh64(data):
    """XXH64 with seed 0."""
    h = (stripes(data) if len(data) >= 32 else PRIMES[4]) + len(data) & MASK
    rest = data[len(data) // 32 * 32:]
    while len(rest) >= 8:
        h = (rotated(h ^ lane(0, *struct.unpack_from("<Q", rest)), 27) * PRIMES[0] + PRIMES[3]) & MASK
        rest = rest[8:]
    if len(rest) >= 4:
        h = (rotated(h ^ struct.unpack_from("<I", rest)[0] * PRIMES[0] & MASK, 23) * PRIMES[1] + PRIMES[2]) & MASK
        rest = rest[4:]
    for byte in rest:
        h = rotated(h ^ byte * PRIMES[4] & MASK, 11) * PRIMES[0] & MASK
    h = (h ^ h >> 33) * PRIMES[1] & MASK
    h = (h ^ h >> 29) * PRIMES[2] & MASK
    return h ^ h >> 32


def value(member, weight, lead):
    return max(xxh64(b"\0".join([member.encode(), str(k).encode(), lead.encode()])) for k in range(1, weight + 1))


def assignee(members, lead):
    """The member with the largest value, of equal ones the first; None where there is nobody."""
    best, chosen = -1, None
    for member in members:
        name, weight = (member["name"], whole(member.get("weight"), 1)) if isinstance(member, dict) else (member, 1)
        if value(name, weight, lead) > best:
            best, chosen = value(name, weight, lead), name
    return chosen
