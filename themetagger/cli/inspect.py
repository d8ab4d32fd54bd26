"""themetagger inspect: the profile of a table, or what is in a tagger file."""

from __future__ import annotations

import shlex
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from themetagger._utils.run_paths import tagger_at
from themetagger._utils.wording import number_of
from themetagger.cli.group import main
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.showing import listed, print_next, print_notes, print_table, say, whole
from themetagger.cli.tables import as_options, in_words, table_format, table_options

if TYPE_CHECKING:
    import pandas as pd

TAGGER = ".tagger"  # how the name of a tagger file ends
SHOWN_THEMES = 40
MIN_POSITIVES = 30
THEMES = ("theme", "group", "precision", "recall")
TOGETHER = (
    "lift: how many times as often they share a text as if they had nothing to do with each other; Jaccard: texts with "
    "both among the texts with either."
)
LENGTHS = {"unit": "", "q25": "25%", "median": "50%", "q75": "75%", "q95": "95%"}
PAIRS = {
    "a": "theme",
    "b": "other theme",
    "both": "texts with both",
    "positives": "texts",
    "a_positives": "texts",
    "b_positives": "texts of other",
    "jaccard": "Jaccard",
}


@main.command(short_help="Summarise a table before tuning, or a tagger file.")
@click.argument("file")
@click.option(
    "--min-positives",
    type=click.IntRange(min=1),
    default=MIN_POSITIVES,
    show_default=True,
    metavar="N",
    help="Count themes with fewer texts as too rare to tune.",
)
@click.option(
    "--plot",
    default=None,
    metavar="FILE",
    help="Picture (PNG) of the themes by frequency to write.  [default: NAME.themes.png in this folder]",
)
@table_options
def inspect(file: str, min_positives: int, plot: str | None, **options: Any) -> None:
    """Summarise a table: rows, gaps, duplicates, text lengths and themes, with a plot of how frequent themes are.

    For a tagger file (.tagger): which version made it, what it holds, and the status and figures of each theme.
    """
    if tagger_at(file).suffix == TAGGER:
        return _inspect_tagger(file)
    from themetagger.corpus import read_corpus
    from themetagger.corpus.profile import profile
    from themetagger.corpus.writing import check_no_input
    from themetagger.report.plots import save_figure, theme_frequency_figure

    theme_map = options["theme_map"]
    form = table_format(options)
    look = profile(read_corpus(file, form), min_positives=min_positives)
    print_table("Rows", look.summary.assign(value=look.summary["value"].map(_figure)))
    print_table("Text lengths", whole(look.lengths, look.lengths.columns[1:]), headings=LENGTHS)
    _print_themes(look.themes, min_positives)
    print_table("Themes that occur together", look.together, headings=PAIRS, important=3)
    if len(look.together):
        say(TOGETHER)
        echo()
    if len(look.alike):
        print_table("Theme names that look alike", look.alike.head(SHOWN_THEMES), headings=PAIRS)
    print_notes(look.notes)
    path = Path(plot) if plot else _free(f"{Path(file).stem}.themes")
    check_no_input(path, [file, theme_map], setting="plot")
    save_figure(theme_frequency_figure(look.themes, min_positives=min_positives), path)
    echo(f"Plot: {path}")
    if look.themes["tunable"].any():
        table = f"{shlex.quote(in_words(file))} {as_options(form)}".rstrip()
        run = "--out run" if min_positives == MIN_POSITIVES else f"--min-positives {min_positives} --out run"
        tune = f"themetagger tune {table} --hold-out 0.2 {run}"
        print_next(
            {"train a model for each theme": tune, "or see and change the settings first": f"themetagger init {table}"}
        )


def _figure(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _print_themes(themes: pd.DataFrame, min_positives: int) -> None:
    """The themes that can be tuned, the most frequent first, and in one paragraph those that are too rare."""
    tunable, rare = themes[themes["tunable"]], themes[~themes["tunable"]]
    shown = tunable.head(SHOWN_THEMES)
    more = f" ({len(shown)} of {len(tunable)})" if len(tunable) > len(shown) else ""
    print_table(f"Themes by frequency{more}", shown[["theme", "positives", "share"]], headings=PAIRS)
    if len(tunable) > len(shown):
        last = shown["positives"].iloc[-1]
        say(f"The other {len(tunable) - len(shown):,} have {last:,} texts or fewer.")
    if len(rare):
        named = listed([f"{theme} ({n:,})" for theme, n in zip(rare["theme"], rare["positives"], strict=True)])
        needed = f"fewer than {number_of(min_positives, 'text')}"
        say(f"{len(rare):,} of {number_of(len(themes), 'theme')} too rare to tune ({needed}): {named}.", rest="  ")
    echo()


def _free(stem: str) -> Path:
    """The first name for a picture that is not taken: an earlier one may be wanted still."""
    names = (Path(f"{stem}{'' if number == 1 else f'.{number}'}.png") for number in count(1))
    return next(path for path in names if not path.exists())


def _inspect_tagger(file: str) -> None:
    from themetagger.report.columns import by_group
    from themetagger.tagger.describe import describe_tagger

    look = describe_tagger(file)
    wide = max(map(len, look.facts["what"])) + 2
    for what, value in look.facts[["what", "value"]].itertuples(index=False):
        say(value, first=f"{what:{wide}}", rest=" " * wide)
    echo()
    modelled = look.themes["models"] > 0
    columns = [*THEMES, *(name for name in look.themes if name not in ("status", *THEMES))]
    shown = by_group(look.themes[modelled].assign(reason=""))[columns]
    groups = shown["group"].tolist()
    breaks = [row for row in range(1, len(groups)) if groups[row] != groups[row - 1]]
    title = "Themes that have a model; precision and recall by cross-validation in tuning"
    print_table(title, shown, headings={"group": "status"}, breaks=breaks, important=len(THEMES))
    if not modelled.all():
        without = look.themes.loc[~modelled, "theme"].tolist()
        say(f"{number_of(len(without), 'theme')} without a model: {listed(without)}.", rest="  ")
