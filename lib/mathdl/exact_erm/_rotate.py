"""Compiled: one gate in the plane. A line turns about each sample, and the Gram sums of its left side turn with it.

Let t order the samples by height (by falling abscissa at equal height). The gates that increase to the right are an
affine chart of all lines; in it, of the four cells around the line through samples i and j, one has this line as its
lowest vertex: the higher sample on, the lower one off, the others as the line says. So turning about each i by half a
turn, and stopping where a lower sample leaves, meets each cell or its complement, except the cells of horizontal lines,
which are the beginnings and ends of the order: they are the starts of the turns. Walls and rays through i are met on
the way. By the theorem on faces least squares on each face is enough, with a look whether the solution lies in it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from mathdl.exact_erm._cone import _factor, _weights
from mathdl.exact_erm._sweep import NEAR

CLOSE = 1e-14  # keys of angles that differ by more are in the right order


@njit(cache=True, nogil=True, error_model="numpy")
def _two_sum(a, b):
    s = a + b
    c = s - a
    return s, (a - (s - c)) + (b - c)


@njit(cache=True, nogil=True, error_model="numpy")
def _two_product(a, b):
    p = a * b
    f = 134217729.0
    c = f * a
    ah = c - (c - a)
    al = a - ah
    c = f * b
    bh = c - (c - b)
    bl = b - bh
    return p, al * bl - (((p - ah * bh) - al * bh) - ah * bl)


@njit(cache=True, nogil=True, error_model="numpy")
def orientation(x, i, j, k):
    """Sign of det[x_j - x_i, x_k - x_i]: floats with a bound, else an exact sum of six products."""
    left = (x[j, 0] - x[i, 0]) * (x[k, 1] - x[i, 1])
    right = (x[j, 1] - x[i, 1]) * (x[k, 0] - x[i, 0])
    det = left - right
    if abs(det) > 1e-15 * (abs(left) + abs(right)):
        return 1 if det > 0 else -1
    parts = np.zeros(12)
    n = 0
    for a, b in ((i, j), (j, k), (k, i)):
        for sign in (1.0, -1.0):
            if sign > 0:
                high, low = _two_product(x[a, 0], x[b, 1])
            else:
                high, low = _two_product(-x[a, 1], x[b, 0])
            for term in (low, high):  # grow the expansion by one term: parts stay non-overlapping
                q = term
                for r in range(n):
                    q, parts[r] = _two_sum(q, parts[r])
                parts[n] = q
                n += 1
    for r in range(n - 1, -1, -1):
        if parts[r] != 0.0:
            return 1 if parts[r] > 0 else -1
    return 0


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _hopeless(s00, s10, s11, s20, s21, s22, b0, b1, b2, goal, e):
    """True when the least-squares bound of the cell, less its rounding error, is at least `goal`; as in `_sweep`."""
    a00, a10, a20 = s11 * s22 - s21 * s21, s20 * s21 - s10 * s22, s10 * s21 - s11 * s20
    a11, a21, a22 = s00 * s22 - s20 * s20, s10 * s20 - s00 * s21, s00 * s11 - s10 * s10
    det = s00 * a00 + s10 * a10 + s20 * a20
    top = (a00 * b0 + 2 * (a10 * b1 + a20 * b2)) * b0 + (a11 * b1 + 2 * a21 * b2) * b1 + a22 * b2 * b2
    trace = s00 + s11 + s22
    return det > 0 and a22 > 0 and s00 > 0 and top + e * trace * trace + e * det <= (1.0 - goal) * det


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _offer(Q, y, phi, state, net):
    """The value of the nets ± of the gate whose outputs are Q phi, in floats; the better one is kept if it is best."""
    plus, minus = 0.0, 0.0
    for j in range(len(y)):
        s = Q[j, 0] * phi[0] + Q[j, 1] * phi[1] + Q[j, 2] * phi[2]
        plus += (y[j] - max(s, 0.0)) ** 2
        minus += (y[j] - min(s, 0.0)) ** 2
    if min(plus, minus) < state[0]:
        sign = 1.0 if plus <= minus else -1.0
        state[0] = min(plus, minus)
        net[:3] = sign * phi
        net[3] = sign


@njit(cache=True, nogil=True, error_model="numpy")
def _consider(Q, y, phi, value, error, state, net, doubt):
    """A least-squares solution that may lie in its face: offer it, and keep its bound if floats cannot confirm it."""
    _offer(Q, y, phi, state, net)
    if value - error < state[0] - doubt:
        state[2] = min(state[2], value - error)


@njit(cache=True, nogil=True, error_model="numpy")
def _deficient(x, on, half, i, j):
    """Whether the samples that are on lie on one line, exactly: through samples i and j, through i (j = -1), or any."""
    for k in range(len(x)):
        if on[k] != half:
            if i < 0:
                i = k
            elif j < 0:
                if k != i:
                    j = k
            elif k != i and k != j and orientation(x, i, j, k) != 0:
                return False
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _leave_out(y, on, half, state, doubt):
    """Where floats cannot decide: without the samples that are on, no gate does better than nothing at all."""
    rest = 0.0
    for j in range(len(y)):
        if on[j] == half:
            rest += y[j] * y[j]
    if rest < state[0] - doubt:
        state[2] = min(state[2], rest - len(y) * 2.0 ** -52)


@njit(cache=True, nogil=True, error_model="numpy")
def _again(x, Q, unit, y, on, half, N, k, i, j, rough, state, net, doubt, F, phi):
    """Least squares on a face once more, by orthogonal factors: for faces that are nearly degenerate.

    The gates of the face are N c (k unknowns). Columns are off by `rough` times the size of their rows, which turns
    their span by `turn` at most, and the value changes by 4 turn. A face on which the solution is not unique is left to
    its own faces; that is decided exactly.
    """
    D = len(y)
    if _deficient(x, on, half, i, j):
        return
    size, R = 0.0, np.zeros((3, 3))
    for h in range(D):
        for c in range(k):
            F[h, c] = 0.0
            if on[h] != half:
                F[h, c] = Q[h, 0] * N[0, c] + Q[h, 1] * N[1, c] + Q[h, 2] * N[2, c]
        if on[h] != half:
            size += Q[h, 0] ** 2 + Q[h, 1] ** 2 + Q[h, 2] ** 2
    value, inverse = 0.0, 0.0
    for c in range(k):
        for _ in range(2):
            for r in range(c):
                dot = 0.0
                for h in range(D):
                    dot += F[h, r] * F[h, c]
                R[r, c] += dot
                for h in range(D):
                    F[h, c] -= dot * F[h, r]
        length = 0.0
        for h in range(D):
            length += F[h, c] ** 2
        R[c, c] = np.sqrt(length)
        for h in range(D):
            F[h, c] /= R[c, c]
    coefficients, inverse_R = np.zeros(3), np.zeros((3, 3))
    for c in range(k):  # columns of R^-1
        for r in range(c, -1, -1):
            s = 1.0 if r == c else 0.0
            for m in range(r + 1, c + 1):
                s -= R[r, m] * inverse_R[m, c]
            inverse_R[r, c] = s / R[r, r]
            inverse += inverse_R[r, c] ** 2
    turn = rough * np.sqrt(size * inverse)
    if not turn < 0.1:
        _leave_out(y, on, half, state, doubt)
        return
    for h in range(D):
        value += y[h] * y[h]
    for c in range(k):
        dot = 0.0
        for h in range(D):
            dot += F[h, c] * y[h]
        value -= dot * dot
        for r in range(c + 1):
            coefficients[r] += inverse_R[r, c] * dot
    error = 4 * turn + D * 2.0 ** -50
    if value - error >= state[0] - doubt:
        return
    weight = 0.0
    for r in range(3):
        phi[r] = 0.0
        for c in range(k):
            phi[r] += N[r, c] * coefficients[c]
        weight += phi[r] * phi[r]
    margin = (4 * turn + rough) * (1.0 + np.sqrt(weight) + np.sqrt(inverse))
    below, above = False, False
    for h in range(D):
        s = unit[h, 0] * phi[0] + unit[h, 1] * phi[1] + unit[h, 2] * phi[2]
        if on[h] == half:
            s = -s
        below, above = below or s < -margin, above or s > margin
        if k > 1 and below and above:
            return
    _consider(Q, y, phi, value, error, state, net, doubt)


@njit(cache=True, nogil=True, error_model="numpy")
def _cell(x, Q, unit, y, on, half, G, b, e, rough, state, net, doubt, A, z, W, phi, F, N):
    """A cell (samples with on != half) whose least-squares bound G, b is below the best: is its solution in the cell?

    If not, the optimum over the cell lies on a wall or a ray, which are tried by themselves.
    """
    state[1] += 1
    A[:], z[:] = G, b
    inverse = _factor(A, z, 3, W)
    if not (inverse > 0.0 and 8 * e * inverse < 1.0):
        N[:] = 0.0
        N[0, 0] = N[1, 1] = N[2, 2] = 1.0
        _again(x, Q, unit, y, on, half, N, 3, -1, -1, rough, state, net, doubt, F, phi)
        return
    weights = _weights(W, z, 3, phi)
    value, error = 1.0 - (z[0] * z[0] + z[1] * z[1] + z[2] * z[2]), 4 * e * (1.0 + weights)
    if value - error >= state[0] - NEAR:
        return
    margin = 4 * e * (1.0 + np.sqrt(weights)) * inverse
    below, above = False, False
    for j in range(len(y)):
        s = unit[j, 0] * phi[0] + unit[j, 1] * phi[1] + unit[j, 2] * phi[2]
        if on[j] == half:
            s = -s
        below, above = below or s < -margin, above or s > margin
        if below and above:
            return
    if value - error < state[0] - doubt and 4 * e * weights > doubt:
        N[:] = 0.0
        N[0, 0] = N[1, 1] = N[2, 2] = 1.0
        _again(x, Q, unit, y, on, half, N, 3, -1, -1, rough, state, net, doubt, F, phi)
        return
    _consider(Q, y, phi, value, error, state, net, doubt)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _wall_and_ray(x, i, j, unit, rough, F, N, Q, y, on, half, a00, a10, a11, b0, b1, before, after, ray, n1, n2, e,
                  state, net, doubt, phi):
    """Lines about one sample: the wall between two neighbours, and the ray that starts it, by 2 x 2 and 1 x 1 systems.

    Coordinates are those of n1, n2, which are orthogonal to the sample's row. `before`, `after` are the rows of the
    neighbours (2,), each times ±1 so that a gate of the cell is positive there; `ray` is a unit vector along the ray.
    """
    g = (a00 * ray[0] + 2 * a10 * ray[1]) * ray[0] + a11 * ray[1] * ray[1]
    h = b0 * ray[0] + b1 * ray[1]
    if g > 8 * e:
        t = h / g
        if 1.0 - h * t - 4 * e * (1.0 + t * t) < state[0] - NEAR:
            for c in range(3):
                phi[c] = t * (ray[0] * n1[c] + ray[1] * n2[c])
            if 4 * e * t * t > doubt:
                N[:, 0] = ray[0] * n1 + ray[1] * n2
                _again(x, Q, unit, y, on, half, N, 1, i, j, rough, state, net, doubt, F, phi)
            else:
                _consider(Q, y, phi, 1.0 - h * t, 4 * e * (1.0 + t * t), state, net, doubt)
    else:
        N[:, 0] = ray[0] * n1 + ray[1] * n2
        _again(x, Q, unit, y, on, half, N, 1, i, j, rough, state, net, doubt, F, phi)
    det, trace = a00 * a11 - a10 * a10, a00 + a11
    if not det > 8 * e * trace:
        N[:, 0], N[:, 1] = n1, n2
        _again(x, Q, unit, y, on, half, N, 2, i, -1, rough, state, net, doubt, F, phi)
        return
    f0, f1 = (a11 * b0 - a10 * b1) / det, (a00 * b1 - a10 * b0) / det
    weights = f0 * f0 + f1 * f1
    value, error = 1.0 - b0 * f0 - b1 * f1, 4 * e * (1.0 + weights)
    if value - error >= state[0] - NEAR:
        return
    state[1] += 1
    v1, v2 = before[0] * f0 + before[1] * f1, after[0] * f0 + after[1] * f1
    margin = 4 * e * (1.0 + np.sqrt(weights)) * trace / det
    size1, size2 = abs(before[0]) + abs(before[1]), abs(after[0]) + abs(after[1])
    if (v1 < -margin * size1 and v2 > margin * size2) or (v1 > margin * size1 and v2 < -margin * size2):
        return
    if 4 * e * weights > doubt:
        N[:, 0], N[:, 1] = n1, n2
        _again(x, Q, unit, y, on, half, N, 2, i, -1, rough, state, net, doubt, F, phi)
        return
    for c in range(3):
        phi[c] = f0 * n1[c] + f1 * n2[c]
    _consider(Q, y, phi, value, error, state, net, doubt)


@njit(cache=True, nogil=True, error_model="numpy")
def _across(q, n1, n2):
    """Unit vectors n1, n2 orthogonal to q and to each other."""
    k = 0
    for c in range(3):
        if abs(q[c]) < abs(q[k]):
            k = c
    size, dot = 0.0, q[k] / (q[0] * q[0] + q[1] * q[1] + q[2] * q[2])
    for c in range(3):
        n1[c] = (1.0 if c == k else 0.0) - dot * q[c]
        size += n1[c] * n1[c]
    for c in range(3):
        n1[c] /= np.sqrt(size)
    n2[0], n2[1], n2[2] = q[1] * n1[2] - q[2] * n1[1], q[2] * n1[0] - q[0] * n1[2], q[0] * n1[1] - q[1] * n1[0]
    size = np.sqrt(n2[0] * n2[0] + n2[1] * n2[1] + n2[2] * n2[2])
    for c in range(3):
        n2[c] /= size


@njit(cache=True, nogil=True, error_model="numpy")
def _by_angle(x, rank, i, keys, order):
    """The other samples in the order in which a line turning about sample i meets them, and keys of their angles."""
    n = 0
    for j in range(len(x)):
        if j != i:
            dx, dy = x[j, 0] - x[i, 0], x[j, 1] - x[i, 1]
            keys[n] = (dx if rank[j] < rank[i] else -dx) / (abs(dx) + abs(dy))
            order[n] = j
            n += 1
    by = np.argsort(keys)
    ids, angle = order[by], keys[by]
    for a in range(1, n):  # neighbours that floats cannot tell apart are put in their exact order
        k = a
        while k > 0 and angle[k] - angle[k - 1] < CLOSE:
            side = orientation(x, i, ids[k - 1], ids[k])
            if (rank[ids[k]] < rank[i]) != (rank[ids[k - 1]] < rank[i]):
                side = -side
            if side >= 0:
                break
            ids[k], ids[k - 1] = ids[k - 1], ids[k]
            angle[k], angle[k - 1] = angle[k - 1], angle[k]
            k -= 1
    return ids, angle


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def rotate(x, Q, unit, y, rank, pivots, e, rough, state, net, doubt):
    """Turn a line about each sample of `pivots`: all cells, walls and rays that belong to them.

    `rank` is the order t; `state` = (best value, faces looked at, least bound that rounding left open), and `net` (4,)
    is the gate of the best net with its sign.
    """
    D = len(y)
    on, F, N = np.zeros(D, np.uint8), np.zeros((D, 3)), np.zeros((3, 3))
    keys, order = np.zeros(D - 1), np.zeros(D - 1, np.int64)
    A, W, z, phi, n1, n2 = np.zeros((3, 3)), np.zeros((3, 3)), np.zeros(3), np.zeros(3), np.zeros(3), np.zeros(3)
    S, b, T, g = np.zeros((3, 3)), np.zeros(3), np.zeros((3, 3)), np.zeros(3)
    before, after, ray, total = np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(3)
    for j in range(D):
        for r in range(3):
            total[r] += Q[j, r] * y[j]
    for i in pivots:
        _across(Q[i], n1, n2)
        t0 = n1[0] * total[0] + n1[1] * total[1] + n1[2] * total[2]
        t1 = n2[0] * total[0] + n2[1] * total[1] + n2[2] * total[2]
        ids, angle = _by_angle(x, rank, i, keys, order)
        s00 = s10 = s11 = s20 = s21 = s22 = b0 = b1 = b2 = 0.0
        count = 0
        for j in range(D):
            on[j] = rank[j] < rank[i] or j == i
            if on[j]:
                count += 1
                q0, q1, q2 = Q[j, 0], Q[j, 1], Q[j, 2]
                s00, s10, s11 = s00 + q0 * q0, s10 + q1 * q0, s11 + q1 * q1
                s20, s21, s22 = s20 + q2 * q0, s21 + q2 * q1, s22 + q2 * q2
                b0, b1, b2 = b0 + q0 * y[j], b1 + q1 * y[j], b2 + q2 * y[j]
        a, n = -1, D - 1
        while a < n:
            stop = a < 0
            if a < 0:
                a = 0
            else:
                while True:  # all samples on the line at once
                    j = ids[a]
                    sign = -1.0 if on[j] else 1.0
                    stop = stop or on[j] == 1
                    count += 1 - 2 * on[j]
                    on[j] = 1 - on[j]
                    q0, q1, q2 = Q[j, 0], Q[j, 1], Q[j, 2]
                    s00, s10, s11 = s00 + sign * q0 * q0, s10 + sign * q1 * q0, s11 + sign * q1 * q1
                    s20, s21, s22 = s20 + sign * q2 * q0, s21 + sign * q2 * q1, s22 + sign * q2 * q2
                    b0, b1, b2 = b0 + sign * q0 * y[j], b1 + sign * q1 * y[j], b2 + sign * q2 * y[j]
                    a += 1
                    if a >= n or angle[a] - angle[a - 1] >= CLOSE or orientation(x, i, j, ids[a]) != 0:
                        break
                k = ids[a % n]
                u0, u1 = n1[0] * q0 + n1[1] * q1 + n1[2] * q2, n2[0] * q0 + n2[1] * q1 + n2[2] * q2
                w0 = n1[0] * Q[k, 0] + n1[1] * Q[k, 1] + n1[2] * Q[k, 2]
                w1 = n2[0] * Q[k, 0] + n2[1] * Q[k, 1] + n2[2] * Q[k, 2]
                size = np.sqrt(u0 * u0 + u1 * u1)
                ray[0], ray[1] = -u1 / size, u0 / size
                sign = 1.0 if on[j] else -1.0
                before[0], before[1] = sign * u0, sign * u1
                sign = 1.0 if on[k] else -1.0
                after[0], after[1] = sign * w0, sign * w1
                m0, m1 = s00 * n1[0] + s10 * n1[1] + s20 * n1[2], s10 * n1[0] + s11 * n1[1] + s21 * n1[2]
                m2 = s20 * n1[0] + s21 * n1[1] + s22 * n1[2]
                a00, a10 = n1[0] * m0 + n1[1] * m1 + n1[2] * m2, n2[0] * m0 + n2[1] * m1 + n2[2] * m2
                m0, m1 = s00 * n2[0] + s10 * n2[1] + s20 * n2[2], s10 * n2[0] + s11 * n2[1] + s21 * n2[2]
                m2 = s20 * n2[0] + s21 * n2[1] + s22 * n2[2]
                a11 = n2[0] * m0 + n2[1] * m1 + n2[2] * m2
                c0, c1 = n1[0] * b0 + n1[1] * b1 + n1[2] * b2, n2[0] * b0 + n2[1] * b1 + n2[2] * b2
                _wall_and_ray(x, i, j, unit, rough, F, N, Q, y, on, 0, a00, a10, a11, c0, c1, before, after, ray, n1,
                              n2, e, state, net, doubt, phi)
                _wall_and_ray(x, i, j, unit, rough, F, N, Q, y, on, 1, 1 - a00, -a10, 1 - a11, t0 - c0, t1 - c1,
                              before, after, ray, n1, n2, e, state, net, doubt, phi)
            if not stop:
                continue
            if count >= 3 and not _hopeless(s00, s10, s11, s20, s21, s22, b0, b1, b2, state[0] - NEAR, e):
                S[0, 0], S[1, 0], S[1, 1], S[2, 0], S[2, 1], S[2, 2] = s00, s10, s11, s20, s21, s22
                b[0], b[1], b[2] = b0, b1, b2
                _cell(x, Q, unit, y, on, 0, S, b, e, rough, state, net, doubt, A, z, W, phi, F, N)
            if D - count >= 3 and not _hopeless(1 - s00, -s10, 1 - s11, -s20, -s21, 1 - s22, total[0] - b0,
                                                total[1] - b1, total[2] - b2, state[0] - NEAR, e):
                T[0, 0], T[1, 0], T[1, 1], T[2, 0], T[2, 1], T[2, 2] = 1 - s00, -s10, 1 - s11, -s20, -s21, 1 - s22
                g[0], g[1], g[2] = total[0] - b0, total[1] - b1, total[2] - b2
                _cell(x, Q, unit, y, on, 1, T, g, e, rough, state, net, doubt, A, z, W, phi, F, N)
