"""A fold's rows are those of scikit-learn fitted on its training texts, and of nothing else."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from themetagger.features import ANALYSERS, NGRAM_VIEWS, FoldFeatures, TfidfConfig, count_terms
from themetagger.features.preprocessing import clean

WORD, PAIR = {"ngram_range": (1, 1)}, {"ngram_range": (1, 2)}
CHARS = {"analyzer": "char_wb", "ngram_range": (3, 5)}
VECTORISERS = {"words": [WORD], "words_1_2": [PAIR], "chars_3_5": [CHARS], "words+chars": [PAIR, CHARS]}
VIEWS = [
    TfidfConfig(name, min_df=min_df, max_df=max_df, sublinear_tf=sublinear)
    for name, min_df, max_df, sublinear in product(NGRAM_VIEWS, (1, 2, 3), (0.3, 0.5, 1.0), (True, False))
]


def _vectoriser(view):
    """scikit-learn's own way to the features of a view."""
    shared = {"min_df": view.min_df, "max_df": view.max_df, "sublinear_tf": view.sublinear_tf}
    parts = VECTORISERS[view.view]
    return FeatureUnion([(f"part{i}", TfidfVectorizer(**part, **shared)) for i, part in enumerate(parts)])


def _fold_features(texts, folds):
    return FoldFeatures({analyser: count_terms(texts, analyser) for analyser in ANALYSERS}, folds)


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: "-".join(map(str, view.to_json().values())))
def test_rows_equal_those_of_scikit_learn_fitted_inside_the_fold(corpus, features, view):
    k = VIEWS.index(view) % features.n_folds
    fold, texts, vectoriser = features.fold(view, k), np.array(corpus.texts), _vectoriser(view)
    expected = vectoriser.fit_transform(texts[features.folds != k])
    assert fold.train.shape == expected.shape
    assert abs(fold.train - expected).max() < 1e-6
    assert abs(fold.valid - vectoriser.transform(texts[features.folds == k])).max() < 1e-6


@pytest.mark.parametrize("name", NGRAM_VIEWS)
def test_presence_is_one_where_a_term_occurs(corpus, features, name):
    view, texts = TfidfConfig(name, min_df=3, max_df=0.5, presence=True), np.array(corpus.texts)
    plain = {"min_df": 3, "max_df": 0.5, "binary": True, "use_idf": False, "norm": None}
    parts = [(str(i), TfidfVectorizer(**part, **plain)) for i, part in enumerate(VECTORISERS[name])]
    expected, fold = FeatureUnion(parts).fit_transform(texts[features.folds != 2]), features.fold(view, 2)
    assert (fold.train != expected).nnz == 0
    assert set(fold.valid.data) == {1.0}


@pytest.mark.parametrize("name", NGRAM_VIEWS)
def test_columns_stand_in_the_order_of_scikit_learn(corpus, features, name):
    view = TfidfConfig(name, min_df=3, max_df=0.5)
    vectoriser = _vectoriser(view).fit(np.array(corpus.texts)[features.folds != 1])
    terms = [features.inputs[p.analyser].terms[i] for p in features.fold(view, 1).fitted.terms for i in p.columns]
    assert terms == [name.split("__", 1)[1] for name in vectoriser.get_feature_names_out()]


@pytest.mark.parametrize("name", NGRAM_VIEWS)
@pytest.mark.parametrize("k", range(4))
def test_nothing_is_learned_from_validation_texts(corpus, features, name, k):
    view = TfidfConfig(name, max_df=0.5)
    changed = np.array(clean(corpus.texts), dtype=object)
    changed[features.folds == k] = "salary entirely other words, and the canteen"
    one, other = features.fold(view, k), _fold_features(changed.tolist(), features.folds).fold(view, k)
    assert (one.train.shape, abs(one.train - other.train).max()) == (other.train.shape, 0)
    assert all((a.idf == b.idf).all() for a, b in zip(one.fitted.terms, other.fitted.terms, strict=True))
    assert one.valid.nnz != other.valid.nnz


def test_the_rows_of_a_fold_are_named(features):
    fold = features.fold(TfidfConfig("words"), 2)
    assert (features.folds[fold.valid_rows] == 2).all()
    assert sorted([*fold.train_rows, *fold.valid_rows]) == list(range(200))
    assert (fold.train.shape[0], fold.valid.shape[0]) == (len(fold.train_rows), len(fold.valid_rows))


def _filled(features, view, k):
    """A fold whose rows on either side have been asked for, so that they take memory."""
    fold = features.fold(view, k)
    assert fold.train.shape[0] + fold.valid.shape[0] == len(features.folds)
    return fold


def test_a_part_of_the_training_rows_is_those_rows(features):
    fold = features.fold(TfidfConfig("words+chars"), 1)
    for kept in (np.array([0, 3, 5]), np.array([2, 4])):
        assert abs(fold.train_part(kept) - fold.train[kept]).max() == 0


@pytest.mark.parametrize("cache_bytes", [0, 10_000_000], ids=["nothing kept", "all kept"])
def test_what_is_asked_for_again_is_the_same_whether_kept_or_not(counts, folds, cache_bytes):
    features, views = FoldFeatures(counts, folds, cache_bytes=cache_bytes), [TfidfConfig(name) for name in NGRAM_VIEWS]
    first = [_filled(features, view, 0) for view in views]
    again = [_filled(features, view, 0) for view in views]
    assert [a is b for a, b in zip(first, again, strict=True)] == [cache_bytes > 0] * len(views)
    for one, other in zip(first, again, strict=True):
        assert abs(one.train - other.train).max() == abs(one.valid - other.valid).max() == 0


def test_the_cache_drops_what_was_not_asked_for_longest(counts, folds):
    one = _filled(FoldFeatures(counts, folds), TfidfConfig("words"), 0)
    features = FoldFeatures(counts, folds, cache_bytes=int(one.nbytes * 2.5))
    a, b = _filled(features, TfidfConfig("words"), 0), _filled(features, TfidfConfig("words"), 1)
    assert features.fold(TfidfConfig("words"), 0) is a
    _filled(features, TfidfConfig("words"), 2)
    assert features.fold(TfidfConfig("words"), 0) is a
    assert features.fold(TfidfConfig("words"), 1) is not b


def test_reduced_rows_are_those_of_a_truncated_svd_of_the_training_rows(features):
    fold, reduced = features.fold(TfidfConfig("words"), 1), features.reduced(TfidfConfig("words"), 1, 5)
    exact = TruncatedSVD(5, algorithm="arpack", random_state=0).fit(fold.train)
    assert (reduced.projection.shape, reduced.projection.dtype) == ((fold.train.shape[1], 5), np.float32)
    lost = np.square(fold.train.toarray() - fold.train @ reduced.projection @ reduced.projection.T).sum()
    least = np.square(fold.train.toarray() - exact.inverse_transform(exact.transform(fold.train))).sum()
    assert least * 0.999 < lost < least * 1.02
    assert features.reduced(TfidfConfig("words"), 1, 5) is reduced


@pytest.mark.parametrize("size", [1, 2, 500])
def test_a_reduction_never_has_more_columns_than_the_rows_allow(size):
    features = _fold_features(["pay good", "pay bad", "good bad pay", "bad pay"], np.array([0, 0, 1, 1]))
    assert features.reduced(TfidfConfig("words", min_df=1), 1, size).projection.shape[1] == 1
