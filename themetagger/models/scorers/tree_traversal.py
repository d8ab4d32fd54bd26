"""Rows down many trees: rows that no threshold tells apart share a walk, and pass over trees that zeros explain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from themetagger.features.ngrams.ragged import ranges
from themetagger.models.scorers.base import Floats, Indices, Ints, Singles

LEAF = -1
# Rows share walks up to this share, and this number a row, of cells that are not zero: rows of text
MOSTLY_EMPTY, FEW_CELLS = 0.2, 25
TOGETHER, CELLS = 2_048, 2**22  # rows, and their dense cells, among which equal ones are looked for
REMEMBERED, SHORT = 1_000, 8  # kinds of rows whose sums are kept, and above how many limits such rows are
KIND = 200  # bytes, at most, that one of them takes
BLOCK = 512  # rows that walk at a time: their nodes stay in the processor's cache
STEPS = 4  # levels down before it is looked for who has reached a leaf

Pairs: TypeAlias = tuple[Ints, Ints]  # rows and trees


@dataclass(frozen=True)
class TreeLayout:
    """The nodes of all trees, level by level, the roots first: children stand side by side, and a leaf leads to itself.

    A row goes from a node to ``left``, or one further where its ``feature`` is above ``threshold``. ``leaves`` (trees,)
    is where a row of zeros ends. ``limits`` are the thresholds that are not below 0, as feature and threshold in one
    number, rising; those of feature f stand from ``first[f]`` on. A row that is above a limit leaves the way of zeros
    in the trees whose bits are set in ``turned`` (limits, trees / 8). ``known`` are sums of leaves by the limits that
    rows are above; several threads may ask, for what is known is never another number.
    """

    feature: Indices
    threshold: Singles
    left: Indices
    inner: NDArray[np.bool_]
    value: Floats
    leaves: Indices
    limits: Ints
    first: Ints
    turned: NDArray[np.uint8]
    known: dict[bytes, float]


def tree_scores(layout: TreeLayout, X: Any) -> Floats:
    """The sum of one leaf a tree for each row of ``X``, CSR or dense (n, n_features) without NaN: (n,)."""
    step = max(1, min(TOGETHER, CELLS // max(1, X.shape[1])))
    blocks = [_sums(layout, X[start : start + step]) for start in range(0, int(X.shape[0]), step)]
    return np.concatenate([np.zeros(0), *blocks])


def _sums(ways: TreeLayout, X: Any) -> Floats:
    dense = np.ascontiguousarray(X.toarray() if sparse.issparse(X) else X, dtype=np.float32)
    n, trees = len(dense), len(ways.leaves)
    if np.count_nonzero(dense) > min(MOSTLY_EMPTY * dense.size, FEW_CELLS * n) or dense.min(initial=0) < 0:
        return _walked(ways, dense, np.arange(n), lambda rows: np.divmod(np.arange(len(rows) * trees), trees))
    codes, ends = _codes(ways, dense)
    raw = codes.tobytes()
    kinds = [raw[start:end] for start, end in pairwise((codes.itemsize * ends).tolist())]
    sums = {kind: ways.known.get(kind) for kind in kinds}
    row_of = dict(zip(kinds, range(n), strict=True))
    new = [kind for kind, found in sums.items() if found is None]
    if new:
        rows = np.array([row_of[kind] for kind in new])
        walked = _walked(ways, dense, rows, lambda rows: _turned(ways, codes, ends, rows))
        fresh = dict(zip(new, walked.tolist(), strict=True))
        sums |= fresh
        fresh = {kind: found for kind, found in fresh.items() if len(kind) <= SHORT * codes.itemsize}
        if len(ways.known) + len(fresh) > REMEMBERED:
            ways.known.clear()
        ways.known.update(fresh)
    return np.array([sums[kind] for kind in kinds], dtype=np.float64)


def _codes(ways: TreeLayout, dense: Singles) -> tuple[Indices, Ints]:
    """How many limits stand up to each cell that is above one of its feature, row by row; and where each row's end."""
    rows, columns = np.nonzero(dense[:, : len(ways.first)])
    codes = np.searchsorted(ways.limits, _keys(columns, dense[rows, columns]))
    tells = codes > ways.first[columns]
    return codes[tells].astype(np.int32), np.searchsorted(rows[tells], np.arange(len(dense) + 1))


