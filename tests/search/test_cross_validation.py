"""Out-of-fold scores are those of cross_val_predict of a scikit-learn pipeline on the same folds."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import chi2
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.svm import LinearSVC

from themetagger.features import TfidfConfig
from themetagger.models.ensemble import ReducedModel, member_scores
from themetagger.models.families import FAMILIES, fit, fit_estimator
from themetagger.models.families.first_trials import PLATEAU
from themetagger.models.scorers import LinearScorer
from themetagger.search.companion import Companion, blend_weight
from themetagger.search.cross_validation import fit_fold, kept_rows, labelled, out_of_fold_scores
from themetagger.search.space import Configuration, companion_configuration

VOTES = {"n_estimators": 10, "max_depth": 2, "learning_rate": 0.5, "class_weight": "balanced"}
LINEAR = {
    "naive_bayes_complement": {"alpha": 0.3, "norm": True},
    "naive_bayes_multinomial": {"alpha": 0.1},
    "ridge": {"alpha": 1.0, "class_weight": "balanced"},
    "logistic": {"C": 10.0, "class_weight": None},
    "linear_svm": {"C": 0.3, "class_weight": None},
    "sparse_svm": {"C": 0.5, "class_weight": "balanced"},
}
OTHER = {
    "kernel_svm": {"C": 10.0, "gamma": 0.5, "class_weight": "balanced"},
    "random_forest": {"n_estimators": 10, "max_depth": 8, "min_samples_leaf": 2, "class_weight": None},
    "adaboost": VOTES,
    "lightgbm": {"n_estimators": 10, "num_leaves": 6, "learning_rate": 0.2, "min_child_samples": 5},
    "xgboost": {**VOTES, "min_child_weight": 1.0, "colsample_bytree": 1.0},
}


class AsFamily(ClassifierMixin, BaseEstimator):
    """A family's own estimator, with the library's own scores, as scikit-learn's tools want it."""

    def __init__(self, family, params):
        self.family, self.params = family, params

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.model_ = fit_estimator(FAMILIES[self.family], self.params, X, y, seed=0)
        return self

    def decision_function(self, X):
        dense = X.toarray() if FAMILIES[self.family].reduces and hasattr(X, "toarray") else X
        if self.family in ("random_forest", "naive_bayes_multinomial"):
            share = self.model_.predict_proba(dense)[:, 1]
            return share if self.family == "random_forest" else np.log(share) - np.log1p(-share)
        if self.family == "naive_bayes_complement":
            return np.diff(self.model_.predict_joint_log_proba(dense))[:, 0]
        if self.family == "lightgbm":
            return self.model_.booster_.predict(dense, raw_score=True)
        if self.family == "xgboost":
            return self.model_.predict(dense, output_margin=True)
        return self.model_.decision_function(dense)

    def predict(self, X):
        return self.classes_[(self.decision_function(X) > 0).astype(int)]


class BestColumns(TransformerMixin, BaseEstimator):
    """SelectKBest(chi2) that prefers the first of equal columns, to float32 as trees see it."""

    def __init__(self, k):
        self.k = k

    def fit(self, X, y):
        self.columns_ = np.sort(np.argsort(-chi2(X, y)[0], kind="stable")[: self.k])
        return self

    def transform(self, X):
        return X[:, self.columns_].toarray().astype(np.float32)


class Singular(TransformerMixin, BaseEstimator):
    """TruncatedSVD whose directions are rounded to float32, as a tagger file keeps them."""

    def __init__(self, k):
        self.k = k

    def fit(self, X, y=None):
        self.directions_ = TruncatedSVD(self.k, n_iter=2, random_state=0).fit(X).components_.astype(np.float32)
        return self

    def transform(self, X):
        return (X @ self.directions_.T).astype(np.float32)


