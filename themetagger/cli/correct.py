"""themetagger correct: the verdicts of a review, put into a copy of the table."""

from __future__ import annotations

from typing import Any

import click

from themetagger.cli.group import main
from themetagger.cli.showing import print_notes
from themetagger.cli.tables import table_format, table_options


@main.command()
@click.argument("table")
@click.option("--review", required=True, help="Table of `themetagger suspects` with its verdicts filled in.")
@click.option("--out", required=True, help="Table to write; TABLE itself stays as it is.")
@table_options
@click.option(
    "--formulas",
    type=click.Choice(["keep", "neutralise"]),
    default="keep",
    show_default=True,
    help="CSV, TSV: keep cells that a spreadsheet would run as formulas, or put an apostrophe before them.",
)
def correct(table: str, review: str, out: str, **options: Any) -> None:
    """Write a copy of TABLE with the labels changed that the review says to change."""
    from themetagger.insights.labelling.corrections import correct as correct_table

    done = correct_table(table, review, out=out, table_format=table_format(options), **options)
    print_notes(done.notes)
    so = f" ({done.already} were so already)" if done.already else ""
    click.echo(f"{done.changed} labels changed{so}, {done.kept} kept, {done.unanswered} not answered: {out}")
