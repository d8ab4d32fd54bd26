"""One configuration fitted on every fold but one: out-of-fold scores, and the fold models behind them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from themetagger.features import FoldFeatures, Rows, View
from themetagger.models.ensemble import EnsembleMember, ReducedModel, member_scores, reduced_rows
from themetagger.models.families import FAMILIES, fit
from themetagger.models.fold_averaging import merge
from themetagger.search.space import Configuration

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.uint8]


def fit_fold(
    configuration: Configuration,
    features: FoldFeatures,
    y: Labels,
    k: int,
    *,
    seed: int,
    share: float = 1.0,
    known: npt.NDArray[np.int64] | None = None,
) -> tuple[ReducedModel, Floats]:
    """The model of fold ``k``, fitted on the other folds, and its scores of the rows of fold ``k``.

    With a ``share`` below 1 it is fitted as if no more than that of the labels were known; ``known`` are numbers, among
    the training rows of the fold, of those whose labels are, default a draw of that share.
    """
    fold = features.fold(configuration.view, k)
    target = y[fold.train_rows]
    known = labelled(target, share, seed=seed + k) if known is None else known
    if configuration.of_all_themes:
        sample = shared_rows(len(known), configuration.most_rows, k)
    else:
        sample = kept_rows(target[known], configuration.ratio, seed=seed + k, most=configuration.most_rows)
    sample = known if sample is None else known[sample]
    if len(sample) == len(target):
        rows = fold.train
    else:
        rows, target = fold.train_part(sample), target[sample]
    reduction = _reduction(configuration, features, rows, target, k)
    scorer = fit(FAMILIES[configuration.family], configuration.params, reduced_rows(rows, reduction), target, seed=seed)
    model = ReducedModel(scorer, reduction)
    return model, member_scores(model, fold.valid)


def _reduction(
    configuration: Configuration, features: FoldFeatures, rows: Rows, target: Labels, k: int
) -> npt.NDArray[Any] | None:
    """Chosen columns or projection, learned from training rows of the fold."""
    if not configuration.reduction:
        return None
    kind, size = configuration.reduction.split(":")
    if kind == "svd":
        return features.reduced(configuration.view, k, int(size)).projection
    n_terms = features.fold(configuration.view, k).fitted.n_terms
    if n_terms == rows.shape[1]:
        return best_columns(rows, target, int(size))
    best = best_columns(rows[:, :n_terms], target, int(size)) if n_terms else np.zeros(0, dtype=np.int32)
    return np.append(best, np.arange(n_terms, rows.shape[1], dtype=np.int32))  # dense ones: chi-squared is of counts


def best_columns(rows: Any, target: Labels, size: int) -> npt.NDArray[np.int32]:
    """The ``size`` columns with the largest chi-squared statistic against the theme, rising."""
    from sklearn.feature_selection import chi2

    statistic = np.nan_to_num(chi2(rows, target)[0])
    order = np.argsort(-statistic, kind="stable")[: min(size, rows.shape[1])]
    return np.sort(order).astype(np.int32)


def labelled(target: Labels, share: float, *, seed: int) -> npt.NDArray[np.int64]:
    """Numbers of the rows whose labels are known: a ``share`` of those with the theme and of those without, rising."""
    if share == 1:
        return np.arange(len(target))
    draw = np.random.default_rng(seed).permutation
    sides = [draw(np.flatnonzero(target == side)) for side in (0, 1)]
    return np.sort(np.concatenate([rows[: math.ceil(share * len(rows))] for rows in sides]))


def kept_rows(target: Labels, ratio: int, *, seed: int, most: int = 0) -> npt.NDArray[np.int64] | None:
    """The rows to fit on: positives, and ``ratio`` negatives for each (0: all), drawn with ``seed``.

    None when that is every row. Of more than ``most`` rows (0: no limit), positives keep at most half of the places.
    """
    draw = np.random.default_rng(seed).permutation
    positives, negatives = draw(np.flatnonzero(target)), draw(np.flatnonzero(target == 0))
    wanted = min(ratio * len(positives), len(negatives)) if ratio else len(negatives)
    if most and len(positives) + wanted > most:
        positives = positives[: max(most // 2, most - wanted)]
        wanted = most - len(positives)
    if len(positives) + wanted >= len(target):
        return None
    return np.sort(np.concatenate([positives, negatives[:wanted]]))  # a larger ratio contains the smaller one


def shared_rows(n: int, most: int, k: int) -> npt.NDArray[np.int64] | None:
    """Of ``n`` training rows of fold ``k``, at most so many (0: all) to fit all themes on; None when that is all."""
    return None if not most or most >= n else np.sort(np.random.default_rng(k).permutation(n)[:most])


def out_of_fold_scores(
    configuration: Configuration,
    features: FoldFeatures,
    y: Labels,
    *,
    seed: int = 0,
    share: float = 1.0,
    folds: int | None = None,
) -> tuple[Floats, list[ReducedModel]]:
    """Scores of all n rows by models that did not see them, (n,), and the model of each fold.

    Where a model is fitted on all rows of its folds (no ratio), the same numbers as
    ``sklearn.model_selection.cross_val_predict`` of a pipeline of ``TfidfVectorizer`` and the estimator on the same
    folds; ``y`` is (n,) of 0 and 1, of which the models see a ``share``, default all. With ``folds`` only the rows of
    so many have scores, the others nan.
    """
    scores, models = np.full(len(y), np.nan), []
    for k in range(min(folds or features.n_folds, features.n_folds)):
        model, of_fold = fit_fold(configuration, features, y, k, seed=seed, share=share)
        scores[features.folds == k] = of_fold
        models.append(model)
    return scores, models


def deployed_members(view: View, models: Sequence[ReducedModel], features: FoldFeatures) -> tuple[EnsembleMember, ...]:
    """The committee that goes into the tagger: fold models merged into one where they can be, others side by side.

    Not a refit on all rows, because the cut was chosen on the scores of fold models. Measured by
    tests/benchmarks/decisions.py, held-out 30 % of three train sets (nhs_phase1_multi, hallmarks_of_cancer,
    leetcode_topics), linear families, the cut of the study in all three; "refuted": of the 21 themes claimed at 90/50:

    ===================  ==================  ==================  ==================  ==================  =======  ==
    deployed             average precision   R@P90               precision of tags   their recall        refuted  MB
    ===================  ==================  ==================  ==================  ==================  =======  ==
    refit                .372  .806  .486    .061  .451  .242    .330  .780  .374    .538  .630  .545    3        20
    mean of fold models  .381  .804  .487    .071  .453  .250    .333  .795  .386    .513  .589  .523    1        85
    merged into one      .381  .804  .487    .071  .453  .250    .333  .795  .386    .513  .588  .523    1        20
    ===================  ==================  ==================  ==================  ==================  =======  ==
    """
    merged = merge(models, features.fitted(view), features.whole(view))
    if merged is not None:
        return (EnsembleMember(view, None, merged),)
    return tuple(EnsembleMember(view, k, model, 1 / len(models)) for k, model in enumerate(models))