def _pipeline(configuration, *reduction):
    shared = {"min_df": 2, "max_df": 0.5, "sublinear_tf": True}
    words = TfidfVectorizer(ngram_range=(1, 2), **shared)
    chars = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), **shared)
    features = words if configuration.view.name == "words_1_2" else FeatureUnion([("words", words), ("chars", chars)])
    return make_pipeline(features, *reduction, AsFamily(configuration.family, configuration.params))


def _expected(pipeline, corpus, features, y):
    return cross_val_predict(
        pipeline, list(corpus.texts), y, cv=PredefinedSplit(features.folds), method="decision_function"
    )


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["pay", "food"])
@pytest.mark.parametrize("family", LINEAR)
def test_linear_families_score_as_the_pipeline(corpus, features, family, theme):
    configuration, y = (
        Configuration(family, LINEAR[family], TfidfConfig("words+chars", max_df=0.5)),
        corpus.column(theme),
    )
    scores, models = out_of_fold_scores(configuration, features, y)
    expected = _expected(_pipeline(configuration), corpus, features, y)
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-6)
    assert all(isinstance(model.scorer, LinearScorer) for model in models)


def test_a_companion_scores_as_the_pipeline(corpus, features):
    y, configuration = corpus.column("pay"), companion_configuration(Companion(C=0.4, weight=0.5))
    vectoriser = CountVectorizer(ngram_range=(1, 2), min_df=2, max_df=0.5, binary=True)
    scores, models = out_of_fold_scores(configuration, features, y)
    estimator = LinearSVC(C=0.4, penalty="l1", dual=False, tol=0.05, max_iter=300, random_state=0)
    np.testing.assert_allclose(scores, _expected(make_pipeline(vectoriser, estimator), corpus, features, y), atol=1e-6)
    assert all(0 < np.count_nonzero(model.scorer.weights) < 0.5 * len(model.scorer.weights) for model in models)


@pytest.mark.parametrize(
    ("scores", "beside", "weight", "factor"),
    [
        ([0.0, 2.0], [0.0, 8.0], 0.5, 0.125),
        ([0.0, 2.0, np.nan], [1.0, 2.0, 50.0], 1.0, 2.0),
        ([0.0, 2.0], [3.0, 3.0], 0.5, 0.0),
        ([1.0, 1.0], [0.0, 8.0], 0.5, 0.0),
        ([0.0, 2.0], [0.0, 8.0], 0.0, 0.0),
    ],
)
def test_a_companion_spreads_as_much_as_its_weight_says(scores, beside, weight, factor):
    assert blend_weight(np.array(scores), np.array(beside), weight) == factor


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "reduction"),
    [("kernel_svm", ""), *product(list(OTHER)[1:], ["chi2:40", "svd:8"])],
)
def test_other_families_score_as_the_pipeline(corpus, features, family, reduction):
    y, size = corpus.column("workload"), int(reduction.partition(":")[2] or 0)
    configuration = Configuration(family, OTHER[family], TfidfConfig("words_1_2", max_df=0.5), reduction=reduction)
    steps = {"chi2": [BestColumns(size)], "svd": [Singular(size)], "": []}
    scores, _ = out_of_fold_scores(configuration, features, y)
    expected = _expected(_pipeline(configuration, *steps[reduction.partition(":")[0]]), corpus, features, y)
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("family", "ratio", "reduction"), [("ridge", 0, ""), ("random_forest", 1, "chi2:20")])
def test_labels_of_validation_texts_do_not_reach_their_scores(corpus, features, family, ratio, reduction):
    configuration = Configuration(family, {**LINEAR, **OTHER}[family], TfidfConfig("words"), ratio, reduction)
    y = corpus.column("pay")
    turned = np.where(features.folds == 2, 1 - y, y).astype(np.uint8)
    one, other = (out_of_fold_scores(configuration, features, target)[0] for target in (y, turned))
    inside = features.folds == 2
    assert (one[inside] == other[inside]).all()
    assert (one[~inside] != other[~inside]).any()


