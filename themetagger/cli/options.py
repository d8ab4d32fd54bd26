"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
WRITTEN = "the table that --out writes"  # where all columns are, if it is asked for
FORMATS = "csv, tsv, json, jsonl, parquet or xlsx"

tagger_option = click.option("--tagger", required=True, metavar="FILE", help="Tagger file, or the folder of its run.")
train_option = click.option(
    "--train",
    default=None,
    metavar="FILE",
    help="Table the run was tuned on, if it has moved.  [default: where it was when tuning]",
)
encoder_option = click.option(
    "--encoder",
    default=None,
    metavar="FOLDER|HUB-NAME",
    help="Text encoder that the tagger names, if it has moved.  [default: where it was last used]",
)
out_option = click.option("--out", default=None, metavar="FILE", help=f"Table to write ({FORMATS}).")
new_table_option = click.option("--out", required=True, metavar="FILE", help=f"Table to write ({FORMATS}).")
by_option = click.option(
    "--by", "columns", multiple=True, metavar="COLUMN", help="Also compare the values of this column; may be repeated."
)
most_option = click.option(
    "--most",
    type=click.IntRange(min=2),
    default=12,
    show_default=True,
    metavar="N",
    help="Compare this many values of a column; group the rarer ones.",
)


training_texts_option = click.option(
    "--training-texts",
    type=click.Choice(["leave-out", "keep"]),
    default="leave-out",
    show_default=True,
    help="What is done with texts of FILE that the tagger was tuned on, and copies of them.",
)


def date_format_option(columns: str) -> Callable[[Command], Command]:
    """The format of the dates in some columns."""
    return click.option(
        "--date-format",
        default=None,
        metavar="FORMAT",
        help=f"Format of the dates in {columns}, such as %d/%m/%Y.  [default: detected]",
    )


def formulas_option(default: str) -> Callable[[Command], Command]:
    """What is done with cells that a spreadsheet would run."""
    return click.option(
        "--formulas",
        type=click.Choice(["neutralise", "keep"]),
        default=default,
        show_default=True,
        help="In CSV and TSV, put an apostrophe before cells that a spreadsheet would run as a formula, or keep them.",
    )
