"""The reading settings of a training table as JSON values, which a tagger file keeps for the tables that come later."""

from __future__ import annotations

import collections.abc
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from themetagger._utils.limits import LONGEST_COLUMN
from themetagger.corpus.column_names import KeptName
from themetagger.corpus.errors import TableError
from themetagger.corpus.labels.maps import map_of_frame
from themetagger.corpus.readers.base import Reading
from themetagger.corpus.readers.headers import has
from themetagger.corpus.table import check_path, open_rows, read_table
from themetagger.corpus.table_format import TableFormat

OF_ONE_FILE = ("delimiter", "encoding", "format")  # another file of the same columns may well have others
_COLUMNS = ("text_columns", "theme_column", "theme_columns", "judged")
MOST_KEPT = 100_000  # names in a list or a map of themes
LAST_ROW = 1_048_576  # that a header can stand in: a sheet has no more
PLACES = ("header_row", "sheet")  # where the columns stand in the training table; in another, perhaps elsewhere


def format_json(form: TableFormat) -> dict[str, Any]:
    """What is worth keeping of a format: its settings that are no defaults, but for those of one file.

    A theme map that is a file is kept as what it says, for the file may be gone when it is needed. What is longer than
    a tagger file holds, such as a map of a million themes, is not kept.

    Examples
    --------
    >>> format_json(TableFormat("Comment", theme_column="Codes", separator="|", encoding="cp1252"))
    {'text_columns': ['Comment'], 'theme_column': 'Codes', 'separator': '|'}
    """
    kept = {name: value for name, value in form.said_settings.items() if name not in OF_ONE_FILE}
    if isinstance(kept.get("theme_map"), str | os.PathLike):
        kept["theme_map"] = read_theme_map(kept["theme_map"])
    plain = {name: _plain(value) for name, value in kept.items()}
    return {name: value for name, value in plain.items() if _within_limits(value)}


def format_of(entry: Any) -> TableFormat:
    """The format of what :func:`format_json` gave; a ValueError or TypeError where it is none.

    Examples
    --------
    >>> format_of({"text_columns": ["Comment"], "separator": "|"}).separator
    '|'
    >>> format_of({"separator": 3})
    Traceback (most recent call last):
    TypeError: the reading setting 'separator' is 3
    """
    if not isinstance(entry, Mapping):
        raise TypeError("the reading settings are no object")
    for name, value in entry.items():
        if name not in _hints() or name in OF_ONE_FILE:
            raise ValueError(f"{name!r:.60} is no reading setting that is kept")
        if not _fits(value, _hints()[name]):
            raise TypeError(f"the reading setting {name!r} is {value!r:.60}")
        if not _within_limits(value):
            raise ValueError(f"the reading setting {name!r} is out of proportion: {value!r:.60}")
    return TableFormat(**{name: _marked(value) if name in _COLUMNS else value for name, value in entry.items()})


def _marked(names: Any) -> Any:
    """Names of columns as names that the tagger file has kept."""
    return KeptName(names) if isinstance(names, str) else None if names is None else tuple(map(KeptName, names))


def read_theme_map(theme_map: str | os.PathLike[str] | Mapping[str, str]) -> dict[str, str]:
    """A theme map as a dict; a TableError where its file cannot be read, or is none."""
    if isinstance(theme_map, Mapping):
        return dict(theme_map)
    return map_of_frame(read_table(theme_map)[0], source=Path(theme_map).name)


def form_for(table: Any, given: TableFormat, kept: TableFormat, *, texts_only: bool = False) -> TableFormat:
    """How a table is read: as it is ``given``, and in everything else as ``kept`` of the training table.

    A header row or a sheet that was kept holds where the columns stand there in this table too; else they are found as
    in any table. A column that said which rows were judged need not be there.

    Parameters
    ----------
    table : table file or DataFrame
    given : what the user said
    kept : what the tagger file says
    texts_only : whether the columns of text are enough, default False
    """
    form = given.over(kept)
    free = [name for name in (*PLACES, "judged") if name not in given.said and getattr(form, name) is not None]
    if not free:
        return form
    wanted = form.texts if texts_only else (*form.texts, *form.themes)
    if not _has(table, wanted, form):
        moved: dict[str, Any] = {name: None for name in PLACES if name in free}
        form = replace(form, **moved)
    unsaid = "judged" in free and not _has(table, [str(form.judged)], form)
    return replace(form, judged=None) if unsaid else form


def _has(table: Any, wanted: Sequence[str], form: TableFormat) -> bool:
    """Whether a DataFrame, or a table file that is read by a format, has some columns."""
    if not isinstance(table, str | os.PathLike):
        return set(wanted) <= {str(name) for name in table.columns}
    try:
        rows = open_rows(check_path(table), wanted=wanted, **form.file_settings)
    except TableError:
        return False
    return has(rows.header, getattr(rows, "reading", Reading()).aliases, wanted, os.fspath(table))


@cache
def _hints() -> Mapping[str, Any]:
    return get_type_hints(TableFormat)


def _fits(value: Any, hint: Any) -> bool:
    """Whether a JSON value is what a field is annotated with; a path never is, lest a tagger file names one to read."""
    kind, inner = get_origin(hint), get_args(hint)
    if kind is collections.abc.Sequence:
        return isinstance(value, list) and all(_fits(one, inner[0]) for one in value)
    if kind is collections.abc.Mapping:
        return isinstance(value, dict) and all(_fits(one, inner[1]) for one in value.values())
    if inner and kind is not os.PathLike:  # a union; of a Literal, TableFormat knows the words
        path = any(get_origin(one) is os.PathLike for one in inner)
        return any(_fits(value, one) for one in inner if not (path and one is str))
    if isinstance(hint, str):
        return bool(value == hint)
    return any(hint is known and type(value) is known for known in (str, int, NoneType))


def _within_limits(value: Any) -> bool:
    """Whether a setting that fits has names of a length and number that tables have."""
    if isinstance(value, str):
        return len(value) <= LONGEST_COLUMN
    if isinstance(value, int):
        return 0 <= value <= LAST_ROW
    if isinstance(value, dict):
        return len(value) <= MOST_KEPT and all(map(_within_limits, (*value, *value.values())))
    return value is None or (len(value) <= MOST_KEPT and all(map(_within_limits, value)))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): str(one) for name, one in value.items()}
    return list(value) if isinstance(value, tuple | list) else value
