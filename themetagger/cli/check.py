"""themetagger check: whether texts are like those that a tagger was tuned on."""

from __future__ import annotations

from typing import Any

import click

from themetagger._utils.wording import number_of
from themetagger.cli.group import main
from themetagger.cli.options import encoder_option, tagger_option
from themetagger.cli.showing import print_notes, print_table, visible
from themetagger.cli.tables import table_format, text_options


@main.command(short_help="Check whether new texts are like those the tagger was tuned on.")
@click.argument("file")
@tagger_option
@encoder_option
@text_options
def check(file: str, tagger: str, encoder: str | None, **options: Any) -> None:
    """Check whether the texts of FILE are like those that the tagger was tuned on.

    Only for such texts does a promise of precision hold.
    """
    from themetagger.corpus import read_table, texts_of
    from themetagger.corpus.kept_format import form_for
    from themetagger.tagger.theme_tagger import ThemeTagger

    loaded = ThemeTagger.load(tagger, encoder=encoder, show_progress=True)
    form = form_for(file, table_format(options), loaded.table_format, texts_only=True)
    frame, notes = read_table(file, wanted=form.texts, **form.file_settings)
    drift = loaded.check(texts_of(frame, form.texts, file))
    print_table(f"Shares in {number_of(drift.texts, 'text')}, and the range that training explains", drift.table)
    print_notes(notes)
    for line in drift.warnings:
        click.echo(f"Warning: {visible(line)}")
    beyond, shares = len(drift.warnings), number_of(len(drift.table), "share")
    summary = f"{beyond} of {shares} {'is' if beyond == 1 else 'are'} outside the range that training explains."
    click.echo(summary if len(drift.table) else "Nothing to compare: the tagger has no model, or FILE no text.")
