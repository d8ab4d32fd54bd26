"""True shares: solved rightly, held by their intervals, and not told where they cannot be."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import themetagger.insights.prevalence as module
from themetagger.insights.accuracy import Accuracy, accuracies
from themetagger.insights.prevalence import COLUMNS, P_VALUE, prevalence, together
from themetagger.insights.proportions import compared
from themetagger.selection.confusion import Confusion
from themetagger.selection.theme_result import ThemeResult

GOOD = Accuracy(recall=0.5, fallout=0.02, positives=200, negatives=1800)


def tags(count: int, texts: int) -> np.ndarray:
    return (np.arange(texts) < count)[:, np.newaxis]


def one(count: int, texts: int, accuracy: Accuracy = GOOD, **options: object) -> pd.Series:
    return prevalence(tags(count, texts), {"pay": accuracy}, **options).iloc[0]


@pytest.mark.parametrize(
    ("count", "share"),
    [(0, 0.0), (20, 0.0), (68, 0.1), (260, 0.5), (500, 1.0), (900, 1.0)],
)
def test_the_share_is_solved_and_cut_to_what_can_be(count, share):
    row = one(count, 1000)
    assert row["share"] == pytest.approx(share)
    assert row["count"] == pytest.approx(1000 * share)
    assert 0 <= row["share_low"] <= row["share"] <= row["share_high"] <= 1
    assert 0 <= row["count_low"] <= row["count"] <= row["count_high"] <= 1000
    assert (row["texts"], row["tagged"], row["apparent"]) == (1000, count, count / 1000)


def test_fewer_tags_than_wrong_ones_are_expected_leave_an_interval_of_some_width():
    row = one(0, 24, Accuracy(0.5, 0.09, 100, 1000))
    assert row["share"] == row["share_low"] == 0
    assert 0.1 < row["share_high"] < 0.5


def test_few_tags_tell_of_wrong_ones_too():
    row = one(20, 1000, Accuracy(0.5, 0.1, 100, 20))  # 2 of 20 were wrong, and here at most 20 of 1000
    assert 0.03 < row["share_high"] < 0.05  # all of them may be right, and as many again missed


def test_very_texts_are_known_better_than_their_source():
    row = one(190, 200, Accuracy(0.99, 0.001, 2000, 20000))
    assert row["count_high"] - row["count_low"] < 0.5 * 200 * (row["share_high"] - row["share_low"])


def test_what_is_known_less_well_is_told_less_well():
    few, many = (one(68, 1000, Accuracy(0.5, 0.02, n, 9 * n)) for n in (30, 3000))
    assert few["share_high"] - few["share_low"] > 1.5 * (many["share_high"] - many["share_low"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recall", "fallout", "texts", "share"),
    [(0.5, 0.02, 300, 0.1), (0.8, 0.1, 60, 0.3), (0.9, 0.001, 40, 0.05)],
)
def test_intervals_of_95_percent_hold_the_truth_that_often(monkeypatch, recall, fallout, texts, share):
    monkeypatch.setattr(module, "DRAWS", 400)
    draw, held = np.random.default_rng(0), np.zeros(2)
    runs = 60
    for run in range(runs):
        found = Accuracy(draw.binomial(80, recall) / 80, draw.binomial(900, fallout) / 900, 80, 900)
        having = draw.binomial(texts, share)
        tagged = draw.binomial(having, recall) + draw.binomial(texts - having, fallout)
        row = one(tagged, texts, found, seed=run)
        held += (
            row["share_low"] <= share <= row["share_high"],
            row["count_low"] <= having <= row["count_high"],
        )
    assert (held / runs >= 0.85).all()  # of .95; less would have a probability of .1 %
    assert held.sum() < 2 * runs or texts < 100  # intervals that always hold are too long


def test_a_level_is_kept():
    wide, narrow = (one(68, 1000, confidence=level) for level in (0.95, 0.5))
    assert narrow["share_high"] - narrow["share_low"] < 0.5 * (wide["share_high"] - wide["share_low"])


@pytest.mark.parametrize(
    ("count", "remark"),
    [
        (0, "fewer are tagged than wrong tags alone would give"),
        (20, ""),
        (68, ""),
        (500, ""),
        (660, "more are tagged than if all"),
    ],
)
def test_what_no_share_explains_is_remarked(count, remark):
    assert one(count, 1000)["remark"].startswith(remark)
    assert bool(one(count, 1000)["remark"]) == bool(remark)


@pytest.mark.parametrize(
    ("accuracy", "why"),
    [
        (
            Accuracy(0.3, 0.25, 100, 900),
            "cannot be estimated: 0.30 of the texts with the theme are tagged, and 0.25 of those",
        ),
        (Accuracy(0.2, 0.6, 100, 900), "cannot be estimated"),
        (Accuracy(0.5, 0.1, 3, 900), "cannot be estimated"),
        (Accuracy(math.nan, 0.0, 0, 900), "recall and fallout were not measured"),
        (Accuracy(0.5, math.nan, 900, 0), "recall and fallout were not measured"),
    ],
)
def test_what_cannot_be_told_is_not(accuracy, why):
    row = one(40, 100, accuracy)
    assert why in row["remark"]
    assert row[["share", "share_low", "share_high", "count", "count_low", "count_high"]].isna().all()
    assert row["tagged"] == 40


def test_parts_are_told_apart_and_one_without_texts_says_so():
    values = pd.Categorical(["b"] * 100 + ["a"] * 50, categories=["b", "empty", "a"])
    found = prevalence(np.column_stack([np.arange(150) < 30, np.arange(150) >= 130]), {"x": GOOD, "y": GOOD}, values)
    assert tuple(found.columns) == COLUMNS
    assert found[["value", "theme", "texts", "tagged"]].to_numpy().tolist() == [
        *(["b", "x", 100, 30], ["b", "y", 100, 0]),
        *(["empty", "x", 0, 0], ["empty", "y", 0, 0]),
        *(["a", "x", 50, 0], ["a", "y", 50, 20]),
    ]
    none_tagged = "rests on few texts: none is tagged"
    assert found["remark"].tolist() == ["", none_tagged, "no text", "no text", none_tagged, ""]
    assert found.loc[2:3, ["apparent", "share", P_VALUE]].isna().to_numpy().all()
    assert found.loc[0, P_VALUE] == pytest.approx(2 * compared(30, 100, 0, 50))  # of four tests, two were surer


def test_an_interval_that_rests_on_a_handful_says_so():
    assert one(9, 1000, Accuracy(0.5, 0.001, 200, 1800))["remark"] == "rests on few texts: 9 are tagged"
    assert one(10, 1000, Accuracy(0.5, 0.001, 200, 1800))["remark"] == ""
    assert one(60, 1000, Accuracy(0.5, 0.01, 49, 1800))["remark"] == "rests on few texts: recall was measured on 49"
    assert one(60, 1000, Accuracy(0.5, 0.01, 50, 1800))["remark"] == ""


def test_all_texts_have_nothing_to_be_compared_with():
    assert P_VALUE not in prevalence(tags(60, 1000), {"pay": GOOD})


def test_errors_counted_on_many_texts_are_still_not_quite_those_of_other_texts():
    """However many were counted, the fallout of a catch-all theme may be some percent off, which is many texts."""
    row = one(300, 1000, Accuracy(0.5, 0.25, 10**6, 10**7))
    assert row["share_high"] - row["share_low"] > 0.25
    assert row["count_high"] - row["count_low"] > 250


def test_draws_depend_on_seed_and_theme_alone():
    both = np.column_stack([tags(68, 1000), tags(30, 1000)])
    whole = prevalence(both, {"pay": GOOD, "food": GOOD})
    pd.testing.assert_series_equal(whole.iloc[1], prevalence(both[:, 1:], {"food": GOOD}).iloc[0], check_names=False)
    assert whole["share_high"][1] != prevalence(both[:, 1:], {"pay": GOOD})["share_high"][0]
    assert one(68, 1000, seed=1)["share_high"] != one(68, 1000, seed=0)["share_high"]


def theme_result(**figures: float) -> ThemeResult:
    return ThemeResult("pay", "BEST_EFFORT", family="ridge", view="words", counts=Confusion(30, 10, 30, 930), **figures)


def test_errors_are_those_counted_out_of_fold_or_held_out():
    both = [theme_result(), ThemeResult.skipped("food", "3 positives, needs 30")]
    assert accuracies(both) == {"pay": Accuracy(0.5, 10 / 940, 60, 940)}
    held_out = {"pay": Confusion(4, 1, 6, 89), "food": Confusion(0, 0, 3, 97)}
    assert accuracies(both, held_out) == {"pay": Accuracy(0.4, 1 / 90, 10, 90)}


def test_a_corrected_precision_is_taken_at_the_training_share():
    found = Accuracy.of_corrected(theme_result(corrected_precision=0.6, corrected_recall=0.4))
    assert (found.recall, found.fallout) == pytest.approx((0.4, 24 * 4 / 6 / 940))  # 24 found, so 16 wrong
    assert Accuracy.of_corrected(theme_result()) == Accuracy.of_counts(theme_result().counts)


def test_themes_that_go_together_are_counted_and_the_rest_is_left_out():
    draw = np.random.default_rng(0)
    x = draw.random(500) < 0.3
    y = np.where(draw.random(500) < 0.5, x, draw.random(500) < 0.3)
    found = together(np.column_stack([x, y, np.zeros(500)]), {"x": GOOD, "y": GOOD, "never": GOOD})
    row = found.iloc[0]
    assert len(found) == 1
    assert (row["theme"], row["other"], row["texts"]) == ("x", "y", (x & y).sum())
    assert row["phi"] == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert row["lift"] == pytest.approx((x & y).mean() / (x.mean() * y.mean()))
    assert row["jaccard"] == pytest.approx((x & y).sum() / (x | y).sum())
    assert row["kept"] == pytest.approx(0.48**2)


def test_kept_is_what_independent_errors_leave_of_a_covariance():
    draw, n = np.random.default_rng(1), 200_000
    x = draw.random(n) < 0.3
    y = np.where(draw.random(n) < 0.5, x, draw.random(n) < 0.3)
    tagged = [draw.random(n) < np.where(truth, 0.5, 0.02) for truth in (x, y)]
    left = np.cov(*tagged)[0, 1] / np.cov(x, y)[0, 1]
    assert left == pytest.approx(together(np.column_stack(tagged), {"x": GOOD, "y": GOOD})["kept"][0], rel=0.1)
