"""All themes: the same rows for any number of workers, and one theme's trouble stays in its row."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from jobs import Deadly

from themetagger.search import one_vs_rest
from themetagger.search.one_vs_rest import _deadlines, search_themes
from themetagger.search.settings import StudySettings
from themetagger.search.warm_start import with_warm_starts
from themetagger.search.workers.executor import SequentialExecutor, WorkerDied
from themetagger.search.workers.shared_data import Task
from themetagger.selection.objectives import PrecisionFirst

SETTINGS = StudySettings(PrecisionFirst(), ("naive_bayes_complement", "ridge", "random_forest"), trials=4)

HALF = SimpleNamespace(promise=None)  # an objective that cannot judge


def _tasks(corpus, **settings):
    return [Task(theme, corpus.column(theme), replace(SETTINGS, **settings)) for theme in corpus.themes]


def _search(tasks, counts, folds, **settings):
    return search_themes(tasks, counts, folds, **{"n_jobs": 1, "show_progress": False} | settings)


def _rows(studied):
    return [replace(found.theme_result, seconds=0.0) for found in studied]


@pytest.mark.slow
def test_one_worker_and_two_find_the_same(corpus, counts, folds):
    one, two = (_search(_tasks(corpus)[:2], counts, folds, n_jobs=n_jobs) for n_jobs in (1, 2))
    assert _rows(one) == _rows(two)
    assert [row.theme for row in _rows(one)] == list(corpus.themes[:2])
    for a, b in zip(one, two, strict=True):
        assert (a.evidence.scores == b.evidence.scores).all()
        assert b.evidence.folds is folds  # not a copy for each theme
        assert [member.fold for member in a.members] == [member.fold for member in b.members]


class Dying(SequentialExecutor):
    """Its workers die at once; it remembers how many were asked for."""

    n_workers = 3

    def __init__(self):
        super().__init__()
        self.asked = []

    def submit_all(self, jobs, *, workers=None):
        self.asked.append(workers or self.n_workers)
        raise WorkerDied


DIED_TWICE = "its worker process died twice, killed or out of memory; run again with fewer jobs"


def test_workers_that_die_at_once_again_and_again_are_not_begun_for_ever(corpus, counts, folds):
    executor = Dying()
    rows = _rows(_search(_tasks(corpus)[:2], counts, folds, executor=executor))
    assert [(row.status, row.reason) for row in rows] == [("FAILED", DIED_TWICE)] * 2
    assert executor.asked == [3, 3, 3, 1, 1]  # twice for the warm starts, once for all themes, once for each


@pytest.mark.slow
def test_the_order_of_themes_decides_nothing(corpus, counts, folds):
    tasks = _tasks(corpus, families=("ridge",), trials=2)
    assert _rows(_search(tasks[::-1], counts, folds)) == _rows(_search(tasks, counts, folds))[::-1]


@pytest.mark.slow
def test_the_company_of_a_theme_decides_where_it_begins_and_nothing_else(corpus, counts, folds, monkeypatch):
    begun = {}

    def noted(tasks, shared, executor):
        begun.update((task.theme, task) for task in with_warm_starts(tasks, shared, executor))
        return list(begun.values())

    monkeypatch.setattr(one_vs_rest, "with_warm_starts", noted)
    tasks = _tasks(corpus, families=("ridge",), trials=2)
    everyone = _rows(_search(tasks, counts, folds))
    monkeypatch.setattr(one_vs_rest, "with_warm_starts", lambda tasks, *_: [begun[task.theme] for task in tasks])
    assert begun[tasks[2].theme].settings.start is not None
    assert _rows(_search(tasks[2:3], counts, folds)) == everyone[2:3]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"families": ("nonsense",)}, "KeyError: 'nonsense'"),
        ({"objective": HALF}, "every trial failed: 'types.SimpleNamespace' object has no attribute 'met'"),
    ],
    ids=["before a trial", "in every trial"],
)
def test_trouble_with_one_theme_is_its_row(corpus, counts, folds, settings, reason):
    tasks = _tasks(corpus, families=("ridge",), trials=1)
    tasks[1] = replace(tasks[1], settings=replace(tasks[1].settings, **settings))
    rows = _rows(_search(tasks, counts, folds))
    assert [row.status for row in rows].count("FAILED") == 1
    assert (rows[1].reason, rows[1].support) == (reason, int(tasks[1].y.sum()))


def test_settings_hold_for_their_theme_alone(corpus, counts, folds):
    tasks = _tasks(corpus, families=("ridge",), trials=1)
    tasks[0] = replace(tasks[0], settings=replace(SETTINGS, families=("naive_bayes_complement",), trials=2))
    found = [(row.family, row.trials) for row in _rows(_search(tasks, counts, folds))]
    assert found == [("naive_bayes_complement", 2), *[("ridge", 1)] * 3]


@pytest.mark.slow
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_run_cut_by_its_time_budget_says_so_in_every_row(corpus, counts, folds, n_jobs):
    rows = _rows(_search(_tasks(corpus), counts, folds, n_jobs=n_jobs, time_budget=0.0))
    assert [(row.trials, row.stopped, row.budget_cut) for row in rows] == [(1, "time budget", True)] * 4


def test_a_theme_has_a_time_budget_of_its_own(corpus, counts, folds):
    tasks = _tasks(corpus, families=("ridge",), trials=2)
    tasks[3] = replace(tasks[3], time_budget=0.0)
    assert [row.budget_cut for row in _rows(_search(tasks, counts, folds))] == [False, False, False, True]


def test_themes_that_begin_share_what_time_is_left():
    tasks = [Task(name, np.zeros(1, np.uint8), SETTINGS) for name in ("a", "b", "c", "own")]
    tasks[3] = replace(tasks[3], time_budget=2.0)
    shares = [deadline - time.time() for deadline in _deadlines(tasks, 40.0, 2)]
    assert shares == pytest.approx([20.0, 80 / 3, 40.0, 2.0], abs=0.5)  # none takes long: all of it is left


def test_no_theme_gives_no_row(counts, folds):
    assert _search([], counts, folds) == []


@pytest.mark.slow
def test_a_worker_that_dies_costs_rows_but_not_the_run(corpus, counts, folds):
    tasks = _tasks(corpus, families=("ridge",), trials=1)
    tasks[-1] = replace(tasks[-1], settings=replace(tasks[-1].settings, objective=Deadly()))
    rows = _rows(search_themes(tasks, counts, folds, n_jobs=2, show_progress=False))
    assert [row.status for row in rows] == ["BEST_EFFORT", "BEST_EFFORT", "BEST_EFFORT", "FAILED"]
    assert rows[-1].reason == DIED_TWICE
    assert [row.theme for row in rows] == [task.theme for task in tasks]


@pytest.mark.slow
def test_warm_starts_are_paid_from_the_time_budget(corpus, counts, folds, monkeypatch):
    def slow(tasks, shared, executor):
        time.sleep(1.0)
        return list(tasks)

    monkeypatch.setattr("themetagger.search.one_vs_rest.with_warm_starts", slow)
    rows = _rows(_search(_tasks(corpus), counts, folds, time_budget=0.9))
    assert [(row.trials, row.stopped) for row in rows] == [(1, "time budget")] * 4
