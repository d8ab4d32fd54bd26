"""The tagger of a run is whole when it is made: measured figures make another one of the same models."""

from __future__ import annotations

import pytest
from toys import SMALL, toy

from themetagger.corpus import corpus_from_frame
from themetagger.runs.build import measure
from themetagger.runs.data import DataSplit, read_tables, split_tables
from themetagger.runs.plan import Plan
from themetagger.runs.tasks import plan_tasks
from themetagger.runs.tune import tune
from themetagger.tagger.evaluation import evaluate


@pytest.fixture(scope="module")
def tagger():
    """One that nothing was measured of."""
    return tune(toy(), **SMALL).tagger


def test_a_tagger_has_what_to_expect_of_new_texts(tagger):
    assert tagger.unknown_words is not None
    assert tagger.held_out is None


def test_to_measure_changes_neither_models_nor_the_tagger_itself(tagger):
    plan = Plan(toy(), **SMALL)
    tasks = plan_tasks(plan, split_tables(plan, read_tables(plan)))
    train, test = corpus_from_frame(toy()), corpus_from_frame(toy(30, seed=1))
    assert measure(tagger, DataSplit(train), tasks, []) is tagger
    measured = measure(tagger, DataSplit(train, test), tasks, [])
    assert (tagger.held_out, measured.held_out) == (None, evaluate(tagger, test))
    assert measured.members == tagger.members
    assert measured.theme_results == tagger.theme_results
    assert measured.unknown_words is tagger.unknown_words
    texts = list(test.texts)
    assert measured.scores(texts).tobytes() == tagger.scores(texts).tobytes()
