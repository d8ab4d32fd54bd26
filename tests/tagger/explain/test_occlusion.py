"""Occlusion: the words that matter are found, however long the text and however slow the scores."""

from __future__ import annotations

import numpy as np
import pytest

from themetagger.tagger.explain.occlusion import BLOCK, BUDGET, FEWEST, losses, needed_segments, variants_of
from themetagger.tagger.explain.segments import segmented


class _Counted:
    """Scores of the number of given words in a text; counts the texts and characters that it was asked of."""

    def __init__(self, words):
        self.words, self.texts, self.characters = words, 0, 0

    def __call__(self, texts):
        self.texts += len(texts)
        self.characters += sum(map(len, texts))
        return np.array([float(sum(word in self.words for word in text.split())) for text in texts])


def test_a_text_of_very_many_words_is_explained_within_bounds_and_the_words_that_matter_are_found():
    words = [f"w{i}" for i in range(3_000)]
    score_of = _Counted({"w700", "w2500"})
    segments = segmented(" ".join(words), ())
    variants = variants_of(len(segments.text), float("inf"))
    found = losses(segments, 2.0, score_of, variants)
    assert score_of.characters <= 1.1 * BUDGET
    assert np.flatnonzero(np.round(found.of_segments, 3) == 1).tolist() == [700, 2500]
    assert (found.of_segments.sum(), found.alone) == (pytest.approx(2), False)
    score_of.characters = 0
    assert needed_segments(segments, found.of_segments, 1.5, score_of, variants) == ("w700",)
    assert score_of.characters <= BLOCK * len(segments.text)
    assert needed_segments(segments, found.of_segments, 0.0, score_of, variants) == ()
    assert score_of.characters <= 1.1 * BUDGET


def test_however_long_a_text_some_of_it_is_explained():
    words = [*["x" * 200_000] * 3, *(f"w{i}" for i in range(200))]
    score_of = _Counted({"w7"})
    segments = segmented(" ".join(words), ())
    found = losses(segments, 1.0, score_of, variants_of(len(segments.text), float("inf"))).of_segments
    assert score_of.characters <= (FEWEST + 1) * len(" ".join(words))
    assert found[10] == found.max()
    assert np.count_nonzero(found) <= 15  # of some 50 words in its quarter, halved twice; one comes three times


def test_a_slow_encoder_is_asked_of_as_many_variants_as_two_seconds_allow():
    words = [f"w{i}" for i in range(80)]  # 309 characters
    score_of, segments = _Counted({"w77"}), segmented(" ".join(words), ())
    found = losses(segments, 1.0, score_of, variants_of(len(segments.text), 20))
    assert (score_of.texts, found.alone) == (40, False)
    assert found.of_segments[77] == found.of_segments.max() == 1
    assert variants_of(2 * 350, 20) == 20  # texts of twice the length take twice as long
    whole = losses(segments, 1.0, score_of, variants_of(len(segments.text), 1_000))
    assert (whole.alone, np.flatnonzero(whole.of_segments).tolist()) == (True, [77])
