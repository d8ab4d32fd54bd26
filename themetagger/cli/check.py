"""themetagger check: whether texts are like those tuned on."""

from __future__ import annotations

from typing import Any

import click

from themetagger.cli.group import main
from themetagger.cli.showing import print_notes, print_table
from themetagger.cli.tables import table_format, text_options


@main.command()
@click.argument("file")
@click.option("--tagger", required=True, help="Tagger file, as in RUN/tagger.tagger.")
@text_options
def check(file: str, tagger: str, **options: Any) -> None:
    """Whether the texts of FILE are like those tuned on, which is what a promise of precision covers."""
    from themetagger.corpus import read_table, texts_of
    from themetagger.tagger.theme_tagger import ThemeTagger

    loaded = ThemeTagger.load(tagger)
    form = table_format(options).with_texts(loaded.text_columns)
    frame, notes = read_table(file, wanted=form.texts, **form.file_settings)
    found = loaded.check(texts_of(frame, form.texts, file))
    print_table(f"Shares in {found.texts:,} texts, and the interval that training explains", found.table)
    print_notes(notes)
    for line in found.warnings:
        click.echo(f"Warning: {line}")
    told = f"{len(found.warnings)} of {len(found.table)} shares are beyond what training explains."
    click.echo(told if len(found.table) else "Nothing could be compared: the tagger has no model, or FILE no text.")
