"""What is said of texts that may be labelled next: chances, themes that count, and which texts stay in play."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from toys import SMALL, toy

from themetagger.corpus import Corpus, corpus_from_frame
from themetagger.insights.labelling import prospects
from themetagger.insights.labelling.batch_choice import unit_rows
from themetagger.insights.labelling.prospects import CERTIFIED, LEAST, MOST, Likened, Look, asked_of, survivors, weight
from themetagger.runs.tune import tune
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.theme_tagger import ThemeTagger

RARE = pd.DataFrame({"Processed Text": ["parking garage car", "car garage fee", "day car"], "Themes": ["cars"] * 3})


@pytest.fixture(scope="module")
def labelled() -> Corpus:
    return corpus_from_frame(pd.concat([toy(), RARE], ignore_index=True))


@pytest.fixture(scope="module")
def tagger(labelled: Corpus) -> ThemeTagger:
    return tune(labelled, **SMALL).tagger


def texts(n: int = 60, seed: int = 3) -> list[str]:
    return [*toy(n, seed=seed)["Processed Text"], "a car in the garage", "", "  "]


def theme_result(**more: Any) -> ThemeResult:
    return ThemeResult("pay", "BEST_EFFORT", family="ridge", **more)


PROMISED = {"certified_flagged": 30, "certified_hits": 30, "certified_threshold": 0.5, "threshold": 0.5}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, 1.0),
        (theme_result(), 1.0),
        (theme_result(label_gain=0.05), 1.0),
        (theme_result(label_gain=0.5), MOST),
        (theme_result(label_gain=-0.1), LEAST),
        (ThemeResult("pay", "CERTIFIED", family="ridge", **PROMISED), CERTIFIED),  # type: ignore[arg-type]
        (ThemeResult.skipped("pay", "few"), 1.0),
    ],
)
def test_a_theme_weighs_more_where_labels_help_and_less_where_its_promise_holds(found: Any, expected: float) -> None:
    assert weight(found) == pytest.approx(expected)


def test_all_themes_count_those_without_a_model_and_those_of_the_labelled_texts_too(
    tagger: ThemeTagger, labelled: Corpus
) -> None:
    asked = asked_of(tagger, labelled, None)
    assert set(asked.names) == {"pay", "staff", "food", "cars"}
    assert asked.labels.tolist() == [1 + labelled.column(name).sum() for name in asked.names]
    assert [asked.names[i] for i in np.flatnonzero(asked.columns < 0)] == ["cars"]
    alone = asked_of(tagger, None, None)
    assert dict(zip(alone.names, alone.labels, strict=True)) == dict(zip(asked.names, asked.labels, strict=True))


def test_a_theme_that_one_of_thousands_has_is_not_worth_all_of_a_batch(tagger: ThemeTagger, labelled: Corpus) -> None:
    many = labelled.take(np.arange(5000) % 90)
    assert asked_of(tagger, many, ["cars"]).labels.tolist() == [20.0]


@pytest.mark.parametrize(
    ("themes", "told"), [(["pya"], "did you mean 'pay'?"), (["☃"], "known are "), ([], "leave it out for all")]
)
def test_a_theme_that_nobody_has_is_an_error(tagger: ThemeTagger, themes: list[str], told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("?", r"\?")):
        asked_of(tagger, None, themes)


def test_one_name_is_one_theme_and_twice_the_same_is_once(tagger: ThemeTagger) -> None:
    assert asked_of(tagger, None, "pay").names == asked_of(tagger, None, ["pay", "pay"]).names == ["pay"]


def test_texts_like_those_of_a_theme_have_it_more_likely_and_at_most_evenly() -> None:
    rows = unit_rows(sp.csr_array(np.array([[1.0, 1, 0], [1.0, 0.8, 0], [0, 0.4, 1], [0, 0.2, 1], [0, 0.3, 1]])))
    found = Likened(rows, np.array([[1, 0, 1], [1, 0, 1], [0, 0, 1], [0, 0, 1], [0, 0, 1]]))
    chances = found.chances(rows)
    assert chances[:2, 0].min() > chances[2:, 0].max()
    assert 0.4 < chances.max() <= 0.5
    assert chances[:, 1:].tolist() == [[0.0, 0.0]] * 5  # a theme of no text, and one of all, tell nothing


def test_chances_are_the_calibrated_ones_and_of_a_theme_without_a_model_those_of_likeness(
    tagger: ThemeTagger, labelled: Corpus
) -> None:
    asked, new = asked_of(tagger, labelled, ["cars", "pay"]), texts()[:61]
    look = Look(tagger, labelled, asked)
    found = look.at(new, np.arange(61))
    np.testing.assert_allclose(found.chances[:, 1], tagger.predict_proba(new)[:, tagger.themes.index("pay")])
    assert int(np.argmax(found.chances[:, 0])) == 60  # the car in the garage
    assert not look.mute.any()
    assert found.tags.tolist() == tagger.tag(new)
    blind = Look(tagger, None, asked)
    assert blind.mute.tolist() == [True, False]
    assert blind.at(new, np.arange(61)).chances[:, 0].tolist() == [0.0] * 61


def test_vectors_are_of_length_one_and_of_the_tagger_s_terms(tagger: ThemeTagger, labelled: Corpus) -> None:
    look = Look(tagger, labelled, asked_of(tagger, labelled, None))
    rows = look.vectors(["salary day", "☃"])
    np.testing.assert_allclose(np.sqrt(rows.multiply(rows).sum(axis=1)), [1, 0])
    assert look.known.shape == (len(labelled), rows.shape[1])
    assert look.vectors([]).shape == (0, rows.shape[1])


def test_survivors_are_best_first_and_leave_empty_texts_out(tagger: ThemeTagger, labelled: Corpus) -> None:
    look = Look(tagger, labelled, asked_of(tagger, labelled, None))
    found = survivors(look, texts(), 1000)
    assert sorted(found.rows) == list(range(61))
    worth = look.worth(found).sum(axis=1)
    assert (np.diff(worth) <= 0).all()
    few = survivors(look, texts(), 8)
    assert found.rows[:8].tolist() == few.rows[:8].tolist()  # others are there for one theme
    assert set(look.worth(found).argmax(axis=0)) <= set(np.flatnonzero(np.isin(found.rows, few.rows)))


def test_chunks_decide_nothing(tagger: ThemeTagger, labelled: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    look = Look(tagger, labelled, asked_of(tagger, labelled, None))
    whole = survivors(look, texts(), 9)
    monkeypatch.setattr(prospects, "CHUNK", 7)
    parts = survivors(look, texts(), 9)
    assert whole.rows.tolist() == parts.rows.tolist()
    np.testing.assert_allclose(whole.chances, parts.chances)


def test_what_is_kept_does_not_grow_with_the_texts(
    tagger: ThemeTagger, labelled: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prospects, "CHUNK", 50)
    look, sizes = Look(tagger, labelled, asked_of(tagger, labelled, None)), []
    seen = look.worth
    monkeypatch.setattr(look, "worth", lambda found: sizes.append(len(found.rows)) or seen(found))
    survivors(look, toy(600, seed=9)["Processed Text"].tolist(), 8)
    assert max(sizes) <= 50 + 8 + 8
