"""Certified cuts: how far down a ranking precision is at least a target, by exact binomial tests.

The promise is for new texts from the same source. A walk goes down the ranking through numbers of flagged texts that
are fixed beforehand, tests at each whether precision can be below the target, and stops at the first test that does not
refuse this (a fixed sequence of tests, Bauer 1991; each exact, Clopper and Pearson 1934).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.stats import binom, rankdata

from themetagger.operating_point import OperatingPoints, operating_points

Floats = npt.NDArray[np.float64]
Form = Literal["walk", "bonferroni", "calibration"]
FORMS: tuple[Form, ...] = get_args(Form)
GROWTH = 1.15  # of the numbers of flagged texts that are tested, from one to the next
WIDEST = 0.3  # share of the rows that a walk goes down to, at least
HELPFUL = 0.02  # average precision that a doubling of the labels gains where more of them are worth while
MOST_MISSING = 20_000  # flagged texts; who lacks more than that lacks precision


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


def evidence_needed(precision: float, promise: Promise, *, choices: int = 1) -> int | None:
    """How many flagged texts, of which a share of ``precision`` is right, pass the strictest test.

    None where that takes more than ``MOST_MISSING``, or no number would do.

    Examples
    --------
    >>> evidence_needed(1.0, Promise()), evidence_needed(0.95, Promise()), evidence_needed(0.90, Promise())
    (29, 116, None)
    """
    if not precision > promise.target:
        return None
    error = error_of(promise, choices)
    flagged = np.arange(least_evidence(promise, error), MOST_MISSING)
    wrong = np.ceil(flagged * (1 - precision) - 1e-9)
    enough = binom.cdf(wrong, flagged, 1 - promise.target) <= error
    return int(flagged[np.argmax(enough)]) if enough.any() else None


def only_from(certificate: Certificate) -> str:
    """That not the deployed cut is certified but another, in words.

    Examples
    --------
    >>> only_from(Certificate(threshold=0.5, flagged=40, hits=39))
    'certified is another cut, at a score of 0.5 (39 of 40 texts right there), which the policy "certified" uses'
    """
    at = f"at a score of {certificate.threshold:.3g} ({certificate.hits} of {certificate.flagged} texts right there)"
    return f'certified is another cut, {at}, which the policy "certified" uses'


def what_labels_give(gain: float) -> str:
    """Whether more labels would help, in words, by what the last doubling of them gained; empty where it is nan.

    Examples
    --------
    >>> what_labels_give(0.08)
    'more labels help: the last doubling of them gained 0.08 of average precision'
    >>> what_labels_give(0.004)
    'more labels of this kind hardly help: the last doubling of them gained 0.00 of average precision'
    """
    if math.isnan(gain):
        return ""
    helps = "help" if gain >= HELPFUL else "of this kind hardly help"
    return f"more labels {helps}: the last doubling of them gained {gain:.2f} of average precision"


def what_is_missing(
    precision: float, flagged: int, positives: int, promise: Promise, *, choices: int = 1, share: float = 1.0
) -> str:
    """Why nothing could be promised, in words: too little precision, or too few texts, and then how many it takes.

    Parameters
    ----------
    precision : of the theme's cut, corrected for the choices that were made on the same rows
    flagged, positives : texts that the cut flags, and that have the theme, among those that are tested
    choices : number of configurations among which the choice was made
    share : of all rows that are tested, default 1

    Examples
    --------
    >>> what_is_missing(0.84, 60, 100, Promise())
    'not certified: at a corrected precision of 0.84 no number of flagged texts would do; precision has to rise'
    >>> what_is_missing(0.95, 60, 100, Promise())
    'not certified: at a corrected precision of 0.95 it takes 116 flagged texts instead of 60, so some 194 texts of \
the theme instead of 100'
    """
    head = f"not certified: at a corrected precision of {precision:.2f}"
    needed = evidence_needed(precision, promise, choices=choices)
    if needed is None:
        many = f"{MOST_MISSING:,} flagged texts would not do" if precision > promise.target else ""
        return f"{head} {many or 'no number of flagged texts would do'}; precision has to rise"
    if needed > flagged:
        texts, there = math.ceil(positives * needed / max(1, flagged) / share), math.ceil(positives / share)
        return (
            f"{head} it takes {needed} flagged texts instead of {flagged}, so some {texts} texts of the theme instead "
            f"of {there}"
        )
    other = ", or another configuration would not reach them" if promise.form == "walk" else ""
    return f"{head} its {flagged} flagged texts would do, but on the way there are too many errors{other}"
