"""A fitted model as a manifest entry and arrays, and back, with every index and shape checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.committee import Narrowed
from themetagger.scorers import KernelScorer, LinearScorer, Scorer, TreeScorer, check

SPARSE_BELOW = 0.5  # share of non-zero weights under which indices and values take less room than all values
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


def pack_model(model: Narrowed, store: Store, *, exact: bool = False) -> dict[str, Any]:
    """The manifest entry of a model, whose arrays go to the store; weights as float32, or ``exact`` as they are."""
    narrow = None if model.narrow is None else store.put(model.narrow)
    return {"narrow": narrow, "scorer": _scorer_entry(model.scorer, store, exact)}


def unpack_model(entry: Mapping[str, Any], arrays: Arrays, width: int, *, exact: bool = False) -> Narrowed:
    """What :func:`pack_model` packed, for features of ``width`` columns; float64 weights only where ``exact``.

    Raises
    ------
    ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError
        If an array is missing, of the wrong kind or shape, or points outside the features.
    """
    narrow = None if entry["narrow"] is None else arrays[entry["narrow"]]
    width = _narrowed_width(narrow, width)
    scorer = _scorer(entry["scorer"], arrays, width, exact)
    check(scorer, width)
    return Narrowed(scorer, narrow)


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
    if narrow.ndim == 1 and narrow.dtype == np.int32:
        if len(narrow) and (narrow[0] < 0 or narrow[-1] >= width or (np.diff(narrow) <= 0).any()):
            raise ValueError("the chosen columns do not rise within the features")
        return len(narrow)
    if narrow.ndim == 2 and narrow.dtype == np.float32 and narrow.shape[0] == width and np.isfinite(narrow).all():
        return int(narrow.shape[1])
    raise ValueError("the chosen columns or the projection do not fit the features")


def _scorer(entry: Mapping[str, Any], arrays: Arrays, width: int, exact: bool) -> Scorer:
    kind = entry["kind"]
    if kind == "linear":
        return LinearScorer(_weights(entry, arrays, width, exact), entry["intercept"])
    if kind == "kernel":
        shape = (len(arrays[entry["dual"]]), entry["columns"])
        matrix = (arrays[entry["data"]], arrays[entry["indices"]], arrays[entry["indptr"]])
        return KernelScorer(
            sp.csr_array(matrix, shape=shape), arrays[entry["dual"]], entry["intercept"], entry["gamma"]
        )
    if kind == "trees":
        return TreeScorer(**{name: arrays[entry[name]] for name in _TREE_ARRAYS}, base=entry["base"])
    raise ValueError(f"a scorer of kind {kind!r} is unknown")


def _weights(entry: Mapping[str, Any], arrays: Arrays, width: int, exact: bool) -> npt.NDArray[Any]:
    values = arrays[entry["weights"]]
    if values.dtype not in (np.float32, np.float64 if exact else np.float32) or values.ndim != 1:
        raise ValueError("weights are not a list of float32 numbers")
    if "index" not in entry:
        return values
    index, size = arrays[entry["index"]], entry["size"]
    if size != width or index.shape != values.shape or index.dtype != np.int32:
        raise ValueError("the index of sparse weights does not fit")
    if len(index) and (index.min() < 0 or index.max() >= size):
        raise ValueError("the index of sparse weights lies outside the features")
    weights = np.zeros(size, dtype=values.dtype)
    weights[index] = values
    return weights
