"""One theme, one Optuna study -> the winner, its models and its out-of-fold scores."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from themetagger.features import FoldFeatures
from themetagger.models.ensemble import EnsembleMember
from themetagger.models.families import FAMILIES
from themetagger.search.companion import COMPANION
from themetagger.search.cross_validation import deployed_members
from themetagger.search.space import Start, companion_configuration, first_trials, grid_cells
from themetagger.search.storage.trial_log import TrialLog
from themetagger.search.trial import Labels, Report, StudyState
from themetagger.search.trial_runner import Trials
from themetagger.selection.advice import only_from, what_is_missing, what_labels_give
from themetagger.selection.bias_correction import corrected
from themetagger.selection.calibration import fit_calibration
from themetagger.selection.confusion import Confusion
from themetagger.selection.evidence import Evidence
from themetagger.selection.guarantee import Certificate, Promise
from themetagger.selection.objectives import Objective, promise_of
from themetagger.selection.theme_result import ThemeResult


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
    """Passed when the clock (seconds since the epoch) has passed ``at``."""

    at: float

    @property
    def passed(self) -> bool:
        """Whether it has."""
        return time.time() >= self.at


SAMPLERS = ("tpe", "random", "grid")
LEVEL_SHARES = {1: 0.6, 2: 0.2, 3: 0.2}  # of the trials: linear models win most themes, and cost least


@dataclass(frozen=True)
class StudyResult:
    """What a study hands over: the winner as plain data, its members, and what the choice rests on."""

    theme_result: ThemeResult
    members: tuple[EnsembleMember, ...] = ()
    evidence: Evidence | None = None


def theme_seed(seed: int, theme: str) -> int:
    """A seed that depends on the theme's name alone, so that order and company of themes decide nothing."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{theme}".encode()).digest()[:4], "big")


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


def study_theme(
    theme: str,
    y: Labels,
    features: FoldFeatures,
    *,
    objective: Objective,
    families: Sequence[str] = tuple(FAMILIES),
    trials: int = 16,
    before: Sequence[int] = (),
    patience: int = 5,
    deadline: float = math.inf,
    sampler: str = "tpe",
    minimum_quality: float = 0.0,
    stop_early: bool | str = True,
    start: Start | None = None,
    seed: int = 0,
    promise: Promise | None = None,
    groups: npt.NDArray[np.int64] | None = None,
    report: Report = lambda *_: None,
    folder: Path | None = None,
) -> StudyResult:
    """Search one theme, simple families first, and put the best configuration's cut and models together.

    Parameters
    ----------
    y : (n,) of 0 and 1
    families : names of ``FAMILIES``; a level (linear; kernel and trees; boosters) begins when the one before has ended
    trials, patience : configurations at most, and in a row without a better one, after which a level ends, default 16
        and 5; after the first level, one also ends when nothing that it begins with is better (with "random" and
        "grid": when the first half of its trials is not)
    deadline : seconds since the epoch after which no trial begins, default none; the first trial always runs
    sampler : "tpe" (default), "random" or "grid"
    minimum_quality : smallest out-of-fold average precision with which a theme gets a model, default 0
    stop_early : whether a theme is spared the more complex families: True (default) when it meets the objective's
        target, "certified" when the promise can be certified
    start : where the "tpe" sampler begins, default what usually does
    promise : precision that is certified where it can be, default the objective's, else 0.90 at a confidence of 0.90
    groups : (n,) duplicate group of each text, default each its own
    report : called after each trial with its number and the best so far: family, precision, recall
    before : numbers of trials that earlier calls allowed, in order, default none; this call goes on behind them
    folder : where trials are kept, each before it is reported, and taken up again; default None keeps nothing

    Raises
    ------
    TrialLogError
        If a trial cannot be written.
    """
    started = time.time()
    companion = (start or Start()).C if COMPANION in families else None
    promise = promise or promise_of(objective)
    groups = np.arange(len(y)) if groups is None else groups
    search = StudyState(features, y, groups, objective, promise, theme_seed(seed, theme), report, companion)
    ran = Trials(search, TrialLog(folder, len(y)), sampler)
    clock, allowed = Deadline(deadline), (*before, trials)
    stopped, cut_short = _run_levels(ran, families, allowed, patience, clock, sampler, stop_early, start)
    if search.failed:
        stopped = f"{stopped}; {search.failed} of {search.trials} trials failed: {search.error}"
    spent: dict[str, Any] = {
        "trials": search.trials,
        "seconds": ran.seconds + time.time() - started,
        "stopped": stopped,
    }
    spent["budget_cut"] = cut_short
    if search.best is None:
        reason = f"every trial failed: {search.error}" if search.error else f"no trial finished: {stopped}"
        return StudyResult(replace(ThemeResult.failed(theme, reason, support=int(y.sum())), **spent))
    if search.best.points.average_precision < minimum_quality:
        reached = f"average precision {search.best.points.average_precision:.2f}"
        reason = f"{reached} is below the minimum quality {minimum_quality:.2f}"
        return StudyResult(
            replace(ThemeResult.skipped(theme, reason, support=int(y.sum())), **spent), evidence=search.evidence()
        )
    theme_result, members = _theme_result(theme, search, spent), _members(search)
    evidence = replace(search.evidence(), fitted=theme_result.calibration)
    return StudyResult(replace(theme_result, seconds=ran.seconds + time.time() - started), members, evidence)


