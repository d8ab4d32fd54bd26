"""themetagger analyse: how many texts have each theme, by tags that are sometimes wrong."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import click

from themetagger.cli.group import Mistake, main
from themetagger.cli.options import date_format_option, encoder_option, most_option, tagger_option
from themetagger.cli.showing import print_notes, print_table, whole
from themetagger.cli.tables import table_format, text_options

SHOWN = ["value", "theme", "texts", "tagged", "share", "share_low", "share_high", "count_low", "count_high", "remark"]
COUNTS = ["count_low", "count_high"]
ROWS = 60  # printed of one table; the files have all


@main.command(short_help="Estimate how many texts really have each theme.")
@click.argument("file")
@tagger_option
@encoder_option
@click.option("--out", required=True, metavar="FOLDER", help="Folder for the tables (CSV, Excel) and pictures.")
@click.option("--by", default=None, metavar="COLUMN", help="Column of groups to compare, such as Site.")
@click.option("--time", default=None, metavar="COLUMN", help="Column of dates.")
@click.option(
    "--period",
    type=click.Choice(["day", "week", "month", "quarter", "year"]),
    default="month",
    show_default=True,
    help="Length of the periods of --time.",
)
@date_format_option("--time, and in --by")
@click.option(
    "--tag-column", default=None, metavar="COLUMN", help="Column of tags.  [default: Predicted Themes, else Themes]"
)
@click.option("--retag", is_flag=True, help="Tag the texts again, even if there is a column of tags.")
@click.option(
    "--figures",
    type=click.Choice(["out-of-fold", "held-out"]),
    default="out-of-fold",
    show_default=True,
    help="How often the tagger errs: as measured in tuning, or on its held-out texts, which must not be those of FILE.",
)
@most_option
@text_options
def analyse(file: str, tagger: str, out: str, **options: Any) -> None:
    """Estimate how many texts of FILE have each theme: in all, by group and over time; and which occur together.

    The share of tagged texts is corrected for the texts that the tagger misses and for those that it tags wrongly.
    Intervals contain the true share in 95 % of cases, provided the tagger errs on these texts as often as it did in
    tuning. So FILE must not hold texts that it was tuned on: its models know them, and err less often there.
    """
    from themetagger.insights.of_file import Grouping, write_analysis
    from themetagger.insights.of_file import analyse as analysed
    from themetagger.tagger.theme_tagger import ThemeTagger

    form, loaded = table_format(options), ThemeTagger.load(tagger, encoder=options.pop("encoder"), show_progress=True)
    grouping = Grouping(**{field.name: options.pop(field.name) for field in fields(Grouping)})
    try:
        analysis = analysed(file, loaded, grouping, table_format=form, **options)
    except ValueError as error:
        if type(error) is ValueError:  # others say themselves what is wrong
            raise Mistake(str(error)) from error
        raise
    tables = (("All texts", analysis.shares), ("By group", analysis.by), ("Over time", analysis.over_time))
    for title, table in tables:
        if table is not None:
            more = f" ({ROWS} of {len(table)} rows)" if len(table) > ROWS else ""
            print_table(f"{title}: true shares, 95 % intervals{more}", whole(table[SHOWN].head(ROWS), COUNTS))
    print_table("Themes tagged together; wrong tags make the link look weaker than it is", analysis.together.head(15))
    print_notes(analysis.notes)
    for path in write_analysis(analysis, out, inputs=[file]):
        click.echo(path)
