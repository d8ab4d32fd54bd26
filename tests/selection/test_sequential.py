"""The exact test of a spot check: against enumeration, its error whenever one looks, and what it needs."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from themetagger.selection.sequential import SpotTest


def chance_of_ever(test: SpotTest, right_in_all: int, verdict: str) -> float:
    """The chance that a verdict is given before the last tag, over all orders of N tags of which K are right."""
    most, least = test.limits(test.size - 1)
    hits = total = 0
    for wrong in combinations(range(test.size), test.size - right_in_all):
        errors = np.isin(np.arange(test.size), wrong).cumsum()
        total += 1
        n = np.arange(1, test.size)
        reached = errors[:-1] <= most[n] if verdict == "shown" else errors[:-1] >= least[n]
        hits += bool(reached.any())
    return hits / total


@pytest.mark.parametrize(("size", "target"), [(12, 0.9), (14, 0.75), (15, 0.6)])
def test_the_chance_of_a_wrong_verdict_is_within_the_level_over_all_orders(size, target):
    test = SpotTest(size, target, 0.8)
    assert 0 < chance_of_ever(test, test.needed - 1, "shown") <= 0.2
    assert chance_of_ever(test, test.needed, "refuted") <= 0.2
    assert chance_of_ever(test, max(0, test.needed - 3), "shown") <= 0.2


@pytest.mark.parametrize("precision", [0.85, 0.8999])
def test_a_precision_below_the_target_is_rarely_shown(precision):
    test, rng = SpotTest(10_000), np.random.default_rng(5)
    most, _ = test.limits(400)
    tags = np.arange(10_000) >= round(precision * 10_000)
    wrong = np.array([rng.permutation(tags)[:400] for _ in range(400)]).cumsum(axis=1)
    assert (wrong <= most[1:]).any(axis=1).mean() <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)


@pytest.mark.parametrize("size", [1, 7, 60, 900, 10**6])
def test_the_limits_are_where_the_verdict_changes(size):
    test, rng = SpotTest(size), np.random.default_rng(1)
    most, _ = test.limits(min(size - 1, 80))
    for n in rng.integers(0, len(most), 6):
        for wrong in range(min(n, 8) + 1):
            judged = [False] * wrong + [True] * (n - wrong)  # the evidence for the claim is largest at the end
            assert (test.verdict(judged) == "shown") == (wrong <= most[n]), (n, wrong)


def test_a_verdict_once_reached_stays():
    assert SpotTest(5_000).verdict([True] * 39 + [False] * 3) == "shown"


@pytest.mark.parametrize(("right", "expected"), [(18, "shown"), (17, "refuted")])
def test_when_all_are_judged_their_number_decides(right, expected):
    test = SpotTest(20)
    assert test.verdict([True] * right + [False] * (20 - right)) == expected
    assert test.bounds([True] * right + [False] * (20 - right)) == (right / 20, right / 20)


@pytest.mark.parametrize("right", [37, 38, 20, 60])
def test_the_lower_bound_reaches_the_target_where_the_claim_is_shown(right):
    test = SpotTest(5_000)
    low, high = test.bounds([True] * right)
    assert (low >= 0.9) == (test.verdict([True] * right) == "shown")
    assert low <= 1 == high


def test_a_forecast_is_near_what_is_needed():
    test = SpotTest(5_000)
    ahead = test.forecast([True] * 20)
    assert ahead.low == 18  # with no error, 38 are needed
    assert test.forecast([True] * 39).high == 0
    assert test.forecast(([True] * 9 + [False]) * 20).high == float("inf")
    assert SpotTest(30).forecast([]).high <= 30


@pytest.mark.parametrize(
    "settings", [{"target": 0}, {"target": 1}, {"confidence": 1}, {"confidence": 0.4}, {"size": 0}]
)
def test_what_is_out_of_range_is_refused(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        SpotTest(**{"size": 10, **settings})
