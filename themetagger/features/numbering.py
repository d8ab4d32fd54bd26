"""Keys that are numbered."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]


class Numbering:
    """The places of keys, which are whole numbers, all different; several threads may ask, also a copy.

    Examples
    --------
    >>> Numbering(np.array([30, 10])).of(np.array([10, 20, 30])).tolist()
    [1, -1, 0]
    """

    def __init__(self, keys: Ints) -> None:
        """Number the keys from 0 on."""
        self._index = pd.Index(keys)
        self._index.get_indexer(self._index[:1])  # makes its table; some versions of pandas let only one thread do that

    def __len__(self) -> int:
        """How many keys there are."""
        return len(self._index)

    def __reduce__(self) -> tuple[type[Numbering], tuple[Ints]]:
        """A copy makes a table of its own."""
        return Numbering, (self._index.to_numpy(),)

    def of(self, keys: Ints) -> Ints:
        """The number of each key, -1 for an unknown one."""
        return self._index.get_indexer(pd.Index(keys))
