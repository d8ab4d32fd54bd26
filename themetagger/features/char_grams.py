"""Character 3- to 5-grams within words: the counts of ``CountVectorizer(analyzer="char_wb", ngram_range=(3, 5))``.

They depend on nothing but the word, and most words come again and again: each is taken apart once, and the counts of
a text are the sum over its words, which is one sparse product.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features.pieces import Pieces, TakenApart
from themetagger.features.tally import Span, enough, sorted_terms, tally

SIZES = (3, 4, 5)
FEW = 1_000  # pieces of all texts, up to which n-grams are counted one by one rather than once for all texts

_part = re.compile(r"\S+").finditer

size = len


def learn(pieces: Pieces, min_df: int) -> tuple[sp.csr_array, tuple[str, ...]]:
    """Counts of every term that at least ``min_df`` texts have, float32 (n, terms), and the terms, sorted."""
    index: defaultdict[str, int] = defaultdict()
    index.default_factory = index.__len__
    apart = TakenApart(lambda piece: [index[gram] for gram in _grams(piece)])
    counts = _product(pieces, *apart.parts(pieces), len(index))
    counts.sort_indices()
    kept, names = enough(counts, min_df), list(index)
    return sorted_terms(counts, kept, [names[i] for i in kept.tolist()])


def occurrences(words: Sequence[str]) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """Every term of a text as often as it occurs, and where it stands: word, and from which character to which.

    Examples
    --------
    >>> list(occurrences(["a", "be"]))
    [(' a ', ((0, 0, 1),)), (' be', ((1, 0, 2),)), ('be ', ((1, 0, 2),)), (' be ', ((1, 0, 2),))]
    """
    known: dict[str, list[tuple[str, tuple[int, int]]]] = {}
    for number, word in enumerate(words):
        for part in _part(word):
            first, found = part.start(), known.get(part[0])
            if found is None:
                found = known[part[0]] = list(zip(_grams(part[0]), _places(len(part[0])), strict=True))
            for gram, (start, end) in found:
                yield gram, ((number, first + start, first + end),)


class Vocabulary:
    """Terms in column order, to be counted in new texts."""

    def __init__(self, terms: Sequence[str]) -> None:
        """Number the terms."""
        self.width = len(terms)
        self._index = {term: column for column, term in enumerate(terms)}
        self._apart = TakenApart(self._columns)

    def count(self, pieces: Pieces) -> sp.csr_array:
        """How often each text has each term, csr float32 (n, terms); its rows are not sorted."""
        if len(pieces.ids) <= FEW:
            return tally(*self._apart.of_texts(pieces), (pieces.n, self.width))
        return _product(pieces, *self._apart.parts(pieces), self.width)

    def _columns(self, piece: str) -> list[int]:
        return [column for column in map(self._index.get, _grams(piece)) if column is not None]


def _grams(word: str) -> list[str]:
    """The n-grams of a word between two spaces; a word shorter than n is one n-gram, once."""
    padded = f" {word} "
    found = []
    for n in SIZES:
        last = len(padded) - n
        if last <= 0:
            found.append(padded)
            break
        found += [padded[i : i + n] for i in range(last + 1)]
    return found


def _places(length: int) -> list[tuple[int, int]]:
    """Where in a word of so many characters its n-grams stand, in the order of `_grams`."""
    found = []
    for n in SIZES:
        last = length + 2 - n
        if last <= 0:
            found.append((0, length))
            break
        found += [(max(0, i - 1), min(length, i + n - 1)) for i in range(last + 1)]
    return found


def _product(pieces: Pieces, flat: npt.NDArray[np.int32], ends: npt.NDArray[np.int64], width: int) -> sp.csr_array:
    """How often each text has each piece, times how often each piece has each term: csr float32 (n, width)."""
    of_texts = tally(pieces.rows, pieces.ids, (pieces.n, len(ends) - 1))
    of_pieces = sp.csr_array((np.ones(len(flat), dtype=np.float32), flat, ends), shape=(len(ends) - 1, width))
    return sp.csr_array(of_texts @ of_pieces)
