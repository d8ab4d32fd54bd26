"""Character 3- to 5-grams within words: the counts of ``CountVectorizer(analyzer="char_wb", ngram_range=(3, 5))``.

They depend on nothing but the word, and most words come again and again: each is taken apart once, and the counts of
a text are the sum over its words, which is one sparse product.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

import numpy as np
import scipy.sparse as sp

from themetagger.features.tally import Span, enough, sorted_terms, tally

SIZES = (3, 4, 5)
FEW = 1_000  # words of all texts, up to which each is counted by itself rather than once for all that have it
REMEMBERED = 200_000  # words that a vocabulary keeps taken apart, some 50 MB

_part = re.compile(r"\S+").finditer

size = len


def learn(texts: Sequence[str], min_df: int) -> tuple[sp.csr_array, tuple[str, ...]]:
    """Counts of every term that at least ``min_df`` texts have, float32 (n, terms), and the terms, sorted."""
    index: defaultdict[str, int] = defaultdict()
    index.default_factory = index.__len__
    words: defaultdict[str, int] = defaultdict()
    words.default_factory = words.__len__
    of_texts = _count_words([text.split() for text in texts], words.__getitem__)
    parts = [[index[gram] for gram in _grams(word)] for word in words]
    of_words = _rows(parts, len(index))
    counts = sp.csr_array(sp.csr_array(of_texts, shape=(len(texts), len(words))) @ of_words)
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
        self._known: dict[str, list[int]] = {}

    def count(self, texts: Sequence[str]) -> sp.csr_array:
        """How often each text has each term, csr float32 (n, terms)."""
        parts = [text.split() for text in texts]
        if sum(map(len, parts)) <= FEW:
            return _rows([list(_flat(map(self._columns, part))) for part in parts], self.width)
        words: defaultdict[str, int] = defaultdict()
        words.default_factory = words.__len__
        of_texts = _count_words(parts, words.__getitem__)
        of_words = _rows([self._columns(word) for word in words], self.width)
        counts = sp.csr_array(sp.csr_array(of_texts, shape=(len(texts), len(words))) @ of_words)
        counts.sort_indices()
        return counts

    def _columns(self, word: str) -> list[int]:
        """Columns of a word's terms, one each time it has one; remembered, for words come again."""
        found = self._known.get(word)
        if found is None:
            get = self._index.get
            found = [column for column in map(get, _grams(word)) if column is not None]
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            if len(word) < 50:  # longer ones are hardly words, and do not come again
                self._known[word] = found
        return found


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


def _count_words(found: Sequence[list[str]], number: Callable[[str], int]) -> sp.csr_array:
    """Counts of each text's words, float32 (n, words), the columns as ``number`` numbers them."""
    lengths = np.fromiter(map(len, found), np.int64, len(found))
    columns = np.fromiter(map(number, chain.from_iterable(found)), np.int64, int(lengths.sum()))
    return tally(np.repeat(np.arange(len(found)), lengths), columns, (len(found), int(columns.max(initial=-1)) + 1))


def _rows(parts: Sequence[Sequence[int]], width: int) -> sp.csr_array:
    """Rows of counts from lists of columns, csr float32 (rows, width)."""
    lengths = np.fromiter(map(len, parts), np.int64, len(parts))
    columns = np.fromiter(_flat(parts), np.int64, int(lengths.sum()))
    return tally(np.repeat(np.arange(len(parts)), lengths), columns, (len(parts), width))


def _flat(parts: Iterable[Iterable[int]]) -> Iterable[int]:
    return chain.from_iterable(parts)
