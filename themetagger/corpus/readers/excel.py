"""Excel workbooks (.xlsx, .xls): one of their sheets, by openpyxl or xlrd, which the extra ``excel`` brings."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.column_names import listed, plain, unnamed_told_apart
from themetagger.corpus.decoding import bytes_of
from themetagger.corpus.errors import TableError
from themetagger.corpus.readers.base import HeldRows, Reader, ReadSettings
from themetagger.corpus.readers.formula_cells import Formulas, check_formulas, formulas_in
from themetagger.corpus.readers.headers import BEYOND, LOOKED, Header, has, head_size, names_in, settle_header

Cells = tuple[int, list[str]]  # the number of a row, and its cells as text
_WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0", b"\x09\x00", b"\x09\x02", b"\x09\x04")  # .xlsx, .xls and still older ones
_EXCEL_ROWS = 1_048_576  # of a sheet, at most
_MOST_CELLS = 100_000_000  # of a table in a workbook


def open_excel(path: Path, settings: ReadSettings) -> HeldRows:
    """The sheet that has the columns wanted, cells as text.

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
                sheet, notes, advice = _chosen(book, settings, source=source)
                rows = list(_rows_of(book, sheet))
                formulas = formulas_in(raw, sheet)
    except TableError:
        raise
    except ImportError:
        raise TableError(
            f'{source}: Excel needs openpyxl (.xls: xlrd); run pip install "themetagger[excel]", or save it as CSV.'
        ) from None
    except Exception as error:  # the readers raise whatever a broken archive makes them stumble on
        raise TableError(f"{source}: not a readable Excel file ({error}); save it again, or as CSV.") from None
    if not rows:
        raise TableError(f"{source}: the sheet is empty; it needs a header row and a row for each text.{advice}")
    table = _table_of(rows, settings, formulas, source=source)
    table.reading = replace(table.reading, advice=advice or table.reading.advice)
    table.skipped += notes
    return table


def _sheets(book: pd.ExcelFile) -> list[str]:
    """The names of the sheets that hold cells, and not a diagram."""
    if hasattr(book.book, "worksheets"):  # openpyxl's, not xlrd's
        return [str(sheet.title) for sheet in book.book.worksheets]
    return [str(name) for name in book.sheet_names]


def _chosen(book: pd.ExcelFile, settings: ReadSettings, *, source: str) -> tuple[int, list[str], str]:
    """The number of the sheet to read, notes on it, and what to say where it lacks a column."""
    sheets = _sheets(book)
    if settings.sheet is not None:
        return _named(sheets, settings.sheet, source=source), [], ""
    if len(sheets) == 1:
        return 0, [], ""
    fits = [sheet for sheet in range(len(sheets)) if settings.wanted and _fits(book, sheet, settings, source=source)]
    if len(fits) > 1 and fits[0]:
        which = listed([sheets[sheet] for sheet in fits])
        remedy = option("sheet", sheets[fits[0]])
        raise TableError(f"{source}: the sheets {which} have the columns; pass {remedy}, or another of them.")
    sheet = fits[0] if fits else 0
    others = listed([name for number, name in enumerate(sheets) if number != sheet])
    if sheet:
        return sheet, [f"The sheet {sheets[sheet]!r} was read, as only it has the columns, not {others}."], ""
    more = ""
    if len(fits) > 1:
        too = listed([sheets[number] for number in fits[1:]])
        have = agreeing(len(fits) - 1, "has", "have")
        more = f" {too} {have} the columns too: {option('sheet', sheets[fits[1]])} reads it instead."
    those = agreeing(len(sheets) - 1, "the other is", "the others are")
    advice = f" The sheet {sheets[0]!r} was read; {those} {others}: say by {option('sheet')} which it is."
    return 0, [f"Only the sheet {sheets[0]!r} was read, not {others}.{more}"], advice


def _named(sheets: Sequence[str], sheet: str, *, source: str) -> int:
    """The number of the sheet with a name, or with a number from 1 where none is called so."""
    alike = [number for number, name in enumerate(sheets) if plain(name).casefold() == plain(sheet).casefold()]
    if sheet in sheets:
        return sheets.index(sheet)
    if len(alike) == 1:
        return alike[0]
    if sheet.isdecimal() and 1 <= int(sheet) <= len(sheets):
        return int(sheet) - 1
    raise TableError(f"{source}: there is no sheet {sheet!r}; the sheets are {listed(sheets)}.")


def _fits(book: pd.ExcelFile, sheet: int, settings: ReadSettings, *, source: str) -> bool:
    """Whether the first rows of a sheet hold the columns that are wanted."""
    head = list(islice(_rows_of(book, sheet), LOOKED + BEYOND))
    names, aliases = names_in(head, settings, source=source) if head else ((), {})
    return has(names, aliases, settings.wanted, source)


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
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _table_of(rows: list[Cells], settings: ReadSettings, formulas: Formulas, *, source: str) -> HeldRows:
    """Rows that hold something as a table below its header; columns that hold nothing are left out."""
    header, used, cells = _below_header(rows, settings, source=source)
    if len(rows) * len(used) > _MOST_CELLS:
        raise TableError(
            f"{source}: {len(rows):,} rows by {len(used):,} columns are too many; delete stray cells, or save as CSV."
        )
    held = [(number, [row[column] if column < len(row) else "" for column in used]) for number, row in cells]
    names = dict(zip(used, header.names, strict=True))
    notes = check_formulas(formulas, names, header, settings.wanted, source=source)
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
