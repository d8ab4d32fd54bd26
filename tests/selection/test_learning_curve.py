"""What is read from a learning curve: the gap, a forecast, how many labels; and the forecast keeps its word on toys."""

from __future__ import annotations

import math

import numpy as np
import pytest
from toys import LABELS, curve

from themetagger.selection.learning_curve import (
    FURTHEST,
    OWN,
    USUAL,
    Growth,
    binomial_sd,
    forecast,
    gain,
    growth_of,
    labels_for,
    log_odds,
    measured,
    own_growth,
    pooled_growth,
    train_validation_gap,
)


def test_the_gap_is_training_less_out_of_fold_row_by_row():
    gap = train_validation_gap(
        curve(
            train_average_precision=0.9, train_recall=0.75, train_average_precision_sd=0.03, average_precision_sd=0.04
        )
    )
    assert np.allclose(gap["average_precision"], 0.9 - curve()["average_precision"])
    assert np.allclose(gap["precision"], 1.0 - curve()["precision"])
    assert np.allclose(gap["recall"], 0.25)
    assert np.allclose(gap["average_precision_sd"], 0.05)
    assert gap["labels"].tolist() == LABELS
    assert gap["positives"].tolist() == [n // 10 for n in LABELS]


@pytest.mark.parametrize("rate", [-0.1, 0.0, 0.3])
def test_a_growth_is_found_where_it_is_exact_and_rows_without_figures_are_left_out(rate):
    holed = curve(rate)
    holed.loc[1, "average_precision"] = np.nan
    assert own_growth(holed) == pytest.approx(rate)
    assert own_growth(curve(rate)) == pytest.approx(rate)


def test_a_curve_of_one_row_grows_as_the_others_do():
    short = curve(labels=[1000])
    assert math.isnan(own_growth(short))
    assert growth_of(short, Growth(0.31, 0.1)) == 0.31
    assert growth_of(short) == USUAL.per_doubling


def test_later_doublings_count_for_more():
    slowing = curve()
    slowing["average_precision"] = [0.3, 0.5, 0.6, 0.63, 0.64]
    early = curve()
    early["average_precision"] = [0.3, 0.33, 0.4, 0.5, 0.64]
    assert own_growth(early) > own_growth(slowing) + 0.1


def test_what_is_taken_for_growth_lies_between_a_theme_and_the_others():
    pooled = pooled_growth([curve(0.1), curve(0.3), curve(labels=[1000])])
    assert pooled.per_doubling == pytest.approx((0.2 + USUAL.per_doubling) / 2)
    assert growth_of(curve(0.6), Growth(0.3, 0.1)) == pytest.approx(OWN * 0.6 + (1 - OWN) * 0.3)
    assert pooled_growth([]) == USUAL


def test_a_forecast_of_exact_growth_is_exact_and_its_interval_holds_it():
    assert forecast(curve(0.3), 1000) == pytest.approx((0.5, 0.5, 0.5))  # where it begins nothing is uncertain
    for times in (2, FURTHEST):
        found = forecast(curve(0.3), 1000 * times, growth=Growth(0.3, 0.1))
        assert found.precision == pytest.approx(1 / (1 + math.exp(-0.3 * math.log2(times))))
        assert 0 < found.low < found.precision < found.high < 1


def test_an_interval_is_wider_for_fewer_flagged_texts_and_for_more_doublings():
    def width(curve, labels):
        found = forecast(curve, labels)
        return found.high - found.low

    assert width(curve(flagged=20), 2000) > width(curve(flagged=80), 2000)
    assert width(curve(flagged=10**9), 4000) > 1.3 * width(curve(flagged=10**9), 2000)


@pytest.mark.parametrize("labels", [999, 1000 * FURTHEST + 1, math.nan])
def test_a_forecast_goes_neither_back_nor_too_far(labels):
    with pytest.raises(ValueError, match="labels must be a number from 1,000 to 8,000"):
        forecast(curve(), labels)


def test_nothing_measured_is_told():
    empty = curve(average_precision=np.nan)
    assert not len(measured(empty))
    with pytest.raises(ValueError, match="no row with a measured precision"):
        forecast(empty, 2000)
    assert math.isnan(gain(empty).precision)
    assert labels_for(empty, 0.9) is None


def test_labels_for_a_precision_are_those_at_which_the_forecast_reaches_it():
    growing = curve(0.4, odds=1.0)
    needed = labels_for(growing, 0.8, growth=Growth(0.4, 0.1))
    assert 1000 < needed < 8000
    assert forecast(growing, needed, growth=Growth(0.4, 0.1)).precision == pytest.approx(0.8, abs=1e-3)
    assert labels_for(growing, 0.7, growth=Growth(0.4, 0.1)) == 1000
    assert labels_for(growing, 0.99, growth=Growth(0.4, 0.1)) is None
    assert labels_for(curve(-0.4, odds=1.0), 0.8, growth=Growth(-0.1, 0.1)) is None


@pytest.mark.parametrize("wanted", [0.98, 0.985, 0.99, 1.0])
def test_a_precision_near_1_is_reached_where_it_is_and_costs_what_the_last_share_with_odds_costs(wanted):
    steep = Growth(3.0, 0.1)
    assert labels_for(curve(3.0).assign(precision=0.99), wanted, growth=steep) == 1000
    needed = labels_for(curve(3.0, odds=1.0), wanted, growth=steep)
    assert 1000 < needed < 8000
    assert needed == labels_for(curve(3.0, odds=1.0), 0.98, growth=steep)


def test_a_gain_is_the_forecast_of_twice_the_labels_less_what_is_there():
    found = gain(curve(0.3, odds=0.5), growth=Growth(0.3, 0.05))
    there = forecast(curve(0.3, odds=0.5), 1000, growth=Growth(0.3, 0.05)).precision
    then = forecast(curve(0.3, odds=0.5), 2000, growth=Growth(0.3, 0.05)).precision
    assert found.precision == pytest.approx(then - there)
    assert 0 < found.low < found.precision < found.high
    assert gain(curve(0.3), growth=Growth(0.3, 0.9)).low < 0


def test_shares_of_nothing_and_of_all_have_odds_too():
    assert np.isfinite(log_odds([0.0, 1.0])).all()
    assert log_odds(0.5) == 0
    perfect = curve(odds=40.0)
    found = forecast(perfect, 2000)
    assert 0.9 < found.low < found.high < 1
    assert np.isfinite(binomial_sd(perfect)).all()


@pytest.mark.slow
def test_where_themes_grow_as_assumed_four_of_five_intervals_or_more_hold_what_is_measured():
    draw, inside, usual = np.random.default_rng(0), 0, curve(0.2)
    for _ in range(250):
        odds, rate, flagged = draw.normal(0.5, 0.7), draw.normal(0.2, USUAL.spread), 80
        now, then = 1 / (1 + np.exp(-odds)), 1 / (1 + np.exp(-odds - rate))
        seen, more = draw.binomial(flagged, now), draw.binomial(flagged, then)
        old = draw.binomial(flagged - seen, then - now) if then > now else 0  # those there, by better models
        later, seen = (seen + old + more) / (2 * flagged), seen / flagged
        found = forecast(usual.assign(precision=seen, flagged=flagged), 2000, growth=Growth(0.2, USUAL.spread))
        inside += found.low <= later <= found.high
    assert 0.80 < inside / 250 < 0.97  # more, as nothing but luck and growth is different here
