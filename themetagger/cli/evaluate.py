"""themetagger evaluate: a tagger against the truth of other texts."""

from __future__ import annotations

from typing import Any

import click

from themetagger.cli.group import main
from themetagger.cli.showing import print_notes, print_results
from themetagger.cli.tables import DEFAULT_TEXT, reading, table_options


@main.command()
@click.argument("file")
@click.option("--tagger", required=True, help="Tagger file, as in RUN/tagger.tagger.")
@click.option("--out", default=None, help="CSV file for the table.")
@table_options
def evaluate(file: str, tagger: str, out: str | None, **options: Any) -> None:
    """Compare the tagger's tags with the themes in FILE, which it must not have been tuned on."""
    from themetagger.corpus import read_corpus
    from themetagger.evaluation import evaluate as measure
    from themetagger.report.results import averages, results_table, write_csv
    from themetagger.tagger import ThemeTagger

    loaded = ThemeTagger.load(tagger)
    if options["text_columns"] == DEFAULT_TEXT:
        options["text_columns"] = loaded.text_columns
    corpus = read_corpus(file, **reading(options))
    table = results_table(loaded.winners, measure(loaded, corpus))
    print_results(table, averages(table))
    known = {winner.theme for winner in loaded.winners}
    unknown = [theme for theme in corpus.themes if theme not in known]
    left_out = f"{len(unknown)} themes of {file} are unknown to the tagger and left out: {', '.join(unknown[:10])}"
    print_notes([*corpus.notes, *([left_out] if unknown else [])])
    if out is not None:
        write_csv(table, out)
        click.echo(f"Table: {out}")
