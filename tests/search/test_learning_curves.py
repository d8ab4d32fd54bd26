"""Curves of many themes: the same for any number of workers, kept one by one, and made anew when they are of old."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from themetagger._utils.console import Stopped
from themetagger.models.families.first_trials import PLATEAU
from themetagger.search import learning_curves as module
from themetagger.search.learning_curve import Subject
from themetagger.search.learning_curves import chunks, learning_curves
from themetagger.search.space import Configuration
from themetagger.search.workers.executor import SequentialExecutor, WorkerDied
from themetagger.selection.objectives import PrecisionFirst, promise_of

pytestmark = pytest.mark.slow

OBJECTIVE = PrecisionFirst()
SHARES = (0.5, 1.0)
RIDGE = Configuration("ridge", {"alpha": 1.0, "class_weight": None}, PLATEAU)


@pytest.fixture(scope="module")
def subjects(corpus):
    return [Subject(t, corpus.column(t), RIDGE, OBJECTIVE, promise_of(OBJECTIVE), 0) for t in corpus.themes]


@pytest.fixture
def call(subjects, counts, folds, corpus, tmp_path):
    """The curves of some subjects, kept in a folder, and how often something was counted."""
    counted = []

    def count():
        counted.append(1)
        return counts

    def call(some=subjects, **settings):
        folders = {subject.theme: tmp_path / subject.theme for subject in some}
        settings = {"shares": SHARES, "n_jobs": 1, "folders": folders} | settings
        return learning_curves(some, count, folds, corpus.groups, **settings)

    call.counted = counted
    call.folder = tmp_path
    return call


def same(one, other):
    return list(one) == list(other) and all(one[theme].equals(other[theme]) for theme in one)


def test_two_workers_find_what_one_does_in_the_order_asked(call, subjects):
    one = call(folders=None)
    assert list(one) == [subject.theme for subject in subjects]
    assert same(one, call(folders=None, n_jobs=2))


def test_a_second_call_reads_what_the_first_one_kept(call):
    told = []
    one = call()
    assert same(one, call(progress=lambda *done: told.append(done)))
    assert len(call.counted) == 1
    assert told == [(4, 4)]
    for curve in one.values():
        assert str(curve["labels"].dtype) == "Int64"


def test_what_was_done_before_it_was_stopped_is_kept(call, monkeypatch):
    monkeypatch.setattr(module, "TOGETHER", 1)

    def stop(done, themes):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(Stopped, match="2 of 4 learning curves"):
        call(progress=stop)
    assert len(list(call.folder.glob("*/learning_curve.csv"))) == 2
    told = []
    assert same(call(progress=lambda done, themes: told.append(done)), call(folders=None))
    assert told == [2, 3, 4]


CHANGES = {
    "parameters": {"configuration": replace(RIDGE, params={"alpha": 3.0, "class_weight": None})},
    "objective": {"objective": PrecisionFirst(recall_floor=0.7)},
    "seed": {"seed": 1},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_curve_of_another_configuration_is_made_anew(call, subjects, change):
    one = call(subjects[:1])
    other = call([replace(subjects[0], **change)])
    assert len(call.counted) == 2
    assert not same(one, other)


def test_a_curve_of_other_labels_is_made_anew(call, subjects):
    call(subjects[:1])
    call([replace(subjects[0], y=np.roll(subjects[0].y, 1))])
    call([replace(subjects[0], y=np.roll(subjects[0].y, 1))], shares=(0.25, 1.0))
    assert len(call.counted) == 3


DAMAGE = {"empty": b"", "short": b"labels\n1\n", "bytes": b"\xff\xfe", "no row": b"made_from\n"}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_made_anew(call, subjects, damage):
    one = call(subjects[:1])
    (path,) = call.folder.glob("*/learning_curve.csv")
    path.write_bytes(damage)
    assert same(one, call(subjects[:1]))
    assert len(call.counted) == 2


def test_a_worker_that_dies_is_told_and_the_rest_kept(call, monkeypatch):
    class Dying(SequentialExecutor):
        def submit_all(self, jobs, *, workers=None):
            yield next(iter(jobs))(self)
            raise WorkerDied

    monkeypatch.setattr(module, "TOGETHER", 1)
    with pytest.raises(ChildProcessError, match=r"fewer jobs \(1 of 4 learning curves done\)"):
        call(executor=Dying())
    assert len(list(call.folder.glob("*/learning_curve.csv"))) == 1


def test_themes_of_one_view_are_done_together(subjects):
    words = replace(RIDGE, view=replace(PLATEAU, view="words"))
    mixed = [replace(subject, configuration=words) if i % 2 else subject for i, subject in enumerate(subjects)]
    parts = [{subject.configuration.view.name for subject in part} for part in chunks(mixed, 1)]
    assert sorted(map(sorted, parts)) == [["words"], ["words+chars"]]
    assert [len(part) for part in chunks(subjects * 10, 1)] == [8] * 5
