"""How a table says its texts and themes: which columns hold them, and how its file is read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from themetagger._utils.faces import option

Alike = Literal["keep", "merge", "error"]
EmptyCells = Literal["error", "zero"]
ALIKE: tuple[Alike, ...] = get_args(Alike)
EMPTY_CELLS: tuple[EmptyCells, ...] = get_args(EmptyCells)
TEXT_COLUMNS = ("Processed Text",)
THEME_COLUMN = "Themes"


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
    empty_cells : what an empty cell means in a 0/1 column that also holds 0, or No: "error" (default) refuses it, "zero"
        reads it as 0; where a column holds nothing but 1 (or x, or Yes) and empty cells, empty is 0
    theme_map : a dict, or a table file of two columns with a header (fine, broad), that replaces fine themes by broader
        ones; themes that it does not list stay. Default None
    alike : what is done with themes that differ only by case, spaces or Unicode form: "keep" (default) leaves them two
        themes, "merge" makes them one, "error" refuses the table
    delimiter : of a CSV or TSV file, default None: a comma (.tsv: a tab) unless the header shows another
    encoding : of a text file, default None: UTF-8, or what its byte order mark says

    Raises
    ------
    ValueError
        If ``alike`` is none of these words.

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

    def __post_init__(self) -> None:
        """Take one column name for a list of one, not for its letters."""
        for name in ("text_columns", "theme_columns"):
            columns = getattr(self, name)
            if columns is not None:
                object.__setattr__(self, name, (columns,) if isinstance(columns, str) else tuple(columns))
        if not isinstance(self.theme_column, str):
            columns = tuple(self.theme_column)
            object.__setattr__(self, "theme_column", columns[0] if len(columns) == 1 else columns)
        for name, known in (("alike", ALIKE), ("empty_cells", EMPTY_CELLS)):
            if getattr(self, name) not in known:
                given = f"{option(name)} must be one of {', '.join(known)}"
                raise ValueError(f"{given} but is {getattr(self, name)!r}.")

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
        return (*self.texts, *self.themes)

    @property
    def file_settings(self) -> dict[str, Any]:
        """What `read_table` needs beside the names of columns: ``delimiter`` and ``encoding``."""
        return {"delimiter": self.delimiter, "encoding": self.encoding}

    def with_texts(self, columns: Sequence[str]) -> TableFormat:
        """The same with these text columns, unless it names its own.

        >>> TableFormat().with_texts(["Comment"]).texts, TableFormat(["Body"]).with_texts(["Comment"]).texts
        (('Comment',), ('Body',))
        """
        return replace(self, text_columns=columns) if self.text_columns is None else self


DEFAULT_FORMAT = TableFormat()
