"""themetagger next: a table of the texts to label next, to be filled in."""

from __future__ import annotations

from typing import Any

import click

from themetagger.cli.group import Mistake, main
from themetagger.cli.showing import print_notes
from themetagger.cli.tables import table_format, table_options_of_tagger


@main.command(name="next")
@click.argument("file")
@click.option("--tagger", required=True, help="Tagger file, as in RUN/tagger.tagger.")
@click.option(
    "--out", required=True, help="Table to write; its suffix says the format (csv, tsv, json, jsonl, parquet, xlsx)."
)
@click.option("--count", default=50, show_default=True, help="How many texts to choose.")
@click.option("--labelled", default=None, help="Table of the texts labelled so far; better with it than without.")
@click.option("--theme", "themes", multiple=True, help="A theme that counts; give it several times.  [default: all]")
@click.option("--at-random", default=0.1, show_default=True, help="Share drawn at random, which keeps figures honest.")
@click.option("--seed", default=0, show_default=True, help="The same seed chooses the same texts.")
@table_options_of_tagger
@click.option(
    "--formulas",
    type=click.Choice(["neutralise", "keep"]),
    default="neutralise",
    show_default=True,
    help="CSV, TSV: put an apostrophe before cells that a spreadsheet would run as formulas, or keep them.",
)
def label_next(file: str, tagger: str, out: str, labelled: str | None, **options: Any) -> None:
    """Choose the texts of FILE whose themes would teach the tagger most, and write a table to fill in.

    It keeps the columns of FILE and adds an empty one, --theme-column, or the 0/1 ones of --theme-columns; beside them
    stand the tags that the tagger proposes and why the text was chosen. Filled in, its rows go behind those of the
    training table. How tables are read, as the options below say, holds for FILE and --labelled.
    """
    from themetagger.corpus import check_writable, write_table
    from themetagger.insights.labelling.to_label import choose_from_table

    check_writable(out, inputs=[file, labelled, tagger, options["theme_map"]], may_hold="labels filled in")
    formulas = options.pop("formulas")
    form = table_format(options)
    try:
        table, notes = choose_from_table(file, tagger, labelled=labelled, table_format=form, show=True, **options)
    except ValueError as error:
        raise Mistake(str(error)) from error
    changed = write_table(table, out, formulas=formulas)
    print_notes(notes)
    if changed:
        click.echo(f"Note: {changed} cells that a spreadsheet would run as formulas got an apostrophe before them.")
    click.echo(f"{len(table)} texts to label: {out}")
