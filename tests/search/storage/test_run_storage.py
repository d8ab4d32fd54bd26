"""A run keeps everything in its folder, or nothing: the same operations, without a question in between."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from themetagger._utils.event_log import Log
from themetagger._utils.run_paths import RunPaths
from themetagger.search.settings import StudySettings, WarmStart
from themetagger.search.storage.database import Database, DatabaseError, sqlite_url
from themetagger.search.storage.run_storage import FolderStorage, RunStorage
from themetagger.search.storage.split import Split
from themetagger.search.storage.trial_log import Record, TrialLog
from themetagger.search.workers.shared_data import SharedData, Task
from themetagger.selection.objectives import PrecisionFirst

SETTINGS = StudySettings(PrecisionFirst(), trials=2)
TASKS = [Task(theme, np.array([0, 1, 0], dtype=np.uint8), SETTINGS) for theme in ("pay", "food")]
RECORD = Record(0, "PRUNED", None, {}, {}, None, 1, 1.0, 2.0)
NOTHING = SharedData({}, np.zeros(3, dtype=np.int64), np.arange(3))


@pytest.fixture
def storage(tmp_path):
    """One in a folder that an earlier call has allowed a theme four trials."""
    paths = RunPaths(tmp_path)
    made = FolderStorage(paths, Database(sqlite_url(paths.database)), Log(paths.log), {"pay": (4,), "food": ()}.get)
    yield made
    made.close()


def test_the_two_have_the_same_operations():
    assert {name for name in vars(FolderStorage) if name[0] != "_"} <= set(vars(RunStorage))


def test_without_a_folder_nothing_is_kept_and_nothing_is_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    none = RunStorage()
    assert [none.adopt(task) for task in TASKS] == TASKS
    assert (none.paths, none.workers_lock, none.not_copied) == (None, None, "")
    none.keep_warm_start(TASKS)
    none.keep_split(Split(np.zeros(3, dtype=np.int64)))
    with none.copying(TASKS):
        none.read_new_trials()
    assert (none.n_trials(TASKS[0]), none.warm_start(TASKS), none.finished_study(TASKS[0], NOTHING)) == (0, None, None)
    assert none.kept(0) == "nothing kept, as there is no run folder"
    none.close()
    assert not list(tmp_path.iterdir())


def test_a_task_gets_its_folder_and_what_earlier_calls_allowed_it(storage):
    pay, food = map(storage.adopt, TASKS)
    assert (pay.folder, pay.settings.allowed_trials) == (storage.paths.theme("pay").folder, (4, 2))
    assert food.settings.allowed_trials == (2,)


def test_trials_are_counted_logged_and_copied(storage):
    pay, food = map(storage.adopt, TASKS)
    with storage.copying([pay, food]):
        TrialLog(pay.folder, 3).add(RECORD, None)
        storage.read_new_trials()
        events = [json.loads(line) for line in storage.paths.log.read_text().splitlines()]
    assert [(event["event"], event["theme"]) for event in events] == [("trial finished", "pay")]
    assert (storage.n_trials(pay), storage.n_trials(food), storage.not_copied) == (1, 0, "")
    assert storage.kept(1) == f"1 trial kept in {storage.paths.folder}"
    assert storage.kept(2).startswith("2 trials kept in ")


def test_a_database_that_was_lost_is_said_with_what_is_not(storage, monkeypatch):
    def lost(*_):
        raise DatabaseError("it is gone.")

    monkeypatch.setattr(Database, "add", lost)
    (pay,) = map(storage.adopt, TASKS[:1])
    with storage.copying([pay]):
        TrialLog(pay.folder, 3).add(RECORD, None)
    assert storage.not_copied.startswith(
        f"it is gone. Nothing else is lost: all trials are in {storage.paths.folder}, "
    )


def test_a_start_comes_back_to_the_tasks_of_another_call(storage):
    assert storage.warm_start(TASKS) is None
    start = WarmStart(0.4, 2.0)
    storage.keep_warm_start([replace(task, settings=replace(SETTINGS, start=start)) for task in TASKS])
    assert [task.settings.start for task in storage.warm_start(TASKS)] == [start] * 2


@pytest.mark.parametrize("calibration", [True, False])
def test_a_split_comes_back(storage, calibration):
    storage.keep_split(Split(np.array([2, 0, 1]), calibration))
    split = Split.load(storage.paths.split)
    assert (split.folds.tolist(), split.calibration) == ([2, 0, 1], calibration)
    with np.load(storage.paths.split) as arrays:  # the names are those of the files that are there already
        assert sorted(arrays.files) == ["aside", "folds", "sha256"]


@pytest.mark.parametrize("data", [b"", b"nonsense"])
def test_a_damaged_split_is_not_taken(storage, data):
    storage.paths.split.write_bytes(data)
    with pytest.raises((ValueError, EOFError)):
        Split.load(storage.paths.split)
