"""Tables 4.6.1 and 4.6.2 as printed in Mukherjee 2020, section 4.6."""

from __future__ import annotations

from types import MappingProxyType

SIZES = (256, 512, 1024, 2048, 4096)
POWERS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)

# Table 4.6.1, average gradient norm, a row for each h and a column for each p; "0.00" is printed with two decimals
GRADIENT_NORM = MappingProxyType({
    256: (0.0137, 0.0138, 0.0126, 0.0095, 0.0284, 0.0464, 0.0343),
    512: (0.0058, 0.0058, 0.0054, 0.0071, 0.0104, 0.0214, 0.0028),
    1024: (0.0025, 0.0024, 0.0026, 0.0079, 0.0078, 0.0099, 0.00),
    2048: (0.0011, 0.0012, 0.0025, 0.0031, 0.0032, 0.0036, 0.00),
    4096: (0.0006, 0.0012, 0.0013, 0.0026, 0.0020, 0.0008, 0.00)})

# Table 4.6.1, the column beside it: h^(p-1) with four decimals
REFERENCE = MappingProxyType({
    256: (0.0041, 0.0044, 0.0052, 0.0068, 0.0118, 0.0206, 0.0625),
    512: (0.0021, 0.0022, 0.0027, 0.0036, 0.0068, 0.0127, 0.0442),
    1024: (0.0010, 0.0011, 0.0014, 0.0020, 0.0039, 0.0078, 0.0313),
    2048: (0.0005, 0.0006, 0.0007, 0.0010, 0.0022, 0.0048, 0.0221),
    4096: (0.0003, 0.0003, 0.0004, 0.0006, 0.0013, 0.0030, 0.0156)})

# Table 4.6.2: per cent of the initial columnwise distance covered by gradient descent, for h in SIZES
COVERED = MappingProxyType({
    0.05: (97.7, 98.6, 99.0, 99.2, 99.4),
    0.1: (96.9, 98.2, 98.8, 99.0, 99.2)})

LAST_DIGIT = 0.00005  # half a unit of the last printed digit of Table 4.6.1
LAST_PER_CENT = 0.05  # the same of Table 4.6.2; whole numbers are read as exact to the tenth, as their neighbours


def printed_norm(h: int, p: float) -> float:
    """The printed gradient norm of the cell. Raises ValueError for a cell that the table does not have."""
    if h not in GRADIENT_NORM or p not in POWERS:
        raise ValueError(f"expected h in {SIZES} and p in {POWERS}; got h={h}, p={p}: the table has no such cell")
    return GRADIENT_NORM[h][POWERS.index(p)]


def printed_cover(h: int, p: float) -> float:
    """The printed per cent covered by descent. Raises ValueError for a cell that the table does not have."""
    if h not in SIZES or p not in COVERED:
        raise ValueError(f"expected h in {SIZES} and p in {tuple(COVERED)}; got h={h}, p={p}: no such cell is printed")
    return COVERED[p][SIZES.index(h)]


def zero_cover(h: int, p: float) -> float:
    """What the zero matrix scores in Table 4.6.2, in per cent: 100 (1 − 5 h^(2p−1)).

    It is at distance 1 of every atom, the start at distance h^(1−2p)/5.
    """
    return 100 * (1 - 5 * h ** (2 * p - 1))
