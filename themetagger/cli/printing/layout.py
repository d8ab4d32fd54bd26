"""A table in so many columns of a terminal: widths, names cut with an ellipsis, and the columns that have no room."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from themetagger._utils.wrapping import width_of

WIDE, NARROW = 2, 1  # spaces between two columns; before a number one will do, where room is short
LEAST = 20  # characters of a text by which it is known
KNOWN = 30  # characters of an important text that columns of less importance must not take
MOST = 60  # characters of a text that are shown, however wide the terminal is

_NUMBER = re.compile(r"–|[-+<>]*[0-9][0-9.,]*( to [-+]?[0-9][0-9.,]*)?( %)?")


@dataclass(frozen=True)
class Column:
    """A column to be shown: its heading, its cells as text, and whether they are numbers."""

    name: str
    heading: str
    cells: tuple[str, ...]
    number: bool

    @property
    def full(self) -> int:
        """The width with which nothing is cut, and the heading takes two lines at most."""
        words = self.heading.split()
        halves = (max(width_of(" ".join(words[:i])), width_of(" ".join(words[i:]))) for i in range(len(words) + 1))
        return max(min(halves), self._longest if self.number else min(self._longest, MOST))

    @property
    def least(self) -> int:
        """The width with which it can still be read: all of a number, the beginning of a text, its heading."""
        return max(self._words, self._longest if self.number else min(self._longest, LEAST))

    @property
    def _longest(self) -> int:
        return max(map(width_of, self.cells), default=0)

    @property
    def _words(self) -> int:
        return max(map(width_of, self.heading.split()), default=0)


def cut(text: str, width: int, *, keep_end: bool = False) -> str:
    """The text in at most ``width`` columns, with an ellipsis where something is left out: at the end, or before it.

    Examples
    --------
    >>> cut("a theme", 20), cut("a very long theme", 8), cut("a very long theme", 9, keep_end=True)
    ('a theme', 'a very…', 'a ver…eme')
    """
    if width_of(text) <= width:
        return text
    room = max(0, width - 1)
    tail = _fitting_part(text[::-1], room * 2 // 5)[::-1].lstrip() if keep_end else ""
    return (_fitting_part(text, room - width_of(tail)).rstrip() + "…" + tail) if width else ""


def _fitting_part(text: str, width: int) -> str:
    """The longest beginning of a text that fits."""
    end = used = 0
    for sign in text:
        used += width_of(sign)
        if used > width:
            break
        end += 1
    return text[:end].rstrip("\u200d")  # a joiner at the end would join the ellipsis


def cut_apart(names: Sequence[str], width: int) -> list[str]:
    """Names cut so that different names stay different wherever their ends tell them apart.

    Examples
    --------
    >>> cut_apart(["staff: general", "staff: of service users", "pay"], 11)
    ['staff: gen…', 'staff: of…', 'pay']
    >>> cut_apart(["care of the old", "care of the young"], 11)
    ['care of…old', 'care o…oung']
    """
    short = {name: cut(name, width) for name in dict.fromkeys(names)}
    twice = Counter(short.values())
    return [cut(name, width, keep_end=twice[short[name]] > 1) for name in names]


def fitted(columns: Sequence[Column], width: int, important: int | None = None) -> tuple[dict[str, int], list[str]]:
    """The width of each column that has room in so many characters, and the names of those that have none.

    The first column stays, however narrow the terminal is. Of the others the last ones give way first; those after
    the first ``important`` ones also where a text of one of these would be cut. What room is left goes to texts, the
    first column before the others.
    """
    shown, important = list(columns), important or len(columns)
    while len(shown) > 1:
        named = [column for column in shown[:important] if not column.number] if len(shown) > important else []
        more = sum(max(0, min(column.full, KNOWN) - column.least) for column in named)
        if sum(column.least for column in shown) + more + sum(gaps(shown, NARROW)) <= width:
            break
        shown.pop()
    widths = {column.name: column.least for column in shown}
    if shown:
        widths[shown[0].name] = max(1, min(shown[0].least, width))
    spare = width - sum(widths.values()) - sum(gaps(shown, NARROW))
    for column in shown:
        more = max(0, min(spare, column.full - widths[column.name]))
        widths[column.name] += more
        spare -= more
    return widths, [column.name for column in columns if column.name not in widths]


def gaps(columns: Sequence[Column], before_number: int = WIDE) -> list[int]:
    """The spaces before each column; none before the first."""
    return [before_number if column.number else WIDE for column in columns][1:]


def lines_of(columns: Sequence[Column], widths: Mapping[str, int], width: int, breaks: Sequence[int] = ()) -> list[str]:
    """The lines of a table: headings, a rule, and a row each; an empty line before each row of ``breaks``."""
    shown = [column for column in columns if column.name in widths]
    used = sum(widths.values())
    between = next((g for g in (gaps(shown), gaps(shown, NARROW)) if used + sum(g) <= width), gaps(shown, NARROW))
    spaces = [0, *between]
    headings = [_wrapped(column.heading, widths[column.name]) for column in shown]
    high = max(map(len, headings), default=0)
    padded = [[""] * (high - len(lines)) + lines for lines in headings]
    above = [_line([lines[i] for lines in padded], shown, widths, spaces) for i in range(high)]
    cells = [
        cut_apart(column.cells, widths[column.name])
        if column is shown[0] and not column.number
        else [cut(cell, widths[column.name]) for cell in column.cells]
        for column in shown
    ]
    rows: list[str] = []
    for number, row in enumerate(zip(*cells, strict=True)):
        rows += ([""] if number in breaks else []) + [_line(row, shown, widths, spaces)]
    return [*above, "─" * (used + sum(between)), *rows]


def _wrapped(heading: str, width: int) -> list[str]:
    """A heading on several lines; a word that is too long is cut."""
    return [cut(line, width) for line in textwrap.wrap(heading, width, break_long_words=False, break_on_hyphens=False)]


def _line(cells: Sequence[str], columns: Sequence[Column], widths: Mapping[str, int], spaces: Sequence[int]) -> str:
    line = ""
    for cell, column, gap in zip(cells, columns, spaces, strict=True):
        space = " " * (widths[column.name] - width_of(cell))
        line += " " * gap + (space + cell if column.number else cell + space)
    return line.rstrip()


def column_of(name: str, heading: str, values: pd.Series[Any], cells: Sequence[str]) -> Column:
    """A column of a frame; numbers stand to the right, also shares in percent and ranges of them.

    Examples
    --------
    >>> column_of("share", "share", pd.Series(["4.1 %", "3.0 to 12.5 %"]), ["4.1 %", "3.0 to 12.5 %"]).number
    True
    >>> column_of("odds", "odds", pd.Series(["4.1", ""]), ["4.1", ""]).number
    True
    """
    filled = [cell for cell in cells if cell]
    number = values.dtype.kind in "iuf" or (len(filled) > 0 and all(map(_NUMBER.fullmatch, filled)))
    return Column(name, heading, tuple(cells), bool(number))
