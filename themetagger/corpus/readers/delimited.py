"""Delimited text (.csv, .txt, .tsv) as rows with line numbers; nothing is guessed without a note, nothing dropped."""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.decoding import Lines, lines_in
from themetagger.corpus.errors import TableError
from themetagger.corpus.readers.base import Reader, Reading, ReadSettings
from themetagger.corpus.readers.headers import BEYOND, LOOKED, has, head_size, names_in, settle_header

Record = tuple[int, list[str]]  # the line on which it begins, its fields
DELIMITERS = (",", ";", "\t", "|")
_SHOWN = 5  # line numbers named in one note
_LINES = 10_000  # in which the header is looked for


@dataclass
class _Places:
    """How many lines, and the first few of them."""

    count: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        self.count += 1
        if len(self.first) < _SHOWN:
            self.first.append(line)

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.first)) + (", ..." if self.count > _SHOWN else "")
        return f"{agreeing(self.count, 'line', 'lines')} {shown}"


@dataclass
class Delimited:
    """Delimited text whose header has been read.

    ``header`` holds the names of the columns, ``settled`` notes on what was decided to read them, ``skipped`` notes on
    what was left out or looked odd when the rows were last read.

    >>> from themetagger.corpus.decoding import lines_of
    >>> text = read_delimited(lines_of("a;b\\n1;NA\\n"), ReadSettings(wanted=["b"]), source="a.csv", default=",")
    >>> text.header, list(text.rows())
    (['a', 'b'], [(2, ['1', 'NA'])])
    """

    source: str
    header: list[str]
    settled: list[str]
    _lines: _Clean
    _delimiter: str
    _last: int = 0  # the line of the last record that is no row
    reading: Reading = field(default_factory=Reading)
    skipped: list[str] = field(default_factory=list)
    unit: str = "line"

    @property
    def delimiter(self) -> str:
        """What stands between the fields."""
        return self._delimiter

    def rows(self) -> Iterator[Record]:
        """Each row with the line on which it begins, as wide as the header; TableError at the first that is not."""
        blank, odd, inner = _Places(), _Places(), 0
        lines = self._lines.again()
        for line, row in _records(lines, self._delimiter, source=self.source):
            if line <= self._last:
                continue
            if self._is_blank(row):
                blank.add(line)
                continue
            self._check_width(line, row)
            inner = blank.count  # blank lines at the end are no surprise
            if _swallows_rows(row, self._delimiter):
                odd.add(line)
            yield line, row
        self.skipped = _row_notes(_Places(inner, blank.first[:inner]), odd, lines.nuls)

    def _is_blank(self, row: list[str]) -> bool:
        """Whether a record holds nothing; a quoted nothing in the only column is an empty text."""
        return not row or (len(self.header) > 1 and len(row) == 1 and not row[0].strip())

    def _check_width(self, line: int, row: list[str]) -> None:
        if len(row) != len(self.header):
            amount = "too few" if len(row) < len(self.header) else "too many"
            raise TableError(
                f"{self.source}, line {line}: {amount} fields, {len(row)} where the header has {len(self.header)}; "
                f"quote a field that holds {self._delimiter!r}, fill in what is missing, or pass {option('delimiter')}."
                f"{self.reading.advice}"
            )


def open_delimited(path: Path, settings: ReadSettings, *, default: str = ",") -> Delimited:
    """A file of delimited text; ``default`` is the delimiter that it should have."""
    return read_delimited(lines_in(path, encoding=settings.encoding), settings, source=path.name, default=default)


