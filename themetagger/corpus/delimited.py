"""Delimited text (CSV, TSV) as rows with line numbers; nothing is guessed without a note, nothing dropped."""

from __future__ import annotations

import codecs
import csv
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from themetagger.corpus.errors import TableError

Record = tuple[int, list[str]]  # the line on which it begins, its fields
DELIMITERS = (",", ";", "\t", "|")
# The longer mark first: the UTF-32 mark begins with the UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_SHOWN = 5  # line numbers named in one note


@dataclass(frozen=True)
class Rows:
    """A header, its rows (as many fields each), the line on which each row begins, and notes."""

    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    notes: tuple[str, ...]


def decode(raw: bytes, *, source: str, encoding: str | None = None) -> str:
    """Bytes as text: UTF-8, or what a byte order mark or ``encoding`` says; TableError names the bad byte.

    >>> decode("é".encode("latin-1"), source="a.csv")
    Traceback (most recent call last):
    ...
    themetagger.corpus.errors.TableError: a.csv, line 1: byte 0xe9 is not UTF-8; pass encoding="latin-1" \
(or "cp1252"), or save the file as UTF-8.
    """
    name = encoding or next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8")
    if encoding is None and name == "utf-8" and _looks_like_utf16(raw):
        raise TableError(
            f"{source}, line 1: every other byte is 0, as in UTF-16 without a byte order mark; "
            'pass encoding="utf-16-le" (or "utf-16-be"), or save the file as UTF-8.'
        )
    try:
        return raw.decode(name).removeprefix("\ufeff")
    except LookupError:
        raise TableError(f'{source}: no encoding is called {encoding!r}; try "utf-8", "latin-1" or "cp1252".') from None
    except UnicodeDecodeError as error:
        raise TableError(_undecodable(raw, error, source=source, name=name)) from None


def _looks_like_utf16(raw: bytes) -> bool:
    head = raw[:1000]
    return len(head) >= 4 and max(head[::2].count(0), head[1::2].count(0)) > len(head) // 3


