"""Pictures and exercises on certificates: what is drawn is what the certificate says."""

from fractions import Fraction

import pytest

from mathdl.core.figures import clipped_text
from mathdl.exact_erm.certificate import certify
from mathdl.exact_erm.exercises.certificates import check_impossible, check_slopes
from mathdl.exact_erm.explorers import certificates as E
from mathdl.exact_erm.figures.certificates import MARKS, proof_figure
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.tampering import TAMPERINGS, tampered

SMALL = ERMProblem([-1, 0, 1], [1, 0, 1], 1)


def drawn(picture):
    """How many marks of each kind there are in the tree, by the names in the legend."""
    return {c.get_label().split(" ", 1)[1]: len(c.get_offsets()) for c in picture.axes[0].collections
            if not c.get_label().startswith("_")}


def test_every_end_of_the_tree_is_drawn_and_every_bound():
    certificate = certify(SMALL)
    found = certificate.verify()
    picture = proof_figure(certificate)
    assert drawn(picture) == {"bound = value": 1, "bound above": 4, "impossible": 1}
    assert len(picture.axes[0].collections[0].get_segments()) == found.splits * 2
    heights = sorted(y for c in picture.axes[1].collections for _, y in c.get_offsets())
    assert heights == [float(bound) for bound in sorted(bound for _, bound in certificate.bounds())]
    assert picture.axes[1].lines[0].get_ydata()[0] == float(found.value)
    assert picture.axes[1].get_title() == "no bound below 0.66667"
    assert "2 trees with 4 splits; ends: 1 bound = value, 4 bound above, 1 impossible" in picture.alt


def test_children_hang_one_level_below_their_split_and_do_not_overlap():
    picture = proof_figure(certify(ERMProblem([0.0, 1, 2, 3], [0.0, 2, 1, 3], 2)))
    segments = picture.axes[0].collections[0].get_segments()
    assert all(upper[1] - lower[1] == 1 for upper, lower in segments)
    ends = [tuple(p) for c in picture.axes[0].collections[1:] for p in c.get_offsets()]
    assert len({x for x, _ in ends}) == len(ends)
    assert "dropped" in drawn(picture)


def test_bounds_below_the_value_are_marked_as_such():
    picture = E.draw_audit(E.Audit(change="offer a worse net, with its true value"))
    assert drawn(picture)["bound below"] > 0
    assert picture.axes[1].get_title().endswith("below 16")  # the net 0 loses the sum of the squared labels
    assert len({marker for _, marker, _, _ in MARKS.values()}) == len(MARKS)  # not by colour alone


@pytest.mark.parametrize("problem", E.INSTANCES)
def test_honest_certificates_are_accepted_with_their_value(problem):
    picture = E.draw_audit(E.Audit(problem))
    value = E.certificate_of(problem).value
    assert picture.get_suptitle() == f"Accepted: the least loss is {value}."
    assert clipped_text(picture) == []


@pytest.mark.parametrize("change", TAMPERINGS)
@pytest.mark.parametrize("problem", [*E.INSTANCES][::2])
def test_spoilt_certificates_are_refused_under_the_picture_of_what_was_sent(problem, change):
    picture = E.draw_audit(E.Audit(problem, change))
    reason = tampered(E.certificate_of(problem), change).verify().reason
    assert picture.get_suptitle().replace("\n", " ") == f"Refused: {reason}."
    assert picture.alt.startswith("Refused: ")
    assert clipped_text(picture) == []


def test_the_sample_proof():
    picture = E.draw_proof()
    assert drawn(picture)["bound = value"] >= 1
    assert "bound below" not in drawn(picture)
    assert clipped_text(picture) == []


def test_outline_tells_the_tree_in_words():
    text = certify(SMALL).outline()
    assert text.splitlines()[:3] == ["top weights +1", "  split at sample 0",
                                     "    off: at least 1: slopes -2 at 0; multipliers none"]
    assert "on: at least 2/3: slopes -2/3 at 0, 4/3 at 1, -2/3 at 2; multipliers none" in text
    assert "off: impossible for gate 0: 1/2 at 0, 1 at 1, 1/2 at 2" in text
    assert certify(SMALL).outline(lines=2).splitlines()[2] == f"... and {len(text.splitlines()) - 2} lines more"
    two = certify(ERMProblem([0.0, 1, 2, 3], [0.0, 2, 1, 3], 2)).outline(1000)
    assert "off on: as another child, gates exchanged" in two


@pytest.mark.parametrize(("check", "right", "wrong"), [
    (check_impossible, [(1, 2, 1), (0.5, 1, 0.5), [Fraction(1, 3), Fraction(2, 3), Fraction(1, 3)]],
     [(0, 0, 0), (-1, -2, -1), (1, 1, 1), (1, 2), "abc", 3]),
    (check_slopes, [(-2 / 3, 4 / 3, -2 / 3), (Fraction(-1, 2), 1, Fraction(-1, 2))],
     [(-2, 4, -2), (2 / 3, -4 / 3, 2 / 3), (0, 0, 0), (-2, 0, -2), (-1, 1, 0), "x", None])])
def test_exercises(check, right, wrong):
    assert check(...).right is None
    for answer in right:
        assert check(answer).right
    for answer in wrong:
        assert check(answer).right is False
        assert check(answer).text.startswith(("Not yet", "That answer"))
