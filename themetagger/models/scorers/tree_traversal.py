"""Rows down many trees, level by level; a tree in which none of a row's terms decides is passed over.

Passing over trees is what makes sparse rows fast. Forests and LightGBM of 5 x 100 trees on 600 chosen n-grams of
netflix_genres and hallmarks_of_cancer take 50 to 190 ms for 2,000 texts, and without it two to five times as long.
To compare values with the thresholds that a row of zeros meets, and to remember the sums of rows alike, would save
another tenth to quarter of that time for twice the code, and make one text slower.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from themetagger.models.scorers.base import Floats, Indices, Ints, Singles

LEAF = -1
BLOCK, CELLS = 512, 2**22  # rows, and their dense cells, at a time: their nodes stay in the processor's cache
FEW_CELLS = 25  # cells a row that are not zero, on average; with more of them, few trees could be passed over
STEPS = 4  # levels down between two checks of which rows have reached a leaf

Pairs: TypeAlias = tuple[Ints, Ints]  # rows and trees


@dataclass(frozen=True)
class TreeLayout:
    """The nodes of all trees as a descent needs them: a leaf leads to itself.

    Attributes
    ----------
    feature, threshold : (nodes,) what a node splits on; a leaf compares column 0, which is never above its threshold
    child : (2 * nodes,) the left and the right child of each node
    inner : (nodes,) whether a node is not a leaf
    value : (nodes,) of the leaves
    roots, zero_leaves : (trees,) where each tree begins, and where a row of zeros ends in it
    on_zero_path : (columns, trees / 8) bits: the trees that compare a column on the path of a row of zeros; a row in
        which all these columns are 0 ends in the same leaf
    """

    feature: Indices
    threshold: Singles
    child: Indices
    inner: NDArray[np.bool_]
    value: Floats
    roots: Indices
    zero_leaves: Indices
    on_zero_path: NDArray[np.uint8]


def tree_scores(layout: TreeLayout, X: Any) -> Floats:
    """The sum of one leaf a tree for each row of ``X``, CSR or dense (n, n_features) without NaN: (n,)."""
    step = max(1, min(BLOCK, CELLS // max(1, X.shape[1])))
    blocks = [_sums(layout, X[start : start + step]) for start in range(0, int(X.shape[0]), step)]
    return np.concatenate([np.zeros(0), *blocks])


def _sums(layout: TreeLayout, X: Any) -> Floats:
    dense = np.ascontiguousarray(X.toarray() if sparse.issparse(X) else X, dtype=np.float32)
    rows, trees = _unlike_zeros(layout, dense)
    node = np.tile(layout.zero_leaves, (len(dense), 1))
    node[rows, trees] = _descend(layout, dense.ravel(), rows * dense.shape[1], layout.roots[trees])
    return np.asarray(layout.value[node].sum(axis=1), dtype=np.float64)


def _unlike_zeros(layout: TreeLayout, dense: Singles) -> Pairs:
    """The rows and the trees in which they may end elsewhere than a row of zeros does."""
    n, trees = len(dense), len(layout.roots)
    rows, columns = np.nonzero(dense[:, : len(layout.on_zero_path)])
    if len(rows) > FEW_CELLS * n:
        return np.divmod(np.arange(n * trees), trees)
    firsts = np.flatnonzero(np.diff(rows, prepend=-1))
    bits = np.bitwise_or.reduceat(layout.on_zero_path[columns], firsts, axis=0)
    place, tree = np.nonzero(np.unpackbits(bits, axis=1, count=trees))
    return rows[firsts[place]], tree


def _descend(layout: TreeLayout, cells: Singles, first_cell: Ints, node: Indices) -> Indices:
    """The leaf in which each row ends that starts at ``node``, and whose cells start at ``first_cell``."""
    moving = np.flatnonzero(layout.inner[node])
    while moving.size:
        at, first = node[moving], first_cell[moving]
        for _ in range(STEPS):
            above = cells.take(first + layout.feature.take(at)) > layout.threshold.take(at)
            at = layout.child.take(2 * at + above)
        node[moving] = at
        moving = moving[layout.inner[at]]
    return node


def lay_out(
    roots: Indices, feature: Indices, threshold: Singles, left: Indices, right: Indices, value: Floats
) -> TreeLayout:
    """Lay out the nodes of many trees, given as in ``TreeScorer``; the children of a leaf mean nothing."""
    inner, node = feature != LEAF, np.arange(len(feature))
    child = np.column_stack([np.where(inner, left, node), np.where(inner, right, node)]).astype(np.int32).ravel()
    zero_leaves, moving = roots.copy(), np.flatnonzero(inner[roots])
    on_zero_path = np.zeros((int(feature.max(initial=LEAF)) + 1, -(-len(roots) // 8)), dtype=np.uint8)
    while moving.size:
        at = zero_leaves[moving]
        bits = np.right_shift(0b1000_0000, moving % 8).astype(np.uint8)
        np.bitwise_or.at(on_zero_path, (feature[at], moving // 8), bits)
        zero_leaves[moving] = child[2 * at + (threshold[at] < 0)]
        moving = moving[inner[zero_leaves[moving]]]
    return TreeLayout(
        np.where(inner, feature, 0).astype(np.int32),
        np.where(inner, threshold, np.float32(np.inf)),
        child,
        inner,
        value,
        roots,
        zero_leaves,
        on_zero_path,
    )
