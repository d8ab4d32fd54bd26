"""Counts are those of scikit-learn's CountVectorizer, and say how long each n-gram is."""

from __future__ import annotations

import pickle
import re
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from themetagger.features import ANALYSERS, Splitter, count_known, count_terms
from themetagger.features.ngrams import chars as char_grams
from themetagger.features.ngrams import splitting as cutting
from themetagger.features.ngrams import token_cache as tokens
from themetagger.features.ngrams import words as word_grams
from themetagger.features.ngrams.counting import term_sizes
from themetagger.features.ngrams.ragged import of_strings
from themetagger.features.preprocessing import clean

every_analyser = pytest.mark.parametrize("analyser", ANALYSERS)


SETTINGS = {"word": {"ngram_range": (1, 2)}, "char_wb": {"analyzer": "char_wb", "ngram_range": (3, 5)}}
AWKWARD = [
    "",
    " \t\n ",
    "a bb ccc dddd",
    "pay pay pay-pay pay",
    "ß İstanbul Ǆ ﬁ e\u0301",
    "x\u200by \u00a0 z\x1cw\u2028v",
    "pay\0 pay\0\0 \0 \0\0 pay",
    "\ud800 lone",
    "emoji 🙂🙂🙂 מילים",
    "_ __ ___ 1 22 333",
    "word " * 300,
    "long" * 60,
]


def _sklearn(texts, analyser, **settings):
    vectoriser = CountVectorizer(lowercase=False, **SETTINGS[analyser], **settings)
    return vectoriser, vectoriser.fit_transform(texts)


@every_analyser
@pytest.mark.parametrize("min_df", [1, 2, 5])
def test_counts_are_those_of_scikit_learn(corpus, analyser, min_df):
    texts = clean(corpus.texts)
    vectoriser, expected = _sklearn(texts, analyser, min_df=min_df)
    found = count_terms(texts, analyser, min_df=min_df)
    assert found.terms == tuple(vectoriser.get_feature_names_out())
    assert (found.matrix != expected).nnz == 0


@every_analyser
def test_awkward_texts_are_counted_as_scikit_learn_counts_them(analyser):
    vectoriser, expected = _sklearn(AWKWARD, analyser)
    found = count_terms(AWKWARD, analyser)
    assert found.terms == tuple(vectoriser.get_feature_names_out())
    assert (found.matrix != expected).nnz == 0


@every_analyser
@given(st.lists(st.text(alphabet=st.sampled_from("abé _-1 \t\u200b🙂"), max_size=40), min_size=1, max_size=6))
def test_any_texts_are_counted_as_scikit_learn_counts_them(analyser, texts):
    found = count_terms(texts, analyser)
    if found.terms:
        vectoriser, expected = _sklearn(texts, analyser)
        assert found.terms == tuple(vectoriser.get_feature_names_out())
        assert (found.matrix != expected).nnz == 0
    else:
        with pytest.raises(ValueError, match="empty vocabulary"):
            _sklearn(texts, analyser)


@every_analyser
@pytest.mark.parametrize("few", [0, 10**9], ids=["each word once", "word by word"])
def test_a_vocabulary_is_counted_in_its_order_and_knows_no_other_term(corpus, counts, analyser, few, monkeypatch):
    monkeypatch.setattr(char_grams, "FEW", few)
    chosen = counts[analyser].terms[::-7]
    vocabulary = ANALYSERS[analyser].Vocabulary(chosen)
    texts = [*clean(corpus.texts), "quite unheard of", ""]
    splitter = Splitter()
    for _ in range(2):  # the second time from memory
        found = vocabulary.count(splitter.split(texts))
        assert found.shape == (len(texts), len(chosen))
        assert (found[:-2] != counts[analyser].matrix[:, ::-7]).nnz == 0
        expected = CountVectorizer(lowercase=False, **SETTINGS[analyser], vocabulary=chosen).transform(texts)
        assert (found != expected).nnz == 0


def test_terms_that_no_text_can_have_are_never_found():
    """A file may say what it likes."""
    characters = count_known(["pay payday " * 300], "char_wb", ["", "pa", "pay", "payday", "p\ny"])
    assert characters.toarray().tolist() == [[0, 0, 600, 0, 0]]
    words = count_known(["pay\nnight a"], "word", ["", "\n", "pay", "a", "pay day a", "pay \n", "\n pay"])
    assert words.toarray().tolist() == [[0, 0, 1, 0, 0, 0, 0]]


