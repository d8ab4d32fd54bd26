"""What the page says about one theme, in sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
from toys import curve

import themetagger.search.levels as levels
from themetagger.runs.review.theme_sentences import ENDED, of_learning_curve, of_result
from themetagger.selection.advice import effect_of_more_labels
from themetagger.selection.confusion import Confusion
from themetagger.selection.learning_curve import USUAL
from themetagger.selection.theme_result import ThemeResult


@pytest.mark.parametrize(
    ("stopped", "trials", "said"),
    [
        (
            "patience",
            9,
            "chosen from 9 trials; the search stopped after several trials without improvement.",
        ),
        ("trials used up", 1, "chosen from 1 trial; the search used all its trials."),
        ("", 2, "chosen from 2 trials."),
    ],
)
def test_a_sentence_says_why_the_search_ended(stopped: str, trials: int, said: str) -> None:
    counts = Confusion(tp=9, fp=1, fn=5, tn=85)
    result = ThemeResult("pay", "BEST_EFFORT", "", 14, "ridge", "words", counts=counts, trials=trials, stopped=stopped)
    assert list(of_result(result)) == [f"The model is ridge on words, {said}"]


def test_every_reason_that_the_search_gives_has_a_clause() -> None:
    source = Path(levels.__file__).read_text(encoding="utf-8")
    assert [reason for reason in ENDED if f'"{reason}"' not in source] == []


def test_a_certified_theme_whose_rows_are_less_precise_says_what_the_promise_is_about() -> None:
    promised = {"certified_target": 0.9, "certified_flagged": 40, "certified_hits": 39, "certified_positives": 50}
    thresholds = {"threshold": 0.5, "certified_threshold": 0.5}
    for counts, told in ((Confusion(70, 20, 9, 85), True), (Confusion(70, 2, 9, 85), False)):
        result = ThemeResult("pay", "CERTIFIED", "", 79, "ridge", "words", counts=counts, **promised, **thresholds)
        said = " ".join(of_result(result))
        assert ("of the 40 that were tagged, 39 are right (0.97); over all rows, copies among them" in said) == told


@pytest.mark.parametrize("gain", [0.05, 0.0])
def test_the_learning_curve_says_of_more_labels_what_the_table_says(gain: float) -> None:
    counts = Confusion(tp=9, fp=1, fn=5, tn=85)
    result = ThemeResult("pay", "BEST_EFFORT", "", 14, "ridge", "words", counts=counts, label_gain=gain)
    (said,) = of_learning_curve(curve(0.3 if gain else -0.4), result, USUAL)
    wanted, other = ("would help", "would hardly help")[:: 1 if gain else -1]
    assert f"more labels {wanted}" in effect_of_more_labels(gain)
    assert f"ore labels {wanted}" in said
    assert f"ore labels {other}" not in said
