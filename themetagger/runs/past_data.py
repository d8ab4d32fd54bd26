"""The texts of a run that has ended: its table read again, and split as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from themetagger._utils.arrays import arrays_at
from themetagger._utils.faces import option
from themetagger._utils.run_paths import RunPaths
from themetagger.corpus import Corpus, TableError, TableFormat, corpus_from_frame, hold_out, read_corpus
from themetagger.runs.calibration_split import SHARE
from themetagger.runs.data import without_themes
from themetagger.runs.errors import RunError
from themetagger.runs.fingerprint import Numbers, first_other, row_numbers
from themetagger.search.storage.split import Split

_DAMAGED = (OSError, ValueError)  # what reading a damaged file of arrays raises


@dataclass(frozen=True)
class PastData:
    """What a run was tuned on.

    Parameters
    ----------
    corpus : the n texts, None where they are missing
    folds : (n,) the fold of each, None where the texts are missing
    missing : why they are; empty where they are not
    """

    corpus: Corpus | None = None
    folds: npt.NDArray[np.int64] | None = None
    missing: str = ""


def past_data(paths: RunPaths, info: Mapping[str, Any], train: Any) -> PastData:
    """The texts that a run was tuned on and their folds; or why they are missing.

    Parameters
    ----------
    paths : the files of the run
    info : what ``run.json`` holds
    train : the table that it was tuned on, a file, a DataFrame or a Corpus; None takes the file that it was read from

    Raises
    ------
    RunError
        If files of the run are damaged, or ``train`` is given and is not the table that the run was made from.
    TableError, OSError
        If ``train`` is given and cannot be read.
    """
    if not paths.split.is_file() or not paths.rows.is_file():
        return PastData(missing=f"{paths.folder} was written by an older version, which kept no folds; tune again.")
    if train is None:
        return _from_its_own_table(paths, info)
    corpus = _read(train, info)
    difference = _difference(corpus, paths)
    if difference:
        raise RunError(f"{difference}. Give the table as it was then, or tune again.")
    return _split_again(corpus, paths, info)


def _from_its_own_table(paths: RunPaths, info: Mapping[str, Any]) -> PastData:
    """The texts from the file that the run was tuned on, where that is still the same."""
    file, begin = info.get("tables", {}).get("train"), f"{paths.folder}: the table that it was tuned on"
    if file is None:
        return PastData(missing=f"{begin} was not a file; give it by {option('train')}.")
    if not Path(file).is_file():
        return PastData(missing=f"{begin}, {file}, no longer exists; give it by {option('train')}.")
    try:
        corpus = _read(file, info)
    except (TableError, OSError) as error:
        return PastData(missing=f"{begin} has changed ({error}); give it as it was then by {option('train')}.")
    difference = _difference(corpus, paths)
    if difference:
        return PastData(missing=f"{difference}; give the table as it was then by {option('train')}.")
    return _split_again(corpus, paths, info)


def past_test(info: Mapping[str, Any]) -> Corpus | None:
    """The held-out texts of a run, read again: its test file, or what was held out of its table; None without a file.

    Parameters
    ----------
    info : what ``run.json`` holds

    Raises
    ------
    TableError, OSError
        If the file can no longer be read.
    """
    tables, share = info.get("tables", {}), info.get("plan", {}).get("hold_out")
    file = tables.get("train" if share else "test")
    if not isinstance(file, str) or not Path(file).is_file():
        return None
    corpus = _read(file, info)
    return hold_out(corpus, share=share, seed=int(info["plan"].get("seed", 0)))[1] if share else corpus


def _read(train: Any, info: Mapping[str, Any]) -> Corpus:
    """The table read as the run read it."""
    if isinstance(train, Corpus):
        return train
    corpus = (corpus_from_frame if hasattr(train, "columns") else read_corpus)(train, format_of_run(info))
    return without_themes(corpus, info.get("plan", {}).get("drop_themes", ()))


def format_of_run(info: Mapping[str, Any]) -> TableFormat:
    """How a run has read its tables, by what ``run.json`` holds."""
    plan = info.get("plan", {})
    settings = {field.name: plan[field.name] for field in fields(TableFormat) if field.name in plan}
    return TableFormat(**(settings | {"theme_map": info.get("tables", {}).get("theme_map")}))


def _difference(corpus: Corpus, paths: RunPaths) -> str:
    """In what a table differs from that which the run was made from; empty where it does not."""
    first = first_other(_numbers_of_train(paths.rows), row_numbers(corpus))
    if first is None:
        return ""
    row = f"row {first + 1:,} is the first that differs"
    return f"{corpus.source} is not the table that {paths.folder} was tuned on; {row}"


def _numbers_of_train(path: Path) -> Numbers:
    """A number for each row of the training table, as it was when the run began."""
    try:
        numbers: Numbers = arrays_at(path, {"train": "u8"})["train"]
    except _DAMAGED as error:
        raise RunError(f"{path} is damaged ({error}); tune again.") from error
    return numbers


def _split_again(corpus: Corpus, paths: RunPaths, info: Mapping[str, Any]) -> PastData:
    """What is left of the table without the rows that were held out, and those that were set aside to certify on."""
    plan = info.get("plan", {})
    seed = int(plan.get("seed", 0))
    if plan.get("hold_out"):
        corpus, _ = hold_out(corpus, share=plan["hold_out"], seed=seed)
    try:
        split = Split.load(paths.split, sealed=bool(info.get("checksums")))
    except _DAMAGED as error:
        raise RunError(f"{paths.split} is damaged ({error}); tune again.") from error
    if split.calibration:
        corpus, _ = hold_out(corpus, share=SHARE, seed=seed)
    if len(split.folds) != len(corpus):
        raise RunError(f"{paths.split} is damaged ({len(split.folds)} folds of {len(corpus)} texts); tune again.")
    return PastData(corpus, split.folds)
