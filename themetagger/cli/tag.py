"""themetagger tag: a copy of a table with tags."""

from __future__ import annotations

from typing import Any

import click

from themetagger.cli.group import INTERRUPTED, main
from themetagger.cli.showing import print_notes
from themetagger.cli.tables import table_format, text_options


@main.command()
@click.argument("file")
@click.option("--tagger", required=True, help="Tagger file, as in RUN/tagger.tagger.")
@click.option(
    "--out", required=True, help="Table to write; its suffix says the format (csv, tsv, json, jsonl, parquet, xlsx)."
)
@text_options
@click.option("--probabilities", is_flag=True, help="Add a column with the probability of each theme.")
@click.option(
    "--policy",
    type=click.Choice(["all", "certified"]),
    default="all",
    show_default=True,
    help="certified: assign only where the promise of precision holds, and put the rest into Themes to Review.",
)
@click.option(
    "--formulas",
    type=click.Choice(["neutralise", "keep"]),
    default="neutralise",
    show_default=True,
    help="CSV, TSV: put an apostrophe before cells that a spreadsheet would run as formulas, or keep them.",
)
@click.option("--start-over", is_flag=True, help="Throw away what an interrupted command left, and begin anew.")
def tag(file: str, tagger: str, out: str, **options: Any) -> None:
    """Tag the texts of FILE: a copy of the table with one more column, Themes (Predicted Themes where there is one).

    CSV, TSV and JSON Lines may be of any length; after an interruption the same command goes on where it was.
    """
    from themetagger._utils.console import Stopped
    from themetagger.tagger.tag_table import tag_file

    try:
        done = tag_file(file, tagger, out, table_format=table_format(options), show=True, **options)
    except Stopped as stopped:
        click.echo(str(stopped), err=True)
        click.get_current_context().exit(INTERRUPTED)
    print_notes(done.notes)
    if done.resumed:
        click.echo(f"Went on behind the {done.resumed:,} rows that were there.")
    click.echo(f"{done.rows} texts tagged with {done.themes} themes: {out}")
