"""A fitted model as a manifest entry and arrays, and back, with every index and shape checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from themetagger.models.ensemble import ReducedModel
from themetagger.models.scorers import SCORERS, Scorer

MOST_REDUCED = 10_000  # columns that a model is reduced to, dense for each text; the search has at most 600
Arrays = Mapping[str, npt.NDArray[Any]]


class Store:
    """Numbered arrays; equal arrays are stored once (folds share projections, themes share weights)."""

    def __init__(self) -> None:
        self.arrays: dict[str, npt.NDArray[Any]] = {}
        self._known: dict[bytes, str] = {}

    def put(self, array: npt.ArrayLike) -> str:
        """Store an array, and return its name."""
        whole = np.ascontiguousarray(array)
        key = hashlib.sha256(f"{whole.dtype.str}{whole.shape}".encode())
        key.update(whole.data)
        name = self._known.setdefault(key.digest(), f"a{len(self._known)}")
        self.arrays[name] = whole
        return name


def pack_model(model: ReducedModel, store: Store, *, exact: bool = False) -> dict[str, Any]:
    """The manifest entry of a model, whose arrays go to the store; weights as float32, or ``exact`` as they are."""
    reduction = None if model.reduction is None else store.put(model.reduction)
    return {"narrow": reduction, "scorer": _scorer_entry(model.scorer, store, exact)}


def unpack_model(
    entry: Mapping[str, Any], arrays: Arrays, width: int, *, exact: bool = False, finite: set[str] | None = None
) -> ReducedModel:
    """What :func:`pack_model` packed, for features of ``width`` columns; float64 weights only where ``exact``.

    ``finite`` collects the names of projections that were checked, so that one which all themes share is checked once.

    Raises
    ------
    ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError
        If an array is missing, of the wrong kind or shape, or points outside the features.
    """
    name = entry["narrow"]
    reduction = None if name is None else arrays[name]
    width = _reduced_width(reduction, width)
    if reduction is not None and reduction.ndim == 2:
        _need_finite(name, reduction, set() if finite is None else finite)
    return ReducedModel(_scorer(entry["scorer"], arrays, width, exact), reduction)


def _scorer_entry(scorer: Scorer, store: Store, exact: bool) -> dict[str, Any]:
    """Kind, numbers, and the names of arrays of a scorer."""
    entries = scorer.to_arrays(exact=exact).items()
    return {"kind": scorer.kind} | {
        name: store.put(entry) if isinstance(entry, np.ndarray) else entry for name, entry in entries
    }


def _scorer(entry: Mapping[str, Any], arrays: Arrays, width: int, exact: bool) -> Scorer:
    """The scorer of an entry, in which every text but the kind is the name of an array."""
    kind = entry["kind"]
    if kind not in SCORERS:
        raise ValueError(f"a scorer of kind {kind!r} is unknown")
    entries = {name: _entry(name, value, arrays) for name, value in entry.items() if name != "kind"}
    scorer = SCORERS[kind].from_arrays(entries, width, exact=exact)
    scorer.check(width)
    return scorer


def _entry(name: str, value: Any, arrays: Arrays) -> Any:
    if isinstance(value, str) and value not in arrays:
        raise ValueError(f"{name} of a model is {value!r}, which is no array of the file")
    return arrays[value] if isinstance(value, str) else value


def _reduced_width(reduction: npt.NDArray[Any] | None, width: int) -> int:
    if reduction is None:
        return width
    if reduction.shape[-1] > MOST_REDUCED:
        raise ValueError(f"a model is reduced to {reduction.shape[-1]:,} columns, expected at most {MOST_REDUCED:,}")
    if reduction.ndim == 1 and reduction.dtype == np.int32:
        # compared, not subtracted: a difference can be too large for its type, and then be positive
        if len(reduction) and (reduction[0] < 0 or reduction[-1] >= width or (reduction[1:] <= reduction[:-1]).any()):
            raise ValueError("the chosen columns are not in ascending order within the features")
        return len(reduction)
    if reduction.ndim == 2 and reduction.dtype == np.float32 and reduction.shape[0] == width:
        return int(reduction.shape[1])
    raise ValueError("the chosen columns or the projection do not fit the features")


def _need_finite(name: str, projection: npt.NDArray[Any], finite: set[str]) -> None:
    if name not in finite and not np.isfinite(projection).all():
        raise ValueError("the projection does not fit the features: a number in it is not finite")
    finite.add(name)
