"""Kernel machines as plain arrays: support vectors and what the similarity to each counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy import sparse

from themetagger.models.scorers.base import CALL, FEW, Floats, Matrix, Scorer, need_columns
from themetagger.models.scorers.validation import need_array, need_few, need_finite, need_number

BLOCK = 512  # rows at a time: a block of a kernel stays in the processor's cache
# What no honest model exceeds, and with which a small file could ask for much.
MOST_SUPPORT = 20_000  # rows of a kernel machine; a block of the kernel then takes 80 MB


@dataclass(frozen=True)
class KernelScorer(Scorer):
    """``sum_i dual[i] * exp(-gamma * ||x - support[i]||^2) + intercept``.

    ``support`` is CSR float32 of shape (m, n_features), ``dual`` float64 of shape (m,).
    """

    kind: ClassVar[str] = "kernel"

    support: sparse.csr_array
    dual: Floats
    intercept: float
    gamma: float

    @property
    def width(self) -> int:
        """The number of features."""
        return int(self.support.shape[1])

    def scores(self, X: Matrix) -> Floats:
        """Scores of the rows of ``X``, (n,), a block of rows at a time; a row's score depends on no other row."""
        need_columns(X, self.width, exactly=True)
        blocks = [self._block_scores(X[start : start + BLOCK]) for start in range(0, int(X.shape[0]), BLOCK)]
        return np.concatenate(blocks) if blocks else np.zeros(0)

    def _block_scores(self, X: Matrix) -> Floats:
        kernel = rbf_kernel(X, self.support, gamma=self.gamma)
        # Summed row by row, where a matrix product may round a row differently in another batch.
        return np.asarray((kernel * self.dual).sum(axis=1) + self.intercept, dtype=np.float64)

    def check(self, n_features: int) -> None:
        """Refuse support vectors that are no sound CSR array of finite numbers, and a width that is not above 0."""
        support = self.support
        if not sparse.issparse(support) or support.format != "csr" or support.dtype != np.float32:
            raise ValueError("KernelScorer.support must be a CSR array of float32")
        if support.shape[1] != n_features:
            raise ValueError(f"KernelScorer.support has {support.shape[1]} columns, expected {n_features}")
        try:
            support.check_format(full_check=True)
        except ValueError as error:
            raise ValueError(f"KernelScorer.support is no valid CSR array: {error}") from error
        need_few("KernelScorer.support", support.shape[0], MOST_SUPPORT, "rows")
        need_array("KernelScorer.dual", self.dual, np.float64, support.shape[0])
        need_finite("KernelScorer.support.data", support.data)
        need_finite("KernelScorer.dual", self.dual)
        need_number("KernelScorer.intercept", self.intercept)
        need_number("KernelScorer.gamma", self.gamma)
        if self.gamma <= 0:
            raise ValueError(f"KernelScorer.gamma is {self.gamma}, expected a number above 0")

    def to_arrays(self, *, exact: bool) -> dict[str, Any]:
        """The numbers, the dual coefficients, and the three arrays of the support vectors."""
        return {
            "intercept": self.intercept,
            "gamma": self.gamma,
            "columns": self.width,
            "dual": self.dual,
            "data": self.support.data,
            "indices": self.support.indices.astype(np.int32),
            "indptr": self.support.indptr.astype(np.int64),
        }

    @classmethod
    def from_arrays(cls, entries: Mapping[str, Any], n_features: int, *, exact: bool) -> Self:
        """A model from its arrays; all is checked before SciPy sees it, whose compiled code trusts what it gets."""
        return cls(_support(entries, n_features), entries["dual"], entries["intercept"], entries["gamma"])

    def cost(self, sparse_columns: int) -> int:
        """Support as float64 and transposed, the kernel and its distances, and the products of sparse arrays.

        The latter are slow however small they are.
        """
        support = self.support
        once = support.data.nbytes + support.indices.nbytes + support.indptr.nbytes + 8 * sum(support.shape)
        return int(2 * once + FEW * 4 * 8 * support.shape[0] + 3 * CALL)


def _support(entries: Mapping[str, Any], n_features: int) -> sparse.csr_array:
    rows, columns = len(entries["dual"]), entries["columns"]
    data, indices, indptr = (entries[name] for name in ("data", "indices", "indptr"))
    if type(columns) is not int or columns != n_features:
        raise ValueError(f"KernelScorer.support has {columns!r} columns, expected {n_features}")
    if data.ndim != 1 or data.dtype != np.float32 or indices.dtype != np.int32 or indptr.dtype != np.int64:
        raise ValueError("KernelScorer.support is not of float32 data, int32 indices and int64 indptr")
    if data.shape != indices.shape or indptr.shape != (rows + 1,):
        raise ValueError("KernelScorer.support has arrays that do not fit one another")
    if indptr[0] != 0 or indptr[-1] != len(data) or (indptr[1:] < indptr[:-1]).any():
        raise ValueError("KernelScorer.support has an indptr that does not rise from 0 to the end")
    if len(indices) and (indices.min() < 0 or indices.max() >= n_features):
        raise ValueError("KernelScorer.support has an index outside the features")
    return sparse.csr_array((data, indices, indptr), shape=(rows, columns))


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


def _squared_norms(X: Matrix) -> Floats:
    squares = X.multiply(X) if sparse.issparse(X) else X * X
    return np.asarray(squares.sum(axis=1), dtype=np.float64).ravel()
