"""Fold models -> the one model on the mean weights of the folds that is deployed in their place."""

from __future__ import annotations

from collections.abc import Sequence

from themetagger.features import FittedView
from themetagger.models.ensemble import ReducedModel


def merge(models: Sequence[ReducedModel], fitted: Sequence[FittedView], mean: FittedView | None) -> ReducedModel | None:
    """One model that stands for the mean of the fold models; None where there is none.

    A row of fold k is ``tf_j idf_kj / norm_k``. On the mean weights ``idf_j`` of ``TfidfWeights.mean`` it is
    ``tf_j idf_j / norm``, and a model can be corrected for how much each term differs: what is neglected is how much
    the length of a row differs from fold to fold. Dense columns are moved and stretched, which is exact.

    Parameters
    ----------
    models : one for each fold; only models of one kind, on all columns or on chosen ones, have a mean
    fitted : what the view learned in each fold
    mean : the mean of these over the folds; None where there is none
    """
    kinds = {type(model.scorer) for model in models}
    if (
        mean is None
        or len(kinds) != 1
        or any(model.reduction is not None and model.reduction.ndim != 1 for model in models)
    ):
        return None
    maps = [one.columns_in(mean).of_columns(model.reduction) for model, one in zip(models, fitted, strict=True)]
    merged = kinds.pop().mean_of([model.scorer for model in models], maps, mean.width)
    return None if merged is None else ReducedModel(*merged)
