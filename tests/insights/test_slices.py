"""Slices: who is served worse, counted by hand, and how often that is said where all are served alike."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from themetagger.insights.proportions import compared, wilson
from themetagger.insights.slices import ALL, ALPHA, COLUMNS, slices, slices_out_of_fold
from themetagger.selection.confusion import Confusion
from themetagger.selection.evidence import Evidence
from themetagger.selection.theme_result import ThemeResult


def made(n: int, *, worse: float, seed: int = 0, themes: int = 3) -> tuple[np.ndarray, np.ndarray, pd.Categorical]:
    """Truth and tags at a recall of .8 and a fallout of .05; in the value "b" theme 0 has the recall ``worse``."""
    draw = np.random.default_rng(seed)
    truth, value = draw.random((n, themes)) < 0.3, draw.choice(["a", "b", "c"], n)
    recall = np.full((n, themes), 0.8)
    recall[value == "b", 0] = worse
    return truth, draw.random((n, themes)) < np.where(truth, recall, 0.05), pd.Categorical(value)


def test_figures_are_those_counted_by_hand():
    truth = np.array([[1, 0], [1, 1], [0, 0], [1, 0], [0, 1], [1, 1]])
    tags = np.array([[1, 0], [0, 1], [1, 0], [1, 1], [0, 1], [0, 0]])
    found = slices(truth, tags, pd.Categorical(list("xxxyyy")), themes=["pay", "staff"], column="Site")
    assert tuple(found.columns) == COLUMNS
    assert found["theme"].tolist() == [ALL, "pay", "staff"] * 2
    assert found[["texts", "positives", "flagged", "hits"]].to_numpy().tolist() == [
        *([3, 3, 3, 2], [3, 2, 2, 1], [3, 1, 1, 1]),
        *([3, 4, 3, 2], [3, 2, 1, 1], [3, 2, 2, 1]),
    ]
    pay = found.iloc[1]
    assert (pay["precision"], pay["recall"], pay["precision_rest"], pay["recall_rest"]) == (0.5, 0.5, 1.0, 0.5)
    assert (pay["recall_low"], pay["recall_high"]) == wilson(1, 2)
    assert found[["column", "value"]].drop_duplicates().to_numpy().tolist() == [["Site", "x"], ["Site", "y"]]


def test_a_slice_served_worse_is_named_with_its_figures_and_no_other():
    found = slices(*made(1500, worse=0.4), themes=["pay", "staff", "food"])
    remarked = found[found["remark"] != ""]
    assert remarked[["value", "theme"]].to_numpy().tolist() == [["b", ALL], ["b", "pay"]]
    row = remarked.iloc[1]
    assert row["remark"] == (
        f"recall {row['recall']:.2f} ({row['recall_low']:.2f}-{row['recall_high']:.2f}) "
        f"against {row['recall_rest']:.2f} elsewhere"
    )
    assert abs(row["recall"] - 0.4) < 0.1


def test_a_slice_served_better_gets_no_remark():
    found = slices(*made(1500, worse=1.0), themes=["pay", "staff", "food"])
    row = found[(found["value"] == "b") & (found["theme"] == "pay")].iloc[0]
    assert row["recall_p"] < ALPHA
    assert row["remark"] == ""


def test_p_values_are_fisher_s_adjusted_for_all_tests_of_themes():
    truth, tags, values = made(300, worse=0.3)
    found = slices(truth, tags, values, themes=["pay", "staff", "food"])
    here = np.asarray(values) == "b"
    hits, having = (truth & tags)[:, 0], truth[:, 0]
    plain = compared(hits[here].sum(), having[here].sum(), hits[~here].sum(), having[~here].sum())
    row = found[(found["value"] == "b") & (found["theme"] == "pay")].iloc[0]
    assert row["recall_p"] == pytest.approx(min(1, plain * 18))  # 3 themes, 3 values, 2 measures; it is the smallest
    assert plain < 0.01


@pytest.mark.slow
def test_where_all_are_served_alike_a_remark_is_rare():
    false = 0
    for seed in range(30):
        remarks = slices(*made(400, worse=0.8, seed=seed), themes=["pay", "staff", "food"])["remark"]
        false += bool((remarks != "").any())
    assert false <= 6  # two families at .05; more than 6 of 30 would have a probability of .3 % at most


@pytest.mark.slow
def test_tags_of_one_text_that_err_together_do_not_feign_a_difference():
    draw, false = np.random.default_rng(0), 0
    for _ in range(30):
        truth = np.ones((120, 8), dtype=bool)
        tags = np.repeat(draw.random((120, 1)) < 0.6, 8, axis=1)
        found = slices(truth, tags, pd.Categorical(["a"] * 60 + ["b"] * 60), themes=list("abcdefgh"))
        false += bool((found.loc[found["theme"] == ALL, "remark"] != "").any())
    assert false <= 5


def false_alarms(few: int, *, runs: int = 60, tags: int = 4, right: float) -> float:
    """How often a slice of a few texts is said to differ whose tags are right as often, all or none of a text."""
    draw, values, false = np.random.default_rng(few), pd.Categorical(["few"] * few + ["rest"] * 60), 0
    for _ in range(runs):
        truth = np.ones((few + 60, tags), dtype=bool)
        given = np.repeat(draw.random((few + 60, 1)) < right, tags, axis=1)
        found = slices(truth, given, values, themes=list("abcd"))
        false += bool((found.loc[found["theme"] == ALL, "recall_p"] < ALPHA).any())
    return false / runs


@pytest.mark.slow
@pytest.mark.parametrize(("few", "right"), [(4, 0.6), (6, 0.7)])
def test_a_few_texts_of_many_tags_raise_no_more_alarms_than_promised(few, right):
    assert false_alarms(few, right=right) <= 0.1  # more than 6 of 60 would have a probability of 3 % at .05


def test_texts_are_compared_from_five_on_however_many_tags_they_have():
    def told(few: int) -> bool:
        truth = np.ones((few + 60, 6), dtype=bool)
        found = slices(truth, truth, pd.Categorical(["few"] * few + ["rest"] * 60), themes=list("abcdef"))
        return bool(found.loc[found["theme"] == ALL, "recall_p"].notna().all())

    assert [told(few) for few in (4, 5)] == [False, True]


def test_of_copies_one_counts():
    truth, tags, values = made(100, worse=0.8)
    twice = [np.concatenate([part, part]) for part in (truth, tags)]
    again = pd.Categorical([*values, *values])
    found = slices(*twice, again, themes=["pay", "staff", "food"], groups=np.tile(np.arange(100), 2))
    pd.testing.assert_frame_equal(found, slices(truth, tags, values, themes=["pay", "staff", "food"]))


def test_little_is_not_compared_and_nothing_has_no_figures():
    truth = np.array([[1]] * 4 + [[0]] * 2 + [[1]] * 50)
    tags = np.array([[0]] * 6 + [[1]] * 50)
    found = slices(truth, tags, pd.Categorical(["few"] * 4 + ["none"] * 2 + ["rest"] * 50), themes=["pay"])
    few, none = (found[(found["value"] == value) & (found["theme"] == "pay")].iloc[0] for value in ("few", "none"))
    assert few["recall"] == 0
    assert math.isnan(few["recall_p"])
    assert math.isnan(few["precision"])
    assert math.isnan(none["recall"])
    assert math.isnan(none["recall_low"])
    assert not (found["remark"] != "").any()


def test_out_of_fold_decisions_are_the_chosen_scores_at_the_deployed_cut():
    truth = np.array([1, 1, 0, 0], dtype=np.uint8)
    tried = (np.zeros(4), np.array([0.5, 0.1, 0.6, 0.2]))
    evidence = Evidence(truth, tried, 1, folds=np.arange(4) % 2, groups=np.arange(4), choices=2)
    theme_results = [
        ThemeResult("pay", "BEST_EFFORT", family="ridge", view="words", threshold=0.5, counts=Confusion(1, 1, 1, 1)),
        ThemeResult.skipped("food", "3 positives, needs 30"),
    ]
    values = pd.Categorical(["a", "a", "b", "b"])
    found = slices_out_of_fold(theme_results, {"pay": evidence}, values, column="Site")
    rows = found[found["theme"] == "pay"]
    assert rows[["value", "positives", "flagged", "hits"]].to_numpy().tolist() == [["a", 2, 1, 1], ["b", 0, 1, 0]]
    assert len(slices_out_of_fold(theme_results[1:], {}, values)) == 2  # the pooled rows, of nothing
