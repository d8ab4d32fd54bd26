"""Texts -> the pieces between their spaces, numbered: most come again and again, and each is taken apart only once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from themetagger.features.cutting import Cut, cut

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Take = Callable[[Sequence[str]], tuple[Ints, Numbers]]
Whole = TypeVar("Whole", np.int32, np.int64)

REMEMBERED = 200_000  # pieces that keep their numbers; with what they consist of some 100 MB
CHARACTERS = 4_000_000  # that they have together: a piece may be as long as a text


@dataclass(frozen=True)
class Pieces:
    """The pieces of n texts, one text after the other.

    ``known`` are pieces by number, those of earlier texts too; ``ids`` (occurrences,) are numbers, and ``rows``
    (occurrences,) the texts that they stand in, rising from 0 to n - 1.
    """

    known: Sequence[str]
    ids: Ints
    rows: Ints
    n: int


class Splitter:
    """Splits texts, and gives a piece the same number each time it comes; several threads may ask."""

    def __init__(self) -> None:
        """Begin with no piece."""
        self._one_at_a_time = Lock()
        self._begin()

    def __reduce__(self) -> tuple[type[Splitter], tuple[()]]:
        """A copy begins with no piece."""
        return Splitter, ()

    def _begin(self) -> None:
        self._known: list[str] = []
        self._characters = 0
        self._number: defaultdict[int, int] = defaultdict()
        self._number.default_factory = self._number.__len__

    def split(self, texts: Sequence[str]) -> Pieces:
        """The pieces of some texts.

        Examples
        --------
        >>> pieces = Splitter().split(["good pay,", "pay, pay"])
        >>> pieces.known, pieces.ids.tolist(), pieces.rows.tolist()
        (['good', 'pay,', 'pay'], [0, 1, 1, 2], [0, 0, 1, 1])
        """
        parts = list(cut(texts))
        with self._one_at_a_time:
            interrupted = len(self._known) != len(self._number)
            if interrupted or len(self._known) > REMEMBERED or self._characters > CHARACTERS:
                self._begin()  # in another list, by which everybody sees that numbers mean something else now
            known, ids = self._known, [self._numbered(part) for part in parts]
        held = np.concatenate([part.held for part in parts])
        return Pieces(known, np.concatenate(ids), np.repeat(np.arange(len(texts)), held), len(texts))

    def _numbered(self, part: Cut) -> Ints:
        codes, keys = pd.factorize(part.keys)
        numbers = np.fromiter(map(self._number.__getitem__, keys.tolist()), np.int64, len(keys))
        first = np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=-1))[numbers >= len(self._known)]
        new = [part.joined[start:end] for start, end in zip(part.starts[first], part.ends[first], strict=True)]
        self._known += new
        self._characters += sum(map(len, new))
        return np.asarray(numbers[codes], dtype=np.int64)


class TakenApart:
    """What each piece consists of, as whole numbers, found once and kept for as long as its number.

    Several threads may ask; a copy begins with nothing.
    """

    def __init__(self, take: Take) -> None:
        """Keep the function that takes pieces apart, and says of how many numbers each consists, and of which."""
        self._take = take
        self._one_at_a_time = Lock()
        self._begin([])

    def __reduce__(self) -> tuple[type[TakenApart], tuple[Take]]:
        """What a copy is made from."""
        return TakenApart, (self._take,)

    def _begin(self, known: Sequence[str]) -> None:
        flat: Numbers = np.empty(1024, dtype=np.int32)
        ends: Ints = np.zeros(1024, dtype=np.int64)
        self._flat, self._ends, self._used, self._seen, self._known = flat, ends, 0, 0, known

    def of_pieces(self, pieces: Pieces, ids: Ints) -> tuple[Ints, Numbers]:
        """How many numbers each of the pieces ``ids`` consists of, and these, one piece after the other.

        Examples
        --------
        >>> halves = TakenApart(lambda new: (np.full(len(new), 2), np.repeat(np.array(list(map(len, new))), 2) // 2))
        >>> lengths, numbers = halves.of_pieces(Splitter().split(["four sixsix"]), np.array([1, 0]))
        >>> lengths.tolist(), numbers.tolist()
        ([2, 2], [3, 3, 2, 2])
        """
        with self._one_at_a_time:
            flat, ends = self._grown(pieces)
        starts = ends[ids]
        lengths = ends[1:][ids] - starts
        before = np.cumsum(lengths) - lengths
        return lengths, flat[np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)]

    def _grown(self, pieces: Pieces) -> tuple[Numbers, Ints]:
        if pieces.known is not self._known:
            self._begin(pieces.known)
        new = pieces.known[self._seen :]
        if new:
            lengths, numbers = self._take(new)
            used, seen = self._used + len(numbers), self._seen + len(new)
            self._flat, self._ends = _at_least(self._flat, used), _at_least(self._ends, seen + 1)
            self._flat[self._used : used] = numbers
            self._ends[self._seen + 1 : seen + 1] = self._used + np.cumsum(lengths)
            self._used, self._seen = used, seen
        return self._flat[: self._used], self._ends[: self._seen + 1]

    def of_texts(self, pieces: Pieces) -> tuple[Ints, Numbers]:
        """The row and the number of everything that some texts consist of, in the order of the texts.

        Examples
        --------
        >>> once = TakenApart(lambda new: (np.ones(len(new), dtype=np.int64), np.array(list(map(len, new)))))
        >>> rows, numbers = once.of_texts(Splitter().split(["a", "ba a"]))
        >>> rows.tolist(), numbers.tolist()
        ([0, 1, 1], [1, 2, 1])
        """
        lengths, numbers = self.of_pieces(pieces, pieces.ids)
        return np.repeat(pieces.rows, lengths), numbers


def _at_least(array: npt.NDArray[Whole], size: int) -> npt.NDArray[Whole]:
    """The array, or a copy with room for ``size`` entries and as many again."""
    if len(array) >= size:
        return array
    grown = np.empty(2 * size, dtype=array.dtype)
    grown[: len(array)] = array
    return grown
