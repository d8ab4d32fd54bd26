"""themetagger report: what a run found, for people to look at."""

from __future__ import annotations

import click

from themetagger.cli.group import main


@main.command()
@click.argument("run")
@click.option("--train", default=None, help="The table that was tuned on, where it is not where it was.")
@click.option("--no-curves", is_flag=True, help="Leave out the learning curves, for which models are fitted again.")
@click.option("--n-jobs", default=-1, show_default=True, help="Worker processes; -1: one a core.")
def report(run: str, train: str | None, no_curves: bool, n_jobs: int) -> None:
    """Make the pages of a run folder: report.html, results.md, results.png and results.xlsx.

    The page is one file that fetches nothing. It shows texts of the table, so treat it as you treat them. Learning
    curves are kept in the run folder as soon as they are there; an interrupted command goes on with the rest.
    """
    from themetagger.runs.review.report import write_report

    for path in write_report(run, train=train, curves=not no_curves, n_jobs=n_jobs, show=True):
        click.echo(path)
