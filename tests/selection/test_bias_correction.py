"""What the figures of a choice are worth on texts that had no say in it, and how low they may be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import beta, norm

from themetagger.selection.bias_correction import BiasCorrected, bias_corrected
from themetagger.selection.evidence import Evidence
from themetagger.selection.guarantee import Promise
from themetagger.selection.objectives import PrecisionFirst
from themetagger.selection.operating_points import operating_points
from themetagger.selection.rule import Rule

RULE = Rule(PrecisionFirst(), Promise())


def evidence(y, tried, groups=None):
    groups = np.arange(len(y)) if groups is None else groups
    return Evidence(y, tuple(tried), 0, np.arange(len(y)) % 5, groups, choices=1)


def _themes(configurations: int, seed: int, themes: int = 30):
    """Per theme: plain, corrected and true precision of the chosen cut, for scores of which the truth is known."""
    draw, n, positives = np.random.default_rng(seed), 800, 40
    y = (np.arange(n) < positives).astype(np.uint8)
    for _ in range(themes):
        noise = 0.6 * draw.normal(size=n) + 0.8 * draw.normal(size=(configurations, n))
        tried = list(2.0 * y + noise)
        best = RULE.best(operating_points(y, scores) for scores in tried)
        points = operating_points(y, tried[best])
        cut = RULE.objective.choose(points)
        found = bias_corrected(evidence(y, tried), RULE, threshold=points.thresholds[cut], certified=False, samples=60)
        hits, false = positives * norm.sf(points.thresholds[cut] - 2), (n - positives) * norm.sf(points.thresholds[cut])
        yield points.precision[cut], found, hits / (hits + false), norm.sf(points.thresholds[cut] - 2)


@pytest.mark.slow
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
    found, flagged = bias_corrected(evidence(y, tried), RULE, threshold=2.0, certified=False), (tried[0] >= 2).sum()
    p, r = found.precision, found.recall
    assert found.precision_bound == pytest.approx(beta.ppf(0.1, p * flagged, (1 - p) * flagged + 1))
    assert found.recall_bound == pytest.approx(beta.ppf(0.1, r * 50, (1 - r) * 50 + 1))
    strict = Rule(PrecisionFirst(), Promise(confidence=0.99))
    assert (
        bias_corrected(evidence(y, tried), strict, threshold=2.0, certified=False).precision_bound
        < found.precision_bound
    )


def test_copies_of_a_text_make_no_bound_tighter():
    draw, n = np.random.default_rng(3), 500
    y = (np.arange(n) < 50).astype(np.uint8)
    scores = 2.0 * y + draw.normal(size=n)
    once = bias_corrected(evidence(y, [scores]), RULE, threshold=2.0, certified=False)
    thrice = evidence(np.tile(y, 3), [np.tile(scores, 3)], np.tile(np.arange(n), 3))
    copied = bias_corrected(thrice, RULE, threshold=2.0, certified=False)
    assert copied.precision == pytest.approx(once.precision)
    assert copied.precision_bound == pytest.approx(once.precision_bound)
    assert copied.recall_bound == pytest.approx(once.recall_bound)


@pytest.mark.parametrize("flagged", [30, 50, 80])
def test_of_a_certified_cut_the_number_of_flagged_texts_stays(flagged):
    """The recall that is expected is about that of so many texts, not that of the objective's own cut."""
    draw, n = np.random.default_rng(6), 2_000
    y = (np.arange(n) < 100).astype(np.uint8)
    scores = 3.0 * y + draw.normal(size=n)
    threshold = float(np.sort(scores)[-flagged])
    found = bias_corrected(evidence(y, [scores]), RULE, threshold=threshold, certified=True)
    assert found.recall == pytest.approx(y[scores >= threshold].mean() * flagged / 100, abs=0.05)


@pytest.mark.slow
def test_the_rows_of_a_duplicate_group_are_drawn_or_left_out_together():
    """A ranking that knows each text by its twin looks perfect row by row, and fails by group."""
    draw, pairs = np.random.default_rng(4), 300
    y = np.repeat((np.arange(pairs) < 30).astype(np.uint8), 2)
    tried = [np.repeat(draw.normal(size=pairs), 2) + 1.0 * y for _ in range(20)]
    apart = bias_corrected(evidence(y, tried), RULE, threshold=2.0, certified=False)
    together = bias_corrected(evidence(y, tried, np.repeat(np.arange(pairs), 2)), RULE, threshold=2.0, certified=False)
    assert together.precision < apart.precision


def test_the_same_seed_gives_the_same_estimate():
    y = (np.arange(300) < 30).astype(np.uint8)
    tried = [np.random.default_rng(5).normal(size=300) + y]
    first, again, other = (
        bias_corrected(evidence(y, tried), RULE, threshold=2.0, certified=False, seed=seed) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_a_handful_of_texts_gives_bounds_of_nothing_rather_than_an_error():
    found = bias_corrected(
        evidence(np.array([1, 0], np.uint8), [np.array([1.0, 0.0])]), RULE, threshold=2.0, certified=False
    )
    assert isinstance(found, BiasCorrected)
    assert not math.isnan(found.precision_bound)
