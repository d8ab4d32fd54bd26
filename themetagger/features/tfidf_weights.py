"""The columns of one analyser's n-grams: which terms, how they weigh, and rows weighted by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.utils.sparsefuncs_fast import inplace_csr_row_normalize_l2

from themetagger.features.ngrams.sparse import places

Floats = npt.NDArray[np.float64]


class TermBlock(NamedTuple):
    """How one analyser's terms count in a view, which its configuration says before anything is learned."""

    analyser: str
    sublinear_tf: bool
    presence: bool


@dataclass(frozen=True)
class TfidfWeights:
    """What one part of a view learned: ``columns`` int32 (k,), rising, of the analyser's terms; ``idf`` (k,).

    With ``presence`` a row is ``idf`` where a term occurs, and is not normalised; ``idf`` is then 1, or less for a term
    that some folds lack.
    """

    analyser: str
    columns: npt.NDArray[np.int32]
    idf: Floats
    sublinear_tf: bool
    presence: bool = False

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.columns)

    @property
    def nbytes(self) -> int:
        """Memory of the arrays, in bytes."""
        return self.columns.nbytes + self.idf.nbytes

    def mean(self, others: Sequence[TfidfWeights]) -> TfidfWeights:
        """What stands for this and the ``others``, those of the other folds.

        A term weighs the root mean square of its weights, 0 in a fold that lacks it: the squared length of a row is
        then the mean of its squared lengths in the folds. Weights from all rows would lengthen short texts by the rare
        terms that no fold but the whole keeps, and lower their scores.
        """
        parts = [self, *others]
        columns = np.unique(np.concatenate([part.columns for part in parts]))
        squares = np.zeros(len(columns))
        for part in parts:
            squares[np.searchsorted(columns, part.columns)] += part.idf**2
        return replace(self, columns=columns, idf=np.sqrt(squares / len(parts)))

    def rows(self, counts: sp.csr_array) -> sp.csr_array:
        """Weighted, L2-normalised rows, csr float64 (n, columns), from the analyser's counts, csr (n, terms)."""
        chosen = _choose(counts, self.columns)
        if self.presence:
            chosen.data = self.idf[chosen.indices]
            return chosen
        if self.sublinear_tf:
            np.log(chosen.data, out=chosen.data)
            chosen.data += 1
        chosen.data *= self.idf[chosen.indices]
        inplace_csr_row_normalize_l2(chosen)
        return chosen


def _choose(matrix: sp.csr_array, columns: npt.NDArray[np.int32]) -> sp.csr_array:
    """``matrix[:, columns]`` as float64 for rising columns: rows are sorted once, in place, and stay so."""
    matrix.sort_indices()
    indices = places(matrix.indices, columns, matrix.shape[1])
    known = indices >= 0
    known_until = np.concatenate([[0], np.cumsum(known)])
    indptr = known_until[matrix.indptr].astype(np.int32)
    values = (matrix.data[known].astype(np.float64), indices[known], indptr)
    chosen = sp.csr_array(values, shape=(matrix.shape[0], len(columns)))
    chosen.has_sorted_indices = chosen.has_canonical_format = True  # as in counts
    return chosen
