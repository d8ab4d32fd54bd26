"""themetagger report: the page, tables and pictures of a run."""

from __future__ import annotations

import click

from themetagger.cli.group import main
from themetagger.cli.options import encoder_option, train_option
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.showing import say


@main.command(short_help="Make the report page of a run, with its learning curves.")
@click.argument("run")
@train_option
@encoder_option
@click.option("--no-curves", is_flag=True, help="Leave out the learning curves, which take the most time.")
@click.option(
    "--n-jobs", default=-1, show_default=True, metavar="N", help="Number of worker processes; -1 uses every core."
)
def report(run: str, train: str | None, encoder: str | None, no_curves: bool, n_jobs: int) -> None:
    """Make the report of the run in folder RUN: report.html, results.md, results.png and results.xlsx.

    The page is one file that loads nothing from the network. It shows texts of the table: treat it as confidential
    if they are. Learning curves are saved in the run folder one by one; after an interruption the same command
    computes only the rest.
    """
    from themetagger.report.run_files import read_data
    from themetagger.report.summary import summary
    from themetagger.runs.review.report import write_report

    paths = write_report(run, train=train, encoder=encoder, curves=not no_curves, n_jobs=n_jobs, show=True)
    for path in paths:
        echo(str(path))
    echo()
    for sentence in summary(read_data(run).table):
        say(sentence)
    page = next(path for path in paths if path.suffix == ".html")
    say(f"Open {page} in a browser; it shows texts of the table.")
