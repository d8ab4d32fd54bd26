"""One theme, one Optuna study -> the winner, its models and its out-of-fold scores."""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from themetagger._utils.wording import number_of
from themetagger.features import FoldFeatures
from themetagger.search.first_model import FirstModel
from themetagger.search.levels import Deadline, run_levels
from themetagger.search.settings import StudySettings
from themetagger.search.storage.trial_log import TrialLog
from themetagger.search.study_result import StudyResult, result_of
from themetagger.search.trial import Labels, Report, StudyState
from themetagger.search.trial_runner import TrialRunner
from themetagger.selection.theme_result import ThemeResult


def theme_seed(seed: int, theme: str) -> int:
    """A seed that depends on the theme's name alone, so that order and company of themes decide nothing."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{theme}".encode()).digest()[:4], "big")


def study_theme(
    theme: str,
    y: Labels,
    features: FoldFeatures,
    settings: StudySettings,
    *,
    groups: npt.NDArray[np.int64] | None = None,
    deadline: float = math.inf,
    report: Report = lambda *_: None,
    folder: Path | None = None,
    first: FirstModel | None = None,
    trial_seconds: float = 0.0,
) -> StudyResult:
    """Search one theme, simple families first, and put the best configuration's cut and models together.

    Parameters
    ----------
    theme : its name, which has a part in its seed
    y : (n,) of 0 and 1
    features : of the n texts
    settings : what is asked of the study
    groups : (n,) duplicate group of each text, default each its own
    deadline : seconds since the epoch after which no trial begins, default none; the first trial always runs
    report : called after each trial with its number and the best so far: family, precision, recall
    folder : where trials are kept, each before it is reported, and taken up again; default None keeps nothing
    first : the model that the theme begins with, default none
    trial_seconds : what a trial is expected to take: none begins, but for the first without one, that would not end in
        time; default 0

    Raises
    ------
    TrialLogError
        If a trial cannot be written.
    """
    started = time.time()
    groups = np.arange(len(y)) if groups is None else groups
    seed = theme_seed(settings.seed, theme)
    state = StudyState(
        features,
        y,
        groups,
        settings.objective,
        settings.asked_promise,
        seed,
        report,
        settings.companion_C,
        settings.sources,
        settings.most_rows,
    )
    trials = TrialRunner(state, TrialLog(folder, len(y)), settings.sampler)
    if first is not None:
        trials.begin(first)
    stopped, budget_cut = run_levels(trials, settings, Deadline(deadline, trial_seconds))
    if limits := _limits_of_time(state, budget_cut):
        stopped = f"{stopped}; {limits}"
    budget_cut = budget_cut or first is not None or bool(limits)
    if state.n_failed:
        stopped = f"{stopped}; {state.n_failed} of {number_of(state.n_trials, 'trial')} failed: {state.error}"
    spent = {"trials": state.n_trials, "stopped": stopped, "budget_cut": budget_cut}
    result = _no_model(theme, state, settings, spent) or result_of(theme, state, spent)
    seconds = trials.seconds + time.time() - started
    return replace(result, theme_result=replace(result.theme_result, seconds=seconds))


def _limits_of_time(state: StudyState, budget_cut: bool) -> str:
    """What the winner lacks because there was no time for it, in words; empty where there was."""
    if state.best is None:
        return ""
    configuration = state.best.configuration
    fitted, rows = configuration.most_rows, len(state.y) - int(np.bincount(state.features.folds).min())
    on = f"{fitted:,} of {rows:,} rows" if fitted else f"all {rows:,} rows"
    if budget_cut and configuration.of_all_themes:
        return f"for lack of time the first model, fitted for all themes together on {on}"
    return f"for lack of time fitted on {on}" if fitted else ""


def _no_model(theme: str, state: StudyState, settings: StudySettings, spent: dict[str, Any]) -> StudyResult | None:
    """The result of a study that found no model, or none that is good enough; None where it found one."""
    support = int(state.y.sum())
    if state.best is None:
        reason = f"every trial failed: {state.error}" if state.error else f"no trial finished: {spent['stopped']}"
        return StudyResult(replace(ThemeResult.failed(theme, reason, support=support), **spent))
    reached = state.best.points.average_precision
    if reached >= settings.minimum_quality:
        return None
    reason = f"average precision {reached:.2f} is below the minimum quality {settings.minimum_quality:.2f}"
    return StudyResult(replace(ThemeResult.skipped(theme, reason, support=support), **spent), evidence=state.evidence())
