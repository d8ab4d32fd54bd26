"""Fold models -> the one model on the mean weights of the folds that is deployed in their place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from themetagger.features import TfidfWeights
from themetagger.models.ensemble import ReducedModel
from themetagger.models.scorers import ColumnMap

FoldWeights = Sequence[tuple[TfidfWeights, ...]]  # what each fold learned, a tuple of parts each


def merge(
    models: Sequence[ReducedModel], fold_weights: FoldWeights, mean_weights: tuple[TfidfWeights, ...]
) -> ReducedModel | None:
    """One model that stands for the mean of the fold models; None where there is none.

    A row of fold k is ``tf_j idf_kj / norm_k``. On the mean weights ``idf_j`` of ``features.mean_weights`` it is
    ``tf_j idf_j / norm``, and a model can be corrected for how much each term differs: what is neglected is how much
    the length of a row differs from fold to fold.

    Parameters
    ----------
    models : one for each fold; only models of one kind, on all columns or on chosen ones, have a mean
    fold_weights : the weights that each fold learned
    mean_weights : the mean of these over the folds, in the same order of parts
    """
    kinds = {type(model.scorer) for model in models}
    if len(kinds) != 1 or any(model.narrow is not None and model.narrow.ndim != 1 for model in models):
        return None
    maps = [
        _column_map(parts, mean_weights).of_columns(model.narrow)
        for model, parts in zip(models, fold_weights, strict=True)
    ]
    width = sum(len(part.columns) for part in mean_weights)
    mean = kinds.pop().mean_of([model.scorer for model in models], maps, width)
    return None if mean is None else ReducedModel(*mean)


def _column_map(parts: tuple[TfidfWeights, ...], mean_parts: tuple[TfidfWeights, ...]) -> ColumnMap:
    """Where each column of a fold's rows stands in rows of the mean weights, and both weights."""
    maps, offset = [], 0
    for part, mean in zip(parts, mean_parts, strict=True):
        place = np.searchsorted(mean.columns, part.columns)
        maps.append((offset + place, part.idf, mean.idf[place]))
        offset += len(mean.columns)
    return ColumnMap(*(np.concatenate(arrays) for arrays in zip(*maps, strict=True)))
