"""The model of one theme: a committee of members, each a scorer that sees its own weighed features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features import TfidfConfig, places
from themetagger.models.scorers import Scorer, TreeScorer, scores

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ReducedModel:
    """A scorer on fewer columns: ``narrow`` is int32 (k,) chosen columns, float32 (p, k) projection, or None."""

    scorer: Scorer
    narrow: npt.NDArray[Any] | None = None


@dataclass(frozen=True)
class EnsembleMember:
    """A scorer, the features it wants, and what its score counts in the committee's.

    The features are ``recipe`` as learned without fold ``fold``; None: the mean of the folds.
    """

    recipe: TfidfConfig
    fold: int | None
    model: ReducedModel
    weight: float = 1.0


def lay_out(member: EnsembleMember) -> None:
    """Make what its scorer needs, before threads ask for it."""
    if isinstance(member.model.scorer, TreeScorer):
        _ = member.model.scorer.ways


Rows = Callable[[TfidfConfig, int | None], sp.csr_array]


def narrow_rows(rows: sp.csr_array, narrow: npt.NDArray[Any] | None) -> Any:
    """The columns that a scorer wants: csr as given, or dense float32 (n, k)."""
    if narrow is None:
        return rows
    if narrow.ndim == 1:
        return _dense_columns(rows, narrow)
    return np.asarray(rows @ narrow, dtype=np.float32)


def _dense_columns(rows: sp.csr_array, columns: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """``rows[:, columns]``, dense; ``columns`` rise."""
    place = places(rows.indices, columns, rows.shape[1])
    wanted = place >= 0
    dense = np.zeros((rows.shape[0], len(columns)), dtype=np.float32)
    dense[np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))[wanted], place[wanted]] = rows.data[wanted]
    return dense


def member_scores(model: ReducedModel, rows: sp.csr_array) -> Floats:
    """Scores of weighed rows, (n,); the same call when tuning and when tagging."""
    return scores(model.scorer, narrow_rows(rows, model.narrow))


def ensemble_scores(members: Sequence[EnsembleMember], rows: Rows) -> Floats:
    """Weighted sum of the members' scores, (n,); ``rows(recipe, fold)`` gives the weighed rows a member wants."""
    parts = [member.weight * member_scores(member.model, rows(member.recipe, member.fold)) for member in members]
    return np.asarray(sum(parts[1:], start=parts[0]), dtype=np.float64)
