"""The levels of one study, from simple families to complex ones: how many trials each gets, and when it ends."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from themetagger.models.families import FAMILIES
from themetagger.search.grid import grid_cells
from themetagger.search.settings import StudySettings
from themetagger.search.space import first_trials
from themetagger.search.trial import StudyState
from themetagger.search.trial_runner import TrialRunner

LEVEL_SHARES = {1: 0.6, 2: 0.2, 3: 0.2}  # of the trials: linear models win most themes, and cost least
TIME_BUDGET = "time budget"


@dataclass
class Patience:
    """At its end when ``trials`` trials in a row have not raised the best value, ``best`` when it begins.

    A value raises it by more than ``margin`` (default 0) or not at all.

    Examples
    --------
    >>> waiting = Patience(2)
    >>> for value in (0.5, None, 0.4):
    ...     waiting.see(value)
    >>> waiting.over
    True
    """

    trials: int
    best: float = -float("inf")
    margin: float = 0.0
    waited: int = field(default=0, init=False)

    def see(self, value: float | None) -> None:
        """Count a trial; None is the value of one that was dropped or failed."""
        if value is not None and value > self.best + self.margin:
            self.best, self.waited = value, 0
        else:
            self.waited += 1

    @property
    def over(self) -> bool:
        """Whether patience is at its end."""
        return self.waited >= self.trials


@dataclass(frozen=True)
class Deadline:
    """Passed when the clock (seconds since the epoch) will have passed ``at`` after a trial of ``trial_seconds``."""

    at: float
    trial_seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether it has."""
        return time.time() + self.trial_seconds >= self.at


def level_budgets(families: Sequence[str], trials: int) -> dict[int, int]:
    """Trials for each level that has a family, in order; they sum to ``trials``, simple levels rounded up.

    Examples
    --------
    >>> level_budgets(["ridge", "random_forest", "lightgbm"], 30)
    {1: 18, 2: 6, 3: 6}
    >>> level_budgets(["lightgbm"], 5)
    {3: 5}
    """
    levels = sorted({FAMILIES[name].level for name in families})
    budgets, left, weight = {}, trials, sum(LEVEL_SHARES[level] for level in levels)
    for level in levels:
        budgets[level] = min(left, math.ceil(left * LEVEL_SHARES[level] / weight - 1e-9))
        left, weight = left - budgets[level], weight - LEVEL_SHARES[level]
    return {level: budget for level, budget in budgets.items() if budget}


def run_levels(trials: TrialRunner, settings: StudySettings, deadline: Deadline) -> tuple[str, bool]:
    """Run the levels in order, once for each number of trials allowed; why it ended, and whether time was up."""
    state, stopped = trials.state, "no family fits these data"
    rows = int((state.features.folds != 0).sum())
    fitting = [name for name in settings.families if rows <= (FAMILIES[name].max_rows or rows)]
    for earlier, allowed in enumerate(settings.allowed_trials):
        for level, budget in level_budgets(fitting, allowed).items():
            if level > 1 and state.satisfied(settings.stop_early):
                stopped = "certified" if settings.stop_early == "certified" else "target met"
                break
            names = [name for name in fitting if FAMILIES[name].level == level]
            first = _first(state, names, level, budget, settings)
            drawn = 0 if settings.sampler == "grid" else budget - len(first)
            planned = _left([*first, *[None] * drawn], trials, level)
            chance = settings.patience
            if not earlier and trials.records and state.best is not None:
                chance = min(chance, _chance(first, budget, settings.sampler))
            ended = _run_level(trials, names, level, planned, chance, deadline)
            if ended == TIME_BUDGET:
                return ended, True
            stopped = ended or stopped
    return stopped, False


def _run_level(
    trials: TrialRunner,
    names: Sequence[str],
    level: int,
    planned: Sequence[dict[str, Any] | None],
    chance: int,
    deadline: Deadline,
) -> str:
    """Run what is planned for a level until patience or time is up; why it ended, empty where nothing is planned."""
    begun, waiting = len(trials.records), Patience(chance, trials.state.value, trials.state.rule.margin)
    for queued in planned:
        if (trials.records or trials.state.best is not None) and trials.at_end and deadline.passed:
            return TIME_BUDGET
        waiting.see(trials.run(names, level, queued))
        if waiting.over:
            break
    if not planned:
        return ""
    return "patience" if len(trials.records) < begun + len(planned) else "trials used up"


def _left(planned: list[dict[str, Any] | None], trials: TrialRunner, level: int) -> list[dict[str, Any] | None]:
    """What is planned for a level and has not been run; None stands for a trial that is drawn."""
    ran = trials.of_level(level)
    if trials.sampler == "grid":
        cells = [record.params for record in ran]
        return [cell for cell in planned if cell not in cells]
    return planned[len(ran) :]


def _chance(first: Sequence[dict[str, Any]], budget: int, sampler: str) -> int:
    """How many trials show whether a level is worth more: those that it begins with, else half of them."""
    return len(first) if sampler == "tpe" and first else math.ceil(budget / 2)


def _first(
    state: StudyState, names: Sequence[str], level: int, budget: int, settings: StudySettings
) -> list[dict[str, Any]]:
    """Parameters of the trials that a level begins with, at most ``budget``; of a grid, all its trials."""
    if settings.sampler == "random":
        return []
    if settings.sampler == "tpe":
        return first_trials(names, level, state.options, start=settings.start)[:budget]
    return grid_cells(names, level=level, options=state.options, trials=budget)
