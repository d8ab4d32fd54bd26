"""A table file of unlabelled texts -> a table of those to label next, with a column to fill in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from themetagger.corpus import is_missing, read_corpus, read_table, texts_of
from themetagger.labelling.label_next import label_next
from themetagger.tagger import TAGS, ThemeTagger, free_column

if TYPE_CHECKING:
    import pandas as pd

PROPOSED, WHY = "Proposed Themes", "Why"


def choose_from_table(
    file: str | os.PathLike[str],
    tagger: str | os.PathLike[str],
    *,
    labelled: str | os.PathLike[str] | None = None,
    text_columns: Sequence[str] = (),
    theme_column: str = TAGS,
    delimiter: str | None = None,
    encoding: str | None = None,
    **settings: Any,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The rows of a table whose texts to label next, best first, and remarks.

    Parameters
    ----------
    file : table of texts; a row that has themes already is passed over
    tagger : tagger file
    labelled : table of the texts labelled so far, default None
    text_columns : columns with text, in both tables; default: those that the tagger was tuned on
    theme_column : column to fill in, and that of ``labelled``; default "Themes"
    delimiter, encoding : as of ``corpus.read_table``
    **settings : those of ``label_next``: ``count``, ``themes``, ``at_random``, ``seed``, ``show``

    Returns
    -------
    (table, notes). The table has all columns of ``file``, the theme column empty, and beside it "Proposed Themes", the
    tagger's, and "Why". Filled in, it is a training table.

    Raises
    ------
    TableError
        If a table cannot be read.
    BundleError
        If the tagger file cannot be read.
    ValueError
        If a setting makes no sense.
    """
    loaded = ThemeTagger.load(tagger)
    columns = tuple(text_columns) or loaded.text_columns
    reading: dict[str, Any] = {"delimiter": delimiter, "encoding": encoding}
    frame, notes = read_table(file, wanted=columns, **reading)
    texts = texts_of(frame, columns, os.path.basename(file))
    known = None
    if labelled is not None:
        known = read_corpus(labelled, text_columns=columns, theme_column=theme_column, **reading)
        notes = (*notes, *(f"labelled: {note}" for note in known.notes))
    done = _labelled(frame, theme_column)
    if done.any():
        notes = (*notes, f"{done.sum()} of {len(frame)} rows have themes already, and were passed over.")
    left = ["" if has else text for has, text in zip(done, texts, strict=True)]
    chosen = label_next(loaded, left, labelled=known, themes=settings.pop("themes", None) or None, **settings)
    return _to_fill_in(frame, chosen, theme_column), (*notes, *chosen.attrs["notes"])


def _labelled(frame: pd.DataFrame, column: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows have a theme already, (n,)."""
    cells = frame[column].tolist() if column in frame.columns else [""] * len(frame)
    return np.array([not is_missing(cell) and bool(str(cell).strip()) and cell != [] for cell in cells], dtype=bool)


def _to_fill_in(frame: pd.DataFrame, chosen: pd.DataFrame, theme_column: str) -> pd.DataFrame:
    table = frame.iloc[chosen["row"].to_numpy(dtype=int)].reset_index(drop=True)
    table[theme_column] = ""
    for name, column in ((PROPOSED, "proposed"), (WHY, "why")):
        table[free_column(table.columns, name)] = chosen[column].tolist()
    return table
