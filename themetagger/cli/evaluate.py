"""themetagger evaluate: a tagger against the truth of other texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from themetagger.cli.group import main
from themetagger.cli.showing import print_notes, print_results
from themetagger.cli.slices import keep_slices, show_slices
from themetagger.cli.tables import DEFAULT_TEXT, reading, table_options

if TYPE_CHECKING:
    import pandas as pd

    from themetagger.corpus import Corpus
    from themetagger.tagger import ThemeTagger


@main.command()
@click.argument("file")
@click.option("--tagger", required=True, help="Tagger file, as in RUN/tagger.tagger.")
@click.option("--out", default=None, help="CSV file for the table.")
@click.option("--by", "columns", multiple=True, help="Also by the values of this column; may be repeated.")
@table_options
def evaluate(file: str, tagger: str, out: str | None, columns: tuple[str, ...], **options: Any) -> None:
    """Compare the tagger's tags with the themes in FILE, which it must not have been tuned on.

    With --by the table in --out is followed by a second one beside it, NAME.by.csv.
    """
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
    if columns:
        tables = [slices_of(loaded, corpus, file, name, options) for name in columns]
        show_slices(tables, f"in {file}")
        keep_slices(tables, None if out is None else str(Path(out).with_suffix(".by.csv")))


def slices_of(tagger: ThemeTagger, corpus: Corpus, file: str, column: str, options: dict[str, Any]) -> pd.DataFrame:
    """Precision and recall for each value of a column of the file."""
    from themetagger.analysis.levels import levels
    from themetagger.analysis.slices import slices
    from themetagger.corpus import column_beside, read_table

    frame, _ = read_table(file, **{name: options[name] for name in ("delimiter", "encoding")})
    values = levels(column_beside(corpus, frame, column, option="--by"), source=corpus.source)
    truth, tags = corpus.align(tagger.themes).toarray(), tagger.predict(corpus.texts)
    return slices(truth, tags, values, themes=tagger.themes, column=column, groups=corpus.groups)
