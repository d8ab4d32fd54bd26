"""The report of a run: everything that it found, on one page, and beside it as PNG, CSV and Excel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from themetagger._utils.console import Steps
from themetagger._utils.run_paths import RunPaths
from themetagger.corpus.profile import profile
from themetagger.report.page import Section
from themetagger.report.run_folder import RunData, draw_run, read_data
from themetagger.report.text import shorten
from themetagger.runs.errors import RunError
from themetagger.runs.past_run import PastRun, open_run
from themetagger.runs.review.learning_curves import learning_curves
from themetagger.runs.review.theme_details import Shared, shared_by_all, theme_details

PAIRS = 40


def write_report(
    folder: str | os.PathLike[str], *, train: Any = None, curves: bool = True, n_jobs: int = -1, show: bool = False
) -> list[Path]:
    """Make the pages of a run folder from what it holds; the files made.

    Parameters
    ----------
    folder : that ``tune`` has written
    train : the table that it was tuned on, default the file that it was read from; without it the page has no curves
        and no texts, and says so
    curves : whether models are fitted again on parts of the labels, for the learning curves, default True; they are
        kept, so that a second report has them at once
    n_jobs : worker processes for that, default -1: one a core
    show : whether progress is shown, default False

    Raises
    ------
    RunError, BundleError, TableError
        As `themetagger.runs.past_run.open_run`.

    Examples
    --------
    >>> write_report("data/runs/workplace")[-1].name  # doctest: +SKIP
    'report.html'
    """
    folder = Path(folder)
    if not RunPaths(folder).tagger.is_file():  # only the table is there
        return draw_run(folder, _data(folder))
    run = open_run(folder, train=train)
    found: dict[str, pd.DataFrame] = {}
    if curves and run.corpus is not None and run.tagger.themes:
        with Steps("learning curves", show=show) as steps:
            found = learning_curves(run, n_jobs=n_jobs, progress=steps.reached)
    return draw_report(run, shared_by_all(run, curves=found), show=show)


def draw_report(run: PastRun, shared: Shared, *, show: bool = False) -> list[Path]:
    """The pages of a run that is open, with what was found for all its themes."""
    missing = [f"No curves and no texts are shown: {run.missing}"] if run.missing else []
    missing += [] if shared.thorough or run.missing else [_MORE]
    data = replace(run.data, notes=(*run.data.notes, *missing))
    themes = []
    with Steps("themes", show=show) as steps:
        for theme in run.results["theme"]:
            themes.append(theme_details(run, theme, shared=shared))
            steps.reached(len(themes), len(run.results))
    return draw_run(run.folder, data, themes=themes, sections=[*_errors(run, shared), *_labels(run)])


_MORE = "Telling words, mistakes, which settings mattered and learning curves are added by: themetagger report RUN"


def _data(folder: Path) -> RunData:
    try:
        return read_data(folder)
    except ValueError as error:
        raise RunError(str(error)) from error


def _errors(run: PastRun, shared: Shared) -> Iterator[Section]:
    """What goes wrong, over all themes."""
    if shared.errors is not None and len(shared.errors.themes):
        pairs = shared.errors.pairs
        telling = pairs[pairs["texts"] > 1].sort_values("p_value", kind="stable").head(PAIRS)
        tables = {"What to do about errors": shared.errors.themes, "Themes mistaken for others": telling}
        told = "Out of fold. A p-value is of one pair by itself; among many pairs, some are small by luck."
        yield Section("Errors across themes", (told,), tables)
    if len(shared.suspects):
        first = shared.suspects.head(PAIRS)
        texts = [shorten(run.texts.texts[row], 300) for row in first["row"]]
        columns = ["theme", "given", "suggested", "probability"]
        table = first[columns].rename(columns={"probability": "probability_of_label"}).assign(text=texts)
        told = "themetagger suspects RUN --out suspects.csv writes them as a table to fill in."
        yield Section("Labels to check", (told,), {"The most suspect labels": table})


def _labels(run: PastRun) -> Iterator[Section]:
    """What the texts are, that all rests on."""
    if run.corpus is None:
        return
    look = profile(run.corpus, min_positives=int(run.plan.get("min_positives", 30)), pairs=PAIRS)
    tables = {"Rows": look.summary, "Themes by frequency": look.themes, "Themes that occur together": look.together}
    yield Section("The labelled texts", ("What the models were tuned on.",), tables)
