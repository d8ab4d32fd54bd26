"""Rows that are no answers (a header again, a total, types of columns), and columns of themes that nobody named."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.column_names import column_meant, listed, plain
from themetagger.corpus.frame_columns import READING
from themetagger.corpus.labels.cells import split_cell
from themetagger.corpus.readers.base import Reading
from themetagger.corpus.table import place_of
from themetagger.corpus.table_format import TableFormat

Names = list[str]

_SHOWN = 5  # places in one note
_TOTAL = re.compile(
    r"(?:grand |sub)?total|sum(?:me|ma|a)?|average|mean|count|n\s*=|gesamt|source|sources|quelle|notes?|remarks?|somme",
    re.IGNORECASE,
)
_LONGEST = 200  # characters of a remark below a table
_ENOUGH = 10  # rows, fewer than which say nothing of what is usual
_SINGLE = 0.02  # share of rows all of whose themes occur once, at most, in a table where that is odd
_NUMBERING = re.compile(r"[\s._(-]*\d+\)?$")
_KNOWN = 0.5  # share of the names in a column that are themes, where it is one of themes
_FEW = 3  # cells that a column of themes holds at least


def repeated_header(frame: pd.DataFrame, columns: Sequence[str], *, source: str) -> tuple[NDArray[np.bool_], Names]:
    """Which rows repeat the names of the columns that are read, and a note on them; tables below one another have such.

    >>> frame = pd.DataFrame({"text": ["low pay", "text"], "themes": ["pay", "themes"]})
    >>> repeated_header(frame, ["text", "themes"], source="a.csv")
    (array([False,  True]), ['Row 1 repeats the names of the columns; it was passed over.'])
    """
    names, aliases = [str(name) for name in frame.columns], frame.attrs.get(READING, Reading()).aliases
    meant = list(dict.fromkeys(column_meant(name, names, aliases, source=source) for name in columns))
    same = np.ones(len(frame), dtype=bool)
    for name in meant:
        if name is None:
            return np.zeros(len(frame), dtype=bool), []
        same &= np.array([isinstance(cell, str) and plain(cell) == plain(name) for cell in frame[name].tolist()])
    rows = np.flatnonzero(same) if len(meant) > 1 else np.array([], dtype=int)
    if not len(rows):
        return np.zeros(len(frame), dtype=bool), []
    repeat, were = agreeing(len(rows), "repeats", "repeat"), agreeing(len(rows), "it was", "they were")
    return same, [f"{_places(frame, rows.tolist())} {repeat} the names of the columns; {were} passed over."]


def odd_ends(frame: pd.DataFrame, texts: Sequence[str], rows: Sequence[Names]) -> list[str]:
    """Notes on a first and a last row that seem to be none: they alone have themes that occur nowhere else.

    Parameters
    ----------
    frame : the table, n rows, for their places
    texts : of the n rows
    rows : their themes
    """
    counts = Counter(name for names in rows for name in names)
    single = [row for row, names in enumerate(rows) if names and all(counts[name] == 1 for name in names)]
    last, notes = len(rows) - 1, []
    odd = set(single) if len(rows) >= _ENOUGH and len(single) <= max(1, _SINGLE * len(rows)) else set[int]()
    if 0 in odd:
        remedy = f"if it belongs to the header, pass {option('header_row', (1, 2))}, or take it out"
        notes.append(f"{_places(frame, [0])}, the first, alone has the theme {rows[0][0]!r}: {remedy}.")
    remark = _TOTAL.match(texts[last].strip()) and len(texts[last]) <= _LONGEST if len(rows) >= _ENOUGH else None
    if last in odd or (remark and not rows[last]):
        alone = f" alone has the theme {rows[last][0]!r}" if last in odd else f" says {texts[last].strip()[:60]!r}"
        notes.append(f"{_places(frame, [last])}, the last,{alone}: if it is a total or a remark, take it out.")
    return notes


def unread_columns(frame: pd.DataFrame, form: TableFormat, themes: Sequence[str]) -> list[str]:
    """A note on columns beside those of themes that hold themes too: without a name, or with the same one and a number.

    Parameters
    ----------
    frame : the table, its columns as the format names them
    form : how it is read
    themes : that were read
    """
    if form.theme_columns is not None:
        return []
    known, stems, found = set(themes), {_stem(name) for name in form.themes}, list[str]()
    held = {
        str(name): [split_cell(cell, separator=form.separator) or [] for cell in frame[name].tolist()]
        for name in frame.columns
        if name not in form.named_columns and (not str(name).strip() or _stem(str(name)) in stems)
    }
    for name, cells in held.items():
        names = {one for own in cells for one in own}
        if sum(map(bool, cells)) >= _FEW and len(names & known) >= max(1, _KNOWN * len(names)):
            found.append(name)
            known |= names
    if not found:
        return []
    if not all(name.strip() for name in found):
        n = len(found)
        which = agreeing(n, "A column without a name holds themes too and was", "")
        which = which or f"{n} columns, some of them without a name, hold themes too and were"
        give = f"give {agreeing(n, 'it a name', 'each a name')} and pass {option('theme_column')} for each"
        return [f"{which} not read: {give} column of themes."]
    hold = agreeing(len(found), "holds themes too and was not read", "hold themes too and were not read")
    columns = option("theme_column", [*form.themes, *found])
    return [f"The {agreeing(len(found), 'column', 'columns')} {listed(found)} {hold}; pass {columns} to join them."]


def rows_without_text(texts: Sequence[str], rows: Sequence[Names]) -> list[str]:
    """A note on rows that have themes and no text below one that has text, as where a row goes on in the next.

    >>> rows_without_text(["low pay, rude boss", ""], [["pay"], ["staff"]])
    ["1 row has themes but no text: if it goes on with the text above, fill that in and pass repeats='join'."]
    """
    n = sum(bool(names) and not text.strip() for text, names in zip(texts, rows, strict=True))
    if not n or not any(text.strip() for text in texts):
        return []
    has, go = agreeing(n, "has", "have"), agreeing(n, "it goes", "they go")
    remedy = f"fill that in and pass {option('repeats', 'join')}"
    return [f"{number_of(n, 'row')} {has} themes but no text: if {go} on with the text above, {remedy}."]


def _stem(name: str) -> str:
    """The name of a column without its number.

    >>> _stem("Code 2"), _stem("Themes.1"), _stem("Themes"), _stem("q5_3")
    ('code', 'themes', 'themes', 'q5')
    """
    return _NUMBERING.sub("", plain(name)).casefold()


def _places(frame: pd.DataFrame, rows: Sequence[int]) -> str:
    unit, _, first = place_of(frame, rows[0]).partition(" ")
    places = [first, *(place_of(frame, row).partition(" ")[2] for row in rows[1:_SHOWN])]
    more = f" and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else ""
    listed_places = places[0] if len(places) == 1 else f"{', '.join(places[:-1])}{',' if more else ' and'} {places[-1]}"
    return f"{unit.capitalize()}{'s' * (len(rows) > 1)} {listed_places}{more}"
