"""themetagger evaluate: a tagger against the truth of other texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from themetagger.cli.group import main
from themetagger.cli.showing import print_notes, print_results
from themetagger.cli.slices import keep_slices, show_slices, values_of
from themetagger.cli.tables import table_format, table_options_of_tagger

if TYPE_CHECKING:
    import pandas as pd

    from themetagger.corpus import TableFormat


@main.command()
@click.argument("file")
@click.option("--tagger", required=True, help="Tagger file, as in RUN/tagger.tagger.")
@click.option("--out", default=None, help="Table to write (csv, tsv, json, jsonl, parquet, xlsx).")
@click.option("--by", "columns", multiple=True, help="Also by the values of this column; may be repeated.")
@click.option("--date-format", default=None, help="Of the --by columns of dates, as %d/%m/%Y; default: found.")
@table_options_of_tagger
def evaluate(file: str, tagger: str, out: str | None, columns: tuple[str, ...], **options: Any) -> None:
    """Compare the tagger's tags with the themes in FILE, which it must not have been tuned on.

    With --by the table in --out is followed by a second one beside it, NAME.by.csv, or as --out ends.
    """
    from themetagger.corpus import check_writable, read_corpus, write_table
    from themetagger.insights.slices import slices
    from themetagger.selection.results import averages, results_table
    from themetagger.tagger.evaluation import evaluate as measure
    from themetagger.tagger.theme_tagger import ThemeTagger

    by_out = None if out is None else str(Path(out).with_suffix(f".by{Path(out).suffix}"))
    for path in [] if out is None else [out, by_out] if columns else [out]:
        check_writable(str(path), inputs=[file, tagger, options["theme_map"]])
    date_format, loaded = options.pop("date_format"), ThemeTagger.load(tagger)
    form = table_format(options).with_texts(loaded.text_columns)
    corpus = read_corpus(file, form)
    frame = cells(file, form) if columns else None
    values = {} if frame is None else values_of(corpus, frame, columns, date_format=date_format)
    table = results_table(loaded.theme_results, measure(loaded, corpus))
    print_results(table, averages(table))
    known = {theme_result.theme for theme_result in loaded.theme_results}
    unknown = [theme for theme in corpus.themes if theme not in known]
    left_out = f"{len(unknown)} themes of {file} are unknown to the tagger and left out: {', '.join(unknown[:10])}"
    print_notes([*corpus.notes, *([left_out] if unknown else [])])
    if out is not None:
        write_table(table, out)
        click.echo(f"Table: {out}")
    if columns:
        truth, tags = corpus.align(loaded.themes).toarray(), loaded.predict(corpus.texts)
        settings: dict[str, Any] = {"themes": loaded.themes, "groups": corpus.groups}
        tables = [slices(truth, tags, values[name], column=name, **settings) for name in columns]
        show_slices(tables, f"in {file}")
        keep_slices(tables, by_out)


def cells(file: str, form: TableFormat) -> pd.DataFrame:
    """All cells of the file, read as its texts and themes were."""
    from themetagger.corpus import read_table

    return read_table(file, wanted=form.named_columns, **form.file_settings)[0]
