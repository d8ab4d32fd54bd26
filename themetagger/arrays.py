"""What several rooms ask of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def ranges(starts: Ints, lengths: Ints) -> Ints:
    """``arange(start, start + length)`` of each pair, one after the other.

    Examples
    --------
    >>> ranges(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    before = np.cumsum(lengths) - lengths
    found: Ints = np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
    return found


def first_of_each(codes: npt.NDArray[np.integer[Any]]) -> Ints:
    """Where 0, 1, 2, ... first stand, of codes numbered in the order in which they come, as factorize does.

    Examples
    --------
    >>> first_of_each(np.array([0, 0, 1, 0, 2])).tolist()
    [0, 2, 4]
    """
    return np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=-1))
