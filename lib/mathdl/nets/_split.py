"""The compiled loop that cuts a box into the activation regions of a net, depth first, one gate at a time.

A node is a convex polygon inside one cell of the layers before it, with the gates of its layer that may still cut it.
The pre-activations of the layer are affine there, with coefficients in `Path.rows`. When no gate is left the next
layer begins, and when no layer is left the polygon is a region. Signs are certain where |value| exceeds its error
bound; at the first polygon where one is not, the loop returns with the gates in question, and goes on when it is
called again with the exact signs. Arrays are handed down one by one, because a tuple's fields cost reference counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from mathdl.nets._packed import UNIT, Packed

DONE, UNCERTAIN, CELLS_FULL, STACK_FULL = range(4)
TOP, N_CELLS, N_CORNERS, N_ENTRIES, N_ASKED, IS_FIXED = range(6)  # entries of Nodes.state
LAYER, CORNER0, N_EDGES, GATE0, N_GATES = range(5)  # columns of Nodes.node; N_GATES -1: the layer begins, all may cut
X, Y, ERROR = range(3)  # columns of corners; ERROR bounds the distance from the exact corner in the maximum norm
LEFT, RIGHT, BOTTOM, TOP_SIDE = -1, -2, -3, -4  # labels of the sides of the box
GATE = (1 << 31) - 1  # other labels are entry << 32 | column << 1 | side, side 1 where the gate is on


class Path(NamedTuple):
    """What holds on the current path. Columns as in Packed, words of 64 gates, layer by layer."""

    rows: np.ndarray  # (3, columns) coefficients of x, y and 1 in each pre-activation
    base: np.ndarray  # (3, columns) their part from the gates that are on in the whole cell of the layers before
    span: np.ndarray  # (2, widest) scratch: smallest and largest value at a polygon's corners
    sure: np.ndarray  # (layers, words) the gates that are on in the whole cell of the layers before
    on: np.ndarray  # (layers, words) the gates that are on
    cross: np.ndarray  # (layers, widest) the gates that cut the cell of the layers before
    n_cross: np.ndarray  # (layers,)
    entry: np.ndarray  # (layers,) number of that cell


class Nodes(NamedTuple):
    """The stack of polygons still to be cut, and what the loop and its caller tell each other."""

    state: np.ndarray  # (6,)
    node: np.ndarray  # (nodes, 5)
    on: np.ndarray  # (nodes, words) those gates that cut the cell of the layers before and are on here
    corners: np.ndarray  # (., 3) of all polygons on the stack
    label: np.ndarray  # (.,) of the edge from each corner to the next
    gate: np.ndarray  # (.,) gates of all nodes on the stack
    asked: np.ndarray  # gates whose signs at the top polygon are uncertain
    fixed: np.ndarray  # (gates, corners) the exact signs of the gates asked for


class Cells(NamedTuple):
    """The regions found so far."""

    start: np.ndarray  # (cells + 1,) where the corners of each begin
    corners: np.ndarray  # (., 3)
    label: np.ndarray  # (.,)
    row: np.ndarray  # (cells, 3) gradient and offset of the net
    on: np.ndarray  # (cells, layers, words) the activation pattern


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def sum_gates(gates, n, rows, o, source, target, f, w, weights, start):
    """Rows of the next layer (w from f on): those of `source` plus those of the n gates (of the layer from o on)."""
    for k in range(3):
        if w == 1:
            u = source[k, f]
            for c in range(n):
                u += weights[start + gates[c]] * rows[k, o + gates[c]]
            target[k, f] = u
            continue
        a, b = target[k, f:f + w], source[k, f:f + w]
        for i in range(w):
            a[i] = b[i]
        for c in range(n):
            r, s = rows[k, o + gates[c]], start + gates[c] * w
            W = weights[s:s + w]
            for i in range(w):
                a[i] += W[i] * r


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def candidates(rows, error, span, corners, v0, nv, o, w, keep, active, sure):
    """The gates of a layer (w from o on) that may cut a polygon, and those that are on everywhere (in `sure` too)."""
    a, b, c, e = rows[0, o:o + w], rows[1, o:o + w], rows[2, o:o + w], error[o:o + w]
    low, high, d = span[0, :w], span[1, :w], 0.0
    for v in range(nv):
        x, y, d = corners[v0 + v, X], corners[v0 + v, Y], max(d, corners[v0 + v, ERROR])
        if v == 0:
            for i in range(w):
                low[i] = high[i] = a[i] * x + b[i] * y + c[i]
        else:
            for i in range(w):
                u = a[i] * x + b[i] * y + c[i]
                low[i] = u if u < low[i] else low[i]
                high[i] = u if u > high[i] else high[i]
    sure[:] = 0
    m = n = 0
    for i in range(w):
        tolerance = e[i] + (abs(a[i]) + abs(b[i])) * d
        keep[m] = active[n] = i
        m += 1 - (low[i] > tolerance) - (high[i] < -tolerance)  # kept where the tolerance is NaN
        if low[i] > tolerance:
            n += 1
            sure[i >> 6] |= 1 << (i & 63)
    return m, n


@njit(inline="always", error_model="numpy")
def signs(rows, e, corners, g, v0, nv, sign):
    """The signs of a gate at a polygon's corners; 1 on, 0 off, 2 it cuts, 3 some sign (0 here) is uncertain."""
    a, b, c = rows[0, g], rows[1, g], rows[2, g]
    slope = abs(a) + abs(b)
    above = below = unsure = 0
    for v in range(nv):
        u = a * corners[v0 + v, X] + b * corners[v0 + v, Y] + c
        tolerance = e + slope * corners[v0 + v, ERROR]
        up, down = int(u > tolerance), int(u < -tolerance)
        sign[v] = up - down
        above, below, unsure = above | up, below | down, unsure | 1 - up - down
    return 3 if unsure else above + (above & below)


