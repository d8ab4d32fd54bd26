"""Names, numbers and tables as a person reads them: short, on one line, escaped for Markdown."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd

from themetagger._utils.console import visible
from themetagger.report.columns import heading, with_whole_counts

DASH = "–"
# what Markdown would take for a sign of its own, and no more, so that "R&D", "a_b", "-0.5" and "<0.001" stay readable,
# also in a terminal: an ampersand before a character reference, a bracket that may open a tag, an underscore at the
# edge of a word, and what begins a heading or list
_MARKDOWN = re.compile(
    r"[\\|`*\[\]$~]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])"
    r"|\A>|\A#(?=#{0,5}(?:\s|\Z))|\A[-+](?=\s|\Z)|\A[0-9]{1,9}[.)](?=\s|\Z)"
)


def cell_text(value: Any) -> str:
    """A cell as a person reads it: figures to three decimals, large ones whole, a dash for what is undefined.

    Examples
    --------
    >>> cell_text(0.81254), cell_text(12), cell_text(2468.98), cell_text(0.000123), cell_text("pay")
    ('0.813', '12', '2,469', '<0.001', 'pay')
    """
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return DASH
    if isinstance(value, float):
        if 0 < abs(value) < 0.0005:
            return "<0.001" if value > 0 else ">-0.001"
        return decimal(value, 3 if abs(value) < 100 else 0)
    return str(value)


def decimal(value: float, places: int = 2, *, sign: str = "") -> str:
    """A number with so many decimals (2 by default) and commas; what rounds to 0 has no sign.

    ``sign="+"`` also marks what is above 0.

    Examples
    --------
    >>> decimal(0.125), decimal(-0.001), decimal(1234.5, 0), decimal(0.04, 3, sign="+"), decimal(-0.0001, 3, sign="+")
    ('0.12', '0.00', '1,234', '+0.040', '0.000')
    """
    text = f"{value:{sign},.{places}f}"
    return text if any(digit in text for digit in "123456789") or not math.isfinite(value) else text.lstrip("+-")


def percent(share: float) -> str:
    """A share in percent, whole; what is not all is not called 100, nor what is something 0.

    Examples
    --------
    >>> percent(0.8251), percent(0.996), percent(0.9999), percent(1.0), percent(0.001)
    ('83', '99.6', '99.9', '100', '0.1')
    """
    whole = f"{100 * share:.0f}"
    if (whole == "100" and share < 1) or (whole == "0" and share > 0):
        return f"{min(99.9, max(0.1, 100 * share)):.1f}"
    return whole


def shorten(text: str, width: int) -> str:
    """The text on one line, cut to ``width`` characters with an ellipsis.

    Examples
    --------
    >>> shorten("a theme", 20), shorten("a very long theme", 8)
    ('a theme', 'a very…')
    """
    line = visible(" ".join(text.split()))
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def escape_markdown(text: str) -> str:
    r"""The text so that Markdown prints it as it is, also inside a table.

    Examples
    --------
    >>> print(escape_markdown("a|b <b> <0.001"))
    a\|b \<b> <0.001
    """
    return _MARKDOWN.sub(lambda sign: f"{sign[0][:-1]}\\{sign[0][-1]}", text)


def markdown_table(table: pd.DataFrame, *, width: int = 80) -> str:
    """A Markdown table, padded so that it reads as plain text too; numbers to the right.

    Parameters
    ----------
    table
        Any table; its columns are named by `themetagger.report.columns.heading`.
    width
        Longest text of a cell, in characters (80 by default).

    Examples
    --------
    >>> print(markdown_table(pd.DataFrame({"theme": ["pay"], "f1": [0.5]})))
    | theme |    F1 |
    | ----- | ----: |
    | pay   | 0.500 |
    """
    table = with_whole_counts(table)
    columns = [_column(table[name], heading(str(name)), width) for name in table]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in zip(*columns, strict=True))


def _column(column: pd.Series[Any], title: str, width: int) -> list[str]:
    cells = [title, *(escape_markdown(shorten(cell_text(value), width)) for value in column)]
    # one endless name does not stretch the whole column
    wide = max(3, *(len(cell) for cell in cells if len(cell) <= 40))
    if pd.api.types.is_numeric_dtype(column):
        first, *rest = (cell.rjust(wide) for cell in cells)
        return [first, "-" * (wide - 1) + ":", *rest]
    first, *rest = (cell.ljust(wide) for cell in cells)
    return [first, "-" * wide, *rest]
