"""Texts -> the pieces between their spaces, numbered: most come again and again, and each is taken apart only once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt
import pandas as pd

from themetagger.arrays import first_of_each, ranges
from themetagger.features.cutting import Cut, cut
from themetagger.features.numbering import Arrivals
from themetagger.features.ragged import CODE, Growing, Ragged

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Take = Callable[[Ragged], Ragged]

REMEMBERED = 200_000  # pieces that keep their numbers; with what they consist of some 100 MB
CHARACTERS = 4_000_000  # that they have together: a piece may be as long as a text


@dataclass(frozen=True)
class Pieces:
    """The pieces of n texts, one text after the other.

    ``known`` are the characters of pieces by number, those of earlier texts too; ``ids`` (occurrences,) are numbers,
    and ``rows`` (occurrences,) the texts that they stand in, rising from 0 to n - 1.
    """

    known: Growing
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
        self._known, self._numbers = Growing(CODE), Arrivals()

    def split(self, texts: Sequence[str]) -> Pieces:
        """The pieces of some texts.

        Examples
        --------
        >>> from themetagger.features.ragged import strings_of
        >>> pieces = Splitter().split(["good pay,", "pay, pay"])
        >>> strings_of(pieces.known.since(0)), pieces.ids.tolist(), pieces.rows.tolist()
        (['good', 'pay,', 'pay'], [0, 1, 1, 2], [0, 0, 1, 1])
        """
        parts = list(cut(texts))
        with self._one_at_a_time:
            interrupted = len(self._known) != len(self._numbers)
            if interrupted or len(self._known) > REMEMBERED or self._known.size > CHARACTERS:
                self._begin()  # in other rows, by which everybody sees that numbers mean something else now
            known, ids = self._known, [self._numbered(part) for part in parts]
        held = np.concatenate([part.held for part in parts])
        return Pieces(known, np.concatenate(ids), np.repeat(np.arange(len(texts)), held), len(texts))

    def _numbered(self, part: Cut) -> Ints:
        codes, keys = pd.factorize(part.keys)
        numbers = self._numbers.of(keys)
        first = first_of_each(codes)[numbers >= len(self._known)]
        lengths = part.ends[first] - part.starts[first]
        self._known.add(Ragged(part.codes[ranges(part.starts[first], lengths)], lengths))
        return np.asarray(numbers[codes], dtype=np.int64)


class TakenApart:
    """What each piece consists of, as whole numbers, found once and kept for as long as its number.

    Several threads may ask; a copy begins with nothing.
    """

    def __init__(self, take: Take) -> None:
        """Keep the function that takes pieces apart: rows of characters, and a row of numbers for each."""
        self._take = take
        self._one_at_a_time = Lock()
        self._begin(Growing(CODE))

    def __reduce__(self) -> tuple[type[TakenApart], tuple[Take]]:
        """What a copy is made from."""
        return TakenApart, (self._take,)

    def _begin(self, known: Growing) -> None:
        self._found, self._known = Growing(np.int32), known

    def of_pieces(self, pieces: Pieces, ids: Ints) -> Ragged:
        """The numbers that each of the pieces ``ids`` consists of.

        Examples
        --------
        >>> codes = TakenApart(lambda new: new)
        >>> codes.of_pieces(Splitter().split(["pay a"]), np.array([1, 0])).flat.tolist()
        [97, 112, 97, 121]
        """
        with self._one_at_a_time:
            if pieces.known is not self._known:
                self._begin(pieces.known)
            found = self._found
            if len(pieces.known) > len(found):
                found.add(self._take(pieces.known.since(len(found))))
        return found.at(ids)

    def of_texts(self, pieces: Pieces) -> tuple[Ints, Numbers]:
        """The row and the number of everything that some texts consist of, in the order of the texts.

        Examples
        --------
        >>> codes = TakenApart(lambda new: new)
        >>> rows, numbers = codes.of_texts(Splitter().split(["a", "ba a"]))
        >>> rows.tolist(), numbers.tolist()
        ([0, 1, 1, 1], [97, 98, 97, 97])
        """
        found = self.of_pieces(pieces, pieces.ids)
        return np.repeat(pieces.rows, found.lengths), found.flat
