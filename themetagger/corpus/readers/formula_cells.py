"""Formulas of a workbook whose value was never calculated: programs write them, only a spreadsheet fills them in."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence

from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.column_names import ColumnNames, column_meant, shown
from themetagger.corpus.errors import TableError
from themetagger.corpus.readers.headers import Header

Formulas = dict[int, list[int]]  # the rows, from 1, of a column, from 0, whose formulas have no value
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_TO_CALCULATE = re.compile(rb"fullCalcOnLoad=\"(?:1|true)\"")  # what was saved by a spreadsheet has been calculated
_BLOCK = 1 << 20


def formulas_in(raw: bytes, sheet: int) -> Formulas:
    """The cells of a sheet of an .xlsx workbook that hold a formula and no value, by column.

    An empty text that a formula gave is a value. Where a program asks that all be calculated when the workbook is
    opened, a column of formulas that all give 0 has no value either: some programs write 0 until then.
    """
    if not raw.startswith(b"PK") or not _has_formulas(raw):
        return {}
    import openpyxl  # type: ignore[import-untyped]

    books = [openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=only) for only in (False, True)]
    sheets = [book.worksheets[sheet] for book in books]
    for one in sheets:
        one.reset_dimensions()
    found, zero = Formulas(), dict[int, list[int]]()
    valued = set[int]()
    for number, (written, values) in enumerate(zip(*(one.iter_rows() for one in sheets), strict=True), start=1):
        for column, (cell, value) in enumerate(zip(written, values, strict=True)):
            if cell.data_type == "f":
                if value.value is None and value.data_type != "str":
                    found.setdefault(column, []).append(number)
                elif value.value == 0 and value.data_type == "n":
                    zero.setdefault(column, []).append(number)
                else:
                    valued.add(column)
    if _asks_for_calculation(raw):
        for column in set(zero) - valued:
            found[column] = sorted(found.get(column, []) + zero[column])
    return found


def _has_formulas(raw: bytes) -> bool:
    """Whether any sheet holds a formula, by a look that is quicker than to read them."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for name in archive.namelist():
            if "worksheets/" in name and name.endswith(".xml"):
                with archive.open(name) as file:
                    tail = b""
                    while block := file.read(_BLOCK):
                        if _FORMULA.search(tail + block):
                            return True
                        tail = block[-50:]
    return False


def _asks_for_calculation(raw: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return any(_TO_CALCULATE.search(archive.read(name)) for name in archive.namelist() if name == "xl/workbook.xml")


def check_formulas(
    formulas: Formulas, names: Mapping[int, str], header: Header, wanted: Sequence[str], *, source: str
) -> list[str]:
    """A note on formulas without a value in columns that are not read.

    Parameters
    ----------
    formulas : as of `formulas_in`
    names : the columns of the table by their numbers in the sheet
    header : where the rows begin
    wanted : the columns that are read
    source : name of the workbook, for messages

    Raises
    ------
    TableError
        At the first one in a column that is read.
    """
    columns = ColumnNames(names.values())
    read = {column_meant(name, columns, header.reading.aliases, source=source) for name in wanted}
    idle = dict[str, int]()
    for column, name in names.items():
        rows = [row for row in formulas.get(column, []) if row > header.last]
        if rows and name in read:
            more = f", as are {len(rows) - 1:,} more in this column" if len(rows) > 1 else ""
            raise TableError(
                f"{source}, row {rows[0]}, column {shown(name)}: a formula that was never calculated{more}; open the "
                "file in Excel or LibreOffice and save it."
            )
        if rows:
            idle[name] = len(rows)
    n = sum(idle.values())
    what = f"{number_of(n, 'formula')} in {', '.join(map(shown, list(idle)[:5]))}{', ...' if len(idle) > 5 else ''}"
    return [f"{what} {agreeing(n, 'was', 'were')} never calculated and {agreeing(n, 'is', 'are')} empty."] if n else []