def read_delimited(lines: Lines, settings: ReadSettings, *, source: str, default: str) -> Delimited:
    """Find the delimiter and read the header; TableError where there is none, or where it names a column twice."""
    if settings.delimiter is not None and (len(settings.delimiter) != 1 or settings.delimiter in '"\r\n'):
        raise TableError(
            f"{source}: {option('delimiter')} must be one character such as ',' or ';', but got {settings.delimiter!r}."
        )
    clean = _Clean(lines)
    used, notes = _settle_delimiter(clean, settings, source=source, default=default)
    if not any(_says_something(row) for _, row in _records(clean, used, source=source)):
        raise TableError(f"{source}: the file is empty; it needs a header line and a row for each text.")
    header = settle_header(_head(clean, used, settings), settings, source=source, unit="line")
    reading = replace(header.reading, delimited=True)
    return Delimited(source, header.names, [*notes, *header.notes], clean, used, header.last, reading)


def _says_something(row: list[str]) -> bool:
    return any(name.strip() for name in row)


class _Clean:
    """Lines without NUL characters, and how many there were; a first line that names the delimiter is left blank.

    Spreadsheets read such a line, "sep=;", and do not show it.
    """

    def __init__(self, lines: Lines) -> None:
        self._lines, self.nuls = lines, 0
        self.named = _named_delimiter(next(lines(), ""))

    def __call__(self) -> Iterator[str]:
        for number, line in enumerate(self._lines()):
            if "\0" in line:
                self.nuls += line.count("\0")
                line = line.replace("\0", "")
            yield "\n" if not number and self.named else line

    def again(self) -> _Clean:
        """The same lines, counted anew."""
        return _Clean(self._lines)


def _named_delimiter(line: str) -> str | None:
    """The delimiter that a first line names.

    >>> _named_delimiter("sep=;\\r\\n"), _named_delimiter('"sep=,"\\n'), _named_delimiter("sep,text\\n")
    (';', ',', None)
    """
    named = re.fullmatch(r'\ufeff?"?sep=(\\t|[^\r\n"])"?[,;\t|]*[\r\n]*', line, re.IGNORECASE)
    return None if named is None else named[1].replace("\\t", "\t")


def _head(lines: Lines, delimiter: str, settings: ReadSettings) -> list[Record]:
    """The first records that hold something, as many as are needed to find the header."""
    needed, head = head_size(settings), list[Record]()
    for line, row in _loose_records(lines, delimiter):
        if _says_something(row):
            head.append((line, row))
        if len(head) >= LOOKED + BEYOND and line > needed:
            break
    return head


def _loose_records(lines: Lines, delimiter: str) -> Iterator[Record]:
    """Records as they may be: a broken quote is an error where the rows are read, not where one looks for them."""
    reader, line = csv.reader(islice(lines(), _LINES), delimiter=delimiter), 1
    while (row := _next(reader)) is not None:
        yield line, row
        line = reader.line_num + 1


def _next(reader: Iterator[list[str]]) -> list[str] | None:
    """The next record, or None; a document of a megabyte is a legitimate cell, and the module's limit is global."""
    limit = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(limit)


def _settle_delimiter(lines: _Clean, settings: ReadSettings, *, source: str, default: str) -> tuple[str, list[str]]:
    if lines.named is not None:
        shown = f"The first line, sep={lines.named if lines.named.isprintable() else repr(lines.named)[1:-1]}, "
        notes = [f"{shown}names the delimiter and was passed over."]
        return settings.delimiter or lines.named, notes
    if settings.delimiter is not None:
        return settings.delimiter, []
    order = [default, *(other for other in DELIMITERS if other != default)]
    heads = {candidate: _head(lines, candidate, settings) for candidate in order}
    chosen = _with_wanted(heads, settings, source=source) or _widest(heads, default)
    note = f"The columns are separated by {chosen!r}, not {default!r}, and were read that way."
    return chosen, [] if chosen == default else [note]


def _with_wanted(heads: Mapping[str, Sequence[Record]], settings: ReadSettings, *, source: str) -> str | None:
    """The delimiter by which the first row has the columns that are wanted, or else another row has."""
    wanted, heads = settings.wanted, {candidate: head for candidate, head in heads.items() if head}
    for look in (head[:1] for head in heads.values()), heads.values():
        for candidate, head in zip(heads, look, strict=True):
            names, aliases = names_in(head, settings, source=source)
            if wanted and has(names, aliases, wanted, source):
                return candidate
    return None


