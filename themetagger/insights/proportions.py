"""Shares of counted texts: intervals, the exact comparison of two, and what many comparisons do to it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import fisher_exact, norm

Floats = npt.NDArray[np.float64]
ALIKE = 1e-12  # squares of differences of whole counts that are rounding; real ones are larger below a million counts


def wilson(hits: float, of: float, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval of a share of ``hits`` among ``of`` (Wilson 1927, JASA 22:209); nan where ``of`` is 0.

    Examples
    --------
    >>> low, high = wilson(8, 10)
    >>> round(low, 3), round(high, 3)
    (0.49, 0.943)
    """
    if of <= 0:
        return float("nan"), float("nan")
    z, share = float(norm.isf((1 - confidence) / 2)), hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    reach = z / (1 + z * z / of) * float(np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)))
    # at a share of 0 or 1 rounding would leave it outside by a hair
    return max(0.0, min(share, middle - reach)), min(1.0, max(share, middle + reach))


def compared(hits: float, of: float, other_hits: float, other_of: float) -> float:
    """The probability of two shares so far apart, or farther, were they the same (Fisher's exact test, two-sided).

    Nan where one of them has nothing to count. Counts are rounded to whole ones.

    Examples
    --------
    >>> round(compared(5, 20, 60, 80), 5)
    6e-05
    """
    if of <= 0 or other_of <= 0:
        return float("nan")
    rows = [[round(hits), round(of) - round(hits)], [round(other_hits), round(other_of) - round(other_hits)]]
    return float(fisher_exact(rows)[1])


def holm(p: npt.ArrayLike) -> Floats:
    """P values adjusted for their number, (n,), whatever their dependence; nan stays, and is not counted.

    At .05, that any true hypothesis is refused has a probability of .05 at most (Holm 1979, Scand. J. Stat. 6:65).

    Examples
    --------
    >>> holm([0.01, 0.04, float("nan"), 0.03])
    array([0.03, 0.06,  nan, 0.06])
    """
    adjusted = np.array(p, dtype=np.float64)
    tests = np.flatnonzero(~np.isnan(adjusted))
    order = tests[np.argsort(adjusted[tests], kind="stable")]
    raised = adjusted[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(raised))
    return adjusted


def effective(hits: npt.ArrayLike, of: npt.ArrayLike) -> float:
    """How many independent counts the counts of n texts are worth, where a text may count more than once.

    The ratio of sums varies as the texts do, and not as the single counts (Cochran 1977, Sampling Techniques, 2.11).
    Texts that are all alike, as where all or none of their tags are right, show no such variation: of those no more is
    taken for granted than that texts are independent.

    Parameters
    ----------
    hits, of : (n,) of each text; the share is sum(hits) / sum(of)

    Examples
    --------
    >>> effective([1, 0, 1, 0], [1, 1, 1, 1])  # each text counts once
    4.0
    >>> effective([3, 0, 3, 0], [3, 3, 3, 3])  # all or none of three tags are right
    4.0
    >>> effective([0, 0], [3, 3])  # two texts, not six
    2.0
    """
    hits, of = np.asarray(hits, dtype=np.float64), np.asarray(of, dtype=np.float64)
    total = float(of.sum())
    if total <= 0:
        return 0.0
    share = float(hits.sum()) / total
    between = float(((hits - share * of) ** 2).sum())
    if between < ALIKE:
        return float((of > 0).sum())
    return min(total, share * (1 - share) * total**2 / between)
