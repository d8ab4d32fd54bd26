"""A run that has ended, opened again from its folder: its table, its tagger, and what its decisions rest on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from themetagger._utils.faces import option
from themetagger._utils.own_files import OwnFileError
from themetagger._utils.run_paths import RunPaths
from themetagger.corpus import DEFAULT_FORMAT, FILE_SETTINGS, Corpus, TableError, TableFormat, read_table
from themetagger.report.run_files import RunData, read_data
from themetagger.runs.errors import RunError
from themetagger.runs.folder_check import check_contents
from themetagger.runs.past_data import format_of_run, past_data, past_test
from themetagger.runs.past_winners import check_themes, check_winners
from themetagger.runs.run_info import read_info
from themetagger.search.storage.finished_study import evidence_in, importances_in, trials_in
from themetagger.search.workers.cost import cost_in
from themetagger.selection.evidence import Evidence
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.theme_tagger import ThemeTagger

Ints = npt.NDArray[np.int64]
Table = Any  # a path, a DataFrame or a Corpus


@dataclass(frozen=True)
class PastRun:
    """What the folder of a finished run holds.

    Parameters
    ----------
    folder : of the run
    tagger : the winners as one estimator
    data : the results table, one row per theme, its averages, title and remarks
    plan : the settings of the run, as JSON values
    corpus : the n texts that were tuned on, None where they are missing
    folds : (n,) the fold of each, None where the texts are missing
    missing : why they are; empty where they are not
    table : the file that the texts were read from; empty where it was none
    evidence_at_hand : theme -> evidence that need not be read from the folder
    table_format : how the table was read
    input_files : the files that the run was made from; nothing may be written over them
    """

    folder: Path
    tagger: ThemeTagger
    data: RunData
    plan: Mapping[str, Any] = field(default_factory=dict)
    corpus: Corpus | None = None
    folds: Ints | None = None
    missing: str = ""
    table: str = ""
    evidence_at_hand: Mapping[str, Evidence] = field(default_factory=dict)
    input_files: tuple[str, ...] = ()
    table_format: TableFormat = DEFAULT_FORMAT

    @property
    def paths(self) -> RunPaths:
        """The files of its folder."""
        return RunPaths(self.folder)

    @property
    def inputs(self) -> tuple[str | Path, ...]:
        """The tables that are read for it, which nothing may be written over."""
        return (self.table, *self.input_files, self.paths.results, self.paths.averages)

    @property
    def results(self) -> pd.DataFrame:
        """One row per theme, as ``results.csv`` has it."""
        return self.data.table

    @property
    def texts(self) -> Corpus:
        """The texts that were tuned on; a RunError where they are missing."""
        if self.corpus is None:
            raise RunError(self.missing)
        return self.corpus

    @cached_property
    def test(self) -> Corpus | None:
        """The held-out texts as their file has them today; None where there is none that can be read.

        Where a share of the table was held out and the table has changed, nobody knows which texts that were.
        """
        if self.plan.get("hold_out") and self.corpus is None:
            return None
        try:
            return past_test(_info(self.folder))
        except (TableError, OSError):
            return None

    @cached_property
    def lines(self) -> Ints:
        """The line, record or row of each text in its table, from 1, (n,); a RunError where the texts are missing."""
        rows = self.texts.rows
        if rows is None:  # a corpus that was read from no table
            return np.arange(1, len(self.texts) + 1)
        return np.asarray(self.cells().index, dtype=np.int64)[rows] if self.table else rows + 1

    def cells(self) -> pd.DataFrame:
        """The table that the texts were read from, read again: all its rows, with the line of each as index.

        Raises
        ------
        TableError
            If the table was not a file, or cannot be read.
        """
        if not self.table:
            raise TableError(
                f"{self.folder}: its table was not a file; save it to one, and give that as {option('train')}."
            )
        reading: dict[str, Any] = {name: self.plan.get(name) for name in FILE_SETTINGS}
        return read_table(self.table, wanted=self._columns, **reading)[0]

    @property
    def _columns(self) -> list[str]:
        """The columns that it was made from."""
        named = (self.plan.get("text_columns", ()), self.plan.get("theme_columns") or self.plan.get("theme_column", ()))
        return [name for names in named for name in ([names] if isinstance(names, str) else names)]

    def evidence(self, theme: str) -> Evidence | None:
        """Out-of-fold scores and truth of a theme that was tuned; None for one that has no model.

        Raises
        ------
        RunError
            If the texts, and so the truth, are missing.
        """
        corpus = self.texts
        if theme in self.evidence_at_hand:
            return self.evidence_at_hand[theme]
        if self.folds is None or theme not in corpus.themes:
            return None
        return evidence_in(self.paths.theme(theme).folder, corpus.column(theme), self.folds, corpus.groups)

    def evidence_by_theme(self) -> dict[str, Evidence]:
        """Theme -> evidence, of all themes that have a model; a RunError where the texts are missing."""
        read = {theme: self.evidence(theme) for theme in self.texts.themes}
        return {theme: evidence for theme, evidence in read.items() if evidence is not None}

    def trials(self, theme: str) -> pd.DataFrame:
        """The trials of a theme's study, one row each, in order.

        Columns: number, state, family (without a companion), view, value (what the objective says), average_precision,
        early_average_precision (on the first folds, also of those that were dropped there), level, seconds,
        parameters (a dict), error. No rows where the theme was not tuned.
        """
        return trials_in(self.paths.theme(theme).folder)

    def importances(self, theme: str) -> pd.DataFrame:
        """Which settings of a theme's study mattered: trials_of, setting, importance, trials.

        See :func:`themetagger.search.importance.importances`.
        """
        return importances_in(self.paths.theme(theme).folder)

    def peak_memory(self, theme: str) -> float:
        """The peak memory of a theme's worker during its study, in megabytes; nan where it is not known."""
        return cost_in(self.paths.theme(theme).folder)

    def theme_result(self, theme: str) -> ThemeResult:
        """What the study of a theme decided; a KeyError where the run has no such theme."""
        for result in self.tagger.theme_results:
            if result.theme == theme:
                return result
        raise KeyError(
            f"{self.folder} has no theme {theme!r}; its themes: {', '.join(map(str, self.results['theme']))}"
        )


