"""What new texts have that training does not explain: unknown words, and themes given more or less often."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import betabinom
from toys import SMALL, toy

from themetagger.features import count_terms
from themetagger.runs.tune import tune
from themetagger.selection.confusion import Confusion
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.drift import ALPHA, UnknownWords, drift_of, unknown_in_training, unknown_shares
from themetagger.tagger.theme_tagger import ThemeTagger

PAY = ThemeResult("pay <b>", "BEST_EFFORT", family="ridge", counts=Confusion(tp=30, fp=10, fn=20, tn=340))
NONE = np.zeros(0)


@pytest.fixture(scope="module")
def tagger() -> ThemeTagger:
    return tune(toy(), **SMALL).tagger


def test_a_word_is_known_by_two_texts_of_other_folds() -> None:
    texts = ["pay food", "pay food", "pay soup", "pay food", "odd"]
    folds = np.array([0, 0, 1, 1, 1])
    found = unknown_in_training(texts, count_terms(texts, "word"), folds, ["pay", "food", "soup", "odd", "pay food"])
    # fold 0 sees pay twice, food once elsewhere; fold 1 sees pay and food twice, soup and odd never
    assert found == UnknownWords(np.mean([0.5, 0.5, 0.5, 0.0, 1.0]), np.std([0.5, 0.5, 0.5, 0.0, 1.0]), 5)


def test_frequent_words_that_no_model_looks_at_are_known() -> None:
    texts = ["the pay", "the food", "the pay", "the food"]
    found = unknown_in_training(texts, count_terms(texts, "word"), np.array([0, 0, 1, 1]), ["pay", "food"])
    assert found is not None
    assert found.common == ("the",)
    assert found.mean == 0.5  # pay and food are once elsewhere


def test_without_spaces_one_and_two_signs_are_words() -> None:
    texts = ["工资", "工资", "工人", "工资"]
    found = unknown_in_training(texts, count_terms(texts, "word"), np.array([0, 0, 1, 1]), ["工", "资", "工资"])
    assert found is not None
    assert found.mean == pytest.approx(np.mean([2 / 3, 2 / 3, 2 / 3, 0]))  # fold 0 sees 资 and 工资 once elsewhere
    assert unknown_shares(["工资", "工人"], {"工", "工资"}).round(2).tolist() == [0.33, 0.67]
    assert unknown_shares(["工资", "工人"], {"工", "工资"}, signs=False).tolist() == [0, 1]


@pytest.mark.parametrize("vocabulary", [[], ["pay food"], ["cantine"]])
def test_a_tagger_that_looks_at_no_word_expects_nothing(vocabulary: list[str]) -> None:
    texts = ["pay food", "pay food"]
    assert unknown_in_training(texts, count_terms(texts, "word"), np.array([0, 1]), vocabulary) is None


@pytest.mark.parametrize("count", [0, 5, 8, 13, 60, 200])
def test_the_interval_of_a_theme_is_that_of_the_beta_binomial_distribution(count: int) -> None:
    """40 of 400 in training; among 100 new texts each further count is less likely."""
    (row,) = drift_of([PAY], np.array([count]), 200, None, NONE).table.itertuples()
    assert (row.kind, row.what, row.expected, row.observed) == ("theme", PAY.theme, 0.1, count / 200)
    beyond = betabinom.cdf(count, 200, 40.5, 360.5) < ALPHA / 4 or betabinom.sf(count - 1, 200, 40.5, 360.5) < ALPHA / 4
    assert row.beyond == beyond


@pytest.mark.slow
def test_false_alarms_are_as_rare_as_promised() -> None:
    """20 themes whose rates are known, 300 times: something is beyond in at most 5 of 100."""
    draw, alarms = np.random.default_rng(0), 0
    rates = draw.uniform(0.01, 0.3, 20)
    for _ in range(300):
        theme_results = [
            ThemeResult(str(j), "BEST_EFFORT", family="x", counts=Confusion(0, n, 0, 500 - n))
            for j, n in enumerate(draw.binomial(500, rates))
        ]
        unknown = draw.beta(2, 20, 500)
        expected = UnknownWords(float(unknown.mean()), float(unknown.std()), 500)
        alarms += (
            drift_of(theme_results, draw.binomial(200, rates), 200, expected, draw.beta(2, 20, 200))
            .table["beyond"]
            .any()
        )
    assert alarms <= 0.07 * 300  # 5 of 100, and two standard errors


def test_fewer_unknown_words_are_no_drift_more_are() -> None:
    expected = UnknownWords(mean=0.2, deviation=0.1, texts=1000)
    none, at_ease, lost = (
        drift_of([], np.zeros(0, np.int64), 100, expected, np.full(100, share)) for share in (0.2, 0.0, 0.3)
    )
    assert (none.warnings, at_ease.warnings) == ([], [])
    assert lost.warnings == ["30.0% of a text's words are unknown, outside the 17.9% to 22.1% expected from training"]


def test_a_theme_outside_its_interval_is_warned_of() -> None:
    drift = drift_of([PAY], np.array([80]), 200, None, NONE)
    interval = "outside the 5.0% to 16.5% expected from training"
    assert drift.warnings == [f"pay <b> is given to 40.0% of the texts, {interval}"]
    shown = drift._repr_html_()
    assert "pay &lt;b&gt; is given" in shown
    assert "<b>" not in shown
    assert "No share lies outside" in drift_of([PAY], np.array([20]), 200, None, NONE)._repr_html_()


def test_a_theme_named_unknown_words_is_a_theme() -> None:
    odd = ThemeResult("unknown words", "BEST_EFFORT", family="x", counts=Confusion(30, 10, 20, 340))
    assert drift_of([odd], np.array([0]), 200, None, NONE).warnings[0].startswith("unknown words is given to 0.0%")


def test_texts_of_the_same_source_raise_no_warning_and_others_do(tagger: ThemeTagger) -> None:
    assert tagger.check(toy(80, seed=7)["Processed Text"].tolist()).warnings == []
    foreign = tagger.check(["Die Chefin hört zu", "Der Lohn ist zu niedrig"] * 20)
    assert "of a text's words are unknown" in foreign.warnings[0]
    assert foreign.table["observed"][0] == 1.0
    richer = tagger.check(["salary wage bonus"] * 40)
    assert any(line.startswith("pay is given to 100.0%") for line in richer.warnings)


@pytest.mark.parametrize("texts", [[], [""], ["", "  "]])
def test_no_text_and_empty_texts_are_looked_at_without_an_error(tagger: ThemeTagger, texts: list[str]) -> None:
    found = tagger.check(texts)
    assert found.texts == len(texts)
    assert (found.table["kind"] == "theme").all()


def test_the_file_keeps_what_was_expected(tagger: ThemeTagger, tmp_path: Any) -> None:
    tagger.save(tmp_path / "a.tagger")
    again = ThemeTagger.load(tmp_path / "a.tagger")
    assert again.unknown_words == tagger.unknown_words is not None
    again.unknown_words = None  # as of an older file
    again.save(tmp_path / "b.tagger")
    table = ThemeTagger.load(tmp_path / "b.tagger").check(["salary"]).table
    assert set(table["kind"]) == {"theme"}


def test_shares_count_each_occurrence() -> None:
    np.testing.assert_allclose(unknown_shares(["pay pay odd", "a"], {"pay"}), [1 / 3, np.nan])
