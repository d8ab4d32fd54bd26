"""Suspected label errors as a table that a person fills in, line by line of the file that was tuned on."""

from __future__ import annotations

import os
from collections.abc import Iterable

import numpy as np
import pandas as pd

from themetagger.corpus import check_writable, write_table
from themetagger.corpus.annotations.items import Item
from themetagger.corpus.annotations.output import OutFormat
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


def review_items(run: PastRun, table: pd.DataFrame) -> list[Item]:
    """The texts of a review table for an annotation tool: the labels given, and what is suggested instead.

    Parameters
    ----------
    run : as of ``open_run``
    table : of ``review_table``

    Returns
    -------
    An item for each text, in the order of the table, its row holding the ``line`` and the ``suspects``, in words.
    """
    corpus, place = run.texts, {line: row for row, line in enumerate(run.lines)}
    labels, items = corpus.labels.tocsr(), []
    for line, lines in table.groupby("line", sort=False):
        row = place[line]
        given = [corpus.themes[j] for j in np.sort(labels[[row]].indices)]
        suspect = set(lines["theme"])
        tags = [name for name in given if name not in suspect]
        tags += [name for name in lines["theme"] if name not in given]
        words = zip(lines["theme"], lines["given"], lines["probability"], strict=True)
        said = "; ".join(f"{name}: {'given' if has == YES else 'missing'}, {chance:.2f}" for name, has, chance in words)
        items.append(Item(corpus.texts[row], tags, {"line": line, "suspects": said}, given))
    return items


def write_review_for(tool: OutFormat, run: PastRun, table: pd.DataFrame, out: str | os.PathLike[str]) -> None:
    """Write the texts of a review table for an annotation tool.

    Raises
    ------
    TableError
        If the file is there already, as somebody's verdicts may be in it, or cannot be written.
    """
    records = tool.asking(run.texts.themes).records(review_items(run, table))
    write_table(records, tool.check(out, may_hold="verdicts"), formulas="keep")


def write_review(table: pd.DataFrame, out: str | os.PathLike[str]) -> None:
    """Write a review table; formulas are neutralised, and undone when it is read.

    Raises
    ------
    TableError
        If the file is there already, as somebody's verdicts may be in it, or cannot be written.
    """
    write_table(table, check_writable(out, may_hold="verdicts", to_fill=["verdict"]))
