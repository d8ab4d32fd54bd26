"""Pooling: the vectors of a text's tokens -> one vector of the text, as a sentence-transformers model says it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Singles = npt.NDArray[np.float32]
LEAST = 1e-9  # what a sum of weights is at least: a text without a token gets zeros


def pooled(modes: Sequence[str], vectors: Singles, mask: npt.NDArray[Any]) -> Singles:
    """One vector a text, float32 (texts, width x modes): those of several modes side by side.

    Parameters
    ----------
    modes : names of ``MODES``
    vectors : of the tokens, float32 (texts, tokens, width)
    mask : (texts, tokens), 1 where there is a token, and 0 behind the last one

    Examples
    --------
    >>> vectors, mask = np.array([[[1, 4], [3, 2], [9, 9]]], dtype=np.float32), np.array([[1, 1, 0]])
    >>> pooled(["mean", "max"], vectors, mask).tolist()
    [[2.0, 3.0, 3.0, 4.0]]
    """
    weights = mask.astype(np.float32)
    return np.concatenate([MODES[mode](vectors, weights) for mode in modes], axis=1).astype(np.float32, copy=False)


def _sums(vectors: Singles, weights: Singles) -> Singles:
    sums: Singles = np.einsum("btw,bt->bw", vectors, weights)
    return sums


def _totals(weights: Singles) -> Singles:
    totals: Singles = np.maximum(weights.sum(axis=1, keepdims=True), LEAST)
    return totals


def _first(vectors: Singles, weights: Singles) -> Singles:
    first: Singles = vectors[:, 0]
    return first


def _last(vectors: Singles, weights: Singles) -> Singles:
    last = np.maximum(weights.sum(axis=1).astype(np.int64) - 1, 0)
    found: Singles = vectors[np.arange(len(vectors)), last]
    return found


def _mean(vectors: Singles, weights: Singles) -> Singles:
    return _sums(vectors, weights) / _totals(weights)


def _mean_by_root(vectors: Singles, weights: Singles) -> Singles:
    roots: Singles = np.sqrt(_totals(weights))
    return _sums(vectors, weights) / roots


def _mean_by_place(vectors: Singles, weights: Singles) -> Singles:
    """Later tokens count more: the first one once, the second one twice."""
    return _mean(vectors, weights * np.arange(1, weights.shape[1] + 1, dtype=np.float32))


def _max(vectors: Singles, weights: Singles) -> Singles:
    most: Singles = np.where(weights[:, :, None] > 0, vectors, -np.inf).max(axis=1)
    return np.where(np.isfinite(most), most, 0).astype(np.float32)


MODES: dict[str, Callable[[Singles, Singles], Singles]] = {
    "cls": _first,
    "max": _max,
    "mean": _mean,
    "mean_sqrt_len_tokens": _mean_by_root,
    "weightedmean": _mean_by_place,
    "lasttoken": _last,
}
