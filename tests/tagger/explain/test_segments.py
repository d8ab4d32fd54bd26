"""Segments of a text: all of it, once, and nothing else left where some are taken out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from themetagger.features import ANALYSERS
from themetagger.features.preprocessing import STEPS, clean
from themetagger.tagger.explain.segments import segmented

TEXTS = st.text(alphabet=st.sampled_from("aBé 工资あい\u0e01\u0e31\u0e48\n 3.5—ǅß")) | st.text()


@given(text=TEXTS, steps=st.sampled_from([(), ("nfc", "lower"), tuple(STEPS)]))
def test_segments_cover_every_word_once_and_in_order(text, steps):
    segments = segmented(text, steps)
    assert "".join(text[start:end] for start, end in segments.spans) == "".join(text.split())
    assert [number for inside in segments.of_words for number, _, _ in inside] == list(range(len(segments.spans)))
    assert segments.words == tuple(clean(text.split(), steps))
    for word, inside in zip(segments.words, segments.of_words, strict=True):
        assert [start for _, start, _ in inside] == [0, *(end for _, _, end in inside[:-1])]
        assert inside[-1][2] == len(word)


@given(text=TEXTS, steps=st.sampled_from([(), ("nfc", "lower")]), signs=st.booleans())
def test_every_term_belongs_to_a_segment_and_is_where_it_says(text, steps, signs):
    segments = segmented(text, steps)
    for name, analyser in ANALYSERS.items():
        for term, parts in analyser.occurrences(segments.words, signs=signs):
            assert segments.of_term(parts)
            assert all(0 <= start < end <= len(segments.words[word]) for word, start, end in parts)
            shown = " ".join(segments.words[word][start:end] for word, start, end in parts)
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
    segments = segmented(text, steps)
    assert segments.without(np.isin(np.arange(len(segments.spans)), left_out)) == expected


def test_a_word_that_a_step_changes_as_a_whole_stays_whole():
    segments = segmented("https://例子.com/工资 工资", ("urls",))
    assert len(segments.of_words[0]) == 1
    assert len(segments.of_words[1]) == 2
    assert segments.of_term([(1, 1, 2)]) == (2,)
