"""Keys that are numbered."""

from __future__ import annotations

from functools import cached_property
from itertools import repeat

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]

FEW = 2_000  # keys, for which a table of all is slower to ask than a sorted list
LATE = 5_000  # keys, and a quarter of all: when more have come since, the table is made again


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
        return Numbering, (self.keys,)

    @property
    def keys(self) -> Ints:
        """The keys, in the order of their numbers."""
        return self._index.to_numpy()

    @cached_property
    def _sorted(self) -> tuple[Ints, Ints]:
        """The keys, rising, and their numbers."""
        order = np.argsort(self.keys)
        return self.keys[order], order

    def of(self, keys: Ints) -> Ints:
        """The number of each key, -1 for an unknown one."""
        if len(keys) > FEW or not len(self):
            return self._index.get_indexer(pd.Index(keys))
        rising, numbers = self._sorted
        at = np.searchsorted(rising[:-1], keys)
        return np.where(rising[at] == keys, numbers[at], -1)


class Arrivals:
    """Keys that are numbered in the order in which they first come; one thread at a time may ask.

    Those that came last are in a dictionary, where one is added soonest, and the others in a table, where many are
    found soonest.

    Examples
    --------
    >>> arrivals = Arrivals()
    >>> arrivals.of(np.array([30, 10])).tolist(), arrivals.of(np.array([20, 10])).tolist()
    ([0, 1], [2, 1])
    """

    def __init__(self) -> None:
        """Begin with no key."""
        self._table = Numbering(np.zeros(0, dtype=np.int64))
        self._late: dict[int, int] = {}

    def __len__(self) -> int:
        """How many keys have come."""
        return len(self._table) + len(self._late)

    def of(self, keys: Ints) -> Ints:
        """The number of each key, a new one for a new key; the keys are all different."""
        numbers = self._table.of(keys)
        late = np.flatnonzero(numbers < 0)
        numbers[late] = np.fromiter(map(self._late.get, keys[late].tolist(), repeat(-1)), np.int64, len(late))
        new = np.flatnonzero(numbers < 0)
        numbers[new] = np.arange(len(self), len(self) + len(new))
        if len(self._late) + len(new) > max(LATE, len(self._table) // 4):
            late_ones = np.fromiter(self._late, np.int64, len(self._late))
            self._table, self._late = Numbering(np.concatenate([self._table.keys, late_ones, keys[new]])), {}
        else:
            self._late.update(zip(keys[new].tolist(), numbers[new].tolist(), strict=True))
        return numbers
