"""Tags against the truth: counted by hand, also for themes that only one side knows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from themetagger.corpus import Corpus, corpus_from_frame
from themetagger.features.encoder import Encoder
from themetagger.selection.confusion import Confusion
from themetagger.selection.results import HeldOut
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.evaluation import evaluate
from themetagger.tagger.theme_tagger import ThemeTagger


class Scripted(ThemeTagger):
    """A tagger whose decisions are given: a number a text and theme, zero or more where it is assigned."""

    def __init__(self, decisions: dict[str, list[float]], skipped: tuple[str, ...] = ()) -> None:
        theme_results = [
            ThemeResult(theme, "BEST_EFFORT", family="ridge", view="words", threshold=0.0) for theme in decisions
        ]
        super().__init__(
            [*theme_results, *(ThemeResult.skipped(theme, "rare") for theme in skipped)], {}, Encoder((), {}, {})
        )
        self.decisions = np.array(list(decisions.values()), dtype=float).T

    def decision_function(self, texts: Any) -> Any:
        return self.decisions


def corpus(*themes: str) -> Corpus:
    return corpus_from_frame(
        pd.DataFrame({"Processed Text": [f"text {i}" for i in range(len(themes))], "Themes": themes})
    )


@pytest.mark.parametrize(
    ("decisions", "counts", "average_precision"),
    [
        ([2.0, -1.0, 1.0, -2.0], Confusion(tp=1, fp=1, fn=1, tn=1), (1 + 2 / 3) / 2),
        ([2.0, 1.0, -1.0, -2.0], Confusion(tp=2, fp=0, fn=0, tn=2), 1.0),
        ([0.0, 0.0, 0.0, 0.0], Confusion(tp=2, fp=2, fn=0, tn=0), 0.5),
        ([-1.0, -1.0, -1.0, -1.0], Confusion(tp=0, fp=0, fn=2, tn=2), 0.5),
        ([-2.0, -1.0, 1.0, 2.0], Confusion(tp=0, fp=2, fn=2, tn=0), (1 / 3 + 1 / 2) / 2),
    ],
)
def test_every_text_is_counted_once(decisions: list[float], counts: Confusion, average_precision: float) -> None:
    measured = evaluate(Scripted({"pay": decisions}), corpus("pay", "pay, staff", "staff", ""))
    assert measured["pay"].counts == counts
    assert measured["pay"].average_precision == pytest.approx(average_precision)


def test_a_theme_without_a_model_misses_all_its_positives() -> None:
    measured = evaluate(Scripted({"pay": [1.0, 1.0, 1.0]}, skipped=("staff",)), corpus("staff", "pay, staff", ""))
    assert measured["staff"].counts == Confusion(tp=0, fp=0, fn=2, tn=1)
    assert math.isnan(measured["staff"].average_precision)


def test_a_theme_that_the_texts_do_not_name_has_no_positive() -> None:
    measured = evaluate(Scripted({"pay": [1.0, -1.0, -1.0]}, skipped=("food",)), corpus("staff", "", ""))
    assert measured["pay"].counts == Confusion(tp=0, fp=1, fn=0, tn=2)
    assert math.isnan(measured["pay"].average_precision)
    assert measured["food"] == HeldOut(Confusion(0, 0, 0, 3), measured["food"].average_precision)


def test_the_columns_of_the_tagger_and_of_the_corpus_may_stand_in_any_order() -> None:
    decisions = {"staff": [-1.0, 1.0, 1.0], "pay": [1.0, -1.0, -1.0]}
    measured = evaluate(Scripted(decisions), corpus("pay", "staff", "staff"))
    assert [measured[theme].counts for theme in ("pay", "staff")] == [Confusion(1, 0, 0, 2), Confusion(2, 0, 0, 1)]


def test_the_themes_measured_are_those_of_the_tagger() -> None:
    measured = evaluate(Scripted({"pay": [1.0, 1.0]}, skipped=("food",)), corpus("pay, unknown", "unknown"))
    assert list(measured) == ["pay", "food"]


def test_a_tagger_without_any_model_is_measured_too() -> None:
    tagger = ThemeTagger([ThemeResult.skipped("pay", "rare")], {}, Encoder(("lower",), {}, {}))
    assert evaluate(tagger, corpus("pay", ""))["pay"].counts == Confusion(0, 0, 1, 1)
