"""themetagger analyse: how many texts have each theme, by tags that are sometimes wrong."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import click

from themetagger.cli.group import Mistake, main
from themetagger.cli.showing import print_notes, print_table
from themetagger.cli.tables import table_format, text_options

SHOWN = ["value", "theme", "texts", "tagged", "share", "share_low", "share_high", "count_low", "count_high", "remark"]
ROWS = 60  # printed of one table; the files have all


@main.command()
@click.argument("file")
@click.option("--tagger", required=True, help="Tagger file, as in RUN/tagger.tagger.")
@click.option("--out", required=True, help="Folder for the tables (CSV, Excel) and pictures.")
@click.option("--by", default=None, help="Column of groups to compare, as Site.")
@click.option("--time", default=None, help="Column of dates.")
@click.option(
    "--period",
    type=click.Choice(["day", "week", "month", "quarter", "year"]),
    default="month",
    show_default=True,
    help="Of --time.",
)
@click.option("--date-format", default=None, help="Of --time and of a --by of dates, as %d/%m/%Y; default: found.")
@click.option("--tag-column", default=None, help="Column of tags.  [default: Predicted Themes, else Themes]")
@click.option("--retag", is_flag=True, help="Tag the texts anew, whatever columns there are.")
@click.option(
    "--figures",
    type=click.Choice(["out-of-fold", "held-out"]),
    default="out-of-fold",
    show_default=True,
    help="How often the tagger errs: as found in tuning, or on its --test texts (which must not be those of FILE).",
)
@click.option(
    "--most",
    type=click.IntRange(min=2),
    default=12,
    show_default=True,
    help="Groups that are compared; rarer ones together.",
)
@text_options
def analyse(file: str, out: str, **options: Any) -> None:
    """How many texts of FILE have each theme, in all, by group and over time; which themes go together.

    The share of tagged texts is corrected for what the tagger misses and for what it tags wrongly; intervals hold the
    true share at 95 % as long as it errs on these texts as it did when it was tuned. So FILE must not hold texts that
    the tagger was tuned on: its models have seen them, and err less there than its figures say.
    """
    from themetagger.insights.of_file import Grouping, write_analysis
    from themetagger.insights.of_file import analyse as analysed

    form, grouping = (
        table_format(options),
        Grouping(**{field.name: options.pop(field.name) for field in fields(Grouping)}),
    )
    try:
        found = analysed(file, options.pop("tagger"), grouping, table_format=form, **options)
    except ValueError as error:
        if type(error) is ValueError:  # others say themselves what is wrong
            raise Mistake(str(error)) from error
        raise
    for title, table in (("All texts", found.shares), ("By group", found.by), ("Over time", found.over_time)):
        if table is not None:
            more = f" ({ROWS} of {len(table)} rows)" if len(table) > ROWS else ""
            print_table(f"{title}: true shares at 95 %{more}", table[SHOWN].head(ROWS))
    print_table("Themes tagged together; tags that err show less than there is", found.together.head(15))
    print_notes(found.notes)
    for path in write_analysis(found, out, inputs=[file]):
        click.echo(path)
