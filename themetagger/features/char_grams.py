"""Character 3- to 5-grams within words: the counts of ``CountVectorizer(analyzer="char_wb", ngram_range=(3, 5))``.

They depend on nothing but the word, and most words come again and again: each is taken apart once, and the counts of
a text are the sum over its words, which is one sparse product.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
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
    counts = _by_term(pieces, apart, index)
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

    def count(self, pieces: Pieces) -> sp.csr_array | sp.csc_array:
        """How often each text has each term, float32 (n, terms): csr of few texts, csc of many."""
        if len(pieces.ids) <= FEW:
            return tally(*self._apart.of_texts(pieces), (pieces.n, self.width))
        return _by_term(pieces, self._apart, self._index)

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


def _by_term(pieces: Pieces, apart: TakenApart, index: Mapping[str, int]) -> sp.csc_array:
    """How often each piece has each term, times how often each text has each piece: csc float32 (n, terms).

    Term by term, the sums of a product stay in the processor's cache.
    """
    numbers, different = pd.factorize(pieces.ids)
    lengths, grams = apart.of_pieces(pieces, different)
    once = (np.ones(len(grams), dtype=np.float32), grams, np.concatenate([[0], np.cumsum(lengths)]))
    of_pieces = sp.csr_array(once, shape=(len(different), len(index)))
    of_texts = tally(numbers, pieces.rows, (len(different), pieces.n))
    return (of_pieces.tocsc().T @ of_texts).T
