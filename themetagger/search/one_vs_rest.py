"""Every theme, in parallel: one study each, on shared features; what is done is kept, and taken up again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from themetagger._utils.console import Stopped
from themetagger._utils.wording import number_of
from themetagger.features import Inputs
from themetagger.search.first_models import first_models
from themetagger.search.storage.finished_study import save_study
from themetagger.search.storage.run_storage import RunStorage
from themetagger.search.storage.trial_log import TrialLogError
from themetagger.search.study import study_theme
from themetagger.search.study_result import StudyResult
from themetagger.search.warm_start import with_warm_starts
from themetagger.search.workers.cost import forget_peak, keep_cost
from themetagger.search.workers.executor import Executor, Handle, Reporter, WorkerDied
from themetagger.search.workers.loky import executor_of
from themetagger.search.workers.progress import Progress, report_end, report_trial
from themetagger.search.workers.shared_data import SharedData, Task, features_of, forget_features
from themetagger.selection.theme_result import ThemeResult

SHARE_OF_FIRST_MODELS = 0.5  # of the time that is left, at most


def search_themes(
    tasks: Sequence[Task],
    inputs: Inputs,
    folds: npt.NDArray[np.int64],
    *,
    groups: npt.NDArray[np.int64] | None = None,
    n_jobs: int = -1,
    executor: Executor | None = None,
    time_budget: float = math.inf,
    show_progress: bool = True,
    storage: RunStorage | None = None,
) -> list[StudyResult]:
    """Study every task; the results in the order of the tasks, the same for any ``n_jobs`` or ``executor``.

    A worker that dies costs the themes that were being worked on one more attempt, each alone; a theme whose worker
    dies again has failed.

    Parameters
    ----------
    tasks : the themes
    inputs : what each source gives of the n texts
    folds : (n,) fold number of each text
    groups : (n,) duplicate group of each text, default each its own
    n_jobs : worker processes, default -1: one for each core; model libraries use one thread inside each
    executor : what runs the studies, default ``n_jobs`` processes of this machine, or this one where that is 1
    time_budget : seconds for all themes, default none; what is left is shared out evenly each time a theme begins
    storage : where finished trials and themes are kept, and taken up again; default one that keeps nothing

    Raises
    ------
    TrialLogError
        If what is done cannot be written.
    Stopped
        On Ctrl-C; what is done is kept.
    """
    executor, storage = executor or executor_of(n_jobs), storage or RunStorage()
    numbers = {source: known.without_terms() for source, known in inputs.items()}
    shared_data = SharedData(numbers, folds, np.arange(len(folds)) if groups is None else groups)
    progress = Progress([task.theme for task in tasks], executor, show=show_progress)
    search = _Search(tasks, shared_data, executor, progress, storage, time.time() + time_budget)
    try:
        with storage.copying(tasks), executor.session(storage.workers_lock), progress:
            search.run()
    except KeyboardInterrupt:
        raise Stopped(search.stopped()) from None
    finally:
        forget_features()
    return [result for result in search.results if result is not None]


class _Search:
    """The results so far, and the studies that are left."""

    def __init__(
        self,
        tasks: Sequence[Task],
        shared_data: SharedData,
        executor: Executor,
        progress: Progress,
        storage: RunStorage,
        deadline: float,
    ) -> None:
        self.tasks, self.deadline = list(tasks), deadline
        self.n_trials = [storage.n_trials(task) for task in tasks]  # what is damaged is taken away here
        self.results: list[StudyResult | None] = [storage.finished_study(task, shared_data) for task in tasks]
        self._data = shared_data
        self._executor, self._progress, self._storage = executor, progress, storage
        self._warm = False  # whether the tasks have their first models and warm starts
        self._pace = 1.0  # what trials take here, as a multiple of what was expected

    def run(self) -> None:
        """Study all that is not done yet, within a session of the executor."""
        self._say_where_it_begins()
        if self._left():
            self._study_all(self._executor.share(self._data))

    def _study_all(self, shared: Handle[SharedData]) -> None:
        suspects: list[int] = []
        attempts = 0
        while left := [i for i in self._left() if i not in suspects]:
            attempts += 1
            try:
                self._warm_up(shared)
                self._study(left, shared)
            except WorkerDied as error:
                if self._warm:
                    suspects += self._progress.given_up() or left  # one of them, or nobody knows
                    self._died(error, "the themes that were being studied are studied again, each alone")
                else:
                    self._begin_without_warm_starts(error, again=attempts < 2)
        for i in suspects:
            self._study_alone(i, shared)

    def stopped(self) -> str:
        """How far it is when it is stopped, for a person."""
        done, trials = len(self.tasks) - len(self._left()), sum(map(self._storage.n_trials, self.tasks))
        self._storage.log.warning("stopped", finished=done, trials=trials)
        return f"Stopped: {done} of {number_of(len(self.tasks), 'theme')} finished, {self._storage.kept(trials)}."

    def _left(self) -> list[int]:
        return [i for i, result in enumerate(self.results) if result is None]

    def _say_where_it_begins(self) -> None:
        self._progress.finished_earlier([result.theme_result for result in self.results if result is not None])
        trials, finished = sum(self.n_trials[i] for i in self._left()), len(self.tasks) - len(self._left())
        if trials:
            self._progress.say(f"Going on after {number_of(trials, 'trial')} of the unfinished themes.")
        self._storage.log.info("search begun", trials_before=trials, themes=len(self.tasks), finished_before=finished)

    def _died(self, error: WorkerDied, then: str) -> None:
        self._storage.log.warning(f"a worker process died, {error.cause}", then=then)
        self._progress.say(f"A worker process died, {error.cause}: {then}.")

    def _warm_up(self, shared: Handle[SharedData]) -> None:
        """Give the tasks their warm starts, where they have none yet."""
        if self._warm:
            return
        asking = [i for i in self._left() if self.tasks[i].wants_first_model]
        seconds = max(0.0, SHARE_OF_FIRST_MODELS * (self.deadline - time.time()))
        for i, first in first_models([self.tasks[i].y for i in asking], shared, self._executor, seconds).items():
            self.tasks[asking[i]] = replace(self.tasks[asking[i]], first_model=first)
        saved = self._storage.warm_start(self.tasks)
        self.tasks = with_warm_starts(self.tasks, shared, self._executor) if saved is None else saved
        self._keep_warm_starts()

    def _begin_without_warm_starts(self, error: WorkerDied, *, again: bool) -> None:
        """A worker died while warm starts were searched for; the second time all themes do without."""
        if again:
            self._died(error, "searching for the warm starts once more")
        else:
            self._died(error, "all themes begin with the default settings")
            self._keep_warm_starts()

    def _keep_warm_starts(self) -> None:
        self._warm = True
        self._storage.keep_warm_start(self.tasks)

    def _study(self, rows: Sequence[int], shared: Handle[SharedData], *, workers: int | None = None) -> None:
        """Study these themes, as many at the same time as there are workers."""
        themes, n_workers = [self.tasks[i] for i in rows], self._executor.n_workers
        deadlines = _deadlines(themes, self.deadline - time.time(), n_workers)
        jobs = (
            partial(_study_in_worker, i, task, next(deadlines), task.trial_seconds * self._pace, shared)
            for i, task in zip(rows, themes, strict=True)
        )
        for i, result in self._executor.submit_all(jobs, workers=workers):
            self._learn_pace(self.tasks[i], result.theme_result)
            self._take(i, _with_shared_arrays(result, self._data))

    def _learn_pace(self, task: Task, result: ThemeResult) -> None:
        """See whether this machine is slower than the one on which trials were measured."""
        trials = result.trials - (task.first_model is not None)
        if task.trial_seconds and trials > 0:
            self._pace = max(self._pace, result.seconds / (trials * task.trial_seconds))

    def _study_alone(self, i: int, shared: Handle[SharedData]) -> None:
        """Study a theme whose worker may have died of it; where it dies again, the theme has failed."""
        task = self.tasks[i]
        try:
            self._study([i], shared, workers=1)
        except WorkerDied as error:
            self._progress.given_up()
            reason = f"its worker process died twice, {error.cause}; {error.remedy}"
            self._storage.log.error("theme failed", theme=task.theme, error=reason)
            self._take(i, StudyResult(ThemeResult.failed(task.theme, reason, support=int(task.y.sum()))))

    def _take(self, i: int, result: StudyResult) -> None:
        self.results[i] = result
        self._storage.read_new_trials()
        self._storage.log.info("theme finished", **_logged(result.theme_result))
        self._progress.finished(result.theme_result)


def _logged(theme_result: ThemeResult) -> dict[str, object]:
    """What the log says of a finished theme."""
    names = ("theme", "status", "reason", "trials", "stopped")
    values = {name: getattr(theme_result, name) for name in names} | {"seconds": round(theme_result.seconds, 3)}
    if not theme_result.assigned:
        return values
    return values | {"precision": theme_result.counts.precision, "recall": theme_result.counts.recall}


def _with_shared_arrays(result: StudyResult, shared_data: SharedData) -> StudyResult:
    """The same, with the folds and groups of the run in place of a copy of them for each theme."""
    if result.evidence is None:
        return result
    return replace(result, evidence=replace(result.evidence, folds=shared_data.folds, groups=shared_data.groups))


def _deadlines(tasks: Sequence[Task], time_budget: float, n_workers: int) -> Iterator[float]:
    """The deadline of each theme at the moment when it begins, seconds since the epoch."""
    end = time.time() + time_budget
    for begun, task in enumerate(tasks):
        now, left = time.time(), len(tasks) - begun
        share = max(0.0, end - now) * min(n_workers, left) / left
        yield now + min(share, task.time_budget)


def _study_in_worker(
    i: int, task: Task, deadline: float, trial_seconds: float, shared: Handle[SharedData], reporter: Reporter
) -> tuple[int, StudyResult]:
    """One theme inside a worker; whatever goes wrong with it becomes its row."""
    report_trial(reporter, i)
    forget_peak()
    try:
        with threadpool_limits(1):
            result = study_theme(
                task.theme,
                task.y,
                features_of(shared),
                task.settings,
                groups=shared.get().groups,
                deadline=deadline,
                report=_report_to(reporter, i),
                folder=task.folder,
                first=task.first_model,
                trial_seconds=trial_seconds,
            )
        _keep(task, result)
    except TrialLogError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        result = StudyResult(ThemeResult.failed(task.theme, reason, support=int(task.y.sum())))
    report_end(reporter, i)
    return i, result


def _keep(task: Task, result: StudyResult) -> None:
    """Write the result of a study into the folder of its theme, where it has one."""
    keep_cost(task.folder)
    if not result.theme_result.budget_cut:
        with suppress(ValueError):  # what a file cannot hold is studied again from its trials
            save_study(task.folder, result, task.settings.allowed_trials)


def _report_to(reporter: Reporter, row: int) -> Callable[[int, str, float, float], None]:
    return lambda trials, family, precision, recall: report_trial(reporter, row, trials, precision, recall)