@pytest.mark.parametrize("seed", [0, 7])
def test_negatives_are_drawn_nested_and_the_same_again(seed):
    target = (np.random.default_rng(seed).random(400) < 0.05).astype(np.uint8)
    drawn = [set(kept_rows(target, ratio, seed=seed).tolist()) for ratio in (1, 3, 10)]
    positives = set(np.flatnonzero(target).tolist())
    assert positives < drawn[0] < drawn[1] < drawn[2]
    assert [len(rows) - len(positives) for rows in drawn] == [ratio * len(positives) for ratio in (1, 3, 10)]
    assert drawn[1] == set(kept_rows(target, 3, seed=seed).tolist())
    assert drawn[1] != set(kept_rows(target, 3, seed=seed + 1).tolist())


@pytest.mark.parametrize("ratio", [0, 3, 100])
def test_all_rows_are_kept_where_the_ratio_leaves_none_out(ratio):
    assert kept_rows(np.array([1, 0, 0, 0], np.uint8), ratio, seed=0) is None


def test_a_ratio_trains_on_fewer_negatives(corpus, features):
    y = corpus.column("food")
    configurations = [Configuration("kernel_svm", OTHER["kernel_svm"], TfidfConfig("words"), ratio) for ratio in (0, 1)]
    models = [out_of_fold_scores(configuration, features, y)[1] for configuration in configurations]
    for k, (everything, few) in enumerate(zip(*models, strict=True)):
        assert few.scorer.support.shape[0] <= 2 * y[features.folds != k].sum() < everything.scorer.support.shape[0]


@pytest.mark.parametrize(
    ("positives", "negatives", "ratio", "most", "kept"),
    [
        (10, 90, 0, 100, None),  # all rows fit
        (10, 90, 0, 50, (10, 40)),  # positives first, negatives fill the rest
        (40, 60, 0, 50, (25, 25)),  # positives have at most half of the places ...
        (60, 10, 0, 50, (40, 10)),  # ... unless negatives leave some free
        (10, 90, 3, 50, (10, 30)),
        (20, 80, 3, 50, (20, 30)),
    ],
)
def test_at_most_so_many_rows_are_fitted_positives_first(positives, negatives, ratio, most, kept):
    target = np.repeat(np.array([1, 0], np.uint8), [positives, negatives])
    rows = kept_rows(target, ratio, seed=0, most=most)
    found = None if rows is None else (int(target[rows].sum()), int((target[rows] == 0).sum()))
    assert found == kept


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_known_labels_are_a_share_of_either_side(share: float) -> None:
    target = (np.arange(200) % 7 == 0).astype(np.uint8)
    known = labelled(target, share, seed=3)
    assert (np.diff(known) > 0).all()
    assert target[known].sum() == math.ceil(share * target.sum())
    assert (target[known] == 0).sum() == math.ceil(share * (target == 0).sum())
    assert (labelled(target, share, seed=3) == known).all()
    assert (labelled(target, share, seed=4) != known).any()
    assert labelled(target, 1.0, seed=3).tolist() == list(range(200))


def test_a_share_of_the_labels_fits_what_was_kept_of_them_alone(corpus, features) -> None:
    """Half of the labels: the same model as of scikit-learn on those rows, weighed as before."""
    y, configuration = corpus.column("pay"), Configuration("ridge", {"alpha": 1.0, "class_weight": None}, PLATEAU)
    fold = features.fold(PLATEAU, 1)
    known = labelled(y[fold.train_rows], 0.5, seed=9)
    _, scores = fit_fold(configuration, features, y, 1, seed=8, share=0.5)
    expected = fit(FAMILIES["ridge"], configuration.params, fold.train[known], y[fold.train_rows][known], seed=8)
    np.testing.assert_allclose(scores, member_scores(ReducedModel(expected), fold.valid))
    _, whole = fit_fold(configuration, features, y, 1, seed=8)
    assert (scores != whole).any()
