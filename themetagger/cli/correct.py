"""themetagger correct: the verdicts of a review, applied to a copy of the table."""

from __future__ import annotations

from typing import Any

import click

from themetagger._utils.wording import number_of
from themetagger.cli.group import main
from themetagger.cli.options import formulas_option
from themetagger.cli.printing.showing import print_notes, say
from themetagger.cli.tables import table_format, table_options


@main.command(short_help="Apply a review of labels to a copy of the table.")
@click.argument("table")
@click.option(
    "--review",
    required=True,
    metavar="FILE",
    help="Table from `themetagger suspects` with the column verdict filled in.",
)
@click.option("--out", required=True, metavar="FILE", help="Table to write; TABLE itself is not changed.")
@click.option(
    "--tagger",
    default=None,
    metavar="FILE",
    help="Tagger file or run folder: what is not said of TABLE is as in the table that it was tuned on.",
)
@table_options
@formulas_option("keep")
def correct(table: str, review: str, out: str, tagger: str | None, **options: Any) -> None:
    """Write a copy of TABLE in which the labels are changed as the review says."""
    from themetagger.corpus.kept_format import form_for
    from themetagger.insights.labelling.corrections import correct as correct_table
    from themetagger.tagger.theme_tagger import ThemeTagger

    form = table_format(options)
    if tagger is not None:
        form = form_for(table, form, ThemeTagger.load(tagger).table_format)
    done = correct_table(table, review, out=out, table_format=form, **options)
    print_notes(done.notes)
    already = f" ({done.already:,} had been already)" if done.already else ""
    changed = f"{number_of(done.changed, 'label')} changed{already}"
    say(f"{changed}, {done.kept:,} kept, {done.unanswered:,} without a verdict: {out}")
