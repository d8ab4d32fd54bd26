"""themetagger suspects: labels of a run's texts that are probably wrong, as a table to fill in."""

from __future__ import annotations

import click

from themetagger.cli.group import Mistake, main
from themetagger.cli.showing import visible


@main.command()
@click.argument("run")
@click.option("--out", required=True, help="Table to write (csv, tsv, xlsx, ...), for a person to fill in.")
@click.option("--top", type=click.IntRange(min=1), default=100, show_default=True, help="How many labels to list.")
@click.option("--theme", "themes", multiple=True, help="Only this theme; give it several times for several.")
@click.option("--train", default=None, help="The table that RUN was tuned on, where it is no longer where it was.")
def suspects(run: str, out: str, top: int, themes: tuple[str, ...], train: str | None) -> None:
    """List the labels in the table of RUN that are probably wrong, the most suspect first.

    Write "change" or "keep" into the column verdict, or leave it empty; then: themetagger correct.
    """
    from themetagger.corpus import TableError, check_writable
    from themetagger.runs.past_run import open_run
    from themetagger.runs.review.suspects import review_table, write_review

    check_writable(out, may_hold="verdicts")  # before the work, rather than after it
    past = open_run(run, train=train)
    try:
        table = review_table(past, themes=themes or None, top=top)
    except TableError:
        raise
    except ValueError as error:
        raise Mistake(visible(str(error))) from error
    write_review(table, out)
    has = int((table["given"] == "yes").sum())
    click.echo(f"{len(table)} labels to review, {has} given and {len(table) - has} lacking: {out}")
    click.echo(
        "Write change or keep into the column verdict, then: themetagger correct TABLE --review REVIEW --out NEW"
    )
