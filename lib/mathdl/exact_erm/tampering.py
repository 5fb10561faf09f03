"""Ways to spoil a certificate, for those who want to see what its check notices."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from fractions import Fraction
from typing import Any

from mathdl.exact_erm.certificate import Certificate, exact_text
from mathdl.exact_erm.certificate_check import number

Document = dict[str, Any]


def tampered(certificate: Certificate, how: str) -> Certificate:
    """A copy of the certificate, spoilt in one of the `TAMPERINGS`; raises ValueError for another name."""
    if how not in TAMPERINGS:
        raise ValueError(f"how: expected one of {', '.join(map(repr, TAMPERINGS))}; got {how!r}")
    copy = Certificate(deepcopy(certificate.document))
    TAMPERINGS[how](copy)
    return copy


def _plus(text: str, change: Fraction) -> str:
    return exact_text(number(text) + change)


def _nodes(certificate: Certificate, kind: str) -> list[Document]:
    return [place.node for place in certificate.places() if place.kind == kind]


def _leaf_with_multipliers(certificate: Certificate) -> list[list]:
    return next(pairs for leaf in _nodes(certificate, "leaf") for pairs in leaf["multipliers"] if pairs)


def _value(certificate: Certificate) -> None:
    certificate.document["value"] = exact_text(certificate.value - Fraction(1, 1000))


def _value_and_net(certificate: Certificate) -> None:
    """The net 0 with its true value: an honest net that is not the best."""
    net, problem = certificate.document["net"], certificate.document["problem"]
    net["theta"] = [["0"] * len(row) for row in net["theta"]]
    net["bias"] = "0"
    worse = sum(number(v) * number(y) ** 2 for v, y in zip(problem["weight"], problem["y"], strict=True))
    certificate.document["value"] = exact_text(worse)


def _weight(certificate: Certificate) -> None:
    row = next(row for row in certificate.document["net"]["theta"] if any(map(number, row)))
    row[-1] = _plus(row[-1], Fraction(1, 1000))


def _label(certificate: Certificate) -> None:
    labels = certificate.document["problem"]["y"]
    labels[0] = _plus(labels[0], Fraction(1, 1000))


def _slope(certificate: Certificate) -> None:
    leaf = next(leaf for leaf in _nodes(certificate, "leaf") if any(leaf["multipliers"]))
    for pair in leaf["slopes"]:
        pair[1] = _plus(pair[1], Fraction(1, 1000))


def _all_slopes(certificate: Certificate) -> None:
    """The slopes that would give the largest bounds, if they fitted: those at the prediction 0, which cost nothing."""
    problem = certificate.document["problem"]
    for leaf in _nodes(certificate, "leaf"):
        for pair in leaf["slopes"]:
            y, v = (number(problem[name][pair[0]]) for name in ("y", "weight"))
            pair[1] = exact_text(-2 * v * y if problem["loss"] == "squared" else -v * (y > 0) + v * (y < 0))


def _multiplier(certificate: Certificate) -> None:
    pair = _leaf_with_multipliers(certificate)[0]
    pair[1] = exact_text(number(pair[1]) * 2)


def _negative(certificate: Certificate) -> None:
    pair = _leaf_with_multipliers(certificate)[0]
    pair[1] = exact_text(-number(pair[1]))


def _missing_leaf(certificate: Certificate) -> None:
    for split in _nodes(certificate, "split"):
        if split["children"][0] is not None:  # all gates off: no exchange of gates makes it another child
            split["children"][0] = None
            return


def _exchanged(certificate: Certificate) -> None:
    children = _nodes(certificate, "split")[0]["children"]
    children[0], children[-1] = children[-1], children[0]


def _impossible(certificate: Certificate) -> None:
    place = next(place for place in certificate.places() if place.kind == "leaf" and place.path)
    place.node.clear()
    place.node.update({"empty": 0, "multipliers": [[place.path[-1][0], "1"]]})


def _missing_tree(certificate: Certificate) -> None:
    certificate.document["trees"].pop()


def _bare_number(certificate: Certificate) -> None:
    certificate.document["value"] = float(certificate.value)


TAMPERINGS: dict[str, Callable[[Certificate], None]] = {
    "claim a smaller value": _value, "offer a worse net, with its true value": _value_and_net,
    "change a weight of the net": _weight, "change a label": _label, "change slopes": _slope,
    "raise every bound": _all_slopes,
    "double a multiplier": _multiplier, "make a multiplier negative": _negative, "leave out a leaf": _missing_leaf,
    "exchange two children": _exchanged, "call a possible labelling impossible": _impossible,
    "leave out the tree of a sign vector": _missing_tree, "round the value to a float": _bare_number}
