"""Calibration keeps the order of the scores, and its probabilities mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from themetagger.selection.calibration import fit_calibration, probabilities

RNG = np.random.default_rng(0)


@pytest.mark.slow
@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (3.0, -2.0), (0.01, -1.0), (400.0, 1.0)])
def test_a_logistic_curve_is_found_again(slope, intercept):
    scores = RNG.normal(0, 2 / slope, 20_000)
    truth = RNG.random(20_000) < expit(slope * scores + intercept)
    found = fit_calibration(truth, scores)
    assert found == pytest.approx((slope, intercept), rel=0.1, abs=0.1)


def test_the_mean_probability_is_the_share_of_positives():
    scores = RNG.normal(0, 1, 500)
    truth = (scores + RNG.normal(0, 1, 500) > 1).astype(int)
    assert probabilities(scores, *fit_calibration(truth, scores)).mean() == pytest.approx(truth.mean(), abs=0.01)


@pytest.mark.parametrize(
    ("truth", "scores"),
    [
        ([0, 0, 1, 1], [-2, -1, 1, 2]),
        ([1, 1, 0, 0], [-2, -1, 1, 2]),
        ([0, 1, 0, 1], [1e6, 2e6, 1.1e6, 1.9e6]),
        ([0, 1, 0, 1], [1e-7, 3e-7, 2e-7, 4e-7]),
    ],
    ids=["separable", "wrong way round", "large", "small"],
)
def test_probabilities_rise_with_the_score(truth, scores):
    slope, intercept = fit_calibration(truth, scores)
    assert slope > 0
    assert np.isfinite([slope, intercept]).all()
    found = probabilities(np.sort(scores), slope, intercept)
    assert (np.diff(found) > 0).all()
    assert ((found > 0) & (found < 1)).all()


@pytest.mark.parametrize("score", [0.0, 0.1, -3.3, 1e9])
def test_equal_scores_give_the_share_of_positives_near_them_too(score):
    curve = fit_calibration([0, 1, 0, 0, 0, 0, 1], [score] * 7)
    assert probabilities([score, score + 0.01], *curve) == pytest.approx([2 / 7, 2 / 7], abs=0.01)
