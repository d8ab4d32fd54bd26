"""Sparse counts: tallies of terms, columns in their new places, and both layouts of one matrix."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Ints = npt.NDArray[np.int64]
Span = tuple[int, int, int]  # number of a word, and from which of its characters to which


def tally(rows: Ints, columns: npt.NDArray[np.integer[Any]], shape: tuple[int, int]) -> sp.csr_array:
    """How often each pair of row and column occurs, csr float32 with sorted rows.

    Examples
    --------
    >>> tally(np.array([0, 0, 1]), np.array([2, 2, 0]), (2, 3)).toarray().tolist()
    [[0.0, 0.0, 2.0], [1.0, 0.0, 0.0]]
    """
    height, width = shape
    keys, counted = np.unique(rows * width + columns, return_counts=True)
    rows_of_keys, indices = np.divmod(keys, max(1, width))
    indptr = np.searchsorted(rows_of_keys, np.arange(height + 1)).astype(np.int32)
    counts = sp.csr_array((counted.astype(np.float32), indices.astype(np.int32), indptr), shape=shape)
    counts.has_sorted_indices = counts.has_canonical_format = True  # as the keys are
    return counts


def places(indices: npt.NDArray[np.int32], columns: npt.NDArray[np.int32], width: int) -> npt.NDArray[np.int32]:
    """Where each of ``indices`` (all below ``width``) stands among the rising ``columns``, int32; -1 where it does not.

    Examples
    --------
    >>> places(np.array([7, 2, 2, 9]), np.array([2, 7]), 10).tolist()
    [1, 0, 0, -1]
    """
    if 20 * len(indices) < width and len(columns):  # so few are looked up rather than a table written for all
        place = np.searchsorted(columns, indices).astype(np.int32)
        place[place == len(columns)] = 0
        return np.where(columns[place] == indices, place, np.int32(-1))
    table = np.full(width, -1, dtype=np.int32)
    table[columns] = np.arange(len(columns), dtype=np.int32)
    return np.asarray(table[indices])


def enough(counts: sp.csc_array, min_df: int) -> Ints:
    """Numbers of the columns that at least ``min_df`` rows have."""
    return np.flatnonzero(np.diff(counts.indptr) >= min_df)


def sorted_terms(counts: sp.csc_array, columns: Ints, terms: Sequence[str]) -> tuple[sp.csr_array, tuple[str, ...]]:
    """The given columns, whose names are ``terms``, in the order of their names, rows sorted; and the names."""
    order = sorted(range(len(terms)), key=terms.__getitem__)
    return counts[:, columns[order]].tocsr(), tuple(terms[i] for i in order)


FEW = 50  # rows up to which they stay row by row


class CountLayouts:
    """Counts of n rows by row and by term.

    A sum over the terms of a row is the same number either way, for terms rise in both. By term each weight is read
    once, however many rows have it, and what is added to stays in the processor's cache: three times as fast.
    """

    def __init__(self, counts: sp.csr_array | sp.csc_array) -> None:
        """Keep counts whose rows may be in any order."""
        self._counts = counts

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self._counts.shape[0])

    @property
    def many(self) -> bool:
        """Whether there are so many rows that terms are better taken one after the other."""
        return self.n > FEW

    @cached_property
    def by_row(self) -> sp.csr_array:
        """The counts row by row, sorted."""
        if isinstance(self._counts, sp.csc_array):
            return self._counts.tocsr()
        self._counts.sort_indices()
        return self._counts

    @cached_property
    def by_term(self) -> sp.csr_array | sp.csc_array:
        """The counts column by column; a few rows as they are, for all columns would have to be walked through."""
        return self._counts.tocsc() if self.many else self.by_row
