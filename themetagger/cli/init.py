"""themetagger init: a plan file for a table, with comments, to be changed and used."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from themetagger.cli.group import Mistake, main
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.showing import print_notes
from themetagger.cli.tables import table_format, table_options


@main.command(short_help="Write a plan file with the settings for a table.")
@click.argument("table")
@click.option("--out", default="plan.toml", show_default=True, metavar="FILE", help="Plan file to write.")
@table_options
def init(table: str, out: str, **options: Any) -> None:
    """Write a plan file for TABLE: how it is read, the settings of a run, and the themes, with comments.

    Change it in any text editor, then run: themetagger tune --plan plan.toml
    """
    from themetagger._utils.files import write_atomically
    from themetagger.corpus import read_corpus
    from themetagger.corpus.writing import check_no_input
    from themetagger.runs.plan_draft import draft_plan

    check_no_input(out, [table, options["theme_map"]])
    if Path(out).exists():
        raise Mistake(f"{out} already exists; choose another name with --out, or delete it first.")
    form = table_format(options)
    corpus = read_corpus(table, form)
    text = draft_plan(corpus, table, out, table_format=form)
    write_atomically(out, text.encode("utf-8"))
    print_notes(corpus.notes)
    echo(f"Plan: {out}. Change what you want in it, then:")
    echo(f"    themetagger tune --plan {shlex.quote(out)}")
