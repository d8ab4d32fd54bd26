"""The results table as CSV and Markdown, and read back from CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd

from themetagger._utils.files import write_atomically
from themetagger._utils.own_files import read_own
from themetagger.corpus.formulas import neutralised, original
from themetagger.report.columns import shown_in
from themetagger.report.text import escape_markdown, markdown_table, shorten
from themetagger.selection.groups import groups_of
from themetagger.selection.results import COLUMNS, COUNTS, HELD_OUT, HELD_OUT_COLUMNS, RATES, TEXTS, WHOLE, typed
from themetagger.selection.theme_result import STATUSES

ALWAYS_THERE = (
    *(name for name in TEXTS if name != "group"),
    "threshold",
    *COUNTS,
    *RATES,
    "average_precision",
    "support",
    "predictions",
    "trials",
    "seconds",
)
"""The columns that every version wrote, by which a results table is known; never to be added to."""
SHARES = (*RATES, "average_precision")


def write_csv(table: pd.DataFrame, path: str | Path) -> None:
    """Write the table so that no spreadsheet runs a cell of it.

    A text that begins like a formula gets an apostrophe before it (`themetagger.corpus.formulas`). Numbers are
    written in full and untouched, so that -0.5 stays a number; nan is an empty cell.

    Examples
    --------
    >>> import tempfile
    >>> from themetagger.selection.results import results_table
    >>> from themetagger.selection.theme_result import ThemeResult
    >>> path = Path(tempfile.mkdtemp()) / "results.csv"
    >>> write_csv(results_table([ThemeResult.skipped("=1+1", "one class")]), path)
    >>> print(path.read_text().splitlines()[1][:17])
    "'=1+1","SKIPPED"
    >>> read_csv(path)["theme"][0]
    '=1+1'
    """
    write_atomically(path, csv_bytes(table))


def csv_bytes(table: pd.DataFrame) -> bytes:
    """The table as `write_csv` writes it."""
    file = io.StringIO()
    file.write(",".join(table.columns) + "\n")
    # quoting every text keeps a lone carriage return inside its cell
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerows([_safe(cell) for cell in row] for row in table.astype(object).to_numpy())
    return file.getvalue().encode("utf-8", "backslashreplace")


def read_csv(path: str | Path) -> pd.DataFrame:
    """Read back what `write_csv` wrote: a theme called ``NA`` stays a text, and the apostrophes are gone.

    A column that was added to the table since an older version wrote the file is empty.

    Raises
    ------
    ValueError
        If one of ``ALWAYS_THERE`` is missing, so that this is another table, or a cell is none of a results table.
    OSError
        If it cannot be read, or is a link or otherwise not ours alone.
    """
    columns, rows = _cells(read_own(path, most=MOST_BYTES).decode("utf-8"))
    table = pd.DataFrame(rows, columns=columns)
    if missing := [name for name in ALWAYS_THERE if name not in columns]:
        raise ValueError(f"{path} has no column {', '.join(missing)}; pass the results.csv of a run.")
    held_out = HELD_OUT_COLUMNS if HELD_OUT + "support" in columns else ()
    known = (*COLUMNS, *held_out)
    table = table.reindex(columns=[*known, *(name for name in columns if name not in known)], fill_value="")
    table["status"] = table["status"].replace("MET", "BEST_EFFORT")  # of an older version, which promised nothing by it
    texts = {name: table[name].map(original) for name in TEXTS}
    texts["group"] = pd.Series(groups_of(table.assign(**texts)), table.index, dtype="str")
    figures = {str(name): _figures(str(name), table[name]) for name in table if name not in TEXTS}
    table = typed(table.assign(**texts, **figures))
    for what, wrong in (
        ("is unknown", ~table["status"].isin(STATUSES)),
        ("is there twice", table["theme"].duplicated()),
    ):
        if wrong.any():
            row, name = int(wrong.to_numpy().argmax()), "theme" if "twice" in what else "status"
            raise ValueError(f"row {row + 1}, column {name!r}: {str(table[name].iloc[row])[:80]!r} {what}")
    return table


MOST_BYTES = 2**28


def _cells(text: str) -> tuple[list[str], list[list[str]]]:
    """Names of columns, and rows of as many cells; a ValueError where the text is no such table."""
    try:
        columns, *rows = csv.reader(io.StringIO(text, newline=""))
    except csv.Error as error:
        raise ValueError(str(error)) from error
    if len(set(columns)) < len(columns):
        raise ValueError("the name of a column is there twice")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise ValueError(f"row {number} has {len(row)} cells, and the header {len(columns)}")
    return columns, rows


def _figures(name: str, cells: pd.Series[Any]) -> pd.Series[Any]:
    """A column of figures; a ValueError where one is none, or out of its range."""
    try:
        figures = pd.to_numeric(cells).astype("float64")
    except (ValueError, TypeError, ArithmeticError) as error:
        raise ValueError(f"column {name!r}: {str(error)[:200]}") from error
    plain = name.removeprefix(HELD_OUT)
    whole, share = plain in WHOLE, plain in SHARES
    low, high = (0.0, 2.0**53) if whole else (0.0, 1.0) if share else (-1e300, 1e300)
    wrong = (figures < low) | (figures > high) | (whole & (figures % 1 != 0) & figures.notna())
    if wrong.any():
        first = int(wrong.to_numpy().argmax())
        what = f"a {'whole ' * whole}number from {low:g} to {high:g}"
        raise ValueError(f"row {first + 1}, column {name!r}: {cells.iloc[first][:80]!r} is not {what}")
    return figures


def to_markdown(table: pd.DataFrame, averages: pd.DataFrame) -> str:
    r"""The results as Markdown: a narrower table, what each theme lacks, and the averages.

    Parameters
    ----------
    table, averages
        What `results_table` and `averages` returned.

    Examples
    --------
    >>> from themetagger.selection.results import averages, results_table
    >>> from themetagger.selection.theme_result import ThemeResult
    >>> table = results_table([ThemeResult.skipped("a|b", "one class", support=7)])
    >>> print(to_markdown(table, averages(table)).splitlines()[4])
    - a\|b (no model): one class
    """
    parts = [markdown_table(table[shown_in("markdown", table)]), _reasons(table), markdown_table(averages)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _safe(cell: Any) -> Any:
    if isinstance(cell, str):
        return neutralised(cell)
    return None if pd.isna(cell) else cell


def _reasons(table: pd.DataFrame) -> str:
    rows = table[table["reason"] != ""]
    themes = [escape_markdown(shorten(theme, 80)) for theme in rows["theme"]]
    reasons = [escape_markdown(shorten(reason, 400)) for reason in rows["reason"]]
    statuses = groups_of(rows)
    lines = zip(themes, statuses, reasons, strict=True)
    return "\n".join(f"- {theme} ({status}): {reason}" for theme, status, reason in lines)
