"""The report of a run: everything that is known of it on one page, and beside it as Markdown, PNG and Excel."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from themetagger._utils.console import Steps
from themetagger.corpus.profile import profile
from themetagger.report.page import Section
from themetagger.report.run_files import RunData, draw_run, read_data
from themetagger.report.text import shorten
from themetagger.runs.errors import RunError
from themetagger.runs.past_run import PastRun, checked_folder, open_run
from themetagger.runs.review.learning_curves import learning_curves_of_run
from themetagger.runs.review.theme_details import RunFindings, run_findings, theme_details
from themetagger.search.workers.executor import Executor
from themetagger.tagger.spot_checks import SpotCheckRecord

PAIRS = 40


def write_report(
    folder: str | os.PathLike[str],
    *,
    train: Any = None,
    encoder: str | os.PathLike[str] | None = None,
    curves: bool = True,
    n_jobs: int = -1,
    executor: Executor | None = None,
    show: bool = False,
) -> list[Path]:
    """Make the report of a run folder from what it holds; returns the files made.

    Parameters
    ----------
    folder : what ``tune`` has written
    train : the table that it was tuned on, default the file that it was read from; without it the page has no curves
        and no texts, and says so
    encoder : as of ``ThemeTagger.load``
    curves : whether models are fitted again on parts of the labels for the learning curves, default True; the curves
        are kept, so that a second report has them at once
    n_jobs : worker processes for that, default -1: one per core
    executor : what computes the curves, as in ``tune``; default ``n_jobs`` processes of this machine
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
    if not checked_folder(folder).tagger.is_file():  # only the table is there
        return draw_run(folder, _data(folder))
    run = open_run(folder, train=train, encoder=encoder, show_progress=show)
    computed: dict[str, pd.DataFrame] = {}
    if curves and run.corpus is not None and run.tagger.themes:
        with Steps("learning curves", show=show) as steps:
            computed = learning_curves_of_run(run, n_jobs=n_jobs, executor=executor, progress=steps.reached)
    return draw_report(run, run_findings(run, curves=computed), show=show)


def draw_report(run: PastRun, findings: RunFindings, *, show: bool = False) -> list[Path]:
    """Make the report of an open run, given what was found out for all its themes."""
    missing = [f"Curves and texts are not shown: {run.missing}"] if run.missing else []
    missing += [] if findings.thorough or run.missing else [_MORE]
    data = replace(run.data, notes=(*run.data.notes, *missing))
    themes = []
    with Steps("themes", show=show) as steps:
        for theme in run.results["theme"]:
            themes.append(theme_details(run, theme, findings=findings))
            steps.reached(len(themes), len(run.results))
    sections = [*check_sections(run.tagger.spot_checks), *_error_sections(run, findings), *_label_sections(run)]
    return draw_run(run.folder, data, themes=themes, sections=sections)


_MORE = "To add telling words, mistakes, which settings mattered and learning curves, run: themetagger report RUN"


def _data(folder: Path) -> RunData:
    try:
        return read_data(folder)
    except ValueError as error:
        raise RunError(str(error)) from error


def check_sections(checks: Sequence[SpotCheckRecord]) -> Iterator[Section]:
    """What people have shown who judged tags of the run."""
    if checks:
        note = (
            "Tags drawn at random from those of distinct texts, and judged by people (themetagger verify). Each result "
            "is about the tags of its own table."
        )
        yield Section("Spot checks", (note, *map(str, checks)))


def _error_sections(run: PastRun, findings: RunFindings) -> Iterator[Section]:
    """What goes wrong over all themes, and the labels to check."""
    if findings.errors is not None and len(findings.errors.themes):
        pairs = findings.errors.pairs
        least_likely = pairs[pairs["texts"] > 1].sort_values("p_value", kind="stable").head(PAIRS)
        tables = {"What to do about errors": findings.errors.themes, "Themes confused with others": least_likely}
        note = (
            "Out of fold, over distinct texts. A p-value is the probability of as many texts in common if the two "
            "themes had nothing to do with each other; among many pairs, a few are small by chance."
        )
        yield Section("Errors across themes", (note,), tables)
    if len(findings.suspects):
        first = findings.suspects.head(PAIRS)
        texts = [shorten(run.texts.texts[row], 300) for row in first["row"]]
        columns = ["theme", "given", "suggested", "probability"]
        table = first[columns].rename(columns={"probability": "probability_of_label"}).assign(text=texts)
        note = (
            "The probability of the label is that of the label as given, by the out-of-fold score. To review the "
            "labels in a table, run: themetagger suspects RUN --out suspects.csv"
        )
        yield Section("Labels to check", (note,), {"The most suspect labels": table})


def _label_sections(run: PastRun) -> Iterator[Section]:
    """The texts and labels that everything rests on."""
    if run.corpus is None:
        return
    overview = profile(run.corpus, min_positives=int(run.plan.get("min_positives", 30)), pairs=PAIRS)
    tables = {
        "Rows": overview.summary,
        "Themes by frequency": overview.themes,
        "Themes that occur together": overview.together,
    }
    yield Section("The labelled texts", ("The texts that the models were tuned on.",), tables)
