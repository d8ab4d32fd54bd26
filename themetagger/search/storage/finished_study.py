"""What a finished study leaves on disk: the winner, its models, and what the choice rests on."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from themetagger.features import Recipe
from themetagger.models.ensemble import Member
from themetagger.models.scorers import KernelScorer, LinearScorer
from themetagger.models.storage.container import BundleError, read_bundle, write_bundle
from themetagger.models.storage.model_arrays import Store, pack_model, unpack_model
from themetagger.search.storage.trial_log import (
    COMPLETE,
    TRIALS,
    Ledger,
    LedgerError,
    Record,
    records_after,
    scores_path,
)
from themetagger.search.study import Studied
from themetagger.search.workers.shared_data import Ground, Task
from themetagger.selection.evidence import Evidence
from themetagger.selection.theme_result import Winner

FILE = "winner.models"
Labels = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
_DAMAGED = (BundleError, KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)


def folder_name(theme: str) -> str:
    """The name of a theme's folder: readable, and safe whatever the theme is called.

    Examples
    --------
    >>> folder_name("Pay & benefits"), folder_name("../x")
    ('pay-benefits-c514c6b7', 'x-d6b96a97')
    """
    readable = re.sub(r"[^a-z0-9]+", "-", theme.lower()).strip("-")[:40].strip("-")
    return "-".join(filter(None, (readable, sha256(theme.encode("utf-8", "surrogatepass")).hexdigest()[:8])))


def keep_studied(folder: Path, studied: Studied, allowed: Sequence[int]) -> None:
    """Put what a study found on the disk; ``allowed`` are the numbers of trials that it was allowed.

    Raises
    ------
    LedgerError
        If that is not possible.
    """
    store, evidence = Store(), studied.evidence
    manifest = {
        "allowed": list(allowed),
        "chosen": None if evidence is None else evidence.chosen,
        "winner": studied.winner.to_json(),
        "members": [_entry(member, store) for member in studied.members],
    }
    try:
        write_bundle(folder / FILE, manifest, store.arrays)
    except OSError as error:
        raise LedgerError(
            f"{folder}: cannot be written ({error}); mend that, and go on with --resume. Its trials are kept."
        ) from error


def _entry(member: Member, store: Store) -> dict[str, Any]:
    place = {"recipe": member.recipe.to_json(), "fold": member.fold, "weight": member.weight}
    return place | {"width": _width(member), **pack_model(member.model, store, exact=True)}


def _width(member: Member) -> int:
    """The least number of columns that the features of a member have."""
    scorer, narrow = member.model.scorer, member.model.narrow
    if narrow is not None:
        return len(narrow) if narrow.ndim == 2 else int(narrow.max(initial=-1)) + 1
    if isinstance(scorer, LinearScorer):
        return len(scorer.weights)
    return int(scorer.support.shape[1] if isinstance(scorer, KernelScorer) else scorer.feature.max(initial=-1) + 1)


def studied_before(task: Task, ground: Ground) -> Studied | None:
    """What a finished study of this task left; None where there is none, or one that was allowed other trials."""
    if task.folder is None or not (task.folder / FILE).is_file():
        return None
    try:
        manifest, arrays = read_bundle(task.folder / FILE)
        if manifest["allowed"] != list(task.allowed):
            return None
        winner = Winner.from_json(manifest["winner"])
        members = tuple(
            Member(
                Recipe(**entry["recipe"]),
                entry["fold"],
                unpack_model(entry, arrays, entry["width"], exact=True),
                entry["weight"],
            )
            for entry in manifest["members"]
        )
        evidence = None if manifest["chosen"] is None else _evidence(task, ground, winner, manifest["chosen"])
    except _DAMAGED:
        return None  # its trials are there, so that little is done again
    return Studied(winner, members, evidence) if winner.theme == task.theme else None


def _evidence(task: Task, ground: Ground, winner: Winner, chosen: int) -> Evidence:
    ledger = Ledger(task.folder, len(task.y))
    tried = tuple(ledger.scores(record) for record in ledger.records if record.state == COMPLETE)
    tried[chosen]  # an IndexError where trials are missing
    return Evidence(task.y, tried, chosen, ground.folds, ground.groups, len(ledger.records), _fitted(winner))


def _fitted(winner: Winner) -> tuple[float, float] | None:
    """The calibration of a study; None where no model was good enough to get one, or it cannot be one."""
    slope, intercept = winner.calibration
    return winner.calibration if math.isfinite(intercept) and 0 < slope < math.inf else None


def evidence_in(folder: Path, truth: Labels, folds: Ints, groups: Ints) -> Evidence | None:
    """What the choice of a finished study rests on, from its folder; None where it is not there or not whole."""
    try:
        manifest, _ = read_bundle(folder / FILE)
        records, _ = records_after(folder / TRIALS, 0)
        complete = [record for record in records if record.state == COMPLETE]
        tried = tuple(np.load(scores_path(folder, record), allow_pickle=False) for record in complete)
        if manifest["chosen"] is None or any(len(scores) != len(truth) for scores in (*tried, folds)):
            return None
        tried[manifest["chosen"]]
        fitted = _fitted(Winner.from_json(manifest["winner"]))
    except (*_DAMAGED, OSError):
        return None
    return Evidence(truth, tried, manifest["chosen"], folds, groups, len(records), fitted)


def trials_in(folder: Path) -> pd.DataFrame:
    """The trials of a study, a row each, from its folder; no row where there is none."""
    records, _ = records_after(folder / TRIALS, 0)
    return pd.DataFrame([_row(record) for record in records], columns=list(_ROW))


def importances_in(folder: Path) -> pd.DataFrame:
    """Which settings of a study mattered, from its folder; see `themetagger.search.importance`."""
    from themetagger.search.importance import importances

    return importances(records_after(folder / TRIALS, 0)[0])


_ROW = (
    *("number", "state", "family", "view", "value", "average_precision", "early_average_precision"),
    *("level", "seconds", "parameters", "error"),
)


def _row(record: Record) -> dict[str, Any]:
    told = record.told or {}
    row: dict[str, Any] = {name: told.get(name) for name in ("family", "view")}
    row |= {"average_precision": told.get("average_precision", math.nan), "early_average_precision": record.early}
    row |= {name: getattr(record, name) for name in ("number", "state", "level", "error")}
    row["family"] = (row["family"] or record.family).split(" + ")[0]
    row["value"] = math.nan if record.value is None else record.value
    return row | {"seconds": record.ended - record.begun, "parameters": dict(record.params)}
