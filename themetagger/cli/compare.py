"""themetagger compare: two runs side by side."""

from __future__ import annotations

import click

from themetagger.cli.group import main
from themetagger.cli.showing import print_table

OTHER = "themes whose texts or labels differ, or of one run alone, are not comparable."


@main.command()
@click.argument("one")
@click.argument("other")
@click.option("--train", default=None, help="The table that both were tuned on, where it is not where it was.")
@click.option("--out", default=None, help="Table to write (csv, tsv, json, jsonl, parquet, xlsx).")
def compare(one: str, other: str, train: str | None, out: str | None) -> None:
    """What each theme gained from the run in folder ONE to that in folder OTHER, and whether by more than luck."""
    from themetagger.corpus import check_writable, write_table
    from themetagger.runs.past_run import open_run
    from themetagger.runs.review.comparison import compare as side_by_side

    if out is not None:
        check_writable(out)
    runs = [open_run(folder, train=train) for folder in (one, other)]
    if out is not None:
        check_writable(out, inputs=[path for past in runs for path in past.inputs])
    table = side_by_side(*runs)
    shown = ["theme", "status_one", "status_other", "average_precision_one", "average_precision_other"]
    print_table(f"{one} and {other}", table[[*shown, "gain", "gain_low", "gain_high", "verdict"]])
    told = ", ".join(f"{number} {verdict}" for verdict, number in table["verdict"].value_counts(sort=False).items())
    click.echo(f"{len(table)} themes: {told}.")
    if (table["verdict"] == "not comparable").any():
        missing = [run.missing for run in runs if run.missing]
        click.echo(f"Note: {missing[0] if missing else OTHER}")
    if out is not None:
        write_table(table, out)
        click.echo(f"Table: {out}")
