"""Columns of 0 and 1, one per theme, as people and programs fill them: numbers, Yes and No, x, or the column's name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.errors import TableError
from themetagger.corpus.labels.cells import Names
from themetagger.corpus.labels.errors import CellError
from themetagger.corpus.labels.spellings import spelling
from themetagger.corpus.table import is_missing, place_of
from themetagger.corpus.table_format import EmptyCells

Kind = tuple[tuple[str, ...], tuple[str, ...]]  # what stands for 1 and for 0, by their keys

_SHOWN = 10  # columns in one note
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?")
_PLAIN: Kind = (("1", "true"), ("0", "false"))
_MARKS = tuple("x ✓ ✔ ✔\ufe0f ☑ ☑\ufe0f √ ✅ ● • *".split())
_WORDS = "yes no,y n,t f,on off,ja nein,j n,oui non,o n,sí no,si no,sì no,s n,sim não,ja nee,да нет,是 否,wahr falsch"
_PAIRS = tuple(tuple(pair.split()) for pair in f"{_WORDS},vrai faux,✓ ✗,✔ ✘,✅ ❌,☑ ☐,checked unchecked".split(","))
_KINDS: tuple[Kind, ...] = (
    _PLAIN,
    *(((on,), (off,)) for on, off in _PAIRS),
    (("selected",), ("not selected",)),
    *((_MARKS, off) for off in ((), ("0",), ("-",))),
)


@dataclass(frozen=True)
class OnOff:
    """How a column of 0 and 1 is filled.

    Attributes
    ----------
    name : of the column
    kind : what stands for 1 and for 0 in columns of its kind
    on, off : how often each that stands for 1, and for 0, is written in it; "" is an empty cell
    cells : a cell for each of them, as the table has it
    """

    name: str
    kind: Kind
    on: Counter[str] = field(default_factory=Counter)
    off: Counter[str] = field(default_factory=Counter)
    cells: Mapping[str, Any] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Whether it is 0 and 1, or true and false, throughout, so that nothing need be said."""
        return self.kind == _PLAIN and "" not in self.off

    def is_on(self, cell: Any) -> bool:
        """Whether a cell stands for 1.

        >>> on_off(pd.DataFrame({"pay": ["x", "X ", None]}), "pay", source="a.csv").is_on(" x")
        True
        """
        return _key(_written(cell)) in self.kind[0]

    def switched(self, cell: Any, on: bool) -> Any:
        """1 or 0, in the way in which the cell or else the column writes it.

        >>> column = on_off(pd.DataFrame({"pay": ["x", "", ""]}), "pay", source="a.csv")
        >>> column.switched("", True), column.switched("x", False)
        ('x', '')
        """
        word = _written(cell)
        if self.plain and word.casefold() in ("true", "false") and isinstance(cell, str):
            return next(way(str(on)) for way in (str.lower, str.upper, str.title) if way(word) == word)
        if self.plain and not isinstance(cell, str):
            return type(cell)(on)
        if used := self.on if on else self.off:
            return self.cells[used.most_common(1)[0][0]]
        if self.plain:
            return str(float(on)) if "." in word else str(int(on))
        return self.kind[0][0] if on else next(iter(self.kind[1]), "")


def marked_themes(
    frame: pd.DataFrame, columns: Sequence[str], *, empty_cells: EmptyCells = "error", source: str
) -> tuple[list[Names], list[str]]:
    """The themes of each row from 0/1 columns, one per theme, and notes on what was taken for 1 and 0.

    Raises
    ------
    TableError
        For a value that is neither, and for empty cells beside 0 and 1, unless ``empty_cells`` is "zero".

    Examples
    --------
    >>> marked_themes(pd.DataFrame({"pay": ["x", ""], "food": ["1.0", "0.0"]}), ["pay", "food"], source="a.csv")
    ([['pay', 'food'], []], ["'x' was read as 1, empty as 0 in column 'pay' (1 and 1)."])
    """
    rows: list[Names] = [[] for _ in range(len(frame))]
    read = [on_off(frame, column, empty_cells=empty_cells, source=source) for column in columns]
    for column in read:
        for names, cell in zip(rows, frame[column.name].tolist(), strict=True):
            if _written(cell) in column.on:
                names.append(column.name.strip())
    return rows, notes_on_marks(read)


