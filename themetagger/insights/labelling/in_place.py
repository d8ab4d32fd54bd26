"""A table file with some cells replaced, and all else as it was: every byte, of a workbook every cell."""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

Span = tuple[int, int]
_BREAK = re.compile(r"\r\n|\n|\r")
_SPACE = re.compile(r"[ \t\r\n]*")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Change:
    """A cell that is to be replaced: its place in the file, its column (a number and a name), its old and new value."""

    place: int
    column: int
    name: str
    before: Any
    after: Any


def patched_rows(raw: bytes, changes: list[Change], width: int, delimiter: str, encoding: str) -> bytes | None:
    r"""A delimited file with other cells; None where that cannot be done without a doubt.

    Parameters
    ----------
    raw : the file
    changes : each with the line on which its record begins, from 1
    width : how many columns there are
    delimiter, encoding : as it was read

    Examples
    --------
    >>> patched_rows(b'a;b\r\n"x";pay\r\n', [Change(2, 1, "b", "pay", "pay;staff")], 2, ";", "utf-8")
    b'a;b\r\n"x";"pay;staff"\r\n'
    """
    text = _exact(raw, encoding)
    if text is None or "\0" in text:  # readers leave these out
        return None
    wanted: dict[int, list[Change]] = {}
    for change in changes:
        wanted.setdefault(change.place, []).append(change)
    edits: list[tuple[Span, str]] = []
    for line, fields in _records(text, delimiter):
        for change in wanted.pop(line, []):
            if len(fields) != width or _cell(text, fields[change.column]) != change.before:
                return None
            span = fields[change.column]
            edits.append((span, _field(str(change.after), text[slice(*span)], delimiter)))
        if not wanted:
            break
    return None if wanted else _edited(raw, text, edits, encoding)


def patched_objects(raw: bytes, changes: list[Change], header: list[str], *, lines: bool) -> bytes | None:
    """A file of JSON objects with other values; ``lines`` says that there is one on each line.

    >>> patched_objects(b'{"a": "x",  "b": []}\\n', [Change(1, 1, "b", [], ["pay"])], ["a", "b"], lines=True)
    b'{"a": "x",  "b": ["pay"]}\\n'
    """
    text = _exact(raw, "utf-8")
    if text is None:
        return None
    wanted: dict[int, list[Change]] = {}
    for change in changes:
        wanted.setdefault(change.place, []).append(change)
    edits: list[tuple[Span, str]] = []
    try:
        for place, begin in _begins(text, lines=lines):
            if place not in wanted:
                continue
            members, end = _members(text, begin)
            for change in wanted.pop(place):
                edit = _value(text, members, end, change, header)
                if edit is None:
                    return None
                edits.append(edit)
    except (ValueError, IndexError):  # nothing that is known here
        return None
    return None if wanted else _edited(raw, text, edits, "utf-8")


def patched_workbook(path: Path, changes: list[Change]) -> bytes | None:
    """A workbook with other cells in the one sheet that holds what was read; None where that is not exactly one."""
    try:
        book = import_module("openpyxl").load_workbook(path)
    except Exception:  # of the package, which reads less than pandas' other engines do
        return None
    sheets = [sheet for sheet in book.worksheets if all(_holds(sheet, change) for change in changes)]
    if len(sheets) != 1 or any(cell.data_type == "f" for row in sheets[0].iter_rows() for cell in row):
        return None  # a formula would lose its value, which is calculated again only when a person opens the file
    for change in changes:
        cell = sheets[0].cell(change.place, change.column + 1)
        cell.value = change.after if change.after != "" else None
        if isinstance(change.after, str) and change.after:
            cell.data_type = "s"  # also of a theme that begins with =
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _holds(sheet: Any, change: Change) -> bool:
    value = sheet.cell(change.place, change.column + 1).value
    return ("" if value is None else str(value)) == ("" if change.before is None else str(change.before))


def _exact(raw: bytes, encoding: str) -> str | None:
    """The text of a file, its byte order mark included; None where it would not be written as it was."""
    encoding = _plain(raw, encoding)
    try:
        text = raw.decode(encoding)
        return text if text.encode(encoding) == raw else None
    except (UnicodeError, LookupError):
        return None


