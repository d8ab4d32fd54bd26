"""Names, numbers and tables as a person reads them: short, on one line, escaped."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

DASH = "–"
_ACRONYMS = ("f1", "tp", "fp", "fn", "tn")
# what Markdown would take for a sign of its own, and no more, so that "R&D", "a_b" and "-0.5" stay readable: an
# ampersand before a character reference, an underscore at the edge of a word, and what begins a heading or list
_MARKDOWN = re.compile(
    r"[\\|`*\[\]$~<]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])"
    r"|\A>|\A#(?=#{0,5}(?:\s|\Z))|\A[-+](?=\s|\Z)|\A[0-9]{1,9}[.)](?=\s|\Z)"
)


def heading(column: str) -> str:
    """A column's name as a person writes it.

    Examples
    --------
    >>> heading("heldout_average_precision"), heading("f1"), heading("tp")
    ('held-out average precision', 'F1', 'TP')
    """
    words = column.replace("heldout_", "held-out ").replace("_", " ").split(" ")
    return " ".join(word.upper() if word in _ACRONYMS else word for word in words)


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
        return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"
    return str(value)


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
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def escape_markdown(text: str) -> str:
    r"""The text so that Markdown prints it as it is, also inside a table.

    Examples
    --------
    >>> print(escape_markdown("a|b <b>"))
    a\|b &lt;b>
    """
    named = {"<": "&lt;", "&": "&amp;"}
    return _MARKDOWN.sub(lambda sign: named.get(sign[0], f"{sign[0][:-1]}\\{sign[0][-1]}"), text)


def markdown_table(table: pd.DataFrame, *, width: int = 80) -> str:
    """A Markdown table, padded so that it reads as plain text too; numbers to the right.

    Parameters
    ----------
    table
        Any table; its columns are named by `heading`.
    width
        Longest text of a cell, in characters (80 by default).

    Examples
    --------
    >>> print(markdown_table(pd.DataFrame({"theme": ["pay"], "f1": [0.5]})))
    | theme |    F1 |
    | ----- | ----: |
    | pay   | 0.500 |
    """
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
