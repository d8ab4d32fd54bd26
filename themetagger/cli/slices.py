"""themetagger slices: how well a run serves each part of its texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import click

from themetagger._utils.wording import number_of
from themetagger.cli.group import Mistake, main
from themetagger.cli.options import date_format_option, most_option, out_option, train_option
from themetagger.cli.showing import print_table, visible

if TYPE_CHECKING:
    import pandas as pd

    from themetagger.corpus import Corpus


SHOWN = ["value", "theme", "texts", "positives", "flagged", "precision", "precision_rest", "recall", "recall_rest"]


@main.command(short_help="Compare precision and recall by site, language, date ...")
@click.argument("run")
@click.option(
    "--by",
    "columns",
    multiple=True,
    required=True,
    metavar="COLUMN",
    help="Column of the table that RUN was tuned on; repeatable.",
)
@train_option
@most_option
@date_format_option("the --by columns")
@out_option
def slices(run: str, columns: tuple[str, ...], train: str | None, out: str | None, **options: Any) -> None:
    """Compare precision and recall in RUN by another column of its table: source, site, language, date ...

    Figures are out of fold. A warning names each value that is served worse than the rest, by tests that allow for
    the number of comparisons.
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
    """Print the pooled rows of each column, those with a remark, and the remarks."""
    from themetagger.insights.slices import ALL

    for table in tables:
        name = cast(str, table["column"].iloc[0]) if len(table) else ""
        print_table(f"By {name}, all themes, {where}", table.loc[table["theme"] == ALL, SHOWN])
        for row in table[table["remark"] != ""].itertuples():
            click.echo(visible(f"Warning: {name} {row.value}, {row.theme}: {row.remark}"))
        worse, pairs = int((table["remark"] != "").sum()), number_of(len(table), "pair")
        verb = "is" if worse == 1 else "are"
        click.echo(f"{worse} of {pairs} of a value and a theme {verb} served worse than the rest (Holm, 0.05).")


def keep_slices(tables: list[pd.DataFrame], out: str | None) -> None:
    """Write the tables as one."""
    import pandas as pd

    from themetagger.corpus import write_table

    if out is not None:
        write_table(pd.concat(tables, ignore_index=True), out)
        click.echo(f"Table: {out}")
