"""A fitted model as plain arrays, and the one function that scores with it.

The search and the tagger score with the same arrays, so a threshold is never applied on another scale than
the one on which it was found; and a tagger is loaded without the library that fitted it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]
Indices: TypeAlias = NDArray[np.int32]
Matrix: TypeAlias = Any  # a SciPy CSR matrix or array, or a 2-d ndarray: SciPy's stubs have no common type

LEAF = -1
# Rows are compared with one of zeros up to this share, and this number a row, of cells that are not zero.
MOSTLY_EMPTY, FEW_CELLS = 0.2, 25
# What no honest model exceeds, and with which a small file could ask for much. Models are fitted on at most 3,000 rows
# (search/out_of_fold.py), and a tree of n rows has fewer than n levels; forests that may grow as they like reach 261.
DEEPEST = 3_000
MOST_TREES = 10_000  # the leaves of a block of rows then take 40 MB; the families have at most 150 trees
MOST_SUPPORT = 20_000  # rows of a kernel machine; a block of the kernel then takes 80 MB
_BLOCK = 512  # rows at a time: a dense block and its node indices stay in the processor's cache


@dataclass(frozen=True)
class LinearScorer:
    """``X @ weights + intercept``, ``weights`` of shape (n_features,): float64, or float32 where models are merged."""

    weights: Floats | Singles
    intercept: float


@dataclass(frozen=True)
class KernelScorer:
    """``sum_i dual[i] * exp(-gamma * ||x - support[i]||^2) + intercept``.

    ``support`` is CSR float32 of shape (m, n_features), ``dual`` float64 of shape (m,).
    """

    support: sparse.csr_array
    dual: Floats
    intercept: float
    gamma: float


@dataclass(frozen=True)
class TreeScorer:
    """``base`` plus one leaf value per tree; the nodes of all trees lie in one flat array.

    ``roots`` (n_trees,) holds the first node of each tree; the other arrays are of shape (n_nodes,). A row
    goes left iff its float32 value is ``<= threshold``. A leaf has ``feature == -1`` and carries a ``value``.
    A child lies behind its parent and has no other one, so no descent can run in a circle or for long.
    """

    roots: Indices
    feature: Indices
    threshold: Singles
    left: Indices
    right: Indices
    value: Floats
    base: float

    @cached_property
    def used(self) -> Indices:
        """The features that a node asks for, rising."""
        return np.unique(self.feature[self.feature != LEAF])

    @cached_property
    def empty_row(self) -> tuple[Indices, Singles]:
        """Where a row of zeros ends in each tree, and what makes a row that is nowhere below zero leave its way.

        Leaves (n_trees,), and (features that are used, n_trees) the value above which a feature turns off; infinite
        where none does.
        """
        trees = np.arange(len(self.roots))
        node, limits = self.roots.copy(), np.full((len(self.used), len(trees)), np.inf, np.float32)
        moving = trees[self.feature[node] != LEAF]
        while moving.size:
            at = node[moving]
            goes_left = self.threshold[at] >= 0
            place = (np.searchsorted(self.used, self.feature[at]), moving)
            limits[place] = np.minimum(limits[place], np.where(goes_left, self.threshold[at], np.float32(np.inf)))
            node[moving] = np.where(goes_left, self.left[at], self.right[at])
            moving = moving[self.feature[node[moving]] != LEAF]
        return node, limits

    def __getstate__(self) -> dict[str, object]:
        """Without what is made again from the rest, so that workers do not send it."""
        return {name: value for name, value in self.__dict__.items() if name not in ("used", "empty_row")}


Scorer: TypeAlias = LinearScorer | KernelScorer | TreeScorer


class Tree(NamedTuple):
    """One tree with node indices of its own, root first; a leaf has ``feature == -1``."""

    feature: ArrayLike
    threshold: ArrayLike
    left: ArrayLike
    right: ArrayLike
    value: ArrayLike


def scores(scorer: Scorer, X: Matrix) -> Floats:
    """Decision scores of the rows of ``X``, in the unit of the family: log-odds, margin, or share of votes.

    Parameters
    ----------
    scorer : LinearScorer, KernelScorer or TreeScorer
    X : CSR matrix or ndarray of shape (n, n_features), without NaN

    Returns
    -------
    ndarray of float64, shape (n,); larger means more likely the theme.

    Raises
    ------
    ValueError
        If the number of columns is not the one that the scorer was made for (trees: is too small).

    Examples
    --------
    >>> import numpy as np
    >>> scores(LinearScorer(weights=np.array([1.0, -2.0]), intercept=0.5), np.array([[3.0, 1.0], [0.0, 0.0]]))
    array([1.5, 0.5])
    >>> sides = {"left": [1, -1, -1], "right": [2, -1, -1]}
    >>> stump = Tree(feature=[0, -1, -1], threshold=[0.5, 0, 0], value=[0, -1, 1], **sides)
    >>> scores(stack([stump], base=10.0), np.array([[0.5], [0.6]]))
    array([ 9., 11.])
    """
    if isinstance(scorer, LinearScorer):
        _need_columns(X, len(scorer.weights), exactly=True)
        return np.asarray(X @ scorer.weights + scorer.intercept, dtype=np.float64)
    if isinstance(scorer, KernelScorer):
        _need_columns(X, scorer.support.shape[1], exactly=True)
        return _in_blocks(lambda rows: _kernel_scores(scorer, rows), X)
    _need_columns(X, int(scorer.feature.max(initial=LEAF)) + 1, exactly=False)
    return _in_blocks(lambda rows: _tree_scores(scorer, rows), X)


def check(scorer: Scorer, n_features: int) -> None:
    """Refuse arrays with which :func:`scores` could crash, hang or answer nonsense.

    ``n_features`` is the number of columns that the features have.

    Raises
    ------
    ValueError
        Names the array, its first bad index where there is one, the value and what was expected.

    Examples
    --------
    >>> import numpy as np
    >>> check(LinearScorer(weights=np.array([1.0, np.nan]), intercept=0.0), n_features=2)
    Traceback (most recent call last):
    ValueError: LinearScorer.weights[1] is nan, expected a finite number
    """
    if isinstance(scorer, LinearScorer):
        _check_linear(scorer, n_features)
    elif isinstance(scorer, KernelScorer):
        _check_kernel(scorer, n_features)
    else:
        _check_trees(scorer, n_features)


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
    >>> leaves = [Tree(feature=[-1], threshold=[0], left=[-1], right=[-1], value=[value]) for value in (1.0, 5.0)]
    >>> scores(mean_of_trees([stack([leaf], base=1.0) for leaf in leaves]), np.zeros((1, 1))).tolist()
    [4.0]
    """
    sizes = [len(scorer.feature) for scorer in scorers]
    before = np.cumsum(sizes) - sizes
    joined = {name: _joined([getattr(scorer, name) for scorer in scorers], kind) for name, kind in _NODE_ARRAYS.items()}
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