def _members(search: StudyState) -> tuple[EnsembleMember, ...]:
    """The committee of the best configuration: its models, and those of its companion."""
    found = search.best
    assert found is not None
    members = deployed_members(found.configuration.recipe, search.models(), search.features)
    if found.companion is None:
        return members
    _, models = search.companion_models(found.companion)
    added = deployed_members(companion_configuration(found.companion).recipe, models, search.features)
    return members + tuple(replace(member, weight=found.blend_weight * member.weight) for member in added)


def _run_levels(
    trials: Trials,
    families: Sequence[str],
    allowed: Sequence[int],
    patience: int,
    clock: Deadline,
    sampler: str,
    stop_early: bool | str,
    start: Start | None,
) -> tuple[str, bool]:
    """Run the levels in order, once for each number of trials allowed; why it ended, and whether the clock ended it."""
    search, stopped = trials.search, "no family fits these data"
    rows = int((search.features.folds != 0).sum())
    fitting = [name for name in families if rows <= (FAMILIES[name].max_rows or rows)]
    for more, number in enumerate(allowed):
        for level, budget in level_budgets(fitting, number).items():
            if level > 1 and search.satisfied(stop_early):
                stopped = "certified" if stop_early == "certified" else "target met"
                break
            names, begun = [name for name in fitting if FAMILIES[name].level == level], len(trials.records)
            first = _first(search, names, level, budget, sampler, start)
            planned = _left([*first, *[None] * (0 if sampler == "grid" else budget - len(first))], trials, level)
            chance = patience if more or search.best is None else _chance(first, budget, sampler)
            waiting = Patience(min(patience, chance), search.value, search.rule.margin)
            for queued in planned:
                if trials.records and trials.at_end and clock.passed:
                    return "time budget", True
                waiting.see(trials.run(names, level, queued))
                if waiting.over:
                    break
            if planned:
                stopped = "patience" if len(trials.records) < begun + len(planned) else "trials used up"
    return stopped, False


def _left(planned: list[dict[str, Any] | None], trials: Trials, level: int) -> list[dict[str, Any] | None]:
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
    search: StudyState, names: Sequence[str], level: int, budget: int, sampler: str, start: Start | None
) -> list[dict[str, Any]]:
    """Parameters of the trials that a level begins with, at most ``budget``; of a grid, all its trials."""
    if sampler == "random":
        return []
    if sampler == "tpe":
        return first_trials(names, level, start=start, companion=search.companion is not None)[:budget]
    return grid_cells(names, level=level, ratios=search.ratios, trials=budget, companion=search.companion)


def _theme_result(theme: str, search: StudyState, spent: dict[str, Any]) -> ThemeResult:
    found, certificate = search.best, search.certificate()
    assert found is not None
    points, cut, evidence = found.points, search.cut(certificate), search.evidence()
    deployed = certificate if search.rule.follows_promise else None  # the certificate of the cut that is deployed
    threshold = float(points.thresholds[cut]) if deployed is None else deployed.threshold
    tp, flagged, negatives = int(points.tp[cut]), int(points.flagged[cut]), points.rows - points.positives
    expected = corrected(evidence, search.rule, threshold=threshold, certified=deployed is not None, seed=search.seed)
    gain = math.nan if deployed is not None or spent["budget_cut"] else search.label_gain()
    lacks, promised = search.unmet(cut), _promised(search.promise, certificate, evidence)
    if deployed is not None:
        expected = replace(expected, precision_bound=max(expected.precision_bound, search.promise.target))
    elif certificate is not None:
        lacks = "; ".join(filter(None, (lacks, only_from(certificate))))
    elif search.promise.form != "calibration":
        missing = what_is_missing(expected.precision, flagged, points.positives, search.promise, choices=search.trials)
        lacks = "; ".join(filter(None, (lacks, missing, what_labels_give(gain))))
    return ThemeResult(
        theme,
        "BEST_EFFORT" if deployed is None else "CERTIFIED",
        lacks,
        support=points.positives,
        family=found.family,
        view=found.configuration.recipe.view,
        params=found.configuration.params,
        recipe=found.configuration.recipe.to_json() | found.configuration.settings(),
        threshold=threshold,
        counts=Confusion(tp, flagged - tp, points.positives - tp, negatives - (flagged - tp)),
        average_precision=points.average_precision,
        calibration=fit_calibration(search.y, found.scores),
        corrected_precision=expected.precision,
        corrected_recall=expected.recall,
        precision_bound=expected.precision_bound,
        recall_bound=expected.recall_bound,
        label_gain=gain,
        **promised,
        **spent,
    )


def _promised(promise: Promise, certificate: Certificate | None, evidence: Evidence) -> dict[str, Any]:
    """What a winner remembers of the promise that was certified; of each duplicate group one text was tested."""
    if certificate is None:
        return {}
    positives = int(evidence.truth[evidence.apart].sum())
    kept = {"target": promise.target, "confidence": promise.confidence, "positives": positives} | asdict(certificate)
    return {f"certified_{name}": value for name, value in kept.items()}
