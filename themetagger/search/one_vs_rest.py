"""Every theme, in parallel: one study each, on shared features."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed, parallel_config
from threadpoolctl import threadpool_limits

from themetagger.features import Counts, FoldFeatures
from themetagger.search.progress import Board, Progress
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
    with Progress([task.theme for task in tasks], show=show_progress) as progress, _pinned():
        workers = Parallel(n_jobs=n_jobs, return_as="generator_unordered", pre_dispatch="n_jobs", batch_size=1)
        call = delayed(_study)
        allowance = _allowances(tasks, time_budget, _effective(n_jobs))
        jobs = (
            call(i, task, next(allowance), run, shared, folds, progress.board_path, len(tasks))
            for i, task in enumerate(tasks)
        )
        try:
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