def open_run(
    folder: str | os.PathLike[str],
    *,
    train: Table | None = None,
    encoder: str | os.PathLike[str] | None = None,
    show_progress: bool = False,
) -> PastRun:
    """Open the folder that ``tune`` has written.

    Parameters
    ----------
    folder : of the run
    train : the table that it was tuned on, a file, a DataFrame or a Corpus; default the file that it was read from,
        where that still exists and is the same; without it the texts are missing, and so is the truth
    encoder, show_progress : as of ``ThemeTagger.load``; the encoder that it was tuned with is needed only where texts
        are scored again

    Raises
    ------
    RunError
        If the folder holds no finished run, or ``train`` is not the table that it was made from.
    BundleError, TableError
        If the tagger file is damaged, or ``train`` cannot be read.

    Examples
    --------
    >>> run = open_run("data/runs/workplace")  # doctest: +SKIP
    >>> run.trials("pay and benefits")[["family", "average_precision"]].head()  # doctest: +SKIP
    """
    folder = Path(folder)
    paths = checked_folder(folder)
    try:
        data = read_data(folder)
    except ValueError as error:
        raise RunError(str(error)) from error
    info = _info(folder)
    if data.run and data.run != info.get("name"):
        raise RunError(
            f"{folder}: its run has not finished, and its results are those of an earlier run; go on with "
            f"{option('resume', True)}."
        )
    tables = info.get("tables", {})
    tagger = ThemeTagger.load(paths.tagger, encoder=encoder, show_progress=show_progress)
    check_themes(paths, data.table, tagger.theme_results)
    texts = past_data(paths, info, train)
    check_winners(paths.tagger, tagger.theme_results, texts.folds)
    table = tables.get("train") if train is None else train
    return PastRun(
        folder,
        tagger,
        data,
        info.get("plan", {}),
        texts.corpus,
        texts.folds,
        texts.missing,
        str(table) if isinstance(table, str | os.PathLike) else "",
        input_files=tuple(file for file in tables.values() if isinstance(file, str)),
        table_format=format_of_run(info),
    )


def _info(folder: Path) -> dict[str, Any]:
    """What ``run.json`` holds; nothing where an older version has written none."""
    return read_info(RunPaths(folder).info, tuning=False) or {}


def checked_folder(folder: Path) -> RunPaths:
    """The files of a run folder; RunError where one that would be opened is a link, or otherwise not ours alone."""
    paths = RunPaths(folder)
    try:
        check_contents(paths)
    except OwnFileError as error:
        raise RunError(str(error)) from error
    return paths