def _plain(raw: bytes, encoding: str) -> str:
    """An encoding that leaves a byte order mark alone."""
    return next((name for mark, name in _MARKS if raw.startswith(mark)), encoding)


def _edited(raw: bytes, text: str, edits: list[tuple[Span, str]], encoding: str) -> bytes | None:
    parts, done = [], 0
    for (begin, end), new in sorted(edits):
        parts += [text[done:begin], new]
        done = end
    try:
        return "".join([*parts, text[done:]]).encode(_plain(raw, encoding))
    except UnicodeError:  # a theme that this encoding cannot write
        return None


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[Span]]]:
    """Each record: the line on which it begins, from 1, and the spans of its fields."""
    part = re.escape(delimiter)
    field = re.compile(rf'"(?:[^"]|"")*"[^{part}\r\n]*|[^{part}\r\n]*')
    place, line = int(text.startswith("\ufeff")), 1
    while place < len(text):
        begun, spans = line, []
        while True:
            match = field.match(text, place)
            assert match is not None  # it may be empty
            spans.append(match.span())
            line += len(_BREAK.findall(match[0]))
            place = match.end()
            if not text.startswith(delimiter, place):
                break
            place += len(delimiter)
        if end := _BREAK.match(text, place):
            place, line = end.end(), line + 1
        yield begun, spans


def _cell(text: str, span: Span) -> str:
    raw = text[slice(*span)]
    return raw[1:-1].replace('""', '"') if raw.startswith('"') and raw.endswith('"') and len(raw) > 1 else raw


def _field(cell: str, before: str, delimiter: str) -> str:
    """A cell as a field, in quotes where the one before had some, or where it needs them."""
    if before.startswith('"') or any(sign in cell for sign in (delimiter, '"', "\r", "\n")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _begins(text: str, *, lines: bool) -> Iterator[tuple[int, int]]:
    """The number of each object, that of its line or its place in the list, and where it begins."""
    place = int(text.startswith("\ufeff"))
    if lines:
        for number, line in enumerate(text[place:].split("\n"), 1):
            if line.strip():
                yield number, _after_space(text, place)
            place += len(line) + 1
        return
    place = _expect(text, _after_space(text, place), "[")
    number = 1
    while text[_after_space(text, place)] != "]":
        begin = _after_space(text, place)
        yield number, begin
        place = _after_space(text, _DECODER.raw_decode(text, begin)[1])
        number += 1
        if text[place] != ",":
            return
        place += 1


def _members(text: str, begin: int) -> tuple[Mapping[str, Span], int]:
    """The spans of the values of an object, by their names, and where its brace closes."""
    members: dict[str, Span] = {}
    place = _after_space(text, _expect(text, begin, "{"))
    while text[place] != "}":
        name, place = _DECODER.raw_decode(text, place)
        begun = _after_space(text, _expect(text, _after_space(text, place), ":"))
        end = _DECODER.raw_decode(text, begun)[1]
        members[name] = begun, end
        place = _after_space(text, end)
        if text[place] == ",":
            place = _after_space(text, place + 1)
    return members, place


def _value(
    text: str, members: Mapping[str, Span], end: int, change: Change, header: list[str]
) -> tuple[Span, str] | None:
    """What is to stand where; None where the object is not the row that was read."""
    new = json.dumps(change.after, ensure_ascii=text.isascii(), default=lambda cell: cell.item())  # a number of NumPy
    if change.name in members:
        span = members[change.name]
        return (span, new) if json.loads(text[slice(*span)]) == change.before else None
    if not members or not set(members) <= set(header):
        return None
    name = json.dumps(change.name, ensure_ascii=text.isascii())
    last = max(span[1] for span in members.values())
    return (last, last), f", {name}: {new}"


def _after_space(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    assert match is not None  # it may be empty
    if match.end() >= len(text):
        raise ValueError("the text ends too early")
    return match.end()


def _expect(text: str, place: int, sign: str) -> int:
    if text[place] != sign:
        raise ValueError(f"{text[place]!r} stands where {sign!r} was expected")
    return place + 1
