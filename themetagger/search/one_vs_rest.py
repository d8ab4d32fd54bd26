"""Every theme, in parallel: one study each, on shared features."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed, parallel_config
from threadpoolctl import threadpool_limits

from themetagger.families import FAMILIES
from themetagger.features import Counts, EmptyVocabulary, FoldFeatures
from themetagger.objectives import Objective
from themetagger.search.out_of_fold import MAX_ROWS
from themetagger.search.progress import Board, Progress
from themetagger.search.proposal import PLATEAU
from themetagger.search.shared_ridge import ALPHAS, advised, fold_scores, values
from themetagger.search.theme_study import Studied, study_theme
from themetagger.winner import Winner

Labels = npt.NDArray[np.uint8]

UNFINISHED = Studied(Winner.skipped("", "not begun"))
_worker_features: dict[str, FoldFeatures] = {}  # one worker works on one run at a time


@dataclass(frozen=True)
class Task:
    """One theme to study: its name, its 0/1 column (n,), and the keywords of ``study_theme`` for it."""

    theme: str
    y: Labels
    settings: Mapping[str, Any] = field(default_factory=dict)
    time_budget: float = math.inf


def search_themes(
    tasks: Sequence[Task],
    counts: Mapping[str, Counts],
    folds: npt.NDArray[np.int64],
    *,
    n_jobs: int = -1,
    time_budget: float = math.inf,
    show_progress: bool = True,
) -> list[Studied]:
    """Study every task; the results in the order of the tasks, the same for any ``n_jobs``.

    Parameters
    ----------
    tasks : the themes
    counts : analyser -> Counts of the n texts; workers map them from one copy on disk
    folds : (n,) fold number of each text
    n_jobs : worker processes, default -1: one for each core; model libraries use one thread inside each
    time_budget : seconds for all themes, default none; what is left is shared out evenly each time a theme begins
    """
    shared = {name: replace(found, terms=()) for name, found in counts.items()}  # workers need numbers only
    run, finished = f"{time.time_ns()}", [UNFINISHED for _ in tasks]
    progress = Progress([task.theme for task in tasks], show=show_progress)
    workers = Parallel(n_jobs=n_jobs, return_as="generator_unordered", pre_dispatch="n_jobs", batch_size=1)
    with progress, _pinned():
        call = delayed(_study)
        allowance = _allowances(tasks, time_budget, _effective(n_jobs))
        try:
            with workers:  # one pool for both stages
                tasks = _advise(tasks, run, shared, folds, workers)
                jobs = (
                    call(i, task, next(allowance), run, shared, folds, progress.board_path, len(tasks))
                    for i, task in enumerate(tasks)
                )
                for i, studied in workers(jobs):
                    finished[i] = studied
                    progress.done(studied.winner)
        except BrokenProcessPool:  # a worker was killed; joblib gives up the rest
            lost = "a worker process died, killed or out of memory; run again with fewer jobs"
            finished = [
                Studied(Winner.failed(task.theme, lost, support=int(task.y.sum()))) if found is UNFINISHED else found
                for task, found in zip(tasks, finished, strict=True)
            ]
    _worker_features.clear()  # with one job this process was the worker
    return finished


def _advise(
    tasks: Sequence[Task], run: str, counts: Mapping[str, Counts], folds: npt.NDArray[np.int64], workers: Parallel
) -> list[Task]:
    """The tasks, those that begin with ridge told its penalty, which is cheaper to find for all themes at once."""
    asked = [i for i, task in enumerate(tasks) if _begins_with_ridge(task)]
    n_folds = int(folds.max()) + 1
    if not asked or len(folds) - np.bincount(folds).min() > MAX_ROWS:  # themes would be fitted on rows of their own
        return list(tasks)
    Y = np.column_stack([tasks[i].y for i in asked])
    parts = _ordered(workers(delayed(_ridge_fold)(run, counts, folds, Y, k) for k in range(n_folds)))
    if any(part is None for part in parts):
        return list(tasks)
    scores = np.empty((len(ALPHAS), *Y.shape))
    for k, part in enumerate(parts):
        scores[:, folds == k] = part
    judge = delayed(_ridge_values)  # in workers, where an objective of a user's own may do what it likes
    found = _ordered(
        workers(judge(j, tasks[i].settings["objective"], Y[:, j], scores[:, :, j]) for j, i in enumerate(asked))
    )
    advice = dict(zip(asked, advised(np.transpose(found)), strict=True))
    return [
        replace(task, settings={**task.settings, "penalty": ALPHAS[advice[i]]}) if i in advice else task
        for i, task in enumerate(tasks)
    ]


def _begins_with_ridge(task: Task) -> bool:
    settings = {"families": tuple(FAMILIES), "sampler": "tpe"} | dict(task.settings)
    return "ridge" in settings["families"] and settings["sampler"] == "tpe"


def _ordered(numbered: Iterable[tuple[int, Any]]) -> list[Any]:
    """What workers found, in the order of its numbers."""
    return [found for _, found in sorted(numbered, key=itemgetter(0))]


def _ridge_fold(
    run: str, counts: Mapping[str, Counts], folds: npt.NDArray[np.int64], Y: Labels, k: int
) -> tuple[int, npt.NDArray[np.float64] | None]:
    """Ridge scores of fold ``k`` inside a worker; None where no term is left to learn from."""
    try:
        with threadpool_limits(1):
            return k, fold_scores(_features(run, counts, folds), PLATEAU, Y, k)
    except EmptyVocabulary:
        return k, None


def _ridge_values(j: int, objective: Objective, y: Labels, scores: npt.NDArray[np.float64]) -> tuple[int, list[float]]:
    return j, values(objective, y, scores)


def _pinned() -> Any:
    """Worker processes whose model libraries run one thread each, so that sums do not depend on the machine."""
    return parallel_config(backend="loky", inner_max_num_threads=1)


def _effective(n_jobs: int) -> int:
    from joblib import effective_n_jobs

    return int(effective_n_jobs(n_jobs))


def _allowances(tasks: Sequence[Task], time_budget: float, n_jobs: int) -> Iterator[float]:
    """The deadline of each theme at the moment when it begins, seconds since the epoch."""
    end = time.time() + time_budget
    for begun, task in enumerate(tasks):
        now, left = time.time(), len(tasks) - begun
        share = max(0.0, end - now) * min(n_jobs, left) / left
        yield now + min(share, task.time_budget)


def _study(
    i: int,
    task: Task,
    deadline: float,
    run: str,
    counts: Mapping[str, Counts],
    folds: npt.NDArray[np.int64],
    board_path: str,
    themes: int,
) -> tuple[int, Studied]:
    """One theme inside a worker; whatever goes wrong becomes its row."""
    board = Board(board_path, themes)
    board.start(i)
    try:
        with threadpool_limits(1):
            studied = study_theme(
                task.theme,
                task.y,
                _features(run, counts, folds),
                deadline=deadline,
                report=_reporter(board, i),
                **task.settings,
            )
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        studied = Studied(Winner.failed(task.theme, reason, support=int(task.y.sum())))
    board.finish(i)
    return i, studied


def _features(run: str, counts: Mapping[str, Counts], folds: npt.NDArray[np.int64]) -> FoldFeatures:
    """The features of this run, kept from theme to theme within a worker."""
    if run not in _worker_features:
        _worker_features.clear()
        _keep_worker()
        _worker_features[run] = FoldFeatures(counts, folds)
    return _worker_features[run]


def _keep_worker() -> None:
    """Tell joblib's worker that a cache which grows is no leak: it would end the worker, and the cache with it."""
    from joblib.externals.loky import process_executor

    if hasattr(process_executor, "_MAX_MEMORY_LEAK_SIZE"):  # only looked at where psutil is installed
        process_executor._MAX_MEMORY_LEAK_SIZE = 2**63


def _reporter(board: Board, row: int) -> Callable[[int, str, float, float], None]:
    return lambda trial, family, precision, recall: board.report(row, trial, precision, recall)
