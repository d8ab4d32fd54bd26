"""Cells that a spreadsheet would run as a formula: recognised, given an apostrophe, and restored."""

from __future__ import annotations

import re
from typing import Any, Literal, get_args

import pandas as pd

from themetagger._utils.faces import option
from themetagger._utils.wording import number_of

Formulas = Literal["keep", "neutralise"]
FORMULAS: tuple[Formulas, ...] = get_args(Formulas)

# What begins a formula (OWASP, "CSV injection": = + - @, tab, carriage return, line feed, also in full width), behind
# what a spreadsheet passes over: white space, control and zero-width signs, quotes. An apostrophe is among the quotes,
# so that the one which is added is distinguished from those of the text.
_BEGINS = re.compile(
    "[\\s\\x00-\\x1f\u200b-\u200f\u2060\ufeff\"']*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]",
)
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")  # +3.2 is a number, and no formula


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may run a cell of this text; a plain number is none.

    Examples
    --------
    >>> [is_formula(text) for text in ("=1+1", " @x", "'=x", "a=1", "-5", "-5 to 3")]
    [True, True, True, False, False, True]
    """
    return _BEGINS.match(text) is not None and _NUMBER.fullmatch(text) is None


def neutralised(text: str) -> str:
    """The text with an apostrophe in front where `is_formula`; different texts stay different.

    Examples
    --------
    >>> neutralised("=1+1"), neutralised("'=1+1"), neutralised("-5"), neutralised("pay")
    ("'=1+1", "''=1+1", '-5', 'pay')
    """
    return "'" + text if is_formula(text) else text


def original(text: str) -> str:
    """What `neutralised` was given.

    Examples
    --------
    >>> original("'=1+1"), original("'quoted'"), original("-5")
    ('=1+1', "'quoted'", '-5')
    """
    return text[1:] if text[:1] == "'" and is_formula(text[1:]) else text


def neutralised_table(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The table with every text in its cells and column names `neutralised`, and how many were changed.

    Examples
    --------
    >>> table, changed = neutralised_table(pd.DataFrame({"=a": ["@x", "y"], "n": [-1, 2]}))
    >>> table.to_dict("list"), changed
    ({"'=a": ["'@x", 'y'], 'n': [-1, 2]}, 2)
    """
    names = [_mapped(name) for name in frame.columns]
    changed = sum(new != name for new, name in zip(names, frame.columns, strict=True))
    columns: dict[int, Any] = {}  # by number: two may have one name
    for number, (_, column) in enumerate(frame.items()):
        cells = column.tolist() if not pd.api.types.is_numeric_dtype(column) else []
        hit = [row for row, cell in enumerate(cells) if isinstance(cell, str) and is_formula(cell)]
        for row in hit:
            cells[row] = neutralised(cells[row])
        columns[number] = pd.Series(cells, dtype=object).array if hit else column.array
        changed += len(hit)
    if not changed:
        return frame, 0
    return pd.DataFrame(columns, index=frame.index).set_axis(names, axis=1), changed


def neutralised_notes(changed: int) -> list[str]:
    """A note on how many cells were changed; none where none were.

    >>> neutralised_notes(1)
    ["1 cell or column name that a spreadsheet would run as a formula got an apostrophe in front; formulas='keep' \
leaves it as it is."]
    """
    those = number_of(changed, "cell or column name", "cells or column names")
    formulas, left = ("a formula", "it as it is") if changed == 1 else ("formulas", "them as they are")
    note = f"{those} that a spreadsheet would run as {formulas} got an apostrophe in front"
    return [f"{note}; {option('formulas', 'keep')} leaves {left}."] if changed else []


def _mapped(name: Any) -> Any:
    return neutralised(name) if isinstance(name, str) and is_formula(name) else name
