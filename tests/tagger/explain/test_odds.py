"""Odds ratios: known figures, intervals that cover what they say, strengths."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from themetagger.tagger.explain.odds import beyond_chance, jackknife, odds_ratios, strength


@pytest.mark.parametrize(
    ("cells", "ratio", "low", "high"),
    [
        # a, b, c, d; each with half a text added, by hand: log odds ratio and Woolf's error
        ((30, 10, 20, 140), 19.9083, 8.590, 46.141),
        ((0, 10, 20, 140), 0.32636, 0.018419, 5.7827),
        ((5, 0, 0, 5), 121.0, 2.0169, 7259.2),
        ((10, 10, 10, 10), 1.0, 0.29828, 3.3525),
    ],
)
def test_a_ratio_and_its_interval_are_those_of_the_four_cells(cells, ratio, low, high):
    a, b, c, d = cells
    found = odds_ratios(np.array([a]), np.array([b]), a + c, b + d)
    assert (found.ratio[0], found.low[0], found.high[0]) == pytest.approx((ratio, low, high), rel=1e-3)


@pytest.mark.parametrize(("share", "ratio"), [(0.1, 1.0), (0.1, 5.0), (0.03, 8.0), (0.4, 0.3)])
def test_95_percent_of_the_intervals_hold_the_true_ratio(share, ratio):
    draw, runs, n = np.random.default_rng(0), 4_000, 800
    with_term = draw.binomial(n, 0.1, runs)
    odds = share / (1 - share)
    a = draw.binomial(with_term, ratio * odds / (1 + ratio * odds))
    c = draw.binomial(n - with_term, share)
    found = odds_ratios(a, with_term - a, a + c, n - a - c)  # a run each
    kept = np.mean((found.low <= ratio) & (ratio <= found.high))
    assert 0.94 <= kept <= 0.985


def test_of_words_without_any_meaning_hardly_one_is_beyond_chance():
    draw = np.random.default_rng(0)
    runs, tested, n = 40, 300, 400
    any_beyond = plain = 0
    for _ in range(runs):
        theme = draw.random(n) < 0.3
        present = draw.random((n, tested)) < 0.2
        found = odds_ratios(present[theme].sum(0), present[~theme].sum(0), int(theme.sum()), int((~theme).sum()))
        any_beyond += bool(beyond_chance(found.z, tested).any())
        plain += bool(beyond_chance(found.z, 1).any())
    assert any_beyond <= 6  # 5 % of 40 are 2
    assert plain == runs


def _ridge(X, y, alpha=10.0):
    gram = np.einsum("rij,rik->rjk", X, X) + alpha * np.eye(X.shape[2])
    return np.linalg.solve(gram, np.einsum("rij,ri->rj", X, y)[..., None])[..., 0]


@pytest.mark.parametrize("folds", [3, 5, 10])
def test_95_percent_of_jackknife_intervals_hold_what_such_models_give_on_average(folds):
    draw, runs, n = np.random.default_rng(0), 1_000, 200
    X = draw.normal(size=(runs, n, 4))
    y = (draw.random((runs, n)) < expit(X @ np.array([1.0, 0.5, 0.0, -0.8]))) * 2.0 - 1
    fold = np.arange(n) % folds
    of_folds = np.array([_ridge(X[:, fold != k], y[:, fold != k]) for k in range(folds)])
    means = of_folds.mean(axis=0)
    reach = jackknife(of_folds.reshape(folds, -1))[1].reshape(runs, -1)
    kept = (np.abs(means - means.mean(axis=0)) <= reach).mean(axis=0)
    assert kept.min() >= 0.93
    assert kept.max() <= 0.975


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (6.71, 20, "strong"),
        (6.70, 20, "moderate"),
        (3.47, 20, "moderate"),
        (1.68, 20, "weak"),
        (1.67, 20, "negligible"),
        (0.01, 200, "negligible"),
        (0.01, 1 / 6.72, "strong"),
        (0.01, 1 / 3.5, "moderate"),
        (0.01, 0.99, "negligible"),
        (float("nan"), 3, ""),
    ],
)
def test_strength_is_that_of_the_end_nearer_to_one(low, high, expected):
    assert strength(low, high) == expected
