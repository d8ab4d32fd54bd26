"""Excel workbooks (.xlsx, .xls): their first sheet, by openpyxl or xlrd, which the extra ``excel`` brings."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.decoding import bytes_of
from themetagger.corpus.errors import TableError
from themetagger.corpus.readers.base import HeldRows, Reader, ReadSettings

_WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0", b"\x09\x00", b"\x09\x02", b"\x09\x04")  # .xlsx, .xls and still older ones
_EXCEL_ROWS = 1_048_576  # of a sheet, at most
_MOST_CELLS = 100_000_000  # of a table in a workbook


def open_excel(path: Path, settings: ReadSettings) -> HeldRows:
    """The first sheet, cells as text; TableError where the library is missing or the workbook cannot be read."""
    raw, source = bytes_of(path), path.name
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
    table = _table_of(rows, source=source)
    if len(sheets) > 1:
        table.skipped.append(f"Only the sheet {sheets[0]!r} was read, not {', '.join(map(repr, sheets[1:]))}.")
    return table


def _rows_of(book: pd.ExcelFile) -> Iterator[tuple[int, list[str]]]:
    """The number and the cells, as text, of each row of the first sheet that holds something.

    A workbook is read row by row: pandas would make all rows as wide as the widest, and one stray cell in the last row
    and column fill the memory of any machine.
    """
    if hasattr(book.book, "worksheets"):  # openpyxl's, not xlrd's
        sheet = book.book.worksheets[0]
        sheet.reset_dimensions()  # which some programs write wrongly
        sheet_rows: Iterable[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    else:
        cells_of_sheet = pd.read_excel(book, sheet_name=0, header=None, dtype=object, na_filter=False)
        sheet_rows = cells_of_sheet.itertuples(index=False)
    for number, row in enumerate(sheet_rows, start=1):
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


def _table_of(rows: list[tuple[int, list[str]]], *, source: str) -> HeldRows:
    """Rows that hold something as a table, the first of them its header; columns that hold nothing are left out."""
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
    notes = [f"{number_of(blank, 'blank row')} {agreeing(blank, 'was', 'were')} skipped."] if blank else []
    names = [name.strip() for name in header]
    return HeldRows(names, list(zip(numbers[1:], cells, strict=True)), unit="row", skipped=notes)


READER = Reader(open_excel)