def _turned(ways: TreeLayout, codes: Indices, ends: Ints, rows: Ints) -> Pairs:
    """The rows, numbered among themselves, and the trees in which they leave the way of zeros."""
    held = np.flatnonzero(ends[rows + 1] > ends[rows])
    starts, lengths = ends[rows[held]], ends[rows[held] + 1] - ends[rows[held]]
    cells = codes[ranges(starts, lengths)]
    bits = np.zeros((len(rows), ways.turned.shape[1]), dtype=np.uint8)
    if len(held):
        bits[held] = np.bitwise_or.reduceat(ways.turned[cells - 1], np.cumsum(lengths) - lengths, axis=0)
    walkers, trees = np.nonzero(np.unpackbits(bits, axis=1, count=len(ways.leaves), bitorder="little"))
    return walkers, trees


def _walked(ways: TreeLayout, dense: Singles, rows: Ints, pairs_of: Callable[[Ints], Pairs]) -> Floats:
    """The leaves' sum of each of ``rows``, which walk where ``pairs_of`` them says, and elsewhere as zeros do."""
    sums = [np.zeros(0)]
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        node = np.tile(ways.leaves, (len(block), 1))
        walkers, trees = pairs_of(block)
        node[walkers, trees] = _descend(ways, dense.ravel(), block[walkers] * dense.shape[1], trees.astype(np.int32))
        sums.append(ways.value[node].sum(axis=1))
    return np.concatenate(sums)


def _descend(ways: TreeLayout, cells: Singles, first_cell: Ints, node: Indices) -> Indices:
    """The leaves in which rows end that begin at ``node``; the cells of each begin at ``first_cell``."""
    moving = np.flatnonzero(ways.inner[node])
    while moving.size:
        at, first = node[moving], first_cell[moving]
        for _ in range(STEPS):
            above = cells.take(first + ways.feature.take(at)) > ways.threshold.take(at)
            at = ways.left.take(at) + above
        node[moving] = at
        moving = moving[ways.inner[at]]
    return node


def _keys(features: Any, values: Singles) -> Ints:
    """A feature and a value, not below 0, as one number; they rise as the pairs do, for the bits of floats do."""
    return (np.asarray(features, dtype=np.int64) << 32) | (values + np.float32(0)).view(np.int32)  # -0 becomes 0


def laid_out(
    roots: Indices, feature: Indices, threshold: Singles, left: Indices, right: Indices, value: Floats
) -> TreeLayout:
    """The nodes of many trees, as ``TreeScorer`` has them, in the order in which rows meet them."""
    level = roots
    levels = [level]
    while len(level):
        inner = level[feature[level] != LEAF]
        level = np.column_stack([left[inner], right[inner]]).ravel()
        levels.append(level)
    order = np.concatenate(levels)
    place = np.zeros(len(feature), dtype=np.int32)
    place[order] = np.arange(len(order))
    inner = feature[order] != LEAF
    feature = np.where(inner, feature[order], 0).astype(np.int32)
    threshold = np.where(inner, threshold[order], np.float32(np.inf))
    child = np.where(inner, left[order], 0)  # what a leaf says of children means nothing
    left = np.where(inner, place[child], np.arange(len(order))).astype(np.int32)
    keys = _keys(feature, threshold)
    limits = np.unique(keys[inner & (threshold >= 0)])
    turned = np.zeros((len(limits), -(-len(roots) // 8)), dtype=np.uint8)
    node = np.arange(len(roots), dtype=np.int32)
    moving = np.flatnonzero(inner[node])
    while moving.size:  # the way of zeros: where it goes left, who is above the limit turns off
        at = node[moving]
        goes_left = threshold[at] >= 0
        turning = moving[goes_left]
        bit = np.left_shift(1, turning % 8).astype(np.uint8)
        np.bitwise_or.at(turned, (np.searchsorted(limits, keys[at[goes_left]]), turning // 8), bit)
        node[moving] = left[at] + ~goes_left
        moving = moving[inner[node[moving]]]
    first = np.searchsorted(limits, np.arange(int(feature.max(initial=-1)) + 2) << 32)
    for start, end in pairwise(np.unique(first).tolist()):  # above a limit, above all lower ones of its feature
        np.bitwise_or.accumulate(turned[start:end], axis=0, out=turned[start:end])
    return TreeLayout(feature, threshold, left, inner, value[order], node, limits, first[:-1], turned, {})