def _joined(parts: Sequence[ArrayLike], dtype: Any) -> Any:
    return np.concatenate([np.asarray(part, dtype=dtype) for part in parts] or [np.zeros(0, dtype=dtype)])


def _in_blocks(score: Callable[[Matrix], Floats], X: Matrix) -> Floats:
    """Scores of all rows, a block of rows at a time; a row's score does not depend on its neighbours."""
    n = int(X.shape[0])
    blocks = [score(X[start : start + _BLOCK]) for start in range(0, n, _BLOCK)]
    return np.concatenate(blocks) if blocks else np.zeros(0)


def _kernel_scores(scorer: KernelScorer, X: Matrix) -> Floats:
    kernel = rbf_kernel(X, scorer.support, gamma=scorer.gamma)
    # Summed row by row, where a matrix product may round a row differently in another batch.
    return np.asarray((kernel * scorer.dual).sum(axis=1) + scorer.intercept, dtype=np.float64)


def _squared_norms(X: Matrix) -> Floats:
    squares = X.multiply(X) if sparse.issparse(X) else X * X
    return np.asarray(squares.sum(axis=1), dtype=np.float64).ravel()


def _tree_scores(scorer: TreeScorer, X: Matrix) -> Floats:
    dense = np.ascontiguousarray(X.toarray() if sparse.issparse(X) else X, dtype=np.float32)
    n, trees = len(dense), len(scorer.roots)
    if np.count_nonzero(dense) > min(MOSTLY_EMPTY * dense.size, FEW_CELLS * n) or dense.min(initial=0) < 0:
        rows, place = np.divmod(np.arange(n * trees), trees)  # every row walks down every tree
        node = np.empty((n, trees), dtype=np.int32)
    else:
        rows, columns = np.nonzero(dense)
        leaves, limits = scorer.empty_row
        node, leaves_its_way = np.tile(leaves, (n, 1)), np.zeros((n, trees), dtype=bool)
        asked = np.isin(columns, scorer.used)
        rows, columns = rows[asked], columns[asked]
        if len(rows):
            turns = limits[np.searchsorted(scorer.used, columns)] < dense[rows, columns][:, np.newaxis]
            first = np.flatnonzero(np.diff(rows, prepend=-1))
            leaves_its_way[rows[first]] = np.logical_or.reduceat(turns, first, axis=0)
        rows, place = np.nonzero(leaves_its_way)
    node[rows, place] = _descend(scorer, dense, rows, scorer.roots[place])
    return np.asarray(scorer.value[node].sum(axis=1) + scorer.base, dtype=np.float64)


def _descend(scorer: TreeScorer, dense: Singles, rows: NDArray[np.int64], node: Indices) -> Indices:
    """The leaf in which each of ``rows`` ends that begins at ``node``."""
    cells, first_cell = dense.ravel(), rows * dense.shape[1]
    moving = np.flatnonzero(scorer.feature[node] != LEAF)
    while moving.size:  # one level down for every row that has not reached a leaf
        at = node[moving]
        goes_left = cells[first_cell[moving] + scorer.feature[at]] <= scorer.threshold[at]
        at = np.where(goes_left, scorer.left[at], scorer.right[at])
        node[moving] = at
        moving = moving[scorer.feature[at] != LEAF]
    return node


