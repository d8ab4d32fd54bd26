"""Sentences for the people who read the results: why a theme is not certified, and what would help."""

from __future__ import annotations

import math

import pytest
from scipy.stats import binom

from themetagger.selection.advice import effect_of_more_labels, evidence_needed, why_not_certified
from themetagger.selection.guarantee import Promise


@pytest.mark.parametrize("precision", [0.92, 0.95, 0.99, 1.0])
def test_the_evidence_that_is_said_to_be_missing_would_do(precision: float) -> None:
    promise = Promise()
    needed = evidence_needed(precision, promise)
    assert needed is not None
    wrong = math.ceil(needed * (1 - precision) - 1e-9)
    assert binom.cdf(wrong, needed, 0.1) <= 0.05
    assert binom.cdf(math.ceil((needed - 1) * (1 - precision) - 1e-9), needed - 1, 0.1) > 0.05


@pytest.mark.parametrize(
    ("precision", "reason"),
    [
        (0.0, "precision on new texts is estimated at 0.00, below the promised 0.90"),
        (0.8991, "precision on new texts is estimated at 0.899, below the promised 0.900"),
        (0.9, "precision on new texts is estimated at 0.90, not above the promised 0.90"),
        (
            0.9001,
            "estimated at 0.9001, too close to the promised 0.9000 for 20,000 tagged texts to show the difference",
        ),
        (math.nan, "precision on new texts could not be estimated"),
    ],
)
def test_too_little_precision_is_said_to_be_too_little(precision: float, reason: str) -> None:
    assert evidence_needed(precision, Promise()) is None
    sentence = why_not_certified(precision, 10, 20, Promise())
    assert reason in sentence
    assert sentence.endswith("; the model has to become more precise")


def test_the_evidence_that_is_there_is_named_in_the_right_number() -> None:
    assert "and there is 1; about 580 labelled texts" in why_not_certified(1.0, 1, 20, Promise())
    assert "and there are 0; about 580 labelled texts" in why_not_certified(1.0, 0, 20, Promise())


def test_enough_evidence_with_early_errors_has_a_reason_of_its_own() -> None:
    sentence = why_not_certified(0.95, 200, 300, Promise())
    assert "its 200 tagged texts would suffice, but too many with the highest scores are wrong, or it is so" in sentence
    alone = why_not_certified(0.95, 400, 600, Promise(form="bonferroni"))
    assert alone.endswith("too many with the highest scores are wrong")


@pytest.mark.parametrize(
    ("gain", "end"),
    [
        (0.08, "more labels would help: the last doubling of them raised average precision by 0.08"),
        (0.02, "more labels would help: the last doubling of them raised average precision by 0.02"),
        (0.012, "raised average precision by only 0.01"),
        (0.001, "did not raise average precision"),
        (-0.001, "did not raise average precision"),
        (-0.2, "did not raise average precision"),
        (math.nan, ""),
    ],
)
def test_what_more_labels_would_give_is_said_without_a_gain_of_minus_nothing(gain: float, end: str) -> None:
    sentence = effect_of_more_labels(gain)
    assert sentence.endswith(end)
    assert "-0.00" not in sentence
