"""The texts of a plan: its tables read, split into those tuned on and those measured on, and remarks on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from themetagger.corpus import Corpus, TableError, corpus_from_frame, duplicate_groups, hold_out, read_corpus, spelling
from themetagger.runs.calibration_split import SHARE
from themetagger.runs.plan import Plan, promise_for
from themetagger.search.cross_validation import MAX_ROWS


def read_tables(plan: Plan) -> dict[str, Corpus]:
    """The tables of a plan by the names of its settings."""
    given = {"train": plan.train} | ({} if plan.test is None else {"test": plan.test})
    return {name: _corpus(table, plan) for name, table in given.items()}


def _corpus(table: Any, plan: Plan) -> Corpus:
    if isinstance(table, Corpus):
        return table
    if hasattr(table, "columns"):
        return corpus_from_frame(table, plan.table_format)
    return read_corpus(table, plan.table_format)


def parts_of(plan: Plan, tables: Mapping[str, Corpus]) -> tuple[Corpus, Corpus | None]:
    """The texts to tune on and those to measure on."""
    corpus, test = tables["train"], tables.get("test")
    if plan.hold_out:
        if len(np.unique(corpus.groups)) < 2:
            raise TableError(f"{corpus.source}: hold_out needs two different texts at least; leave it out.")
        return hold_out(corpus, share=plan.hold_out, seed=plan.seed)
    if test is None or plan.alike != "merge":
        return corpus, test
    return corpus, test.renamed(_spellings(corpus, test))


def set_aside(plan: Plan, corpus: Corpus) -> tuple[Corpus, Corpus | None]:
    """The rows to tune on, and those set aside to certify on, where a theme asks for that."""
    asked = {promise_for(plan.settings(theme)).form for theme in corpus.themes}
    if "calibration" not in asked or len(np.unique(corpus.groups)) < 2:
        return corpus, None
    return hold_out(corpus, share=SHARE, seed=plan.seed)


def _spellings(corpus: Corpus, test: Corpus) -> dict[str, str]:
    """Held-out themes that train has under another case, spacing or Unicode form, and how train spells them."""
    known = {spelling(theme): theme for theme in reversed(corpus.themes)}
    named = set(corpus.themes)
    return {theme: known[spelling(theme)] for theme in test.themes if theme not in named and spelling(theme) in known}


def title_of(corpus: Corpus, test: Corpus | None) -> str:
    held = f", {len(test):,} held-out" if test is not None else ""
    return f"{corpus.source}: {len(corpus):,} texts{held}"


def notes_on(plan: Plan, corpus: Corpus, test: Corpus | None) -> tuple[str, ...]:
    """Remarks on the data: what was read, what the folds left out, and what may flatter the held-out figures."""
    notes = [*corpus.notes]
    if test is not None and not plan.hold_out:  # the two parts of one table share its notes
        notes = [*(f"train: {note}" for note in corpus.notes), *(f"held-out: {note}" for note in test.notes)]
    fitted = len(corpus) * (plan.n_folds - 1) // plan.n_folds
    if fitted > MAX_ROWS:
        notes.append(f"Each model is fitted on at most {MAX_ROWS:,} of some {fitted:,} rows: positives first.")
    return (*notes, *(_overlap_notes(plan, corpus, test) if test is not None else ()))


def notes_on_aside(aside: Corpus | None) -> list[str]:
    return [] if aside is None else [f"{len(aside)} rows were set aside to certify on, and not tuned on."]


def _overlap_notes(plan: Plan, corpus: Corpus, test: Corpus) -> list[str]:
    notes = []
    groups = duplicate_groups([*corpus.texts, *test.texts])
    known = np.isin(groups[len(corpus) :], groups[: len(corpus)])
    if known.any():
        notes.append(
            f"{known.sum()} held-out texts are exact or near duplicates of a train text; their figures flatter."
        )
    clashes = {} if plan.alike == "merge" else _spellings(corpus, test)
    listed = "; ".join(f"{theme!r} (held-out) and {name!r} (train)" for theme, name in list(clashes.items())[:10])
    if clashes:
        notes.append(f'Themes spelled differently in the two tables: {listed}; alike="merge" makes them one.')
    return notes
