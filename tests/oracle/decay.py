"""decay.py: how points fade, in whole nanopoints, by four exact tables."""

from decimal import Decimal, localcontext

BITS = 62


def table(bits):
    """floor(2^62 · 2^(-j / 2^bits)) for j in 0..255; 120 digits leave no doubt about the last."""
    with localcontext() as context:
        context.prec = 120
        step = Decimal(2).ln() / 2**bits
        return [2**BITS] + [int(2**BITS * (-step * j).exp()) for j in range(1, 256)]


TABLES = [table(8), table(16), table(24), table(32)]


def decay(nano, minutes, half_life):
    """What is left of it; a half-life of None takes nothing."""
    if half_life is None:
        return nano
    halvings, rest = divmod(minutes, half_life)
    if halvings >= 63:
        return 0
    fraction = (rest << 32) // half_life
    factor = 1 << BITS
    for entries, shift in zip(TABLES, (24, 16, 8, 0)):
        factor = factor * entries[fraction >> shift & 255] >> BITS
    size = (abs(nano) * factor >> BITS) >> halvings
    return -size if nano < 0 else size
