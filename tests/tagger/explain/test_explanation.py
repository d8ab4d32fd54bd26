"""Explanations: contributions that sum to the score, words that matter, and a page that no text can break."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import COMMON, OWN, SMALL, chinese, toy

from themetagger.features import ANALYSERS, Splitter
from themetagger.features.preprocessing import STEPS
from themetagger.runs.tune import tune
from themetagger.tagger.explain.explainer import _Parts
from themetagger.tagger.explain.explanation import Explanation, Explanations, Word

pytestmark = pytest.mark.slow

WORDS = [*COMMON, *(word for words in OWN.values() for word in words), "Well-paid", "no1", "Café", "x", "3.5", "—"]


@pytest.fixture(scope="module")
def tagger():
    """A tagger whose winners are ridge and a sparse SVM."""
    return tune(toy(150), **SMALL | {"families": ("ridge", "sparse_svm")}).tagger


@pytest.fixture(scope="module", params=["kernel_svm", "random_forest"])
def other(request):
    """A tagger of models that are not linear."""
    return tune(toy(150), **SMALL | {"families": (request.param,)}).tagger


def _without_base(found):
    """What all words contribute, and what they leave of the meaning of the whole text."""
    return sum(word.contribution for word in found.words) + sum(found.beyond_words.values())


def _score(tagger, text, theme):
    return tagger.scores([text])[0, tagger.themes.index(theme)]


@given(
    words=st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=40), gap=st.sampled_from([" ", "\n", "  "])
)
def test_what_the_words_contribute_sums_to_the_score(tagger, words, gap):
    text = gap.join(words)
    for found in tagger.explain(text, tagger.themes):
        assert found.exact
        assert "".join(word.text for word in found.words) == "".join(text.split())
        assert [text[word.start : word.end] for word in found.words] == [word.text for word in found.words]
        assert found.score == pytest.approx(_score(tagger, text, found.theme), abs=1e-6)
        assert found.base + _without_base(found) == pytest.approx(found.score, abs=1e-6)
        # no word's share is left over for the base: it is what the models say of an empty text
        members = tagger.members[found.theme]
        assert found.base == pytest.approx(sum(m.weight * m.model.scorer.intercept for m in members), abs=1e-5)
        assert found.table()["contribution"].sum() == pytest.approx(found.score - found.base, abs=1e-6)


@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_occurrences_are_what_is_counted(words):
    for analyser in ANALYSERS.values():
        matrix, terms = analyser.learn(Splitter().split([" ".join(words)]), 1)
        found = [term for term, _ in analyser.occurrences(words)]
        assert {term: found.count(term) for term in set(found)} == dict(
            zip(terms, matrix.toarray()[0].tolist(), strict=True)
        )


@pytest.mark.parametrize("steps", [("nfc", "lower"), tuple(STEPS)])
def test_words_keep_their_places_whatever_the_steps_do(steps):
    made = tune(toy(150), **SMALL, text_steps=steps).tagger
    text = "The SALARY (wage)\n\tsee https://x.org/a: 3.5 km, the bonus"
    (found,) = made.explain(text, "pay")
    assert [word.text for word in found.words] == text.split()
    assert found.base + _without_base(found) == pytest.approx(found.score, abs=1e-6)
    assert found.words[1].contribution > 0.05 > found.words[7].contribution


def test_a_theme_rests_on_its_own_words(tagger):
    (found,) = tagger.explain("the salary and wage of people here rather", "pay")
    assert set(found.table()["word"].head(2)) == {"salary", "wage"}
    assert found.assigned
    assert 1 <= len(found.needed) <= 2
    left = " ".join(word for word in found.text.split() if word not in found.needed)
    assert _score(tagger, left, "pay") < found.threshold
    with_one = " ".join(word for word in found.text.split() if word not in found.needed[:-1])
    assert _score(tagger, with_one, "pay") >= found.threshold


def test_a_word_that_comes_twice_is_one_row(tagger):
    table = tagger.explain("salary people salary", "pay")[0].table()
    assert table.set_index("word")["times"].to_dict() == {"salary": 2, "people": 1}
    assert table["contribution"].is_monotonic_decreasing


def test_a_theme_that_is_not_assigned_needs_nothing(tagger):
    (found,) = tagger.explain("soup and lunch", "pay")
    assert (found.assigned, found.needed) == (False, ())


@settings(max_examples=10)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12))
def test_where_a_model_is_not_linear_a_contribution_is_what_the_score_loses_without_the_word(other, words):
    text = " ".join(words)
    (found,) = other.explain(text, "food")
    assert not found.exact
    whole = _score(other, text, "food")
    for word, contribution in found.table()[["word", "contribution"]].itertuples(index=False):
        kinds = [kept for kept in words if kept.lower() != word.lower()]
        assert contribution == pytest.approx(whole - _score(other, " ".join(kinds), "food"), abs=1e-6)


def test_of_a_text_without_white_space_the_characters_are_told_apart():
    made = tune(chinese(), **SMALL | {"families": ("ridge", "sparse_svm")}).tagger
    text = "我们的工资低了人 pay"
    (found,) = made.explain(text, ["pay"])
    assert [word.text for word in found.words] == [*text.split()[0], "pay"]
    assert found.base + _without_base(found) == pytest.approx(found.score, abs=1e-6)
    assert set(found.table()["word"].head(3)) == set("工资低")


def test_of_thai_a_letter_and_its_marks_are_one_segment():
    own, rest = "\u0e17\u0e35\u0e48", "\u0e01\u0e02\u0e07\u0e08\u0e14\u0e15"  # a consonant with a vowel and a tone
    draw = np.random.default_rng(0)
    texts = ["".join(draw.permutation([*rest, own] if i % 3 == 0 else [*rest])) for i in range(90)]
    frame = pd.DataFrame({"Processed Text": texts, "Themes": ["pay" if i % 3 == 0 else "" for i in range(90)]})
    made = tune(frame, **SMALL | {"families": ("ridge", "sparse_svm")}).tagger
    (found,) = made.explain(rest[:3] + own + rest[3:], ["pay"])
    assert [word.text for word in found.words] == [*rest[:3], own, *rest[3:]]
    assert found.base + _without_base(found) == pytest.approx(found.score, abs=1e-6)
    assert found.table()["word"][0] == own


def test_a_remainder_that_is_more_than_rounding_is_not_shared_out():
    parts = _Parts(np.array([1.0, -3.0]), 0.5, {"static": -4.0})
    shared = parts.with_rounding(-5.5 + 8e-6)
    assert shared.of_segments.tolist() == pytest.approx([1 + 1e-6, -3 + 3e-6], abs=1e-12)
    assert shared.dense == {"static": pytest.approx(-4 + 4e-6, abs=1e-12)}
    assert parts.with_rounding(-5.4) == parts


@pytest.mark.parametrize("theme", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "=cmd|' /C calc'!A0"])
def test_a_theme_and_needed_words_cannot_break_the_page(theme):
    words = (Word("<b>", 0, 3, 1.0), Word('"x', 4, 6, -1.0))
    shown = Explanations([Explanation('<b> "x', theme, 1.0, 0.0, words, 0.0, True, ("<b>",))])._repr_html_()
    assert re.findall(r"<(?!/?(?:p|b|span)\b)", shown) == []
    assert shown.count("<b>") == 1
    assert shown.count("<span ") == 2
    assert [spot for spot in re.findall(r"<[^>]*>", shown) if "onerror" in spot or "<b>" in spot[1:]] == []


def test_without_a_name_the_assigned_themes_are_explained(tagger):
    text = "salary wage soup lunch"
    assert [found.theme for found in tagger.explain(text)] == tagger.tag([text])[0]
    assert tagger.explain("") == []
    assert "No theme is assigned" in tagger.explain("")._repr_html_()


def test_mistakes_are_told(tagger):
    with pytest.raises(KeyError, match="theme 'rare' has no model; those that have: "):
        tagger.explain("x", "rare")
    with pytest.raises(TypeError, match="expected a string"):
        tagger.explain(None, "pay")


def test_a_text_cannot_break_the_page(tagger):
    text = '<script>alert(1)</script> salary "onload=x & <b>wage</b>'
    shown = tagger.explain(text, tagger.themes)._repr_html_()
    assert "<script" not in shown
    assert "<b>wage" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert shown.count("<span") == 3 * len(text.split())


def test_the_strongest_word_has_the_strongest_colour(tagger):
    (found,) = tagger.explain("salary people", "pay")
    shown = found._repr_html_()
    assert shown.index("0.55") < shown.index(">salary<") < shown.index(">people<")
    assert np.argmax([word.contribution for word in found.words]) == 0
