"""A run that has ended, opened again from its folder: its table, its tagger, and what its decisions rest on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import pandas as pd

from themetagger._utils.run_paths import RunPaths
from themetagger.corpus import Corpus, TableError, TableFormat, hold_out, read_corpus, read_table
from themetagger.report.run_folder import RunData, read_data
from themetagger.runs.calibration_split import SHARE
from themetagger.runs.errors import RunError
from themetagger.runs.fingerprint import Numbers, first_other, row_numbers
from themetagger.search.storage.finished_study import evidence_in, importances_in, trials_in
from themetagger.search.storage.split import Split
from themetagger.search.workers.cost import cost_in
from themetagger.selection.evidence import Evidence
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.theme_tagger import ThemeTagger

Ints = npt.NDArray[np.int64]
Table = Any  # a path, a DataFrame or a Corpus
_DAMAGED = (OSError, ValueError, KeyError, EOFError, BadZipFile)  # what reading a damaged file of arrays raises


@dataclass(frozen=True)
class PastRun:
    """What a run folder holds.

    Parameters
    ----------
    folder : of the run
    tagger : the winners as one estimator
    data : the results table, one row a theme, its averages, title and remarks
    plan : the settings of the run, as JSON values
    corpus : the n texts that were tuned on, None where the table is not there
    folds : (n,) the fold of each, None where the table is not there
    missing : why the texts are not there; empty where they are
    table : the file that they were read from; empty where it was none
    known : evidence of themes that is at hand; that of others is read from the folder
    files : those that it was made from; nothing that is written may be one of them
    """

    folder: Path
    tagger: ThemeTagger
    data: RunData
    plan: Mapping[str, Any] = field(default_factory=dict)
    corpus: Corpus | None = None
    folds: Ints | None = None
    missing: str = ""
    table: str = ""
    known: Mapping[str, Evidence] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    @property
    def paths(self) -> RunPaths:
        """The files of its folder."""
        return RunPaths(self.folder)

    @property
    def inputs(self) -> tuple[str | Path, ...]:
        """The tables that are read for it, which nothing may be written over."""
        return (self.table, *self.files, self.paths.results, self.paths.averages)

    @property
    def results(self) -> pd.DataFrame:
        """One row a theme, as ``results.csv`` has it."""
        return self.data.table

    @property
    def texts(self) -> Corpus:
        """The texts that were tuned on; a RunError where they are not there."""
        if self.corpus is None:
            raise RunError(self.missing)
        return self.corpus

    @cached_property
    def lines(self) -> Ints:
        """Where each text stands in its table, (n,): the line, record or row, from 1; a RunError without the texts."""
        rows = self.texts.rows
        if rows is None:  # a corpus that was read from no table
            return np.arange(1, len(self.texts) + 1)
        return np.asarray(self.cells().index, dtype=np.int64)[rows] if self.table else rows + 1

    def cells(self) -> pd.DataFrame:
        """The table that the texts were read from, read as they were: a row for each of its rows, with its line.

        Raises
        ------
        TableError
            If the table was no file, or cannot be read.
        """
        if not self.table:
            raise TableError(f"{self.folder}: its table was no file; save it as one, and pass that as train (--train).")
        reading: dict[str, Any] = {name: self.plan.get(name) for name in ("delimiter", "encoding")}
        return read_table(self.table, wanted=self._columns, **reading)[0]

    @property
    def _columns(self) -> list[str]:
        """The columns that it was made from."""
        named = (self.plan.get("text_columns", ()), self.plan.get("theme_columns") or self.plan.get("theme_column", ()))
        return [name for names in named for name in ([names] if isinstance(names, str) else names)]

    def evidence(self, theme: str) -> Evidence | None:
        """Out-of-fold scores and truth of a theme that was tuned; None of one that has no model.

        Raises
        ------
        RunError
            If the texts, and so the truth, are not there.
        """
        corpus = self.texts
        if theme in self.known:
            return self.known[theme]
        if self.folds is None or theme not in corpus.themes:
            return None
        return evidence_in(self.paths.theme(theme).folder, corpus.column(theme), self.folds, corpus.groups)

    def evidence_by_theme(self) -> dict[str, Evidence]:
        """Theme -> evidence, of all themes that have a model; a RunError where the texts are not there."""
        read = {theme: self.evidence(theme) for theme in self.texts.themes}
        return {theme: evidence for theme, evidence in read.items() if evidence is not None}

    def trials(self, theme: str) -> pd.DataFrame:
        """The trials of a theme's study, a row each, in their order.

        Columns: number, state, family (without a companion), view, value (what the objective says), average_precision,
        early_average_precision (on the first folds, also of those that were dropped there), level, seconds,
        parameters (a dict), error. No row where the theme was not tuned.
        """
        return trials_in(self.paths.theme(theme).folder)

    def importances(self, theme: str) -> pd.DataFrame:
        """Which settings of a theme's study mattered: trials_of, setting, importance, trials.

        See :func:`themetagger.search.importance.importances`.
        """
        return importances_in(self.paths.theme(theme).folder)

    def peak_memory(self, theme: str) -> float:
        """The most memory that the worker of a theme held during its study, in megabytes; nan where it is not known."""
        return cost_in(self.paths.theme(theme).folder)

    def theme_result(self, theme: str) -> ThemeResult:
        """What the study of a theme decided; a KeyError where the run has no such theme."""
        for theme_result in self.tagger.theme_results:
            if theme_result.theme == theme:
                return theme_result
        raise KeyError(f"{self.folder}: no theme {theme!r}; its themes: {', '.join(map(str, self.results['theme']))}")


def open_run(folder: str | os.PathLike[str], *, train: Table | None = None) -> PastRun:
    """Open the folder that ``tune`` has written.

    Parameters
    ----------
    folder : of the run
    train : the table that it was tuned on, a file, a DataFrame or a Corpus; default the file that it was read from,
        where that is still there and the same; without it there are no texts, and so no truth

    Raises
    ------
    RunError
        If the folder holds no finished run, or one that was begun anew, or ``train`` is not what it was made from.
    BundleError, TableError
        If the tagger file is damaged, or ``train`` cannot be read.

    Examples
    --------
    >>> run = open_run("data/runs/workplace")  # doctest: +SKIP
    >>> run.trials("pay and benefits")[["family", "average_precision"]].head()  # doctest: +SKIP
    """
    folder = Path(folder)
    try:
        data = read_data(folder)
    except ValueError as error:
        raise RunError(str(error)) from error
    about = _about(folder)
    if data.run and data.run != about.get("name"):
        raise RunError(f"{folder}: its run has not finished, and the table is of an earlier one; go on with --resume.")
    tagger = ThemeTagger.load(RunPaths(folder).tagger)
    table = about.get("tables", {}).get("train") if train is None else train
    file = str(table) if isinstance(table, str | os.PathLike) else ""
    files = tuple(found for found in about.get("tables", {}).values() if isinstance(found, str))
    corpus, folds, missing = _texts(folder, about, train)
    return PastRun(folder, tagger, data, about.get("plan", {}), corpus, folds, missing, file, files=files)


def _about(folder: Path) -> dict[str, Any]:
    path = RunPaths(folder).info
    try:
        found = json.loads(path.read_bytes())
        return dict(found)
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError) as error:
        raise RunError(f"{path} is damaged ({error}); tune again.") from error


def _texts(folder: Path, about: Mapping[str, Any], train: Table | None) -> tuple[Corpus | None, Ints | None, str]:
    """The texts that were tuned on and their folds; or why they are not there."""
    tables, plan, paths = about.get("tables", {}), about.get("plan", {}), RunPaths(folder)
    given = train is not None
    train = tables.get("train") if train is None else train
    if not paths.split.is_file() or not paths.rows.is_file():
        return None, None, f"{folder} was written by an older version, which kept no folds; tune again."
    if train is None or (isinstance(train, str | os.PathLike) and not given and not Path(train).is_file()):
        where = "was no file" if train is None else f"{train} is not there any more"
        return None, None, f"{folder}: the table that it was tuned on {where}; pass it as train (--train)."
    try:
        corpus = train if isinstance(train, Corpus) else _read(train, plan, tables)
    except (TableError, OSError) as error:
        if given:
            raise
        return None, None, f"{folder}: its table is not what it was ({error}); pass that as train (--train)."
    other = first_other(_numbers_of_train(paths.rows), row_numbers(corpus))
    if other is not None:
        first = f"row {other + 1:,} is the first that differs"
        told = f"{corpus.source} is not the table that {folder} was tuned on; {first}"
        if given:
            raise RunError(f"{told}. Pass the table as it was then, or tune again.")
        return None, None, f"{told}; pass the table as it was then as train (--train)."
    return *_tuned_on(folder, corpus, plan), ""


def _numbers_of_train(path: Path) -> Numbers:
    """What each row of the training table was known by."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            numbers: Numbers = arrays["train"]
            return numbers
    except _DAMAGED as error:
        raise RunError(f"{path} is damaged ({type(error).__name__}); tune again.") from error


def _read(train: Any, plan: Mapping[str, Any], tables: Mapping[str, Any]) -> Corpus:
    from themetagger.corpus import corpus_from_frame

    held = {field.name: plan[field.name] for field in fields(TableFormat) if field.name in plan}
    table_format = TableFormat(**(held | {"theme_map": tables.get("theme_map")}))
    return (corpus_from_frame if hasattr(train, "columns") else read_corpus)(train, table_format)


def _tuned_on(folder: Path, corpus: Corpus, plan: Mapping[str, Any]) -> tuple[Corpus, Ints]:
    """What is left of the table when rows were held out, and set aside."""
    seed = int(plan.get("seed", 0))
    if plan.get("hold_out"):
        corpus, _ = hold_out(corpus, share=plan["hold_out"], seed=seed)
    path = RunPaths(folder).split
    try:
        split = Split.load(path)
    except _DAMAGED as error:
        raise RunError(f"{path} is damaged ({type(error).__name__}); tune again.") from error
    if split.calibration:
        corpus, _ = hold_out(corpus, share=SHARE, seed=seed)
    if len(split.folds) != len(corpus):
        raise RunError(f"{path} is damaged ({len(split.folds)} folds of {len(corpus)} texts); tune again.")
    return corpus, split.folds
