"""The report of a run: everything that it found, on one page, and beside it as PNG, CSV and Excel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from themetagger.first_look import first_look
from themetagger.past_run import PastRun, open_run
from themetagger.report.run_folder import draw_run
from themetagger.report.theme_view import Part
from themetagger.theme_lens import look_at

PAIRS = 40


def write_report(folder: str | os.PathLike[str], *, train: Any = None) -> list[Path]:
    """Make the pages of a run folder from what it holds; the files made.

    Parameters
    ----------
    folder : that ``tune`` has written
    train : the table that it was tuned on, default the file that it was read from; without it the page has no curves
        and no texts, and says so

    Raises
    ------
    RunError, BundleError, TableError
        As `themetagger.past_run.open_run`.

    Examples
    --------
    >>> write_report("data/runs/workplace")[-1].name  # doctest: +SKIP
    'report.html'
    """
    return draw_report(open_run(folder, train=train))


def draw_report(run: PastRun) -> list[Path]:
    """The pages of a run that is open."""
    missing = [f"No curves and no texts are shown: {run.missing}"] if run.missing else []
    data = replace(run.data, notes=(*run.data.notes, *missing))
    themes = [look_at(run, theme) for theme in run.results["theme"]]
    return draw_run(run.folder, data, themes=themes, parts=list(_parts(run)))


def _parts(run: PastRun) -> Iterator[Part]:
    """What is about all themes together."""
    if run.corpus is None:
        return
    look = first_look(run.corpus, min_positives=int(run.plan.get("min_positives", 30)), pairs=PAIRS)
    tables = {"Rows": look.summary, "Themes by frequency": look.themes, "Themes that occur together": look.together}
    yield Part("The labelled texts", ("What the models were tuned on.",), tables)
