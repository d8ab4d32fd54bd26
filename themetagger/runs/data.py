"""The texts of a run: its tables read and split, and remarks on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus import Corpus, TableError, corpus_from_frame, duplicate_groups, hold_out, read_corpus, spelling
from themetagger.models.families import FAMILIES
from themetagger.runs.calibration_split import SHARE
from themetagger.runs.named_themes import check_names, check_themes
from themetagger.runs.plan import Plan, promise_for


@dataclass(frozen=True)
class DataSplit:
    """The texts of a run by what they are for; no duplicate group has texts in two parts of the same table.

    Parameters
    ----------
    train : to tune on
    test : to measure the held-out figures on; None where there are none
    calibration : to certify promises on; None where no theme asks for that
    """

    train: Corpus
    test: Corpus | None = None
    calibration: Corpus | None = None

    @cached_property
    def copies(self) -> npt.NDArray[np.bool_]:
        """Which held-out texts are exact or near duplicates of a training text, (m,)."""
        if self.test is None:
            return np.zeros(0, dtype=np.bool_)
        groups = duplicate_groups([*self.train.texts, *self.test.texts])
        return np.isin(groups[len(self.train) :], groups[: len(self.train)])

    @property
    def themes(self) -> tuple[str, ...]:
        """The themes of train, then those that only test has."""
        return tuple(dict.fromkeys([*self.train.themes, *(self.test.themes if self.test is not None else ())]))

    @property
    def title(self) -> str:
        """What the run is called."""
        held_out = f", {len(self.test):,} held-out" if self.test is not None else ""
        return f"{self.train.source}: {len(self.train):,} texts{held_out}"


def read_tables(plan: Plan) -> dict[str, Corpus]:
    """The tables of a plan by the names of its settings: "train", and "test" where one is given.

    Raises
    ------
    TableError, OSError
        If a table cannot be read, or the name of a theme is longer than a tagger file holds.
    """
    given = {"train": plan.train} | ({} if plan.test is None else {"test": plan.test})
    tables = {name: _corpus(table, plan) for name, table in given.items()}
    check_themes(plan, tables)
    kept = {name: without_themes(corpus, plan.drop_themes) for name, corpus in tables.items()}
    for corpus in kept.values():
        check_names(corpus)
    return kept


def without_themes(corpus: Corpus, dropped: Iterable[str]) -> Corpus:
    """The same texts without some themes.

    Examples
    --------
    >>> import pandas as pd
    >>> corpus = corpus_from_frame(pd.DataFrame({"Processed Text": ["a b", "c d"], "Themes": ["pay, food", "food"]}))
    >>> without_themes(corpus, ["food"]).themes, len(without_themes(corpus, ["food"]))
    (('pay',), 2)
    """
    kept = tuple(theme for theme in corpus.themes if theme not in set(dropped))
    return corpus if kept == corpus.themes else replace(corpus, labels=corpus.align(kept), themes=kept)


def _corpus(table: Any, plan: Plan) -> Corpus:
    if isinstance(table, Corpus):
        return table
    if hasattr(table, "columns"):
        return corpus_from_frame(table, plan.table_format)
    return read_corpus(table, plan.table_format)


def split_tables(plan: Plan, tables: Mapping[str, Corpus]) -> DataSplit:
    """The tables of a plan split as it asks for: held-out texts first, then calibration rows.

    Raises
    ------
    TableError
        If texts are to be held out and there are not two different ones.
    """
    train, test = _with_held_out(plan, tables)
    if not _asks_for_calibration(plan, train):
        return DataSplit(train, test)
    train, calibration = hold_out(train, share=SHARE, seed=plan.seed)
    return DataSplit(train, test, calibration)


def _with_held_out(plan: Plan, tables: Mapping[str, Corpus]) -> tuple[Corpus, Corpus | None]:
    train, test = tables["train"], tables.get("test")
    if plan.hold_out:
        if len(np.unique(train.groups)) < 2:
            raise TableError(
                f"{train.source}: {option('hold_out')} needs at least two different texts; leave it out, or give more "
                "texts."
            )
        return hold_out(train, share=plan.hold_out, seed=plan.seed)
    if test is None or plan.alike != "merge":
        return train, test
    return train, test.renamed(_other_spellings(train, test))


def _asks_for_calibration(plan: Plan, train: Corpus) -> bool:
    """Whether the promise of a theme is to be certified on rows set aside, and there are enough to set some aside."""
    forms = {promise_for(plan.settings(theme)).form for theme in train.themes}
    return "calibration" in forms and len(np.unique(train.groups)) >= 2


def _other_spellings(train: Corpus, test: Corpus) -> dict[str, str]:
    """Held-out themes that train has under another case, spacing or Unicode form, and how train spells them."""
    known = {spelling(theme): theme for theme in reversed(train.themes)}
    named = set(train.themes)
    return {theme: known[spelling(theme)] for theme in test.themes if theme not in named and spelling(theme) in known}


def notes_on(plan: Plan, data: DataSplit) -> tuple[str, ...]:
    """Remarks on the data: what was read, what the folds left out, and how the tables spell themes."""
    train, test = data.train, data.test
    notes = [*train.notes]
    if test is not None and not plan.hold_out:  # the two parts of one table share its notes
        notes = [*(f"train: {note}" for note in train.notes), *(f"held-out: {note}" for note in test.notes)]
    if test is not None and plan.alike != "merge":
        notes += _spelling_notes(_other_spellings(train, test))
    if data.calibration is not None:
        n = len(data.calibration)
        were = agreeing(n, "was", "were")
        notes.append(f"{number_of(n, 'row')} {were} set aside to certify promises on, and not tuned on.")
    if plan.blind_families and set(plan.families) != set(FAMILIES):  # some were named
        encoder = option("encoder" if plan.encoder is not None else "static_vectors")
        notes.append(f"{', '.join(plan.blind_families)} cannot take the vectors of {encoder}, and saw n-grams only.")
    return (*plan.remarks, *notes)


def _spelling_notes(clashes: Mapping[str, str]) -> list[str]:
    listed = "; ".join(f"{theme!r} (held-out) and {name!r} (train)" for theme, name in list(clashes.items())[:10])
    if not clashes:
        return []
    remedy = f"{option('alike', 'merge')} treats them as one"
    return [f"Themes are spelled differently in the two tables: {listed}; {remedy}."]
