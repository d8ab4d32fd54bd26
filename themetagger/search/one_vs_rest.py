"""Every theme, in parallel: one study each, on shared features; what is done is kept, and taken up again."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from themetagger._utils.console import Stopped
from themetagger.features import TermCounts
from themetagger.search.storage.finished_study import keep_studied
from themetagger.search.storage.run_storage import RunStorage
from themetagger.search.storage.trial_log import TrialLogError
from themetagger.search.study import StudyResult, study_theme
from themetagger.search.warm_start import advise
from themetagger.search.workers.pool import ParentProcess, at_work, effective, end_workers, pinned
from themetagger.search.workers.progress import Board, Progress, forget_peak, keep_cost
from themetagger.search.workers.shared_data import SharedData, Task, forget_features
from themetagger.selection.theme_result import ThemeResult

DIED = "its worker process died twice, killed or out of memory; run again with fewer jobs"


def search_themes(
    tasks: Sequence[Task],
    counts: Mapping[str, TermCounts],
    folds: npt.NDArray[np.int64],
    *,
    groups: npt.NDArray[np.int64] | None = None,
    n_jobs: int = -1,
    time_budget: float = math.inf,
    show_progress: bool = True,
    storage: RunStorage | None = None,
) -> list[StudyResult]:
    """Study every task; the results in the order of the tasks, the same for any ``n_jobs``.

    A worker that dies costs the themes that were being worked on one more attempt, each alone; a theme whose worker
    dies again has failed.

    Parameters
    ----------
    tasks : the themes
    counts : analyser -> Counts of the n texts; workers map them from one copy on disk
    folds : (n,) fold number of each text
    groups : (n,) duplicate group of each text, default each its own
    n_jobs : worker processes, default -1: one for each core; model libraries use one thread inside each
    time_budget : seconds for all themes, default none; what is left is shared out evenly each time a theme begins
    storage : where finished trials and themes are kept, and taken up again; default one that keeps nothing

    Raises
    ------
    TrialLogError
        If what is done cannot be written.
    Stopped
        On Ctrl-C; what is done is kept.
    """
    storage = storage or RunStorage()
    shared = {name: replace(found, terms=()) for name, found in counts.items()}  # workers need numbers only
    groups = np.arange(len(folds)) if groups is None else groups
    parent = ParentProcess(os.getpid(), storage.workers_lock)
    shared_data = SharedData(f"{time.time_ns()}", shared, folds, groups, parent)
    progress = Progress([task.theme for task in tasks], show=show_progress)
    there = [storage.n_trials(task) for task in tasks]  # what is damaged is taken away here
    if effective(n_jobs) > 1:
        end_workers()  # those of somebody else may be in another folder
    work = _Work(tasks, there, shared_data, parent, n_jobs, time_budget, progress, storage)
    try:
        with storage.copying(tasks), progress, pinned():
            work.run()
    except KeyboardInterrupt:
        raise Stopped(work.told()) from None
    finally:
        forget_features()
        if effective(n_jobs) > 1:
            end_workers()
    return [found for found in work.found if found is not None]


class _Work:
    """What is found so far, and who works on the rest."""

    def __init__(
        self,
        tasks: Sequence[Task],
        there: Sequence[int],
        shared_data: SharedData,
        parent: ParentProcess,
        n_jobs: int,
        time_budget: float,
        progress: Progress,
        storage: RunStorage,
    ) -> None:
        self.tasks, self.shared_data, self.n_jobs, self.progress = list(tasks), shared_data, n_jobs, progress
        self.parent = parent
        self.found: list[StudyResult | None] = [storage.finished_study(task, shared_data) for task in tasks]
        self._there, self._advised = there, False
        self._end, self._storage, self._log = time.time() + time_budget, storage, storage.log

    def run(self) -> None:
        """Study all that is not done yet."""
        self.progress.before([found.theme_result for found in self.found if found is not None])
        there = sum(self._there[i] for i in self._left())
        if there:
            self.progress.say(f"{there} trials of the others are there; going on behind them.")
        self._log.info(
            "search begun",
            trials_before=there,
            themes=len(self.tasks),
            finished_before=len(self.tasks) - len(self._left()),
        )
        if not self._left():
            return
        suspects: list[int] = []
        attempts = 0
        while left := [i for i in self._left() if i not in suspects]:
            attempts += 1
            if at_work(self.n_jobs, self.parent, lambda workers: self._advise_and_study(workers, left)):
                continue
            if self._advised:
                suspects += self.progress.given_up() or left  # one of them, or nobody knows
            elif attempts < 2:
                self._died("what all themes begin with is looked for once more")
            else:
                self._died("all themes begin where a theme usually does")
                self._keep_advice()
        for i in suspects:
            self._died(f"theme {self.tasks[i].theme!r} is studied once more, alone")
            # two workers for one theme: with one, joblib would run it in this process
            if not at_work(2, self.parent, lambda workers: self._study(workers, [i])):  # noqa: B023
                self.progress.given_up()
                self._log.error("theme failed", theme=self.tasks[i].theme, error=DIED)
                self._take(
                    i, StudyResult(ThemeResult.failed(self.tasks[i].theme, DIED, support=int(self.tasks[i].y.sum())))
                )

    def told(self) -> str:
        """How far it is, for a person."""
        done = len(self.tasks) - len(self._left())
        trials = sum(map(self._storage.n_trials, self.tasks))
        self._log.warning("stopped", finished=done, trials=trials)
        return f"Stopped: {done} of {len(self.tasks)} themes finished, {self._storage.kept(trials)}."

    def _left(self) -> list[int]:
        return [i for i, found in enumerate(self.found) if found is None]

    def _died(self, then: str) -> None:
        self._log.warning("a worker process died, killed or out of memory", then=then)
        self.progress.say(f"A worker process died, killed or out of memory: {then}.")

    def _advise_and_study(self, workers: Parallel, left: Sequence[int]) -> None:
        """Both by the same workers, which take a second to begin and to end."""
        if not self._advised:
            self._advise(workers)
        self._study(workers, left)

    def _advise(self, workers: Parallel) -> None:
        """Tell the tasks where to begin."""
        before = self._storage.warm_start(self.tasks)
        self.tasks = advise(self.tasks, self.shared_data, workers) if before is None else before
        self._keep_advice()

    def _keep_advice(self) -> None:
        self._advised = True
        self._storage.keep_warm_start(self.tasks)

    def _study(self, workers: Parallel, left: Sequence[int]) -> None:
        """Study these themes, all at once or as many as there are workers."""
        allowance = _allowances([self.tasks[i] for i in left], self._end - time.time(), effective(self.n_jobs))
        call, board, themes = delayed(_study), self.progress.board_path, len(self.tasks)
        jobs = (call(i, self.tasks[i], next(allowance), self.shared_data, board, themes) for i in left)
        for i, studied in workers(jobs):
            self._take(i, _sharing(studied, self.shared_data))

    def _take(self, i: int, studied: StudyResult) -> None:
        self.found[i], theme_result = studied, studied.theme_result
        self._storage.read_new_trials()
        figures = (
            {"precision": theme_result.counts.precision, "recall": theme_result.counts.recall}
            if theme_result.assigned
            else {}
        )
        told = {
            "theme": theme_result.theme,
            "status": theme_result.status,
            "reason": theme_result.reason,
            "trials": theme_result.trials,
        }
        self._log.info(
            "theme finished", **told, seconds=round(theme_result.seconds, 3), stopped=theme_result.stopped, **figures
        )
        self.progress.done(theme_result)


def _sharing(studied: StudyResult, shared_data: SharedData) -> StudyResult:
    """The same, with the folds and groups of the run in place of a copy of them for each theme."""
    if studied.evidence is None:
        return studied
    return replace(studied, evidence=replace(studied.evidence, folds=shared_data.folds, groups=shared_data.groups))


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
    shared_data: SharedData,
    board_path: str,
    themes: int,
) -> tuple[int, StudyResult]:
    """One theme inside a worker; whatever goes wrong with it becomes its row."""
    board = Board(board_path, themes)
    board.start(i)
    forget_peak()
    try:
        with threadpool_limits(1):
            studied = study_theme(
                task.theme,
                task.y,
                shared_data.features(),
                groups=shared_data.groups,
                deadline=deadline,
                report=_reporter(board, i),
                folder=task.folder,
                **task.settings,
            )
        keep_cost(task.folder)
        if not studied.theme_result.budget_cut:
            with suppress(ValueError):  # what a file cannot hold is studied again from its trials
                keep_studied(task.folder, studied, task.allowed)
    except TrialLogError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        studied = StudyResult(ThemeResult.failed(task.theme, reason, support=int(task.y.sum())))
    board.finish(i)
    return i, studied


def _reporter(board: Board, row: int) -> Callable[[int, str, float, float], None]:
    return lambda trial, family, precision, recall: board.report(row, trial, precision, recall)
