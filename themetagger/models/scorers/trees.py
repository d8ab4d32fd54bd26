"""Decision trees as plain arrays: forests and boosted trees, one after the other in one flat array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from themetagger.features import ColumnMap
from themetagger.models.scorers.base import (
    FEW,
    Floats,
    Indices,
    Ints,
    Matrix,
    Scorer,
    Singles,
    need_columns,
)
from themetagger.models.scorers.tree_traversal import LEAF, TreeLayout, lay_out, tree_scores
from themetagger.models.scorers.validation import need_array, need_between, need_few, need_finite, need_number

# The families' trees have at most 32 levels (random forests; the others fewer); forests of 3,000 rows that may grow as
# they like reach 261.
DEEPEST = 3_000
# What no honest model exceeds, and with which a small file could ask for much.
MOST_TREES = 10_000  # the leaves of a block of rows then take 40 MB; the families have at most 150 trees, times 5 folds
LEVEL = 32 * 2**10  # bytes that one level down all trees counts as
PAIR = 80  # bytes that the descent of one row down one tree takes: its node, cell, value, and what finds them
NODE_ARRAYS = {
    "feature": np.int32,
    "threshold": np.float32,
    "left": np.int32,
    "right": np.int32,
    "value": np.float64,
}


@dataclass(frozen=True)
class TreeScorer(Scorer):
    """``base`` plus one leaf value per tree; the nodes of all trees lie in one flat array.

    ``roots`` (n_trees,) holds the first node of each tree; the other arrays are of shape (n_nodes,). A row goes left
    where its float32 value is ``<= threshold``, and else right. A leaf has ``feature == -1`` and carries a ``value``.
    A child lies behind its parent and has no other one, so that no descent runs in a circle or for long.
    """

    kind: ClassVar[str] = "trees"

    roots: Indices
    feature: Indices
    threshold: Singles
    left: Indices
    right: Indices
    value: Floats
    base: float

    @property
    def width(self) -> int:
        """One more than the last feature that a node splits on."""
        return int(self.feature.max(initial=LEAF)) + 1

    @cached_property
    def used(self) -> Indices:
        """The features that a node splits on, in ascending order."""
        return np.unique(self.feature[self.feature != LEAF])

    @property
    def split_counts(self) -> Ints:
        """How many nodes split on each feature, (width,)."""
        return np.bincount(self.feature[self.feature != LEAF])

    @cached_property
    def layout(self) -> TreeLayout:
        """The same trees, laid out for traversal."""
        return lay_out(self.roots, self.feature, self.threshold, self.left, self.right, self.value)

    def lay_out(self) -> None:
        """Make the layout."""
        _ = self.layout

    def __getstate__(self) -> dict[str, object]:
        """Without what is made again from the rest, so that workers do not send it."""
        return {name: self.__dict__[name] for name in (field.name for field in fields(self))}

    def scores(self, X: Matrix) -> Floats:
        """Scores of the rows of ``X``, (n,)."""
        need_columns(X, self.width, exactly=False)
        return tree_scores(self.layout, X) + self.base

    def check(self, n_features: int) -> None:
        """Refuse what is not a forest: nodes outside the arrays, reached twice, in circles, or on too many levels."""
        n_nodes = np.size(self.feature)
        need_array("TreeScorer.roots", self.roots, np.int32, np.size(self.roots))
        for name, dtype in NODE_ARRAYS.items():
            need_array(f"TreeScorer.{name}", getattr(self, name), dtype, n_nodes)
        for name in ("threshold", "value"):
            need_finite(f"TreeScorer.{name}", getattr(self, name))
        need_number("TreeScorer.base", self.base)
        need_few("TreeScorer.roots", len(self.roots), MOST_TREES, "trees")
        node, inner = np.arange(n_nodes), self.feature != LEAF
        need_between("TreeScorer.roots", self.roots, 0, n_nodes)
        need_between("TreeScorer.feature", self.feature, LEAF, n_features)
        for name in ("left", "right"):
            # A child behind its parent: the descent ends after at most n_nodes levels, whatever the file says.
            need_between(f"TreeScorer.{name}", getattr(self, name), node + 1, n_nodes, where=inner)
        # A node in one tree and place only: no row then visits more nodes than exist, whatever the roots say.
        reached = np.concatenate([self.roots, self.left[inner], self.right[inner]])
        for i in np.flatnonzero(np.bincount(reached, minlength=n_nodes) > 1)[:1]:
            raise ValueError(f"TreeScorer: node {i} is reached on two ways, expected one")
        need_few("TreeScorer", depth(self), DEEPEST, "levels")

    def to_arrays(self, *, exact: bool) -> dict[str, Any]:
        """The arrays, and what is added to the sum of the leaves."""
        return {"base": self.base} | {name: getattr(self, name) for name in ("roots", *NODE_ARRAYS)}

    @classmethod
    def from_arrays(cls, entries: Mapping[str, Any], n_features: int, *, exact: bool) -> Self:
        """A model from its arrays."""
        return cls(**{name: entries[name] for name in ("roots", *NODE_ARRAYS)}, base=entries["base"])

    def cost(self, sparse_columns: int) -> int:
        """The nodes, what is laid out for traversal, each level, and dense rows of all columns."""
        nodes = sum(getattr(self, name).nbytes for name in NODE_ARRAYS)
        trees = len(self.roots)
        layout = nodes + self.width * -(-trees // 8)
        return int(nodes + layout + LEVEL * depth(self) + FEW * PAIR * trees + FEW * 4 * sparse_columns)

    @classmethod
    def mean_of(cls, scorers: Sequence[Self], maps: Sequence[ColumnMap], width: int) -> tuple[TreeScorer, Indices]:
        """All trees side by side, on the columns that one of them splits on; a threshold moves with its term's weight.

        ``tf_j idf_kj / norm <= t`` is ``tf_j idf_j / norm <= t idf_j / idf_kj``. On held-out 30 % of the train sets of
        hallmarks_of_cancer, nhs_phase1_multi and leetcode_topics, forests and LightGBM on chosen columns: scores change
        by 1 to 3 % of their standard deviation (root mean square), 84 of 7,326 tags, average precision by -.0004 to
        +.0019. Rows are weighted once, rather than once a fold.
        """
        merged = mean_of_trees([_moved(scorer, columns) for scorer, columns in zip(scorers, maps, strict=True)])
        feature = np.where(merged.feature != LEAF, np.searchsorted(merged.used, merged.feature), LEAF)
        return replace(merged, feature=feature.astype(np.int32)), merged.used.astype(np.int32)


def _moved(scorer: TreeScorer, columns: ColumnMap) -> TreeScorer:
    """The trees of a fold on rows of the mean weights."""
    inner = scorer.feature != LEAF
    threshold, feature = scorer.threshold.copy(), scorer.feature.copy()
    scaled = (scorer.threshold - columns.shift[feature]) * columns.mean_weights[feature] / columns.weights[feature]
    threshold[inner] = not_above(scaled[inner])
    feature[inner] = columns.places[feature[inner]]
    return replace(scorer, feature=feature, threshold=threshold)


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
    offsets = np.cumsum(sizes) - sizes
    joined = {name: _joined([getattr(scorer, name) for scorer in scorers], kind) for name, kind in NODE_ARRAYS.items()}
    shift = np.where(joined["feature"] != LEAF, np.repeat(offsets, sizes), 0)
    return TreeScorer(
        roots=_joined([scorer.roots + offset for scorer, offset in zip(scorers, offsets, strict=True)], np.int32),
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
