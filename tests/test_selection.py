"""The rule that chooses, and what its figures are worth on texts that had no say in the choice."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import beta, norm

from themetagger.certificate import Promise
from themetagger.objectives import FBeta, PrecisionFirst
from themetagger.operating_point import operating_points
from themetagger.selection import Corrected, Evidence, Rule, Standing, best_without, certificate_of, corrected

RULE = Rule(PrecisionFirst(), Promise())


def evidence(y, tried, groups=None, *, chosen=0, choices=1, folds=None):
    folds = np.arange(len(y)) % 5 if folds is None else folds
    return Evidence(y, tuple(tried), chosen, folds, np.arange(len(y)) if groups is None else groups, choices)


@pytest.mark.parametrize(
    ("best", "found", "displaces"),
    [
        ((0.50, False), (0.525, False), False),
        ((0.50, False), (0.535, False), True),
        ((0.90, False), (0.80, True), True),
        ((0.80, True), (0.90, False), False),
        ((0.80, True), (0.84, True), True),
    ],
)
def test_a_configuration_displaces_another_by_meeting_the_target_or_by_a_clear_margin(best, found, displaces):
    rule = Rule(PrecisionFirst(), Promise(), margin=0.03)
    assert rule.displaces(Standing(*found), Standing(*best)) == displaces


def test_the_best_is_the_last_that_displaced_another():
    y = np.array([1, 1, 1, 0, 0, 0, 0, 0])
    poor, good = operating_points(y, [1, 8, 2, 7, 6, 5, 4, 3]), operating_points(y, [8, 7, 6, 5, 4, 3, 2, 1])
    assert RULE.best([poor, good, good]) == 1
    assert RULE.best([good, poor]) == 0


def test_the_cut_follows_the_promise_where_precision_is_asked_for():
    y = (np.arange(1000) < 60).astype(np.uint8)
    points = operating_points(y, -np.arange(1000.0))
    assert points.flagged[RULE.cut(points, most=1000)] > 50
    assert 29 <= points.flagged[RULE.cut(points, most=40)] <= 40
    assert RULE.cut(points, most=28) == PrecisionFirst().choose(points)
    assert Rule(FBeta(), Promise()).cut(points, most=1000) == FBeta().choose(points)
    aside = Rule(PrecisionFirst(), Promise(form="calibration"))
    assert aside.cut(points, most=1000) == PrecisionFirst().choose(points)
    hopeless = operating_points(y, np.random.default_rng(0).normal(size=1000))
    assert RULE.cut(hopeless, most=1000) == PrecisionFirst().choose(hopeless)


def _themes(configurations: int, seed: int, themes: int = 30):
    """Per theme: plain, corrected and true precision of the chosen cut, for scores of which the truth is known."""
    draw, n, positives = np.random.default_rng(seed), 800, 40
    y = (np.arange(n) < positives).astype(np.uint8)
    for _ in range(themes):
        noise = 0.6 * draw.normal(size=n) + 0.8 * draw.normal(size=(configurations, n))
        tried = list(2.0 * y + noise)
        best = RULE.best(operating_points(y, scores) for scores in tried)
        points = operating_points(y, tried[best])
        cut = RULE.cut(points, most=n)
        found = corrected(evidence(y, tried), RULE, flagged=int(points.flagged[cut]), samples=60)
        hits, false = positives * norm.sf(points.thresholds[cut] - 2), (n - positives) * norm.sf(points.thresholds[cut])
        yield points.precision[cut], found, hits / (hits + false), norm.sf(points.thresholds[cut] - 2)


def test_the_correction_takes_back_what_the_choice_flattered():
    """Of 12 configurations that are equally good, the luckiest is chosen, at its luckiest cut."""
    plain, found, truth, recall = zip(*_themes(12, seed=1), strict=True)
    precision = np.array([one.precision for one in found])
    assert np.mean(plain) > np.mean(truth) + 0.05
    assert abs(precision.mean() - np.mean(truth)) < 0.35 * (np.mean(plain) - np.mean(truth))
    assert np.mean(np.array(plain) <= truth) < 0.3
    assert np.mean([one.precision_bound for one in found] <= np.array(truth)) >= 0.8
    assert np.mean([one.recall_bound for one in found] <= np.array(recall)) >= 0.8


def test_bounds_are_exact_quantiles_of_what_was_found():
    draw, n = np.random.default_rng(3), 500
    y = (np.arange(n) < 50).astype(np.uint8)
    tried = [2.0 * y + draw.normal(size=n)]
    found = corrected(evidence(y, tried), RULE, flagged=40)
    p, r = found.precision, found.recall
    assert found.precision_bound == pytest.approx(beta.ppf(0.1, p * 40, (1 - p) * 40 + 1))
    assert found.recall_bound == pytest.approx(beta.ppf(0.1, r * 50, (1 - r) * 50 + 1))
    strict = corrected(evidence(y, tried), Rule(PrecisionFirst(), Promise(confidence=0.99)), flagged=40)
    assert strict.precision_bound < found.precision_bound


def test_the_rows_of_a_duplicate_group_are_drawn_or_left_out_together():
    """A ranking that knows each text by its twin looks perfect row by row, and fails by group."""
    draw, pairs = np.random.default_rng(4), 300
    y = np.repeat((np.arange(pairs) < 30).astype(np.uint8), 2)
    tried = [np.repeat(draw.normal(size=pairs), 2) + 1.0 * y for _ in range(20)]
    apart = corrected(evidence(y, tried), RULE, flagged=40)
    together = corrected(evidence(y, tried, np.repeat(np.arange(pairs), 2)), RULE, flagged=40)
    assert together.precision < apart.precision


def test_the_same_seed_gives_the_same_estimate():
    y = (np.arange(300) < 30).astype(np.uint8)
    tried = [np.random.default_rng(5).normal(size=300) + y]
    first, again, other = (corrected(evidence(y, tried), RULE, flagged=20, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_a_handful_of_texts_gives_bounds_of_nothing_rather_than_an_error():
    found = corrected(evidence(np.array([1, 0], np.uint8), [np.array([1.0, 0.0])]), RULE, flagged=1)
    assert isinstance(found, Corrected)
    assert not math.isnan(found.precision_bound)


def test_the_choice_without_a_fold_is_made_on_the_other_folds():
    y, folds = (np.arange(400) < 80).astype(np.uint8), np.arange(400) % 5
    noise = np.random.default_rng(0).normal(size=400)
    blind = np.where(folds == 0, -6.0 * y, 2.3 * y) + noise  # wrong in fold 0 alone
    fair = 2.2 * y + noise
    assert [best_without(evidence(y, [blind, fair]), RULE, k) for k in range(5)] == [0, 1, 1, 1, 1]
    assert best_without(evidence(y, [fair, fair + 1]), RULE, 0) == 0  # of equals the first


def test_luck_in_choosing_is_not_certified():
    """The chosen ranking is perfect, but without any one fold another is chosen, which is hopeless in that fold."""
    draw, y, folds = np.random.default_rng(0), (np.arange(400) < 80).astype(np.uint8), np.arange(400) % 5
    perfect = 9.0 * y + draw.normal(size=400)
    assert certificate_of(evidence(y, [perfect, perfect]), RULE) is not None
    spoiled = [np.where(folds == k, draw.normal(size=400), perfect) for k in range(5)]
    assert [best_without(evidence(y, spoiled), RULE, k) for k in range(5)] == [0, 1, 2, 3, 4]
    assert certificate_of(evidence(y, [*spoiled, perfect], chosen=5), RULE) is None


def test_the_number_of_choices_divides_what_bonferroni_allows():
    y = (np.arange(400) < 80).astype(np.uint8)
    perfect, rule = (
        9.0 * y + np.random.default_rng(0).normal(size=400),
        Rule(RULE.objective, Promise(form="bonferroni")),
    )
    assert certificate_of(evidence(y, [perfect], choices=2), rule) is not None
    assert certificate_of(evidence(y, [perfect], choices=10**9), rule) is None


def test_rows_set_aside_are_left_to_tell():
    y = (np.arange(400) < 80).astype(np.uint8)
    rule = Rule(RULE.objective, Promise(form="calibration"))
    assert certificate_of(evidence(y, [9.0 * y + np.arange(400) / 400]), rule) is None
