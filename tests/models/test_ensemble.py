"""What is deployed scores as the fold models do: exactly, or nearly where they are merged into one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from themetagger.corpus import make_folds, read_corpus
from themetagger.features import (
    ANALYSERS,
    NGRAM_VIEWS,
    FittedView,
    FoldFeatures,
    TfidfConfig,
    TfidfWeights,
    count_terms,
)
from themetagger.features.encoder import build_encoder
from themetagger.features.preprocessing import DEFAULT_STEPS, clean
from themetagger.models.ensemble import EnsembleMember, ReducedModel, ensemble_scores, member_scores, reduced_rows
from themetagger.models.fold_averaging import merge
from themetagger.models.scorers import LinearScorer, Tree, scores, stack
from themetagger.search.companion import Companion
from themetagger.search.cross_validation import deployed_members, out_of_fold_scores
from themetagger.search.space import Configuration, companion_configuration

SAMPLE = Path(__file__).parents[2] / "data" / "workplace"
RIDGE = {"alpha": 1.0, "class_weight": None}
FOREST = {"n_estimators": 5, "max_depth": 6, "min_samples_leaf": 1, "class_weight": None}
BOOSTER = {"n_estimators": 5, "num_leaves": 4, "learning_rate": 0.2, "min_child_samples": 5, "colsample_bytree": 1.0}
APART = [
    Configuration("kernel_svm", {"C": 1.0, "gamma": 0.5, "class_weight": None}, TfidfConfig("words")),
    Configuration("lightgbm", BOOSTER, TfidfConfig("words"), reduction="svd:10"),
]
TREES = [
    Configuration(
        "random_forest", {**FOREST, "n_estimators": 50}, TfidfConfig("words_1_2", max_df=0.5), reduction="chi2:50"
    ),
    Configuration(
        "lightgbm", {**BOOSTER, "n_estimators": 50}, TfidfConfig("words+chars", min_df=3), reduction="chi2:200"
    ),
]


@pytest.fixture(scope="module")
def sample():
    """The first 500 training texts that ship, with their features."""
    corpus = read_corpus(SAMPLE / "train.csv")
    corpus = corpus.take(np.arange(len(corpus)) < 500)
    texts = clean(corpus.texts)
    counts = {analyser: count_terms(texts, analyser) for analyser in ANALYSERS}
    return corpus, FoldFeatures(counts, make_folds(corpus.labels, corpus.groups))


def _deployed_scores(members, features, texts):
    """Scores of raw texts, by the encoder that a tagger with these members would have."""
    keys = [(member.view, member.fold) for member in members]
    encoder = build_encoder(keys, features.inputs, features.folds, DEFAULT_STEPS)
    rows = encoder.counts(texts)
    return ensemble_scores(members, lambda view, fold: encoder.rows(rows, (view, fold)))


@pytest.mark.slow
@pytest.mark.parametrize("name", NGRAM_VIEWS)
@pytest.mark.parametrize("max_df", [0.5, 1.0])
def test_a_merged_linear_model_scores_new_text_as_the_mean_of_the_fold_models(sample, name, max_df):
    corpus, features = sample
    view, new = TfidfConfig(name, max_df=max_df), read_corpus(SAMPLE / "test.csv").texts
    _, models = out_of_fold_scores(Configuration("ridge", RIDGE, view), features, corpus.column(corpus.themes[0]))
    (merged,) = deployed_members(view, models, features)
    mean = _deployed_scores([EnsembleMember(view, k, model, 0.2) for k, model in enumerate(models)], features, new)
    error = _deployed_scores([merged], features, new) - mean
    assert merged.fold is None
    assert np.sqrt(np.mean(np.square(error))) < 0.025 * mean.std()
    assert abs(error.mean()) < 0.005 * mean.std()


@pytest.mark.slow
@pytest.mark.parametrize("configuration", TREES, ids=lambda configuration: configuration.family)
def test_merged_trees_score_new_text_nearly_as_the_mean_of_the_fold_models(sample, configuration):
    corpus, features = sample
    new = read_corpus(SAMPLE / "test.csv").texts
    _, models = out_of_fold_scores(configuration, features, corpus.column(corpus.themes[0]))
    (merged,) = deployed_members(configuration.view, models, features)
    each = [EnsembleMember(configuration.view, k, model, 0.2) for k, model in enumerate(models)]
    mean = _deployed_scores(each, features, new)
    error = _deployed_scores([merged], features, new) - mean
    assert len(merged.model.reduction) == len(merged.model.scorer.used)  # columns that no tree asks for are left out
    assert np.sqrt(np.mean(np.square(error))) < 0.05 * mean.std()
    assert abs(error.mean()) < 0.01 * mean.std()


def test_merged_trees_ask_for_the_weight_that_a_term_has_on_average():
    """Two folds, terms "a" and "b" at 3 and 7; the second fold does not know "a"."""
    seen = [
        FittedView((TfidfWeights("word", np.array([3, 7], dtype=np.int32), np.array([1.0, 2.0]), False),)),
        FittedView((TfidfWeights("word", np.array([7], dtype=np.int32), np.array([4.0]), False),)),
    ]
    whole = FittedView((TfidfWeights("word", np.array([3, 7], dtype=np.int32), np.array([0.5, 3.0]), False),))
    sides = {"left": [1, -1, -1], "right": [2, -1, -1]}
    first = ReducedModel(stack([Tree([0, -1, -1], [0.25, 0, 0], value=[0, 1, 3], **sides)] * 2, base=1.0))
    second = ReducedModel(
        stack([Tree([0, -1, -1], [0.5, 0, 0], value=[0, 0, 8], **sides)], base=0.0), np.array([0], np.int32)
    )
    merged = merge([first, second], seen, whole)
    # by hand: "a" above .25 x .5 / 1 = .125, "b" above .5 x 3 / 4 = .375; (1 + 2 + .) / 2
    rows = np.array([[0.125, 0.375], [0.126, 0.375], [0.125, 0.376]])
    assert merged.reduction.tolist() == [0, 1]
    assert scores(merged.scorer, rows).tolist() == [1.5, 3.5, 5.5]


def test_moved_thresholds_are_never_rounded_up():
    """Else a row just above one would go the other way."""
    draw = np.random.default_rng(0).random(50).astype(np.float32)
    sides = {"left": [1, -1, -1], "right": [2, -1, -1]}
    stumps = stack([Tree([0, -1, -1], [limit, 0, 0], value=[0, 0, 1], **sides) for limit in draw], base=0.0)
    part = TfidfWeights("word", np.array([0], dtype=np.int32), np.array([3.0]), False)
    merged = merge([ReducedModel(stumps)], [FittedView((part,))], FittedView((replace(part, idf=np.array([0.7])),)))
    moved, exact = (
        merged.scorer.threshold[merged.scorer.feature == 0].astype(np.float64),
        draw.astype(np.float64) * 0.7 / 3,
    )
    assert (moved <= exact).all()
    assert (np.nextafter(moved.astype(np.float32), np.float32(1)) > exact).all()


@pytest.mark.parametrize("configuration", APART, ids=lambda configuration: configuration.family)
def test_a_committee_that_cannot_be_merged_is_the_mean_of_the_fold_models_exactly(corpus, features, configuration):
    _, models = out_of_fold_scores(configuration, features, corpus.column("pay"))
    members = deployed_members(configuration.view, models, features)
    assert [member.fold for member in members] == [0, 1, 2, 3]
    assert [member.weight for member in members] == [0.25] * 4
    for k, member in enumerate(members):
        rows = features.fold(configuration.view, k).valid
        texts = [text for text, fold in zip(corpus.texts, features.folds, strict=True) if fold == k]
        np.testing.assert_allclose(_deployed_scores([member], features, texts), member_scores(models[k], rows) / 4)
    each = [_deployed_scores([member], features, corpus.texts) for member in members]
    np.testing.assert_allclose(_deployed_scores(members, features, corpus.texts), np.sum(each, axis=0), atol=1e-12)


def test_linear_models_on_chosen_columns_are_merged_into_one_on_all():
    part = TfidfWeights("word", np.arange(4, dtype=np.int32), np.array([1.0, 2.0, 1.0, 4.0]), False)
    columns = ([0, 3], [1, 3])
    models = [ReducedModel(LinearScorer(np.array([1.0, 2.0]), 0.5), np.array(c, dtype=np.int32)) for c in columns]
    halves = FittedView((replace(part, idf=part.idf / 2),))
    merged = merge(models, [FittedView((part,)), halves], FittedView((part,)))
    assert merged.reduction is None
    assert merged.scorer.weights.tolist() == [0.5, 0.25, 0.0, 1.5]  # by hand: (2 + 2 / 2) / 2 of the last
    assert merged.scorer.intercept == 0.5


def test_a_committee_scores_the_weighted_sum_of_its_members():
    models = [ReducedModel(LinearScorer(np.array([weight]), 1.0)) for weight in (1.0, 3.0)]
    members = [EnsembleMember(TfidfConfig("words"), k, model, weight=2.0 * k + 0.5) for k, model in enumerate(models)]
    # by hand: .5 x (1 x 1 + 1) + 2.5 x (1 x 3 + 1), .5 x (0 x 1 + 1) + 2.5 x (2 x 3 + 1)
    assert ensemble_scores(members, lambda view, fold: np.array([[1.0], [2.0 * fold]])).tolist() == [11.0, 18.0]


def test_models_on_the_presence_of_words_are_merged_exactly(sample):
    corpus, features = sample
    new = read_corpus(SAMPLE / "test.csv").texts
    configuration = companion_configuration(Companion(C=0.4, weight=1.0))
    _, models = out_of_fold_scores(configuration, features, corpus.column(corpus.themes[0]))
    (merged,) = deployed_members(configuration.view, models, features)
    each = [EnsembleMember(configuration.view, k, model, 0.2) for k, model in enumerate(models)]
    mean = _deployed_scores(each, features, new)
    assert mean.std() > 0
    np.testing.assert_allclose(_deployed_scores([merged], features, new), mean, atol=1e-6)


@pytest.mark.parametrize("density", [0.0, 0.003, 0.3])
def test_a_projection_of_the_terms_in_use_is_that_of_all_bit_by_bit(density: float) -> None:
    draw = np.random.default_rng(0)
    rows = sp.csr_array(sp.random(40, 300, density=density, random_state=0, format="csr"))
    projection = draw.normal(size=(300, 7)).astype(np.float32)
    whole = np.asarray(rows @ projection, dtype=np.float32)
    assert reduced_rows(rows, projection).tobytes() == whole.tobytes()


def test_a_text_without_known_terms_costs_nothing_of_a_projection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is copied, however large it is."""
    seen: list[int] = []

    class Watched(np.ndarray):
        def __getitem__(self, key: object) -> object:
            taken = super().__getitem__(key)
            seen.append(taken.nbytes)
            return np.asarray(taken)

    projection = np.ones((300, 7), dtype=np.float32).view(Watched)
    assert not reduced_rows(sp.csr_array((1, 300)), projection).any()
    assert seen == [0]