@every_analyser
def test_a_copy_counts_in_a_process_where_words_have_other_keys(analyser, monkeypatch):
    texts, terms = ["good pay day", "pay, pay"], ["pay", "day"]
    vocabulary = ANALYSERS[analyser].Vocabulary(terms)
    expected = vocabulary.count(Splitter().split(texts)).toarray()
    sent = pickle.dumps(vocabulary)
    monkeypatch.setattr(cutting, "_multipliers", cutting._multipliers[::-1].copy())
    found = pickle.loads(sent).count(Splitter().split(texts)).toarray()
    assert found.tolist() == expected.tolist() == [[1, 1], [2, 0]]


def test_a_word_consists_of_the_characters_that_regular_expressions_say():
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    expected = re.findall(r"\w", "".join(every))
    held, starts, ends = word_grams._words(of_strings(2 * letter for letter in every), signs=False)
    assert [letter for letter, words in zip(every, held.tolist(), strict=True) if words] == expected
    assert set((ends - starts).tolist()) == {2}


@every_analyser
def test_new_tokens_are_cache_of_in_portions(analyser, corpus, counts, monkeypatch):
    monkeypatch.setattr(cutting, "AT_ONCE", 50)
    vocabulary = ANALYSERS[analyser].Vocabulary(counts[analyser].terms)
    found = vocabulary.count(Splitter().split(clean(corpus.texts)))
    assert (found != counts[analyser].matrix).nnz == 0


def test_a_pair_is_known_though_its_words_are_not(counts):
    found = count_known(["good pay day", "pay good", "pay day day"], "word", ["good pay", "day"])
    assert found.toarray().tolist() == [[1, 1], [0, 0], [0, 2]]


@pytest.mark.parametrize("limit", ["REMEMBERED", "CHARACTERS"])
@every_analyser
def test_what_is_remembered_of_tokens_has_a_limit(analyser, limit, monkeypatch):
    monkeypatch.setattr(tokens, limit, 3)
    splitter, vocabulary = Splitter(), ANALYSERS[analyser].Vocabulary(["pay", "day"])
    first = splitter.split(["pay pays, a pay-day"])
    before = vocabulary.count(first).toarray()
    again = splitter.split(["day pay"])
    assert (len(first.known), len(again.known)) == (4, 2)
    assert vocabulary.count(again).toarray().tolist() == [[1, 1]]
    assert (vocabulary.count(first).toarray() == before).all()  # with the numbers of an earlier time


@every_analyser
def test_two_vocabularies_take_turns_with_the_same_tokens_and_with_others(analyser):
    one, other = (ANALYSERS[analyser].Vocabulary([term]) for term in ("pay", "day"))
    for splitter in (Splitter(), Splitter()):
        for texts in (["pay"], ["pay day day", "", "pay"], ["a night, a day"]):
            found = [vocabulary.count(splitter.split(texts)).toarray()[:, 0].tolist() for vocabulary in (one, other)]
            assert found == [[text.count(term) for text in texts] for term in ("pay", "day")]


@every_analyser
def test_rows_are_sorted_float32_without_stored_zeros(counts, analyser):
    matrix = counts[analyser].matrix
    assert matrix.dtype == np.float32
    assert (matrix.data > 0).all()
    for start, stop in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True):
        assert (np.diff(matrix.indices[start:stop]) > 0).all()
    assert counts[analyser].nbytes == sum(a.nbytes for a in (matrix.data, matrix.indices, matrix.indptr))


@pytest.mark.parametrize(
    ("analyser", "terms", "sizes"),
    [("word", ["pay", "good pay", "late pay day"], [1, 2, 3]), ("char_wb", [" a ", "pay ", "salar"], [3, 4, 5])],
)
def test_the_size_of_an_n_gram_counts_words_or_characters(analyser, terms, sizes):
    assert term_sizes(analyser, terms).tolist() == sizes


@every_analyser
@pytest.mark.parametrize("texts", [["", ""], ["", " . "]], ids=["empty", "no word"])
def test_texts_without_a_term_give_no_columns(analyser, texts):
    found = count_terms(texts, analyser)
    if analyser == "word" or not texts[1]:
        assert (found.matrix.shape, found.terms, len(found.sizes)) == ((2, 0), (), 0)
    else:
        assert found.terms == (" . ",)


def test_other_mistakes_are_not_taken_for_an_empty_vocabulary():
    with pytest.raises(TypeError, match="NoneType"):
        count_terms([None], "word")
