"""The themes of a run: those to study, those that are skipped and why, and the folds that the studies share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import numpy.typing as npt

from themetagger._utils.wording import number_of
from themetagger.corpus import Corpus, TableError, make_folds
from themetagger.runs.calibration_split import SHARE
from themetagger.runs.data import DataSplit
from themetagger.runs.plan import Plan
from themetagger.runs.scale import families_of, first_trial_if_short, sources_of_run, with_trials
from themetagger.search.settings import StudySettings
from themetagger.search.space import searched_sources
from themetagger.search.study_result import StudyResult
from themetagger.search.workers.shared_data import Task
from themetagger.selection.theme_result import ThemeResult

Ints = npt.NDArray[np.int64]
Labels = npt.NDArray[np.uint8]
FIRST_TEXTS = 1_000


@dataclass(frozen=True)
class Tasks:
    """What becomes of each theme of a run.

    Parameters
    ----------
    to_study : the themes that are tuned
    skipped : theme -> the row of one that is not
    themes : all of them, in the order of the results
    """

    to_study: Sequence[Task]
    skipped: dict[str, StudyResult]
    themes: Sequence[str]

    def all_results(self, studied: Sequence[StudyResult]) -> list[StudyResult]:
        """The results of all themes in order, from those of the themes that were studied."""
        by_theme = self.skipped | {result.theme_result.theme: result for result in studied}
        return [by_theme[theme] for theme in self.themes]


def plan_tasks(plan: Plan, data: DataSplit, encoders: Iterable[str] = ()) -> Tasks:
    """Which themes are studied, and with which settings; ``encoders`` are the names of the run's text encoders.

    Raises
    ------
    TableError
        If no row has a theme.
    """
    plan, train = with_trials(plan, data.train), data.train
    if not train.themes:
        raise TableError(f"{train.source}: no row has a theme; label some of the texts by hand first.")
    to_study, skipped = [], {}
    affordable = cache(partial(families_of, texts=train.texts))  # counts all characters: not once a theme
    for theme in train.themes:
        y, settings = train.column(theme), plan.settings(theme)
        reason = _reason_to_skip(y, train.groups, settings.pop("min_positives"), plan.n_folds)
        if reason and data.calibration is not None:
            reason += f" ({SHARE:.0%} of the rows were set aside to certify on)"
        if reason:
            skipped[theme] = StudyResult(ThemeResult.skipped(theme, reason, support=int(y.sum())))
        else:
            budget = settings.pop("theme_time_budget")
            settings["families"] = affordable(tuple(settings["families"]), trials=settings["trials"])
            to_study.append(Task(theme, y, StudySettings(**settings, seed=plan.seed), budget))
    trained = set(train.themes)
    for theme in data.themes:
        if theme not in trained:
            skipped[theme] = StudyResult(ThemeResult.skipped(theme, "no training text has it"))
    to_study = _within_time(plan, train.texts, _with_sources(to_study, sources_of_run(train.texts, encoders)))
    return Tasks(to_study, skipped, data.themes)


def _within_time(plan: Plan, texts: Sequence[str], tasks: Sequence[Task]) -> list[Task]:
    """The tasks; where there is too little time for a trial of each, all begin with the model of all together."""
    budgets = {task.time_budget for task in tasks}
    seconds = {budget: first_trial_if_short(plan, texts, len(tasks), budget) for budget in budgets}
    return [
        replace(task, wants_first_model=seconds[task.time_budget] > 0, trial_seconds=seconds[task.time_budget])
        for task in tasks
    ]


def _with_sources(tasks: Sequence[Task], sources: Sequence[str]) -> list[Task]:
    """The tasks with the sources of the run: those of ``sources`` that a family of any task may be given."""
    families = {name for task in tasks for name in task.settings.families}
    searched = searched_sources(families, sources)
    return [replace(task, settings=replace(task.settings, sources=searched)) for task in tasks]


def _reason_to_skip(y: Labels, groups: Ints, min_positives: int, n_folds: int) -> str:
    """Why a theme cannot be tuned; empty where it can."""
    positives = int(y.sum())
    if positives == len(y):
        return "one class: every training text has it"
    if positives < min_positives:
        return f"{number_of(positives, 'positive')}, needs {min_positives}"
    for rows, which in ((y > 0, f"among its {number_of(positives, 'positive')}"), (y == 0, "without it")):
        distinct = _distinct(groups[rows], n_folds)
        if distinct < n_folds:
            return f"only {number_of(distinct, 'distinct text')} {which}, fewer than the {n_folds} folds"
    return ""


def _distinct(groups: Ints, enough: int) -> int:
    """How many duplicate groups there are, counted on the first texts alone where these have enough."""
    among_first = len(np.unique(groups[:FIRST_TEXTS]))
    return among_first if among_first >= enough else len(np.unique(groups))


def folds_of(plan: Plan, train: Corpus, tasks: Tasks) -> Ints:
    """The fold of each text, (n,); a theme that is not studied has no say in them, and changes nothing for others."""
    if not tasks.to_study:
        return np.zeros(len(train), dtype=np.int64)  # too few texts make no folds
    studied = train.align([task.theme for task in tasks.to_study])
    return make_folds(studied, train.groups, n_folds=plan.n_folds, seed=plan.seed)
