"""Ragged arrays: sequences of different lengths in one flat array, and what is done with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

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
    first = np.cumsum(lengths) - lengths
    numbers: Ints = np.arange(int(lengths.sum())) + np.repeat(starts - first, lengths)
    return numbers


def first_of_each(codes: npt.NDArray[np.integer[Any]]) -> Ints:
    """Where 0, 1, 2, ... first stand, of codes numbered in the order in which they come, as factorize does.

    Examples
    --------
    >>> first_of_each(np.array([0, 0, 1, 0, 2])).tolist()
    [0, 2, 4]
    """
    return np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=-1))


CODE = np.dtype("<u4")  # of a character, as in UTF-32


class Ragged(NamedTuple):
    """``flat`` holds the numbers of all rows, and ``lengths`` (rows,) how many each row has."""

    flat: npt.NDArray[Any]
    lengths: Ints

    def part(self, start: int, end: int) -> Ragged:
        """The rows from ``start`` up to ``end``."""
        first, last = int(self.lengths[:start].sum()), int(self.lengths[:end].sum())
        return Ragged(self.flat[first:last], self.lengths[start:end])

    @property
    def owners(self) -> Ints:
        """The row of each number."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @property
    def starts(self) -> Ints:
        """Where each row begins in ``flat``."""
        return np.cumsum(self.lengths) - self.lengths


def encoded(text: str) -> npt.NDArray[np.uint32]:
    """The code of each character.

    Examples
    --------
    >>> encoded("pay").tolist()
    [112, 97, 121]
    """
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), CODE)


def decoded(codes: npt.NDArray[Any]) -> str:
    """The string of these characters.

    Examples
    --------
    >>> decoded(encoded("pay"))
    'pay'
    """
    return codes.astype(CODE, copy=False).tobytes().decode("utf-32-le", "surrogatepass")


def of_strings(strings: Iterable[str]) -> Ragged:
    """The characters of each string."""
    strings = list(strings)
    return Ragged(encoded("".join(strings)), np.fromiter(map(len, strings), np.int64, len(strings)))


def strings_of(characters: Ragged) -> list[str]:
    """The string of each row of characters.

    Examples
    --------
    >>> strings_of(of_strings(["pay", "", "day"]))
    ['pay', '', 'day']
    """
    whole, ends = decoded(characters.flat), np.cumsum(characters.lengths)
    return [whole[start:end] for start, end in zip((ends - characters.lengths).tolist(), ends.tolist(), strict=True)]


class Growing:
    """Rows that are added at the end. One thread may add while others read, and what they read stays as it was."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        """Begin with no row."""
        self._flat: npt.NDArray[Any] = np.empty(1024, dtype=dtype)
        self._ends: Ints = np.zeros(1024, dtype=np.int64)  # behind a first 0
        self._rows = 0

    def __len__(self) -> int:
        """How many rows there are."""
        return self._rows

    @property
    def size(self) -> int:
        """How many numbers all rows have."""
        return int(self._ends[self._rows])

    def add(self, new: Ragged) -> None:
        """Add rows."""
        size, rows = self.size, self._rows + len(new.lengths)
        ends = np.cumsum(new.lengths) + size
        self._flat, self._ends = _at_least(self._flat, size + len(new.flat)), _at_least(self._ends, rows + 1)
        self._flat[size : size + len(new.flat)] = new.flat
        self._ends[self._rows + 1 : rows + 1] = ends
        self._rows = rows  # last, for others count before they read

    def since(self, first: int) -> Ragged:
        """The rows from number ``first`` on.

        Examples
        --------
        >>> rows = Growing(np.int32)
        >>> rows.add(Ragged(np.array([7, 8, 9]), np.array([1, 2])))
        >>> rows.since(1).flat.tolist(), rows.since(2).flat.tolist()
        ([8, 9], [])
        """
        rows = self._rows
        ends = self._ends[first : rows + 1]
        return Ragged(self._flat[ends[0] : ends[-1]], np.diff(ends))

    def at(self, rows: Ints) -> Ragged:
        """Some rows, in the order asked for.

        Examples
        --------
        >>> rows = Growing(np.int32)
        >>> rows.add(Ragged(np.array([7, 8, 9]), np.array([1, 2])))
        >>> rows.at(np.array([1, 0, 1])).flat.tolist()
        [8, 9, 7, 8, 9]
        """
        ends, flat = self._ends, self._flat
        starts = ends[rows]
        lengths = ends[1:][rows] - starts
        return Ragged(flat[ranges(starts, lengths)], lengths)


def _at_least(array: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    """The array, or a copy with room for ``size`` entries and as many again."""
    if len(array) >= size:
        return array
    grown = np.empty(2 * size, dtype=array.dtype)
    grown[: len(array)] = array
    return grown
