"""Sentences for the people who read the results: why a theme is not certified, and what would help."""

from __future__ import annotations

import math
import re

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
    assert binom.cdf(wrong, needed, 0.1) <= 0.1
    assert binom.cdf(math.ceil((needed - 1) * (1 - precision) - 1e-9), needed - 1, 0.1) > 0.1


@pytest.mark.parametrize(
    ("precision", "reason"),
    [
        (0.0, "precision (0.00 after correction) is below the 0.90 promised, so more texts alone would not certify it"),
        (
            0.8991,
            "precision (0.899 after correction) is below the 0.900 promised, so more texts alone would not certify it",
        ),
        (
            0.9,
            "precision (0.90 after correction) is not above the 0.90 promised, so more texts alone would not certify "
            "it",
        ),
        (
            0.9001,
            "precision (0.9001 after correction) is close to the limit of 0.9000: far more labelled texts than is "
            "practical",
        ),
        (math.nan, "precision on new texts could not be estimated"),
    ],
)
def test_too_little_precision_is_said_to_be_too_little(precision: float, reason: str) -> None:
    assert evidence_needed(precision, Promise()) is None
    assert why_not_certified(precision, 10, 20, Promise()) == f"not certified: {reason}"


def test_more_texts_are_not_said_to_be_useless_where_more_labels_would_help() -> None:
    assert why_not_certified(0.8, 10, 20, Promise(), gain=0.05).endswith("is below the 0.90 promised")
    assert why_not_certified(0.8, 10, 20, Promise(), gain=0.0).endswith(", so more texts alone would not certify it")


@pytest.mark.parametrize("precision", [0.901, 0.905, 0.91, 0.92, 0.95, 1.0])
@pytest.mark.parametrize(("tagged", "positives"), [(0, 40), (3, 400), (68, 114), (2000, 9000)])
def test_no_need_of_five_digits_is_told(precision: float, tagged: int, positives: int) -> None:
    sentence = why_not_certified(precision, tagged, positives, Promise())
    assert not re.search(r"[0-9]{2},[0-9]{3}|[0-9]{5}", sentence)


def test_the_evidence_that_is_there_is_named_in_the_right_number() -> None:
    one, none = (why_not_certified(1.0, tagged, 20, Promise()) for tagged in (1, 0))
    needs = "and it takes 22 to prove 0.90: about 440 labelled texts of the theme instead of 20"
    assert f"rests on 1 distinct tagged text, {needs}" in one
    assert f"rests on 0 distinct tagged texts, {needs}" in none


def test_enough_evidence_with_early_errors_has_a_reason_of_its_own() -> None:
    sentence = why_not_certified(0.95, 200, 300, Promise())
    assert "rests on enough texts (200), but too many of the highest scores are wrong, or only the chosen" in sentence
    alone = why_not_certified(0.95, 400, 600, Promise(form="bonferroni"))
    assert alone.endswith("too many of the highest scores are wrong")


@pytest.mark.parametrize(
    ("gain", "end"),
    [
        (0.08, "more labels would help: doubling them raised average precision by 0.08"),
        (0.02, "more labels would help: doubling them raised average precision by 0.02"),
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
