"""Where the studies of all themes begin: ridge's penalty and the companion's C, which no theme alone can tell.

Ridge of all themes and penalties is one factorisation a fold and penalty, which costs less than a theme's few fits.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.linalg as la
import scipy.sparse as sp
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from themetagger._utils.files import write_atomically
from themetagger.features import EmptyVocabulary, FoldFeatures, TfidfConfig
from themetagger.models.families import FAMILIES
from themetagger.models.families.first_trials import PLATEAU
from themetagger.search.companion import COMPANION, COMPANION_C, COMPANION_WEIGHTS, Companion, blend_weight
from themetagger.search.cross_validation import MAX_ROWS, out_of_fold_scores
from themetagger.search.space import Start, companion_configuration
from themetagger.search.storage.trial_log import TrialLogError
from themetagger.search.study import theme_seed
from themetagger.search.workers.shared_data import SharedData, Task
from themetagger.selection.objectives import Objective
from themetagger.selection.operating_points import operating_points

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.uint8]

ALPHAS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
# How much of a penalty's advantage is read from the theme itself, the rest from the mean over all themes: 30 positives
# say little about a penalty, 40 themes together much. Held-out 30 % of three train sets (leetcode_topics,
# hallmarks_of_cancer, nhs_phase1_multi), six seeds each; four views and seven penalties to choose from, own 1 | .5 |
# .3 | .15 | 0: average precision .470 .796 .361 | .474 .802 .365 | .475 .802 .368 | .475 .802 .368 | .475 .800 .366;
# recall at precision .9 .259 .436 .067 | .261 .448 .067 | .261 .445 .071 | .260 .442 .072 | .259 .439 .070.
# Penalties on words and characters alone did as well (.476 .802 .367; .262 .448 .072), so the others are left out.
OWN = 0.3
DENSE_ABOVE = 0.1  # share of the rows that have a term; ridge of a fold takes .5 to .8 of the time, as at .05 or .2
ASKED_FOR_C = 20  # themes, spread over all, whose fits decide the companion's C for all: it is their mean that counts


def fold_scores(
    features: FoldFeatures, recipe: TfidfConfig, Y: Labels, k: int, alphas: Sequence[float] = ALPHAS
) -> Floats:
    """Ridge scores of the rows of fold ``k``, fitted on the other folds: (penalties, rows of the fold, T).

    The same numbers as ``sklearn.linear_model.Ridge(alpha)`` on targets -1 and +1, one fit a theme and penalty. With
    fewer rows than terms the dual form is small: the products of all pairs of rows, centred, factored once a penalty.

    Parameters
    ----------
    Y : (n, T) of 0 and 1
    """
    fold = features.fold(recipe, k)
    products = _row_products(fold.train, fold.train)
    means = products.mean(axis=0)
    centred = products - means - means[:, np.newaxis] + means.mean()
    towards = _row_products(fold.valid, fold.train)
    towards += means.mean() - means - towards.mean(axis=1, keepdims=True)
    targets = 2.0 * Y[fold.train_rows] - 1.0
    level = targets.mean(axis=0)
    diagonal = np.einsum("ii->i", centred)
    found = np.empty((len(alphas), len(fold.valid_rows), Y.shape[1]))
    before = 0.0
    for i, alpha in enumerate(alphas):
        diagonal += alpha - before
        before = alpha
        factor = la.cho_factor(centred, lower=True, check_finite=False)
        found[i] = towards @ la.cho_solve(factor, targets - level, check_finite=False) + level
    return found


def _row_products(A: sp.csr_array, B: sp.csr_array) -> Floats:
    """``A @ B.T``, dense (rows of A, rows of B).

    Most of a sparse product is spent on the few terms that many rows have, and a dense one is the faster for those.
    """
    having = np.bincount(B.indices, minlength=B.shape[1])
    many = having > DENSE_ABOVE * B.shape[0]
    frequent, rare = np.flatnonzero(many), np.flatnonzero(~many)
    found = A[:, frequent].toarray() @ B[:, frequent].toarray().T
    found += (A[:, rare] @ B[:, rare].T).toarray()
    return np.asarray(found, dtype=np.float64)


def advise(tasks: Sequence[Task], shared_data: SharedData, workers: Parallel) -> list[Task]:
    """The tasks, those that begin with ridge told where; ``workers`` yields what is done as it is done."""
    asked = [i for i, task in enumerate(tasks) if _begins_with_ridge(task)]
    n_folds = int(shared_data.folds.max()) + 1 if len(shared_data.folds) else 0
    if not asked or len(shared_data.folds) - np.bincount(shared_data.folds).min() > MAX_ROWS:
        return list(tasks)  # more rows than a model is fitted on: themes would choose rows of their own
    Y = np.column_stack([tasks[i].y for i in asked])
    some = np.unique(np.linspace(0, len(asked) - 1, min(len(asked), ASKED_FOR_C)).astype(int)).tolist()
    ridge = (delayed(_ridge_fold)(shared_data, Y, k) for k in range(n_folds))
    beside_it = (delayed(_companion_scores)(n_folds + j, shared_data, tasks[asked[j]]) for j in some)
    # in one queue, so that no worker waits for the last fold
    both = _ordered(workers(chain(ridge, beside_it)))
    parts, added = both[:n_folds], dict(zip(some, both[n_folds:], strict=True))
    if any(part is None for part in parts):
        return list(tasks)
    scores = np.empty((len(ALPHAS), *Y.shape))
    for k, part in enumerate(parts):
        scores[:, shared_data.folds == k] = part
    # in workers, where an objective of a user's own may do what it likes
    found = workers(delayed(_ridge_values)(j, tasks[i], scores[:, :, j]) for j, i in enumerate(asked))
    alphas = advised(np.transpose(_ordered(found)))
    found = workers(delayed(_companion_values)(j, tasks[asked[j]], scores[alphas[j], :, j], added[j]) for j in some)
    C = COMPANION_C[best_for_all(np.transpose(_ordered(found)))]
    starts = {i: Start(ALPHAS[alphas[j]], C) for j, i in enumerate(asked)}
    return [
        replace(task, settings={**task.settings, "start": starts[i]}) if i in starts else task
        for i, task in enumerate(tasks)
    ]


def keep_advice(path: Path, tasks: Sequence[Task]) -> None:
    """Put what the tasks were told on the disk; TrialLogError where that is not possible."""
    starts = {task.theme: asdict(start) for task in tasks if (start := task.settings.get("start")) is not None}
    try:
        write_atomically(path, json.dumps(starts, indent=1).encode())
    except OSError as error:
        raise TrialLogError(f"{path}: cannot be written ({error.strerror or error}); mend that, and go on.") from error


def advised_before(path: Path, tasks: Sequence[Task]) -> list[Task] | None:
    """The tasks as they were told by :func:`keep_advice`; None where that is not there, or is damaged."""
    try:
        starts = {theme: Start(**start) for theme, start in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return [
        replace(task, settings={**task.settings, "start": starts[task.theme]}) if task.theme in starts else task
        for task in tasks
    ]


def _begins_with_ridge(task: Task) -> bool:
    settings = {"families": tuple(FAMILIES), "sampler": "tpe"} | dict(task.settings)
    return "ridge" in settings["families"] and settings["sampler"] == "tpe"


def _ordered(numbered: Iterable[tuple[int, Any]]) -> list[Any]:
    """What workers found, in the order of its numbers."""
    return [found for _, found in sorted(numbered, key=itemgetter(0))]


def _ridge_fold(shared_data: SharedData, Y: Labels, k: int) -> tuple[int, Floats | None]:
    """Ridge scores of fold ``k``; None where no term is left to learn from."""
    try:
        with threadpool_limits(1):
            return k, fold_scores(shared_data.features(), PLATEAU, Y, k)
    except EmptyVocabulary:
        return k, None


def _ridge_values(j: int, task: Task, scores: Floats) -> tuple[int, list[float]]:
    return j, values(task.settings["objective"], task.y, scores)


def _companion_scores(number: int, shared_data: SharedData, task: Task) -> tuple[int, Floats | None]:
    """Out-of-fold scores of each companion, (companions, n); None where a theme can have none."""
    if COMPANION not in task.settings.get("families", tuple(FAMILIES)):
        return number, None
    seed = theme_seed(task.settings.get("seed", 0), task.theme)
    features, every = shared_data.features(), [companion_configuration(Companion(C, 0)) for C in COMPANION_C]
    try:
        with threadpool_limits(1):
            return number, np.array([out_of_fold_scores(one, features, task.y, seed=seed)[0] for one in every])
    except ValueError:  # no word, or one class in a fold: the study's first trial will say so
        return number, None


def _companion_values(j: int, task: Task, ridge: Floats, added: Floats | None) -> tuple[int, list[float]]:
    """The value of ridge (its scores: (n,)) with each companion; nan where a theme can have none."""
    if added is None:
        return j, [math.nan] * len(COMPANION_C)
    together = [ridge + blend_weight(ridge, one, COMPANION_WEIGHTS[0]) * one for one in added]
    return j, values(task.settings["objective"], task.y, np.array(together))


def advised(values: Floats) -> npt.NDArray[np.int64]:
    """The penalty advised to each theme, (T,), from the value of each for each theme, (penalties, T).

    An advantage counts ``OWN`` as measured on the theme and the rest as its mean over all themes; a theme of which a
    value is nan has no part in the mean, and gets what is best for the others.

    Examples
    --------
    >>> advised(np.array([[0.5, 0.5, 0.5], [0.6, 0.6, 0.4], [0.5, 0.52, 0.52]])).tolist()
    [1, 1, 2]
    """
    own, shared = _advantages(values)
    chosen: npt.NDArray[np.int64] = np.argmax(OWN * own + (1 - OWN) * shared[:, np.newaxis], axis=0)
    return chosen


def best_for_all(values: Floats) -> int:
    """The choice with the best mean over all themes, from the value of each for each theme, (choices, T).

    Examples
    --------
    >>> best_for_all(np.array([[0.5, 0.5, 0.7], [0.6, 0.6, 0.6], [0.5, 0.52, 0.52]]))
    1
    """
    return int(np.argmax(_advantages(values)[1]))


def _advantages(values: Floats) -> tuple[Floats, Floats]:
    """By how much each choice is better than the mean of all, for each theme, and on average over themes."""
    known = np.isfinite(values).all(axis=0)
    own = np.where(known, values - values.mean(axis=0), 0.0)
    # summed exactly, so that the order of themes decides nothing
    return own, np.array([math.fsum(row) / max(1, known.sum()) for row in own])


def values(objective: Objective, y: Labels, scores: Floats) -> list[float]:
    """What ``objective`` says of each penalty, from a theme's scores (penalties, n); nan where it cannot tell."""
    return [_value(objective, y, found) for found in scores]


def _value(objective: Objective, y: Labels, scores: Floats) -> float:
    try:
        return float(objective.value(operating_points(y, scores)))
    except Exception:  # an objective of a user's own: its theme says in its row what is wrong with it
        return math.nan
