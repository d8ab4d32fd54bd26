"""Models that score together score as each alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from themetagger.features import NGRAM_VIEWS, TfidfConfig
from themetagger.features.encoder import build_encoder
from themetagger.features.ngrams.sparse import FEW
from themetagger.features.preprocessing import DEFAULT_STEPS
from themetagger.models import linear_batch
from themetagger.models.ensemble import EnsembleMember, ReducedModel, ensemble_scores
from themetagger.models.linear_batch import LinearBatch, is_batched
from themetagger.models.scorers import LinearScorer, Tree, stack

VIEWS = [
    *(
        TfidfConfig(name, min_df, 0.6, sublinear)
        for name in NGRAM_VIEWS
        for min_df in (2, 4)
        for sublinear in (True, False)
    ),
    TfidfConfig("words_1_2", 2, 0.6, presence=True),
    TfidfConfig("chars_3_5", 2, 0.6, presence=True),
]


@pytest.fixture(scope="module")
def encoder(features):
    return build_encoder([(view, None) for view in VIEWS], features.inputs, features.folds, DEFAULT_STEPS)


def _member(view, encoder, *, seed, zeros=0.0, weight=1.0):
    draw = np.random.default_rng(seed)
    width = encoder.views[view, None].width
    weights = np.where(draw.random(width) < zeros, 0.0, draw.normal(size=width))
    return EnsembleMember(
        view, None, ReducedModel(LinearScorer(weights.astype(np.float32).astype(float), 0.3 * seed)), weight
    )


def _batch(members, themes, encoder):
    return LinearBatch(members, themes, encoder.views, encoder.sizes)


def _alone(members, themes, encoder, counts):
    rows = {analyser: found.by_row for analyser, found in counts.items()}
    found = np.zeros((next(iter(counts.values())).n, themes))
    for theme, member in members:
        found[:, theme] += ensemble_scores([member], lambda view, fold: encoder.rows(rows, (view, fold)))
    return found


@pytest.mark.parametrize("zeros", [0.0, 0.98], ids=["dense", "sparse"])
def test_a_batch_scores_as_each_model_alone(corpus, encoder, zeros):
    members = [(j, _member(view, encoder, seed=j, zeros=zeros, weight=1 + j)) for j, view in enumerate(VIEWS)]
    counts = encoder.layouts([*corpus.texts, "", "never heard of"])
    found = _batch(members, len(VIEWS), encoder).scores(counts)
    expected = _alone(members, len(VIEWS), encoder, counts)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)
    assert expected[:-2].std(axis=0).min() > 0


def test_a_theme_may_have_several_models_and_another_none(corpus, encoder):
    views = [VIEWS[0], VIEWS[0], VIEWS[-2], VIEWS[-2], VIEWS[5]]
    themes = [0, 0, 0, 3, 3]
    members = [(themes[i], _member(view, encoder, seed=i)) for i, view in enumerate(views)]
    counts = encoder.layouts(corpus.texts)
    found = _batch(members, 4, encoder).scores(counts)
    np.testing.assert_allclose(found, _alone(members, 4, encoder, counts), rtol=1e-5, atol=1e-4)
    assert (found[:, 1:3] == 0).all()


@pytest.mark.parametrize(("zeros", "cells"), [(0.0, 50), (0.98, 50), (0.98, 0)], ids=["dense", "in use", "sparse"])
def test_a_text_scores_the_same_alone_and_in_company(corpus, encoder, zeros, cells, monkeypatch):
    monkeypatch.setattr(linear_batch, "DENSE_CELLS", cells)
    members = [(j, _member(view, encoder, seed=j, zeros=zeros)) for j, view in enumerate(VIEWS)]
    batch, texts = _batch(members, len(VIEWS), encoder), list(corpus.texts[: 2 * FEW])
    assert len(texts) == 2 * FEW  # so many are turned
    assert [block.in_use is not None for block in batch._blocks].count(True) == (2 if zeros and cells else 0)
    together = batch.scores(encoder.layouts(texts))
    backwards = batch.scores(encoder.layouts(texts[::-1]))[::-1]  # words come in another order
    assert (backwards == together).all()
    for i, text in enumerate(texts):
        assert (batch.scores(encoder.layouts([text]))[0] == together[i]).all()


def test_no_model_scores_zero(corpus, encoder):
    assert _batch([], 2, encoder).scores(encoder.layouts(corpus.texts[:3])).tolist() == [[0, 0]] * 3


def test_what_is_merged_and_linear_is_batched(encoder):
    member = _member(VIEWS[0], encoder, seed=0)
    leaf = stack([Tree([-1], [0], [-1], [-1], [1.0])], base=0.0)
    assert is_batched(member)
    assert not is_batched(replace(member, fold=1))
    assert not is_batched(replace(member, model=ReducedModel(leaf)))
    assert not is_batched(replace(member, model=replace(member.model, reduction=np.array([0], np.int32))))
