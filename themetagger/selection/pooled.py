"""The pooled certificate: from which probability on the tags of all themes together keep a promise of precision.

A theme by itself often has too few texts to show anything. All tags of a run together are many, and a manager asks for
one figure: how many of the tags that are given are right. The certificate of one theme says more about that theme, and
the two are told apart everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from themetagger.selection.calibration import probabilities
from themetagger.selection.evidence import Evidence
from themetagger.selection.guarantee import (
    GROWTH,
    Promise,
    cross_selected_ranks,
    error_of,
    error_of_cross_selected,
    least_evidence,
)
from themetagger.selection.rule import Rule, best_without

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAST_PROBABILITY = 0.05  # pairs of a text and a theme below it are never tagged, and need no memory
BEGIN = 0.05  # share of all labels at which the sequence begins: an early error does not end it
PAST = 1.5  # it ends where so many times the tags are given that would be all labels at the target


@dataclass(frozen=True)
class PooledCertificate:
    """From ``probability`` on, at least ``target`` of the tags of all themes together are right.

    Parameters
    ----------
    probability : calibrated, of a theme in a text
    target, confidence : precision that is promised, and how sure the promise is, 0 to 1
    flagged, hits : tags given to distinct texts out of fold, and how many of them were right
    positives : labels of all themes in these texts

    Raises
    ------
    ValueError
        If a share is none, or the counts do not fit.

    Examples
    --------
    >>> pooled = PooledCertificate(0.8, target=0.9, confidence=0.9, flagged=200, hits=190, positives=380)
    >>> pooled.precision, pooled.recall
    (0.95, 0.5)
    """

    probability: float
    target: float
    confidence: float
    flagged: int
    hits: int
    positives: int

    def __post_init__(self) -> None:
        """Refuse what no run could have found."""
        for name in ("probability", "target", "confidence"):
            value = getattr(self, name)
            if type(value) is not float or not 0 < value <= 1:
                raise ValueError(f"the {name} of a pooled certificate is {value!r}, expected a number from 0 to 1")
        counts = (self.hits, self.flagged, self.positives)
        if any(type(count) is not int for count in counts) or not 0 <= self.hits <= min(self.flagged, self.positives):
            raise ValueError(f"the counts of a pooled certificate, {counts}, do not fit")

    @property
    def precision(self) -> float:
        """Share of the tags that were right out of fold."""
        return self.hits / max(1, self.flagged)

    @property
    def recall(self) -> float:
        """Share of all labels that were found out of fold."""
        return self.hits / max(1, self.positives)

    @property
    def said(self) -> str:
        """In words, with the figures that it rests on."""
        return (
            f"at least {self.target:.0%} of all tags right from a probability of {self.probability:.2f} on "
            f"(confidence {self.confidence:.0%}; shown on {self.flagged:,} tags of texts that the models had not seen: "
            f"{self.precision:.0%} right, {self.recall:.0%} of all labels found)"
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote; a TypeError or ValueError where keys or values do not fit."""
        return cls(**data)


def certify_pooled(evidence: Mapping[str, tuple[Evidence, Rule]], promise: Promise) -> PooledCertificate | None:
    """The lowest probability from which on all tags together keep a promise; None where there is none.

    The pairs of a text and a theme are ranked by their calibrated probability. Numbers of tags are fixed beforehand and
    tested from the top of the ranking down, as for one theme; once on the chosen configurations, and once with each
    text where the configuration ranks it that would have been chosen without its fold. Tags of one text may be wrong
    together, so the test counts fewer of them than there are: as many independent ones as would have the same variance
    (Korn and Graubard 1998). Copies of a text count once.

    Parameters
    ----------
    evidence : theme -> what its decisions rest on, and the rule that made them; over the same n texts
    promise : what is to be kept; its recall floor has no part in it

    Examples
    --------
    >>> from themetagger.selection.objectives import PrecisionFirst
    >>> draw, rule = np.random.default_rng(0), Rule(PrecisionFirst(), Promise())
    >>> folds, groups = np.arange(400) % 5, np.arange(400)
    >>> def known(theme):
    ...     truth = (draw.random(400) < 0.2).astype(np.uint8)
    ...     return Evidence(truth, (4.0 * truth + draw.normal(size=400),), 0, folds, groups, choices=1), rule
    >>> pooled = certify_pooled({theme: known(theme) for theme in ("pay", "food", "staff")}, Promise())
    >>> pooled.target, pooled.precision >= 0.9, round(pooled.recall, 1)
    (0.9, True, 0.9)
    """
    if not evidence:
        return None
    chosen = _Ranking.of([_column(known, _probability(known)) for known, _ in evidence.values()])
    tested = chosen.passing(promise, error_of(promise))
    if any(len(known.tried) > 1 for known, _ in evidence.values()):
        tested = min(tested, _cross_selected(evidence).passing(promise, error_of_cross_selected(promise)))
    if not tested:
        return None
    flagged, hits = chosen.at(tested)
    return PooledCertificate(
        float(chosen.probability[flagged - 1]), promise.target, promise.confidence, flagged, hits, chosen.positives
    )


