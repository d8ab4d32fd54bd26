"""Columns of a frame, found by the names that a user wrote."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing
from themetagger.corpus.column_names import JOINT, ColumnNames, KeptName, column_meant, listed, looks_like, plain, shown
from themetagger.corpus.errors import TableError
from themetagger.corpus.readers.base import Reading
from themetagger.corpus.table_format import TableFormat

READING = "reading"  # where a frame keeps what its reader knows of it
_LONGEST = 200  # characters of a name that may be proposed


def check_header(frame: pd.DataFrame, *, source: str) -> None:
    """TableError when two columns of the frame have the same name."""
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise TableError(f"{source}: two columns are called {twice[0]!r}; rename one of them.")


def check_columns(
    frame: pd.DataFrame, columns: Sequence[str], *, source: str, setting: str, taken: Sequence[str] = ()
) -> list[str]:
    """The columns of a frame that are meant by some names, as `column_meant` finds them.

    Parameters
    ----------
    frame : the table
    columns : names as the user wrote them
    source : name of the table, for messages
    setting : by which they were named, for messages
    taken : columns that are something else, default none

    Raises
    ------
    TableError
        If one is missing; it names those that there are, the nearest, and how to pass it.
    """
    names, reading = ColumnNames(map(str, frame.columns)), frame.attrs.get(READING, Reading())
    found = []
    for column in columns:
        if column in frame.columns:
            found.append(column)
            continue
        meant = column_meant(column, names, reading.aliases, source=source)
        if meant is None:
            left = [name for name in names if name not in taken]
            raise TableError(_missing_column(column, names, reading, left, source=source, setting=setting))
        found.append(meant)
    return found


def has_columns(frame: pd.DataFrame, columns: Sequence[str], *, source: str) -> bool:
    """Whether a frame has all of some columns, as `check_columns` finds them."""
    names, aliases = ColumnNames(map(str, frame.columns)), frame.attrs.get(READING, Reading()).aliases
    return all(column_meant(name, names, aliases, source=source) is not None for name in columns)


def columns_or_new(frame: pd.DataFrame, columns: Sequence[str], *, source: str) -> list[str]:
    """The columns of a frame that are meant by some names, and the names of those that it does not have."""
    names, aliases = ColumnNames(map(str, frame.columns)), frame.attrs.get(READING, Reading()).aliases
    return [column_meant(name, names, aliases, source=source) or name for name in columns]


def _missing_column(
    column: str, names: Sequence[str], reading: Reading, left: Sequence[str], *, source: str, setting: str
) -> str:
    """The message that there is no such column; ``left`` are the names that may be meant."""
    named = [name for name in names if name.strip()]
    possible = [name for name in named if name in left]
    typed = {
        plain(name).casefold(): plain(name) for name in reversed([*possible, *reading.aliases]) if len(name) < _LONGEST
    }
    near = difflib.get_close_matches(plain(column).casefold(), list(typed), n=1, cutoff=0.5)
    hint = f"; did you mean {shown(typed[near[0]])}?" if near else "."
    tuned = ", which the tagger was tuned on" if isinstance(column, KeptName) else ""
    missing = f"{source}: there is no column {shown(column)}{tuned}{hint}"
    if reading.headless:
        return f"{source}: there is no column {shown(column)}.{reading.advice} It holds {listed(named)}."
    if len(possible) == 1 < len(named) and len(possible[0]) < _LONGEST:
        return (
            f"{missing} The columns are {listed(named)}; pass {option(setting, [plain(possible[0])])}.{reading.advice}"
        )
    if len(named) != 1:
        which = f"The columns are {listed(named)}; pass one of them as {option(setting)}."
        return f"{missing} {which}{reading.advice}"
    only = named[0]
    told = option(setting, [plain(only)]) if len(only) < _LONGEST else option(setting)
    split = f", or {option('delimiter')} if several were read as one" if reading.delimited else ""
    return f"{missing} The only column is {shown(only)}; pass {told}{split}.{reading.advice}"


def spelled_notes(frame: pd.DataFrame, wanted: Sequence[str], *, source: str) -> list[str]:
    """A note on columns whose names have other white space, or more words, than those by which they are wanted."""
    names, aliases = ColumnNames(map(str, frame.columns)), frame.attrs.get(READING, Reading()).aliases
    pairs = [(name, column_meant(name, names, aliases, source=source)) for name in dict.fromkeys(wanted)]
    other = [(name, meant) for name, meant in pairs if meant is not None and looks_like(meant) != looks_like(name)]
    if not other:
        return []
    typed, there = (listed(list(names)) for names in zip(*other, strict=True))
    columns, were = agreeing(len(other), "column", "columns"), agreeing(len(other), "was", "were")
    return [f"The {columns} {there} {were} taken for {typed}."]


def as_named(frame: pd.DataFrame, form: TableFormat, *, source: str) -> pd.DataFrame:
    """The frame with the columns that a format names under the names that it has for them; others stay.

    >>> frame = pd.DataFrame({"What\\nelse?": ["low pay"], "Themes": ["pay"]})
    >>> as_named(frame, TableFormat("What else?"), source="a.csv").columns.tolist()
    ['What else?', 'Themes']
    """
    names, aliases = ColumnNames(map(str, frame.columns)), frame.attrs.get(READING, Reading()).aliases
    other: dict[str, str] = {}
    for name in form.named_columns:
        meant = None if name in frame.columns else column_meant(name, names, aliases, source=source)
        if meant is not None and other.setdefault(meant, name) != name:
            raise TableError(f"{source}: {shown(other[meant])} and {shown(name)} are one column; name it once.")
    return frame.rename(columns=other) if other else frame


def one_header(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose columns have several names above one another, joined as a file with such a header has them.

    >>> columns = pd.MultiIndex.from_tuples([("Q1", "Comment"), ("Q2", "Themes")])
    >>> one_header(pd.DataFrame([["low pay", "pay"]], columns=columns)).columns.tolist()
    ['Q1: Comment', 'Q2: Themes']
    """
    if frame.columns.nlevels == 1:
        return frame
    every = ([str(part) for part in name] for name in frame.columns.tolist())
    levels = [[part for part in parts if part.strip() and not part.startswith("Unnamed:")] for parts in every]
    names = [JOINT.join(dict.fromkeys(parts)) for parts in levels]
    short = [(plain(part), name) for parts, name in zip(levels, names, strict=True) for part in dict.fromkeys(parts)]
    once = Counter(part for part, _ in short)
    flat = frame.set_axis(names, axis=1)
    flat.attrs[READING] = Reading({part: name for part, name in short if once[part] == 1})
    return flat
