"""themetagger compare: two runs side by side."""

from __future__ import annotations

import click

from themetagger._utils.wording import number_of
from themetagger.cli.group import main
from themetagger.cli.options import out_option
from themetagger.cli.showing import print_notes, print_table

INCOMPARABLE = "themes that only one run has, or whose texts or labels differ, cannot be compared."


@main.command(short_help="Compare two runs theme by theme.")
@click.argument("one")
@click.argument("other")
@click.option(
    "--train", default=None, metavar="FILE", help="Table that both were tuned on.  [default: the path used when tuning]"
)
@out_option
def compare(one: str, other: str, train: str | None, out: str | None) -> None:
    """Show what each theme gained from run ONE to run OTHER (folders), and whether that is more than luck."""
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
    verdicts = table["verdict"].value_counts(sort=False).items()
    click.echo(f"{number_of(len(table), 'theme')}: {', '.join(f'{count} {verdict}' for verdict, count in verdicts)}.")
    if (table["verdict"] == "not comparable").any():
        missing = [run.missing for run in runs if run.missing]
        print_notes([missing[0] if missing else INCOMPARABLE])
    if out is not None:
        write_table(table, out)
        click.echo(f"Table: {out}")
