"""Decision trees as plain arrays: one tree, many in one scorer, and their thresholds as float32."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from themetagger.models.scorers.tree_traversal import LEAF, Singles, TreeScorer

# Models are fitted on at most 3,000 rows (search/cross_validation.py), and a tree of n rows has fewer than n levels;
# forests
# that may grow as they like reach 261.
DEEPEST = 3_000
NODE_ARRAYS = {
    "feature": np.int32,
    "threshold": np.float32,
    "left": np.int32,
    "right": np.int32,
    "value": np.float64,
}


class Tree(NamedTuple):
    """One tree with node indices of its own, root first; a leaf has ``feature == -1``."""

    feature: ArrayLike
    threshold: ArrayLike
    left: ArrayLike
    right: ArrayLike
    value: ArrayLike


def stack(trees: Sequence[Tree], *, base: float) -> TreeScorer:
    """One :class:`TreeScorer` from single trees, whose node indices are shifted to the flat array.

    Examples
    --------
    >>> leaf = Tree(feature=[-1], threshold=[0], left=[-1], right=[-1], value=[2.0])
    >>> stack([leaf, leaf], base=0.0).roots
    array([0, 1], dtype=int32)
    """
    sizes = np.array([len(np.asarray(tree.feature)) for tree in trees], dtype=np.int64)
    shift = np.repeat(np.cumsum(sizes) - sizes, sizes)
    feature = _joined([tree.feature for tree in trees], np.int32)
    inner = feature != LEAF
    threshold = _joined([tree.threshold for tree in trees], np.float32)
    left = _joined([tree.left for tree in trees], np.int64) + shift
    right = _joined([tree.right for tree in trees], np.int64) + shift
    value = _joined([tree.value for tree in trees], np.float64)
    return TreeScorer(
        roots=(np.cumsum(sizes) - sizes).astype(np.int32),
        feature=feature,
        threshold=np.where(inner, threshold, np.float32(0)),
        left=np.where(inner, left, LEAF).astype(np.int32),
        right=np.where(inner, right, LEAF).astype(np.int32),
        value=np.where(inner, 0.0, value),
        base=float(base),
    )


def mean_of_trees(scorers: Sequence[TreeScorer]) -> TreeScorer:
    """All trees of some scorers of the same features in one, which scores their mean.

    Examples
    --------
    >>> from themetagger.models.scorers import scores
    >>> leaves = [Tree(feature=[-1], threshold=[0], left=[-1], right=[-1], value=[value]) for value in (1.0, 5.0)]
    >>> scores(mean_of_trees([stack([leaf], base=1.0) for leaf in leaves]), np.zeros((1, 1))).tolist()
    [4.0]
    """
    sizes = [len(scorer.feature) for scorer in scorers]
    before = np.cumsum(sizes) - sizes
    joined = {name: _joined([getattr(scorer, name) for scorer in scorers], kind) for name, kind in NODE_ARRAYS.items()}
    shift = np.where(joined["feature"] != LEAF, np.repeat(before, sizes), 0)
    return TreeScorer(
        roots=_joined([scorer.roots + first for scorer, first in zip(scorers, before, strict=True)], np.int32),
        feature=joined["feature"],
        threshold=joined["threshold"],
        left=(joined["left"] + shift).astype(np.int32),
        right=(joined["right"] + shift).astype(np.int32),
        value=joined["value"] / len(scorers),
        base=float(np.mean([scorer.base for scorer in scorers])),
    )


def depth(scorer: TreeScorer) -> int:
    """Levels below the root of the deepest tree, at most one more than ``DEEPEST``.

    Examples
    --------
    >>> sides = {"left": [1, -1, -1], "right": [2, -1, -1]}
    >>> depth(stack([Tree(feature=[0, -1, -1], threshold=[0.5, 0, 0], value=[0, -1, 1], **sides)], base=0.0))
    1
    """
    level, nodes = 0, scorer.roots[scorer.feature[scorer.roots] != LEAF]
    while len(nodes) and level <= DEEPEST:
        nodes = np.concatenate([scorer.left[nodes], scorer.right[nodes]])
        level, nodes = level + 1, nodes[scorer.feature[nodes] != LEAF]
    return level


def not_above(thresholds: ArrayLike) -> Singles:
    """The largest float32 not above each float64 threshold: ``x32 <= t64`` is ``x32 <= not_above(t64)``.

    A threshold beyond the range of float32 becomes the end of that range.

    Examples
    --------
    >>> float(not_above([0.1])[0]) <= 0.1 < float(np.float32(0.1))
    True
    """
    exact = np.asarray(thresholds, dtype=np.float64)
    largest = np.finfo(np.float32).max
    exact = np.clip(exact, -largest, largest)
    rounded = exact.astype(np.float32)
    return np.nextafter(rounded, np.where(rounded > exact, np.float32(-np.inf), rounded))


def just_below(thresholds: ArrayLike) -> Singles:
    """The largest float32 below each float32 threshold: ``x32 < t32`` is ``x32 <= just_below(t32)``.

    Examples
    --------
    >>> bool(just_below([1.0])[0] < 1.0)
    True
    """
    return np.nextafter(np.asarray(thresholds, dtype=np.float32), np.float32(-np.inf))


def _joined(parts: Sequence[ArrayLike], dtype: Any) -> Any:
    return np.concatenate([np.asarray(part, dtype=dtype) for part in parts] or [np.zeros(0, dtype=dtype)])
