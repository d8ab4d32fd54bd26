"""A table file of unlabelled texts -> a table of those to label next, with a column to fill in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus import (
    DEFAULT_FORMAT,
    TableFormat,
    check_writable,
    is_missing,
    read_table,
    texts_of,
    write_table,
)
from themetagger.corpus.annotations.items import Item
from themetagger.corpus.annotations.output import OutFormat
from themetagger.corpus.formulas import Formulas, neutralised_notes
from themetagger.corpus.frame_columns import READING, as_named, check_columns, columns_or_new
from themetagger.corpus.joining import FLAT, joining_of
from themetagger.corpus.kept_format import form_for
from themetagger.corpus.labels.cells import split_cell
from themetagger.corpus.readers.base import Reading
from themetagger.insights.labelling.label_next import label_next
from themetagger.tagger.predictions import free_column
from themetagger.tagger.reading import read_labelled
from themetagger.tagger.theme_tagger import ThemeTagger

if TYPE_CHECKING:
    import pandas as pd


PROPOSED, WHY = "Proposed Themes", "Why"


def choose_from_table(
    file: str | os.PathLike[str],
    tagger: str | os.PathLike[str] | ThemeTagger,
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
    tagger : a tagger, its file, or the folder of its run
    labelled : table of the texts labelled so far, default None
    table_format : how both tables are read; its columns of themes are those to fill in, separated themes or 0 and 1.
        What it does not say is as of the table that the tagger was tuned on
    encoder : as of ``ThemeTagger.load``
    **settings : those of ``label_next``: ``count``, ``themes``, ``at_random``, ``seed``, ``show``

    Returns
    -------
    (table, notes). The table has all columns of ``file``, the theme columns empty, and next to them "Proposed Themes",
    a list each, and "Why". Written by `write_to_label` and filled in, it is a training table.

    Raises
    ------
    TableError
        If a table cannot be read.
    BundleError
        If the tagger file cannot be read.
    ValueError
        If a setting makes no sense.
    """
    loaded = tagger
    if not isinstance(loaded, ThemeTagger):
        loaded = ThemeTagger.load(loaded, encoder=encoder, show_progress=bool(settings.get("show")))
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
    table = _to_fill_in(frame, chosen, themes)
    shown = check_columns(frame, form.texts, source=source, setting="text_columns")
    parts = shown if len(shown) == 1 else []  # several stay beside the whole
    table.attrs = {
        "themes": loaded.themes,
        "texts": chosen["text"].tolist(),
        "columns": (*parts, *themes),
        "to_fill": themes,
    }
    return table, (*notes, *chosen.attrs["notes"])


def write_to_label(
    table: pd.DataFrame,
    out: str | os.PathLike[str],
    *,
    separator: str = ", ",
    formulas: Formulas = "neutralise",
    out_format: OutFormat | None = None,
) -> tuple[str, ...]:
    """Write the table of `choose_from_table`, and return notes.

    Parameters
    ----------
    table : of `choose_from_table`
    out : file; one of CSV, TSV or Excel holds no lists, so that proposed themes are joined there
    separator : of the column that is to be filled in, default ", ", so that proposed themes can be copied into it
    formulas : as of ``write_table``
    out_format : a format of an annotation tool, which shows the proposed themes; default None: a table

    Raises
    ------
    TableError
        If the file is there already, as somebody's labels may be in it, or cannot be written.
    """
    if out_format is not None:
        target = out_format.check(out, may_hold="labels filled in")
        write_table(out_format.asking(table.attrs["themes"]).records(_items(table)), target, formulas="keep")
        return tuple(out_format.notes())
    target = check_writable(out, may_hold="labels filled in", to_fill=table.attrs["to_fill"])
    notes: list[str] = []
    if target.suffix.lower() in FLAT:
        column = str(table.columns[-2])  # the last is why
        proposed = table[column].tolist()
        joining = joining_of({name: None for names in proposed for name in names}, separator=separator, strict=False)
        table, notes = table.assign(**{column: list(map(joining.cell, proposed))}), joining.notes([column])
    return (*notes, *neutralised_notes(write_table(table, target, formulas=formulas)))


def _items(table: pd.DataFrame) -> list[Item]:
    """The texts of a table of `choose_from_table`, and what is proposed for them."""
    texts, left_out = table.attrs["texts"], {*table.attrs["columns"], table.columns[-2]}
    rows = table.drop(columns=[name for name in table.columns if name in left_out]).to_dict("records")
    return [
        Item(text, tags, {str(name): cell for name, cell in row.items()})
        for text, tags, row in zip(texts, table.iloc[:, -2], rows, strict=True)
    ]


def _labelled(frame: pd.DataFrame, form: TableFormat) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows have a theme, or a 0 or 1, already, or were judged, as an annotation tool says, (n,)."""
    not_judged = frame.attrs.get(READING, Reading()).not_judged
    if not_judged is not None:
        return np.array([place not in not_judged for place in frame.index], dtype=bool)
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