def _undecodable(raw: bytes, error: UnicodeDecodeError, *, source: str, name: str) -> str:
    line = raw[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    place = source if name.startswith(("utf-16", "utf-32")) else f"{source}, line {line}"
    if name.startswith("utf-8"):
        return (
            f"{place}: byte 0x{raw[error.start]:02x} is not UTF-8; "
            'pass encoding="latin-1" (or "cp1252"), or save the file as UTF-8.'
        )
    return (
        f"{place}: byte 0x{raw[error.start]:02x} at position {error.start} is not {name} ({error.reason}); "
        "pass the encoding in which the file was saved."
    )


def read_rows(text: str, *, source: str, delimiter: str | None, default: str, wanted: Sequence[str]) -> Rows:
    """Rows of delimited text, each as wide as the header; TableError names the line of the first that is not.

    >>> read_rows("a;b\\n1;NA\\n", source="a.csv", delimiter=None, default=",", wanted=["b"]).rows
    [['1', 'NA']]
    """
    _check_delimiter(delimiter, source=source)
    with _no_field_limit():
        used, notes = _settle_delimiter(text, delimiter=delimiter, default=default, wanted=wanted)
        records = list(_records(text, used, source=source))
    first = next((place for place, (_, row) in enumerate(records) if any(name.strip() for name in row)), None)
    if first is None:
        raise TableError(f"{source}: the file is empty; it needs a header line and a row for each text.")
    header = _checked_header(records[first], source=source)
    body, blank = _without_blank(records[first + 1 :], width=len(header))
    _check_widths(body, header, used, source=source)
    notes += _blank_notes(blank, body) + _swallowed_notes(body, used)
    return Rows(header=header, rows=[row for _, row in body], lines=[line for line, _ in body], notes=tuple(notes))


def _without_blank(records: list[Record], *, width: int) -> tuple[list[Record], list[int]]:
    """Records that hold something, and the lines of the others; a quoted nothing is an empty text."""
    blank = [not row or (width > 1 and len(row) == 1 and not row[0].strip()) for _, row in records]
    kept = [record for record, is_blank in zip(records, blank, strict=True) if not is_blank]
    return kept, [line for (line, _), is_blank in zip(records, blank, strict=True) if is_blank]


@contextmanager
def _no_field_limit() -> Iterator[None]:
    """A document of a megabyte is a legitimate cell; the module's limit is global, so it is put back."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _check_delimiter(delimiter: str | None, *, source: str) -> None:
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise TableError(f"{source}: delimiter must be one character such as ',' or ';', but got {delimiter!r}.")


def _settle_delimiter(
    text: str, *, delimiter: str | None, default: str, wanted: Sequence[str]
) -> tuple[str, list[str]]:
    if delimiter is not None:
        return delimiter, []
    order = [default, *(other for other in DELIMITERS if other != default)]
    headers = {candidate: _first_row(text, candidate) for candidate in order}
    for candidate in order:
        if wanted and set(wanted) <= set(headers[candidate]):
            return candidate, _delimiter_note(candidate, default)
    widest = max(order, key=lambda candidate: len(headers[candidate]))
    chosen = widest if len(headers[default]) <= 1 else default
    return chosen, _delimiter_note(chosen, default)


def _delimiter_note(chosen: str, default: str) -> list[str]:
    return [] if chosen == default else [f"The columns are separated by {chosen!r}, not {default!r}; it was read so."]


def _first_row(text: str, delimiter: str) -> list[str]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return next((names for row in reader if any(names := [name.strip() for name in row])), [])


def _records(text: str, delimiter: str, *, source: str) -> Iterator[Record]:
    """(line on which it begins, fields) of each record; a broken quote is an error, not a merged text."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(_broken_quote(text, line, reader.line_num, delimiter, error, source=source)) from None


def _broken_quote(text: str, first: int, last: int, delimiter: str, error: csv.Error, *, source: str) -> str:
    remedy = 'write a quote inside a quoted field twice ("") or remove the stray one.'
    if "expected after" in str(error):
        opened = f" (its row begins on line {first})" if first < last else ""
        return f"{source}, line {last}: text follows a closing quote{opened}; {remedy}"
    if "unexpected end" in str(error):
        line = _opening_line(text, first, delimiter)
        return f"{source}, line {line}: a quote opens here and is never closed; {remedy}"
    return f"{source}, line {last}: {error}; {remedy}"


def _opening_line(text: str, first: int, delimiter: str) -> int:
    """The line of the last quote that opens a field, from the line ``first`` on, where a record begins."""
    opened, inside, starts, closed = first, False, True, False
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        for character in line if number >= first else "":
            if inside:
                inside = character != '"'
                closed = not inside
                continue
            if character == '"' and (starts or closed):  # a quote right after a closing one is a doubled quote
                inside, opened = True, opened if closed else number
            starts, closed = character in delimiter + "\r\n", False
    return opened


def _checked_header(record: Record, *, source: str) -> list[str]:
    line, names = record[0], [name.strip() for name in record[1]]
    for column, name in enumerate(names):
        if name in names[:column]:
            raise TableError(
                f"{source}, line {line}: two columns are called {name!r} "
                f"(columns {names.index(name) + 1} and {column + 1}); rename one of them."
            )
    return names


def _check_widths(body: list[Record], header: list[str], delimiter: str, *, source: str) -> None:
    for line, row in body:
        if len(row) != len(header):
            amount = "too few" if len(row) < len(header) else "too many"
            raise TableError(
                f"{source}, line {line}: {amount} fields, {len(row)} where the header has {len(header)}; "
                f"quote a field that holds {delimiter!r}, fill in what is missing, or pass delimiter."
            )


def _blank_notes(blank: list[int], body: list[Record]) -> list[str]:
    inner = [line for line in blank if body and line < body[-1][0]]  # blank lines at the end are no surprise
    return [f"{len(inner)} blank lines were passed over ({_lines(inner)})."] if inner else []


def _swallowed_notes(body: list[Record], delimiter: str) -> list[str]:
    lines = [line for line, row in body if _swallows_rows(row, delimiter)]
    if not lines:
        return []
    return [
        f"{len(lines)} quoted fields run over several lines and hold what looks like complete rows "
        f"({_lines(lines)}); look there for a stray quote."
    ]


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
    """Prose has a space after its commas and delimited text has none: that tells a row from a sentence."""
    fields = piece.split(delimiter)
    return width > 1 and len(fields) == width and all(field and field == field.lstrip() for field in fields)


def _lines(lines: list[int]) -> str:
    shown = ", ".join(map(str, lines[:_SHOWN])) + (", ..." if len(lines) > _SHOWN else "")
    return f"line{'s' if len(lines) > 1 else ''} {shown}"
