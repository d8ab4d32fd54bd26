"""JSON, JSON Lines, Parquet and Excel bytes as a frame of their cells."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from themetagger.corpus.decoding import Lines, decode, lines_of
from themetagger.corpus.errors import TableError

_WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0", b"\x09\x00", b"\x09\x02", b"\x09\x04")  # .xlsx, .xls and still older ones
_EXCEL_ROWS = 1_048_576  # of a sheet, at most
_MOST_CELLS = 100_000_000  # of a table in a workbook
_DEEPEST = 30  # lists within lists that a table may have
Read = tuple[pd.DataFrame, list[str]]


class _RepeatedKey(ValueError):
    """An object names a key twice; the decoder alone would keep the last in silence."""


def read_json(raw: bytes, *, source: str, encoding: str | None = None) -> Read:
    """A list of objects, one a row, or an object of columns (each a list, or an object as pandas writes it).

    >>> read_json(b'[{"a": "x", "b": ["p", "q"]}]', source="a.json")[0].to_dict("records")
    [{'a': 'x', 'b': ['p', 'q']}]
    """
    text = decode(raw, source=source, encoding=encoding)
    if not text.strip():
        raise TableError(f"{source}: the file is empty; it needs a list of objects, one for each text.")
    table = _parsed(text, source=source, first_line=1)
    if isinstance(table, dict):
        return _frame_of_columns(table, source=source), []
    if isinstance(table, list):
        return _frame_of_records(table, source=source), []
    raise TableError(f"{source}: it holds one {type(table).__name__}; it needs a list of objects, one for each text.")


def names_in(raw: bytes, *, source: str, lines: bool, encoding: str | None = None) -> list[list[str]] | None:
    """The names of the values of each object of a list, or of lines; None of an object of columns.

    >>> names_in(b'[{"a": "x", "b": null}, {"b": 1}]', source="a.json", lines=False)
    [['a', 'b'], ['b']]
    """
    text = decode(raw, source=source, encoding=encoding)
    if lines:
        return [list(record) for _, record in JsonLines(lines_of(text), source=source)._records()]
    table = _parsed(text, source=source, first_line=1)
    return [list(record) for record in table] if isinstance(table, list) else None


class JsonLines:
    """One JSON object a line; ``header`` holds the names of all objects' values, in the order in which they come.

    >>> from themetagger.corpus.decoding import lines_of
    >>> table = JsonLines(lines_of('{"a": "x"}\\n{"b": 1}\\n'), source="a.jsonl")
    >>> table.header, list(table.rows())
    (['a', 'b'], [(1, ['x', None]), (2, [None, 1])])
    """

    settled: tuple[str, ...] = ()

    def __init__(self, lines: Lines, *, source: str) -> None:
        """Read every object once, for its names."""
        self._lines, self.source = lines, source
        self.passed_over: list[str] = []
        self.header = _names((record for _, record in self._records()), source=source)
        if not self.header and not any(True for _ in self._records()):
            raise TableError(f"{source}: the file is empty; it needs a line with one object for each text.")

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """The values of each object and its line; None where it lacks one. TableError names the first bad line."""
        return ((number, [record.get(name) for name in self.header]) for number, record in self._records())

    def _records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        blank = inner = 0
        for number, line in enumerate(self._lines(), start=1):
            if not line.strip():
                blank += 1
                continue
            inner = blank  # blank lines at the end are no surprise
            record = _parsed(line.rstrip("\r\n"), source=self.source, first_line=number)
            yield number, _object(record, source=self.source, unit="line", number=number)
        self.passed_over = [f"{inner} blank lines were passed over."] if inner else []


def _parsed(text: str, *, source: str, first_line: int) -> Any:
    deep = f"{source}, line {first_line} or after: nested too deeply; it needs plain objects."
    try:
        table = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise TableError(
            f"{source}, line {first_line + error.lineno - 1}, column {error.colno}: not JSON ({error.msg}); "
            "correct the file there."
        ) from None
    except _RepeatedKey as error:
        raise TableError(f"{source}, line {first_line} or after: {error}") from None
    except RecursionError:
        raise TableError(deep) from None
    if _is_deep(table):
        raise TableError(deep)
    return table


def _is_deep(value: Any) -> bool:
    """Whether lists and objects stand within each other more than ``_DEEPEST`` times."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            part
            for found in level
            if isinstance(found, list | dict)
            for part in (found.values() if isinstance(found, dict) else found)
        ]
    return bool(level)


def _constant(name: str) -> None:
    """NaN and Infinity, which pandas writes where a value is missing."""
    return None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _RepeatedKey(f"an object has two values called {twice!r}; rename one of them.")
    return table


def _object(record: Any, *, source: str, unit: str, number: int) -> dict[str, Any]:
    if not isinstance(record, dict):
        raise TableError(
            f"{source}, {unit} {number}: {str(record)[:60]!r} is not an object; "
            'each text needs one such as {"Processed Text": "...", "Themes": "..."}.'
        )
    return record


def _names(records: Iterable[dict[str, Any]], *, source: str) -> list[str]:
    """The names of all records' values, in the order in which they come."""
    names = list(dict.fromkeys(name for record in records for name in record))
    for name in names:
        if any("\ud800" <= character <= "\udfff" for character in name):
            raise TableError(f"{source}: a value is called {name!r}, which holds half a surrogate pair; rename it.")
    return names


