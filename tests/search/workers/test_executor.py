"""What the search asks of an executor; and that a whole search gives the same results on any of them."""

from __future__ import annotations

import pickle
import random
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from jobs import fails, scaled

from themetagger.models.families.first_trials import PLATEAU
from themetagger.search.learning_curve import Subject
from themetagger.search.learning_curves import learning_curves
from themetagger.search.one_vs_rest import search_themes
from themetagger.search.settings import StudySettings
from themetagger.search.space import Configuration
from themetagger.search.workers.executor import SequentialExecutor
from themetagger.search.workers.loky import LokyExecutor, executor_of
from themetagger.search.workers.shared_data import Task
from themetagger.selection.objectives import PrecisionFirst, promise_of


@dataclass(frozen=True)
class FileHandle:
    """A handle that carries the name of a file."""

    path: Path

    @property
    def key(self):
        return str(self.path)

    def get(self):
        return pickle.loads(self.path.read_bytes())


class ShuffledExecutor:
    """Written for these tests: jobs run in any order, and all that goes in and out of them is copied."""

    n_workers = 3

    def __init__(self, folder):
        self.folder, self.figures, self.at_work = folder, {}, False

    @contextmanager
    def session(self, lock=None):
        self.at_work = True
        yield
        self.at_work = False

    def share(self, value):
        assert self.at_work
        path = self.folder / f"shared-{len(list(self.folder.iterdir()))}"
        path.write_bytes(pickle.dumps(value))
        return FileHandle(path)

    def submit_all(self, jobs, *, workers=None):
        assert self.at_work
        sent = [pickle.dumps(job) for job in jobs]
        random.Random(1).shuffle(sent)
        for job in sent:
            yield pickle.loads(pickle.dumps(pickle.loads(job)(self)))

    def report(self, row, figures):
        self.figures[row] = figures

    def reports(self):
        return self.figures


EXECUTORS = {
    "sequential": lambda folder: SequentialExecutor(),
    "loky": lambda folder: LokyExecutor(2),
    "shuffled": ShuffledExecutor,
}


@pytest.fixture(params=EXECUTORS.values(), ids=EXECUTORS)
def executor(request, tmp_path):
    return request.param(tmp_path)


@pytest.mark.slow
def test_jobs_see_what_is_shared_and_their_reports_arrive(executor):
    with executor.session():
        shared = executor.share({"numbers": np.arange(200_000.0)})  # so large that joblib puts it on the disk
        results = sorted(executor.submit_all(partial(scaled, shared, i) for i in range(5)))
        assert [(i, total) for i, total, _ in results] == [(i, 19999900000.0 * i) for i in range(5)]
        assert {key for *_, key in results} == {shared.key}
        assert dict(executor.reports()) == {i: (1.0, float(i), 0.5, 0.25) for i in range(5)}
        executor.report(2, (2.0, 0.0, 0.0, 0.0))
        assert executor.reports()[2] == (2.0, 0.0, 0.0, 0.0)
        assert len({shared.key, executor.share(1).key}) == 2


@pytest.mark.slow
def test_what_a_job_raises_is_raised_and_no_job_gives_no_result(executor):
    with executor.session():
        assert list(executor.submit_all([])) == []
        with pytest.raises(ZeroDivisionError, match="no room"):
            list(executor.submit_all([fails]))


def test_a_job_is_taken_when_a_worker_is_free_for_it():
    executor, taken = SequentialExecutor(), []
    jobs = (taken.append(i) or (lambda reporter: None) for i in range(3))
    with executor.session():
        results = executor.submit_all(jobs)
        next(results)
        assert taken == [0]


def test_one_job_runs_in_this_process_and_more_in_others():
    assert isinstance(executor_of(1), SequentialExecutor)
    assert isinstance(executor_of(2), LokyExecutor)
    assert executor_of(3).n_workers == 3


@pytest.fixture(scope="module")
def tasks(corpus):
    settings = StudySettings(PrecisionFirst(), ("ridge", "sparse_svm", "naive_bayes_complement"), trials=3)
    return [Task(theme, corpus.column(theme), settings) for theme in corpus.themes]


@pytest.fixture(scope="module")
def expected(tasks, counts, folds):
    return search_themes(tasks, counts, folds, n_jobs=1, show_progress=False)


def _rows(results):
    return [replace(result.theme_result, seconds=0.0) for result in results]


@pytest.mark.slow
def test_a_whole_search_gives_the_same_on_any_executor(executor, tasks, expected, counts, folds):
    results = search_themes(tasks, counts, folds, executor=executor, show_progress=False)
    assert repr(_rows(results)) == repr(_rows(expected))
    for one, other in zip(results, expected, strict=True):
        np.testing.assert_array_equal(one.evidence.scores, other.evidence.scores)
        for a, b in zip(one.members, other.members, strict=True):
            np.testing.assert_array_equal(a.model.scorer.weights, b.model.scorer.weights)


@pytest.mark.slow
def test_learning_curves_are_the_same_on_any_executor(executor, corpus, counts, folds):
    configuration = Configuration("ridge", {"alpha": 1.0, "class_weight": None}, PLATEAU)
    objective = PrecisionFirst()
    subjects = [
        Subject(theme, corpus.column(theme), configuration, objective, promise_of(objective), 0)
        for theme in corpus.themes[:2]
    ]
    curves, expected = (
        learning_curves(subjects, lambda: counts, folds, corpus.groups, shares=(0.5, 1.0), executor=one)
        for one in (executor, SequentialExecutor())
    )
    assert list(curves) == list(expected)
    assert all(curves[theme].equals(expected[theme]) for theme in curves)
