"""Warm starts, chosen by all themes together: ridge's penalty, the dense columns' weight, the companion's C."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from themetagger._utils.files import write_atomically
from themetagger.features import WEIGHTS, EmptyVocabulary
from themetagger.models.families.first_trials import PLATEAU
from themetagger.search.companion import COMPANION, COMPANION_C, COMPANION_WEIGHTS, Companion, blend_weight
from themetagger.search.cross_validation import MAX_ROWS, out_of_fold_scores
from themetagger.search.ridge import RidgeGrid, fold_scores
from themetagger.search.settings import WarmStart
from themetagger.search.space import companion_configuration
from themetagger.search.storage.trial_log import TrialLogError
from themetagger.search.study import theme_seed
from themetagger.search.workers.executor import Executor, Handle, Reporter
from themetagger.search.workers.shared_data import SharedData, Task, features_of
from themetagger.selection.objectives import Objective
from themetagger.selection.operating_points import operating_points

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.uint8]
T = TypeVar("T")

# How much of a cell's advantage is read from the theme itself, the rest from the mean over all themes: 30 positives
# say little about a penalty, 40 themes together much. Held-out 30 % of three train sets (leetcode_topics,
# hallmarks_of_cancer, nhs_phase1_multi), six seeds each; four views and seven penalties to choose from, own 1 | .5 |
# .3 | .15 | 0: average precision .470 .796 .361 | .474 .802 .365 | .475 .802 .368 | .475 .802 .368 | .475 .800 .366;
# recall at precision .9 .259 .436 .067 | .261 .448 .067 | .261 .445 .071 | .260 .442 .072 | .259 .439 .070.
# Penalties on words and characters alone did as well (.476 .802 .367; .262 .448 .072), so the others are left out.
OWN_SHARE = 0.3
THEMES_FOR_C = 20  # themes, spread over all, whose fits decide the companion's C for all: it is their mean that counts


def with_warm_starts(tasks: Sequence[Task], shared: Handle[SharedData], executor: Executor) -> list[Task]:
    """The tasks, those that begin with ridge with their warm starts; all of them decide together."""
    asked = [i for i, task in enumerate(tasks) if _begins_with_ridge(task)]
    folds = shared.get().folds
    if not asked or len(folds) - np.bincount(folds).min() > MAX_ROWS:
        return list(tasks)  # more rows than a model is fitted on: themes would choose rows of their own
    grid = grid_of(tasks[asked[0]].settings.encoders)
    scores = _ridge_and_companions([tasks[i] for i in asked], grid, shared, executor)
    if scores is None:
        return list(tasks)
    ridge, companions = scores
    # in workers, where an objective of a user's own may do what it likes
    jobs = (partial(_ridge_values, j, tasks[i], ridge[:, :, j]) for j, i in enumerate(asked))
    cells = best_per_theme(np.transpose(_ordered(executor.submit_all(jobs))))
    jobs = (
        partial(_companion_values, j, tasks[asked[j]], ridge[cells[j], :, j], added) for j, added in companions.items()
    )
    C = COMPANION_C[best_for_all(np.transpose(_ordered(executor.submit_all(jobs))))]
    starts = {tasks[i].theme: _start_at(grid, cells[j], C) for j, i in enumerate(asked)}
    return [_started(task, starts) for task in tasks]


def grid_of(encoders: Sequence[str]) -> RidgeGrid:
    """What is tried for all themes together: n-grams alone, and beside the vectors of the first text encoder.

    Examples
    --------
    >>> grid_of(["static"]).weights, grid_of([]).weights
    ((0.0, 0.4, 0.8, 1.2), (0.0,))
    """
    return RidgeGrid(encoders[0], (0.0, *sorted(WEIGHTS))) if encoders else RidgeGrid()


def _start_at(grid: RidgeGrid, cell: int, C: float) -> WarmStart:
    weight, alpha = grid.cells[cell]
    return WarmStart(alpha, C, weight)


def _ridge_and_companions(
    tasks: Sequence[Task], grid: RidgeGrid, shared: Handle[SharedData], executor: Executor
) -> tuple[Floats, dict[int, Floats | None]] | None:
    """Out-of-fold scores of ridge, (cells of the grid, n, T), and of the companions of some of the T themes.

    None where a fold has no term to learn from.
    """
    folds, Y = shared.get().folds, np.column_stack([task.y for task in tasks])
    n_folds = int(folds.max()) + 1
    some = np.unique(np.linspace(0, len(tasks) - 1, min(len(tasks), THEMES_FOR_C)).astype(int)).tolist()
    ridge = (partial(_ridge_fold, shared, Y, k, grid) for k in range(n_folds))
    companions = (partial(_companion_scores, n_folds + j, shared, tasks[j]) for j in some)
    # in one queue, so that no worker waits for the last fold
    both = _ordered(executor.submit_all(chain(ridge, companions)))
    if any(part is None for part in both[:n_folds]):
        return None
    scores = np.empty((len(grid.cells), *Y.shape))
    for k, part in enumerate(both[:n_folds]):
        scores[:, folds == k] = part
    return scores, dict(zip(some, both[n_folds:], strict=True))


def _started(task: Task, starts: Mapping[str, WarmStart]) -> Task:
    """The task with its warm start, where it has one."""
    if task.theme not in starts:
        return task
    return replace(task, settings=replace(task.settings, start=starts[task.theme]))


def save_warm_starts(path: Path, tasks: Sequence[Task]) -> None:
    """Write where the tasks begin; TrialLogError where that is not possible."""
    starts = {task.theme: asdict(task.settings.start) for task in tasks if task.settings.start is not None}
    try:
        write_atomically(path, json.dumps(starts, indent=1).encode())
    except OSError as error:
        raise TrialLogError(
            f"{path}: cannot be written ({error.strerror or error}); remove the cause, and go on with resume=True "
            "(--resume)."
        ) from error


def load_warm_starts(path: Path, tasks: Sequence[Task]) -> list[Task] | None:
    """The tasks as :func:`save_warm_starts` saw them; None where its file is missing or damaged."""
    try:
        starts = {theme: WarmStart(**start) for theme, start in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return [_started(task, starts) for task in tasks]


def _begins_with_ridge(task: Task) -> bool:
    return "ridge" in task.settings.families and task.settings.sampler == "tpe"


def _ordered(numbered: Iterable[tuple[int, T]]) -> list[T]:
    """The results of jobs, in the order of their numbers."""
    return [result for _, result in sorted(numbered, key=itemgetter(0))]


def _ridge_fold(
    shared: Handle[SharedData], Y: Labels, k: int, grid: RidgeGrid, reporter: Reporter
) -> tuple[int, Floats | None]:
    """Ridge scores of fold ``k``; None where no term is left to learn from."""
    try:
        with threadpool_limits(1):
            return k, fold_scores(features_of(shared), PLATEAU, Y, k, grid)
    except EmptyVocabulary:
        return k, None


def _ridge_values(j: int, task: Task, scores: Floats, reporter: Reporter) -> tuple[int, list[float]]:
    return j, values(task.settings.objective, task.y, scores)


def _companion_scores(
    number: int, shared: Handle[SharedData], task: Task, reporter: Reporter
) -> tuple[int, Floats | None]:
    """Out-of-fold scores of each companion, (companions, n); None where a theme can have none."""
    if COMPANION not in task.settings.families:
        return number, None
    seed = theme_seed(task.settings.seed, task.theme)
    features, companions = features_of(shared), [companion_configuration(Companion(C, 0)) for C in COMPANION_C]
    try:
        with threadpool_limits(1):
            return number, np.array([out_of_fold_scores(one, features, task.y, seed=seed)[0] for one in companions])
    except ValueError:  # no word, or one class in a fold: the study's first trial will say so
        return number, None


def _companion_values(
    j: int, task: Task, ridge: Floats, companions: Floats | None, reporter: Reporter
) -> tuple[int, list[float]]:
    """The value of ridge (its scores: (n,)) with each companion; nan where a theme can have none."""
    if companions is None:
        return j, [math.nan] * len(COMPANION_C)
    together = [ridge + blend_weight(ridge, one, COMPANION_WEIGHTS[0]) * one for one in companions]
    return j, values(task.settings.objective, task.y, np.array(together))


def best_per_theme(values: Floats) -> npt.NDArray[np.int64]:
    """The cell that each theme begins with, (T,), from the value of each for each theme, (cells, T).

    An advantage counts ``OWN_SHARE`` as measured on the theme and the rest as its mean over all themes; a theme of
    which a value is nan has no part in the mean, and gets what is best for the others.

    Examples
    --------
    >>> best_per_theme(np.array([[0.5, 0.5, 0.5], [0.6, 0.6, 0.4], [0.5, 0.52, 0.52]])).tolist()
    [1, 1, 2]
    """
    own, shared = _advantages(values)
    chosen: npt.NDArray[np.int64] = np.argmax(OWN_SHARE * own + (1 - OWN_SHARE) * shared[:, np.newaxis], axis=0)
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
    return [_value(objective, y, one) for one in scores]


def _value(objective: Objective, y: Labels, scores: Floats) -> float:
    try:
        return float(objective.value(operating_points(y, scores)))
    except Exception:  # an objective of a user's own: its theme says in its row what is wrong with it
        return math.nan
