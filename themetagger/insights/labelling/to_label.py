"""A table file of unlabelled texts -> a table of those to label next, with a column to fill in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus import DEFAULT_FORMAT, TableFormat, is_missing, read_table, texts_of
from themetagger.corpus.frame_columns import as_named, columns_or_new
from themetagger.corpus.kept_format import form_for
from themetagger.corpus.labels.cells import split_cell
from themetagger.insights.labelling.label_next import label_next
from themetagger.tagger.predictions import free_column
from themetagger.tagger.reading import read_labelled
from themetagger.tagger.theme_tagger import ThemeTagger

if TYPE_CHECKING:
    import pandas as pd


PROPOSED, WHY = "Proposed Themes", "Why"


def choose_from_table(
    file: str | os.PathLike[str],
    tagger: str | os.PathLike[str],
    *,
    labelled: str | os.PathLike[str] | None = None,
    table_format: TableFormat = DEFAULT_FORMAT,
    encoder: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The rows of a table whose texts to label next, best first, and notes.

    Parameters
    ----------
    file : table of texts; a row that has themes already is skipped
    tagger : tagger file, or the folder of its run
    labelled : table of the texts labelled so far, default None
    table_format : how both tables are read; its columns of themes are those to fill in, separated themes or 0 and 1.
        What it does not say is as of the table that the tagger was tuned on
    encoder : as of ``ThemeTagger.load``
    **settings : those of ``label_next``: ``count``, ``themes``, ``at_random``, ``seed``, ``show``

    Returns
    -------
    (table, notes). The table has all columns of ``file``, the theme columns empty, and next to them "Proposed Themes",
    those of the tagger, and "Why". Filled in, it is a training table.

    Raises
    ------
    TableError
        If a table cannot be read.
    BundleError
        If the tagger file cannot be read.
    ValueError
        If a setting makes no sense.
    """
    loaded = ThemeTagger.load(tagger, encoder=encoder, show_progress=bool(settings.get("show")))
    form = form_for(file, table_format, loaded.table_format, texts_only=True)
    frame, notes = read_table(file, wanted=form.texts, **form.file_settings)
    texts = texts_of(frame, form.texts, os.path.basename(file))
    known = None
    if labelled is not None:
        known = read_labelled(loaded, labelled, table_format)
        notes = (*notes, *(f"labelled: {note}" for note in known.notes))
    source = os.path.basename(file)
    themes, done = (
        columns_or_new(frame, form.themes, source=source),
        _labelled(as_named(frame, form, source=source), form),
    )
    if done.any():
        number = int(done.sum())
        skipped = agreeing(number, "has themes already and was", "have themes already and were")
        notes = (*notes, f"{number} of {number_of(len(frame), 'row')} {skipped} skipped.")
    left = ["" if has else text for has, text in zip(done, texts, strict=True)]
    chosen = label_next(loaded, left, labelled=known, themes=settings.pop("themes", None) or None, **settings)
    return _to_fill_in(frame, chosen, themes), (*notes, *chosen.attrs["notes"])


def _labelled(frame: pd.DataFrame, form: TableFormat) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows have a theme, or a 0 or 1, already, (n,)."""
    done = np.zeros(len(frame), dtype=bool)
    for name in set(form.themes) & set(frame.columns):
        cells = frame[name].tolist()
        if form.theme_columns is None:
            done |= [split_cell(cell, separator=form.separator) != [] for cell in cells]
        else:
            done |= [not is_missing(cell) and bool(str(cell).strip()) for cell in cells]
    return done


def _to_fill_in(frame: pd.DataFrame, chosen: pd.DataFrame, themes: Sequence[str]) -> pd.DataFrame:
    table = frame.iloc[chosen["row"].to_numpy(dtype=int)].reset_index(drop=True)
    for name in themes:
        table[name] = ""
    for name, column in ((PROPOSED, "proposed"), (WHY, "why")):
        table[free_column(table.columns, name)] = chosen[column].tolist()
    return table
