"""themetagger terms: the words that speak most for the themes of a run, and against them."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from themetagger.cli.group import Mistake, main
from themetagger.cli.options import WRITTEN, encoder_option, out_option, train_option
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.showing import DASH, print_next, print_notes, print_table, ranges
from themetagger.cli.themes import chosen_themes

if TYPE_CHECKING:
    import pandas as pd

WEIGHTS = ["term", "side", "weight"]
ODDS = ["odds_ratio", "95 % interval", "texts"]
MEANING = ["of_meaning"]
MORE = ["share_with", "strength"]
ENDS = ("low", "high")
WHOLE, FEW = 3, 6  # themes whose tables are shown whole; of more, words of each
KINDS = ["kind", "measure"]
HEADINGS = {
    "model_odds_ratio": "odds ratio in the models",
    "model_interval": "95 % interval in the models",
    "of_meaning": "weight of its meaning",
}
FOLDS = ["model_odds_ratio", "model_interval"]


@main.command(short_help="Show the words that count most for and against a theme.")
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
    help="Number of words for the theme, and of words against it.",
)
@click.option(
    "--by",
    type=click.Choice(["word", "term"]),
    default="word",
    show_default=True,
    help="Show whole words, or single n-grams.",
)
@click.option("--folds", is_flag=True, help="Train the models of the folds again, to show how far they agree.")
@out_option
def terms(run: str, theme: str | None, out: str | None, train: str | None, folds: bool, **options: Any) -> None:
    """Show the words that count most for and against THEME in the run in folder RUN, with odds ratios.

    Without THEME, show the first of them for every theme that has a model; --out writes all.
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
    if len(tables) > WHOLE:
        _print_first_words(tables, run, see=out or WRITTEN)
    for name, table in tables.items() if len(tables) <= WHOLE else ():
        _print_terms(name, table, odds=odds, folds=folds, see=out or WRITTEN)
        print_notes([*meaning_sentences(table), "; ".join(sentences(table))])
    print_notes([CAVEAT] if odds else [f"Without odds ratios. {opened.missing}"])
    if out:
        write_table(pd.concat([table.assign(theme=name) for name, table in tables.items()]), out)
        echo(f"Table: {out}")


def _print_first_words(tables: Mapping[str, pd.DataFrame], run: str, *, see: str) -> None:
    """Of many themes the words that count most for each, and how to see all of one."""
    import pandas as pd

    named = {name: table.loc[table["side"] != "against", "term"].head(FEW) for name, table in tables.items()}
    rows = [(name, ", ".join(words)) for name, words in named.items()]
    print_table("The words that speak most for each theme", pd.DataFrame(rows, columns=["theme", "words"]), see=see)
    first = next(iter(tables))
    print_next({"see all words of a theme, and those against it": shlex.join(["themetagger", "terms", run, first])})


def _print_terms(name: str, table: pd.DataFrame, *, odds: bool, folds: bool, see: str) -> None:
    """The words of a theme: those for it, and then those against it."""
    if odds:
        interval = ranges(*(table[f"odds_{end}"].map(_odds) for end in ENDS))
        ratio = table["odds_ratio"].map(_odds).replace("", DASH)
        table = table.assign(**{"odds_ratio": ratio, "95 % interval": interval})
    if folds:
        interval = ranges(*(table[f"model_odds_{end}"].map(_odds) for end in ENDS))
        table = table.assign(model_odds_ratio=table["model_odds_ratio"].map(_odds), model_interval=interval)
    meaning = MEANING * bool(table["of_meaning"].fillna(0).any())
    columns = WEIGHTS + ODDS * odds + FOLDS * folds + meaning + MORE * odds + KINDS
    sides = table["side"].tolist()
    breaks = [row for row in range(1, len(sides)) if sides[row] != sides[row - 1]]
    print_table(name, table[columns], headings=HEADINGS, see=see, breaks=breaks, important=6)


def _odds(ratio: float) -> str:
    if math.isnan(ratio):
        return ""
    return f"{ratio:,.0f}" if ratio >= 9.95 else f"{ratio:.2g}"
