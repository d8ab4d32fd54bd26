"""The tags in a table of tagged texts, as `tag` has written it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from themetagger._utils.faces import option
from themetagger.corpus import TableError, TableFormat, read_table, texts_of
from themetagger.corpus.frame_columns import check_columns, one_header
from themetagger.corpus.joining import joining_of
from themetagger.corpus.kept_format import form_for
from themetagger.corpus.labels.columns import named_themes
from themetagger.insights.spot_check.drawing import Tag, distinct_tags
from themetagger.tagger.predictions import TAGS
from themetagger.tagger.theme_tagger import ThemeTagger


@dataclass(frozen=True)
class TaggedTexts:
    """The distinct tags of a table, the column that they are in, the name of the table, and notes on it."""

    tags: list[Tag]
    column: str
    source: str
    notes: tuple[str, ...]


def read_tagged(
    table: str | os.PathLike[str] | pd.DataFrame,
    tagger: ThemeTagger | None,
    *,
    tag_column: str | None,
    table_format: TableFormat,
) -> TaggedTexts:
    """Read the tags of a table.

    Parameters
    ----------
    table : a file, or a DataFrame
    tagger : that has tagged it, which knows its columns of text and the separator between tags; or None
    tag_column : default None: the last column "Predicted Themes", else "Themes"
    table_format : what the user says of the table

    Raises
    ------
    TableError
        If the table cannot be read, or holds a tag that the tagger does not give.
    """
    form = table_format if tagger is None else form_for(table, table_format, tagger.table_format, texts_only=True)
    frame, source, notes = _frame(table, form)
    column = _column(frame, tag_column, source)
    separator = form.separator
    if tagger is not None:
        separator = joining_of(tagger.themes, separator=separator, strict=False).separator or separator
    names, read = named_themes(frame, [column], separator=separator, source=source)
    if tagger is not None:
        _check_known(tagger, names, column, source)
    texts = texts_of(frame, form.texts, source, taken=[column])
    tags = distinct_tags([str(place) for place in frame.index], texts, names)
    return TaggedTexts(tags, column, source, (*notes, *read, f"The tags are those of the column {column!r}."))


def _frame(table: Any, form: TableFormat) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    if hasattr(table, "columns"):
        frame = one_header(table)
        return frame.set_axis(pd.RangeIndex(1, len(frame) + 1, name="row"), axis=0), "DataFrame", ()
    frame, notes = read_table(table, wanted=form.texts, **form.file_settings)
    return frame, Path(table).name, notes


def _column(frame: pd.DataFrame, named: str | None, source: str) -> str:
    if named is not None:
        return check_columns(frame, [named], source=source, setting="tag_column")[0]
    predicted = [str(name) for name in frame.columns if re.fullmatch(r"Predicted Themes( [0-9]+)?", str(name))]
    if predicted or TAGS in frame.columns:
        return predicted[-1] if predicted else TAGS
    raise TableError(
        f"{source}: there is no column 'Predicted Themes' or {TAGS!r}; name the column of tags by "
        f"{option('tag_column')}."
    )


def _check_known(tagger: ThemeTagger, names: list[list[str]], column: str, source: str) -> None:
    known = set(tagger.themes)
    for row in names:
        for name in row:
            if name not in known:
                raise TableError(
                    f"{source}, column {column!r}: {name!r:.60} is no theme that the tagger gives; name the column of "
                    f"its tags by {option('tag_column')}, or what separates them by {option('separator')}."
                )
