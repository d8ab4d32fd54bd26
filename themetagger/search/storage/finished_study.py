"""What a finished study leaves on disk: the winner, its models, and what the choice rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from themetagger._utils.faces import option
from themetagger._utils.json_shapes import either, exactly, number, whole
from themetagger._utils.own_files import check_own
from themetagger._utils.run_paths import ThemePaths
from themetagger.features import View, view_of
from themetagger.models.ensemble import EnsembleMember
from themetagger.models.storage.container import read_bundle, write_bundle
from themetagger.models.storage.model_arrays import Store, pack_model, unpack_model
from themetagger.search.space import companion_configuration, configuration_of
from themetagger.search.storage.trial_log import COMPLETE, Record, TrialLog, TrialLogError, records_after, scores_at
from themetagger.search.study_result import StudyResult
from themetagger.search.workers.shared_data import SharedData, Task
from themetagger.selection.evidence import Evidence
from themetagger.selection.theme_result import ThemeResult

Labels = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
_DAMAGED = (OSError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, MemoryError, RecursionError)


def save_study(folder: Path | None, result: StudyResult, allowed: Sequence[int]) -> None:
    """Write the result of a study to the folder of its theme, where it has one.

    Parameters
    ----------
    folder : of the theme; None keeps nothing
    result : of the study
    allowed : the numbers of trials that each call so far allowed

    Raises
    ------
    TrialLogError
        If that is not possible.
    """
    if folder is None:
        return
    store, evidence = Store(), result.evidence
    manifest = {
        "allowed": list(allowed),
        "chosen": None if evidence is None else evidence.chosen,
        "winner": result.theme_result.to_json(),
        "members": [_entry(member, store) for member in result.members],
    }
    try:
        write_bundle(ThemePaths(folder).finished_study, manifest, store.arrays)
    except OSError as error:
        raise TrialLogError(
            f"{folder}: cannot be written ({error}); remove the cause, and go on with {option('resume', True)}. "
            "Its trials are kept."
        ) from error


def _entry(member: EnsembleMember, store: Store) -> dict[str, Any]:
    place = {"view": member.view.to_json(), "fold": member.fold, "weight": member.weight}
    return place | {"width": member.model.width, **pack_model(member.model, store, exact=True)}


def load_study(task: Task, shared_data: SharedData) -> StudyResult | None:
    """The result of a finished study of this task; None where there is none, or one that was allowed other trials."""
    if task.folder is None or not (path := ThemePaths(task.folder).finished_study).is_file():
        return None
    try:
        check_own(path)
        manifest, arrays = read_bundle(path)
        if manifest["allowed"] != list(task.settings.allowed_trials):
            return None
        theme_result, views = _winner(task, manifest["winner"])
        widths = {source: known.matrix.shape[1] for source, known in shared_data.inputs.items()}
        members = tuple(_member(entry, arrays, widths) for entry in manifest["members"])
        places = {(member.view, member.fold) for member in members}
        n_folds = int(shared_data.folds.max(initial=-1)) + 1
        if bool(members) != theme_result.assigned or not places <= {
            (view, fold) for view in views for fold in (None, *range(n_folds))
        }:
            raise ValueError("the winner and its models do not fit")
        evidence = (
            None if manifest["chosen"] is None else _evidence(task, shared_data, theme_result, manifest["chosen"])
        )
    except _DAMAGED:
        return None  # its trials are on the disk, so that little is done again
    return StudyResult(theme_result, members, evidence)


def _winner(task: Task, entry: Any) -> tuple[ThemeResult, list[View]]:
    """What the study of this task decided, and what its models see; a ValueError where no study decides that."""
    theme_result = ThemeResult.from_json(entry)
    if theme_result.theme != task.theme:
        raise ValueError("it is of another theme")
    views: list[View] = []
    if theme_result.assigned:
        found = configuration_of(theme_result.family, theme_result.params, theme_result.feature_settings)
        views = [found.view] + ([] if found.companion is None else [companion_configuration(found.companion).view])
        if not np.isfinite([theme_result.threshold, *theme_result.calibration]).all():
            raise ValueError("threshold or calibration is not finite")
    return theme_result, views


def _member(entry: Mapping[str, Any], arrays: Mapping[str, Any], widths: Mapping[str, int]) -> EnsembleMember:
    """A model of a finished study; a ValueError where it cannot be one on texts with so many columns a source."""
    view = view_of(entry["view"] if "view" in entry else entry["recipe"])  # its name in older files
    whole(0, sum(widths[source] for source in view.sources))(entry["width"], "width")
    fold = either("a fold or null", whole(), exactly(None))(entry["fold"], "fold")
    weight = number()(entry["weight"], "weight")
    return EnsembleMember(view, fold, unpack_model(entry, arrays, entry["width"], exact=True), weight)


def _evidence(task: Task, shared_data: SharedData, theme_result: ThemeResult, chosen: int) -> Evidence:
    trial_log = TrialLog(task.folder, len(task.y))
    tried = tuple(trial_log.scores(record) for record in trial_log.records if record.state == COMPLETE)
    whole(0, len(tried) - 1)(chosen, "chosen")  # fails where trials are missing
    return Evidence(
        task.y, tried, chosen, shared_data.folds, shared_data.groups, len(trial_log.records), _fitted(theme_result)
    )


def _fitted(theme_result: ThemeResult) -> tuple[float, float] | None:
    """The calibration of a study; None where no model was good enough to get one, or it cannot be one."""
    slope, intercept = theme_result.calibration
    return theme_result.calibration if math.isfinite(intercept) and 0 < slope < math.inf else None


def evidence_in(folder: Path, truth: Labels, folds: Ints, groups: Ints) -> Evidence | None:
    """What the choice of a finished study rests on, from its folder; None where that is missing or damaged."""
    paths = ThemePaths(folder)
    try:
        check_own(paths.finished_study)
        manifest, _ = read_bundle(paths.finished_study)
        records, _ = records_after(paths.trials, 0)
        complete = [record for record in records if record.state == COMPLETE]
        read = [scores_at(paths.scores_of(record.number), record, len(truth)) for record in complete]
        tried = tuple(scores for scores in read if scores is not None)
        if manifest["chosen"] is None or len(tried) < len(read) or len(folds) != len(truth):
            return None
        whole(0, len(tried) - 1)(manifest["chosen"], "chosen")
        fitted = _fitted(ThemeResult.from_json(manifest["winner"]))
    except _DAMAGED:
        return None
    return Evidence(truth, tried, manifest["chosen"], folds, groups, len(records), fitted)


def trials_in(folder: Path) -> pd.DataFrame:
    """The trials of a study, one row each, from its folder; no rows where it has none."""
    records, _ = records_after(ThemePaths(folder).trials, 0)
    return pd.DataFrame([_row(record) for record in records], columns=list(_ROW))


def importances_in(folder: Path) -> pd.DataFrame:
    """Which settings of a study mattered, from its folder; see `themetagger.search.importance`."""
    from themetagger.search.importance import importances

    return importances(records_after(ThemePaths(folder).trials, 0)[0])


_ROW = (
    *("number", "state", "family", "view", "value", "average_precision", "early_average_precision"),
    *("level", "seconds", "parameters", "error"),
)


def _row(record: Record) -> dict[str, Any]:
    summary = record.summary or {}
    row: dict[str, Any] = {name: summary.get(name) for name in ("family", "view")}
    row |= {"average_precision": summary.get("average_precision", math.nan), "early_average_precision": record.early}
    row |= {name: getattr(record, name) for name in ("number", "state", "level", "error")}
    row["family"] = row["family"] or record.family
    row["value"] = math.nan if record.value is None else record.value
    return row | {"seconds": record.ended - record.begun, "parameters": dict(record.params)}
