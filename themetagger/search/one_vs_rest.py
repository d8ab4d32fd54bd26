"""Every theme, in parallel: one study each, on shared features; what is done is kept, and taken up again."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from themetagger._utils.console import Stopped
from themetagger._utils.event_log import Log
from themetagger.features import Counts
from themetagger.search.storage.database_sync import Follower, Home
from themetagger.search.storage.finished_study import keep_studied, studied_before
from themetagger.search.storage.trial_log import Ledger, LedgerError
from themetagger.search.study import Studied, study_theme
from themetagger.search.warm_start import advise, advised_before, keep_advice
from themetagger.search.workers.pool import Employer, at_work, effective, end_workers, pinned
from themetagger.search.workers.progress import Board, Progress, forget_peak, keep_cost
from themetagger.search.workers.shared_data import Ground, Task, forget_features
from themetagger.selection.theme_result import Winner

DIED = "its worker process died twice, killed or out of memory; run again with fewer jobs"


def search_themes(
    tasks: Sequence[Task],
    counts: Mapping[str, Counts],
    folds: npt.NDArray[np.int64],
    *,
    groups: npt.NDArray[np.int64] | None = None,
    n_jobs: int = -1,
    time_budget: float = math.inf,
    show_progress: bool = True,
    home: Home | None = None,
) -> list[Studied]:
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
    home : where finished trials and themes are kept, and taken up again; default None keeps nothing

    Raises
    ------
    LedgerError
        If what is done cannot be written.
    Stopped
        On Ctrl-C; what is done is kept.
    """
    shared = {name: replace(found, terms=()) for name, found in counts.items()}  # workers need numbers only
    groups = np.arange(len(folds)) if groups is None else groups
    employer = Employer(os.getpid(), None if home is None else home.held_by_workers)
    ground = Ground(f"{time.time_ns()}", shared, folds, groups, employer)
    progress = Progress([task.theme for task in tasks], show=show_progress)
    there = [len(Ledger(task.folder, len(task.y)).records) for task in tasks]  # what is damaged is taken away here
    folders = {task.theme: task.folder for task in tasks if task.folder is not None}
    follower = None if home is None else Follower(folders, home.database, home.log)
    if effective(n_jobs) > 1:
        end_workers()  # those of somebody else may be in another folder
    work = _Work(tasks, there, ground, employer, n_jobs, time_budget, progress, home, follower)
    try:
        with follower or nullcontext(), progress, pinned():
            work.run()
    except KeyboardInterrupt:
        raise Stopped(work.told()) from None
    finally:
        forget_features()
        if effective(n_jobs) > 1:
            end_workers()
    if home is not None and follower is not None:
        home.lost = follower.lost
    return [found for found in work.found if found is not None]


class _Work:
    """What is found so far, and who works on the rest."""

    def __init__(
        self,
        tasks: Sequence[Task],
        there: Sequence[int],
        ground: Ground,
        employer: Employer,
        n_jobs: int,
        time_budget: float,
        progress: Progress,
        home: Home | None,
        follower: Follower | None,
    ) -> None:
        self.tasks, self.ground, self.n_jobs, self.progress = list(tasks), ground, n_jobs, progress
        self.employer = employer
        self.found: list[Studied | None] = [studied_before(task, ground) for task in tasks]
        self._there, self._follower = there, follower
        self._advised = False
        self._end, self._home, self._log = time.time() + time_budget, home, Log(None) if home is None else home.log

    def run(self) -> None:
        """Study all that is not done yet."""
        self.progress.before([found.winner for found in self.found if found is not None])
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
            if at_work(self.n_jobs, self.employer, lambda workers: self._advise_and_study(workers, left)):
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
            if not at_work(2, self.employer, lambda workers: self._study(workers, [i])):  # noqa: B023
                self.progress.given_up()
                self._log.error("theme failed", theme=self.tasks[i].theme, error=DIED)
                self._take(i, Studied(Winner.failed(self.tasks[i].theme, DIED, support=int(self.tasks[i].y.sum()))))

    def told(self) -> str:
        """How far it is, for a person."""
        done = len(self.tasks) - len(self._left())
        kept = "nothing kept, as there is no run folder"
        if self._home is not None:
            n = sum(len(Ledger(task.folder, len(task.y)).records) for task in self.tasks)
            kept = f"{n} trial{'s' * (n != 1)} kept in {self._home.folder}"
            self._log.warning("stopped", finished=done, trials=n)
        return f"Stopped: {done} of {len(self.tasks)} themes finished, {kept}."

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
        before = None if self._home is None else advised_before(self._home.advice, self.tasks)
        if before is None:
            before = advise(self.tasks, self.ground, workers)
        self.tasks = before
        self._keep_advice()

    def _keep_advice(self) -> None:
        self._advised = True
        if self._home is not None:
            keep_advice(self._home.advice, self.tasks)

    def _study(self, workers: Parallel, left: Sequence[int]) -> None:
        """Study these themes, all at once or as many as there are workers."""
        allowance = _allowances([self.tasks[i] for i in left], self._end - time.time(), effective(self.n_jobs))
        call, board, themes = delayed(_study), self.progress.board_path, len(self.tasks)
        jobs = (call(i, self.tasks[i], next(allowance), self.ground, board, themes) for i in left)
        for i, studied in workers(jobs):
            self._take(i, _sharing(studied, self.ground))

    def _take(self, i: int, studied: Studied) -> None:
        self.found[i], winner = studied, studied.winner
        if self._follower is not None:
            self._follower.read()
        figures = {"precision": winner.counts.precision, "recall": winner.counts.recall} if winner.assigned else {}
        told = {"theme": winner.theme, "status": winner.status, "reason": winner.reason, "trials": winner.trials}
        self._log.info("theme finished", **told, seconds=round(winner.seconds, 3), stopped=winner.stopped, **figures)
        self.progress.done(winner)


def _sharing(studied: Studied, ground: Ground) -> Studied:
    """The same, with the folds and groups of the run in place of a copy of them for each theme."""
    if studied.evidence is None:
        return studied
    return replace(studied, evidence=replace(studied.evidence, folds=ground.folds, groups=ground.groups))


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
    """One theme inside a worker; whatever goes wrong with it becomes its row."""
    board = Board(board_path, themes)
    board.start(i)
    forget_peak()
    try:
        with threadpool_limits(1):
            studied = study_theme(
                task.theme,
                task.y,
                ground.features(),
                groups=ground.groups,
                deadline=deadline,
                report=_reporter(board, i),
                folder=task.folder,
                **task.settings,
            )
        if task.folder is not None:
            keep_cost(task.folder)
        if task.folder is not None and not studied.winner.budget_cut:
            with suppress(ValueError):  # what a file cannot hold is studied again from its trials
                keep_studied(task.folder, studied, task.allowed)
    except LedgerError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        studied = Studied(Winner.failed(task.theme, reason, support=int(task.y.sum())))
    board.finish(i)
    return i, studied


def _reporter(board: Board, row: int) -> Callable[[int, str, float, float], None]:
    return lambda trial, family, precision, recall: board.report(row, trial, precision, recall)
