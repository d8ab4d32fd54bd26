"""The rule that chooses a configuration and its cut, and what it certifies."""

from __future__ import annotations

import numpy as np
import pytest

from themetagger.selection.evidence import Evidence
from themetagger.selection.guarantee import Promise
from themetagger.selection.objectives import FBeta, PrecisionFirst
from themetagger.selection.operating_points import operating_points
from themetagger.selection.rule import Assessment, Rule, best_without, certificate_of

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
    assert rule.displaces(Assessment(*found), Assessment(*best)) == displaces


def test_the_best_is_the_last_that_displaced_another():
    y = np.array([1, 1, 1, 0, 0, 0, 0, 0])
    poor, good = operating_points(y, [1, 8, 2, 7, 6, 5, 4, 3]), operating_points(y, [8, 7, 6, 5, 4, 3, 2, 1])
    assert RULE.best([poor, good, good]) == 1
    assert RULE.best([good, poor]) == 0


def test_copies_of_a_text_are_no_evidence():
    """Ten texts, three times each, are thirty right tags, and show no more than ten."""
    y = (np.arange(400) < 30).astype(np.uint8)
    scores = 9.0 * y + np.arange(400) / 1_000
    assert certificate_of(evidence(y, [scores]), RULE) is not None
    groups = np.where(y > 0, np.arange(400) % 10, np.arange(400))
    assert certificate_of(evidence(y, [scores], groups), RULE) is None


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


def test_a_certified_cut_is_deployed_where_the_objective_promises_precision():
    assert RULE.deploys_certified_cut
    assert not Rule(FBeta(), Promise()).deploys_certified_cut
