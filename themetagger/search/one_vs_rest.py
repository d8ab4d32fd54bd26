"""Every theme, in parallel: one study each, on shared features."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed, parallel_config
from threadpoolctl import threadpool_limits

from themetagger.features import Counts
from themetagger.search.advice import advise
from themetagger.search.ground import Ground, Task, forget_features
from themetagger.search.progress import Board, Progress
from themetagger.search.theme_study import Studied, study_theme
from themetagger.winner import Winner

UNFINISHED = Studied(Winner.skipped("", "not begun"))


def search_themes(
    tasks: Sequence[Task],
    counts: Mapping[str, Counts],
    folds: npt.NDArray[np.int64],
    *,
    groups: npt.NDArray[np.int64] | None = None,
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
    groups : (n,) duplicate group of each text, default each its own
    n_jobs : worker processes, default -1: one for each core; model libraries use one thread inside each
    time_budget : seconds for all themes, default none; what is left is shared out evenly each time a theme begins
    """
    shared = {name: replace(found, terms=()) for name, found in counts.items()}  # workers need numbers only
    groups = np.arange(len(folds)) if groups is None else groups
    ground, finished = Ground(f"{time.time_ns()}", shared, folds, groups), [UNFINISHED for _ in tasks]
    progress = Progress([task.theme for task in tasks], show=show_progress)
    workers = Parallel(n_jobs=n_jobs, return_as="generator_unordered", pre_dispatch="n_jobs", batch_size=1)
    with progress, _pinned():
        call = delayed(_study)
        begun = time.time()
        try:
            with workers:  # one pool for both stages
                tasks = advise(tasks, ground, workers)
                left = time_budget - (time.time() - begun)  # advice is paid from the same budget
                allowance = _allowances(tasks, left, _effective(n_jobs))
                jobs = (
                    call(i, task, next(allowance), ground, progress.board_path, len(tasks))
                    for i, task in enumerate(tasks)
                )
                for i, studied in workers(jobs):
                    finished[i] = _sharing(studied, ground)
                    progress.done(studied.winner)
        except BrokenProcessPool:  # a worker was killed; joblib gives up the rest
            lost = "a worker process died, killed or out of memory; run again with fewer jobs"
            finished = [
                Studied(Winner.failed(task.theme, lost, support=int(task.y.sum()))) if found is UNFINISHED else found
                for task, found in zip(tasks, finished, strict=True)
            ]
    forget_features()
    if _effective(n_jobs) > 1:
        _end_workers()
    return finished


def _sharing(studied: Studied, ground: Ground) -> Studied:
    """The same, with the folds and groups of the run in place of a copy of them for each theme."""
    if studied.evidence is None:
        return studied
    return replace(studied, evidence=replace(studied.evidence, folds=ground.folds, groups=ground.groups))


def _pinned() -> Any:
    """Worker processes whose model libraries run one thread each, so that sums do not depend on the machine."""
    return parallel_config(backend="loky", inner_max_num_threads=1)


def _end_workers() -> None:
    """End joblib's idle workers: what they keep is as large as the features, and is needed no more."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


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
    ground: Ground,
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
                ground.features(),
                groups=ground.groups,
                deadline=deadline,
                report=_reporter(board, i),
                **task.settings,
            )
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        studied = Studied(Winner.failed(task.theme, reason, support=int(task.y.sum())))
    board.finish(i)
    return i, studied


def _reporter(board: Board, row: int) -> Callable[[int, str, float, float], None]:
    return lambda trial, family, precision, recall: board.report(row, trial, precision, recall)
