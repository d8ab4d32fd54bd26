"""What arrays of a model must be like, so that scoring with them can neither crash nor hang nor answer nonsense."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from themetagger.models.scorers.scoring import KernelScorer, LinearScorer, Scorer
from themetagger.models.scorers.tree_traversal import LEAF, Indices, TreeScorer
from themetagger.models.scorers.trees import DEEPEST, NODE_ARRAYS, depth

# What no honest model exceeds, and with which a small file could ask for much.
MOST_TREES = 10_000  # the leaves of a block of rows then take 40 MB; the families have at most 150 trees, times 5 folds
MOST_SUPPORT = 20_000  # rows of a kernel machine; a block of the kernel then takes 80 MB


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
    for name, dtype in NODE_ARRAYS.items():
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
