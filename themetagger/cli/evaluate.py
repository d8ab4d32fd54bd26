"""themetagger evaluate: a tagger against the truth of other texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from themetagger._utils.run_paths import tagger_at
from themetagger._utils.wording import number_of
from themetagger.cli.group import main
from themetagger.cli.options import (
    WRITTEN,
    by_option,
    date_format_option,
    encoder_option,
    out_option,
    tagger_option,
    training_texts_option,
)
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.results import print_evaluation
from themetagger.cli.slices import keep_slices, show_slices, values_of
from themetagger.cli.tables import table_format, table_options_of_tagger

if TYPE_CHECKING:
    import pandas as pd

    from themetagger.corpus import TableFormat

NAMED = 10  # unknown themes that are named


@main.command(short_help="Measure a tagger on other tagged texts.")
@click.argument("file")
@tagger_option
@encoder_option
@out_option
@by_option
@date_format_option("the --by columns")
@training_texts_option
@table_options_of_tagger
def evaluate(file: str, tagger: str, out: str | None, columns: tuple[str, ...], **options: Any) -> None:
    """Compare the tags of the tagger with the themes in FILE.

    Texts that the tagger was tuned on say nothing of new ones: they are recognised, and left out.

    With --by, a second table is written beside the one of --out: results.by.csv beside results.csv.
    """
    from themetagger.corpus import check_writable, write_table
    from themetagger.corpus.kept_format import form_for
    from themetagger.insights.slices import slices
    from themetagger.selection.results import averages, results_table
    from themetagger.tagger.evaluation import evaluate as measure
    from themetagger.tagger.reading import read_labelled
    from themetagger.tagger.seen_texts import unseen
    from themetagger.tagger.theme_tagger import ThemeTagger

    by_out = None if out is None else str(Path(out).with_suffix(f".by{Path(out).suffix}"))
    for path in [] if out is None else [out, by_out] if columns else [out]:
        check_writable(str(path), inputs=[file, tagger_at(tagger), options["theme_map"]])
    date_format, training_texts = options.pop("date_format"), options.pop("training_texts")
    loaded = ThemeTagger.load(tagger, encoder=options.pop("encoder"), show_progress=True)
    given = table_format(options)
    corpus, form = read_labelled(loaded, file, given), form_for(file, given, loaded.table_format)
    frame = cells(file, form) if columns else None
    values = {} if frame is None else values_of(corpus, frame, columns, date_format=date_format)
    new, left_out = unseen(loaded.seen, corpus.texts, file, training_texts=training_texts)
    if new is not None:
        corpus, values = corpus.take(new), {name: column[new] for name, column in values.items()}
    table = results_table(loaded.theme_results, measure(loaded, corpus))
    known = {theme_result.theme for theme_result in loaded.theme_results}
    notes = [*left_out, *corpus.notes, *_left_out([theme for theme in corpus.themes if theme not in known], file)]
    print_evaluation(table, averages(table), file, see=out or WRITTEN, notes=notes)
    if out is not None:
        write_table(table, out)
        echo(f"Table: {out}")
    if columns:
        truth, tags = corpus.align(loaded.themes).toarray(), loaded.predict(corpus.texts, policy="all")
        settings: dict[str, Any] = {"themes": loaded.themes, "groups": corpus.groups}
        tables = [slices(truth, tags, values[name], column=name, **settings) for name in columns]
        show_slices(tables, f"in {file}")
        keep_slices(tables, by_out)


def _left_out(unknown: list[str], file: str) -> list[str]:
    """A note on themes of the file that the tagger was not tuned on."""
    named = ", ".join(map(repr, unknown[:NAMED])) + (", ..." if len(unknown) > NAMED else "")
    verb = "is" if len(unknown) == 1 else "are"
    how_many = number_of(len(unknown), "theme")
    return [f"{how_many} of {file} {verb} unknown to the tagger and left out: {named}"] if unknown else []


def cells(file: str, form: TableFormat) -> pd.DataFrame:
    """All cells of the file, read as its texts and themes were."""
    from themetagger.corpus import read_table

    return read_table(file, wanted=form.named_columns, **form.file_settings)[0]
