"""themetagger check: whether texts are like those that a tagger was tuned on."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click

from themetagger._utils.wording import agreeing, number_of
from themetagger.cli.group import main
from themetagger.cli.options import encoder_option, tagger_option
from themetagger.cli.printing.showing import print_next, print_notes, print_table, say
from themetagger.cli.tables import as_options, table_format, text_options

if TYPE_CHECKING:
    import pandas as pd

    from themetagger.tagger.drift import Drift

USUAL = 10  # shares within the expected range that are shown
SENTENCES = 5  # warnings that are printed one by one; of more, the table has the figures
NOT_COVERED = "The promises of precision do not cover such texts: check the tags of these themes before you use them."


@main.command(short_help="Check whether new texts are like those the tagger was tuned on.")
@click.argument("file")
@tagger_option
@encoder_option
@text_options
@click.option("--all", "every", is_flag=True, help="Show every share that was compared, however many are as expected.")
def check(file: str, tagger: str, encoder: str | None, every: bool, **options: Any) -> None:
    """Check whether the texts of FILE are like those that the tagger was tuned on.

    A certified precision holds only for such texts.
    """
    from themetagger.corpus import read_table, texts_of
    from themetagger.corpus.kept_format import form_for
    from themetagger.tagger.theme_tagger import ThemeTagger

    loaded = ThemeTagger.load(tagger, encoder=encoder, show_progress=True)
    given = table_format(options)
    form = form_for(file, given, loaded.table_format, texts_only=True)
    frame, notes = read_table(file, wanted=form.texts, **form.file_settings)
    drift = loaded.check(texts_of(frame, form.texts, file))
    shown, breaks = _shown(drift.table)
    left = 0 if every else max(0, len(shown) - int(drift.table["beyond"].sum()) - USUAL)
    title = f"{number_of(drift.texts, 'text')} compared with the training texts"
    print_table(title, shown.head(len(shown) - left), breaks=breaks)
    if left:
        say(f"{left:,} more are within the expected range; --all shows them too.")
    print_notes(notes)
    _print_verdict(drift)
    if len(drift.warnings):
        asked = f"{shlex.quote(file)} --tagger {shlex.quote(tagger)} {as_options(given)}".rstrip()
        print_next({"label some of these texts, to tune on them too": f"themetagger next {asked} --out to_label.csv"})


def _shown(table: pd.DataFrame) -> tuple[pd.DataFrame, list[int]]:
    """The shares as a person reads them, the unusual ones first, and where the usual ones begin."""
    table = table.sort_values("beyond", ascending=False, kind="stable")
    unusual = int(table["beyond"].sum())
    columns = {
        "share of": table["what"],
        "unusual": table["beyond"].map({True: "yes", False: "no"}).astype(object),
        "here": _percent(table["observed"]),
        "in training": _percent(table["expected"]),
        "expected": _percent(table["low"], "") + " to " + _percent(table["high"]),
    }
    return table.assign(**columns)[list(columns)], [unusual] if 0 < unusual < len(table) else []


def _percent(shares: pd.Series[float], end: str = " %") -> pd.Series[str]:
    return shares.map(lambda share: f"{100 * share:.1f}{end}").astype(object)


def _print_verdict(drift: Drift) -> None:
    """How many shares are unusual, and what that means."""
    unusual, checks = len(drift.warnings), number_of(len(drift.table), "check")
    if drift.table.empty:
        say("Nothing to compare: the tagger has no model, or FILE has no text.")
        return
    for line in drift.warnings if unusual <= SENTENCES else []:
        say(f"{line}.", first="Warning: ", rest="         ")
    say(f"{unusual} of {checks} {agreeing(unusual, 'is', 'are')} outside the expected range.")
    if unusual:
        say(NOT_COVERED)