def on_off(frame: pd.DataFrame, column: str, *, empty_cells: EmptyCells = "error", source: str) -> OnOff:
    """How a column is filled: with values of one kind for 1, and of one kind for 0; else a TableError."""
    values = frame[column].tolist()
    cells = {_written(value): value for value in values}
    counts, keys = Counter(map(_written, values)), {written: _key(written) for written in cells if written}
    kind = max(
        _kinds(column), key=lambda kind: sum(counts[written] for written, key in keys.items() if _has(kind, key))
    )
    for row, value in enumerate(values):
        if (written := _written(value)) and not _has(kind, keys[written]):
            raise CellError(value, _neither(kind, column, written)).at(source, place_of(frame, row), column)
    on, off = (Counter({one: counts[one] for one, key in keys.items() if key in part}) for part in kind)
    if counts[""]:
        if off and empty_cells == "error":
            row = next(row for row, value in enumerate(values) if not _written(value))
            where = f"{source}, column {column!r}"
            raise _mixture(column, on, off, counts[""], where=where, first=place_of(frame, row))
        off[""] = counts[""]
    return OnOff(column, kind, on, off, cells)


def _kinds(column: str) -> list[Kind]:
    """What may stand for 1 and for 0 in a column; its own name too, or what that ends with: "Topics: pay"."""
    last = re.split(r"[:/\[]\s*|\s-\s", column.strip().rstrip("]"))[-1]
    names = tuple(dict.fromkeys(name for name in (spelling(column), spelling(last)) if name))
    return [*_KINDS, (names, ()), (names, ("0",))]


def _has(kind: Kind, key: str) -> bool:
    return key in kind[0] or key in kind[1]


def _written(cell: Any) -> str:
    """A cell as text, without outer spaces; nothing of a missing one."""
    return "" if is_missing(cell) else str(cell).strip()


def _key(written: str) -> str:
    """What a cell is compared by: numbers that equal 0 and 1 are these."""
    if _NUMBER.fullmatch(written) and float(written) in (0, 1):
        return str(int(float(written)))
    return spelling(written)


def _neither(kind: Kind, column: str, written: str) -> str:
    what = "is neither 0 nor 1 (nor true nor false)"
    if kind != _PLAIN:
        what = f"is neither {kind[0][0]!r} nor {kind[1][0]!r}" if kind[1] else f"is neither {kind[0][0]!r} nor empty"
        what += ", as the other cells are"
    if written in ("-1", "-1.0"):
        return f"{what}; if it says that nobody judged the row, pass {option('judged', column)}"
    return f"{what}; correct it, take the row out, or leave the column out of {option('theme_columns')}"


def _mixture(column: str, on: Counter[str], off: Counter[str], empty: int, *, where: str, first: str) -> TableError:
    held = " and ".join(
        f"{number_of(part.total(), 'cell')} {agreeing(part.total(), 'holds', 'hold')} {_shown(part)}"
        for part in (off, on)
        if part
    )
    return TableError(
        f"{where}: {held}, but {empty:,} {agreeing(empty, 'is', 'are')} empty (the first in {first}), which may mean 0 "
        f"or that nobody judged it; pass {option('empty_cells', 'zero')} to read empty as 0, or "
        f"{option('judged', column)} to leave out these rows."
    )


def notes_on_marks(columns: Iterable[OnOff]) -> list[str]:
    """What was taken for 1 and for 0, a note for all columns that are filled alike."""
    alike: dict[str, list[str]] = {}
    for column in columns:
        if not column.plain:
            own = column.kind not in _KINDS
            on = "the column's name was read as 1" if own and column.on else f"{_shown(column.on)} was read as 1"
            off = f"{_shown(column.off)} as 0" if column.on else f"{_shown(column.off)} was read as 0"
            counts = " and ".join(f"{part.total():,}" for part in (column.on, column.off) if part)
            said = ", ".join(([on] if column.on else []) + ([off] if column.off else []))
            alike.setdefault(said, []).append(f"{column.name!r} ({counts})")
    return [
        f"{said[0].upper()}{said[1:]} in {agreeing(len(names), 'column', f'{len(names)} columns:')} "
        f"{', '.join(names[:_SHOWN])}{', ...' if len(names) > _SHOWN else ''}."
        for said, names in alike.items()
    ]


def _shown(values: Counter[str]) -> str:
    """Values as they are written, the most frequent first, each spelling once."""
    first: dict[str, str] = {}
    for written, _ in values.most_common():
        first.setdefault(_key(written), repr(written) if written else "empty")
    return " or ".join(first.values())
