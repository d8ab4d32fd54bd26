"""What a finished study leaves comes back as it was, and what is damaged or of other trials does not."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from themetagger._utils.run_paths import ThemePaths
from themetagger.models.ensemble import reduced_rows
from themetagger.models.scorers import TreeScorer, scores
from themetagger.models.scorers.trees import NODE_ARRAYS
from themetagger.models.storage.container import read_bundle, write_bundle
from themetagger.search.settings import StudySettings
from themetagger.search.storage.finished_study import evidence_in, load_study, save_study
from themetagger.search.study import study_theme
from themetagger.search.workers.shared_data import SharedData, Task
from themetagger.selection.calibration import fit_calibration
from themetagger.selection.objectives import PrecisionFirst

pytestmark = pytest.mark.slow


FAMILIES = [("ridge", "sparse_svm"), ("kernel_svm",), ("random_forest",), ("lightgbm",)]


@pytest.fixture(scope="module", params=FAMILIES, ids="+".join)
def made(request, corpus, counts, features, tmp_path_factory):
    """A study that is on the disk, its task and ground; made once."""
    settings = StudySettings(PrecisionFirst(), request.param, trials=2)
    task = Task("pay", corpus.column("pay"), settings, folder=tmp_path_factory.mktemp("made") / "pay")
    groups = np.arange(len(task.y))
    studied = study_theme("pay", task.y, features, settings, groups=groups, folder=task.folder)
    save_study(task.folder, studied, task.settings.allowed_trials)
    return studied, task, SharedData(counts, features.folds, groups)


@pytest.fixture
def kept(made, tmp_path):
    """The same, in a folder of the test's own."""
    studied, task, shared_data = made
    copied = shutil.copytree(task.folder, tmp_path / "pay")
    return studied, replace(task, folder=copied), shared_data


def test_it_comes_back_as_it_was(kept, features):
    studied, task, shared_data = kept
    found = load_study(task, shared_data)
    assert found.theme_result == studied.theme_result
    assert [(m.view, m.fold, m.weight) for m in found.members] == [(m.view, m.fold, m.weight) for m in studied.members]
    for one, other in zip(found.members, studied.members, strict=True):
        if one.fold is not None:
            rows = features.fold(one.view, one.fold).valid
            before, now = (scores(m.model.scorer, reduced_rows(rows, m.model.reduction)) for m in (other, one))
            assert before.tobytes() == now.tobytes()
        elif isinstance(one.model.scorer, TreeScorer):  # the digits of merged trees
            arrays = [[getattr(m.model.scorer, name) for name in NODE_ARRAYS] for m in (one, other)]
            assert all(map(np.array_equal, *arrays))
            assert np.array_equal(one.model.reduction, other.model.reduction)
        else:  # and of merged weights
            assert one.model.scorer.weights.tobytes() == other.model.scorer.weights.tobytes()
            assert one.model.scorer.weights.dtype == other.model.scorer.weights.dtype
    assert all(map(np.array_equal, found.evidence.tried, studied.evidence.tried))
    assert (found.evidence.chosen, found.evidence.choices) == (studied.evidence.chosen, studied.evidence.choices)
    assert found.evidence.folds is shared_data.folds
    assert found.evidence.fitted == studied.evidence.fitted == found.theme_result.calibration


def _cut(path):
    path.write_bytes(path.read_bytes()[:-5])


def _flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _without_trials(path):
    (path.parent / "trials.jsonl").write_bytes(b"")


@pytest.mark.parametrize("damage", [_cut, _flip, _without_trials, Path.unlink])
def test_what_is_damaged_is_not_taken(kept, damage):
    _, task, shared_data = kept
    damage(ThemePaths(task.folder).finished_study)
    assert load_study(task, shared_data) is None


def test_what_was_allowed_other_trials_is_not_taken(kept):
    _, task, shared_data = kept
    assert load_study(replace(task, settings=replace(task.settings, trials=3)), shared_data) is None
    assert load_study(replace(task, settings=replace(task.settings, earlier_trials=(2,))), shared_data) is None
    assert load_study(replace(task, theme="food"), shared_data) is None
    assert load_study(replace(task, folder=None), shared_data) is None


def test_a_study_that_found_nothing_good_enough_has_no_calibration(corpus, counts, features, tmp_path):
    settings = StudySettings(PrecisionFirst(), ("ridge",), trials=2, minimum_quality=1.0)
    task, groups = Task("pay", corpus.column("pay"), settings, folder=tmp_path / "pay"), np.arange(200)
    studied = study_theme("pay", task.y, features, settings, groups=groups, folder=task.folder)
    save_study(task.folder, studied, task.settings.allowed_trials)
    before = load_study(task, SharedData(counts, features.folds, groups)).evidence
    known = evidence_in(task.folder, task.y, features.folds, groups)
    for found in (studied.evidence, before, known):
        assert found.fitted is None
        assert found.calibration == fit_calibration(found.truth, found.scores)


@pytest.mark.parametrize("wrong", [[1.0, None], ["inf", 0.0], [-1.0, 0.0]])
def test_a_calibration_that_cannot_be_one_is_fitted_again(kept, wrong):
    studied, task, shared_data = kept
    manifest, arrays = read_bundle(ThemePaths(task.folder).finished_study)
    manifest["winner"]["calibration"] = wrong
    write_bundle(ThemePaths(task.folder).finished_study, manifest, arrays)
    found = evidence_in(task.folder, task.y, shared_data.folds, shared_data.groups)
    assert found.calibration == studied.theme_result.calibration
