"""Excel workbooks (.xlsx, .xls): one or all of their sheets, by openpyxl or xlrd, which the extra ``excel`` brings."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.column_names import column_meant, unnamed_told_apart
from themetagger.corpus.decoding import bytes_of
from themetagger.corpus.errors import TableError
from themetagger.corpus.readers.base import HeldRows, Reader, Reading, ReadSettings, Row
from themetagger.corpus.readers.formula_cells import Formulas, check_formulas, formulas_in
from themetagger.corpus.readers.headers import BEYOND, LOOKED, Header, has, head_size, names_in, settle_header
from themetagger.corpus.readers.sheet_marks import SheetMarks, marks_of, note_on_merged
from themetagger.corpus.readers.sheets import SHEET, Sheet, chosen, sheets_of
from themetagger.corpus.workbook import unescaped

Cells = tuple[int, list[str]]  # the number of a row, and its cells as text
_WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0", b"\x09\x00", b"\x09\x02", b"\x09\x04")  # .xlsx, .xls and still older ones
_EXCEL_ROWS = 1_048_576  # of a sheet, at most
_MOST_CELLS = 100_000_000  # of a table in a workbook


@dataclass(frozen=True)
class _Part:
    """A sheet that is read: its rows that hold something, formulas without a value, merged cells and hidden rows."""

    sheet: Sheet
    rows: list[Cells]
    formulas: Formulas
    marks: SheetMarks


def open_excel(path: Path, settings: ReadSettings) -> HeldRows:
    """The sheet that has the columns wanted, or all that have them as one table, cells as text.

    Raises
    ------
    TableError
        If the library is missing, the workbook cannot be read, or it is not clear which sheet is meant.
    """
    raw, source = bytes_of(path), path.name
    if not raw.startswith(_WORKBOOKS):
        raise TableError(f"{source}: not a readable Excel file (it begins like none); if it is text, call it .csv.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles, filters and other things that a table does not need
            with pd.ExcelFile(io.BytesIO(raw)) as book:
                sheets = sheets_of(book.book)
                choice = chosen(
                    sheets, settings.sheet, lambda sheet: _fits(book, sheet, settings, source=source), source=source
                )
                parts = [_part(book, sheet, raw) for sheet in choice.read]
    except TableError:
        raise
    except ImportError:
        raise TableError(
            f'{source}: Excel needs openpyxl (.xls: xlrd); run pip install "themetagger[excel]", or save it as CSV.'
        ) from None
    except Exception as error:  # the readers raise whatever a broken archive makes them stumble on
        raise TableError(f"{source}: not a readable Excel file ({error}); save it again, or as CSV.") from None
    if not parts[0].rows:
        raise TableError(f"{source}: the sheet is empty; it needs a header row and a row for each text.{choice.advice}")
    names = [source if len(parts) == 1 else f"{source}, sheet {part.sheet.name!r}" for part in parts]
    tables = [_table_of(part, settings, source=name) for part, name in zip(parts, names, strict=True)]
    table = tables[0] if len(tables) == 1 else _as_one(tables, [part.sheet.name for part in parts])
    table.reading = replace(table.reading, advice=choice.advice or table.reading.advice)
    table.skipped += choice.notes
    return table


def _part(book: pd.ExcelFile, sheet: Sheet, raw: bytes) -> _Part:
    rows = list(_rows_of(book, sheet.number))
    worksheets = getattr(book.book, "worksheets", None)
    marks = marks_of(raw, worksheets[sheet.number]) if worksheets else SheetMarks()
    return _Part(sheet, rows, formulas_in(raw, sheet.number), marks)


def _as_one(tables: Sequence[HeldRows], names: Sequence[str]) -> HeldRows:
    """The rows of several sheets below one header, with a column of the sheet's name; rows are counted on."""
    header = list(dict.fromkeys(name for table in tables for name in table.header))
    header += [] if SHEET in header else [SHEET]
    held, settled, skipped = list[Row](), list[str](), list[str]()
    for table, name in zip(tables, names, strict=True):
        before = held[-1][0] if held else 0
        for number, cells in table.held:
            row = {SHEET: name, **dict(zip(table.header, cells, strict=True))}
            held.append((before + number, [row.get(column, "") for column in header]))
        settled += [f"Sheet {name!r}: {note}" for note in table.settled]
        skipped += [f"Sheet {name!r}: {note}" for note in table.skipped]
        skipped += (
            [f"Rows of {name!r} are counted on from {before:,}: its row 2 is row {before + 2:,}."] if before else []
        )
    aliases = {short: own for table in reversed(tables) for short, own in table.reading.aliases.items()}
    return HeldRows(header, held, unit="row", settled=settled, skipped=skipped, reading=Reading(aliases))


