"""The tables behind the curves of a theme say what the scores say."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve

from themetagger.report.curve_tables import calibration_table, confusion_table, precision_recall, score_distribution
from themetagger.selection.confusion import Confusion


def _scored(n=400, seed=0):
    draw = np.random.default_rng(seed)
    truth = (draw.random(n) < 0.2).astype(int)
    return truth, np.round(draw.normal(size=n) + 1.5 * truth, 2)


def test_every_point_is_on_the_curve_of_scikit_learn():
    truth, scores = _scored()
    table = precision_recall(truth, scores)
    precision, recall, _ = precision_recall_curve(truth, scores)
    on_it = {(round(p, 9), round(r, 9)) for p, r in zip(precision, recall, strict=True)}
    assert {(round(p, 9), round(r, 9)) for p, r in zip(table["precision"], table["recall"], strict=True)} <= on_it
    assert len(table) <= 165
    middle = (table["threshold"].max() + table["threshold"].min()) / 2
    assert 15 < (table["threshold"] < middle).sum() < 150  # where recall hardly changes there are points, too
    assert table["recall"].diff().max() < 0.03  # no gap that the whole curve does not have
    assert table["flagged"].iloc[-1] == len(truth)


@pytest.mark.parametrize("threshold", [-5.0, 0.505, 1.0, 3.0])
def test_the_cut_in_use_is_among_them(threshold):
    truth, scores = _scored()
    table = precision_recall(truth, scores, threshold=threshold, points=10)
    flagged = scores >= threshold
    (row,) = table[table["chosen"]].itertuples()
    assert (row.flagged, row.right) == (flagged.sum(), truth[flagged].sum())


def test_a_cut_above_all_scores_is_no_point():
    truth, scores = _scored()
    assert not precision_recall(truth, scores, threshold=99.0)["chosen"].any()


def test_distributions_add_up_to_one_each():
    truth, scores = _scored()
    table = score_distribution(truth, scores)
    assert table["positives"].sum() == pytest.approx(1)
    assert table["negatives"].sum() == pytest.approx(1)
    assert (table["positive_texts"].sum(), table["negative_texts"].sum()) == (truth.sum(), (1 - truth).sum())
    assert score_distribution([0, 1], [0.1, np.nextafter(0.1, 1)])["positives"].sum() == 1
    assert score_distribution([0, 0], [1.0, 1.0])["positives"].sum() == 0  # no text has it, all scores are equal


def test_a_calibrated_probability_is_within_its_interval():
    draw = np.random.default_rng(1)
    p = draw.random(20_000)
    table = calibration_table(draw.random(20_000) < p, p)
    assert ((table["observed_low"] <= table["predicted"]) & (table["predicted"] <= table["observed_high"])).sum() >= 9
    assert table["texts"].sum() == 20_000
    sure = calibration_table([1, 0], [1.0, 0.0])
    assert sure[["observed", "observed_low", "observed_high"]].round(3).to_numpy().tolist() == [
        [0.0, 0.0, 0.975],
        [1.0, 0.025, 1.0],
    ]


def test_the_confusion_table_holds_the_counts():
    assert confusion_table(Confusion(1, 2, 3, 4)).to_numpy().tolist() == [
        ["has the theme", 1, 3],
        ["lacks the theme", 2, 4],
    ]
