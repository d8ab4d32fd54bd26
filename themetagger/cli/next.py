"""themetagger next: a table of the texts to label next, to be filled in."""

from __future__ import annotations

from typing import Any

import click

from themetagger._utils.run_paths import tagger_at
from themetagger._utils.wording import number_of
from themetagger.cli.annotations import annotation_options, out_format
from themetagger.cli.group import Mistake, main
from themetagger.cli.options import encoder_option, formulas_option, new_table_option, tagger_option
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.showing import print_notes
from themetagger.cli.tables import table_format, table_options_of_tagger


@main.command(name="next", short_help="Choose the texts to label next.")
@click.argument("file")
@tagger_option
@encoder_option
@new_table_option
@click.option("--count", default=50, show_default=True, metavar="N", help="Number of texts to choose.")
@click.option(
    "--labelled", default=None, metavar="FILE", help="Table of the texts labelled so far, which improves the choice."
)
@click.option(
    "--theme",
    "themes",
    multiple=True,
    metavar="THEME",
    help="Choose texts for this theme; may be repeated.  [default: all]",
)
@click.option(
    "--at-random",
    default=0.1,
    show_default=True,
    metavar="SHARE",
    help="Draw this share of the texts at random, so that figures stay representative.",
)
@click.option(
    "--seed", default=0, show_default=True, metavar="N", help="Random seed; the same seed chooses the same texts."
)
@table_options_of_tagger
@annotation_options
@formulas_option("neutralise")
def label_next(file: str, tagger: str, out: str, labelled: str | None, **options: Any) -> None:
    """Choose the texts of FILE that the tagger would learn most from, and write a table to fill in.

    The table has the columns of FILE and empty columns for the themes (--theme-column, or --theme-columns). Beside them
    stand the tags that the tagger proposes, and why each text was chosen. Fill it in, and append its rows to the
    training table. FILE and --labelled are read with the same options. With --out-format, an annotation tool loads the
    file and shows the proposed tags.
    """
    from themetagger.corpus import check_writable
    from themetagger.insights.labelling.to_label import choose_from_table, write_to_label
    from themetagger.tagger.theme_tagger import ThemeTagger

    tool = out_format(options)
    check = check_writable if tool is None else tool.check
    check(out, inputs=[file, labelled, tagger_at(tagger), options["theme_map"]])
    formulas, form = options.pop("formulas"), table_format(options)
    loaded = ThemeTagger.load(tagger, encoder=options.pop("encoder"), show_progress=True)
    kept = form.over(loaded.table_format)
    if tool is None:
        check_writable(out, may_hold="labels filled in", to_fill=kept.themes)
    else:
        tool.check(out, may_hold="labels filled in")
    try:
        table, notes = choose_from_table(file, loaded, labelled=labelled, table_format=form, show=True, **options)
    except ValueError as error:
        raise Mistake(str(error)) from error
    print_notes([*notes, *write_to_label(table, out, separator=kept.separator, formulas=formulas, out_format=tool)])
    echo(f"{number_of(len(table), 'text')} to label: {out}")
