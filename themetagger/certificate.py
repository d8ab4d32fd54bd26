"""Certified cuts: how far down a ranking precision is at least a target, by exact binomial tests.

The promise is for new texts from the same source. A walk goes down the ranking through numbers of flagged texts that
are fixed beforehand, tests at each whether precision can be below the target, and stops at the first test that does not
refuse this (a fixed sequence of tests, Bauer 1991; each exact, Clopper and Pearson 1934).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom, rankdata

from themetagger.operating_point import OperatingPoints, operating_points

Floats = npt.NDArray[np.float64]
GROWTH = 1.15  # of the numbers of flagged texts that are tested, from one to the next
WIDEST = 0.3  # share of the rows that a walk goes down to


@dataclass(frozen=True)
class Promise:
    """Precision at least ``target``, kept with probability ``confidence`` (defaults .90 and .90)."""

    target: float = 0.90
    confidence: float = 0.90

    def __post_init__(self) -> None:
        """Refuse what no evidence could show."""
        for name in ("target", "confidence"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(
                    f"{name} of a promise must lie between 0 and 1, without them, but is {getattr(self, name)}."
                )


PROMISE = Promise()


@dataclass(frozen=True)
class Certificate:
    """From ``threshold`` on the promise holds; out of fold ``hits`` of ``flagged`` texts were right there."""

    threshold: float
    flagged: int
    hits: int


def least_evidence(promise: Promise, delta: float) -> int:
    """The fewest flagged texts, all of them right, that pass the test at an error of ``delta``.

    Examples
    --------
    >>> least_evidence(Promise(target=0.90), 0.10), least_evidence(Promise(target=0.90), 0.05)
    (22, 29)
    """
    return math.ceil(math.log(delta) / math.log(promise.target))


def walk(points: OperatingPoints, promise: Promise, delta: float) -> list[int]:
    """The cuts of the sequence before the first that fails its test, indices of ``points``.

    Parameters
    ----------
    delta : probability that the promise of this walk is broken
    """
    wanted, passed = _flag_counts(promise, delta, points.rows), []
    cuts = np.unique(np.searchsorted(points.flagged, wanted))  # equal scores are flagged together
    for cut in cuts[cuts < len(points.flagged)]:
        wrong = points.flagged[cut] - points.tp[cut]
        if binom.cdf(wrong, points.flagged[cut], 1 - promise.target) > delta:
            break
        passed.append(int(cut))
    return passed


def _flag_counts(promise: Promise, delta: float, rows: int) -> list[int]:
    """Numbers of flagged texts to be tested: they depend on nothing that the labels say."""
    count, found = float(least_evidence(promise, delta)), []
    while count <= WIDEST * rows:
        found.append(round(count))
        count = max(count + 1, count * GROWTH)
    return found


def certify(
    truth: npt.ArrayLike, chosen: Floats, cross_selected: Floats | None, promise: Promise
) -> Certificate | None:
    """The furthest cut that keeps a promise by two walks; None where there is none.

    One walk goes down the scores of the chosen configuration at half the allowed error, one down cross-selected ranks
    at the whole: there each text is ranked by the configuration that was best on the other folds, so that luck in
    choosing does not help. The stricter of the two counts. A strengthened heuristic, not a theorem: the same rows
    choose and test.

    Parameters
    ----------
    truth : (n,) of 0 and 1
    chosen : (n,) out-of-fold scores of the chosen configuration
    cross_selected : (n,) ranks as of :func:`cross_selected_ranks`, higher first; None where there was no choice
    """
    delta, points = 1 - promise.confidence, operating_points(truth, chosen)
    passed = walk(points, promise, delta / 2)
    if passed and cross_selected is not None:
        other = operating_points(truth, cross_selected)
        limit = max((int(other.flagged[cut]) for cut in walk(other, promise, delta)), default=0)
        passed = [cut for cut in passed if points.flagged[cut] <= limit]  # only what a test was made of
    if not passed:
        return None
    cut = passed[-1]
    return Certificate(float(points.thresholds[cut]), int(points.flagged[cut]), int(points.tp[cut]))


def cross_selected_ranks(scores: Sequence[Floats], folds: npt.NDArray[np.int64], best: Sequence[int]) -> Floats:
    """Each text's rank by the configuration that was chosen without its fold, (n,), 0 to 1, higher first.

    Parameters
    ----------
    scores : out-of-fold scores (n,) of each configuration
    folds : (n,) fold number of each text
    best : for each fold, the number of the configuration that was chosen on the others
    """
    ranks = np.empty(len(folds))
    for k, chosen in enumerate(best):
        ranks[folds == k] = rankdata(scores[chosen])[folds == k] / len(folds)  # equal scores have one rank
    return ranks
