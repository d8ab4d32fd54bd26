"""Mistakes: those of the out-of-fold scores, the most serious first, each text once; and what would mend most."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from toys import SMALL, toy

from themetagger.corpus import corpus_from_frame
from themetagger.runs.review.mistakes import COLUMNS, mistakes
from themetagger.runs.tune import tune
from themetagger.selection.evidence import Evidence


@pytest.fixture(scope="module")
def corpus():
    """Toy texts of which many lack or have the theme wrongly, the first text eight times."""
    frame = toy(150)
    noisy = frame["Themes"].where(np.arange(150) % 6 > 0, "pay").where(np.arange(150) % 6 != 3, "")
    frame = pd.concat([frame.assign(Themes=noisy), frame.iloc[[0] * 7].assign(Themes="pay")], ignore_index=True)
    return corpus_from_frame(frame)


@pytest.fixture(scope="module")
def run(corpus):
    others = {theme: {"min_positives": 1_000} for theme in ("staff", "food")}
    return tune(corpus, **SMALL, overrides=others)


def _of(run, corpus, **settings):
    return mistakes("pay", corpus, run.evidence["pay"], run.tagger, **settings)


def test_they_are_those_of_the_out_of_fold_scores(run, corpus):
    table, evidence, theme_result = (
        _of(run, corpus, top=1_000, words=False),
        run.evidence["pay"],
        run.tagger.theme_results[0],
    )
    assert list(table.columns) == list(COLUMNS)
    for kind, count in (("false positive", theme_result.counts.fp), ("false negative", theme_result.counts.fn)):
        found = table[table["kind"] == kind]
        assert found["copies"].sum() == count > 0
        assert found["margin"].abs().is_monotonic_decreasing
        wrong = (evidence.scores >= theme_result.threshold) != (evidence.truth > 0)
        assert wrong[found["row"]].all()
        assert found["text"].tolist() == [corpus.texts[row] for row in found["row"]]
    assert table["margin"].ge(0).eq(table["kind"] == "false positive").all()
    assert table["margin"].tolist() == pytest.approx((evidence.scores[table["row"]] - theme_result.threshold).tolist())
    assert table["probability"].rank().eq(table["margin"].rank()).all()


def test_their_lines_are_those_of_the_file(run, corpus):
    table = _of(run, corpus, top=5, words=False)
    assert table["line"].tolist() == (table["row"] + 1).tolist()
    given = _of(run, corpus, top=5, words=False, lines=np.arange(len(corpus)) * 3)
    assert given["line"].tolist() == (given["row"] * 3).tolist()


def test_the_first_are_the_most_serious(run, corpus):
    whole, short = (_of(run, corpus, top=top, words=False) for top in (1_000, 2))
    expected = pd.concat([found.head(2) for _, found in whole.groupby("kind", sort=False)], ignore_index=True)
    pd.testing.assert_frame_equal(short, expected)


def test_copies_of_a_text_are_one_row(run, corpus):
    evidence, rows = run.evidence["pay"], np.arange(len(corpus))
    copies = evidence.groups == evidence.groups[0]
    assert copies.sum() == 8
    for wrong in (rows % 150 == 0, copies):
        scores = np.where(wrong, -9.0, np.where(copies, 9.0, evidence.scores))
        table = mistakes("pay", corpus, replace(evidence, tried=(scores,), chosen=0), run.tagger, words=False)
        first = table[table["kind"] == "false negative"].iloc[0]
        assert (first["row"], first["copies"]) == (0, wrong.sum())
    assert not table["row"].duplicated().any()


def test_the_words_are_those_of_the_explanation(run, corpus):
    table = _of(run, corpus, top=3)
    for row in table.itertuples():
        found = run.tagger.explain(row.text, ["pay"])[0]
        contributions = found.table().set_index("word")["contribution"]
        whole = contributions[[word.startswith("meaning of the whole text (") for word in contributions.index]]
        contributions = contributions.drop(whole.index)
        assert len(whole) == len(found.text_contributions)
        greatest = pd.concat([contributions[contributions > 0].head(3), whole[whole > 0]])
        assert row.words_for == ", ".join(f"{word} ({points:+.3f})" for word, points in greatest.items())
        least = pd.concat([contributions[contributions < 0].sort_values().head(3), whole[whole < 0]])
        assert row.words_against == ", ".join(f"{word} ({points:+.3f})" for word, points in least.items())


def test_of_a_very_long_text_the_words_are_left_out(run, corpus, monkeypatch):
    monkeypatch.setattr("themetagger.runs.review.mistakes.EXPLAINED", 10)
    assert set(_of(run, corpus, top=1)["words_for"]) == {""}


def _evidence(scores, truth):
    n = len(truth)
    return Evidence(np.array(truth, np.uint8), (np.array(scores, float),), 0, np.arange(n) % 2, np.arange(n), 1)


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"theme": "rare"}, KeyError, "theme 'rare' has no model; those that have: pay"),
        ({"top": 0}, ValueError, "top must be at least 1"),
        ({"corpus": "fewer"}, ValueError, "these are not the 157 texts that theme 'pay' was tuned on"),
        ({"corpus": "other"}, ValueError, "these are not the 157 texts that theme 'pay' was tuned on"),
    ],
)
def test_what_is_not_of_the_run_is_refused(run, corpus, change, error, told):
    other = {"fewer": corpus.take(np.arange(100)), "other": corpus.take(np.arange(157)[::-1])}
    given = {"theme": "pay", "corpus": corpus, "evidence": run.evidence["pay"], "tagger": run.tagger} | change
    with pytest.raises(error, match=told):
        mistakes(**given | {"corpus": other.get(change.get("corpus", ""), corpus)})