def _frame_of_records(table: list[Any], *, source: str) -> pd.DataFrame:
    records = [_object(found, source=source, unit="record", number=n) for n, found in enumerate(table, start=1)]
    names = _names(records, source=source)
    cells = [[record.get(name) for name in names] for record in records]
    return pd.DataFrame(cells, columns=names, index=pd.RangeIndex(1, len(cells) + 1, name="record"), dtype=object)


def _frame_of_columns(table: dict[str, Any], *, source: str) -> pd.DataFrame:
    if not all(isinstance(column, list | dict) for column in table.values()):
        raise TableError(f"{source}: an object must hold columns (lists of equal length); or write a list of objects.")
    _names([table], source=source)
    keyed = {tuple(column) for column in table.values() if isinstance(column, dict)}
    if len(keyed) > 1:
        raise TableError(
            f"{source}: the columns name their rows differently; write a list of objects, one for each text."
        )
    columns = {name: list(column.values()) if isinstance(column, dict) else column for name, column in table.items()}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise TableError(f"{source}: the columns differ in length ({lengths}); fill in what is missing with null.")
    cells = list(zip(*columns.values(), strict=True))
    index = pd.RangeIndex(1, len(cells) + 1, name="record")
    return pd.DataFrame(cells, columns=list(columns), index=index, dtype=object)


def read_parquet(raw: bytes, *, source: str, encoding: str | None = None) -> Read:
    """A Parquet file; it needs pyarrow, which the extra ``parquet`` brings."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise TableError(f'{source}: Parquet needs pyarrow; run pip install "themetagger[parquet]".') from None
    try:
        table = pyarrow.parquet.ParquetFile(io.BytesIO(raw)).read()
        names = list(table.column_names)
        cells = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:  # a date in the year 30000, say
        raise TableError(f"{source}: not a readable Parquet file ({error}); write it again.") from None
    index = pd.RangeIndex(1, table.num_rows + 1, name="row")
    return pd.DataFrame(cells, columns=names, index=index, dtype=object), []


def read_excel(raw: bytes, *, source: str, encoding: str | None = None) -> Read:
    """The first sheet of a workbook; it needs openpyxl (.xls: xlrd), which the extra ``excel`` brings."""
    if not raw.startswith(_WORKBOOKS):
        raise TableError(f"{source}: not a readable Excel file (it begins like none); if it is text, call it .csv.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles, filters and other things that a table does not need
            with pd.ExcelFile(io.BytesIO(raw)) as book:
                sheets = [str(name) for name in book.sheet_names]
                rows = list(_rows_of(book))
    except ImportError:
        raise TableError(
            f'{source}: Excel needs openpyxl (.xls: xlrd); run pip install "themetagger[excel]", or save it as CSV.'
        ) from None
    except Exception as error:  # the readers raise whatever a broken archive makes them stumble on
        raise TableError(f"{source}: not a readable Excel file ({error}); save it again, or as CSV.") from None
    frame, notes = _sheet(rows, source=source)
    unread = f"Only the sheet {sheets[0]!r} was read, not {', '.join(map(repr, sheets[1:]))}."
    return frame, [*notes, *([unread] if len(sheets) > 1 else [])]


def _rows_of(book: pd.ExcelFile) -> Iterator[tuple[int, list[str]]]:
    """The number and the cells, as text, of each row of the first sheet that holds something.

    A workbook is read row by row: pandas would make all rows as wide as the widest, and one stray cell in the last row
    and column fill the memory of any machine.
    """
    if hasattr(book.book, "worksheets"):  # openpyxl's, not xlrd's
        sheet = book.book.worksheets[0]
        sheet.reset_dimensions()  # which some programs write wrongly
        found: Iterable[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    else:
        found = pd.read_excel(book, sheet_name=0, header=None, dtype=object, na_filter=False).itertuples(index=False)
    for number, row in enumerate(found, start=1):
        if number > _EXCEL_ROWS:
            raise ValueError(f"a row stands below the last one, {_EXCEL_ROWS}")
        cells = [_shown(cell) for cell in row]
        if any(cells):
            yield number, cells


def _shown(cell: Any) -> str:
    """A cell as text; a whole number without the fraction that a workbook keeps."""
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _sheet(rows: list[tuple[int, list[str]]], *, source: str) -> Read:
    """Rows that hold something as a frame, the first of them its header; columns that hold nothing are left out."""
    if not rows:
        raise TableError(f"{source}: the first sheet is empty; it needs a header row and a row for each text.")
    used = sorted({column for _, row in rows for column, text in enumerate(row) if text})
    if len(rows) * len(used) > _MOST_CELLS:
        raise TableError(
            f"{source}: {len(rows):,} rows by {len(used):,} columns are too many; delete stray cells, or save as CSV."
        )
    header, *cells = ([row[column] if column < len(row) else "" for column in used] for _, row in rows)
    numbers = [number for number, _ in rows]
    blank = numbers[-1] - numbers[0] + 1 - len(numbers)
    notes = [f"{blank} blank rows were passed over."] if blank else []
    index = pd.Index(numbers[1:], name="row")
    return pd.DataFrame(cells, columns=[name.strip() for name in header], index=index, dtype=object), notes
