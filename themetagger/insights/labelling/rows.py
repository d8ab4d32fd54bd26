"""The themes of a table's rows, changed in place: in a column of separated themes, or in 0/1 columns."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from themetagger.corpus import DEFAULT_FORMAT, TableError, TableFormat, spelling
from themetagger.corpus.frame_columns import check_columns
from themetagger.corpus.kept_format import read_theme_map
from themetagger.corpus.labels.cells import split_cell
from themetagger.corpus.labels.columns import ThemeColumn, theme_column
from themetagger.corpus.labels.editing import with_name, without_names
from themetagger.corpus.labels.on_off import OnOff, notes_on_marks, on_off
from themetagger.corpus.labels.separators import joined


class Labelling:
    """The labels of a table that can be changed one by one; every cell that is not changed stays as it is.

    Parameters
    ----------
    frame : the table; it is not changed, ``frame`` of this object is
    source : its name, for messages
    table_format : its columns of themes, their separator, ``theme_map`` and ``alike``

    Raises
    ------
    TableError
        If a column is not there or holds no themes.

    Examples
    --------
    >>> labels = Labelling(pd.DataFrame({"Themes": ["pay , staff", ""]}), "a.csv")
    >>> labels.set(0, "staff", False, "review, line 2"), labels.set(1, "staff", True, "review, line 3")
    (True, True)
    >>> labels.frame["Themes"].tolist()
    ['pay', 'staff']
    """

    def __init__(self, frame: pd.DataFrame, source: str, table_format: TableFormat = DEFAULT_FORMAT) -> None:
        """Read the themes of all rows."""
        self.source, self._alike = source, table_format.alike
        self.columns = table_format.themes
        self._separated = table_format.theme_columns is None
        setting = "theme_column" if self._separated else "theme_columns"
        check_columns(frame, self.columns, source=source, setting=setting)
        self._map = _map(table_format.theme_map)
        self._cells = {name: frame[name].tolist() for name in self.columns}
        self._original = frame
        self._read: dict[str, ThemeColumn] = {}
        self._filled: dict[str, OnOff] = {}
        if self._separated:
            separator = table_format.separator
            self._read = {name: theme_column(frame, name, separator=separator, source=source) for name in self.columns}
            names = (name for column in self._read.values() for cell in column.cells for name in cell.names)
            self._known = {self._meant(name) for name in names}
        else:
            empty = table_format.empty_cells
            self._filled = {name: on_off(frame, name, empty_cells=empty, source=source) for name in self.columns}
            self._known = {self._meant(name.strip()) for name in self.columns}

    @property
    def notes(self) -> list[str]:
        """How cells were read that are neither separated names nor 0 and 1."""
        return [
            *(note for column in self._read.values() for note in column.notes()),
            *notes_on_marks(self._filled.values()),
        ]

    @property
    def frame(self) -> pd.DataFrame:
        """The table with all changes."""
        changed = self._original.copy()
        for name, cells in self._cells.items():
            if not all(new is old for new, old in zip(cells, self._original[name].tolist(), strict=True)):
                changed[name] = _column(cells, self._original[name])
        return changed

    def joined(self, cell: Any, column: str) -> str | None:
        """A list of themes as a cell of text; None where it would be read as other themes, or is no such list."""
        separator = self._read[column].separator
        names = split_cell(cell, separator=separator)
        text = joined(names or (), separator)
        return text if names is not None and split_cell(text, separator=separator) == names else None

    def knows(self, theme: str) -> bool:
        """Whether the table has such a theme."""
        return self._key(theme) in self._known

    def has(self, row: int, theme: str) -> bool:
        """Whether a row has a theme."""
        if self._separated:
            return any(self._has(name, row, theme) for name in self.columns)
        own = [name for name in self.columns if self._is(name.strip(), theme)]
        return any(self._filled[name].is_on(self._cells[name][row]) for name in own)

    def set(self, row: int, theme: str, has: bool, place: str) -> bool:
        """Let a row have a theme, or not; whether that changed anything. ``place`` asked for it, for messages."""
        change = self._set_separated if self._separated else self._set_columns
        return change(row, theme, has, place)

    def _key(self, theme: str) -> str:
        return spelling(theme) if self._alike == "merge" else theme

    def _meant(self, name: str) -> str:
        """The theme that a name in the table stands for."""
        return self._key(self._map.get(name, name))

    def _is(self, name: str, theme: str) -> bool:
        return self._meant(name) == self._key(theme)

    def _set_separated(self, row: int, theme: str, has: bool, place: str) -> bool:
        own = [name for name in self.columns if self._has(name, row, theme)]
        if bool(own) == has:
            return False
        if has:
            own = [next((name for name in self.columns if not self._names(name, row)), self.columns[-1])]
        for name in own:
            cells, column = self._cells[name], self._read[name]
            if has:
                listed = any(cell.form == "list" for cell in column.cells)
                new = with_name(cells[row], theme, column, listed=listed) if self._is(theme, theme) else None
            else:
                new = without_names(cells[row], lambda one: self._is(one, theme), column)
            if new is None:
                raise TableError(
                    f"{place}, column 'theme': {theme!r} cannot be {'written into' if has else 'taken out of'} "
                    f"{self.source}, where it would be read as another theme; change it there by hand."
                )
            cells[row] = new
        return True

    def _names(self, column: str, row: int) -> list[str]:
        return self._read[column].read(self._cells[column][row]).names

    def _has(self, column: str, row: int, theme: str) -> bool:
        return any(self._is(name, theme) for name in self._names(column, row))

    def _set_columns(self, row: int, theme: str, has: bool, place: str) -> bool:
        own = [name for name in self.columns if self._is(name.strip(), theme)]
        on = [name for name in own if self._filled[name].is_on(self._cells[name][row])]
        if bool(on) == has:
            return False
        exact = [name for name in own if name.strip() == theme] or own
        if has and len(exact) > 1:
            raise TableError(
                f"{place}, column 'theme': {theme!r} is {' and '.join(map(repr, exact))} in {self.source}; set the "
                "right one of them by hand."
            )
        for name in exact if has else on:
            self._cells[name][row] = self._filled[name].switched(self._cells[name][row], has)
        return True


def _map(theme_map: str | os.PathLike[str] | Mapping[str, str] | None) -> Mapping[str, str]:
    return {} if theme_map is None else read_theme_map(theme_map)


def _column(cells: list[Any], original: pd.Series[Any]) -> Any:
    """Cells as a column of the type that they had."""
    column = np.empty(len(cells), dtype=object)
    for row, cell in enumerate(cells):  # one by one: NumPy would turn lists of equal length into a second axis
        column[row] = cell
    return pd.Series(column, index=original.index, dtype=original.dtype)
