"""themetagger report: what a run found, for people to look at."""

from __future__ import annotations

import click

from themetagger.cli.group import Mistake, main


@main.command()
@click.argument("run")
def report(run: str) -> None:
    """Make results.md, results.png and report.html of a run folder again from its results.csv."""
    from themetagger.report.run_folder import redraw_run

    try:
        made = redraw_run(run)
    except ValueError as error:
        raise Mistake(str(error)) from error
    for path in made:
        click.echo(path)
