"""themetagger mistakes: texts that a run tagged wrongly."""

from __future__ import annotations

from typing import Any

import click

from themetagger._utils.wording import number_of
from themetagger.cli.group import Mistake, main
from themetagger.cli.options import WRITTEN, encoder_option, out_option, train_option
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.showing import print_notes, print_table
from themetagger.cli.themes import chosen_themes

SHOWN = ["kind", "line", "probability", "text", "margin", "words_for"]


@main.command(short_help="Show the texts that were tagged wrongly, or missed.")
@click.argument("run")
@click.argument("theme", required=False)
@train_option
@encoder_option
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="N",
    help="Number of mistakes of each kind.",
)
@click.option("--words/--no-words", default=True, show_default=True, help="Also show the words that counted most.")
@out_option
def mistakes(
    run: str, theme: str | None, train: str | None, encoder: str | None, out: str | None, **options: Any
) -> None:
    """Show the texts of the run in folder RUN that were wrongly tagged with THEME, or missed; the worst first.

    Each text was judged by models that had not seen it. Without THEME, show them for every theme that has a model.
    """
    import pandas as pd

    from themetagger.corpus import check_writable, write_table
    from themetagger.insights.labelling.confusions import error_analysis
    from themetagger.runs.past_run import open_run
    from themetagger.runs.review import mistakes as of

    if out:
        check_writable(out)
    opened, tables = open_run(run, train=train, encoder=encoder, show_progress=True), []
    if out:
        check_writable(out, inputs=opened.inputs)
    chosen = chosen_themes(opened.tagger, theme)
    evidence_by_theme = opened.evidence_by_theme()
    errors = error_analysis(opened.tagger.theme_results, opened.texts, evidence_by_theme).themes.set_index("theme")
    for name in chosen:
        evidence = evidence_by_theme.get(name)
        if evidence is None:
            print_notes([f"{name}: its out-of-fold scores are not in {run}."])
            continue
        table = of.mistakes(name, opened.texts, evidence, opened.tagger, lines=opened.lines, **options)
        breaks = [row for row in range(1, len(table)) if table["kind"].iloc[row] != table["kind"].iloc[row - 1]]
        print_table(name, table[SHOWN], see=out or WRITTEN, breaks=breaks, important=4)
        count: dict[Any, Any] = errors.loc[name].to_dict()
        tags, texts = number_of(count["tagged"], "tag"), number_of(count["given"], "text")
        counts = f"{count['wrong']} of {tags} wrong, {count['missed']} of {texts} missed."
        print_notes([errors["advice"][name] or counts])
        tables.append(table.assign(theme=name))
    if not tables:
        raise Mistake(f"{run} has the out-of-fold scores of none of these themes; tune again.")
    if out:
        write_table(pd.concat(tables).drop(columns="row"), out)
        echo(f"Table: {out}")
