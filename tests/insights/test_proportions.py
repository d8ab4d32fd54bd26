"""Shares: intervals, exact tests, and what many tests and texts of several tags do to them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from themetagger.insights.proportions import compared, effective, holm, wilson


@pytest.mark.parametrize(("hits", "of"), [(0, 5), (5, 5), (3, 17), (410, 1000)])
def test_the_interval_is_wilson_s_and_holds_the_share(hits, of):
    expected = binomtest(hits, of).proportion_ci(0.9, method="wilson")
    low, high = wilson(hits, of, 0.9)
    assert (low, high) == pytest.approx((expected.low, expected.high))
    assert 0 <= low <= hits / of <= high <= 1


def test_of_nothing_nothing_is_said():
    assert all(map(math.isnan, wilson(0, 0)))
    assert math.isnan(compared(0, 0, 3, 4))
    assert math.isnan(compared(3, 4, 0, 0))
    assert effective([0, 0], [0, 0]) == 0


def test_the_comparison_is_the_same_from_either_side():
    assert compared(5, 20, 60, 80) == pytest.approx(compared(60, 80, 5, 20))
    assert compared(10, 20, 40, 80) == pytest.approx(1)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ([], []),
        ([0.02], [0.02]),
        ([0.01, 0.02, 0.03, 0.2], [0.04, 0.06, 0.06, 0.2]),
        ([0.9, 0.8, 0.7], [1, 1, 1]),
        ([math.nan, 0.02, math.nan, 0.01], [math.nan, 0.02, math.nan, 0.02]),
    ],
)
def test_holm_multiplies_by_how_many_are_left_and_never_falls(p, expected):
    np.testing.assert_allclose(holm(p), expected)


def test_tags_that_go_together_count_for_less():
    draw = np.random.default_rng(0)
    of = np.full(500, 4)
    alone = draw.binomial(4, 0.6, 500)
    both = 4 * draw.binomial(1, 0.6, 500)
    assert effective(alone, of) == pytest.approx(2000, rel=0.15)
    assert effective(both, of) == pytest.approx(500)


@pytest.mark.parametrize(
    ("hits", "of", "texts"),
    [([0, 0], [3, 3], 2), ([3, 3], [3, 3], 2), ([0, 5, 0, 2], [0, 5, 0, 2], 2), ([1] * 7, [3] * 7, 7)],
)
def test_where_texts_do_not_differ_they_count_and_not_their_tags(hits, of, texts):
    assert effective(hits, of) == texts
