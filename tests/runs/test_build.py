"""The tagger of a run is whole when it is made: measured figures make another one of the same models."""

from __future__ import annotations

import pandas as pd
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
    assert measure(tagger, DataSplit(train), tasks, []) == (tagger, ())
    measured, remarks = measure(tagger, DataSplit(train, test), tasks, [])
    assert remarks == ()
    assert (tagger.held_out, measured.held_out) == (None, evaluate(tagger, test))
    assert measured.members == tagger.members
    assert measured.theme_results == tagger.theme_results
    assert measured.unknown_words is tagger.unknown_words
    texts = list(test.texts)
    assert measured.scores(texts).tobytes() == tagger.scores(texts).tobytes()


def test_copies_of_training_texts_do_not_count_and_both_figures_are_told(tagger):
    plan = Plan(toy(), **SMALL)
    tasks = plan_tasks(plan, split_tables(plan, read_tables(plan)))
    train, new = toy(), toy(30, seed=1)
    mixed = corpus_from_frame(pd.concat([train.head(20), new], ignore_index=True))
    data = DataSplit(corpus_from_frame(train), mixed)
    measured, (remark,) = measure(tagger, data, tasks, [])
    assert measured.held_out == evaluate(tagger, mixed.take(~data.copies))
    assert remark.startswith(
        f"{data.copies.sum()} of 50 held-out texts are exact or near duplicates of a training text."
    )
    assert f"of the {50 - data.copies.sum()} new ones only (precision " in remark
    assert "over all 50 they would be precision " in remark
    again = DataSplit(corpus_from_frame(train), corpus_from_frame(train.head(20)))
    measured, (remark,) = measure(tagger, again, tasks, [])
    assert measured.held_out == evaluate(tagger, again.test)
    assert remark == "All 20 held-out texts are copies of training texts, so the held-out figures are too optimistic."
