"""The texts to label next: no repeats, every theme that needs labels, some at random, and a reason for each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from toys import SMALL, toy

from themetagger._utils.wording import number_of
from themetagger.corpus import Corpus, corpus_from_frame, duplicate_groups
from themetagger.features.encoder import Encoder
from themetagger.insights.labelling import label_next as module
from themetagger.insights.labelling.label_next import COLUMNS, label_next
from themetagger.runs.tune import tune
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.theme_tagger import ThemeTagger

NAMES = ("pay", '=cmd|"x"', "<b>food</b>")
LONG = "the people of the office here today rather never"


@pytest.fixture(scope="module")
def labelled() -> Corpus:
    return corpus_from_frame(toy(names=NAMES))


@pytest.fixture(scope="module")
def tagger(labelled: Corpus) -> ThemeTagger:
    return tune(labelled, **SMALL).tagger


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return toy(150, seed=4)["Processed Text"].tolist()


def without_models(*themes: str) -> ThemeTagger:
    return ThemeTagger([ThemeResult.skipped(name, "few") for name in themes], {}, Encoder(("lower",), {}, {}))


def test_the_table_says_what_and_why(tagger: ThemeTagger, labelled: Corpus, texts: list[str]) -> None:
    table = label_next(tagger, texts, count=20, labelled=labelled)
    assert tuple(table.columns) == COLUMNS
    assert table["rank"].tolist() == list(range(1, 21))
    assert table["text"].tolist() == [texts[row] for row in table["row"]]
    assert table["proposed"].tolist() == tagger.tag(table["text"].tolist())
    chosen = table[table["why"] != "at random"]
    assert set(chosen["theme"]) <= set(NAMES)
    chances = tagger.predict_proba(chosen["text"].tolist())
    for row, (_, line) in zip(chances, chosen.iterrows(), strict=True):
        probability = row[tagger.themes.index(line["theme"])]
        assert line["probability"] == pytest.approx(probability, abs=1e-4)
        assert line["why"].startswith(f"uncertain: {line['theme']!r} {probability:.2f}")
    assert table["likeness"].between(0, 1).all()
    assert table.attrs["notes"] == ()


def test_no_two_texts_of_a_batch_repeat_one_another_or_a_labelled_one(
    tagger: ThemeTagger, labelled: Corpus, texts: list[str]
) -> None:
    again = [
        text for text in texts[:30] for text in (text, text.upper(), f" {text} ", f"{LONG} {text}", f"{LONG} {text} ")
    ]
    table = label_next(tagger, [*labelled.texts, *again, *labelled.texts], count=40, labelled=labelled, at_random=0.5)
    groups = duplicate_groups([*labelled.texts, *table["text"]])
    assert len(table) == 40
    assert (table["why"] == "at random").sum() >= 10  # of 20: most rows repeat others
    assert len(np.unique(groups[len(labelled) :])) == 40
    assert not set(groups[len(labelled) :]) & set(groups[: len(labelled)])


@pytest.mark.parametrize("count", [6, 15])
def test_every_theme_is_there(tagger: ThemeTagger, labelled: Corpus, texts: list[str], count: int) -> None:
    assert set(label_next(tagger, texts, count=count, labelled=labelled)["theme"]) >= set(NAMES)


def test_a_theme_too_small_for_a_model_is_there_with_the_labelled_texts_and_told_of_without() -> None:
    rare = pd.DataFrame({"Processed Text": ["parking garage car", "car garage fee"], "Themes": ["cars"] * 2})
    known = corpus_from_frame(pd.concat([toy(), rare], ignore_index=True))
    tagger, new = tune(known, **SMALL).tagger, [*toy(80, seed=4)["Processed Text"], "the garage and the car"]
    table = label_next(tagger, new, count=8, labelled=known, at_random=0)
    assert table.loc[table["theme"] == "cars", "row"].tolist()[0] == 80
    told = label_next(tagger, new, count=8, at_random=0)
    assert "cars" not in set(told["theme"])
    assert told.attrs["notes"] == (
        "1 theme has no model and was ignored ('cars'); pass the texts labelled so far by labelled to include it.",
    )


def test_the_same_seed_chooses_the_same_and_another_draws_others(
    tagger: ThemeTagger, labelled: Corpus, texts: list[str]
) -> None:
    first, again, other = (
        label_next(tagger, texts, count=20, labelled=labelled, seed=seed, at_random=0.3) for seed in (0, 0, 1)
    )
    pd.testing.assert_frame_equal(first, again)
    drawn = [set(table.loc[table["why"] == "at random", "row"]) for table in (first, other)]
    assert drawn[0] != drawn[1]
    sure = [label_next(tagger, texts, count=20, seed=seed, at_random=0)["row"].tolist() for seed in (0, 1)]
    assert sure[0] == sure[1]


@pytest.mark.parametrize(("share", "drawn"), [(0.0, 0), (0.1, 2), (0.5, 10), (1.0, 20)])
def test_a_share_is_drawn_at_random_and_spread_over_the_batch(
    tagger: ThemeTagger, texts: list[str], share: float, drawn: int
) -> None:
    table = label_next(tagger, texts, count=20, at_random=share)
    places = np.flatnonzero(table["why"] == "at random")
    assert len(table) == 20
    assert len(places) == drawn
    assert np.diff(places).max(initial=0) <= 20 / max(drawn, 1) + 1
    assert drawn == 0 or places[-1] >= 15
    assert table.loc[places, "probability"].isna().all()
    assert (table.loc[places, "theme"] == "").all()


def test_random_texts_are_as_likely_from_anywhere(tagger: ThemeTagger, texts: list[str]) -> None:
    drawn = [label_next(tagger, texts, count=10, at_random=1, seed=seed)["row"] for seed in range(40)]
    hits = np.bincount(np.concatenate(drawn), minlength=len(texts))
    assert hits.max() <= 12  # 400 draws of 150
    assert abs(hits[:75].sum() - 200) <= 40


@pytest.mark.parametrize(
    ("new", "left"),
    [([], 0), (["", "  ", "\n"], 0), (["salary", "", "wage and bonus"], 2), (["salary", "SALARY", " salary "], 1)],
)
@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_fewer_texts_than_asked_for_are_told(tagger: ThemeTagger, new: list[str], left: int, share: float) -> None:
    table = label_next(tagger, new, count=5, at_random=share)
    assert len(table) == left
    assert table.attrs["notes"] == (
        f"{number_of(left, 'text')} instead of 5: the others are empty, repeat one another, or are labelled.",
    )


def test_more_are_asked_for_than_there_are(tagger: ThemeTagger, labelled: Corpus, texts: list[str]) -> None:
    assert sorted(label_next(tagger, texts, count=500, labelled=labelled)["row"]) == list(range(150))


def test_one_theme_alone_counts(tagger: ThemeTagger, labelled: Corpus, texts: list[str]) -> None:
    table = label_next(tagger, texts, count=9, labelled=labelled, themes=["pay"], at_random=0)
    assert set(table["theme"]) == {"pay"}
    assert not table["why"].str.contains("food").any()


@pytest.mark.parametrize("themes", [None, ["b"]])
def test_without_a_model_all_are_drawn_at_random_and_that_is_said(texts: list[str], themes: Any) -> None:
    table = label_next(without_models("a", "b"), texts, count=9, themes=themes)
    assert table["why"].tolist() == ["at random"] * 9
    assert table["row"].tolist() != sorted(table["row"])
    assert table.attrs["notes"] == ("No theme that was asked for has a model, so all texts are drawn at random.",)
    assert table["proposed"].tolist() == [[]] * 9


@pytest.mark.parametrize("odd", ["<script>alert(1)</script> salary", "=1+1 salary", "工资 💶 salary", "salary\nwage"])
def test_texts_come_back_as_they_are(tagger: ThemeTagger, odd: str) -> None:
    assert label_next(tagger, [odd], count=1)["text"].tolist() == [odd]


def test_what_stays_in_play_is_bounded_and_the_best_is_among_it(
    tagger: ThemeTagger, labelled: Corpus, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = label_next(tagger, texts, count=10, labelled=labelled, at_random=0)
    monkeypatch.setattr(module, "CANDIDATES", 0)
    monkeypatch.setattr(module, "PER_TEXT", 5)
    few = label_next(tagger, texts, count=10, labelled=labelled, at_random=0)
    assert few["row"][0] == whole["row"][0]
    assert len(set(few["row"])) == 10
    monkeypatch.setattr(module, "PER_TEXT", 1)
    assert len(label_next(tagger, texts * 2, count=10, at_random=0)) == 10


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        ({"count": 0}, ValueError, "count must be a whole number of at least 1 but is 0"),
        ({"count": 2.5}, ValueError, "but is 2.5"),
        ({"count": True}, ValueError, "but is True"),
        ({"at_random": 1.5}, ValueError, "at_random must lie between 0 and 1 but is 1.5"),
        ({"at_random": float("nan")}, ValueError, "at_random"),
        ({"themes": ["pya"]}, ValueError, "did you mean 'pay'"),
        ({"texts": "one text"}, TypeError, "list of texts"),
        ({"texts": toy(3)}, TypeError, "list of texts"),
        ({"texts": ["a", None]}, TypeError, "text 1 is None"),
    ],
)
def test_what_makes_no_sense_is_an_error(tagger: ThemeTagger, settings: Any, error: Any, told: str) -> None:
    with pytest.raises(error, match=told):
        label_next(tagger, **{"texts": ["a"]} | settings)


def test_progress_is_told_where_it_is_asked_for(
    tagger: ThemeTagger, texts: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("themetagger._utils.console.HEARTBEAT", 0.0)
    monkeypatch.setattr("themetagger.insights.labelling.prospects.CHUNK", 60)
    label_next(tagger, texts, count=3)
    assert capsys.readouterr().err == ""
    label_next(tagger, texts, count=3, show=True)
    assert "60 of 150 rows" in capsys.readouterr().err
