"""Tables -> an Excel workbook, in which every text stays a text."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

LONGEST = 32_767  # characters that a cell holds
_NEVER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # a character, as a workbook writes those that XML cannot hold
_WIDEST = 60  # characters of a column
_SOME_TIME = (2000, 1, 1, 0, 0, 0)  # the same tables give the same bytes


def workbook(sheets: Mapping[str, pd.DataFrame], *, cut: bool = False) -> bytes:
    """A workbook with a sheet for each table: a header that stays and filters, and columns as wide as what they hold.

    A text that begins like a formula is a text; control characters, which Excel cannot hold, become U+FFFD.

    Parameters
    ----------
    sheets : tables by the names of their sheets
    cut : whether a text that is too long for a cell is cut, default not

    Raises
    ------
    ImportError
        If openpyxl is missing.
    ValueError
        If a text is too long for a cell.

    Examples
    --------
    >>> book = workbook({"Results": pd.DataFrame({"theme": ["=1+1"], "f1": [0.5]})})
    >>> pd.read_excel(io.BytesIO(book))["theme"][0]
    '=1+1'
    """
    file = io.BytesIO()
    cells = {name: table.map(lambda cell: _cell(cell, cut)) for name, table in sheets.items()}
    with pd.ExcelWriter(file, engine="openpyxl") as book:
        for name, table in cells.items():
            table.to_excel(book, sheet_name=name, index=False)
            _settle(book.sheets[name])
        book.book.properties.created = book.book.properties.modified = datetime(*_SOME_TIME)
    return _of_no_time(file.getvalue())


def escaped(text: str) -> str:
    """A text as a workbook keeps it: one that looks like a code of a character is none.

    >>> escaped("_x000D_"), unescaped(escaped("_x000D_")), unescaped("a_x000D_b")
    ('_x005F_x000D_', '_x000D_', 'a\\rb')
    """
    return _CODED.sub(lambda code: f"_x005F{code[0]}", text) if "_x" in text else text


def unescaped(text: str) -> str:
    """A text as a spreadsheet shows it: codes of characters, such as _x000D_, are these."""
    return _CODED.sub(lambda code: chr(int(code[1], 16)), text) if "_x" in text else text


def _settle(sheet: Any) -> None:
    for column in sheet.columns:
        longest = max((len(str(cell.value)) for cell in column if cell.value is not None), default=0)
        sheet.column_dimensions[column[0].column_letter].width = min(_WIDEST, longest + 2)
        for cell in column:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions


def _cell(cell: Any, cut: bool) -> Any:
    if not isinstance(cell, str):
        return cell
    if len(cell) > LONGEST and not cut:
        raise ValueError(f"a text has {len(cell)} characters, and an Excel cell holds {LONGEST}")
    return escaped(_NEVER.sub("\ufffd", cell[:LONGEST]))


def _of_no_time(data: bytes) -> bytes:
    """The same archive, its files dated the same whenever it was made."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "docProps/core.xml":  # openpyxl writes when it was saved
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(info.filename, _SOME_TIME), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
