"""Folds and a hold-out, stratified over all themes at once; no duplicate group is divided.

The stratification is iterative (Sechidis, Tsoumakas & Vlahavas 2011), from the package
iterative-stratification. It knows no groups, so it is given one representative of each, whose themes are
those of all the group's rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from themetagger._utils.faces import option
from themetagger.corpus.reading import Corpus

Ints = NDArray[np.int64]

# Cells times themes that the stratification, which looks at every cell once per theme, is asked to visit.
_WORK = 2e10


def make_folds(labels: Any, groups: Ints, *, n_folds: int = 5, seed: int = 0) -> Ints:
    """The fold of each row; each theme is spread as evenly as its duplicate groups allow.

    Parameters
    ----------
    labels : 0/1, sparse or dense, (n, T)
    groups : the duplicate group of each row, (n,); rows of a group share a fold
    n_folds : number of folds, default 5
    seed : default 0; the same seed gives the same folds

    Returns
    -------
    The fold of each row, int64 (n,), 0 to ``n_folds`` - 1.

    Raises
    ------
    ValueError
        If there are fewer groups than folds.

    Examples
    --------
    >>> folds = make_folds(np.array([[1], [1], [0], [0]]), np.array([0, 1, 2, 2]), n_folds=2)
    >>> bool(folds[0] != folds[1]), bool(folds[2] == folds[3])
    (True, True)
    """
    if n_folds < 2:
        raise ValueError(f"{option('n_folds')} must be at least 2, but got {n_folds}.")
    return _deal(labels, groups, shares=[1 / n_folds] * n_folds, seed=seed)


def hold_out(corpus: Corpus, *, share: float = 0.25, seed: int = 0) -> tuple[Corpus, Corpus]:
    """A corpus in two parts, of which the second, a stratified share of the duplicate groups, is held out.

    Parameters
    ----------
    corpus : n texts and their themes
    share : of the groups to hold out, above 0 and below 1, default 0.25
    seed : default 0; the same seed gives the same parts

    Returns
    -------
    (train, held out). Rows keep their order, and both parts keep all themes.

    Raises
    ------
    ValueError
        If the share is out of its range, or there are fewer than two groups.

    Examples
    --------
    >>> from themetagger.corpus import corpus_from_frame
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"Processed Text": ["a", "b", "c", "d"], "Themes": ["x", "x", "", ""]})
    >>> [part.support().tolist() for part in hold_out(corpus_from_frame(frame), share=0.5)]
    [[1], [1]]
    """
    if not 0 < share < 1:
        raise ValueError(f"share must lie between 0 and 1, but got {share}.")
    part = _deal(corpus.labels, corpus.groups, shares=[1 - share, share], seed=seed)
    return corpus.take(part == 0), corpus.take(part == 1)


def _deal(labels: Any, groups: Ints, *, shares: Sequence[float], seed: int) -> Ints:
    """The part of each row, parts being of the given shares and none of them empty."""
    from iterstrat.ml_stratifiers import IterativeStratification

    if labels.shape[0] != len(groups):
        raise ValueError(f"labels have {labels.shape[0]} rows and groups {len(groups)}; they must be as many.")
    union, of_row = _group_labels(labels, groups)
    if len(union) < len(shares):
        raise ValueError(
            f"{len(union)} groups of texts cannot make {len(shares)} parts; lower {option('n_folds')} or add texts."
        )
    state = np.random.RandomState(seed)
    order = state.permutation(len(union))  # so that a sorted file is dealt like a shuffled one
    part = np.empty(len(union), dtype=np.int64)
    part[order] = IterativeStratification(union[order], np.asarray(shares), state)
    return _without_gaps(part, len(shares))[of_row]


def _group_labels(labels: Any, groups: Ints) -> tuple[NDArray[np.bool_], Ints]:
    """(themes of each group, bool (G, themes worth dealing), group of each row, int64 (n,))."""
    _, of_row = np.unique(groups, return_inverse=True)
    rows = np.arange(len(of_row))
    members = sp.csr_array((np.ones(len(rows), dtype=np.int64), (of_row, rows)))
    union = sp.csc_array(members @ sp.csc_array(labels, dtype=np.int64))
    return union[:, _worth_dealing(np.diff(union.indptr), members.shape[0])].toarray() > 0, of_row


def _worth_dealing(support: Ints, n_groups: int) -> Ints:
    """Themes that can be spread: neither in one group only nor in all; the most frequent if too many."""
    useful = np.flatnonzero((support > 1) & (support < n_groups))
    most = max(1, int(np.sqrt(_WORK / max(n_groups, 1))))
    return np.sort(useful[np.argsort(-support[useful], kind="stable")][:most])


def _without_gaps(part: Ints, n_parts: int) -> Ints:
    """Parts, none of them empty: on a handful of groups the largest gives one to each that has none."""
    part = part.copy()
    for empty in np.setdiff1d(np.arange(n_parts), part):
        largest = np.bincount(part, minlength=n_parts).argmax()
        part[np.flatnonzero(part == largest)[0]] = empty
    return part