@njit(inline="always")
def recall(i, asked, n_asked, fixed, nv, sign):
    """The exact signs of gate i, when the caller has sent them: 1 on, 0 off, 2 it cuts, 3 not sent."""
    kind = 3
    for k in range(n_asked):
        if asked[k] == i:
            above = below = False
            for v in range(nv):
                sign[v] = fixed[k, v]
                above |= sign[v] > 0
                below |= sign[v] < 0
            kind = 2 if above and below else int(above)
    return kind


@njit(inline="always", error_model="numpy")
def crossing(rows, error, box, g, label):
    """Where gate g vanishes on the edge of line `label`, and how far the exact corner can be from there.

    Cramer's rule, back into the box, where the errors of the rows bound those of the residuals r (box[4] for a side).
    With A the two gradients the exact corner is A^-1 r away, the entries of A off by at most e and h.
    """
    a, b, c, e = rows[0, g], rows[1, g], rows[2, g], error[g]
    if label >= 0:
        j = (label >> 1) & GATE
        p, q, s, h = rows[0, j], rows[1, j], rows[2, j], error[j]
    elif label >= RIGHT:
        p, q, s, h = 1.0, 0.0, -box[-label - 1], box[4]
    else:
        p, q, s, h = 0.0, 1.0, -box[-label - 1], box[4]
    inverse = 1 / (a * q - b * p)
    x = inside((b * s - q * c) * inverse, box[0], box[1])
    y = inside((c * p - a * s) * inverse, box[2], box[3])
    r1, r2 = abs(a * x + b * y + c) + e, abs(p * x + q * y + s) + h
    A, B, P, Q = abs(a) + e, abs(b) + e, abs(p) + h, abs(q) + h
    det = abs(a * q - b * p) - 8 * UNIT * (A * Q + B * P) - e * (P + Q) - h * (A + B)
    d = 1.001 * (Q * r1 + B * r2 if Q * r1 + B * r2 > A * r2 + P * r1 else A * r2 + P * r1) / det
    return x, y, d if det > 0 and d <= 1 else np.inf


@njit(inline="always")
def inside(x, low, high):
    """x, or the end of the interval nearest to it; low for NaN."""
    x = x if x > low else low
    return x if x < high else high


@njit(inline="always")
def push(corners, label, v0, old, edge, new, side, sign, nv, cut):
    """Write the part of a polygon on one side of a cut from v0 on, the cut's edge labelled `cut`; where it ends."""
    m = v0
    for v in range(nv):
        s, after = side * sign[v], side * sign[v + 1 if v + 1 < nv else 0]
        if s >= 0:
            for k in range(3):
                corners[m, k] = old[v, k]
            label[m] = cut if s == 0 and after < 0 else edge[v]
            m += 1
        if s * after < 0:
            for k in range(3):
                corners[m, k] = new[v, k]
            label[m] = cut if s > 0 else edge[v]
            m += 1
    return m


@njit(inline="always")
def cut_polygon(rows, error, box, corners, label, v0, nv, g, cut, sign, old, edge, new):
    """Replace the polygon from v0 on by its parts where gate g is off and on; where the two end."""
    for v in range(nv):
        edge[v] = label[v0 + v]
        for k in range(3):
            old[v, k] = corners[v0 + v, k]
    for v in range(nv):
        n = v + 1 if v + 1 < nv else 0
        if sign[v] * sign[n] < 0:
            new[v, X], new[v, Y], new[v, ERROR] = crossing(rows, error, box, g, edge[v])
    v1 = push(corners, label, v0, old, edge, new, -1, sign, nv, cut)
    return v1, push(corners, label, v1, old, edge, new, 1, sign, nv, cut | 1)


@njit(inline="always")
def emit(state, cells, corners, label, v0, nv, rows, on, last, words):
    """Write a polygon down as a region; False when there is no room."""
    start, cell_corners, cell_label, cell_row, cell_on = cells
    i, p = state[N_CELLS], state[N_CORNERS]
    if i + 1 >= len(start) or p + nv > len(cell_label):
        return False
    for v in range(nv):
        for k in range(3):
            cell_corners[p + v, k] = corners[v0 + v, k]
        cell_label[p + v] = label[v0 + v]
    for k in range(3):
        cell_row[i, k] = rows[k, rows.shape[1] - 1]
    for l in range(last):
        for q in range(words):
            cell_on[i, l, q] = on[l, q]
    start[i + 1] = p + nv
    state[N_CELLS], state[N_CORNERS] = i + 1, p + nv
    return True


