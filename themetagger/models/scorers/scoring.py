"""Linear models and kernel machines as plain arrays, and the one function that scores with any model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from themetagger.models.scorers.tree_traversal import LEAF, Floats, Singles, TreeScorer, tree_scores

Matrix: TypeAlias = Any  # a SciPy CSR matrix or array, or a 2-d ndarray: SciPy's stubs have no common type

BLOCK = 512  # rows at a time: a block of a kernel stays in the processor's cache


@dataclass(frozen=True)
class LinearScorer:
    """``X @ weights + intercept``, ``weights`` of shape (n_features,): float64, or float32 where models are merged."""

    weights: Floats | Singles
    intercept: float


@dataclass(frozen=True)
class KernelScorer:
    """``sum_i dual[i] * exp(-gamma * ||x - support[i]||^2) + intercept``.

    ``support`` is CSR float32 of shape (m, n_features), ``dual`` float64 of shape (m,).
    """

    support: sparse.csr_array
    dual: Floats
    intercept: float
    gamma: float


Scorer: TypeAlias = LinearScorer | KernelScorer | TreeScorer


def scores(scorer: Scorer, X: Matrix) -> Floats:
    """Decision scores of the rows of ``X``, in the unit of the family: log-odds, margin, or share of votes.

    Parameters
    ----------
    scorer : LinearScorer, KernelScorer or TreeScorer
    X : CSR matrix or ndarray of shape (n, n_features), without NaN

    Returns
    -------
    ndarray of float64, shape (n,); larger means more likely the theme.

    Raises
    ------
    ValueError
        If the number of columns is not the one that the scorer was made for (trees: is too small).

    Examples
    --------
    >>> import numpy as np
    >>> scores(LinearScorer(weights=np.array([1.0, -2.0]), intercept=0.5), np.array([[3.0, 1.0], [0.0, 0.0]]))
    array([1.5, 0.5])
    >>> from themetagger.models.scorers import Tree, stack
    >>> sides = {"left": [1, -1, -1], "right": [2, -1, -1]}
    >>> stump = Tree(feature=[0, -1, -1], threshold=[0.5, 0, 0], value=[0, -1, 1], **sides)
    >>> scores(stack([stump], base=10.0), np.array([[0.5], [0.6]]))
    array([ 9., 11.])
    """
    if isinstance(scorer, LinearScorer):
        _need_columns(X, len(scorer.weights), exactly=True)
        return np.asarray(X @ scorer.weights + scorer.intercept, dtype=np.float64)
    if isinstance(scorer, KernelScorer):
        _need_columns(X, scorer.support.shape[1], exactly=True)
        return _in_blocks(lambda rows: _kernel_scores(scorer, rows), X)
    _need_columns(X, int(scorer.feature.max(initial=LEAF)) + 1, exactly=False)
    return tree_scores(scorer, X)


def rbf_kernel(A: Matrix, B: Matrix, *, gamma: float) -> Floats:
    """``exp(-gamma * ||a - b||^2)`` in float64, shape (n_a, n_b), for each row a of ``A`` and b of ``B``.

    Examples
    --------
    >>> import numpy as np
    >>> rbf_kernel(np.array([[0.0], [1.0]]), np.array([[0.0]]), gamma=1.0).round(3)
    array([[1.   ],
           [0.368]])
    """
    rows, others = A.astype(np.float64), B.astype(np.float64)
    products = rows @ others.T
    products = products.toarray() if sparse.issparse(products) else products
    distances = _squared_norms(rows)[:, np.newaxis] + _squared_norms(others) - 2.0 * products
    return np.asarray(np.exp(-gamma * np.maximum(distances, 0.0)), dtype=np.float64)


def _in_blocks(score: Callable[[Matrix], Floats], X: Matrix) -> Floats:
    """Scores of all rows, a block of rows at a time; a row's score does not depend on its neighbours."""
    n = int(X.shape[0])
    blocks = [score(X[start : start + BLOCK]) for start in range(0, n, BLOCK)]
    return np.concatenate(blocks) if blocks else np.zeros(0)


def _kernel_scores(scorer: KernelScorer, X: Matrix) -> Floats:
    kernel = rbf_kernel(X, scorer.support, gamma=scorer.gamma)
    # Summed row by row, where a matrix product may round a row differently in another batch.
    return np.asarray((kernel * scorer.dual).sum(axis=1) + scorer.intercept, dtype=np.float64)


def _squared_norms(X: Matrix) -> Floats:
    squares = X.multiply(X) if sparse.issparse(X) else X * X
    return np.asarray(squares.sum(axis=1), dtype=np.float64).ravel()


def _need_columns(X: Matrix, needed: int, *, exactly: bool) -> None:
    if X.shape[1] < needed or (exactly and X.shape[1] != needed):
        wanted = needed if exactly else f"at least {needed}"
        raise ValueError(f"X has {X.shape[1]} columns, but the scorer needs {wanted}: use its own features")
