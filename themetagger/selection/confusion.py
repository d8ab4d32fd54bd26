"""A confusion matrix of one theme, in texts, and the rates that follow from it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Confusion:
    """A confusion matrix of one theme, in texts; a ratio with an empty denominator is nan.

    Parameters
    ----------
    tp, fp, fn, tn
        True positives, false positives, false negatives and true negatives.

    Raises
    ------
    ValueError
        If a count is negative.

    Examples
    --------
    >>> counts = Confusion(tp=8, fp=2, fn=4, tn=86)
    >>> counts.precision, round(counts.recall, 3), round(counts.f1, 3), counts.support
    (0.8, 0.667, 0.727, 12)
    >>> Confusion(tp=0, fp=0, fn=3, tn=7).precision
    nan
    """

    tp: int
    fp: int
    fn: int
    tn: int

    def __post_init__(self) -> None:
        for name, count in asdict(self).items():
            if count < 0:
                raise ValueError(f"Confusion.{name} counts texts and cannot be negative, but got {count}.")

    @property
    def precision(self) -> float:
        """Share of the predictions that are right, ``tp / (tp + fp)``; nan with no prediction."""
        return ratio(self.tp, self.predictions)

    @property
    def recall(self) -> float:
        """Share of the positives that are recognised, ``tp / (tp + fn)``; nan with no positive."""
        return ratio(self.tp, self.support)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0.0 without a hit, nan where nothing is or was flagged."""
        return ratio(2 * self.tp, self.support + self.predictions)

    @property
    def specificity(self) -> float:
        """Share of the negatives that are left alone, ``tn / (tn + fp)``; nan with no negative."""
        return ratio(self.tn, self.tn + self.fp)

    @property
    def accuracy(self) -> float:
        """Share of the texts that are decided correctly; nan with no text."""
        return ratio(self.tp + self.tn, self.rows)

    @property
    def support(self) -> int:
        """Number of positives, ``tp + fn``."""
        return self.tp + self.fn

    @property
    def predictions(self) -> int:
        """Number of texts that were given the theme, ``tp + fp``."""
        return self.tp + self.fp

    @property
    def rows(self) -> int:
        """Number of texts."""
        return self.tp + self.fp + self.fn + self.tn


def ratio(part: int, whole: int) -> float:
    """``part / whole``; nan where the whole is 0."""
    return part / whole if whole else math.nan


NOTHING_COUNTED = Confusion(tp=0, fp=0, fn=0, tn=0)
