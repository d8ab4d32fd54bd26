"""themetagger analyse: how many texts have each theme, by tags that are sometimes wrong."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from themetagger.cli.group import Mistake, main
from themetagger.cli.options import (
    date_format_option,
    encoder_option,
    most_option,
    tagger_option,
    training_texts_option,
)
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.showing import DASH, listed, print_notes, print_table, ranges, say
from themetagger.cli.slices import with_period
from themetagger.cli.tables import table_format, text_options

if TYPE_CHECKING:
    import pandas as pd

SHOWN = ["true share", "95 % interval", "tagged", "texts", "texts with it"]
TRUE_SHARE = "A true share is the share of tagged texts, corrected for those that the tagger misses or tags wrongly."
ROWS, PAIRS = 60, 15  # printed of one table; the files have all


@main.command(short_help="Estimate how many texts really have each theme.")
@click.argument("file")
@tagger_option
@encoder_option
@click.option("--out", required=True, metavar="FOLDER", help="Folder for the tables (CSV, Excel) and pictures.")
@click.option("--by", default=None, metavar="COLUMN", help="Column of groups to compare, such as Site.")
@click.option("--time", default=None, metavar="COLUMN", help="Column of dates, to count texts by period.")
@click.option(
    "--period",
    type=click.Choice(["day", "week", "month", "quarter", "year"]),
    default="month",
    show_default=True,
    help="Length of the periods for --time.",
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
    help="Correct by the errors measured in tuning, or by those on its held-out texts, which must not be in FILE.",
)
@most_option
@training_texts_option
@text_options
def analyse(file: str, tagger: str, out: str, **options: Any) -> None:
    """Estimate how many texts of FILE have each theme: in all, by group and over time; and which occur together.

    The share of tagged texts is corrected for texts that the tagger misses or tags wrongly. Intervals contain the true
    share in 95 % of cases, provided the tagger errs on these texts as often as it did in tuning. It errs less
    often on texts that it was tuned on: these are recognised, and left out.
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
    tables = (
        ("All texts", analysis.shares, "shares.csv"),
        ("By group", analysis.by, "by.csv"),
        ("Over time", analysis.over_time, "over_time.csv"),
    )
    for title, table, name in tables:
        if table is not None:
            _print_shares(title, table, str(Path(out) / name))
    together = "Themes tagged together; wrong tags make the link look weaker than it is"
    print_table(together, analysis.together.head(PAIRS), see=str(Path(out) / "together.csv"), important=3)
    print_notes([TRUE_SHARE, *analysis.notes])
    for path in write_analysis(analysis, out, inputs=[file]):
        echo(str(path))


def _print_shares(title: str, table: pd.DataFrame, path: str) -> None:
    """True shares with their intervals, and once for each kind what is to be said of some of them."""
    more = f" ({ROWS} of {len(table):,} rows; all in {path})" if len(table) > ROWS else ""
    groups = ["value"] if table["value"].nunique() > 1 else []
    columns = {
        "true share": table["share"].map(_percent).replace("", DASH),
        "95 % interval": ranges(table["share_low"].map(_percent), table["share_high"].map(_percent)),
        "texts with it": ranges(table["count_low"].map(_whole), table["count_high"].map(_whole)),
    }
    remarks = [] if (table["remark"] == "").all() else ["remark"]
    shown = table.assign(**columns)[["theme", *groups, *SHOWN, *remarks]].head(ROWS)
    headings = {"value": with_period(str(table["column"].iloc[0]), table["value"])} if groups else {}
    print_table(f"{title}: true shares{more}", shown, headings=headings, see=path, important=3 + len(groups))
    remarked = table[table["remark"] != ""]
    kinds = remarked["remark"].str.split(":").str[0]
    for kind in kinds.unique():
        themes = list(dict.fromkeys(remarked.loc[kinds == kind, "theme"]))
        say(f"{kind[:1].upper()}{kind[1:]}: {listed(themes)}. See the column remark of {path}.", rest="  ")
    if len(kinds):
        echo()


def _percent(share: float) -> str:
    return "" if math.isnan(share) else f"{100 * share:.1f} %"


def _whole(count: float) -> str:
    return "" if math.isnan(count) else f"{count:,.0f}"
