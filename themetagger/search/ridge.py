"""Ridge of all themes and penalties at once: one factorisation per fold and penalty, cheaper than one theme's fits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy.linalg as la
import scipy.sparse as sp

from themetagger.features import FoldFeatures, Rows, View

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.uint8]

ALPHAS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
DENSE_ABOVE = 0.1  # share of the rows that have a term; ridge of a fold takes .5 to .8 of the time, as at .05 or .2


def fold_scores(features: FoldFeatures, view: View, Y: Labels, k: int, alphas: Sequence[float] = ALPHAS) -> Floats:
    """Ridge scores of the rows of fold ``k``, fitted on the other folds: (penalties, rows of the fold, T).

    The same numbers as ``sklearn.linear_model.Ridge(alpha)`` on targets -1 and +1, one fit a theme and penalty. With
    fewer rows than terms the dual form is small: the products of all pairs of rows, centred, factored once a penalty.

    Parameters
    ----------
    Y : (n, T) of 0 and 1
    """
    fold = features.fold(view, k)
    products = _row_products(fold.train, fold.train)
    means = products.mean(axis=0)
    centred = products - means - means[:, np.newaxis] + means.mean()
    towards = _row_products(fold.valid, fold.train)
    towards += means.mean() - means - towards.mean(axis=1, keepdims=True)
    targets = 2.0 * Y[fold.train_rows] - 1.0
    level = targets.mean(axis=0)
    diagonal = np.einsum("ii->i", centred)
    scores = np.empty((len(alphas), len(fold.valid_rows), Y.shape[1]))
    added = 0.0
    for i, alpha in enumerate(alphas):
        diagonal += alpha - added
        added = alpha
        factor = la.cho_factor(centred, lower=True, check_finite=False)
        scores[i] = towards @ la.cho_solve(factor, targets - level, check_finite=False) + level
    return scores


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
