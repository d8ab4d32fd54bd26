"""themetagger inspect: the profile of a table, or what is in a tagger file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from themetagger._utils.wording import number_of
from themetagger.cli.group import main
from themetagger.cli.showing import print_notes, print_table, whole
from themetagger.cli.tables import table_format, table_options

TAGGER = ".tagger"  # how the name of a tagger file ends
SHOWN_THEMES = 40  # the plot and the results name all


@main.command(short_help="Summarise a table before tuning, or a tagger file.")
@click.argument("file")
@click.option(
    "--min-positives",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    metavar="N",
    help="Themes with fewer texts are too small to tune.",
)
@click.option(
    "--plot",
    default=None,
    metavar="FILE",
    help="PNG of the themes by frequency.  [default: NAME.themes.png in this folder]",
)
@table_options
def inspect(file: str, min_positives: int, plot: str | None, **options: Any) -> None:
    """Summarise a table: rows, gaps, duplicates, text lengths and themes, with a plot of how frequent themes are.

    For a tagger file (.tagger): which version made it, what it holds, and the status and figures of each theme.
    """
    if Path(file).suffix == TAGGER or Path(file).is_dir():
        return _inspect_tagger(file)
    from themetagger.corpus import read_corpus
    from themetagger.corpus.profile import profile
    from themetagger.report.plots import save_figure, theme_frequency_figure

    look = profile(read_corpus(file, table_format(options)), min_positives=min_positives)
    shown, small = look.themes.head(SHOWN_THEMES), look.themes[~look.themes["tunable"]]
    too_small = f"Themes too small to tune (fewer than {number_of(min_positives, 'text')})"
    together = look.together.rename(columns={"a": "theme", "b": "other theme", "both": "texts with both"})
    for title, table in (
        ("Rows", look.summary),
        ("Text lengths", whole(look.lengths, look.lengths.columns[1:])),
        (f"Themes by frequency ({len(shown)} of {len(look.themes)})", shown),
        (too_small, small.head(SHOWN_THEMES)),
        ("Themes that occur together", together),
        (
            "Theme names that look alike",
            look.alike.head(SHOWN_THEMES).rename(columns={"a": "theme", "b": "other theme"}),
        ),
    ):
        print_table(title, table)
    print_notes(look.notes)
    path = Path(plot) if plot else Path(Path(file).stem + ".themes.png")
    save_figure(theme_frequency_figure(look.themes, min_positives=min_positives), path)
    click.echo(f"Plot: {path}")


def _inspect_tagger(file: str) -> None:
    from themetagger.tagger.describe import describe_tagger

    look = describe_tagger(file)
    print_table("Tagger file", look.facts)
    print_table("Themes; precision and recall are out-of-fold figures", look.themes)
