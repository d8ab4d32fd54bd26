"""The first model of every theme: ridge on words and pairs of words, of all themes in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from themetagger.features import EmptyVocabulary, FoldFeatures
from themetagger.models.ensemble import ReducedModel, member_scores
from themetagger.models.families.first_trials import PLATEAU
from themetagger.models.families.ridge_steps import ridge_by_steps
from themetagger.models.scorers import LinearScorer
from themetagger.search.cross_validation import deployed_members, shared_rows
from themetagger.search.first_model import FirstModel
from themetagger.search.space import Configuration
from themetagger.search.workers.executor import Executor, Handle, Reporter
from themetagger.search.workers.shared_data import SharedData, features_of

Labels = npt.NDArray[np.uint8]

ALPHA, STEPS = 0.5, 5  # models.families.ridge_steps has what more steps bring
MOST_THEMES = 40  # in one call: with more, arrays of columns and themes take hundreds of megabytes
FEWEST_ROWS = 1_000  # of a fold, however little time there is
# Seconds of one core for a step of one theme and a term of one text, measured on 40,000 texts of 80 terms, and how much
# more all else takes beside the steps.
SECONDS_A_PRODUCT, BESIDE = 4.5e-9, 1.5


def first_configuration(most_rows: int = 0) -> Configuration:
    """The configuration of the first models, fitted on so many rows of a fold (default 0: all)."""
    params = {"alpha": ALPHA, "class_weight": None, "steps": STEPS}
    return Configuration("ridge", params, replace(PLATEAU, view="words_1_2"), most_rows=most_rows)


def first_models(
    columns: Sequence[Labels], shared: Handle[SharedData], executor: Executor, seconds: float
) -> dict[int, FirstModel]:
    """The first model of each theme by its number; none where there is no term to learn from.

    The score of a text comes from the model that was fitted without its fold, as anywhere in the search.

    Parameters
    ----------
    columns : the labels of each theme, (n,) of 0 and 1
    shared, executor : as of the search
    seconds : that there are for it; where they are too few for all rows of a fold, models are fitted on some
    """
    if not columns:
        return {}
    most = affordable_rows(shared.get(), len(columns), seconds * executor.n_workers)
    parts = np.array_split(np.arange(len(columns)), _n_parts(len(columns), executor.n_workers))
    jobs = (partial(_of_part, part, shared, [columns[j] for j in part], most) for part in parts)
    return {j: first for models in executor.submit_all(jobs) for j, first in models.items()}


def affordable_rows(data: SharedData, n_themes: int, seconds: float) -> int:
    """On how many rows of a fold first models can be fitted in so many seconds of one core; 0: on all."""
    terms, n_folds = data.inputs["word"].matrix.nnz, int(data.folds.max()) + 1
    needed = SECONDS_A_PRODUCT * BESIDE * STEPS * terms * n_themes * (n_folds - 1)
    rows = len(data.folds) * (n_folds - 1) // n_folds
    if needed <= seconds or rows <= FEWEST_ROWS:
        return 0
    return max(FEWEST_ROWS, int(rows * seconds / needed))


def _n_parts(n_themes: int, n_workers: int) -> int:
    """So many that no worker waits for another, and none has too many themes at once."""
    rounds = -(-n_themes // (n_workers * MOST_THEMES))
    return min(n_themes, rounds * n_workers)


def _of_part(
    part: npt.NDArray[np.int64], shared: Handle[SharedData], columns: Sequence[Labels], most: int, reporter: Reporter
) -> dict[int, FirstModel]:
    """The first models of some themes."""
    try:
        with threadpool_limits(1):
            made = _first_models(features_of(shared), np.column_stack(columns), first_configuration(most))
    except EmptyVocabulary:
        return {}
    return {int(j): first for j, first in zip(part, made, strict=True)}


def _first_models(features: FoldFeatures, Y: Labels, configuration: Configuration) -> list[FirstModel]:
    """One for each column of Y (n, T)."""
    scores, models = np.empty((Y.shape[1], len(Y))), [list[ReducedModel]() for _ in range(Y.shape[1])]
    alpha, steps = configuration.params["alpha"], configuration.params["steps"]
    for k in range(features.n_folds):
        fold = features.fold(configuration.view, k)
        sample = shared_rows(len(fold.train_rows), configuration.most_rows, k)
        rows = fold.train if sample is None else fold.train_part(sample)
        labels = Y[fold.train_rows] if sample is None else Y[fold.train_rows[sample]]
        solved = ridge_by_steps(rows, labels, alpha=alpha, steps=steps)
        for j, intercept in enumerate(solved.intercepts):
            scorer = LinearScorer(weights=solved.weights[:, j].astype(np.float64), intercept=float(intercept))
            models[j].append(ReducedModel(scorer))
            scores[j, features.folds == k] = member_scores(models[j][-1], fold.valid)
    return [
        FirstModel(configuration, one, deployed_members(configuration.view, of_theme, features))
        for one, of_theme in zip(scores, models, strict=True)
    ]
