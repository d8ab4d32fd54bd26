"""What a format of an annotation tool is: how a file of it is recognised, and its rows as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from themetagger.corpus.annotations.items import Item, Layout
from themetagger.corpus.readers.base import Reading, Row, RowTable
from themetagger.corpus.table_format import TEXT_COLUMNS, THEME_COLUMN

LOOKED = 200  # rows by which a file is recognised
Cells = Mapping[str, Any]
Writer = Callable[[Sequence[Item], Layout], list[dict[str, Any]]]


@dataclass(frozen=True)
class Sample:
    """The beginning of a table: its header and its first rows.

    >>> look = Sample(["text", "label"], [{"text": "low pay", "label": ["pay"]}])
    >>> look.has("text", "label"), look.of("label")
    (True, [['pay']])
    """

    header: Sequence[str]
    rows: Sequence[Cells]

    def has(self, *names: str) -> bool:
        """Whether all these columns are there."""
        return set(names) <= set(self.header)

    def of(self, name: str) -> list[Any]:
        """The cells of a column that hold something; none where it is not there."""
        return [row[name] for row in self.rows if row.get(name) is not None]


@dataclass(frozen=True)
class Annotated:
    """A row as the tool means it: its cells, and whether somebody judged its text."""

    cells: Sequence[Any]
    judged: bool = True


@dataclass(frozen=True)
class View:
    """How the records of a file become rows of a table.

    Parameters
    ----------
    header : columns of the table
    rows : the rows of one record, whose place in the file is given for messages
    text, themes : the columns that hold the texts and the themes; "" where it is not clear which
    """

    header: Sequence[str]
    rows: Callable[[str, Cells], Sequence[Annotated]]
    text: str = ""
    themes: str = ""


@dataclass
class AnnotatedTable:
    """A table of an annotation tool, whose records are turned into rows one by one.

    ``reading.not_judged`` holds the places of the rows that nobody judged, once the rows have been read.
    """

    title: str
    source: str
    view: View
    converts: bool
    _records: RowTable
    skipped: list[str] = field(default_factory=list)
    reading: Reading = field(default_factory=Reading)
    header: list[str] = field(init=False)

    def __post_init__(self) -> None:
        """Let the usual names of columns stand for those of the tool."""
        self.header = list(self.view.header)
        named = {TEXT_COLUMNS[0]: self.view.text, THEME_COLUMN: self.view.themes}
        free = {usual: own for usual, own in named.items() if own and usual not in self.view.header}
        known = getattr(self._records, "reading", Reading())
        self._unjudged = set[int]()
        self.reading = replace(
            known, aliases={**known.aliases, **free}, not_judged=self._unjudged if self.converts else None
        )

    @property
    def delimiter(self) -> str | None:
        """What stands between the fields of delimited text."""
        return getattr(self._records, "delimiter", None)

    @property
    def unit(self) -> str:
        """What its rows are counted in."""
        return self._records.unit

    @property
    def settled(self) -> Sequence[str]:
        """What the file was taken for, where that changes how it is read."""
        return [*self._records.settled, *([f"The file was read as {self.title}."] if self.converts else [])]

    def rows(self) -> Iterator[Row]:
        """The rows, from the first at each call."""
        self._unjudged.clear()
        header, unit = self._records.header, self._records.unit
        for place, record in self._records.rows():
            where = f"{self.source}, {unit} {place}"
            for row in self.view.rows(where, dict(zip(header, record, strict=True))):
                if not row.judged:
                    self._unjudged.add(place)
                yield place, row.cells
        self.skipped = list(self._records.skipped)


@dataclass(frozen=True)
class AnnotationFormat:
    """A format of an annotation tool.

    Parameters
    ----------
    name : by which a user asks for it
    title : by which messages name it
    recognises : whether a file is of this format
    view : how its records become rows
    converts : whether these differ from the records, so that a note says it; default True
    needs : columns without which a file cannot be of this format
    write : items as records that the tool loads, default None: they are not written
    """

    name: str
    title: str
    recognises: Callable[[Sample], bool]
    view: Callable[[RowTable], View]
    converts: bool = True
    needs: tuple[str, ...] = ()
    write: Writer | None = None


def plain_view(table: RowTable, *, text: str, themes: str) -> View:
    """The records as they are."""
    names = list(table.header)
    return View(names, lambda _, record: [Annotated(list(record.values()))], text=text, themes=themes)


def replacing(
    table: RowTable, column: str, cell: Callable[[str, Cells], Any], judged: Callable[[Cells], bool], *, text: str
) -> View:
    """The records with one column, that of the themes, replaced, and whether each was judged."""
    names = [*table.header, *([] if column in table.header else [column])]

    def rows(where: str, record: Cells) -> list[Annotated]:
        changed = {**record, column: cell(where, record)}
        return [Annotated([changed.get(name) for name in names], judged(record))]

    return View(names, rows, text=text, themes=column)


def names_or_none(value: Any) -> list[Any]:
    """A list of names, one name as a list of one, nothing as none."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
