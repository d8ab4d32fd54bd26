"""The columns of one text encoder's vectors, each moved and stretched, so that fold models can be merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Singles = npt.NDArray[np.float32]


@dataclass(frozen=True)
class DenseColumns:
    """What a dense view learned: rows are ``(vectors - center) * scale``, float32.

    Attributes
    ----------
    source : the text encoder
    center, scale : float32 (width,); a scale is above 0
    """

    source: str
    center: Singles
    scale: Singles

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.scale)

    @property
    def nbytes(self) -> int:
        """Memory of the arrays, in bytes."""
        return self.center.nbytes + self.scale.nbytes

    def mean(self, others: Sequence[DenseColumns]) -> DenseColumns:
        """What stands for this and the ``others``, those of the other folds."""
        parts = [self, *others]
        center, scale = (np.mean([getattr(part, name) for part in parts], axis=0) for name in ("center", "scale"))
        return replace(self, center=center.astype(np.float32), scale=scale.astype(np.float32))

    def rows(self, vectors: Singles) -> Singles:
        """Rows of some texts, float32 (n, width), from the encoder's ``vectors``, float32 (n, width)."""
        return (vectors - self.center) * self.scale


def row_products(rows: Singles, weights: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """``rows @ weights``, each row summed by itself, from its first column to its last.

    BLAS may round a row differently in other company, and a text is to score the same alone and among others.

    Parameters
    ----------
    rows : (n, width), dense
    weights : (width,) or (width, m)

    Examples
    --------
    >>> row_products(np.array([[1, 2], [3, 4]], dtype=np.float32), np.array([1.0, 10.0])).tolist()
    [21.0, 43.0]
    """
    n, width = rows.shape
    indices = np.tile(np.arange(width, dtype=np.int32), n)
    cells = (np.ravel(rows), indices, np.arange(n + 1, dtype=np.int64) * width)
    return np.asarray(sp.csr_array(cells, shape=rows.shape) @ weights)