def _fits(book: pd.ExcelFile, sheet: Sheet, settings: ReadSettings, *, source: str) -> bool:
    """Whether the first rows of a sheet hold the columns that are wanted."""
    head = list(islice(_rows_of(book, sheet.number), LOOKED + BEYOND))
    names, aliases = names_in(head, settings, source=source) if head else ((), {})
    return bool(settings.wanted) and bool(head) and has(names, aliases, settings.wanted, source)


def _rows_of(book: pd.ExcelFile, sheet: int) -> Iterator[Cells]:
    """The number and the cells, as text, of each row of a sheet that holds something.

    A workbook is read row by row: pandas would make all rows as wide as the widest, and one stray cell in the last row
    and column fill the memory of any machine.
    """
    if hasattr(book.book, "worksheets"):  # openpyxl's, not xlrd's
        cells_of_sheet = book.book.worksheets[sheet]
        cells_of_sheet.reset_dimensions()  # which some programs write wrongly
        sheet_rows: Iterable[tuple[Any, ...]] = cells_of_sheet.iter_rows(values_only=True)
    else:
        frame = pd.read_excel(book, sheet_name=sheet, header=None, dtype=object, na_filter=False)
        sheet_rows = frame.itertuples(index=False)
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
    if isinstance(cell, str):
        return unescaped(cell)
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _table_of(part: _Part, settings: ReadSettings, *, source: str) -> HeldRows:
    """Rows that hold something as a table below its header; columns that hold nothing are left out."""
    header, used, cells = _below_header(part.rows, settings, source=source)
    if len(part.rows) * len(used) > _MOST_CELLS:
        raise TableError(
            f"{source}: {len(part.rows):,} rows by {len(used):,} columns are too many; delete stray cells, or save as "
            "CSV."
        )
    cells, filled = part.marks.filled(cells)
    held = [(number, [row[column] if column < len(row) else "" for column in used]) for number, row in cells]
    names = dict(zip(used, header.names, strict=True))
    notes = check_formulas(part.formulas, names, header, settings.wanted, source=source)
    meant = (column_meant(name, header.names, header.reading.aliases, source=source) for name in settings.wanted)
    notes += note_on_merged(filled, names, {name for name in meant if name is not None})
    notes += part.marks.note_on_hidden([number for number, _ in cells])
    blank = cells[-1][0] - header.last - len(cells) if cells else 0
    notes += [f"{number_of(blank, 'blank row')} {agreeing(blank, 'was', 'were')} skipped."] if blank else []
    return HeldRows(header.names, held, unit="row", settled=header.notes, skipped=notes, reading=header.reading)


def _below_header(
    rows: Sequence[Cells], settings: ReadSettings, *, source: str
) -> tuple[Header, list[int], Sequence[Cells]]:
    """The header, the columns that hold something from there on, and the rows below."""
    last = head_size(settings)
    head = [row for number, row in enumerate(rows) if number < LOOKED + BEYOND or row[0] <= last]
    header = settle_header(head, settings, source=source, unit="row", label=_letters)
    below = [row for row in rows if row[0] > header.last]
    used = {column for _, row in below for column, text in enumerate(row) if text}
    used |= {column for column, name in enumerate(header.names) if name.strip()}
    names = [header.names[column].strip() if column < len(header.names) else "" for column in sorted(used)]
    return replace(header, names=unnamed_told_apart(names)), sorted(used), below


def _letters(column: int) -> str:
    """A column as a spreadsheet calls it.

    >>> _letters(0), _letters(27)
    ('A', 'AB')
    """
    before, last = divmod(column, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


READER = Reader(open_excel)
