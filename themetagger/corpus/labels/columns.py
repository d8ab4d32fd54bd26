"""The names in one or several columns of themes, row by row, with notes on what was read and what looks odd."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.errors import TableError
from themetagger.corpus.labels.cells import Cell, Names, one_column_each, read_cell
from themetagger.corpus.labels.errors import CellError
from themetagger.corpus.labels.literals import bare_list, is_bracketed, literal
from themetagger.corpus.labels.odd_names import notes_on_names
from themetagger.corpus.labels.said_values import first_of_values, values_remedy
from themetagger.corpus.labels.separators import unescaped
from themetagger.corpus.table import place_of

_VECTOR = re.compile(r"[01](?:[\s,;|/]*[01])*")  # "0 0 1", or "001"
_TRUTHS = {"true", "false"}


@dataclass(frozen=True)
class ThemeColumn:
    """A column of themes that has been read.

    Attributes
    ----------
    name : of the column
    separator : stands between the names in a text
    bare : opening brackets in which names without quotes are a list
    cells : what each of the n cells says
    """

    name: str
    separator: str
    bare: frozenset[str]
    cells: tuple[Cell, ...]

    def read(self, cell: Any) -> Cell:
        """Another cell, read as those of the column."""
        return read_cell(cell, separator=self.separator, bare=self.bare)

    def notes(self) -> list[str]:
        """How the cells were read that are neither separated text nor lists."""
        counts = Counter(cell.form for cell in self.cells)
        notes = []
        if n := counts["written list"] + counts["bare list"]:
            held = agreeing(n, "is a list written as text; it was", "are lists written as text; they were")
            notes.append(f"Column {self.name!r}: {number_of(n, 'cell')} {held} read as {agreeing(n, 'one', 'lists')}.")
        if n := counts["object"] + counts["named objects"]:
            keys = " and ".join(sorted({repr(cell.key) for cell in self.cells if cell.key}))
            held = agreeing(n, "holds an object or a list of them", "hold objects")
            under = f"what they have under {keys} was read as the names"
            notes.append(f"Column {self.name!r}: {number_of(n, 'cell')} {held}; {under}.")
        return notes


def theme_column(frame: pd.DataFrame, name: str, *, separator: str, source: str) -> ThemeColumn:
    """A column of separated strings, lists or objects with names; a TableError for any other cell.

    >>> column = theme_column(pd.DataFrame({"t": ["['pay']", "[]"]}), "t", separator=", ", source="a.csv")
    >>> [cell.names for cell in column.cells], column.notes()
    ([['pay'], []], ["Column 't': 2 cells are lists written as text; they were read as lists."])
    """
    if not separator:
        raise TableError(f"{source}: {option('separator')} must be a text such as ', ', but got {separator!r}.")
    values = frame[name].tolist()
    column = ThemeColumn(name, unescaped(separator), frozenset(), ())
    column = replace(column, bare=_bare_brackets(values, column.separator))
    known: dict[str, Cell] = {}
    cells = []
    for row, value in enumerate(values):
        try:
            if not isinstance(value, str):
                cells.append(column.read(value))
                continue
            if value not in known:
                known[value] = column.read(value)
            cells.append(known[value])
        except CellError as error:
            raise error.at(source, place_of(frame, row), name) from None
    _check_vectors(frame, name, values, cells, source=source)
    return replace(column, cells=tuple(cells))


def named_themes(
    frame: pd.DataFrame, columns: Sequence[str], *, separator: str, source: str
) -> tuple[list[Names], list[str]]:
    """The themes of each row, of all these columns together and each once, and notes; else a TableError.

    >>> frame = pd.DataFrame({"Code 1": ["pay", "staff"], "Code 2": ["staff", "staff, food"]})
    >>> named_themes(frame, ["Code 1", "Code 2"], separator=", ", source="a.csv")[0]
    [['pay', 'staff'], ['staff', 'food']]
    """
    read = [theme_column(frame, name, separator=separator, source=source) for name in columns]
    notes = [note for column in read for note in column.notes()]
    notes += notes_on_names([cell for column in read for cell in column.cells], unescaped(separator))
    rows = zip(*(column.cells for column in read), strict=True)
    return [list(dict.fromkeys(name for cell in row for name in cell.names)) for row in rows], notes


def _bare_brackets(values: Iterable[Any], separator: str) -> frozenset[str]:
    """The opening brackets whose cells are lists without quotes: one has several members, or all cells are such."""
    texts = {value.strip() for value in values if isinstance(value, str)} - {""}
    within = [text for text in texts if is_bracketed(text) and not _written(text)]
    found = set()
    for opening in {text[0] for text in within}:
        lists = [bare_list(text, separator) or [] for text in within if text[0] == opening]
        every = opening != "(" and len(lists) > 1 and len(lists) == sum(not _written(text) for text in texts)
        if every or any(len(names) > 1 for names in lists):
            found.add(opening)
    return frozenset(found)


def _written(text: str) -> bool:
    try:
        return literal(text) is not None
    except CellError:
        return True


def _check_vectors(frame: pd.DataFrame, name: str, values: list[Any], cells: list[Cell], *, source: str) -> None:
    """TableError where the cells of a column are 0 and 1, or true and false, instead of names."""
    row = first_of_values(cells)
    if row is not None:
        raise CellError(values[row], values_remedy()).at(source, place_of(frame, row), name)
    row = _first_vector(cells)
    if row is None:
        return
    truths = {name.casefold() for name in cells[row].names} <= _TRUTHS
    single = "is a truth value, not the name of a theme" if truths else "is 0 or 1, not the name of a theme"
    many = "is a vector of truth values, not names" if truths else "is a vector of 0 and 1, not names"
    what = (
        single
        if re.fullmatch(r"\w+(?:\.0?)?", str(values[row]).strip()) and not _are_bits(set(cells[row].names))
        else many
    )
    raise CellError(values[row], f"{what}; {one_column_each()}").at(source, place_of(frame, row), name)


def _first_vector(cells: Sequence[Cell]) -> int | None:
    """The first row whose cell is a vector of 0 and 1, or of a column that holds no other; else None."""
    for row, cell in enumerate(cells):
        if cell.certain:
            return row
    filled = [row for row, cell in enumerate(cells) if cell.names]
    names = {name for row in filled for name in cells[row].names}
    if not names:
        return None
    listed = any(cells[row].form not in ("text", "number") for row in filled)
    if all(cells[row].vector for row in filled) and (listed or {"0", "0.0"} & names):
        return filled[0]
    if {name.casefold() for name in names} <= _TRUTHS or _are_bits(names):
        return filled[0]
    return None


def _are_bits(names: set[str]) -> bool:
    """Whether all names are vectors written without commas, such as "0 0 1", or "001" and all of one length."""
    if not all(_VECTOR.fullmatch(name) for name in names) or not any("0" in name for name in names):
        return False
    spaced = any(not name.isdigit() for name in names)
    sizes = {len(re.findall("[01]", name)) for name in names}
    return len(sizes) == 1 and (min(sizes) > 1 if spaced else min(sizes) > 2)
