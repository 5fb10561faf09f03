"""The exact number of pieces of a net on the line, fast enough for millions of them."""

from __future__ import annotations

from mathdl.nets.line_cells import cells_on_line
from mathdl.nets.relu_net import ReLUNet


def count_pieces_1d(net: ReLUNet, *, limit: int = 2 ** 26) -> int:
    """The exact number of maximal intervals on which a net with one input is affine; floats at their binary value.

    All decisions are made in integers, and the memory used does not grow with the count. Raises ValueError when more
    than `limit` intervals are met (a million take a fraction of a second in int64, some seconds in longer integers).
    """
    pieces, last = 0, None
    for cells in cells_on_line(net, limit):
        s = cells.slopes
        first = s[:, 0].astype(object) * cells.unit
        pieces += int((s[:, 1:] != s[:, :-1]).any(axis=0).sum()) + (last is None or bool((first != last).any()))
        last = s[:, -1].astype(object) * cells.unit
    return pieces
