"""What a reader of table files is given, and what it gives back: rows, each with its place in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

Row = tuple[int, Sequence[Any]]  # its line, record or row number, from 1, and its cells, as many as the header


@dataclass(frozen=True)
class ReadSettings:
    """What a user says of a file, each None where it is to be detected.

    Parameters
    ----------
    delimiter, encoding : of a text file
    wanted : columns that the header should have, by which a reader can find the header, its delimiter or its sheet
    header_row : the rows (lines of a text file) in which the header stands, from 1; the names of several are joined
    sheet : of a workbook, its name or number
    """

    delimiter: str | None = None
    encoding: str | None = None
    wanted: Sequence[str] = ()
    header_row: tuple[int, ...] | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Reading:
    """What a reader knows of a table beside its rows, for those who look for columns in it.

    Parameters
    ----------
    aliases : other names of columns: shorter ones, where the header stands in several rows, or usual ones
    advice : sentences on what may be wrong with the header, for the message about a column that is not there
    headless : whether the header looks like a row
    delimited : whether columns stand between delimiters
    not_judged : places of rows that nobody judged, as the file itself says, once its rows have been read; None: it says
        nothing of that
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    advice: str = ""
    headless: bool = False
    delimited: bool = False
    not_judged: set[int] | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Reading:
        """Itself: pandas copies what a frame keeps for each column that is taken out of it, and there may be many."""
        return self


class RowTable(Protocol):
    """A table whose header has been read."""

    header: list[str]
    skipped: list[str]

    @property
    def unit(self) -> str:
        """What its rows are counted in, for messages: "line", "record" or "row"."""

    @property
    def settled(self) -> Sequence[str]:
        """Notes on what was decided to read it."""

    def rows(self) -> Iterator[Row]:
        """The rows, from the first at each call; afterwards ``skipped`` holds notes on what was left out.

        Raises
        ------
        TableError
            At the first row that is broken; it names file, place, value and remedy.
        """


@dataclass
class HeldRows:
    """A table whose rows are all in memory.

    >>> table = HeldRows(["text", "themes"], [(1, ["low pay", "pay"])], unit="line")
    >>> next(table.rows())
    (1, ['low pay', 'pay'])
    """

    header: list[str]
    held: Sequence[Row]
    unit: str
    settled: Sequence[str] = ()
    skipped: list[str] = field(default_factory=list)
    reading: Reading = field(default_factory=Reading)

    def rows(self) -> Iterator[Row]:
        """The rows, from the first at each call."""
        return iter(self.held)


@dataclass(frozen=True)
class Reader:
    """How one kind of table file is read.

    Parameters
    ----------
    open : opens a file as a table
    row_by_row : whether ``rows`` of its tables takes them from the file one by one, so that a file of any length goes
        through the same memory; default False
    """

    open: Callable[[Path, ReadSettings], RowTable]
    row_by_row: bool = False
