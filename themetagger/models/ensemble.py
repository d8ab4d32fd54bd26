"""The model of one theme: an ensemble of members, each a scorer that sees its own features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features import Rows, View, places, row_products
from themetagger.models.scorers import LinearWeights, Scorer, scores

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ReducedModel:
    """A scorer, and how features are reduced for it: int32 (k,) chosen columns, float32 (p, k) projection, or None."""

    scorer: Scorer
    reduction: npt.NDArray[Any] | None = None

    @property
    def width(self) -> int:
        """The least number of columns that the features have, before they are reduced."""
        if self.reduction is None:
            return self.scorer.width
        return len(self.reduction) if self.reduction.ndim == 2 else int(self.reduction.max(initial=-1)) + 1

    def fits(self, width: int) -> bool:
        """Whether it can score rows of so many columns."""
        looks_up = self.scorer.kind == "trees" if self.reduction is None else self.reduction.ndim == 1
        return self.width <= width if looks_up else self.width == width

    @property
    def linear_weights(self) -> LinearWeights | None:
        """The weights of a linear model on all features; None of another, or of one on fewer columns."""
        return self.scorer.linear_weights if self.reduction is None else None


@dataclass(frozen=True)
class EnsembleMember:
    """A scorer, the features it takes, and what its score counts in the ensemble's.

    The features are ``view`` as learned without fold ``fold``; None: the mean of the folds.
    """

    view: View
    fold: int | None
    model: ReducedModel
    weight: float = 1.0


RowsOf = Callable[[View, int | None], Rows]


def reduced_rows(rows: Rows, reduction: npt.NDArray[Any] | None) -> Any:
    """The columns that a scorer takes: as given, or dense float32 (n, k)."""
    if reduction is None:
        return rows
    if sp.issparse(rows):
        return _dense_columns(rows, reduction) if reduction.ndim == 1 else _projected(rows, reduction)
    return rows[:, reduction] if reduction.ndim == 1 else np.asarray(row_products(rows, reduction), dtype=np.float32)


def _dense_columns(rows: sp.csr_array, columns: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """``rows[:, columns]``, dense; ``columns`` are in ascending order."""
    place = places(rows.indices, columns, rows.shape[1])
    wanted = place >= 0
    dense = np.zeros((rows.shape[0], len(columns)), dtype=np.float32)
    dense[np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))[wanted], place[wanted]] = rows.data[wanted]
    return dense


def _projected(rows: sp.csr_array, projection: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """``rows @ projection``, bit by bit, from the terms that one of the rows has.

    A product of both as they are would first copy the whole projection to float64, however few terms there are.
    """
    known = np.zeros(rows.shape[1], dtype=bool)
    known[rows.indices] = True
    place = np.cumsum(known, dtype=np.int32) - np.int32(1)
    chosen = projection[known]
    few = sp.csr_array((rows.data, place[rows.indices], rows.indptr), shape=(rows.shape[0], len(chosen)))
    return np.asarray(few @ chosen, dtype=np.float32)


def member_scores(model: ReducedModel, rows: Rows) -> Floats:
    """Scores of rows, (n,); the same call when tuning and when tagging."""
    return scores(model.scorer, reduced_rows(rows, model.reduction))


def ensemble_scores(members: Sequence[EnsembleMember], rows: RowsOf) -> Floats:
    """Weighted sum of the members' scores, (n,); ``rows(view, fold)`` gives the rows of a member."""
    parts = [member.weight * member_scores(member.model, rows(member.view, member.fold)) for member in members]
    return np.asarray(sum(parts[1:], start=parts[0]), dtype=np.float64)
