"""Model families, from simple to complex: an estimator and its search space each.

To add one, write a module with a :class:`Family` and name it in ``FAMILIES``, where its level ends.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.class_weight import compute_sample_weight

from themetagger.features import Suggests
from themetagger.models.families.bayes import NAIVE_BAYES_COMPLEMENT, NAIVE_BAYES_MULTINOMIAL
from themetagger.models.families.boosters import LIGHTGBM, XGBOOST
from themetagger.models.families.family import Estimator, Family, Params
from themetagger.models.families.kernel import KERNEL_SVM
from themetagger.models.families.linear import LINEAR_SVM, LOGISTIC, RIDGE, SPARSE_SVM
from themetagger.models.families.trees import ADABOOST, RANDOM_FOREST
from themetagger.models.scorers import Matrix, Scorer

__all__ = ["FAMILIES", "Family", "Suggests", "fit", "fit_estimator"]

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        NAIVE_BAYES_COMPLEMENT,
        NAIVE_BAYES_MULTINOMIAL,
        RIDGE,
        LOGISTIC,
        LINEAR_SVM,
        SPARSE_SVM,
        KERNEL_SVM,
        RANDOM_FOREST,
        ADABOOST,
        LIGHTGBM,
        XGBOOST,
    )
}


def fit(family: Family, params: Params, X: Matrix, y: ArrayLike, *, seed: int) -> Scorer:
    """Build, fit and convert: a model of ``family`` as plain arrays.

    Parameters
    ----------
    family : Family
        One of ``FAMILIES``.
    params : mapping
        As ``family.space`` gives them.
    X : CSR matrix or ndarray of shape (n, n_features)
        Training rows; a family that reduces rounds them to float32, naive Bayes wants none below zero.
    y : array of 0 and 1, shape (n,)
        1 where the row carries the theme.
    seed : int
        The same seed, rows and parameters give the same arrays.

    Returns
    -------
    Scorer, for :func:`themetagger.models.scorers.scores`; a linear family gives a ``LinearScorer``, and so on.

    Raises
    ------
    ValueError
        If ``y`` holds one class only, or the estimator refuses its parameters or rows; AdaBoost also where no
        stump is better than guessing.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    >>> model = fit(FAMILIES["ridge"], {"alpha": 1.0}, X, [0, 0, 1, 1], seed=0)
    >>> model.weights.round(2)
    array([-0.67,  0.67])
    """
    return family.as_scorer(fit_estimator(family, params, X, y, seed=seed))


def fit_estimator(family: Family, params: Params, X: Matrix, y: ArrayLike, *, seed: int) -> Estimator:
    """The fitted estimator behind :func:`fit`, for comparisons with the library it is from.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> type(fit_estimator(FAMILIES["logistic"], {"C": 1.0}, X, [0, 1], seed=0)).__name__
    'LogisticRegression'
    """
    target = _two_classes(y)
    settings = dict(params)
    weights = {}
    if family.weighs_rows:
        weights["sample_weight"] = compute_sample_weight(settings.pop("class_weight", None), target)
    estimator = family.build(settings, seed=seed)
    with warnings.catch_warnings():
        # A machine that ran out of iterations is a legitimate configuration: its scores say how good it is.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(_as_wanted(X, family), target, **weights)


def _as_wanted(X: Matrix, family: Family) -> Any:
    """The rows in the layout and precision that a family's estimator takes."""
    if family.reduces:
        return _dense(X)
    return _narrow(X.astype(np.float32) if family.single_precision else X)


def _narrow(X: Matrix) -> Any:
    """CSR rows with 32-bit indices, the only ones that liblinear and libsvm take."""
    if not sparse.issparse(X) or X.indices.dtype == np.int32:
        return X
    indices, indptr = sparse.safely_cast_index_arrays(X, np.int32)
    return type(X)((X.data, indices, indptr), shape=X.shape)


def _dense(X: Matrix) -> Any:
    """The rows as trees compare them: zero is a value like any other, and the precision is float32."""
    return np.asarray(X.toarray() if sparse.issparse(X) else X, dtype=np.float32)


def _two_classes(y: ArrayLike) -> Any:
    target = np.asarray(y).astype(np.int64)
    values = np.unique(target).tolist()
    if values != [0, 1]:
        raise ValueError(f"y must hold both 0 and 1, but holds {values}: give texts with and without the theme")
    return target