def _cross_selected(evidence: Mapping[str, tuple[Evidence, Rule]]) -> _Ranking:
    """The ranking by the configurations that were best without the fold of each text."""
    columns = []
    for known, rule in evidence.values():
        found = _probability(known)
        best = [best_without(known, rule, k) for k in range(int(known.folds.max()) + 1)]
        if set(best) != {known.chosen}:
            ranks = cross_selected_ranks(known.tried, known.folds, best)
            found = np.sort(found)[np.ceil(ranks * len(found)).astype(np.int64) - 1]  # what the chosen one has there
        columns.append(_column(known, found))
    return _Ranking.of(columns)


def _probability(evidence: Evidence) -> Floats:
    """Calibrated out-of-fold probability of each text, (n,)."""
    return probabilities(evidence.scores, *evidence.calibration)


def _column(evidence: Evidence, found: Floats) -> tuple[npt.NDArray[np.uint8], Floats]:
    """Truth and probability of each distinct text."""
    rows = evidence.representatives
    return evidence.truth[rows], found[rows]


@dataclass(frozen=True)
class _Ranking:
    """Pairs of a text and a theme, the most probable first.

    ``probability``, ``text`` and ``right`` of each pair, (m,); ``positives`` are the labels of all pairs, also of those
    that are too improbable to be ranked.
    """

    probability: Floats
    text: Ints
    right: npt.NDArray[np.bool_]
    positives: int

    @classmethod
    def of(cls, columns: list[tuple[npt.NDArray[np.uint8], Floats]]) -> _Ranking:
        kept = [np.flatnonzero(found >= LEAST_PROBABILITY) for _, found in columns]
        probability = np.concatenate([found[rows] for (_, found), rows in zip(columns, kept, strict=True)])
        right = np.concatenate([truth[rows] > 0 for (truth, _), rows in zip(columns, kept, strict=True)])
        order = np.argsort(-probability, kind="stable")
        text = np.concatenate(kept)[order]
        return cls(probability[order], text, right[order], sum(int(truth.sum()) for truth, _ in columns))

    def passing(self, promise: Promise, error: float) -> int:
        """The largest number of tags that passes, of a sequence that ends at the first failure; 0 where none does."""
        passed = 0
        for flagged in self._numbers(promise, error):
            if not self._passes(flagged, promise.target, error):
                break
            passed = flagged
        return passed

    def at(self, number: int) -> tuple[int, int]:
        """How many are tagged with the ``number``-th, equally probable ones included, and how many are right."""
        last = self.probability[number - 1]
        flagged = int(np.searchsorted(-self.probability, -last, side="right"))
        return flagged, int(self.right[:flagged].sum())

    def _numbers(self, promise: Promise, error: float) -> Iterator[int]:
        number = max(float(least_evidence(promise, error)), math.ceil(BEGIN * self.positives))
        last = min(float(len(self.probability)), PAST * self.positives / promise.target)
        while number <= last:
            yield round(number)
            number = max(number + 1, number * GROWTH)

    def _passes(self, number: int, target: float, error: float) -> bool:
        """Whether an exact binomial test rejects that the precision of so many tags is below the target."""
        from scipy.special import betainc

        flagged, hits = self.at(number)
        wrong = flagged - hits
        effective = flagged / self._design_effect(flagged, wrong / flagged)
        errors = wrong * effective / flagged
        return bool(betainc(max(effective - errors, 1e-9), errors + 1, target) <= error)  # of so many errors or fewer

    def _design_effect(self, flagged: int, share: float) -> float:
        """How many times larger the variance of the share of errors is than that of as many independent tags."""
        if not 0 < share < 1:
            return 1.0
        by_text = np.bincount(self.text[:flagged], weights=(~self.right[:flagged]) - share)
        texts = len(np.unique(self.text[:flagged]))
        variance = float((by_text**2).sum()) / flagged**2 * texts / max(1, texts - 1)
        return max(1.0, variance / (share * (1 - share) / flagged))
