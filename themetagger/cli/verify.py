"""themetagger verify: a spot check of tags by a person, which ends by itself."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any

import click

from themetagger._utils.run_paths import tagger_at
from themetagger._utils.wording import agreeing, number_of
from themetagger.cli.group import Mistake, main
from themetagger.cli.options import FORMATS
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.showing import DASH, listed, print_notes, print_table, say
from themetagger.cli.tables import DEFAULTS, table_format, text_options

if TYPE_CHECKING:
    import pandas as pd

    from themetagger.insights.spot_check.check import SpotCheck

HEADINGS = {
    "check": "tags of",
    "judged": "judged",
    "right": "right",
    "at_least": "at least right",
    "at_most": "at most right",
    "more": "still to judge",
}
OPEN = "not decided yet"


@main.command(short_help="Check tags by hand, until it is certain that enough are right.")
@click.argument("tagged")
@click.option(
    "--out", required=True, metavar="FILE", help=f"Table to judge ({FORMATS}); the same command reads it back."
)
@click.option(
    "--theme",
    "themes",
    multiple=True,
    metavar="THEME",
    help="Check tags of this theme; may be repeated.  [default: all]",
)
@click.option("--each-theme", is_flag=True, help="Check each theme by itself, rather than the tags of all together.")
@click.option(
    "--target",
    type=float,
    default=0.9,
    show_default=True,
    metavar="SHARE",
    help="Share of the tags that is to be right.",
)
@click.option(
    "--confidence", type=float, default=0.95, show_default=True, metavar="SHARE", help="Confidence of the verdict."
)
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="Number of tags to add at a time to each check that is not decided.",
)
@click.option(
    "--seed", default=0, show_default=True, metavar="N", help="Random seed; the same seed draws the same tags."
)
@click.option(
    "--judge",
    "judges",
    multiple=True,
    metavar="NAME",
    help="Add a column of verdicts for this person; repeat it for several, who judge apart from one another.",
)
@click.option(
    "--tag-column", default=None, metavar="COLUMN", help="Column of tags.  [default: Predicted Themes or Themes]"
)
@click.option(
    "--tagger",
    default=None,
    metavar="FILE",
    help="Tagger file, or the folder of its run, that has tagged the table: it is read as the tagger reads tables.",
)
@click.option(
    "--separator",
    default=", ",
    metavar="TEXT",
    help="What separates the tags of a text.  [default: a comma and a space]",
)
@click.option(
    "--record", is_flag=True, help="Keep the verdicts in the file of --tagger, which inspect and report show."
)
@text_options
def verify(tagged: str, out: str, tagger: str | None, record: bool, **options: Any) -> None:
    """Draw tags of the table TAGGED at random, and test by your verdicts whether enough of them are right.

    Write right or wrong (or yes or no, 1 or 0) into the column verdict of the table of --out, and run the same command
    again: it says whether the target is shown, refuted, or not decided yet, and adds tags in that case. You may stop
    and go on whenever you like. A text that occurs several times is drawn once.
    """
    from themetagger.insights.spot_check.check import verify as check_tags
    from themetagger.insights.spot_check.record import keep_check
    from themetagger.tagger.theme_tagger import ThemeTagger

    if record and tagger is None:
        raise Mistake("--record needs --tagger, the file that it writes to.")
    form, tag_column = table_format(options), options.pop("tag_column")
    loaded = None if tagger is None else ThemeTagger.load(tagger, show_progress=True)
    try:
        check = check_tags(tagged, out, tagger=loaded, tag_column=tag_column, table_format=form, **_said(options))
    except ValueError as error:
        raise Mistake(str(error)) from error
    show_check(check, out)
    if loaded is not None and record:
        keep_check(loaded, check, tagged)
        loaded.save(tagger_at(str(tagger)))
        echo(f"Recorded in {tagger_at(str(tagger))}.")


def _said(options: dict[str, Any]) -> dict[str, Any]:
    """The options that were given; a check that was begun has kept the others."""
    source = click.get_current_context().get_parameter_source
    return {name: value for name, value in options.items() if source(name) not in DEFAULTS}


def show_check(check: SpotCheck, out: str) -> None:
    """What a spot check says so far, and what to do next."""
    settings = check.settings
    target, confidence = f"{100 * settings.target:g} %", f"{100 * settings.confidence:g} %"
    title = f"Are {target} of the tags right? Drawn at random from distinct texts, at {confidence} confidence"
    print_table(title, _shown(check.table), headings=HEADINGS)
    print_notes(check.notes)
    if check.agreement is not None and check.agreement.both:
        same, both = check.agreement.same, check.agreement.both
        alpha = (
            ""
            if check.agreement.alpha != check.agreement.alpha
            else f" (Krippendorff's alpha {check.agreement.alpha:.2f})"
        )
        say(f"The judges agree about {same:,} of the {number_of(both, 'tag')} that two or more have judged{alpha}.")
    for verdict, words in (
        ("shown", f"at least {target} of the tags are right"),
        ("refuted", f"fewer than {target} of the tags are right"),
    ):
        names = check.table.loc[check.table["verdict"] == verdict, "check"].tolist()
        if names:
            say(f"{verdict.capitalize()}, {words}: {listed(names)}.")
    if check.decided:
        return say("Nothing is left to judge.")
    columns = [name for name in settings.columns if name != "resolved"]
    added = f"{number_of(check.added, 'tag')} added. " if check.added else ""
    waiting = f"{number_of(check.waiting, 'tag')} in {out} {agreeing(check.waiting, 'waits', 'wait')} for a verdict"
    say(f"{added}{waiting}: write right or wrong into the column {' and '.join(columns)}, then run this command again.")


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """The table as a person reads it."""
    open_ = table["verdict"] == "open"
    more = [
        _range(low, high) if still else DASH
        for low, high, still in zip(table["more_low"], table["more_high"], open_, strict=True)
    ]
    return table.assign(
        at_least=table["at_least"].map(_down),
        at_most=table["at_most"].map(_up),
        verdict=table["verdict"].where(~open_, OPEN),
        more=more,
    )[["check", "verdict", "judged", "right", "more", "at_least", "at_most", "tags"]]


def _range(low: float, high: float) -> str:
    if high == float("inf"):
        return f"{low:,.0f} or more"
    return f"{low:,.0f} to {high:,.0f}" if low < high else f"{low:,.0f}"


def _down(share: float) -> str:
    """A bound in percent that is never above it."""
    return f"{floor(round(1000 * share, 6)) / 10:.1f} %"


def _up(share: float) -> str:
    """A bound in percent that is never below it."""
    return f"{ceil(round(1000 * share, 6)) / 10:.1f} %"
