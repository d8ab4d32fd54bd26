"""One scoring gives tags, probabilities, scores and outcomes: the same numbers as each call by itself."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest
from toys import SMALL, toy

from themetagger.runs.tune import tune
from themetagger.selection.pooled import PooledCertificate
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.predictions import OUTCOMES, POLICIES, Predictions
from themetagger.tagger.theme_tagger import ThemeTagger

TEXTS = ["", "The salary, and a BONUS.", "unheard-of", *toy(40, seed=3)["Processed Text"]]


@pytest.fixture(scope="module")
def tagger() -> ThemeTagger:
    """A tagger whose first theme is certified above its threshold, and the others not at all."""
    tuned = tune(toy(), **SMALL).tagger
    first = tuned.themes[0]
    certified = {"certified_flagged": 30, "certified_hits": 29, "certified_positives": 40}
    results = [
        replace(one, status="BEST_EFFORT", certified_threshold=one.threshold + 0.3, **certified)
        if one.theme == first
        else replace(one, status="BEST_EFFORT", certified_threshold=np.inf, certified_flagged=0)
        for one in tuned.theme_results
    ]
    return ThemeTagger(results, tuned.members, tuned.encoder, table_format=tuned.table_format)


def test_each_number_is_bit_for_bit_that_of_its_own_call(tagger: ThemeTagger) -> None:
    predicted = tagger.predict_all(TEXTS)
    assert predicted.themes == tagger.themes
    assert predicted.scores.tobytes() == tagger.scores(TEXTS).tobytes()
    assert predicted.probabilities.tobytes() == tagger.predict_proba(TEXTS).tobytes()
    assert predicted.margins.tobytes() == tagger.decision_function(TEXTS).tobytes()
    assert (predicted.assigned == (tagger.predict(TEXTS) == 1)).all()
    assert predicted.tags == tagger.tag(TEXTS)
    certified = tagger.predict_all(TEXTS, policy="certified")
    assert certified.tags == tagger.tag(TEXTS, policy="certified")
    assert certified.review == tagger.review(TEXTS)
    assert (predicted.with_policy("certified").outcomes == certified.outcomes).all()


def test_a_decision_is_score_minus_threshold_and_outcomes_follow_from_the_cuts(tagger: ThemeTagger) -> None:
    predicted = tagger.predict_all(TEXTS, policy="certified")
    thresholds = [tagger.thresholds[theme] for theme in tagger.themes]
    full = slice(1, None)  # the first text is empty
    assert (predicted.margins[full] == (predicted.scores - thresholds)[full]).all()
    sure = predicted.scores[:, 0] >= predicted.results[0].certified_threshold
    reached = predicted.scores >= thresholds
    sure[0] = reached[0] = False
    assert ((predicted.outcomes[:, 0] == "assign") == sure).all()
    assert (predicted.outcomes[:, 1:] != "assign").all()
    assert ((predicted.outcomes == "no") == ~reached).all()
    assert set(predicted.outcomes.ravel()) == {"assign", "review", "no"}
    assert set(predicted.with_policy("all").outcomes.ravel()) == {"assign", "no"}


def test_texts_are_scored_exactly_once_whatever_is_asked(tagger: ThemeTagger, monkeypatch: pytest.MonkeyPatch) -> None:
    scored, scores = [], ThemeTagger.scores
    monkeypatch.setattr(ThemeTagger, "scores", lambda self, texts: scored.append(len(texts)) or scores(self, texts))
    predicted = tagger.predict_all(TEXTS)
    for policy in ("all", "certified"):
        own = predicted.with_policy(policy)
        assert len(own.tags) == len(own.review) == len(own.probabilities) == len(own.outcomes) == len(TEXTS)
        assert len(own.to_frame()) == own.scores.size
        assert own.to_columns()
    assert scored == [len(TEXTS)]


def test_the_table_has_a_row_for_each_text_and_theme(tagger: ThemeTagger) -> None:
    predicted = tagger.predict_all(TEXTS, policy="certified")
    frame = predicted.to_frame()
    shape = predicted.scores.shape
    assert frame["row"].tolist() == np.repeat(np.arange(shape[0]), shape[1]).tolist()
    assert frame["theme"].tolist() == predicted.themes * shape[0]
    for column, values in (("score", predicted.scores), ("probability", predicted.probabilities)):
        assert frame[column].to_numpy().tobytes() == values.tobytes()
    assert frame["outcome"].tolist() == predicted.outcomes.ravel().tolist()
    assert tuple(frame["outcome"].cat.categories) == OUTCOMES
    assigned = frame[frame["outcome"] == "assign"]
    assert assigned.groupby("row")["theme"].agg(list).to_dict() == {
        row: themes for row, themes in enumerate(predicted.tags) if themes
    }
    wide = frame.pivot(index="row", columns="theme", values="probability")
    assert list(wide) == predicted.themes
    assert (wide.to_numpy() == predicted.probabilities).all()


@pytest.mark.parametrize("texts", [[], ["pay"]])
@pytest.mark.parametrize("results", [[], [ThemeResult.skipped("pay", "3 positives, needs 30")]])
def test_no_text_and_no_theme_give_tables_without_rows(
    tagger: ThemeTagger, texts: list[str], results: list[ThemeResult]
) -> None:
    predicted = ThemeTagger(results, {}, tagger.encoder).predict_all(texts)
    assert predicted.scores.shape == predicted.probabilities.shape == predicted.outcomes.shape == (len(texts), 0)
    assert predicted.tags == predicted.review == [[] for _ in texts]
    assert not len(predicted.to_frame())
    assert len(predicted) == len(texts)
    assert tagger.predict_all([]).outcomes.shape == (0, len(tagger.themes))


def test_predictions_cannot_be_changed_and_know_no_other_policy(tagger: ThemeTagger) -> None:
    predicted = tagger.predict_all(TEXTS[:2])
    with pytest.raises(FrozenInstanceError):
        predicted.policy = "certified"  # type: ignore[misc]
    with pytest.raises(ValueError, match="policy must be one of usable, all, certified, pooled but is 'some'"):
        predicted.with_policy("some")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="policy must be one of usable, all, certified, pooled but is 'some'"):
        tagger.predict_all(TEXTS[:2], policy="some")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="one string"):
        tagger.predict_all("pay")
    assert Predictions((), np.zeros((2, 0))).tags == [[], []]


EMPTY = ["", "   ", "\n\t\r\n", "\u00a0\u3000", "\u200b \ufeff"]


def test_an_empty_text_has_no_theme_whatever_the_threshold_and_policy(tagger: ThemeTagger) -> None:
    low = [replace(one, threshold=-1e6, certified_threshold=-1e6, certified_flagged=9) for one in tagger.theme_results]
    least = PooledCertificate(1e-300, target=0.9, confidence=0.9, flagged=9, hits=9, positives=9)
    eager = ThemeTagger(low, tagger.members, tagger.encoder, pooled=least)
    for policy in POLICIES:
        predicted = eager.predict_all([*EMPTY, "."], policy=policy)
        assert predicted.tags == [[]] * len(EMPTY) + [eager.themes]
        assert predicted.review == [[]] * len(predicted)
        assert (predicted.outcomes[:-1] == "no").all()
        assert not eager.predict(EMPTY, policy=policy).any()
    assert (eager.decision_function(EMPTY) < 0).all()
    assert np.isfinite(eager.decision_function(EMPTY)).all()
    assert (eager.predict_proba(EMPTY) == 0).all()
    assert eager.tag(pd.DataFrame({"Processed Text": EMPTY}))["Themes"].tolist() == [""] * len(EMPTY)


def test_a_theme_that_is_not_usable_is_for_review_unless_all_are_asked_for(tagger: ThemeTagger) -> None:
    first, *others = tagger.theme_results
    poor = ThemeTagger(
        [replace(first, usable_precision=0.5, corrected_precision=0.2), *others], tagger.members, tagger.encoder
    )
    everything = tagger.tag(TEXTS, policy="all")
    assert poor.tag(TEXTS, policy="all") == everything
    assert any(first.theme in themes for themes in everything)
    assert poor.tag(TEXTS) == [[theme for theme in themes if theme != first.theme] for themes in everything]
    assert poor.review(TEXTS, policy="usable") == [[first.theme] * (first.theme in themes) for themes in everything]
    assert (poor.decision_function(TEXTS) == tagger.decision_function(TEXTS)).all()
    assert poor.predict(TEXTS)[:, 0].sum() == 0 < poor.predict(TEXTS, policy="all")[:, 0].sum()
    frame = pd.DataFrame({"Processed Text": TEXTS})
    assert list(poor.tag(frame)) == ["Processed Text", "Themes", "Themes to Review"]
    assert list(poor.tag(frame, policy="all")) == list(tagger.tag(frame)) == ["Processed Text", "Themes"]


POOLED = PooledCertificate(0.6, target=0.9, confidence=0.9, flagged=200, hits=190, positives=380)


def test_the_pooled_certificate_assigns_from_its_probability_on(tagger: ThemeTagger) -> None:
    pooled = ThemeTagger(tagger.theme_results, tagger.members, tagger.encoder, pooled=POOLED)
    predicted = pooled.predict_all(TEXTS, policy="pooled")
    assert (predicted.assigned == (predicted.probabilities >= 0.6)).all()
    assert predicted.assigned.any()
    assert not predicted.assigned[0].any()  # an empty text
    assert (predicted.for_review == (~predicted.assigned & (predicted.margins >= 0))).all()
    assert pooled.tag(TEXTS, policy="pooled") == predicted.tags
    assert pooled.review(TEXTS, policy="pooled") == predicted.review
    assert predicted.reviews


def test_without_a_pooled_certificate_there_is_no_such_policy(tagger: ThemeTagger) -> None:
    with pytest.raises(ValueError, match=r"policy='pooled' needs a pooled certificate"):
        tagger.tag(TEXTS, policy="pooled")
