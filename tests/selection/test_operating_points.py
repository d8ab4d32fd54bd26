"""Every cut of a ranking: the figures of scikit-learn, ties and neighbouring floats included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import average_precision_score, fbeta_score, precision_recall_curve

from themetagger.selection.operating_points import operating_points

TIED = st.sampled_from([-2.0, -0.5, 0.0, 0.1, 0.1 + 2**-56, 0.3, 7.0])
SCORES = st.one_of(TIED, st.floats(allow_nan=False, allow_infinity=False))


@st.composite
def rankings(draw):
    """(truth, scores) of 1 to 40 texts, at least one with the theme."""
    n = draw(st.integers(1, 40))
    truth = draw(hnp.arrays(np.int64, n, elements=st.integers(0, 1)))
    assume(truth.any())
    return truth, draw(hnp.arrays(np.float64, n, elements=SCORES))


@given(rankings())
def test_precision_and_recall_are_those_of_scikit_learn(ranking):
    points = operating_points(*ranking)
    precision, recall, thresholds = precision_recall_curve(*ranking)
    assert len(points.thresholds) == len(thresholds)
    np.testing.assert_allclose(points.precision[::-1], precision[:-1], atol=1e-12)
    np.testing.assert_allclose(points.recall[::-1], recall[:-1], atol=1e-12)


@given(rankings())
def test_average_precision_is_that_of_scikit_learn(ranking):
    assert operating_points(*ranking).average_precision == pytest.approx(average_precision_score(*ranking), abs=1e-12)


@pytest.mark.slow
@given(rankings(), st.sampled_from([0.5, 1.0, 2.0]))
def test_f_beta_is_that_of_scikit_learn_at_every_cut(ranking, beta):
    truth, scores = ranking
    points = operating_points(truth, scores)
    expected = [fbeta_score(truth, scores >= threshold, beta=beta) for threshold in points.thresholds]
    np.testing.assert_allclose(points.f_beta(beta), expected, atol=1e-12)


@given(rankings())
def test_scores_at_or_above_a_threshold_are_the_ones_that_its_cut_counts(ranking):
    truth, scores = ranking
    points = operating_points(truth, scores)
    for threshold, tp, flagged in zip(points.thresholds, points.tp, points.flagged, strict=True):
        assert ((scores >= threshold).sum(), truth[scores >= threshold].sum()) == (flagged, tp)
    assert (points.positives, points.rows, points.flagged[-1]) == (truth.sum(), len(truth), len(truth))


@pytest.mark.parametrize(
    ("upper", "lower", "threshold"),
    [
        (2.0, 1.0, 1.5),
        (math.nextafter(1.0, 2.0), 1.0, math.nextafter(1.0, 2.0)),
        (5e-324, 0.0, 5e-324),
        (1.6e308, 1.2e308, 1.4e308),
        (1.6e308, -1.6e308, 0.0),
    ],
    ids=["middle", "no float between", "smallest float", "sum overflows", "difference overflows"],
)
def test_a_threshold_is_the_middle_of_two_scores_where_there_is_one(upper, lower, threshold):
    assert operating_points([1, 0], [upper, lower]).thresholds.tolist() == pytest.approx([threshold, lower], rel=1e-15)
    assert lower < operating_points([1, 0], [upper, lower]).thresholds[0] <= upper


def test_equal_scores_are_flagged_together():
    points = operating_points([1, 0, 1, 0], [0.5, 0.5, 0.5, 0.5])
    assert (points.flagged.tolist(), points.tp.tolist(), points.thresholds.tolist()) == ([4], [2], [0.5])


@pytest.mark.parametrize(
    ("truth", "scores", "message"),
    [
        ([0, 1], [0.1, math.nan], r"row 1 has nan \(1 such rows\)"),
        ([0, 1, 1], [math.inf, 0.0, -math.inf], r"row 0 has inf \(2 such rows\)"),
        ([0, 1], [0.1], r"shapes \(2,\) and \(1,\)"),
        ([], [], "at least 1"),
        ([[0, 1]], [[0.1, 0.2]], "two lists"),
    ],
)
def test_what_cannot_be_cut_is_refused(truth, scores, message):
    with pytest.raises(ValueError, match=message):
        operating_points(truth, scores)
