"""themetagger tag: a copy of a table with tags."""

from __future__ import annotations

from typing import Any

import click

from themetagger._utils.signals import exit_code
from themetagger._utils.wording import number_of
from themetagger.cli.annotations import annotation_options, out_format
from themetagger.cli.group import Mistake, main
from themetagger.cli.options import encoder_option, formulas_option, new_table_option, tagger_option
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.showing import print_notes
from themetagger.cli.tables import table_format, text_options


@main.command(short_help="Tag the texts of a table.")
@click.argument("file")
@tagger_option
@new_table_option
@text_options
@click.option("--probabilities", is_flag=True, help="Add a column with the probability of each theme.")
@click.option("--explain", is_flag=True, help="Add a column with the words that count most for each theme tagged.")
@click.option(
    "--policy",
    type=click.Choice(["usable", "all", "certified", "pooled"]),
    default="usable",
    show_default=True,
    help="usable: give all tags but those of themes that are not usable. certified: give only tags whose precision is "
    "certified, theme by theme. pooled: give the tags whose precision is certified for all themes together. The others "
    "go to the column Themes to Review.",
)
@click.option("--tag-all", is_flag=True, help="Short for --policy all: also tag the themes that are not usable.")
@click.option(
    "--separator",
    default=", ",
    metavar="TEXT",
    help="What to write between the themes of a text in CSV, TSV and Excel.  [default: a comma and a space, or another "
    "that no theme holds]",
)
@annotation_options
@formulas_option("neutralise")
@encoder_option
@click.option("--start-over", is_flag=True, help="Discard what an interrupted command wrote, and begin again.")
def tag(file: str, tagger: str, out: str, **options: Any) -> None:
    """Write a copy of the table FILE with one more column: the themes of each text.

    The column is called Themes, or Predicted Themes if FILE already has a column Themes. In JSON and Parquet it holds
    lists. With --out-format, an annotation tool loads the file and shows the tags as proposals. CSV, TSV and JSON Lines
    files may be of any length. After an interruption, the same command continues where it stopped.
    """
    from themetagger._utils.console import Stopped
    from themetagger.tagger.tag_table import tag_file

    if options.pop("tag_all"):
        if options["policy"] not in ("usable", "all"):
            raise Mistake(f"give either --tag-all or --policy {options['policy']}, not both.")
        options["policy"] = "all"
    options["out_format"] = out_format(options)
    try:
        done = tag_file(file, tagger, out, table_format=table_format(options), show=True, **options)
    except Stopped as stopped:
        echo(str(stopped), err=True)
        click.get_current_context().exit(exit_code())
    print_notes(done.notes)
    if done.resumed:
        echo(f"Continued after {number_of(done.resumed, 'row')} tagged earlier.")
    echo(f"{number_of(done.rows, 'text')} tagged with {number_of(done.themes, 'theme')}: {out}")
