"""Ridge of all themes, penalties and weights of vectors at once gives the scores of one fit each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import Ridge
from threadpoolctl import threadpool_limits

from themetagger.corpus import Corpus
from themetagger.features import FoldFeatures, Vectors
from themetagger.models.families.first_trials import PLATEAU
from themetagger.search import ridge
from themetagger.search.ridge import RidgeGrid, fold_scores

GRID = RidgeGrid("static", (0.0, 0.3, 1.2), (0.2, 5.0))


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Any:
    """As in a worker of the search."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def Y(corpus: Corpus) -> Any:
    return corpus.labels.toarray().astype(np.uint8)


@pytest.fixture(scope="module")
def with_vectors(counts: Any, folds: Any) -> FoldFeatures:
    vectors = np.random.default_rng(0).normal(size=(len(folds), 12)).astype(np.float32)
    vectors[3] = 0  # a text of which nothing is known
    return FoldFeatures({**counts, "static": Vectors(vectors + 1)}, folds)  # whose mean is not 0


def test_each_cell_is_a_fit_on_n_grams_beside_weighted_vectors(with_vectors: FoldFeatures, Y: Any) -> None:
    found, fold = fold_scores(with_vectors, PLATEAU, Y, 1, GRID), with_vectors.fold(PLATEAU, 1)
    vectors = with_vectors.inputs["static"].matrix.astype(np.float64)
    assert found.shape == (len(GRID.cells), len(fold.valid_rows), Y.shape[1])
    for scores, (weight, alpha) in zip(found, GRID.cells, strict=True):
        train, valid = (
            sp.hstack([ngrams, weight * vectors[rows]], format="csr")
            for ngrams, rows in ((fold.train, fold.train_rows), (fold.valid, fold.valid_rows))
        )
        single = Ridge(alpha=alpha, solver="sparse_cg", tol=1e-11).fit(train, 2.0 * Y[fold.train_rows] - 1)
        np.testing.assert_allclose(scores, single.predict(valid), atol=1e-6)


def test_conjugate_gradients_on_many_rows_find_about_the_same(
    with_vectors: FoldFeatures, Y: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = fold_scores(with_vectors, PLATEAU, Y, 1, GRID)
    monkeypatch.setattr(ridge, "GRAM_ROWS", 10)
    found = fold_scores(with_vectors, PLATEAU, Y, 1, GRID)
    assert found.shape == exact.shape
    assert 0 < np.abs(found - exact).max() < 0.02 * exact.std()


def test_at_weight_0_the_vectors_are_not_there(with_vectors: FoldFeatures, features: FoldFeatures, Y: Any) -> None:
    alone = fold_scores(features, PLATEAU, Y, 2, RidgeGrid(alphas=GRID.alphas))
    assert fold_scores(with_vectors, PLATEAU, Y, 2, GRID)[: len(alone)].tobytes() == alone.tobytes()


def test_cells_are_all_pairs_weight_by_weight() -> None:
    assert GRID.cells == [(0.0, 0.2), (0.0, 5.0), (0.3, 0.2), (0.3, 5.0), (1.2, 0.2), (1.2, 5.0)]
