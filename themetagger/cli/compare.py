"""themetagger compare: two runs side by side."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from themetagger._utils.wording import number_of
from themetagger.cli.group import main
from themetagger.cli.options import WRITTEN, out_option
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.showing import print_notes, print_table, ranges, say

if TYPE_CHECKING:
    import pandas as pd

ENDS = ("low", "high")
VERDICTS = ("better", "worse", "no clear difference", "not comparable")  # in the order in which they are shown
SHOWN = {  # columns of each run that are shown, and what they are called
    "average_precision": "average precision,",
    "precision": "precision,",
    "recall": "recall,",
    "status": "status,",
}
STATUSES = {"CERTIFIED": "certified", "BEST_EFFORT": "not certified", "SKIPPED": "no model", "FAILED": "no model"}
INCOMPARABLE = (
    "Themes are compared on the training texts where both runs have the same ones with the same labels, else on the "
    "held-out texts that both share and that have the same labels; where there are none, or fewer than five have the "
    "theme, nothing can be said."
)
SHARED = (
    "{texts} held out by both runs are compared; the others of each took part in tuning the other run, or are not "
    "among its texts."
)
MANY = 20  # themes of which one is expected to lie beyond its interval by luck
PLAIN = 10  # themes without a clear difference that are shown


@main.command(short_help="Compare two runs theme by theme.")
@click.argument("one")
@click.argument("other")
@click.option(
    "--train",
    default=None,
    metavar="FILE",
    help="Table both were tuned on, if it has moved.  [default: where it was when tuning]",
)
@out_option
def compare(one: str, other: str, train: str | None, out: str | None) -> None:
    """Show what each theme gained from run ONE to run OTHER (both folders), and whether that may be chance."""
    from themetagger.corpus import check_writable, write_table
    from themetagger.runs.past_run import open_run
    from themetagger.runs.review.comparison import compare as side_by_side

    if out is not None:
        check_writable(out)
    runs = [open_run(folder, train=train) for folder in (one, other)]
    if out is not None:
        check_writable(out, inputs=[path for past in runs for path in past.inputs])
    table = side_by_side(*runs)
    _print_comparison(table, one, other, out)
    modelled = table[["average_precision_one", "average_precision_other"]].notna().any(axis=1)
    if (table.loc[modelled, "verdict"] == "not comparable").any():
        missing = [run.missing for run in runs if run.missing]
        print_notes([*missing[:1], INCOMPARABLE])
    shared = table.loc[table["compared_on"] == "shared held-out texts", "texts_compared"]
    if len(shared):
        print_notes([SHARED.format(texts=number_of(int(shared.iloc[0]), "text"))])
    if out is not None:
        write_table(table, out)
        echo(f"Table: {out}")


def _print_comparison(table: pd.DataFrame, one: str, other: str, out: str | None) -> None:
    """The themes that a run has a model for, by what became of them, and how many there are of each kind."""
    names = _names(one, other)
    modelled = table[table[["average_precision_one", "average_precision_other"]].notna().any(axis=1)]
    modelled = modelled.assign(**{"95 % interval": ranges(*(modelled[f"gain_{end}"].map(_signed) for end in ENDS))})
    signed = modelled["gain"].map(_signed)
    states = {f"status_{which}": modelled[f"status_{which}"].map(STATUSES) for which, _ in names}
    modelled = modelled.assign(**states)
    place = modelled["verdict"].map({verdict: place for place, verdict in enumerate(VERDICTS)})
    modelled = modelled.iloc[place.to_numpy().argsort(kind="stable")]
    verdicts = modelled["verdict"].tolist()
    plain = modelled.index[modelled["verdict"] == "no clear difference"]
    left = (
        plain[modelled.loc[plain, "gain"].abs().argsort(kind="stable")[::-1][PLAIN:]] if len(plain) > 2 * PLAIN else []
    )
    shown = modelled.drop(index=left)
    above = shown["verdict"].tolist()
    headings = {f"{column}_{which}": f"{words} {name}" for which, name in names for column, words in SHOWN.items()}
    figures = [f"average_precision_{which}" for which, _ in names]
    statuses = [f"{column}_{which}" for column in list(SHOWN)[1:] for which, _ in names]
    columns = ["theme", "verdict", "gain", "95 % interval", *figures, *statuses]
    on = " and ".join(place for place in modelled["compared_on"].unique() if place)
    print_table(
        f"Gain in average precision from {names[0][1]} to {names[1][1]}{f', on {on}' if on else ''}",
        shown[columns].assign(gain=signed),
        headings=headings,
        see=out or WRITTEN,
        breaks=[row for row in range(1, len(above)) if above[row] != above[row - 1]],
        important=6,
    )
    if len(left):
        say(f"{len(left):,} more have no clear difference, and smaller gains or losses; see {out or WRITTEN}.")
    counts = [f"{verdicts.count(verdict)} {verdict}" for verdict in VERDICTS if verdict in verdicts]
    without = len(table) - len(modelled)
    counts += [f"{without} without a model in either run"] if without else []
    say(f"{number_of(len(table), 'theme')}: {', '.join(counts)}.")
    compared = len(verdicts) - verdicts.count("not comparable")
    if compared >= MANY:
        by_luck = round(0.05 * compared)
        say(f"Where no theme had changed, some {by_luck:,} of {compared:,} would still be called better or worse.")


def _signed(gain: float) -> str:
    from themetagger.report.text import decimal

    return "" if math.isnan(gain) else decimal(gain, 3, sign="+")


def _names(one: str, other: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """What the runs are called: by their folders, by the whole paths where these have the same name."""
    first, second = Path(one).resolve().name, Path(other).resolve().name
    return (("one", first), ("other", second)) if first != second else (("one", one), ("other", other))
