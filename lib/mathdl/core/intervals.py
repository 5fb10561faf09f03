"""What randomness allows one to say: exact binomial intervals, errors of means, and one false-alarm rate for all.

Every Monte Carlo comparison in the library and its tests may alarm falsely with probability at most ALARM = FAMILY /
COMPARISONS. By the union bound the probability that any of them does, over all seeds, is then at most FAMILY. The tests
of chapters 1 to 3 call these functions some 1,400 times.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

FAMILY = 1e-2  # chance that anything at all alarms falsely, were all seeds drawn anew
COMPARISONS = 10_000  # Monte Carlo comparisons in the book, at most
ALARM = FAMILY / COMPARISONS


def binomial_interval(successes: int, trials: int, alarm: float = ALARM) -> tuple[float, float]:
    """The interval of Clopper and Pearson (1934): it misses the true probability with probability at most `alarm`.

    Exact for every number of trials. Raises ValueError unless 0 <= successes <= trials and trials >= 1.
    """
    from scipy.stats import binomtest

    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"expected 0 <= successes <= trials and trials >= 1; got {successes} of {trials}")
    found = binomtest(successes, trials).proportion_ci(1 - alarm, method="exact")
    return float(found.low), float(found.high)


def mean_error(sample: ArrayLike, alarm: float = ALARM, axis: int = 0) -> np.ndarray:
    """Half the width of the interval for a mean, z standard errors with P(|N(0, 1)| > z) = `alarm` (4.9 by default).

    Justified by the central limit theorem, so for large samples with a second moment only. Raises ValueError for fewer
    than two values.
    """
    from scipy.stats import norm

    sample = np.asarray(sample, dtype=float)
    size = sample.shape[axis]
    if size < 2:
        raise ValueError(f"expected at least two values; got {size}")
    return norm.isf(alarm / 2) * sample.std(axis=axis, ddof=1) / np.sqrt(size)
