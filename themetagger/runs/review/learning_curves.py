"""The learning curves of a past run's themes: computed once, kept in the run folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd

from themetagger.features import Inputs, inputs_of
from themetagger.runs.errors import RunError
from themetagger.runs.past_run import PastRun
from themetagger.runs.run_schema import objective_in
from themetagger.search.learning_curve import Subject
from themetagger.search.learning_curves import learning_curves
from themetagger.search.space import configuration_of
from themetagger.search.study import theme_seed
from themetagger.search.workers.executor import Executor
from themetagger.selection.objectives import promise_of
from themetagger.selection.theme_result import ThemeResult


def learning_curves_of_run(
    past: PastRun,
    themes: Sequence[str] | None = None,
    *,
    n_jobs: int = -1,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] = lambda done, themes: None,
) -> dict[str, pd.DataFrame]:
    """The learning curve of each theme that has a model, by what its winner gets from growing shares of the labels.

    Each is kept as ``learning_curve.csv`` in the folder of its theme as soon as it is there, so that a second call
    reads it, and one that was killed goes on where it was.

    Parameters
    ----------
    past : a run folder opened by ``open_run``
    themes : default all that have a model
    n_jobs : worker processes, default -1: one per core; decides nothing in the curves
    executor : what computes them, as in ``tune``; default ``n_jobs`` processes of this machine
    progress : called with the number of curves that are done, and of all that are asked for

    Returns
    -------
    theme -> DataFrame with the columns ``themetagger.selection.learning_curve.COLUMNS``, one row per share of labels.
    An objective of a user's own cannot be read from a run folder: the threshold of its theme is chosen as by
    ``PrecisionFirst()``.

    Raises
    ------
    RunError
        If the texts that were tuned on are not there.
    ValueError
        If a theme is unknown, or has no model.
    ChildProcessError, OSError, Stopped
        As in ``search.learning_curves``; what was done is kept.

    Examples
    --------
    >>> from themetagger.runs.past_run import open_run
    >>> curves = learning_curves_of_run(open_run("data/runs/workplace"))  # doctest: +SKIP
    >>> curves["training"][["labels", "precision"]]  # doctest: +SKIP
    """
    corpus, folds = past.texts, past.folds
    assert folds is not None  # they are there where the texts are
    subjects = subjects_of(past, themes)
    folders = {subject.theme: past.paths.theme(subject.theme).folder for subject in subjects}
    count = partial(inputs_of_run, past)
    how: dict[str, Any] = {"n_jobs": n_jobs, "executor": executor, "folders": folders, "progress": progress}
    try:
        return learning_curves(subjects, count, folds, corpus.groups, **how)
    except ValueError as error:  # folds that no model can be fitted on
        raise RunError(f"{past.folder}: the learning curves cannot be computed: {error}") from error


def subjects_of(past: PastRun, themes: Sequence[str] | None = None) -> list[Subject]:
    """What the curves of a past run are made of; arguments and errors as of :func:`learning_curves_of_run`."""
    corpus, subjects = past.texts, []
    for theme_result in _theme_results(past, themes):
        objective = objective_in(past.plan, theme_result.theme)
        configuration = configuration_of(theme_result.family, theme_result.params, theme_result.feature_settings)
        seed = theme_seed(int(past.plan.get("seed", 0)), theme_result.theme)
        subjects.append(
            Subject(
                theme_result.theme,
                corpus.column(theme_result.theme),
                configuration,
                objective,
                promise_of(objective),
                seed,
            )
        )
    return subjects


def inputs_of_run(past: PastRun) -> Inputs:
    """The terms of the texts that a past run was tuned on, counted again."""
    encoder = past.tagger.encoder
    return inputs_of(past.texts.texts, encoder.steps, encoder.sources, encoder.encoders)


def _theme_results(past: PastRun, themes: Sequence[str] | None) -> list[ThemeResult]:
    by_theme = {theme_result.theme: theme_result for theme_result in past.tagger.theme_results}
    if themes is None:
        return [theme_result for theme_result in by_theme.values() if theme_result.assigned]
    for theme in themes:
        if theme not in by_theme:
            raise ValueError(f"{past.folder} has no theme {theme!r}; its themes are {', '.join(by_theme)}.")
        if not by_theme[theme].assigned:
            result = by_theme[theme]
            raise ValueError(
                f"theme {theme!r} has no model ({result.status}: {result.reason}), and so no learning curve."
            )
    return [by_theme[theme] for theme in dict.fromkeys(themes)]
