"""themetagger terms: the words that speak most for the themes of a run, and against them."""

from __future__ import annotations

from typing import Any

import click

from themetagger.cli.group import Mistake, main
from themetagger.cli.options import encoder_option, out_option, train_option
from themetagger.cli.showing import print_notes, print_table
from themetagger.cli.themes import chosen_themes

WEIGHTS = ["term", "kind", "side", "measure", "weight"]
MEANING = ["of_meaning"]
ODDS = ["texts", "share_with", "odds_ratio", "odds_low", "odds_high", "strength"]
FOLDS = ["model_odds_ratio", "model_odds_low", "model_odds_high"]


@main.command(short_help="Show the words that speak most for and against a theme.")
@click.argument("run")
@click.argument("theme", required=False)
@train_option
@encoder_option
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="How many words for, and how many against.",
)
@click.option(
    "--by",
    type=click.Choice(["word", "term"]),
    default="word",
    show_default=True,
    help="Whole words, or single n-grams.",
)
@click.option("--folds", is_flag=True, help="Fit the fold models again, to see how far they agree.")
@out_option
def terms(run: str, theme: str | None, out: str | None, train: str | None, folds: bool, **options: Any) -> None:
    """Show the words that speak most for THEME in the run in folder RUN, and against it, with odds ratios.

    Without THEME: for every theme that has a model.
    """
    import pandas as pd

    from themetagger.corpus import check_writable, write_table
    from themetagger.runs.past_run import open_run
    from themetagger.runs.review.terms import terms_of_run
    from themetagger.tagger.explain.meaning_of_words import meaning_sentences
    from themetagger.tagger.explain.odds_in_texts import CAVEAT, sentences

    if out:
        check_writable(out)
    opened = open_run(run, train=train, encoder=options.pop("encoder"), show_progress=True)
    if out:
        check_writable(out, inputs=opened.inputs)
    try:
        tables = terms_of_run(opened, chosen_themes(opened.tagger, theme), folds=folds, **options)
    except ValueError as error:
        raise Mistake(str(error)) from None
    odds = opened.corpus is not None
    for name, table in tables.items():
        meaning = MEANING * bool(table["of_meaning"].fillna(0).any())
        print_table(name, table[WEIGHTS + meaning + ODDS * odds + FOLDS * folds])
        print_notes([*meaning_sentences(table), *sentences(table)])
    print_notes([CAVEAT] if odds else [f"Without odds ratios. {opened.missing}"])
    if out:
        write_table(pd.concat([table.assign(theme=name) for name, table in tables.items()]), out)
        click.echo(f"Table: {out}")
