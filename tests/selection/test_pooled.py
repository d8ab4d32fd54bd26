"""The pooled certificate: kept where the truth is known, strict where the tags of a text go wrong together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from themetagger.selection.evidence import Evidence
from themetagger.selection.guarantee import Promise
from themetagger.selection.objectives import PrecisionFirst
from themetagger.selection.pooled import PooledCertificate, _Ranking, certify_pooled
from themetagger.selection.rule import Rule

RULE = Rule(PrecisionFirst(), Promise())
POOLED = PooledCertificate(0.8, target=0.9, confidence=0.9, flagged=200, hits=190, positives=380)


def themes(
    n: int, number: int, *, gap: float, seed: int = 0, copies: int = 1, tried: int = 1
) -> dict[str, tuple[Evidence, Rule]]:
    """``number`` themes over ``n`` distinct texts, whose scores are ``gap`` standard deviations apart."""
    draw, folds = np.random.default_rng(seed), np.tile(np.arange(n) % 5, copies)
    groups, made = np.tile(np.arange(n), copies), {}
    for j in range(number):
        truth = (draw.random(n) < 0.2).astype(np.uint8)
        scores = tuple(np.tile(gap * truth + draw.normal(size=n), copies) for _ in range(tried))
        made[f"t{j}"] = Evidence(np.tile(truth, copies), scores, 0, folds, groups, choices=tried), RULE
    return made


def test_it_says_what_it_rests_on() -> None:
    pooled = certify_pooled(themes(400, 4, gap=3), Promise())
    assert pooled is not None
    assert (pooled.target, pooled.confidence) == (0.9, 0.9)
    assert pooled.hits / pooled.flagged == pooled.precision > 0.9
    assert 0.5 < pooled.recall < 1
    assert binom.cdf(pooled.flagged - pooled.hits, pooled.flagged, 0.1) <= 0.1
    assert "at least 90% of all tags right" in pooled.said


def test_a_higher_target_asks_for_a_higher_probability() -> None:
    known = themes(600, 4, gap=3)
    low, high = certify_pooled(known, Promise(target=0.8)), certify_pooled(known, Promise(target=0.95))
    assert low is not None
    assert high is not None
    assert low.probability < high.probability
    assert low.recall > high.recall


@pytest.mark.parametrize("known", [{}, themes(300, 3, gap=0.5), themes(40, 1, gap=3)], ids=["none", "poor", "few"])
def test_where_nothing_can_be_shown_there_is_none(known: dict[str, tuple[Evidence, Rule]]) -> None:
    assert certify_pooled(known, Promise()) is None


def test_copies_of_a_text_are_no_further_evidence() -> None:
    once, twice = (
        certify_pooled(themes(300, 3, gap=3), Promise()),
        certify_pooled(themes(300, 3, gap=3, copies=2), Promise()),
    )
    assert once is not None
    assert twice is not None
    assert (twice.flagged, twice.hits, twice.positives) == (once.flagged, once.hits, once.positives)


def test_luck_in_choosing_makes_it_no_larger() -> None:
    known = themes(300, 3, gap=2.2, tried=12, seed=4)
    lucky = {name: (replace(one, chosen=0), rule) for name, (one, rule) in known.items()}
    alone = {name: (replace(one, tried=one.tried[:1], chosen=0), rule) for name, (one, rule) in known.items()}
    both, one = certify_pooled(lucky, Promise(target=0.8)), certify_pooled(alone, Promise(target=0.8))
    assert one is not None
    assert both is None or both.flagged <= one.flagged


def test_errors_that_come_together_count_for_fewer() -> None:
    right = np.ones(200, dtype=bool)
    right[::20] = False  # ten errors, each in a text of its own
    apart = _Ranking(np.linspace(1, 0.5, 200), np.arange(200), right, 300)
    together = replace(apart, text=np.where(right, np.arange(200), 0))  # all of them in one text
    assert apart._design_effect(200, 0.05) == pytest.approx(1, abs=0.01)
    assert together._design_effect(200, 0.05) > 5
    assert apart._passes(200, 0.9, 0.1)
    assert not together._passes(200, 0.9, 0.1)


def test_equal_probabilities_are_tagged_together() -> None:
    ranking = _Ranking(np.array([0.9, 0.8, 0.8, 0.8, 0.7]), np.arange(5), np.array([1, 1, 0, 0, 1], dtype=bool), 3)
    assert ranking.at(2) == ranking.at(4) == (4, 2)


@pytest.mark.slow
@pytest.mark.parametrize("gap", [1.8, 2.2])
def test_it_is_kept_where_the_truth_is_known(gap: float) -> None:
    claimed = broken = 0
    for seed in range(40):
        pooled = certify_pooled(themes(400, 5, gap=gap, seed=seed), Promise(target=0.8))
        if pooled is None:
            continue
        claimed += 1
        fresh = themes(2_000, 5, gap=gap, seed=1000 + seed)
        at = [(one.truth, _probable(one)) for one, _ in fresh.values()]
        tagged = np.concatenate([found >= pooled.probability for _, found in at])
        truth = np.concatenate([truth for truth, _ in at])
        broken += bool(truth[tagged].mean() < 0.8)
    assert claimed > 10
    assert broken <= 0.1 * 40


def _probable(evidence: Evidence) -> np.ndarray:
    from themetagger.selection.calibration import probabilities

    return probabilities(evidence.scores, *evidence.calibration)


def test_it_comes_back_from_json() -> None:
    assert PooledCertificate.from_json(POOLED.to_json()) == POOLED


@pytest.mark.parametrize(
    "change",
    [
        {"probability": 0.0},
        {"probability": 1},
        {"probability": float("nan")},
        {"target": 1.5},
        {"confidence": "0.9"},
        {"hits": 201},
        {"flagged": -1},
        {"positives": 100},
        {"flagged": 200.0},
        {"hits": True},
        {"more": 1},
    ],
    ids=str,
)
def test_one_that_no_run_could_have_found_is_refused(change: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        PooledCertificate.from_json({**POOLED.to_json(), **change})
