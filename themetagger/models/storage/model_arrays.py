"""A fitted model as a manifest entry and arrays, and back, with every index and shape checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.models.ensemble import ReducedModel
from themetagger.models.scorers import KernelScorer, LinearScorer, Scorer, TreeScorer, check

SPARSE_BELOW = 0.5  # share of non-zero weights under which indices and values take less room than all values
MOST_NARROWED = 10_000  # columns that a model is narrowed to, dense for each text; the search has at most 600
Arrays = Mapping[str, npt.NDArray[Any]]


class Store:
    """Arrays by number; the same array is kept once (folds share projections, themes share weights)."""

    def __init__(self) -> None:
        self.arrays: dict[str, npt.NDArray[Any]] = {}
        self._known: dict[bytes, str] = {}

    def put(self, array: npt.ArrayLike) -> str:
        """Keep the array; its name."""
        whole = np.ascontiguousarray(array)
        key = hashlib.sha256(f"{whole.dtype.str}{whole.shape}".encode())
        key.update(whole.data)
        name = self._known.setdefault(key.digest(), f"a{len(self._known)}")
        self.arrays[name] = whole
        return name


def pack_model(model: ReducedModel, store: Store, *, exact: bool = False) -> dict[str, Any]:
    """The manifest entry of a model, whose arrays go to the store; weights as float32, or ``exact`` as they are."""
    narrow = None if model.narrow is None else store.put(model.narrow)
    return {"narrow": narrow, "scorer": _scorer_entry(model.scorer, store, exact)}


def unpack_model(
    entry: Mapping[str, Any], arrays: Arrays, width: int, *, exact: bool = False, finite: set[str] | None = None
) -> ReducedModel:
    """What :func:`pack_model` packed, for features of ``width`` columns; float64 weights only where ``exact``.

    ``finite`` collects the names of projections that were looked through, so that one which all themes share is once.

    Raises
    ------
    ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError
        If an array is missing, of the wrong kind or shape, or points outside the features.
    """
    name = entry["narrow"]
    narrow = None if name is None else arrays[name]
    width = _narrowed_width(narrow, width)
    if narrow is not None and narrow.ndim == 2:
        _need_finite(name, narrow, set() if finite is None else finite)
    scorer = _scorer(entry["scorer"], arrays, width, exact)
    check(scorer, width)
    return ReducedModel(scorer, narrow)


def _scorer_entry(scorer: Scorer, store: Store, exact: bool) -> dict[str, Any]:
    if isinstance(scorer, LinearScorer):
        weights = scorer.weights if exact else scorer.weights.astype(np.float32, copy=False)
        return {"kind": "linear", "intercept": scorer.intercept, **_weights_entry(weights, store)}
    if isinstance(scorer, KernelScorer):
        support = scorer.support
        arrays = {
            "data": support.data,
            "indices": support.indices.astype(np.int32),
            "indptr": support.indptr.astype(np.int64),
        }
        rest = {"dual": scorer.dual} | arrays
        numbers = {"intercept": scorer.intercept, "gamma": scorer.gamma, "columns": int(support.shape[1])}
        return {"kind": "kernel", **numbers, **{name: store.put(array) for name, array in rest.items()}}
    arrays = {name: getattr(scorer, name) for name in _TREE_ARRAYS}
    return {"kind": "trees", "base": scorer.base, **{name: store.put(array) for name, array in arrays.items()}}


_TREE_ARRAYS = ("roots", "feature", "threshold", "left", "right", "value")


def _weights_entry(weights: npt.NDArray[Any], store: Store) -> dict[str, Any]:
    """All weights or the non-zero ones, whichever takes less room."""
    used = np.flatnonzero(weights)
    if len(used) >= SPARSE_BELOW * len(weights):
        return {"weights": store.put(weights)}
    return {
        "size": len(weights),
        "index": store.put(used.astype(np.int32)),
        "weights": store.put(weights[used]),
    }


def _narrowed_width(narrow: npt.NDArray[Any] | None, width: int) -> int:
    if narrow is None:
        return width
    if narrow.shape[-1] > MOST_NARROWED:
        raise ValueError(f"a model is narrowed to {narrow.shape[-1]:,} columns, expected at most {MOST_NARROWED:,}")
    if narrow.ndim == 1 and narrow.dtype == np.int32:
        # compared, not subtracted: a difference can be too large for its type, and then be positive
        if len(narrow) and (narrow[0] < 0 or narrow[-1] >= width or (narrow[1:] <= narrow[:-1]).any()):
            raise ValueError("the chosen columns do not rise within the features")
        return len(narrow)
    if narrow.ndim == 2 and narrow.dtype == np.float32 and narrow.shape[0] == width:
        return int(narrow.shape[1])
    raise ValueError("the chosen columns or the projection do not fit the features")


def _need_finite(name: str, projection: npt.NDArray[Any], finite: set[str]) -> None:
    if name not in finite and not np.isfinite(projection).all():
        raise ValueError("the projection does not fit the features: a number in it is not finite")
    finite.add(name)


def _scorer(entry: Mapping[str, Any], arrays: Arrays, width: int, exact: bool) -> Scorer:
    kind = entry["kind"]
    if kind == "linear":
        return LinearScorer(_weights(entry, arrays, width, exact), entry["intercept"])
    if kind == "kernel":
        support = _support(entry, arrays, width)
        return KernelScorer(support, arrays[entry["dual"]], entry["intercept"], entry["gamma"])
    if kind == "trees":
        return TreeScorer(**{name: arrays[entry[name]] for name in _TREE_ARRAYS}, base=entry["base"])
    raise ValueError(f"a scorer of kind {kind!r} is unknown")


def _support(entry: Mapping[str, Any], arrays: Arrays, width: int) -> sp.csr_array:
    """The rows of a kernel machine; all is checked before SciPy sees it, whose compiled code trusts what it gets."""
    rows, columns = len(arrays[entry["dual"]]), entry["columns"]
    data, indices, indptr = (arrays[entry[name]] for name in ("data", "indices", "indptr"))
    if type(columns) is not int or columns != width:
        raise ValueError(f"KernelScorer.support has {columns!r} columns, expected {width}")
    if data.ndim != 1 or data.dtype != np.float32 or indices.dtype != np.int32 or indptr.dtype != np.int64:
        raise ValueError("KernelScorer.support is not of float32 data, int32 indices and int64 indptr")
    if data.shape != indices.shape or indptr.shape != (rows + 1,):
        raise ValueError("KernelScorer.support has arrays that do not fit one another")
    if indptr[0] != 0 or indptr[-1] != len(data) or (indptr[1:] < indptr[:-1]).any():
        raise ValueError("KernelScorer.support has an indptr that does not rise from 0 to the end")
    if len(indices) and (indices.min() < 0 or indices.max() >= width):
        raise ValueError("KernelScorer.support has an index outside the features")
    return sp.csr_array((data, indices, indptr), shape=(rows, columns))


def _weights(entry: Mapping[str, Any], arrays: Arrays, width: int, exact: bool) -> npt.NDArray[Any]:
    values = arrays[entry["weights"]]
    if values.dtype not in (np.float32, np.float64 if exact else np.float32) or values.ndim != 1:
        raise ValueError("weights are not a list of float32 numbers")
    if "index" not in entry:
        return values
    index, size = arrays[entry["index"]], entry["size"]
    if type(size) is not int or size != width or index.shape != values.shape or index.dtype != np.int32:
        raise ValueError("the index of sparse weights does not fit")
    if len(index) and (index.min() < 0 or index.max() >= size):
        raise ValueError("the index of sparse weights lies outside the features")
    weights = np.zeros(size, dtype=values.dtype)
    weights[index] = values
    return weights
