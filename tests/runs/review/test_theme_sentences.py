"""What the page says about one theme, in sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

import themetagger.search.levels as levels
from themetagger.runs.review.theme_sentences import ENDED, of_result
from themetagger.selection.confusion import Confusion
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
