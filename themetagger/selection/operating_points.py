"""Truth and scores of one theme -> precision and recall at every possible threshold, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class OperatingPoints:
    """Every distinct threshold on a ranking of ``rows`` texts, from the strictest one to "flag everything".

    Arrays have shape (thresholds,): ``thresholds`` fall, ``tp`` and ``flagged`` rise. Rows with equal scores are
    flagged together, so a threshold never splits a tie. ``positives`` is the number of texts that have the theme.
    """

    thresholds: Floats
    tp: Ints
    flagged: Ints
    positives: int
    rows: int

    @property
    def precision(self) -> Floats:
        """Share of flagged texts that have the theme, (thresholds,)."""
        return self.tp / self.flagged

    @property
    def recall(self) -> Floats:
        """Share of the theme's texts that are flagged, (thresholds,)."""
        return self.tp / max(1, self.positives)

    def f_beta(self, beta: float = 1.0) -> Floats:
        """F-beta at every threshold, (thresholds,): recall counts ``beta`` times as much as precision."""
        weight = beta * beta
        return (1 + weight) * self.tp / (weight * max(1, self.positives) + self.flagged)

    @property
    def average_precision(self) -> float:
        """Area under the precision-recall steps, as in ``sklearn.metrics.average_precision_score``."""
        return float(np.sum(np.diff(self.recall, prepend=0.0) * self.precision))


def operating_points(truth: npt.ArrayLike, scores: npt.ArrayLike) -> OperatingPoints:
    """All thresholds of one ranking, by one sort: O(n log n).

    Parameters
    ----------
    truth : (n,) array of 0 and 1
    scores : (n,) array of finite numbers, higher means more likely

    Raises
    ------
    ValueError
        If the lengths differ, there is no row, or a score is NaN or infinite.

    Examples
    --------
    >>> points = operating_points([1, 0, 1, 0], [0.9, 0.8, 0.8, 0.1])
    >>> points.flagged.tolist(), points.tp.tolist()
    ([1, 3, 4], [1, 2, 2])
    >>> points.thresholds.round(2).tolist()
    [0.85, 0.45, 0.1]
    """
    y, s = np.asarray(truth, dtype=np.int64), np.asarray(scores, dtype=np.float64)
    _check(y, s)
    order = np.argsort(-s, kind="stable")
    ranked = s[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    tp = np.cumsum(y[order])[last]
    return OperatingPoints(_thresholds(ranked[last]), tp, last + 1, int(y.sum()), len(y))


class Ranking:
    """One ranking whose rows are weighed again and again, as a bootstrap does.

    Only the thresholds right behind a text that has the theme stay: one further down has more errors and no more hits.

    Examples
    --------
    >>> again = Ranking([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1]).weighed(np.array([2, 1, 0, 1]))
    >>> again.flagged.tolist(), again.tp.tolist(), again.positives, again.rows
    ([2, 3], [2, 2], 2, 4)
    """

    def __init__(self, truth: npt.ArrayLike, scores: npt.ArrayLike) -> None:
        """Sort once; ``truth`` and ``scores`` as of :func:`operating_points`, with a positive at least."""
        y, s = np.asarray(truth, dtype=np.int64), np.asarray(scores, dtype=np.float64)
        _check(y, s)
        order = np.argsort(-s, kind="stable")
        ranked = s[order]
        group = np.cumsum(np.append(False, ranked[1:] != ranked[:-1]))  # equal scores are flagged together
        last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
        ends = last[np.unique(group[y[order] > 0])]
        self._begins = np.append(0, ends[:-1] + 1)
        self._rows = order[: ends[-1] + 1]
        self._hits, self._thresholds = y[self._rows], ranked[ends]

    def weighed(self, weights: Ints) -> OperatingPoints:
        """The points where row i stands for ``weights[i]`` rows, (n,); thresholds are scores of rows, not between them.

        Raises
        ------
        ValueError
            If no text that has the theme weighs anything.
        """
        w = weights[self._rows]
        flagged = np.add.reduceat(w, self._begins).cumsum()
        tp = np.add.reduceat(w * self._hits, self._begins).cumsum()
        if not tp[-1]:
            raise ValueError("no text that has the theme is left; draw the weights again.")
        some = flagged > 0
        return OperatingPoints(self._thresholds[some], tp[some], flagged[some], int(tp[-1]), int(weights.sum()))


def _check(y: npt.NDArray[Any], s: npt.NDArray[Any]) -> None:
    if y.shape != s.shape or y.ndim != 1 or not len(y):
        raise ValueError(
            f"truth and scores must be two lists of one length, at least 1, but have shapes {y.shape} and {s.shape}."
        )
    bad = np.flatnonzero(~np.isfinite(s))
    if len(bad):
        raise ValueError(
            f"scores must be finite, but row {bad[0]} has {s[bad[0]]} ({len(bad)} such rows); "
            "check the model that made them."
        )


def _thresholds(distinct: Floats) -> Floats:
    """The middle between a score and the next lower one; the lowest score for the last threshold."""
    middle = distinct.copy()
    between = distinct[:-1] / 2 + distinct[1:] / 2  # halved first: the sum could overflow
    safe = between > distinct[1:]  # neighbouring floats have no middle: the upper one serves
    middle[:-1] = np.where(safe, between, distinct[:-1])
    return middle
