"""Suspected label errors as a table that a person fills in, line by line of the file that was tuned on."""

from __future__ import annotations

import os
from collections.abc import Iterable

import numpy as np
import pandas as pd

from themetagger.corpus import check_writable, write_table
from themetagger.insights.labelling.corrections import LONGEST, NO, YES
from themetagger.insights.labelling.label_errors import suspects
from themetagger.runs.past_run import PastRun


def review_table(run: PastRun, *, themes: Iterable[str] | None = None, top: int | None = 100) -> pd.DataFrame:
    """The most suspect labels of a run, with their texts.

    Parameters
    ----------
    run : as of ``open_run``
    themes, top : which and how many, as of ``themetagger.insights.labelling.label_errors.suspects``

    Returns
    -------
    DataFrame
        ``line`` (of the file; record or row where it has no lines), ``text`` (its first 30,000 characters), ``theme``,
        ``given`` and ``suggested`` (whether the text has the theme, "yes" or "no"), ``probability`` (of the given
        label), ``verdict`` (empty, for a person to write "change" or "keep").

    Raises
    ------
    RunError
        If the texts of the run are not there.
    ValueError
        If a theme, or all of them, has no model to judge by.
    """
    if not run.tagger.themes:
        raise ValueError(f"{run.folder}: no theme has a model to judge labels by; its table of results says why.")
    corpus, ranked = run.texts, suspects(run.evidence_by_theme(), themes=themes, top=top)
    return pd.DataFrame(
        {
            "line": [run.lines[row] for row in ranked["row"]],
            "text": [corpus.texts[row][:LONGEST] for row in ranked["row"]],
            "theme": ranked["theme"],
            "given": np.where(ranked["given"], YES, NO).astype(object),
            "suggested": np.where(ranked["suggested"], YES, NO).astype(object),
            "probability": ranked["probability"].round(4),
            "verdict": pd.Series([""] * len(ranked), dtype=object),
        }
    )


def write_review(table: pd.DataFrame, out: str | os.PathLike[str]) -> None:
    """Write a review table; formulas are neutralised, and undone when it is read.

    Raises
    ------
    TableError
        If the file is there already, as somebody's verdicts may be in it, or cannot be written.
    """
    write_table(table, check_writable(out, may_hold="verdicts"))
