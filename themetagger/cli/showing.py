"""What commands print: tables and remarks."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd


def print_results(table: pd.DataFrame, averages: pd.DataFrame) -> None:
    columns = ["theme", "status", "family", "view", "support", "precision", "precision_bound", "recall"]
    held = ["heldout_precision", "heldout_recall", "heldout_support"]
    print_table("Results", table[columns + [name for name in held if name in table]])
    print_table("Averages", averages)


def print_table(title: str, frame: pd.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from themetagger.report.text import cell_text, heading

    wide = None if sys.stdout.isatty() else 200
    console, table = Console(width=wide), Table(title=title, title_justify="left", header_style="bold")
    for name in frame.columns:
        numeric = frame[name].dtype.kind in "iuf"
        limits: dict[str, Any] = {} if numeric else {"no_wrap": True, "overflow": "ellipsis", "max_width": 60}
        table.add_column(heading(name), justify="right" if numeric else "left", **limits)
    for row in frame.itertuples(index=False):
        table.add_row(*(Text(visible(cell_text(cell))) for cell in row))
    console.print(table if len(frame) else f"{title}: none")


def print_notes(notes: Sequence[str]) -> None:
    for note in notes:
        click.echo(f"Note: {visible(note)}")


def visible(text: str) -> str:
    """The text without control signs, by which a name could steer the terminal."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "\ufffd", text)
