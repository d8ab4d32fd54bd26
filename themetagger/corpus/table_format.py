"""How a table says its texts and themes: which columns hold them, and how its file is read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from numbers import Integral
from typing import Any, Literal, Self, get_args

from themetagger._utils.faces import option
from themetagger._utils.limits import LONGEST_COLUMN, MOST_TEXT_COLUMNS, repeated
from themetagger.corpus.errors import TableError
from themetagger.corpus.labels.separators import unescaped

Alike = Literal["keep", "merge", "error"]
EmptyCells = Literal["error", "zero"]
ALIKE: tuple[Alike, ...] = get_args(Alike)
EMPTY_CELLS: tuple[EmptyCells, ...] = get_args(EmptyCells)
Repeats = Literal["keep", "join"]
REPEATS: tuple[Repeats, ...] = get_args(Repeats)
WithoutTheme = Literal["keep", "drop"]
WITHOUT_THEME: tuple[WithoutTheme, ...] = get_args(WithoutTheme)
TEXT_COLUMNS = ("Processed Text",)
THEME_COLUMN = "Themes"
FILE_SETTINGS = ("delimiter", "encoding", "header_row", "sheet", "format")  # how a file is read


@dataclass(frozen=True)
class TableFormat:
    """How a table is read: its text columns, its themes, and the details of its file.

    Parameters
    ----------
    text_columns : columns that are joined to one text, a blank line between them; one name stands for a list of one.
        Default None: "Processed Text" or, where a tagger reads the table, the columns that it was tuned on
    theme_column : column of themes, as separated strings or lists, default "Themes"; of several, a row has the themes
        of all
    separator : stands between the themes in a string, default ", "; "<>" where each stands in such brackets
    theme_columns : instead of ``theme_column``, 0/1 columns, one per theme, default None
    empty_cells : what an empty cell means in a 0/1 column that also holds 0, or No: "error" (default) refuses it,
        "zero" reads it as 0; where a column holds nothing but 1 (or x, or Yes) and empty cells, empty is 0
    theme_map : a dict, or a table file of two columns with a header (fine, broad), that replaces fine themes by broader
        ones; themes that it does not list stay. Default None
    alike : what is done with themes that differ only by case, spaces or Unicode form: "keep" (default) leaves them two
        themes, "merge" makes them one, "error" refuses the table
    delimiter : of a CSV or TSV file, default None: a comma (.tsv: a tab) unless the header shows another
    encoding : of a text file, default None: UTF-8, or what its byte order mark says
    header_row : the row of a workbook, or the line of a CSV file, that holds the names of the columns, from 1, or
        several such rows, whose names are joined. Default None: the first one, or where the named columns are
    sheet : of a workbook, its name or its number from 1, or "all" for every sheet with the named columns as one table,
        the column "Sheet" saying which; default None: the first one, or the one with the named columns
    format : of an annotation tool, default None: recognised by what the file holds; "table" takes it as it is. Others
        are "label-studio", "label-studio-min", "prodigy", "argilla", "spacy", "doccano", "hugging-face", "fasttext" and
        "annif"
    repeats : what is done with rows of the same text: "keep" (default) leaves all of them, "join" makes one text of
        them, which has the themes of all
    rows_without_theme : "keep" (default) takes a row without a theme for a text that has none of them, "drop" leaves it
        out, as one that nobody has judged
    judged : column that says which rows were judged, default None: all. A row is left out where it is empty or says so
        (0, no, false, -1, ignore, reject, skip, pending and the like). Of a 0/1 column of themes, -1 and an empty cell
        say so

    Raises
    ------
    ValueError
        If ``alike``, ``repeats`` or ``rows_without_theme`` is none of these words, or ``header_row`` no row.
    TableError
        If a column is named twice, has a name of more than 10,000 characters, or there are more than 100 columns of
        text.

    Examples
    --------
    >>> TableFormat("Comment", theme_columns=["pay", "staff"]).named_columns
    ('Comment', 'pay', 'staff')
    """

    text_columns: Sequence[str] | None = None
    theme_column: str | Sequence[str] = THEME_COLUMN
    separator: str = ", "
    theme_columns: Sequence[str] | None = None
    theme_map: str | os.PathLike[str] | Mapping[str, str] | None = None
    alike: Alike = "keep"
    empty_cells: EmptyCells = "error"
    delimiter: str | None = None
    encoding: str | None = None
    header_row: int | Sequence[int] | None = None
    sheet: str | int | None = None
    format: str | None = None
    repeats: Repeats = "keep"
    rows_without_theme: WithoutTheme = "keep"
    judged: str | None = None

    def __post_init__(self) -> None:
        """Take one column name for a list of one, not for its letters; check what is one of a few words."""
        for name in ("text_columns", "theme_columns"):
            columns = getattr(self, name)
            if columns is not None:
                object.__setattr__(self, name, (columns,) if isinstance(columns, str) else tuple(columns))
        object.__setattr__(self, "separator", unescaped(self.separator))
        if not isinstance(self.theme_column, str):
            columns = tuple(self.theme_column)
            object.__setattr__(self, "theme_column", columns[0] if len(columns) == 1 else columns)
        object.__setattr__(self, "header_row", header_rows(self.header_row))
        _check_names(self)
        words: dict[str, tuple[str, ...]] = {
            "alike": ALIKE,
            "empty_cells": EMPTY_CELLS,
            "repeats": REPEATS,
            "rows_without_theme": WITHOUT_THEME,
        }
        for name, known in words.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{option(name)} must be one of {', '.join(known)} but is {getattr(self, name)!r}.")

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns of text."""
        return TEXT_COLUMNS if self.text_columns is None else tuple(self.text_columns)

    @property
    def themes(self) -> tuple[str, ...]:
        """The columns of themes: those of separated themes, or the 0/1 columns."""
        if self.theme_columns is not None:
            return tuple(self.theme_columns)
        return (self.theme_column,) if isinstance(self.theme_column, str) else tuple(self.theme_column)

    @property
    def named_columns(self) -> tuple[str, ...]:
        """All columns that it names, those of text first."""
        return (*self.texts, *self.themes, *([] if self.judged is None else [self.judged]))

    @property
    def file_settings(self) -> dict[str, Any]:
        """What `read_table` needs beside the names of columns: how the file is read."""
        return {name: getattr(self, name) for name in FILE_SETTINGS}

    @classmethod
    def saying(cls, **settings: Any) -> Self:
        """A format of which these settings were said, also those that are defaults: they win in :meth:`over`."""
        form = cls(**settings)
        object.__setattr__(form, "_said", frozenset(settings))
        return form

    @property
    def said(self) -> frozenset[str]:
        """The names of the settings that were said: those of :meth:`saying`, else those that are no defaults."""
        changed = frozenset(field.name for field in fields(self) if getattr(self, field.name) != field.default)
        said: frozenset[str] = self.__dict__.get("_said", changed)
        return said

    @property
    def said_settings(self) -> dict[str, Any]:
        """The settings that were said, with their values, in the order of the fields."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name in self.said}

    @property
    def needed_settings(self) -> dict[str, Any]:
        """The settings that a command must name for a table to be read so: those that are no defaults.

        >>> TableFormat.saying(text_columns=["Processed Text"], separator=";").needed_settings
        {'separator': ';'}
        """
        usual = {field.name: field.default for field in fields(self)} | {"text_columns": TEXT_COLUMNS}
        return {name: value for name, value in self.said_settings.items() if value is not None and value != usual[name]}

    def over(self, kept: TableFormat) -> TableFormat:
        """What was said here, and what another format says of everything else.

        >>> kept = TableFormat("Comment", theme_column="Codes", separator="|")
        >>> form = TableFormat(theme_column="Topics").over(kept)
        >>> form.named_columns, form.separator, TableFormat.saying(separator=", ").over(kept).separator
        (('Comment', 'Topics'), '|', ', ')
        """
        given = self.said_settings
        if "theme_column" in given:  # which of the two kinds is meant is said by the one that is named
            given.setdefault("theme_columns", None)
        return replace(kept, **given)


def _check_names(form: TableFormat) -> None:
    """Refuse columns that are named twice, and more columns of text than a text is made of."""
    themes = "theme_column" if form.theme_columns is None else "theme_columns"
    for setting, names in (("text_columns", form.texts), (themes, form.themes)):
        twice = repeated(names)
        if twice is not None:
            raise TableError(f"{option(setting)} names the column {twice!r:.200} twice; name it once.")
        for name in map(str, names):
            if len(name) > LONGEST_COLUMN:
                raise TableError(
                    f"{option(setting)} names a column of {len(name):,} characters, {name[:40]!r}..., and its name may "
                    f"have {LONGEST_COLUMN:,}; give it a shorter one."
                )
    if len(form.texts) > MOST_TEXT_COLUMNS:
        given = f"{option('text_columns')} names {len(form.texts):,} columns"
        raise TableError(f"{given}, and a text is made of {MOST_TEXT_COLUMNS} at most; join some of them in the table.")


def header_rows(value: int | Sequence[int] | None) -> tuple[int, ...] | None:
    """The rows of a header as a tuple; a ValueError where they are no numbers from 1, each larger than the last.

    >>> header_rows(3), header_rows([1, 2]), header_rows(None)
    ((3,), (1, 2), None)
    """
    if value is None:
        return None
    rows = (value,) if isinstance(value, Integral) else tuple(value) if isinstance(value, list | tuple) else ()
    if not rows or not all(isinstance(row, Integral) and not isinstance(row, bool) and int(row) >= 1 for row in rows):
        raise ValueError(f"{option('header_row')} must be a row from 1, or several such as 1,2, but is {value!r}.")
    if list(rows) != sorted(set(rows)):
        raise ValueError(f"{option('header_row')} must name rows from above to below, but is {value!r}.")
    return tuple(int(row) for row in rows)


DEFAULT_FORMAT = TableFormat()
