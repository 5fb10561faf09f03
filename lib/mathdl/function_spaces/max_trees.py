"""Signed sums of maxima as one net: balanced trees side by side that share their gates."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm

from mathdl.function_spaces.signed_max import SignedMaxes
from mathdl.nets.relu_net import ReLUNet

Form = dict[int, Fraction]  # an affine function of the gates below: gate -> coefficient, CONSTANT -> constant
CONSTANT = -1


class _Layer:
    """The gates of one hidden layer; gates that differ by a positive factor are one."""

    def __init__(self) -> None:
        self.gates: dict[tuple, int] = {}

    def relu(self, u: Form) -> Form:
        """σ(u) on top of this layer; a constant needs no gate."""
        if set(u) <= {CONSTANT}:
            return u if u.get(CONSTANT, 0) > 0 else {}
        unit = Fraction(gcd(*(v.numerator for v in u.values())), lcm(*(v.denominator for v in u.values())))
        key = tuple(sorted((i, v / unit) for i, v in u.items()))
        return {self.gates.setdefault(key, len(self.gates)): unit}

    def carry(self, u: Form) -> Form:
        """u itself on top of this layer, as σ(u') − σ(−u') plus its constant."""
        linear = {i: v for i, v in u.items() if i != CONSTANT}
        constant = {CONSTANT: u[CONSTANT]} if CONSTANT in u else {}
        if not linear:
            return constant
        minus = {i: -v for i, v in linear.items()}
        return _sum([(1, constant), (1, self.relu(linear)), (-1, self.relu(minus))])


def net_of_signed_maxes(f: SignedMaxes) -> ReLUNet:
    """The exact net of Σ_j s_j max(S_j) with ⌈log2 max |S_j|⌉ hidden layers (Mukherjee 2020, Lemma 2.A.4).

    Each layer halves the number of operands of every maximum by max(u, v) = v + σ(u − v). All that is finished is
    added up and carried by one pair of gates, so the terms share it, and they share equal gates.
    """
    total: Form = {}
    trees = [(sign, [_form(row) for row in S]) for sign, S in f.terms]
    layers = []
    while True:
        total, trees = _finished(total, trees)
        if not trees:
            return _assembled(layers, total, f.n_inputs)
        layer = _Layer()
        total = layer.carry(total)
        trees = [(sign, _halved(operands, layer)) for sign, operands in trees]
        layers.append(layer)


def _form(row: Sequence[Fraction]) -> Form:
    *a, b = row
    return {i: v for i, v in [*enumerate(a), (CONSTANT, b)] if v}


def _sum(parts: Sequence[tuple[int, Form]]) -> Form:
    out: Form = {}
    for c, u in parts:
        for i, v in u.items():
            out[i] = out.get(i, 0) + c * v
    return {i: v for i, v in out.items() if v}


def _finished(total: Form, trees: list) -> tuple[Form, list]:
    """Move one operand r of each maximum into the total, max(u, …, r) = r + max(u − r, …, 0); drop the empty rest."""
    total = _sum([(1, total), *((sign, operands[-1]) for sign, operands in trees)])
    return total, [(sign, [_sum([(1, u), (-1, operands[-1])]) for u in operands[:-1]])
                   for sign, operands in trees if len(operands) > 1]


def _halved(operands: list[Form], layer: _Layer) -> list[Form]:
    """max(operands, 0) with half as many operands, one layer up; an odd last operand is paired with the 0."""
    out = [_sum([(1, layer.carry(v)), (1, layer.relu(_sum([(1, u), (-1, v)])))])
           for u, v in zip(operands[:-1:2], operands[1::2], strict=False)]
    return [*out, layer.relu(operands[-1]) if len(operands) % 2 else {}]


def _assembled(layers: list[_Layer], total: Form, n_inputs: int) -> ReLUNet:
    weights, biases, width = [], [], n_inputs
    for forms in [*([dict(key) for key in layer.gates] for layer in layers), [total]]:
        weights.append([[form.get(i, Fraction(0)) for i in range(width)] for form in forms])
        biases.append([form.get(CONSTANT, Fraction(0)) for form in forms])
        width = len(forms)
    return ReLUNet(weights, biases, exact=True)
