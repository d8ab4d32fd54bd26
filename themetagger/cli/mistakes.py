"""themetagger mistakes: texts that a run tagged wrongly."""

from __future__ import annotations

import click

from themetagger.cli.group import Mistake, main
from themetagger.cli.showing import print_notes, print_table
from themetagger.cli.themes import chosen_themes

SHOWN = ["kind", "line", "margin", "probability", "text", "words_for"]


@main.command()
@click.argument("run")
@click.argument("theme", required=False)
@click.option("--train", default=None, help="The table that the run was tuned on.  [default: where it was]")
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, help="Mistakes of each kind.")
@click.option("--words/--no-words", default=True, show_default=True, help="Also the words that pushed most.")
@click.option("--out", default=None, help="Write them to this table file.")
def mistakes(run: str, theme: str | None, train: str | None, top: int, words: bool, out: str | None) -> None:
    """The texts that a THEME of folder RUN (default: each) was wrongly given, or not given, out of fold."""
    import pandas as pd

    from themetagger.corpus import check_writable, write_table
    from themetagger.insights.labelling.confusions import error_analysis
    from themetagger.runs.past_run import open_run
    from themetagger.runs.review import mistakes as of

    if out:
        check_writable(out)
    opened, tables = open_run(run, train=train), []
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
        found = of.mistakes(name, opened.texts, evidence, opened.tagger, top, words=words, lines=opened.lines)
        print_table(name, found[SHOWN])
        told = "{wrong} of {tagged} tags are wrong, {missed} of {given} texts are missed.".format(**errors.loc[name])
        print_notes([errors["advice"][name] or told])
        tables.append(found.assign(theme=name))
    if not tables:
        raise Mistake(f"{run} has the out-of-fold scores of none of these themes; tune again.")
    if out:
        write_table(pd.concat(tables).drop(columns="row"), out)
