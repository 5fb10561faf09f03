"""How many gates a shallow net needs for a function with many pieces: bounds in integers, certificates, tables."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from numbers import Rational, Real
from typing import Literal

from mathdl.function_spaces.hard import HardFunction
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

Kind = Literal["printed", "sharp"]


def size_bound(pieces: int, shallow: int, kind: Kind = "sharp") -> Fraction | float:
    """The real lower bound on the size of a net with `shallow` = k' hidden layers and p = `pieces` pieces.

    "printed": ½ k' p^{1/k'} − 1 (Mukherjee 2020, Lemma 2.A.7); "sharp": k' (p^{1/k'} − 1), from pieces ≤ ∏ (w_i + 1).
    Exact when the root is an integer.
    """
    _check(pieces, shallow, kind)
    m = ceil_root(pieces, shallow)
    root = Fraction(m) if m**shallow == pieces else math.exp(math.log(pieces) / shallow)
    return shallow * root / 2 - 1 if kind == "printed" else shallow * (root - 1)


def min_size_lower_bound(pieces: int, shallow: int, kind: Kind = "sharp") -> int:
    """The smallest size that the bound allows, found in integers: least s with (2(s+1)/k')^{k'} ≥ p ("printed"),
    or with (s/k' + 1)^{k'} ≥ p ("sharp")."""
    _check(pieces, shallow, kind)
    m = ceil_root(pieces * shallow**shallow, shallow)  # least m with (m / k')^{k'} >= p
    return max(-(-m // 2) - 1, 0) if kind == "printed" else max(m - shallow, 0)


def ceil_root(n: int, degree: int) -> int:
    """The least integer m ≥ 0 with m^degree ≥ n, by bisection in integers."""
    low, high = -1, 1 << (n.bit_length() // degree + 1)  # low^degree < n <= high^degree throughout
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if middle**degree >= n else (middle, high)
    return high


@dataclass(frozen=True, eq=False)
class GapCertificate:
    """A net with many pieces, and what its piece count forces on shallower nets for the same function.

    `breaks` are the points where the net bends, `pieces` their number plus one, and `bounds` holds
    (k', least size by the printed bound, least size by the sharp bound) for k' = 1, …, number of hidden layers.
    """

    net: ReLUNet
    breaks: tuple[Fraction, ...]
    pieces: int
    bounds: tuple[tuple[int, int, int], ...]

    def verify(self) -> bool:
        """True when everything follows again from the net; raises ValueError naming the first entry that does not.

        The net is evaluated at three points around each breakpoint, in intervals that do not meet: if it is not affine
        there, it has at least `pieces` pieces, which is all that the bounds use, and no code that finds breakpoints was
        trusted. A recount by propagation confirms that the net bends there exactly and nowhere else.
        """
        if len(self.breaks) + 1 != self.pieces or any(s >= t for s, t in pairwise(self.breaks)):
            raise ValueError(f"certificate refused: {self.pieces} pieces need {self.pieces - 1} increasing breakpoints")
        if not all(_bend_around(self.net, t, width) for t, width in zip(self.breaks, _gaps(self.breaks), strict=True)):
            raise ValueError("certificate refused: the net does not bend at every breakpoint stored")
        if PWL1D.from_net(self.net).breaks != self.breaks:
            raise ValueError(f"certificate refused: the net does not have {self.pieces} pieces between these points")
        if self.bounds != _bounds(self.pieces, self.net.hidden_layers):
            raise ValueError("certificate refused: the bounds do not follow from the number of pieces")
        return True

    def to_json(self) -> str:
        """The certificate as text; every number is written as an exact fraction."""
        return json.dumps({"weights": [[[str(v) for v in row] for row in W] for W in self.net.weights],
                           "biases": [[str(v) for v in b] for b in self.net.biases],
                           "breaks": [str(t) for t in self.breaks], "pieces": self.pieces, "bounds": self.bounds})

    @classmethod
    def from_json(cls, text: str) -> GapCertificate:
        """The certificate read back and verified; raises ValueError when it does not hold."""
        try:
            d = json.loads(text)
            net = ReLUNet([[[Fraction(v) for v in row] for row in W] for W in d["weights"]],
                          [[Fraction(v) for v in b] for b in d["biases"]], exact=True)
            certificate = cls(net, tuple(map(Fraction, d["breaks"])), d["pieces"], tuple(map(tuple, d["bounds"])))
        except (KeyError, TypeError, ZeroDivisionError) as error:
            raise ValueError(f"expected the text of a certificate; got one that cannot be read: {error!r}") from None
        certificate.verify()
        return certificate

    def __str__(self) -> str:
        lines = [f"{self.pieces} pieces, built with {self.net.size} gates in {self.net.hidden_layers} hidden layers"]
        lines += [f"  {k} hidden layer{'s' * (k > 1)}: at least {sharp} gates (printed bound: {printed})"
                  for k, printed, sharp in self.bounds]
        return "\n".join(lines)

    __repr__ = __str__


def gap_certificate(function: HardFunction | ReLUNet) -> GapCertificate:
    """The certificate of a net on the line, with its pieces counted exactly (a formula such as w^k is not trusted)."""
    net = (function.net if isinstance(function, HardFunction) else function).exact()
    if net.hidden_layers < 1:
        raise ValueError("expected a net with a hidden layer; got an affine map, which has one piece and needs no gate")
    H = PWL1D.from_net(net)
    return GapCertificate(net, H.breaks, H.n_pieces, _bounds(H.n_pieces, net.hidden_layers))


@dataclass(frozen=True)
class GapRow:
    """One line of the super-exponential gap: nets of width k with K = k^{1+ε} layers against nets with k layers."""

    k: int
    layers: int
    deep_size: int
    shallow_bound: Fraction | float
    parameters: int

    @property
    def ratio(self) -> float:
        """Shallow bound over deep size; above 1 the gap is real."""
        return float(self.shallow_bound / self.deep_size)

    def __str__(self) -> str:
        bound = f"{float(self.shallow_bound):.6g}"
        return (f"{self.k:>3} {self.layers:>8} {self.deep_size:>10} {bound:>14} {self.ratio:>12.4g} "
                f"{self.parameters:>11}")


@dataclass(frozen=True)
class GapTable:
    """Lines of the super-exponential gap, printed under their heads."""

    rows: tuple[GapRow, ...]

    def __str__(self) -> str:
        head = f"{'k':>3} {'layers':>8} {'deep size':>10} {'shallow size ≥':>14} {'ratio':>12} {'parameters':>11}"
        return "\n".join([head, *map(str, self.rows)])

    __repr__ = __str__


def gap_row(k: int, eps: Real) -> GapRow:
    """Corollary 2.3.3, corrected, for one k: deep size k^{2+ε}, shallow size ≥ ½ k · k^{k^ε} − 1, and the dimension
    k^{2+ε} − k^{1+ε} of the parameters at fixed M. Raises ValueError unless k^{1+ε} is a natural number."""
    K = natural_power(k, eps)
    if K is None:
        raise ValueError(f"expected k^(1+eps) to be a natural number; got k = {k}, eps = {eps}. Take k = m^q for "
                         f"eps = p/q, such as k = 4, 9, 16 for eps = 1/2")
    # k^{k^ε} with k^ε = K / k is the k-th root of k^K, and width k gives k^K ramps
    return GapRow(k, K, k * K, size_bound(k**K, k, "printed"), (k - 1) * K)


def gap_table(k: int, eps: Real = 1) -> GapTable:
    """The lines for 2, …, k, those left out for which k^{1+ε} is no natural number."""
    if k < 2 or not eps > 0:
        raise ValueError(f"expected k >= 2 and eps > 0; got k = {k} and eps = {eps}")
    return GapTable(tuple(gap_row(j, eps) for j in range(2, k + 1) if natural_power(j, eps) is not None))


def natural_power(k: int, eps: Real) -> int | None:
    """k^{1+ε} if it is a natural number, else None: decided in integers for rational ε, within rounding for a float."""
    if k < 1:
        raise ValueError(f"expected k >= 1; got {k}")
    if isinstance(eps, Rational):
        n, q = eps.numerator + eps.denominator, eps.denominator  # 1 + ε = n / q
        K = ceil_root(k**n, q) if n >= 0 else 0
        return K if n >= 0 and K**q == k**n else None
    exact = math.exp((1 + eps) * math.log(k))
    # exp and log err by an ulp each, and exp multiplies the error of its argument y by y + 1
    return round(exact) if abs(exact - round(exact)) <= 4 * 2**-52 * exact * (1 + (1 + eps) * math.log(k)) else None


def _check(pieces: int, shallow: int, kind: str) -> None:
    if pieces < 1 or shallow < 1 or kind not in ("printed", "sharp"):
        raise ValueError(f'expected pieces >= 1, shallow >= 1 and kind "printed" or "sharp"; '
                         f"got {pieces}, {shallow}, {kind!r}")


def _bounds(pieces: int, hidden_layers: int) -> tuple[tuple[int, int, int], ...]:
    return tuple((k, min_size_lower_bound(pieces, k, "printed"), min_size_lower_bound(pieces, k, "sharp"))
                 for k in range(1, hidden_layers + 1))


def _gaps(breaks: Sequence[Fraction]) -> list[Fraction]:
    """A third of the distance from each breakpoint to its nearest neighbour (1 where there is none)."""
    ends = [None, *breaks, None]
    return [min([abs(t - n) for n in near if n is not None], default=Fraction(3)) / 3
            for near, t in zip(zip(ends, ends[2:], strict=False), breaks, strict=True)]


def _bend_around(net: ReLUNet, t: Fraction, width: Fraction) -> bool:
    """True when the net is not affine on [t − width, t + width]."""
    (left,), (middle,), (right,) = net([[t - width], [t], [t + width]])
    return left + right != 2 * middle
