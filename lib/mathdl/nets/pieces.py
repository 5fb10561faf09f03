"""How many pieces a continuous piecewise linear function has, on the line or on the plane."""

from __future__ import annotations

from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.pwl2d import PWL2D
from mathdl.nets.relu_net import ReLUNet


def count_pieces(f: ReLUNet | PWL1D | PWL2D, mode: str = "open", *, limit: int | None = None) -> int:
    """The exact number of pieces of f (Mukherjee 2020, Definition 3, as corrected), f a net with one or two inputs too.

    A piece is a connected component of the interior of {f = l} for an affine l; with mode "closed" parts of {f = l}
    that meet in a point count once, which on the line is the same. A float net is taken at its exact binary weights.
    Raises ValueError for other numbers of inputs or outputs, and when more than `limit` intervals or regions are to be
    expected or met (2^26 on the line, 20,000 in the plane unless given).
    """
    if mode not in ("open", "closed"):
        raise ValueError(f'expected mode "open" or "closed"; got {mode!r}')
    if isinstance(f, PWL1D):
        return f.n_pieces
    if isinstance(f, PWL2D):
        return f.pieces(mode)
    more = {} if limit is None else {"limit": limit}
    if f.n_outputs == 1 and f.n_inputs == 1:
        from mathdl.nets.pieces1d import count_pieces_1d

        return count_pieces_1d(f, **more)
    if f.n_outputs == 1 and f.n_inputs == 2:
        from mathdl.nets.regions import exact_regions

        return exact_regions(f, **more).pieces(mode)
    raise ValueError(f"expected a net with one or two inputs and one output; got {f.n_inputs} and {f.n_outputs}. "
                     f"Restrict it to a line or a plane with `compose` first")
