"""Counts are those of scikit-learn's CountVectorizer, and say how long each n-gram is."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from themetagger.features import ANALYSERS, count_terms
from themetagger.features.counting import term_sizes
from themetagger.textsteps import clean

every_analyser = pytest.mark.parametrize("analyser", ANALYSERS)


@every_analyser
def test_counts_are_those_of_scikit_learn(corpus, counts, analyser):
    settings = {"word": {"ngram_range": (1, 2)}, "char_wb": {"analyzer": "char_wb", "ngram_range": (3, 5)}}
    vectoriser = CountVectorizer(**settings[analyser])
    expected = vectoriser.fit_transform(corpus.texts)
    assert counts[analyser].terms == tuple(vectoriser.get_feature_names_out())
    assert (counts[analyser].matrix != expected).nnz == 0


@every_analyser
def test_a_given_vocabulary_is_counted_in_its_order(corpus, counts, analyser):
    chosen = counts[analyser].terms[::-7]
    found = count_terms(clean(corpus.texts), analyser, vocabulary=chosen)
    assert found.terms == chosen
    assert (found.matrix != counts[analyser].matrix[:, ::-7]).nnz == 0


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
    with pytest.raises(ValueError, match="string object"):
        count_terms("one string", "word")
