"""What commands print: tables and notes."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd


ENOUGH = 16  # characters of a text, by which it is known


def print_results(table: pd.DataFrame, averages: pd.DataFrame) -> None:
    """The columns of a results table that a person looks at first, and the averages."""
    from themetagger.report.columns import shown_in

    print_table("Results", table[shown_in("terminal", table)])
    print_table("Averages", averages)


def print_table(title: str, frame: pd.DataFrame) -> None:
    """A table as wide as the terminal; columns that have no room are named, not squeezed to nothing."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from themetagger.report.columns import heading

    wide = None if sys.stdout.isatty() else 200
    console, table = Console(width=wide), Table(title=title, title_justify="left", header_style="bold")
    shown, left_out = fitting(frame, console.width)
    for name in shown.columns:
        if shown[name].dtype.kind in "iuf":
            table.add_column(heading(name), justify="right", min_width=_least(shown, name))
        else:
            table.add_column(
                heading(name), no_wrap=True, overflow="ellipsis", max_width=60, min_width=_least(shown, name)
            )
    for row in shown.itertuples(index=False):
        table.add_row(*(Text(visible(_cell(cell))) for cell in row))
    console.print(table if len(frame) else f"{title}: none")
    if left_out and len(frame):
        click.echo(f"Columns left out, as the terminal is narrow: {', '.join(map(heading, left_out))}.")


def whole(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """The table with some columns of numbers as whole ones; what is missing stays missing."""
    return frame.assign(**{name: frame[name].round().astype("Int64") for name in columns})


def _cell(cell: Any) -> str:
    from themetagger.report.text import cell_text

    return ("no", "yes")[cell] if isinstance(cell, bool) else cell_text(cell)


def fitting(frame: pd.DataFrame, width: int) -> tuple[pd.DataFrame, list[str]]:
    """The columns that have room in so many characters, and the names of those that have none.

    The first column stays; then columns of text give way, the last one first, and then those of numbers.
    """
    names = [str(name) for name in frame.columns]
    texts = [name for name in names[1:] if frame[name].dtype.kind not in "iuf"]
    numbers = [name for name in names[1:] if name not in texts]
    left_out: list[str] = []
    for name in [*texts[::-1], *numbers[::-1]]:
        if sum(_least(frame, other) + 3 for other in names if other not in left_out) + 1 <= width:
            break
        left_out.append(name)
    return frame[[name for name in names if name not in left_out]], [name for name in names if name in left_out]


def _least(frame: pd.DataFrame, name: str) -> int:
    """The characters that a column needs: its numbers and the words of its heading; of a text, some."""
    from themetagger.report.columns import heading

    words = max(len(word) for word in heading(name).split())
    longest = max((len(_cell(cell)) for cell in frame[name]), default=0)
    return max(words, longest if frame[name].dtype.kind in "iuf" else min(longest, ENOUGH))


def print_notes(notes: Sequence[str]) -> None:
    """Notes, one per line."""
    for note in notes:
        click.echo(f"Note: {visible(note)}")


def visible(text: str) -> str:
    """The text without control signs, by which a name could steer the terminal."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "\ufffd", text)
