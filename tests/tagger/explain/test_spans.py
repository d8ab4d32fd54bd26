"""Pieces of a text: all of it, once, and nothing else left where some are taken out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from themetagger.features import ANALYSERS
from themetagger.features.preprocessing import STEPS, clean
from themetagger.tagger.explain.spans import pieces_of

TEXTS = st.text(alphabet=st.sampled_from("aBé 工资あい\n 3.5—ǅß")) | st.text()


@given(text=TEXTS, steps=st.sampled_from([(), ("nfc", "lower"), tuple(STEPS)]))
def test_pieces_cover_every_word_once_and_in_order(text, steps):
    found = pieces_of(text, steps)
    assert "".join(text[start:end] for start, end in found.places) == "".join(text.split())
    assert [number for inside in found.within for number, _, _ in inside] == list(range(len(found.places)))
    assert found.words == tuple(clean(text.split(), steps))
    for word, inside in zip(found.words, found.within, strict=True):
        assert [start for _, start, _ in inside] == [0, *(end for _, _, end in inside[:-1])]
        assert inside[-1][2] == len(word)


@given(text=TEXTS, steps=st.sampled_from([(), ("nfc", "lower")]))
def test_every_term_has_an_owner_and_stands_where_it_says(text, steps):
    found = pieces_of(text, steps)
    for name, analyser in ANALYSERS.items():
        for term, spans in analyser.occurrences(found.words):
            assert found.owners(spans)
            assert all(0 <= start < end <= len(found.words[word]) for word, start, end in spans)
            shown = " ".join(found.words[word][start:end] for word, start, end in spans)
            assert shown == (term if name == "word" else term.strip())


@pytest.mark.parametrize(
    ("text", "steps", "left_out", "expected"),
    [
        ("low pay, here", (), [1], "low  here"),
        ("我的工资", (), [2, 3], "我的"),
        ("  a\tb\n", (), [0, 1], "  \t\n"),
    ],
)
def test_what_is_taken_out_leaves_the_rest_as_it_stands(text, steps, left_out, expected):
    found = pieces_of(text, steps)
    assert found.without(np.isin(np.arange(len(found.places)), left_out)) == expected


def test_a_word_that_a_step_changes_as_a_whole_stays_whole():
    found = pieces_of("https://例子.com/工资 工资", ("urls",))
    assert len(found.within[0]) == 1
    assert len(found.within[1]) == 2
    assert found.owners([(1, 1, 2)]) == (2,)
