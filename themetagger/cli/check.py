"""themetagger check: whether texts are like those tuned on."""

from __future__ import annotations

from typing import Any

import click

from themetagger.cli.group import main
from themetagger.cli.showing import print_notes, print_table


@main.command()
@click.argument("file")
@click.option("--tagger", required=True, help="Tagger file, as in RUN/tagger.tagger.")
@click.option("--text-column", "text_columns", multiple=True, help="Column with text; default: the one tuned on.")
@click.option("--delimiter", default=None, help="Field delimiter of a CSV file.")
@click.option("--encoding", default=None, help="Encoding of the file.")
def check(file: str, tagger: str, text_columns: tuple[str, ...], **options: Any) -> None:
    """Whether the texts of FILE are like those tuned on, which is what a promise of precision covers."""
    from themetagger.corpus import read_table, texts_of
    from themetagger.tagger.theme_tagger import ThemeTagger

    loaded = ThemeTagger.load(tagger)
    frame, notes = read_table(file, **options)
    found = loaded.check(texts_of(frame, text_columns or loaded.text_columns, file))
    print_table(f"Shares in {found.texts:,} texts, and the interval that training explains", found.table)
    print_notes(notes)
    for line in found.warnings:
        click.echo(f"Warning: {line}")
    told = f"{len(found.warnings)} of {len(found.table)} shares are beyond what training explains."
    click.echo(told if len(found.table) else "Nothing could be compared: the tagger has no model, or FILE no text.")
