"""The themes of a table's rows, changed in place: in a column of separated themes, or in 0/1 columns."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from themetagger.corpus import DEFAULT_FORMAT, TableError, TableFormat, read_table, spelling
from themetagger.corpus.table import check_columns, is_missing
from themetagger.corpus.themes import map_of_frame, split_cell, themes_of_column, themes_of_columns


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
        self.source, self._separator, self._alike = source, table_format.separator, table_format.alike
        self.columns = table_format.themes
        self._separated = table_format.theme_columns is None
        setting = "theme_column" if self._separated else "theme_columns"
        check_columns(frame, self.columns, source=source, setting=setting)
        self._map = _map(table_format.theme_map)
        self._cells = {name: frame[name].tolist() for name in self.columns}
        self._original = frame
        if self._separated:
            rows = themes_of_column(frame, self.columns[0], separator=self._separator, source=source)
            self._known = {self._meant(name) for names in rows for name in names}
        else:
            themes_of_columns(frame, self.columns, source=source)  # which refuses what is neither 0 nor 1
            self._known = {self._meant(name.strip()) for name in self.columns}

    @property
    def frame(self) -> pd.DataFrame:
        """The table with all changes."""
        changed = self._original.copy()
        for name, cells in self._cells.items():
            if not all(new is old for new, old in zip(cells, self._original[name].tolist(), strict=True)):
                changed[name] = _column(cells, self._original[name])
        return changed

    def joined(self, cell: Any) -> str | None:
        """A list of themes as a cell of text; None where it would be read as other themes, or is no such list."""
        names = split_cell(cell, separator=self._separator) if not isinstance(cell, dict) else None
        text = self._separator.join(names or ())
        return text if names is not None and (split_cell(text, separator=self._separator) or []) == names else None

    def knows(self, theme: str) -> bool:
        """Whether the table has such a theme."""
        return self._key(theme) in self._known

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
        cells = self._cells[self.columns[0]]
        names = split_cell(cells[row], separator=self._separator) or []
        if any(self._is(name, theme) for name in names) == has:
            return False
        if has and (split_cell(theme, separator=self._separator) != [theme] or not self._is(theme, theme)):
            raise TableError(
                f"{place}, column 'theme': {theme!r} cannot be written into {self.source}, where it would be read as "
                "another theme; add it there by hand."
            )
        cells[row] = self._with(cells, row, theme) if has else self._without(cells[row], theme)
        return True

    def _with(self, cells: list[Any], row: int, theme: str) -> Any:
        cell, bare = cells[row], self._separator.strip() or self._separator
        if isinstance(cell, str) and cell.strip():
            return f"{cell.rstrip().removesuffix(bare).rstrip()}{self._separator}{theme}"
        if isinstance(cell, str) or (is_missing(cell) and not any(map(_is_list, cells))):
            return theme
        return [*([] if is_missing(cell) else cell), theme]

    def _without(self, cell: Any, theme: str) -> Any:
        if not isinstance(cell, str):
            return [name for name in cell if is_missing(name) or not self._is(str(name).strip(), theme)]
        bare = self._separator.strip() or self._separator
        return bare.join(part for part in cell.split(bare) if not self._is(part.strip(), theme)).strip()

    def _set_columns(self, row: int, theme: str, has: bool, place: str) -> bool:
        own = [name for name in self.columns if self._is(name.strip(), theme)]
        on = [name for name in own if _on(self._cells[name][row])]
        if bool(on) == has:
            return False
        exact = [name for name in own if name.strip() == theme] or own
        if has and len(exact) > 1:
            raise TableError(
                f"{place}, column 'theme': {theme!r} is {' and '.join(map(repr, exact))} in {self.source}; set the "
                "right one of them by hand."
            )
        for name in exact if has else on:
            self._cells[name][row] = _switched(self._cells[name][row], has)
        return True


def _map(theme_map: str | os.PathLike[str] | Mapping[str, str] | None) -> Mapping[str, str]:
    if theme_map is None or isinstance(theme_map, Mapping):
        return theme_map or {}
    return map_of_frame(read_table(theme_map)[0], source=Path(theme_map).name)


def _is_list(cell: Any) -> bool:
    return not isinstance(cell, str) and not is_missing(cell)


def _on(cell: Any) -> bool:
    return cell.strip().casefold() in ("1", "true") if isinstance(cell, str) else bool(cell)


def _switched(cell: Any, on: bool) -> Any:
    """1 or 0 in the way in which the other is written there."""
    if not isinstance(cell, str):
        return type(cell)(on)
    words = {"true": "false", "True": "False", "TRUE": "FALSE"}
    for yes, no in words.items():
        if cell.strip() in (yes, no):
            return yes if on else no
    return "1" if on else "0"


def _column(cells: list[Any], original: pd.Series[Any]) -> Any:
    """Cells as a column of the type that they had."""
    column = np.empty(len(cells), dtype=object)
    for row, cell in enumerate(cells):  # one by one: NumPy would turn lists of equal length into a second axis
        column[row] = cell
    return pd.Series(column, index=original.index, dtype=original.dtype)
