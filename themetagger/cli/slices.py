"""themetagger slices: how well a run serves each part of its texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

import click

from themetagger._utils.wording import agreeing
from themetagger.cli.group import Mistake, main
from themetagger.cli.options import WRITTEN, date_format_option, most_option, out_option, train_option
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.showing import print_table, say

if TYPE_CHECKING:
    import pandas as pd

    from themetagger.corpus import Corpus


MEASURED = ["precision", "precision_rest", "recall", "recall_rest", "texts", "positives", "flagged"]
PERIODS = {  # what the values look like
    "quarter": re.compile(r"\d{4}-Q[1-4]"),
    "month": re.compile(r"\d{4}-\d\d"),
    "week": re.compile(r"\d{4}-W\d\d"),
    "day": re.compile(r"\d{4}-\d\d-\d\d"),
}
HEADINGS = {
    "precision_rest": "precision elsewhere",
    "recall_rest": "recall elsewhere",
    "positives": "labels",
    "flagged": "tags",
}


@main.command(short_help="Compare precision and recall by site, language or date.")
@click.argument("run")
@click.option(
    "--by",
    "columns",
    multiple=True,
    required=True,
    metavar="COLUMN",
    help="Column of the table that RUN was tuned on; may be repeated.",
)
@train_option
@most_option
@date_format_option("the --by columns")
@out_option
def slices(run: str, columns: tuple[str, ...], train: str | None, out: str | None, **options: Any) -> None:
    """Compare precision and recall in RUN by another column of its table, such as site, language or date.

    Figures are by cross-validation. Values that do significantly worse than the other texts are listed, by tests that
    allow for the number of comparisons.
    """
    from themetagger.corpus import check_writable
    from themetagger.insights.slices import slices_out_of_fold
    from themetagger.runs.past_run import open_run

    if out is not None:
        check_writable(out)
    past = open_run(run, train=train)
    if out is not None:
        check_writable(out, inputs=past.inputs)
    corpus = past.texts
    values = values_of(corpus, past.cells(), columns, **options)
    results, evidence = past.tagger.theme_results, past.evidence_by_theme()
    tables = [slices_out_of_fold(results, evidence, values[name], column=name) for name in columns]
    show_slices(tables, "out of fold")
    keep_slices(tables, out)


def values_of(
    corpus: Corpus, frame: pd.DataFrame, columns: Sequence[str], *, date_format: str | None, **options: Any
) -> dict[str, pd.Categorical[Any]]:
    """The values of each text in some columns of its table; a Mistake where none of them has dates of the format."""
    from themetagger.corpus import column_beside
    from themetagger.insights.levels import levels, reads

    cells = {name: column_beside(corpus, frame, name, setting="by") for name in columns}
    if date_format is not None and not any(reads(column, date_format) for column in cells.values()):
        raise Mistake(f"--date-format {date_format!r}: no such dates in {', '.join(columns)} of {corpus.source}.")
    settings: dict[str, Any] = {"source": corpus.source, "date_format": date_format, **options}
    return {name: levels(column, **settings) for name, column in cells.items()}


def show_slices(tables: list[pd.DataFrame], where: str) -> None:
    """Print all themes together for each value of a column, and the values and themes that do worse than the rest."""
    from themetagger.insights.slices import ALL

    for table in tables:
        name = cast(str, table["column"].iloc[0]) if len(table) else ""
        headings = HEADINGS | {"value": with_period(name, table["value"])}
        pooled, worse = table[table["theme"] == ALL], table[table["remark"] != ""]
        print_table(
            f"All themes by {name}, {where}", pooled[["value", *MEASURED]], headings=headings, see=WRITTEN, important=5
        )
        if len(worse):
            columns = ["value", "theme", *MEASURED]
            title = f"Significantly worse than elsewhere, by {name}"
            print_table(title, worse[columns], headings=headings, see=WRITTEN, important=6)
        do = agreeing(len(worse), "does", "do")
        say(
            f"{len(worse)} of {len(table):,} {name}-theme pairs {do} significantly worse than the other texts "
            "(5 % level, Holm's correction)."
        )
        echo()


def with_period(name: str, values: Iterable[str]) -> str:
    """The name of a column, and where its values are periods, which.

    Examples
    --------
    >>> with_period("Date", ["2024-Q1", "2024-Q2"]), with_period("Site", ["north"])
    ('Date, by quarter', 'Site')
    """
    texts = [value for value in values if value[:1].isdigit()]
    period = next((period for period, form in PERIODS.items() if texts and all(map(form.fullmatch, texts))), "")
    return f"{name}, by {period}" if period else name


def keep_slices(tables: list[pd.DataFrame], out: str | None) -> None:
    """Write the tables as one."""
    import pandas as pd

    from themetagger.corpus import write_table

    if out is not None:
        write_table(pd.concat(tables, ignore_index=True), out)
        echo(f"Table: {out}")