def _need_columns(X: Matrix, needed: int, *, exactly: bool) -> None:
    if X.shape[1] < needed or (exactly and X.shape[1] != needed):
        wanted = needed if exactly else f"at least {needed}"
        raise ValueError(f"X has {X.shape[1]} columns, but the scorer needs {wanted}: use its own features")


def _check_linear(scorer: LinearScorer, n_features: int) -> None:
    dtype = np.float32 if getattr(scorer.weights, "dtype", None) == np.float32 else np.float64
    _need_array("LinearScorer.weights", scorer.weights, dtype, n_features)
    _need_finite("LinearScorer.weights", scorer.weights)
    _need_number("LinearScorer.intercept", scorer.intercept)


def _check_kernel(scorer: KernelScorer, n_features: int) -> None:
    support = scorer.support
    if not sparse.issparse(support) or support.format != "csr" or support.dtype != np.float32:
        raise ValueError("KernelScorer.support must be a CSR array of float32")
    if support.shape[1] != n_features:
        raise ValueError(f"KernelScorer.support has {support.shape[1]} columns, expected {n_features}")
    try:
        support.check_format(full_check=True)
    except ValueError as error:
        raise ValueError(f"KernelScorer.support is no valid CSR array: {error}") from error
    _need_few("KernelScorer.support", support.shape[0], MOST_SUPPORT, "rows")
    _need_array("KernelScorer.dual", scorer.dual, np.float64, support.shape[0])
    _need_finite("KernelScorer.support.data", support.data)
    _need_finite("KernelScorer.dual", scorer.dual)
    _need_number("KernelScorer.intercept", scorer.intercept)
    _need_number("KernelScorer.gamma", scorer.gamma)
    if scorer.gamma <= 0:
        raise ValueError(f"KernelScorer.gamma is {scorer.gamma}, expected a number above 0")


def _check_trees(scorer: TreeScorer, n_features: int) -> None:
    n_nodes = np.size(scorer.feature)
    _need_array("TreeScorer.roots", scorer.roots, np.int32, np.size(scorer.roots))
    for name, dtype in _NODE_ARRAYS.items():
        _need_array(f"TreeScorer.{name}", getattr(scorer, name), dtype, n_nodes)
    for name in ("threshold", "value"):
        _need_finite(f"TreeScorer.{name}", getattr(scorer, name))
    _need_number("TreeScorer.base", scorer.base)
    _need_few("TreeScorer.roots", len(scorer.roots), MOST_TREES, "trees")
    node, inner = np.arange(n_nodes), scorer.feature != LEAF
    _need_between("TreeScorer.roots", scorer.roots, 0, n_nodes)
    _need_between("TreeScorer.feature", scorer.feature, LEAF, n_features)
    for name in ("left", "right"):
        # A child behind its parent: the descent ends after at most n_nodes levels, whatever the file says.
        _need_between(f"TreeScorer.{name}", getattr(scorer, name), node + 1, n_nodes, where=inner)
    # A node in one tree and place only: no row then meets more nodes than there are, whatever the roots say.
    met = np.concatenate([scorer.roots, scorer.left[inner], scorer.right[inner]])
    for i in np.flatnonzero(np.bincount(met, minlength=n_nodes) > 1)[:1]:
        raise ValueError(f"TreeScorer: node {i} is met on two ways, expected one")
    _need_few("TreeScorer", depth(scorer), DEEPEST, "levels")


_NODE_ARRAYS = {
    "feature": np.int32,
    "threshold": np.float32,
    "left": np.int32,
    "right": np.int32,
    "value": np.float64,
}


def _need_few(name: str, found: int, most: int, what: str) -> None:
    if found > most:
        raise ValueError(f"{name} has {found:,} {what}, expected at most {most:,}")


def _need_array(name: str, array: Any, dtype: Any, length: int) -> None:
    if not isinstance(array, np.ndarray) or array.ndim != 1 or array.dtype != dtype:
        found = f"{array.ndim}-d {array.dtype}" if isinstance(array, np.ndarray) else type(array).__name__
        raise ValueError(f"{name} is {found}, expected a 1-d array of {np.dtype(dtype).name}")
    if len(array) != length:
        raise ValueError(f"{name} has {len(array)} entries, expected {length}")


def _need_finite(name: str, array: Any) -> None:
    for i in np.flatnonzero(~np.isfinite(array))[:1]:
        raise ValueError(f"{name}[{i}] is {array[i]}, expected a finite number")


def _need_number(name: str, number: Any) -> None:
    if not isinstance(number, (int, float)) or isinstance(number, bool) or not np.isfinite(number):
        raise ValueError(f"{name} is {number!r}, expected a finite number")


def _need_between(name: str, array: Indices, low: Any, stop: int, *, where: Any = True) -> None:
    for i in np.flatnonzero(where & ((array < low) | (array >= stop)))[:1]:
        least = low if np.ndim(low) == 0 else low[i]
        raise ValueError(f"{name}[{i}] is {array[i]}, expected {least} or more and less than {stop}")
