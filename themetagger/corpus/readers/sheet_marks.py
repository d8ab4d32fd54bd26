"""What a sheet of an .xlsx workbook says beside its cells: which are merged, and which rows are hidden."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.column_names import shown

_MERGED = re.compile(rb"<(?:\w+:)?mergeCell [^>]*?ref=\"([A-Z]+)(\d+):([A-Z]+)(\d+)\"")
_HIDDEN = re.compile(rb"<(?:\w+:)?row [^>]*?hidden=\"(?:1|true)\"[^>]*>")
_NUMBER = re.compile(rb"[ \t\n]r=\"(\d+)\"")
_BLOCK = 1 << 20
_TAIL = 500  # bytes of a block that are looked at again with the next one

Merged = tuple[int, int, int]  # a column, from 0, and the first and the last row, from 1, of cells that are one
Cells = tuple[int, list[str]]


@dataclass(frozen=True)
class SheetMarks:
    """Cells that are one over several rows, and rows that are hidden.

    >>> marks = SheetMarks([(1, 2, 3)])
    >>> marks.filled([(2, ["low pay", "pay"]), (3, ["no rise", ""])])
    ([(2, ['low pay', 'pay']), (3, ['no rise', 'pay'])], {1: 1})
    """

    merged: Sequence[Merged] = ()
    hidden: frozenset[int] = field(default_factory=frozenset)

    def filled(self, rows: Sequence[Cells]) -> tuple[list[Cells], dict[int, int]]:
        """The rows with the value of merged cells in each row that they reach, and how many were filled, by column."""
        places = {number: place for place, (number, _) in enumerate(rows)}
        held, counts = [(number, list(cells)) for number, cells in rows], dict[int, int]()
        for column, first, last in self.merged:
            top = held[places[first]][1] if first in places else []
            value = top[column] if column < len(top) else ""
            for number in range(first + 1, last + 1) if value else ():
                if number in places:
                    cells = held[places[number]][1]
                    cells += [""] * (column + 1 - len(cells))
                    cells[column] = value
                    counts[column] = counts.get(column, 0) + 1
        return held, counts

    def note_on_hidden(self, places: Sequence[int]) -> list[str]:
        """A note on hidden rows among those that are read."""
        n = len(self.hidden.intersection(places))
        are = agreeing(n, "is hidden in the workbook; it was", "are hidden in the workbook; they were")
        return [f"{number_of(n, 'row')} {are} read too."] if n else []


def note_on_merged(counts: Mapping[int, int], names: Mapping[int, str], read: set[str]) -> list[str]:
    """A note for each column that is read and has merged cells."""
    return [
        f"Column {shown(names[column])}: {number_of(n, 'cell')} {agreeing(n, 'is', 'are')} merged with the one above; "
        f"{agreeing(n, 'it was', 'they were')} read as having its value."
        for column, n in counts.items()
        if names.get(column) in read
    ]


def marks_of(raw: bytes, sheet: Any) -> SheetMarks:
    """The marks of a sheet that openpyxl has opened to read only, which leaves them out; none of other sheets."""
    path = getattr(sheet, "_worksheet_path", None)
    if path is None or not raw.startswith(b"PK"):
        return SheetMarks()
    merged, hidden = set[Merged](), set[int]()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive, archive.open(str(path).lstrip("/")) as file:
        tail = b""
        while block := file.read(_BLOCK):
            text = tail + block
            for found in _MERGED.finditer(text):
                merged.add((_column(found[1]), int(found[2]), int(found[4])))
            hidden.update(int(number[1]) for row in _HIDDEN.findall(text) if (number := _NUMBER.search(row)))
            tail = text[-_TAIL:]
    return SheetMarks(sorted(one for one in merged if one[1] < one[2]), frozenset(hidden))


def _column(letters: bytes) -> int:
    """The number, from 0, of a column that a spreadsheet calls by letters.

    >>> _column(b"A"), _column(b"AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number - 1
