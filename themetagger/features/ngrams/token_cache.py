"""Tokens seen before, numbered, with the words and n-grams that each consists of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

import numpy as np
import numpy.typing as npt
import pandas as pd

from themetagger._utils.forks import ForkSafeLock
from themetagger.features.ngrams.ragged import CODE, Growing, Ragged, first_of_each, ranges
from themetagger.features.ngrams.splitting import TokenSpans, cut

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


class GrowingIndex:
    """Keys that are numbered in the order in which they first come; one thread at a time may ask.

    Those that came last are in a dictionary, where one is added soonest, and the others in a table, where many are
    found soonest.

    Examples
    --------
    >>> arrivals = GrowingIndex()
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


Numbers = npt.NDArray[np.int32]
Take = Callable[[Ragged], Ragged]

REMEMBERED = 200_000  # tokens that keep their numbers; with what they consist of some 100 MB
CHARACTERS = 4_000_000  # that they have together: a token may be as long as a text


@dataclass(frozen=True)
class Tokens:
    """The tokens of n texts, one text after the other.

    ``known`` are the characters of tokens by number, those of earlier texts too; ``ids`` (occurrences,) are numbers,
    and ``rows`` (occurrences,) the texts that they stand in, rising from 0 to n - 1.
    """

    known: Growing
    ids: Ints
    rows: Ints
    n: int


class Splitter:
    """Splits texts, and gives a token the same number each time it comes; several threads may ask."""

    def __init__(self) -> None:
        """Begin with no token."""
        self._one_at_a_time = ForkSafeLock(self._begin)
        self._begin()

    def __reduce__(self) -> tuple[type[Splitter], tuple[()]]:
        """A copy begins with no token."""
        return Splitter, ()

    def _begin(self) -> None:
        self._known, self._numbers = Growing(CODE), GrowingIndex()

    def split(self, texts: Sequence[str]) -> Tokens:
        """The tokens of some texts.

        Examples
        --------
        >>> from themetagger.features.ngrams.ragged import strings_of
        >>> tokens = Splitter().split(["good pay,", "pay, pay"])
        >>> strings_of(tokens.known.since(0)), tokens.ids.tolist(), tokens.rows.tolist()
        (['good', 'pay,', 'pay'], [0, 1, 1, 2], [0, 0, 1, 1])
        """
        parts = list(cut(texts))
        with self._one_at_a_time:
            interrupted = len(self._known) != len(self._numbers)
            if interrupted or len(self._known) > REMEMBERED or self._known.size > CHARACTERS:
                self._begin()  # in other rows, by which everybody sees that numbers mean something else now
            known, ids = self._known, [self._numbered(part) for part in parts]
        held = np.concatenate([part.held for part in parts])
        return Tokens(known, np.concatenate(ids), np.repeat(np.arange(len(texts)), held), len(texts))

    def _numbered(self, part: TokenSpans) -> Ints:
        codes, keys = pd.factorize(part.keys)
        numbers = self._numbers.of(keys)
        first = first_of_each(codes)[numbers >= len(self._known)]
        lengths = part.ends[first] - part.starts[first]
        self._known.add(Ragged(part.codes[ranges(part.starts[first], lengths)], lengths))
        return np.asarray(numbers[codes], dtype=np.int64)


class TokenCache:
    """What each token consists of, as whole numbers, worked out once and remembered for as long as its number.

    Several threads may ask; a copy begins with nothing.
    """

    def __init__(self, take: Take) -> None:
        """Keep the function that says what tokens consist of: rows of characters, and a row of numbers for each."""
        self._take = take
        self._one_at_a_time = ForkSafeLock(self._forget)
        self._forget()

    def __reduce__(self) -> tuple[type[TokenCache], tuple[Take]]:
        """What a copy is made from."""
        return TokenCache, (self._take,)

    def _forget(self) -> None:
        self._begin(Growing(CODE))

    def _begin(self, known: Growing) -> None:
        self._contents, self._known = Growing(np.int32), known

    def of_tokens(self, tokens: Tokens, ids: Ints) -> Ragged:
        """The numbers that each of the tokens ``ids`` consists of.

        Examples
        --------
        >>> codes = TokenCache(lambda new: new)
        >>> codes.of_tokens(Splitter().split(["pay a"]), np.array([1, 0])).flat.tolist()
        [97, 112, 97, 121]
        """
        with self._one_at_a_time:
            if tokens.known is not self._known:
                self._begin(tokens.known)
            contents = self._contents
            if len(tokens.known) > len(contents):
                contents.add(self._take(tokens.known.since(len(contents))))
        return contents.at(ids)

    def of_texts(self, tokens: Tokens) -> tuple[Ints, Numbers]:
        """The row and the number of everything that some texts consist of, in the order of the texts.

        Examples
        --------
        >>> codes = TokenCache(lambda new: new)
        >>> rows, numbers = codes.of_texts(Splitter().split(["a", "ba a"]))
        >>> rows.tolist(), numbers.tolist()
        ([0, 1, 1, 1], [97, 98, 97, 97])
        """
        contents = self.of_tokens(tokens, tokens.ids)
        return np.repeat(tokens.rows, contents.lengths), contents.flat
