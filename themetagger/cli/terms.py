"""themetagger terms: the most telling words of the themes of a run."""

from __future__ import annotations

from typing import Any

import click

from themetagger.cli.group import Mistake, main
from themetagger.cli.showing import print_notes, print_table
from themetagger.cli.themes import chosen_themes

WEIGHTS = ["term", "kind", "side", "measure", "weight"]
ODDS = ["texts", "share_with", "odds_ratio", "odds_low", "odds_high", "strength"]
FOLDS = ["model_odds_ratio", "model_odds_low", "model_odds_high"]


@main.command()
@click.argument("run")
@click.argument("theme", required=False)
@click.option("--train", default=None, help="The table that the run was tuned on.  [default: where it was]")
@click.option("--top", type=click.IntRange(min=1), default=20, show_default=True, help="Words for, and against.")
@click.option(
    "--by", type=click.Choice(["word", "term"]), default="word", show_default=True, help="Words, or single n-grams."
)
@click.option("--folds", is_flag=True, help="Fit the fold models again: do they agree, and intervals from that.")
@click.option("--out", default=None, help="Write all columns to this table file.")
def terms(run: str, theme: str | None, out: str | None, train: str | None, folds: bool, **options: Any) -> None:
    """The words that tell most for a THEME of folder RUN (default: of each), and against, with odds ratios."""
    import pandas as pd

    from themetagger.corpus import check_writable, write_table
    from themetagger.runs.past_run import open_run
    from themetagger.runs.review.terms import terms_of_run
    from themetagger.tagger.explain.odds_in_texts import CAVEAT, sentences

    if out:
        check_writable(out)
    opened = open_run(run, train=train)
    if out:
        check_writable(out, inputs=opened.inputs)
    try:
        found = terms_of_run(opened, chosen_themes(opened.tagger, theme), folds=folds, **options)
    except ValueError as error:
        raise Mistake(str(error)) from None
    odds = opened.corpus is not None
    for name, table in found.items():
        print_table(name, table[WEIGHTS + ODDS * odds + FOLDS * folds])
        print_notes(sentences(table))
    print_notes([CAVEAT] if odds else [f"Without odds ratios. {opened.missing}"])
    if out:
        write_table(pd.concat([table.assign(theme=name) for name, table in found.items()]), out)
