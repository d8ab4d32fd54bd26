"""Ridge of all themes and penalties at once, which is cheaper than one theme's fits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.linalg as la
import scipy.sparse as sp

from themetagger.features import DenseConfig, Fold, FoldFeatures, Rows, View
from themetagger.search.shifted_cg import solve_shifted

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.uint8]
Singles = npt.NDArray[np.float32]

ALPHAS = (0.25, 0.6, 1.5, 3.5, 8.0, 18.0)
GRAM_ROWS = 4_000  # of a fold, up to which the products of all pairs are factored: time grows with the cube of the rows
DENSE_ABOVE = 0.1  # share of the rows that have a term; ridge of a fold takes .5 to .8 of the time, as at .05 or .2


class RidgeGrid(NamedTuple):
    """What is tried for all themes together: each weight of the dense columns with each penalty.

    Attributes
    ----------
    encoder : the text encoder whose vectors stand beside n-grams, "" for none
    weights : of its columns, 0 for n-grams alone
    alphas : the penalties
    """

    encoder: str = ""
    weights: tuple[float, ...] = (0.0,)
    alphas: tuple[float, ...] = ALPHAS

    @property
    def cells(self) -> list[tuple[float, float]]:
        """Every pair of weight and penalty, in order."""
        return [(weight, alpha) for weight in self.weights for alpha in self.alphas]


class _Products(NamedTuple):
    """Products of pairs of training rows, centred, and of validation rows with training rows."""

    centred: Floats
    towards: Floats


def fold_scores(features: FoldFeatures, view: View, Y: Labels, k: int, grid: RidgeGrid | None = None) -> Floats:
    """Ridge scores of the rows of fold ``k``, fitted on the other folds: (cells of the grid, rows of the fold, T).

    The same numbers as ``sklearn.linear_model.Ridge(alpha)`` on targets -1 and +1, one fit a theme and penalty. With
    fewer rows than columns the dual form is small: the products of all pairs of rows, centred, factored once a cell; of
    more than ``GRAM_ROWS`` rows by conjugate gradients, all penalties together.

    Parameters
    ----------
    view : of n-grams
    Y : (n, T) of 0 and 1
    grid : default all penalties on n-grams alone
    """
    grid, fold = grid or RidgeGrid(), features.fold(view, k)
    if len(fold.train_rows) > GRAM_ROWS:
        return _by_conjugate_gradients(features, view, Y, k, grid)
    ngrams = _products(fold)
    dense = _products(features.fold(DenseConfig(grid.encoder), k)) if grid.encoder else None
    targets = 2.0 * Y[fold.train_rows] - 1.0
    level = targets.mean(axis=0)
    scores = np.empty((len(grid.weights), len(grid.alphas), len(fold.valid_rows), Y.shape[1]))
    for of_weight, weight in zip(scores, grid.weights, strict=True):
        products = ngrams if dense is None or not weight else _added(ngrams, dense, weight)
        for of_alpha, solved in zip(of_weight, _solved(products.centred, targets - level, grid.alphas), strict=True):
            of_alpha[:] = products.towards @ solved + level
    return scores.reshape(-1, *scores.shape[2:])


def _by_conjugate_gradients(features: FoldFeatures, view: View, Y: Labels, k: int, grid: RidgeGrid) -> Floats:
    """The scores by products of rows with vectors, never of all pairs of rows."""
    fold = features.fold(view, k)
    train, valid = (sp.csr_array(rows, dtype=np.float32) for rows in (fold.train, fold.valid))
    turned = sp.csr_array(train.T)
    dense = features.fold(DenseConfig(grid.encoder), k) if grid.encoder else None
    targets = (2.0 * Y[fold.train_rows] - 1.0).astype(np.float32)
    level = targets.mean(axis=0)

    def towards(rows: sp.csr_array, beside: Rows | None, weight: float, x: Singles) -> Singles:
        products = rows @ (turned @ x)
        if weight and dense is not None and beside is not None:
            products += np.float32(weight**2) * (np.asarray(beside) @ (np.asarray(dense.train).T @ x))
        return np.asarray(products, dtype=np.float32)

    def centred(weight: float, x: Singles) -> Singles:
        products = towards(train, None if dense is None else dense.train, weight, x - x.mean(axis=0))
        return np.asarray(products - products.mean(axis=0), dtype=np.float32)

    scores = []
    for weight in grid.weights:
        for solved in solve_shifted(partial(centred, weight), targets - level, grid.alphas):
            counted = solved - solved.mean(axis=0)
            training_level = towards(train, None if dense is None else dense.train, weight, counted).mean(axis=0)
            of_valid = towards(valid, None if dense is None else dense.valid, weight, counted)
            scores.append(of_valid - training_level + level)
    return np.array(scores, dtype=np.float64)


def _products(fold: Fold) -> _Products:
    products = _row_products(fold.train, fold.train)
    means = products.mean(axis=0)
    centred = products - means - means[:, np.newaxis] + means.mean()
    towards = _row_products(fold.valid, fold.train)
    towards += means.mean() - means - towards.mean(axis=1, keepdims=True)
    return _Products(centred, towards)


def _added(ngrams: _Products, dense: _Products, weight: float) -> _Products:
    """The products of rows of n-grams and of dense columns that are multiplied by ``weight``."""
    return _Products(*(ours + weight**2 * theirs for ours, theirs in zip(ngrams, dense, strict=True)))


def _solved(centred: Floats, targets: Floats, alphas: Sequence[float]) -> list[Floats]:
    """What each training row counts, (rows, T), for each penalty."""
    diagonal, solved, added = np.einsum("ii->i", centred), [], 0.0
    for alpha in alphas:
        diagonal += alpha - added
        added = alpha
        factor = la.cho_factor(centred, lower=True, check_finite=False)
        solved.append(la.cho_solve(factor, targets, check_finite=False))
    diagonal -= added
    return solved


def _row_products(A: Rows, B: Rows) -> Floats:
    """``A @ B.T``, dense (rows of A, rows of B).

    Most of a sparse product is spent on the few terms that many rows have, and a dense one is the faster for those.
    """
    if not sp.issparse(B):
        return np.asarray(A, dtype=np.float64) @ np.asarray(B, dtype=np.float64).T
    having = np.bincount(B.indices, minlength=B.shape[1])
    many = having > DENSE_ABOVE * B.shape[0]
    frequent, rare = np.flatnonzero(many), np.flatnonzero(~many)
    products = A[:, frequent].toarray() @ B[:, frequent].toarray().T
    products += (A[:, rare] @ B[:, rare].T).toarray()
    return np.asarray(products, dtype=np.float64)
