"""themetagger report: what a run found, for people to look at."""

from __future__ import annotations

import click

from themetagger.cli.group import main


@main.command()
@click.argument("run")
@click.option("--train", default=None, help="The table that was tuned on, where it is not where it was.")
def report(run: str, train: str | None) -> None:
    """Make the pages of a run folder: report.html, results.md, results.png and results.xlsx.

    The page is one file that fetches nothing. It shows texts of the table, so treat it as you treat them.
    """
    from themetagger.run_report import write_report

    for path in write_report(run, train=train):
        click.echo(path)
