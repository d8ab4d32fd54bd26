"""Suspected label errors as a table that a person fills in, line by line of the file that was tuned on."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from themetagger.corpus import TableError, check_writable, read_table, write_table
from themetagger.labelling.label_errors import suspects
from themetagger.past_run import PastRun

COLUMNS = ("line", "text", "theme", "given", "suggested", "probability", "verdict")
YES, NO = "yes", "no"
LONGEST = 30_000  # characters of a text that are shown; a cell of a spreadsheet holds 32,767


def review_table(run: PastRun, *, themes: Iterable[str] | None = None, top: int | None = 100) -> pd.DataFrame:
    """The most suspect labels of a run, with their texts.

    Parameters
    ----------
    run : as of ``open_run``
    themes, top : which and how many, as of ``themetagger.labelling.label_errors.suspects``

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
        If a theme has no model to judge by.
    """
    corpus, found = run.texts, suspects(run, themes=themes, top=top)
    lines = _lines(run)
    return pd.DataFrame(
        {
            "line": [lines[row] for row in found["row"]],
            "text": [corpus.texts[row][:LONGEST] for row in found["row"]],
            "theme": found["theme"],
            "given": np.where(found["given"], YES, NO).astype(object),
            "suggested": np.where(found["suggested"], YES, NO).astype(object),
            "probability": found["probability"].round(4),
            "verdict": pd.Series([""] * len(found), dtype=object),
        }
    )


def _lines(run: PastRun) -> npt.NDArray[np.int64]:
    """Where each text of a run stands in its table."""
    rows = run.texts.rows
    assert rows is not None  # they were read from a table
    if not run.table:
        return rows + 1
    reading: dict[str, Any] = {name: run.plan.get(name) for name in ("delimiter", "encoding")}
    frame, _ = read_table(run.table, wanted=_wanted(run), **reading)
    return np.asarray(frame.index, dtype=np.int64)[rows]


def _wanted(run: PastRun) -> list[str]:
    """The columns that the run was made from, by which a delimiter is told."""
    named = (run.plan.get("text_columns", ()), run.plan.get("theme_columns") or run.plan.get("theme_column", ()))
    return [name for names in named for name in ([names] if isinstance(names, str) else names)]


def write_review(table: pd.DataFrame, out: str | os.PathLike[str]) -> None:
    """Write a review table; formulas are neutralised, and undone when it is read.

    Raises
    ------
    TableError
        If the file is there already, as somebody's verdicts may be in it, or cannot be written.
    """
    path = check_writable(out)
    if Path(path).exists():
        raise TableError(f"{path}: is there already, and may hold verdicts; delete it, or choose another file.")
    write_table(table, path)
