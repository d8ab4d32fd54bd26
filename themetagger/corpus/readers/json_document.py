"""JSON files (.json): a list of objects, one per row, or an object of columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from themetagger.corpus.decoding import bytes_of, decode
from themetagger.corpus.errors import TableError
from themetagger.corpus.readers.base import HeldRows, Reader, ReadSettings, Row
from themetagger.corpus.readers.json_parsing import checked_object, names_of, parsed


def open_json(path: Path, settings: ReadSettings) -> HeldRows:
    """A list of objects, or an object of columns, each of which is a list, or an object as pandas writes it.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.json")
    >>> _ = path.write_text('[{"a": "x", "b": ["p", "q"]}]')
    >>> table = open_json(path, ReadSettings())
    >>> table.header, list(table.rows())
    (['a', 'b'], [(1, ['x', ['p', 'q']])])
    """
    table, source = _value_in(path, settings.encoding), path.name
    if isinstance(table, dict):
        return _of_columns(table, source=source)
    if isinstance(table, list):
        return _of_records(table, source=source)
    raise TableError(f"{source}: it holds one {type(table).__name__}; it needs a list of objects, one for each text.")


def record_names(path: Path, *, encoding: str | None = None) -> list[list[str]] | None:
    """The names of the values of each object of a list; None of an object of columns."""
    table = _value_in(path, encoding)
    return [list(record) for record in table] if isinstance(table, list) else None


def _value_in(path: Path, encoding: str | None) -> Any:
    text = decode(bytes_of(path), source=path.name, encoding=encoding)
    if not text.strip():
        raise TableError(f"{path.name}: the file is empty; it needs a list of objects, one for each text.")
    return parsed(text, source=path.name, first_line=1)


def _of_records(table: list[Any], *, source: str) -> HeldRows:
    records = [
        checked_object(record, source=source, unit="record", number=n) for n, record in enumerate(table, start=1)
    ]
    names = names_of(records, source=source)
    rows: list[Row] = [(n, [record.get(name) for name in names]) for n, record in enumerate(records, start=1)]
    return HeldRows(names, rows, unit="record")


def _of_columns(table: dict[str, Any], *, source: str) -> HeldRows:
    if not all(isinstance(column, list | dict) for column in table.values()):
        raise TableError(f"{source}: an object must hold columns (lists of equal length); or write a list of objects.")
    names_of([table], source=source)
    keyed = {tuple(column) for column in table.values() if isinstance(column, dict)}
    if len(keyed) > 1:
        raise TableError(
            f"{source}: the columns name their rows differently; write a list of objects, one for each text."
        )
    columns = {name: list(column.values()) if isinstance(column, dict) else column for name, column in table.items()}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise TableError(f"{source}: the columns differ in length ({lengths}); fill in what is missing with null.")
    rows = list(enumerate(zip(*columns.values(), strict=True), start=1))
    return HeldRows(list(columns), rows, unit="record")


READER = Reader(open_json)
