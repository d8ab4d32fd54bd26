"""Certified cuts: how far down a ranking precision is at least a target, by exact binomial tests.

The promise is for new texts from the same source. A fixed sequence of numbers of flagged texts is tested, from the top
of the ranking down: at each, whether precision can be below the target; it ends at the first test that does not refuse
this (a fixed-sequence test, Bauer 1991; each exact, Clopper and Pearson 1934).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.stats import binom, rankdata

from themetagger.selection.operating_points import OperatingPoints, operating_points

Floats = npt.NDArray[np.float64]
Form = Literal["walk", "bonferroni", "calibration"]
FORMS: tuple[Form, ...] = get_args(Form)
GROWTH = 1.15  # of the numbers of flagged texts that are tested, from one to the next
WIDEST = 0.3  # share of the rows that a walk goes down to, at least


@dataclass(frozen=True)
class Promise:
    """Precision at least ``target``, kept with probability ``confidence`` (defaults .90 and .90).

    Parameters
    ----------
    target : precision
    confidence : probability that the promise of one theme is kept
    recall_floor : smallest out-of-fold recall that a certified cut may have, default .50; 0 looks for the most recall
        that can be certified, however little it is. The walk begins where this much could be found. On texts held out
        of five train sets (459 themes), certificates, those that the texts refuse, and the sum of their recall there,
        by where the walk begins:

        ===========================  ====  ====  ====  ====  ====  ====
        share of the theme's texts   0     .25   .35   .5    .6    .7
        ===========================  ====  ====  ====  ====  ====  ====
        target .90: certified        57    58    62    57    52    44
        refused                      0     0     0     0     1     1
        sum of recall                36.0  40.5  41.9  42.2  39.2  35.9
        target .80: certified        115   129   121   112   105   97
        refused                      1     0     1     0     1     1
        sum of recall                69.9  87.0  87.5  87.0  84.0  81.5
        ===========================  ====  ====  ====  ====  ====  ====

        (Walks alone: cuts that found less than the floor were counted, and copies of a text too.) A walk that begins
        deeper forgives early errors; one that begins at the least evidence ends with the first.
    form : how it is certified. "walk" (default): on out-of-fold scores, twice (see :func:`certify`). "bonferroni":
        once, with the allowed error divided by the number of configurations tried, so that no choice among them can
        spend more of it. "calibration": on rows set aside beforehand, scored by the very models that are deployed;
        exact, and it costs those rows.
    """

    target: float = 0.90
    confidence: float = 0.90
    recall_floor: float = 0.50
    form: Form = "walk"

    def __post_init__(self) -> None:
        """Refuse what no evidence could show."""
        for name in ("target", "confidence"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(
                    f"{name} of a promise must lie between 0 and 1, without them, but is {getattr(self, name)}."
                )
        if not 0 <= self.recall_floor <= 1:
            raise ValueError(f"recall_floor of a promise must lie between 0 and 1 but is {self.recall_floor}.")
        if self.form not in FORMS:
            raise ValueError(f"form of a promise must be one of {', '.join(FORMS)} but is {self.form!r}.")

    @property
    def delta(self) -> float:
        """Probability with which the promise may be broken."""
        return 1 - self.confidence


PROMISE = Promise()


@dataclass(frozen=True)
class Certificate:
    """From ``threshold`` on the promise holds; there ``hits`` of ``flagged`` texts were right."""

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


def walk(points: OperatingPoints, promise: Promise, delta: float, *, expected: float | None = None) -> list[int]:
    """The cuts of the sequence before the first that fails its test, indices of ``points``.

    Parameters
    ----------
    delta : probability that the promise of this walk is broken
    expected : number of texts of the theme by which the walk begins, default as many as ``points`` have
    """
    expected = points.positives if expected is None else expected
    wanted, passed = _flag_counts(promise, delta, expected, points.rows), []
    cuts = np.unique(np.searchsorted(points.flagged, wanted))  # equal scores are flagged together
    cuts = cuts[cuts < len(points.flagged)]
    flagged, wrong = points.flagged[cuts], (points.flagged - points.tp)[cuts]
    for cut, kept in zip(cuts, binom.cdf(wrong, flagged, 1 - promise.target) <= delta, strict=True):
        if not kept:
            break
        passed.append(int(cut))
    return passed


def _flag_counts(promise: Promise, delta: float, expected: float, rows: int) -> list[int]:
    """Numbers of flagged texts to be tested: they depend on no label but for how many texts have the theme."""
    count, found = max(float(least_evidence(promise, delta)), math.ceil(promise.recall_floor * expected)), []
    while count <= max(WIDEST * rows, expected / promise.target):  # a theme may be more frequent than that
        found.append(round(count))
        count = max(count + 1, count * GROWTH)
    return found


def kept_cuts(points: OperatingPoints, promise: Promise, delta: float, *, expected: float | None = None) -> list[int]:
    """The cuts of one walk that keep the promise's recall floor."""
    passed = walk(points, promise, delta, expected=expected)
    return [cut for cut in passed if points.tp[cut] >= promise.recall_floor * points.positives]


def certify(
    truth: npt.ArrayLike, chosen: Floats, cross_selected: Floats | None, promise: Promise, *, choices: int = 1
) -> Certificate | None:
    """The furthest cut that keeps a promise on out-of-fold scores; None where there is none.

    With the form "walk", one walk goes down the scores of the chosen configuration at half the allowed error, one down
    cross-selected ranks at the whole: there each text is ranked by the configuration that was best on the other folds,
    so that luck in choosing does not help. The stricter of the two counts. A strengthened heuristic, not a theorem: the
    same rows choose and test. With "bonferroni" one walk, at the allowed error divided by ``choices``.

    Parameters
    ----------
    truth : (n,) of 0 and 1
    chosen : (n,) out-of-fold scores of the chosen configuration
    cross_selected : (n,) ranks as of :func:`cross_selected_ranks`, higher first; None where there was no choice
    choices : number of configurations among which the choice was made
    """
    points = operating_points(truth, chosen)
    if promise.form == "bonferroni":
        return _certificate(points, kept_cuts(points, promise, error_of(promise, choices)))
    passed = kept_cuts(points, promise, error_of(promise))
    if passed and cross_selected is not None:
        other = operating_points(truth, cross_selected)
        limit = max((int(other.flagged[cut]) for cut in walk(other, promise, promise.delta)), default=0)
        passed = [cut for cut in passed if points.flagged[cut] <= limit]  # only what a test was made of
    return _certificate(points, passed)


def certify_on_calibration(
    truth: npt.ArrayLike, scores: Floats, promise: Promise, *, expected: float
) -> Certificate | None:
    """The furthest cut that keeps a promise, by rows that neither models nor choices have seen: an exact test.

    Parameters
    ----------
    truth, scores : (m,) of the rows set aside; scores by the models that are deployed
    expected : how many of them should have the theme, by the rows that were tuned on
    """
    points = operating_points(truth, scores)
    return _certificate(points, kept_cuts(points, promise, promise.delta, expected=expected))


def _certificate(points: OperatingPoints, passed: Sequence[int]) -> Certificate | None:
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


def error_of(promise: Promise, choices: int = 1) -> float:
    """The error that the strictest test of a promise allows, by its form."""
    return promise.delta / {"walk": 2, "bonferroni": choices, "calibration": 1}[promise.form]
