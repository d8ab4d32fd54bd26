"""A token has one number for as long as it is remembered, whoever asks and in how many threads."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from themetagger.features.ngrams import token_cache as tokens
from themetagger.features.ngrams.ragged import Growing, Ragged, strings_of
from themetagger.features.ngrams.token_cache import Splitter, TokenCache

TEXTS = st.lists(st.text(alphabet="ab \t\u2003", max_size=12), max_size=5)


@given(st.lists(TEXTS, max_size=5))
def test_tokens_are_what_split_gives(calls):
    splitter = Splitter()
    for texts in calls:
        found = splitter.split(texts)
        known = strings_of(found.known.since(0))
        assert [known[i] for i in found.ids] == [token for text in texts for token in text.split()]
        assert found.rows.tolist() == [row for row, text in enumerate(texts) for _ in text.split()]
        assert (found.n, len(set(known))) == (len(texts), len(found.known))


def _cache_of(take):
    """Of a function that takes one token apart."""

    def all_of(new):
        found = [take(token) for token in strings_of(new)]
        return Ragged(np.concatenate(found), np.array([len(numbers) for numbers in found]))

    return TokenCache(all_of)


@pytest.mark.slow
@given(st.lists(TEXTS, max_size=5), st.sampled_from([10**6, 2]))
def test_what_texts_consist_of_stands_in_their_order(calls, limit):
    taken = []

    def take(token):
        taken.append(token)
        return [ord(letter) for letter in token * 700]  # so that arrays have to grow

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "REMEMBERED", limit)
        splitter, cache = Splitter(), _cache_of(take)
        for texts in calls:
            rows, found = cache.of_texts(splitter.split(texts))
            expected = [(row, ord(c)) for row, text in enumerate(texts) for p in text.split() for c in p * 700]
            assert list(zip(rows.tolist(), found.tolist(), strict=True)) == expected
    assert limit == 2 or len(taken) == len(set(taken))  # each but once


def test_many_threads_find_the_same(monkeypatch):
    monkeypatch.setattr(tokens, "REMEMBERED", 300)
    splitter, cache = Splitter(), _cache_of(lambda token: [int(token), -int(token)])
    draw = np.random.default_rng(0)
    batches = [[" ".join(map(str, draw.integers(0, 1_000, 60))) for _ in range(5)] for _ in range(200)]

    def work(batch):
        rows, found = cache.of_texts(splitter.split(batch))
        return rows.tolist(), found.tolist()

    with ThreadPoolExecutor(8) as pool:
        for batch, (rows, found) in zip(batches, pool.map(work, batches), strict=True):
            numbers = [(row, int(token)) for row, text in enumerate(batch) for token in text.split()]
            assert rows == [row for row, _ in numbers for _ in range(2)]
            assert found == [sign * number for _, number in numbers for sign in (1, -1)]


def test_after_an_interruption_tokens_are_numbered_anew():
    splitter = Splitter()
    splitter.split(["good pay"])
    with patch.object(Growing, "add", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        splitter.split(["pay day"])
    found = splitter.split(["pay night pay"])
    assert strings_of(found.known.at(found.ids)) == ["pay", "night", "pay"]


@pytest.mark.parametrize("again", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))], ids=["copy", "pickle"])
def test_a_copy_begins_with_nothing(again):
    splitter = Splitter()
    splitter.split(["good pay"])
    assert strings_of(again(splitter).split(["pay"]).known.since(0)) == ["pay"]
    cache = TokenCache(lengths_of)
    cache.of_texts(splitter.split(["good pay"]))
    assert again(cache).of_texts(splitter.split(["pay day"]))[1].tolist() == [3, 3]


def lengths_of(tokens):
    return Ragged(tokens.lengths, np.ones(len(tokens.lengths), dtype=np.int64))