def _widest(heads: Mapping[str, Sequence[Record]], default: str) -> str:
    """The default where it makes columns of the first row; else what makes most, there or in the rows below."""
    wide = {candidate: max((len(row) for _, row in head[:1]), default=0) for candidate, head in heads.items()}
    if max(wide.values()) <= 1:
        widths = {candidate: Counter(len(row) for _, row in head if len(row) > 1) for candidate, head in heads.items()}
        wide = {candidate: max(counts.values(), default=0) for candidate, counts in widths.items()}
        return max(wide, key=lambda candidate: wide[candidate])
    return max(wide, key=lambda candidate: wide[candidate]) if wide[default] <= 1 else default


def _records(lines: Lines, delimiter: str, *, source: str) -> Iterator[Record]:
    """(line on which it begins, fields) of each record; a broken quote is an error, not a merged text."""
    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    line = 1
    try:
        while (row := _next(reader)) is not None:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(_broken_quote(lines, line, reader.line_num, delimiter, error, source=source)) from None


def _broken_quote(lines: Lines, first: int, last: int, delimiter: str, error: csv.Error, *, source: str) -> str:
    remedy = 'write a quote inside a quoted field twice ("") or remove the stray one.'
    if "expected after" in str(error):
        opened = f" (its row begins on line {first})" if first < last else ""
        return f"{source}, line {last}: text follows a closing quote{opened}; {remedy}"
    if "unexpected end" in str(error):
        line = _opening_line(lines, first, delimiter)
        return f"{source}, line {line}: a quote opens here and is never closed; {remedy}"
    return f"{source}, line {last}: {error}; {remedy}"


def _opening_line(lines: Lines, first: int, delimiter: str) -> int:
    """The line of the last quote that opens a field, from the line ``first`` on, where a record begins."""
    opened, inside, starts, closed = first, False, True, False
    for number, line in enumerate(lines(), start=1):
        for character in line if number >= first else "":
            if inside:
                inside = character != '"'
                closed = not inside
                continue
            if character == '"' and (starts or closed):  # a quote right after a closing one is a doubled quote
                inside, opened = True, opened if closed else number
            starts, closed = character in delimiter + "\r\n", False
    return opened


def _row_notes(blank: _Places, odd: _Places, nuls: int) -> list[str]:
    notes = []
    if blank.count:
        were = agreeing(blank.count, "was", "were")
        notes.append(f"{number_of(blank.count, 'blank line')} {were} skipped ({blank}).")
    if odd.count:
        what = agreeing(odd.count, "runs over several lines and holds", "run over several lines and hold")
        fields = number_of(odd.count, "quoted field")
        notes.append(f"{fields} {what} what looks like complete rows ({odd}); look for a stray quote.")
    if nuls:
        notes.append(f"{number_of(nuls, 'NUL character')} {agreeing(nuls, 'was', 'were')} removed.")
    return notes


def _swallows_rows(row: list[str], delimiter: str) -> bool:
    return any(
        _completes(piece, delimiter, width)
        for column, field in enumerate(row)
        if "\n" in field or "\r" in field
        for piece, width in _pieces(field.splitlines(), before=column, after=len(row) - column - 1)
    )


def _pieces(lines: list[str], *, before: int, after: int) -> Iterator[tuple[str, int]]:
    """Each line of a field, with the number of fields that would complete a row on that line."""
    width = before + after + 1
    yield lines[0], width - before
    for line in lines[1:-1]:
        yield line, width
    yield lines[-1], width - after


def _completes(piece: str, delimiter: str, width: int) -> bool:
    """Prose has a space after its commas and delimited text has none: that distinguishes a row from a sentence."""
    fields = piece.split(delimiter)
    return width > 1 and len(fields) == width and all(field and field == field.lstrip() for field in fields)


COMMA = Reader(open_delimited, row_by_row=True)
TAB = Reader(partial(open_delimited, default="\t"), row_by_row=True)
