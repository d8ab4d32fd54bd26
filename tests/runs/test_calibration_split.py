"""Calibration rows: the deployed models are tested on texts that no choice saw."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from scipy.stats import binom
from toys import SMALL, toy

from themetagger.corpus import corpus_from_frame, hold_out
from themetagger.runs import calibration_split
from themetagger.runs.calibration_split import SHARE
from themetagger.runs.tune import Run, tune
from themetagger.selection.guarantee import Promise
from themetagger.selection.objectives import FBeta, PrecisionFirst

pytestmark = pytest.mark.slow

EASY = Promise(target=0.6, confidence=0.8, form="calibration")


def run(promise: Promise, **settings: Any) -> Run:
    return tune(toy(240), **(SMALL | {"promise": promise} | settings))


@pytest.fixture(scope="module")
def calibrated() -> Run:
    return run(EASY)


def test_the_rows_set_aside_are_not_tuned_on(calibrated: Run) -> None:
    train, rows = hold_out(corpus_from_frame(toy(240)), share=SHARE, seed=0)
    supports = calibrated.results.set_index("theme")["support"]
    assert supports.to_dict() == {theme: int(train.column(theme).sum()) for theme in train.themes}
    assert f"{len(rows)} rows were set aside to certify promises on, and not tuned on." in calibrated.notes


def test_a_certificate_speaks_of_the_deployed_models_on_those_rows(calibrated: Run) -> None:
    _, rows = hold_out(corpus_from_frame(toy(240)), share=SHARE, seed=0)
    scores = calibrated.tagger.scores(rows.texts)
    certified = [theme_result for theme_result in calibrated.tagger.theme_results if theme_result.certified]
    assert certified
    for theme_result in certified:
        truth = rows.column(theme_result.theme)
        tagged = scores[:, calibrated.tagger.themes.index(theme_result.theme)] >= theme_result.certified_threshold
        assert (theme_result.certified_flagged, theme_result.certified_hits) == (tagged.sum(), truth[tagged].sum())
        assert (theme_result.certified_positives, theme_result.status) == (truth.sum(), "CERTIFIED")
        assert binom.cdf(tagged.sum() - truth[tagged].sum(), tagged.sum(), 0.4) <= 0.2
        assert theme_result.threshold == theme_result.certified_threshold
        assert theme_result.precision_bound >= 0.6
        assert theme_result.counts.rows == 240 - len(rows)


def test_the_test_begins_where_the_rows_that_were_tuned_on_let_expect(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no label of the rows set aside decides where their test begins."""
    seen = []

    def noted(truth: Any, scores: Any, promise: Promise, *, expected: float) -> None:
        seen.append(expected)

    monkeypatch.setattr(calibration_split, "certify_on_calibration", noted)
    run(EASY)
    train, rows = hold_out(corpus_from_frame(toy(240)), share=SHARE, seed=0)
    assert seen == pytest.approx([train.column(theme).mean() * len(rows) for theme in train.themes])


def test_where_it_fails_the_row_says_what_is_missing() -> None:
    found = run(Promise(0.999, form="calibration")).results
    assert set(found["status"]) == {"BEST_EFFORT"}
    assert found["reason"].str.contains("not certified: ").all()
    assert found["reason"].str.contains("doubling them did not raise average precision").all()


def test_another_objective_keeps_its_own_cut() -> None:
    by_f1 = run(EASY, objective=FBeta())
    certified = [theme_result for theme_result in by_f1.tagger.theme_results if theme_result.certified]
    assert certified
    plain = tune(hold_out(corpus_from_frame(toy(240)), share=SHARE, seed=0)[0], **(SMALL | {"objective": FBeta()}))
    assert {w.theme: w.threshold for w in by_f1.tagger.theme_results} == {
        w.theme: w.threshold for w in plain.tagger.theme_results
    }


def test_one_theme_may_ask_for_it_alone() -> None:
    mixed = tune(toy(240), **(SMALL | {"overrides": {"pay": {"promise": EASY}}, "objective": PrecisionFirst(0.6)}))
    _, rows = hold_out(corpus_from_frame(toy(240)), share=SHARE, seed=0)
    pay, food = (next(one for one in mixed.tagger.theme_results if one.theme == theme) for theme in ("pay", "food"))
    assert (pay.certified_confidence, pay.certified_positives) == (0.8, rows.column("pay").sum())
    assert food.certified_confidence in (0.0, 0.9)
    assert "set aside" in mixed.notes[-1]


def test_no_row_is_set_aside_where_no_theme_asks_for_it() -> None:
    by_sequence = {theme: {"promise": Promise()} for theme in ("pay", "staff", "food")}
    assert not any("set aside" in note for note in run(EASY, overrides=by_sequence).notes)


def test_a_theme_that_became_too_small_is_told_why() -> None:
    reasons = run(EASY, min_positives=60).results["reason"]
    assert reasons.str.endswith("(30% of the rows were set aside to certify on)").all()


def test_figures_of_a_certified_cut_are_those_of_the_rows_set_aside(calibrated: Run) -> None:
    for theme_result in (one for one in calibrated.tagger.theme_results if one.certified):
        assert theme_result.corrected_precision == theme_result.certified_hits / theme_result.certified_flagged
        assert theme_result.corrected_recall == theme_result.certified_recall > theme_result.recall_bound
        assert theme_result.precision_bound == 0.6


def test_copies_among_the_rows_set_aside_count_once() -> None:
    many = tune(pd.concat([toy(240)] * 3, ignore_index=True), **(SMALL | {"promise": EASY}))
    _, rows = hold_out(corpus_from_frame(pd.concat([toy(240)] * 3, ignore_index=True)), share=SHARE, seed=0)
    for theme_result in (one for one in many.tagger.theme_results if one.certified):
        assert theme_result.certified_positives == rows.column(theme_result.theme).sum() / 3