@njit(inline="always")
def active_gates(n_cross, cross, node_on, active):
    """The gates that cut the cell of the layers before and are on in the node, into `active`; how many."""
    n = 0
    for c in range(n_cross):
        active[n] = cross[c]
        n += node_on[cross[c] >> 6] >> (cross[c] & 63) & 1
    return n


@njit(inline="always")
def branch(node, node_on, gate, t, keep, k, i, v1, v2, words):
    """Nodes t and t + 1 for the parts of node t where gate i is off and on, with the k gates of `keep` still to cut."""
    c0 = node[t, GATE0]
    node[t, N_EDGES], node[t, N_GATES] = v1 - node[t, CORNER0], k
    node[t + 1, LAYER], node[t + 1, CORNER0], node[t + 1, N_EDGES] = node[t, LAYER], v1, v2 - v1
    node[t + 1, GATE0], node[t + 1, N_GATES] = c0 + k, k
    for c in range(k):
        gate[c0 + c] = gate[c0 + k + c] = keep[c]
    for q in range(words):
        node_on[t + 1, q] = node_on[t, q]
    node_on[t + 1, i >> 6] |= 1 << (i & 63)


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def split(net: Packed, path, nodes, cells, work, box):
    """Cut until the stack is empty (DONE) or the caller is needed; the status says what for."""
    widths, first, weights, start, bias, error, _ = net
    rows, base, span, sure, on, cross, n_cross, entry = path
    state, node, node_on, corners, label, gate, asked, fixed = nodes
    keep, active, sign, old, edge, new = work
    last, words = len(widths) - 1, node_on.shape[1]
    while state[TOP] > 0:
        t = state[TOP] - 1
        l, v0, nv, c0, m = node[t, LAYER], node[t, CORNER0], node[t, N_EDGES], node[t, GATE0], node[t, N_GATES]
        o, w, begins = first[l], widths[l], m < 0
        if l == last:
            if not emit(state, cells, corners, label, v0, nv, rows, on, last, words):
                return CELLS_FULL
            state[TOP] = t
            continue
        if v0 + 2 * nv + 4 > len(corners) or nv + 2 > len(sign) or t + 2 > len(node) or c0 + 2 * w > len(gate):
            return STACK_FULL

        # Which gates may still cut the polygon, which are on in all of it?
        n = k = unknown = 0
        if begins:
            m, n = candidates(rows, error, span, corners, v0, nv, o, w, keep, active, sure[l])
        else:
            for c in range(m):
                keep[c] = gate[c0 + c]
        seen = -1
        for c in range(m):
            seen = i = keep[c]
            kind = signs(rows, error[o + i], corners, o + i, v0, nv, sign)
            if kind == 3 and state[IS_FIXED]:
                kind = recall(i, asked, state[N_ASKED], fixed, nv, sign)
            if kind == 3:
                asked[unknown] = i
                unknown += 1
            elif kind == 2:
                keep[k] = i  # k <= c, so that nothing unread is lost; the order stays, `_fast_pieces` relies on it
                k += 1
            elif kind == 1 and begins:
                active[n] = i
                n += 1
                sure[l, i >> 6] |= 1 << (i & 63)
            elif kind == 1:
                node_on[t, i >> 6] |= 1 << (i & 63)
        if unknown:
            state[N_ASKED] = unknown
            return UNCERTAIN

        f, w_next = first[l + 1], widths[l + 1]
        if begins:
            sum_gates(active, n, rows, o, bias, base, f, w_next, weights, start[l])
            for c in range(k):
                cross[l, c] = keep[c]
            n_cross[l], entry[l] = k, state[N_ENTRIES]
            state[N_ENTRIES] += 1
        if k == 0:  # the polygon is a cell of its layer
            n = active_gates(n_cross[l], cross[l], node_on[t], active)
            sum_gates(active, n, rows, o, base, rows, f, w_next, weights, start[l])
            for q in range(words):
                on[l, q] = sure[l, q] | node_on[t, q]
                node_on[t, q] = 0
            node[t, LAYER], node[t, N_GATES] = l + 1, -1
        else:
            k -= 1
            i, g = keep[k], o + keep[k]
            if i != seen and signs(rows, error[g], corners, g, v0, nv, sign) == 3:
                recall(i, asked, state[N_ASKED], fixed, nv, sign)
            cut = entry[l] << 32 | g << 1
            v1, v2 = cut_polygon(rows, error, box, corners, label, v0, nv, g, cut, sign, old, edge, new)
            branch(node, node_on, gate, t, keep, k, i, v1, v2, words)
            state[TOP] = t + 2
        state[IS_FIXED] = 0
    return DONE
