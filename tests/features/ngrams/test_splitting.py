"""Where tokens stand is what ``str.split`` says, and a key stands for one token only."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from themetagger.corpus import Corpus
from themetagger.features.ngrams import splitting as cutting
from themetagger.features.ngrams.ragged import decoded, of_strings
from themetagger.features.ngrams.splitting import SPACES, cut, keys_of

TEXTS = st.lists(st.text(alphabet="ab \t\u2003\x1c🙂\ud800\0", max_size=30), max_size=6)


def _tokens(texts: list[str]) -> tuple[list[str], list[int], list[int]]:
    """The tokens, their keys, and how many each text has."""
    parts = list(cut(texts))
    tokens = [decoded(part.codes[i:j]) for part in parts for i, j in zip(part.starts, part.ends, strict=True)]
    return (
        tokens,
        [key for part in parts for key in part.keys.tolist()],
        [n for part in parts for n in part.held.tolist()],
    )


@given(TEXTS, st.sampled_from([1_000_000, 10, 1]), st.sampled_from([64, 3, 1]), st.sampled_from([20_000, 0]))
def test_tokens_are_those_of_split_and_equal_ones_have_equal_keys(
    texts: list[str], at_once: int, long: int, few: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "AT_ONCE", at_once)
        patch.setattr(cutting, "LONG", long)
        patch.setattr(cutting, "FEW", few)
        tokens, keys, held = _tokens(texts)
    assert tokens == [token for text in texts for token in text.split()]
    assert held == [len(text.split()) for text in texts]
    assert len(set(zip(tokens, keys, strict=True))) == len(set(tokens)) == len(set(keys))


def test_all_spaces_are_known() -> None:
    assert [code for code in range(sys.maxunicode + 1) if chr(code).isspace()] == np.flatnonzero(SPACES).tolist()


def test_all_words_of_a_sample_have_keys_of_their_own(corpus: Corpus) -> None:
    words = {word for text in corpus.texts for word in text.split()}
    longer = [word * times for word in words for times in (2, 9, 40)]  # also beyond the places with a multiplier
    tokens, keys, _ = _tokens([*words, *longer])
    assert len(set(keys)) == len(set(tokens)) > 1_000


@given(st.lists(st.text(alphabet="ab🙂\0", max_size=80), max_size=8))
def test_few_and_many_strings_have_the_same_keys(strings: list[str]) -> None:
    found = of_strings(strings)
    few = keys_of(found.flat, found.starts, found.starts + found.lengths)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "FEW", -1)
        many = keys_of(found.flat, found.starts, found.starts + found.lengths)
    assert few.tolist() == many.tolist()


def test_texts_are_looked_at_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "AT_ONCE", 10)
    assert [decoded(part.codes).split() for part in cut(["one two", "three", "", "four", "a" * 25, "five"])] == [
        ["one", "two"],
        ["three", "four"],
        ["a" * 25],
        ["five"],
    ]
