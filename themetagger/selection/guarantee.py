"""Certified thresholds: how far down a ranking precision is at least a target, by exact binomial tests.

The promise is for new texts from the same source. Numbers of flagged texts are fixed beforehand, and tested from the
top of the ranking down: at each, the hypothesis that precision is below the target. The sequence ends at the first test
that does not reject it (a fixed-sequence test, Bauer 1991; each test is exact, Clopper and Pearson 1934).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.stats import binom, rankdata

from themetagger._utils.faces import option
from themetagger._utils.wording import not_in_percent
from themetagger.selection.operating_points import OperatingPoints, operating_points

Floats = npt.NDArray[np.float64]
Form = Literal["fixed_sequence", "bonferroni", "calibration"]
FORMS: tuple[Form, ...] = get_args(Form)
FORMER_FORMS: dict[str, Form] = {"walk": "fixed_sequence"}  # as older run folders call them
GROWTH = 1.15  # factor from one number of flagged texts in the sequence to the next
# How many times the allowed error the test of cross-selected ranks allows, where that of the chosen scores allows it
# once. Both must be passed, so together they are stricter than either. Levels of the two tests, 1/2 and 1 | 3/4 and
# 3/2 | 1 and 2 times the allowed error; default runs on seven sets (972 themes, three with three seeds), certified and
# the sum of their recall on test texts, broken there in brackets; and synthetic themes whose precision at half of
# their recall lies just below the target (16 configurations, the worst of 20 to 200 texts with the theme, of 300):
#
# target .90, error .10:  55, 39.2 (1) | 58, 41.5 (1)  | 60, 43.5 (1)    broken of the synthetic ones 5 | 11 | 11
# target .90, error .05:  43, 31.6 (1) | 49, 35.0 (1)  | 55, 39.2 (1)                                  2 |  2 |  5
# target .80, error .10: 101, 75.6 (0) | 105, 78.2 (0) | 113, 84.2 (0)                                 4 |  7 | 12
#
# The chosen scores alone at the whole error, without the second test: as many as 30 of the last are broken.
CROSS_SELECTED = 2
WIDEST = 0.3  # share of the rows that a sequence goes down to, at least


@dataclass(frozen=True)
class Promise:
    """Precision at least ``target``, kept with probability ``confidence``.

    Parameters
    ----------
    target : precision, default .90
    confidence : probability that the promise of one theme is kept, default .90
    recall_floor : smallest out-of-fold recall of a certified threshold, default .50; 0 looks for the most recall that
        can be certified, however little it is. The sequence begins where this much recall is possible. On texts held
        out of five train sets (459 themes), certificates, those that the texts refuse, and the sum of their recall
        there, by where the sequence begins:

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

        (Sequences alone: thresholds with less recall than the floor were counted, and copies of a text too.) A sequence
        that begins deeper forgives early errors; one that begins at the least evidence ends with the first error.
    form : how it is certified. "fixed_sequence" (default): on out-of-fold scores, twice (see :func:`certify`).
        "bonferroni": once, with the allowed error divided by the number of configurations tried, so that no choice
        among them can spend more of it. "calibration": on rows set aside beforehand, scored by the very models that are
        deployed; exact, and it costs those rows.

    Raises
    ------
    ValueError
        If ``target`` or ``confidence`` does not lie between 0 and 1, ``recall_floor`` lies outside 0 to 1, or the form
        is unknown.

    Examples
    --------
    >>> promise = Promise(target=0.95, confidence=0.90)
    >>> round(promise.delta, 2), least_evidence(promise, promise.delta)
    (0.1, 45)
    """

    target: float = 0.90
    confidence: float = 0.90
    recall_floor: float = 0.50
    form: Form = "fixed_sequence"

    def __post_init__(self) -> None:
        """Refuse a promise that no evidence could support."""
        for name in ("target", "confidence"):
            if not 0 < getattr(self, name) < 1:
                said, value = option(f"promise.{name}"), getattr(self, name)
                hint = not_in_percent(value)
                raise ValueError(f"{said} of a promise must lie strictly between 0 and 1 but is {value}{hint}.")
        if not 0 <= self.recall_floor <= 1:
            raise ValueError(
                f"{option('promise.recall_floor')} of a promise must lie between 0 and 1 but is {self.recall_floor}"
                f"{not_in_percent(self.recall_floor)}."
            )
        if self.form not in FORMS:
            raise ValueError(
                f"{option('promise.form')} of a promise must be one of {', '.join(FORMS)} but is {self.form!r}."
            )

    @property
    def delta(self) -> float:
        """Probability with which the promise may be broken."""
        return 1 - self.confidence


PROMISE = Promise()


@dataclass(frozen=True)
class Certificate:
    """A threshold that keeps a promise: of the ``flagged`` texts with such a score or more, ``hits`` are right."""

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


def fixed_sequence_test(
    points: OperatingPoints, promise: Promise, delta: float, *, expected: float | None = None
) -> list[int]:
    """The thresholds of the sequence before the first whose test fails, as indices of ``points``.

    Parameters
    ----------
    points : all thresholds of a ranking
    promise : its target is tested; its recall floor says where the sequence begins
    delta : probability with which the promise of the last threshold may be broken
    expected : number of texts of the theme from which the begin of the sequence follows, default as many as ``points``
        have

    Examples
    --------
    >>> truth = np.arange(200) < 40  # 40 texts of the theme at the top of the ranking
    >>> points = operating_points(truth, -np.arange(200))
    >>> cuts = fixed_sequence_test(points, Promise(target=0.90), 0.05)
    >>> points.flagged[cuts].tolist(), points.tp[cuts].tolist()
    ([29, 33, 38], [29, 33, 38])
    """
    expected = points.positives if expected is None else expected
    cuts = np.unique(np.searchsorted(points.flagged, _flag_counts(promise, delta, expected, points.rows)))
    cuts = cuts[cuts < len(points.flagged)]  # equal scores are flagged together: the last number may lie behind the end
    wrong = (points.flagged - points.tp)[cuts]
    passed = binom.cdf(wrong, points.flagged[cuts], 1 - promise.target) <= delta
    failures = np.flatnonzero(~passed)
    return [int(cut) for cut in cuts[: failures[0] if len(failures) else len(cuts)]]


def _flag_counts(promise: Promise, delta: float, expected: float, rows: int) -> list[int]:
    """The numbers of flagged texts to be tested: they depend on no label but for how many texts have the theme."""
    number = max(float(least_evidence(promise, delta)), math.ceil(promise.recall_floor * expected))
    last = max(WIDEST * rows, expected / promise.target)  # a theme may be more frequent than the widest share
    numbers = []
    while number <= last:
        numbers.append(round(number))
        number = max(number + 1, number * GROWTH)
    return numbers


def _passing_cuts(
    points: OperatingPoints, promise: Promise, delta: float, *, expected: float | None = None
) -> list[int]:
    """The thresholds that pass a fixed-sequence test and reach the recall floor, as indices of ``points``."""
    passed = fixed_sequence_test(points, promise, delta, expected=expected)
    return [cut for cut in passed if points.tp[cut] >= promise.recall_floor * points.positives]


def certify(
    truth: npt.ArrayLike, chosen: Floats, cross_selected: Floats | None, promise: Promise, *, choices: int = 1
) -> Certificate | None:
    """The lowest threshold that keeps a promise on out-of-fold scores; None where there is none.

    With the form "fixed_sequence" there are two tests: one of the scores of the chosen configuration, at the allowed
    error, and one of cross-selected ranks, at twice that: there each text is ranked by the configuration that was best
    on the other folds, so that luck in choosing does not help. Both must be passed, which happens by luck less often
    than either (`CROSS_SELECTED` has the measurement). A strengthened heuristic, not a theorem: the same rows choose
    and test. With "bonferroni" there is one test, at the allowed error divided by ``choices``.

    Parameters
    ----------
    truth : (n,) of 0 and 1
    chosen : (n,) out-of-fold scores of the chosen configuration
    cross_selected : (n,) ranks as of :func:`cross_selected_ranks`, higher first; None where there was no choice
    promise : what is to be kept
    choices : number of configurations among which the choice was made, default 1

    Examples
    --------
    >>> truth = np.arange(200) < 40
    >>> certify(truth, -np.arange(200.0), None, Promise(target=0.90))
    Certificate(threshold=-37.5, flagged=38, hits=38)
    """
    points = operating_points(truth, chosen)
    if promise.form == "bonferroni":
        return _certificate(points, _passing_cuts(points, promise, error_of(promise, choices)))
    passed = _passing_cuts(points, promise, error_of(promise))
    if passed and cross_selected is not None:
        other = operating_points(truth, cross_selected)
        tested = fixed_sequence_test(other, promise, error_of_cross_selected(promise))
        limit = max((int(other.flagged[cut]) for cut in tested), default=0)
        passed = [cut for cut in passed if points.flagged[cut] <= limit]  # only a cut that was itself tested
    return _certificate(points, passed)


def certify_on_calibration(
    truth: npt.ArrayLike, scores: Floats, promise: Promise, *, expected: float
) -> Certificate | None:
    """The lowest threshold that keeps a promise, by rows that neither models nor choices have seen: an exact test.

    Parameters
    ----------
    truth, scores : (m,) of the rows set aside; scores by the models that are deployed
    promise : what is to be kept
    expected : how many of the rows should have the theme, by the rows that were tuned on

    Examples
    --------
    >>> truth = np.arange(200) < 40
    >>> certify_on_calibration(truth, -np.arange(200.0), Promise(target=0.90), expected=40)
    Certificate(threshold=-37.5, flagged=38, hits=38)
    """
    points = operating_points(truth, scores)
    return _certificate(points, _passing_cuts(points, promise, promise.delta, expected=expected))


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
    best : for each fold, the number of the configuration that was chosen on the other folds

    Examples
    --------
    >>> scores, folds = [np.array([3.0, 2.0, 1.0, 0.0]), np.array([0.0, 1.0, 2.0, 3.0])], np.array([0, 0, 1, 1])
    >>> cross_selected_ranks(scores, folds, best=[0, 1]).tolist()
    [1.0, 0.75, 0.75, 1.0]
    """
    ranks = np.empty(len(folds))
    for k, chosen in enumerate(best):
        ranks[folds == k] = rankdata(scores[chosen])[folds == k] / len(folds)  # equal scores have one rank
    return ranks


def error_of(promise: Promise, choices: int = 1) -> float:
    """The error that the strictest test of a promise allows, by its form.

    Examples
    --------
    >>> round(error_of(Promise()), 3), round(error_of(Promise(form="bonferroni"), choices=20), 3)
    (0.1, 0.005)
    """
    return promise.delta / (choices if promise.form == "bonferroni" else 1)


def error_of_cross_selected(promise: Promise) -> float:
    """The error that the test of cross-selected ranks allows.

    Examples
    --------
    >>> error_of_cross_selected(Promise(confidence=0.75))
    0.5
    """
    return min(0.5, CROSS_SELECTED * promise.delta)
