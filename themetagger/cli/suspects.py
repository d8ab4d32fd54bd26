"""themetagger suspects: labels of a run's texts that are probably wrong, as a table to fill in."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from themetagger._utils.wording import number_of
from themetagger.cli.annotations import annotation_options, out_format
from themetagger.cli.group import Mistake, main
from themetagger.cli.options import FORMATS, train_option
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.showing import print_command, print_notes, say
from themetagger.cli.tables import as_options, in_words

if TYPE_CHECKING:
    from themetagger.runs.past_run import PastRun


@main.command(short_help="List the labels that are probably wrong, for review.")
@click.argument("run")
@click.option("--out", required=True, metavar="FILE", help=f"Table to write and fill in ({FORMATS}).")
@click.option(
    "--top", type=click.IntRange(min=1), default=100, show_default=True, metavar="N", help="Number of labels to list."
)
@click.option(
    "--theme",
    "themes",
    multiple=True,
    metavar="THEME",
    help="List only labels of this theme; may be repeated.  [default: all]",
)
@train_option
@annotation_options
def suspects(run: str, out: str, top: int, themes: tuple[str, ...], train: str | None, **options: Any) -> None:
    """List the labels of the table RUN was tuned on that are probably wrong, the most suspect first.

    Write "change" or "keep" into the column verdict, or leave it empty, then run: themetagger correct. With
    --out-format, an annotation tool loads the file: the labels given, and those suggested as predictions.
    """
    from themetagger.corpus import TableError, check_writable
    from themetagger.runs.past_run import open_run
    from themetagger.runs.review.suspects import review_table, write_review, write_review_for

    tool = out_format(options)
    past = open_run(run, train=train)
    if tool is None:
        check_writable(out, inputs=past.inputs, may_hold="verdicts", to_fill=["verdict"])  # before the work
    else:
        tool.check(out, inputs=past.inputs, may_hold="verdicts")
    try:
        table = review_table(past, themes=themes or None, top=top)
    except TableError:
        raise
    except ValueError as error:
        raise Mistake(str(error)) from error
    if tool is not None:
        write_review_for(tool, past, table, out)
        print_notes(tool.notes())
        return echo(f"{number_of(len(table), 'label')} to review: {out}")
    write_review(table, out)
    given = int((table["given"] == "yes").sum())
    missing = len(table) - given
    labels = number_of(len(table), "label")
    say(f"{labels} to review, {given:,} that may be wrong and {missing:,} that may be missing: {out}")
    say("Write change or keep into the column verdict, then run:")
    print_command(_command_to_correct(past, out))


def _command_to_correct(past: PastRun, review: str) -> str:
    """The command that applies a review, with all that it needs to read the table as the run has read it."""
    table = in_words(past.table) if past.table else "TABLE"
    new = Path(table).with_suffix(f".corrected{Path(table).suffix}").name if past.table else "NEW"
    words = shlex.join(["themetagger", "correct", table, "--review", review, "--out", new])
    return f"{words} {as_options(past.table_format)}".rstrip()
