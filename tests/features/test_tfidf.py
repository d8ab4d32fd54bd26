"""Weights are those of scikit-learn, parts without a term included, and the mean of the folds keeps row lengths."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer

from themetagger.features import (
    ANALYSERS,
    EmptyVocabulary,
    TfidfConfig,
    TrainingRows,
    count_terms,
    view_of,
)


def _counts(texts):
    return {analyser: count_terms(texts, analyser) for analyser in ANALYSERS}


def _rows(counts):
    return {name: found.matrix for name, found in counts.items()}


def test_terms_and_weights_of_all_rows_are_those_of_scikit_learn(corpus, counts):
    (part,) = TfidfConfig("words", min_df=3, max_df=0.4).fit(TrainingRows(counts)).terms
    vectoriser = TfidfVectorizer(min_df=3, max_df=0.4).fit(corpus.texts)
    assert [counts["word"].terms[i] for i in part.columns] == vectoriser.get_feature_names_out().tolist()
    np.testing.assert_allclose(part.idf, vectoriser.idf_, rtol=1e-12)


def test_weighing_leaves_the_counts_as_they_were(counts):
    before = {name: found.matrix.copy() for name, found in counts.items()}
    TfidfConfig("words+chars").fit(TrainingRows(counts)).rows(_rows(counts))
    for name, found in counts.items():
        assert (found.matrix != before[name]).nnz == 0


def test_a_row_without_a_kept_term_is_zero():
    counts = _counts(["pay pay", "pay bonus", "salary", ""])
    rows = TfidfConfig("words", min_df=2).fit(TrainingRows(counts)).rows(_rows(counts))
    assert rows.toarray().ravel().tolist() == [1.0, 1.0, 0.0, 0.0]


def test_the_other_part_serves_where_one_has_no_term():
    counts = _counts(["ab1cd", "ab2cd", "ab3cd"])
    fitted = TfidfConfig("words+chars", min_df=2).fit(TrainingRows(counts))
    assert [part.width for part in fitted.terms] == [0, 2]
    np.testing.assert_allclose(fitted.rows(_rows(counts)).toarray(), np.full((3, 2), np.sqrt(0.5)))


@pytest.mark.parametrize(
    ("texts", "view", "limits"),
    [
        (["", ""], TfidfConfig("words+chars", min_df=1), "at least 1 and at most 100%"),
        (["? !", "..."], TfidfConfig("words", min_df=1), "view words"),
        (["pay", "bonus"], TfidfConfig("words", min_df=2), "at least 2"),
        (["pay", "pay"], TfidfConfig("chars_3_5", min_df=1, max_df=0.5), "at most 50%"),
    ],
)
def test_an_empty_vocabulary_says_which_limits_no_term_meets(texts, view, limits):
    with pytest.raises(EmptyVocabulary, match=limits):
        view.fit(TrainingRows(_counts(texts)))


@pytest.mark.parametrize("settings", [{"view": "letters"}, {"min_df": 0}, {"max_df": 0.0}, {"max_df": 1.5}], ids=repr)
def test_a_view_that_no_term_can_meet_is_refused(settings):
    with pytest.raises(ValueError, match=r"view 'letters' is unknown|min_df must be >= 1 and max_df in \(0, 1\]"):
        TfidfConfig(**{"view": "words"} | settings)


def test_a_view_comes_back_from_its_plain_values():
    view = TfidfConfig("words+chars", min_df=3, max_df=0.5, sublinear_tf=False)
    assert view_of(view.to_json()) == view


@pytest.mark.parametrize("name", ["words", "words+chars"])
def test_the_mean_of_the_folds_keeps_the_mean_squared_length_of_a_row(counts, folds, name):
    view = TfidfConfig(name, min_df=3, max_df=0.5)
    learned = [view.fit(TrainingRows(counts, np.flatnonzero(folds != k))) for k in range(4)]
    for place, mean in enumerate(learned[0].mean(learned[1:]).terms):
        tf = counts[mean.analyser].matrix.astype(np.float64)
        seen = [fitted.terms[place] for fitted in learned]
        lengths = [np.square(tf[:, part.columns].multiply(part.idf).toarray()).sum(axis=1) for part in seen]
        found = np.square(tf[:, mean.columns].multiply(mean.idf).toarray()).sum(axis=1)
        np.testing.assert_allclose(found, np.mean(lengths, axis=0))
        assert set(mean.columns) == set(np.concatenate([part.columns for part in seen]))
        assert (np.diff(mean.columns) > 0).all()


def test_rows_that_come_unsorted_are_weighed_sorted(counts):
    fitted = TfidfConfig("words+chars", min_df=2).fit(TrainingRows(counts))
    matrices = {name: found.matrix for name, found in counts.items()}
    turned = {}
    for name, matrix in matrices.items():
        order = np.concatenate([np.arange(b - 1, a - 1, -1) for a, b in pairwise(matrix.indptr)])
        turned[name] = sp.csr_array((matrix.data[order], matrix.indices[order], matrix.indptr), shape=matrix.shape)
    found, expected = fitted.rows(turned), fitted.rows(matrices)
    for name in ("indptr", "indices", "data"):
        assert (getattr(found, name) == getattr(expected, name)).all()
