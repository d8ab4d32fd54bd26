"""Words and pairs of neighbouring words: the counts of ``CountVectorizer(ngram_range=(1, 2), lowercase=False)``.

Words are numbered once, and a pair is a pair of numbers, so that no text is joined only to be looked up.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, pairwise, repeat

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features.numbering import Numbering
from themetagger.features.pieces import Numbers, Pieces, TakenApart
from themetagger.features.tally import Span, enough, sorted_terms, tally

Ints = npt.NDArray[np.int64]

# scikit-learn's default, which passes over words of one character. Counting them helped a fixed ridge and not the whole
# search: held-out 30 % of three train sets (hallmarks_of_cancer, nhs_phase1_multi, leetcode_topics), average precision
# .809 .390 .495 with, .815 .395 .495 without them.
_pattern = re.compile(r"\b\w\w+\b")
_word, _placed = _pattern.findall, _pattern.finditer
END = "\n"  # of a piece, which has no white space itself
_word_or_end = re.compile(f"{_pattern.pattern}|{END}").findall


def single_words(text: str) -> list[str]:
    """The words of a text, as many times as they occur.

    Examples
    --------
    >>> single_words("a fair wage, a fair day")
    ['fair', 'wage', 'fair', 'day']
    """
    return _word(text)


def size(term: str) -> int:
    """Words of a term."""
    return term.count(" ") + 1


def learn(pieces: Pieces, min_df: int) -> tuple[sp.csr_array, tuple[str, ...]]:
    """Counts of every term that at least ``min_df`` texts have, float32 (n, terms), and the terms, sorted."""
    index: defaultdict[str, int] = defaultdict(None, {END: -1})
    index.default_factory = lambda: len(index) - 1
    rows, ids = TakenApart(partial(_taken, partial(map, index.__getitem__))).of_texts(pieces)
    names = list(index)[1:]
    pairs, pair_rows = _pairs(ids, rows, len(names))
    keys, pair_ids = np.unique(pairs, return_inverse=True)
    counts = tally(
        np.concatenate([rows, pair_rows]),
        np.concatenate([ids, len(names) + pair_ids.ravel()]),
        (pieces.n, len(names) + len(keys)),
    ).tocsc()
    kept = enough(counts, min_df)
    left, right = np.divmod(keys, max(1, len(names)))
    terms = [
        names[i] if i < len(names) else f"{names[left[i - len(names)]]} {names[right[i - len(names)]]}"
        for i in kept.tolist()
    ]
    return sorted_terms(counts, kept, terms)


def occurrences(words: Sequence[str]) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """Every term of a text as often as it occurs, and where it stands: word, and from which character to which.

    Examples
    --------
    >>> list(occurrences(["low", "well-paid"]))[:3]
    [('low', ((0, 0, 3),)), ('well', ((1, 0, 4),)), ('paid', ((1, 5, 9),))]
    """
    found = [(part[0], (number, *part.span())) for number, word in enumerate(words) for part in _placed(word)]
    yield from ((part, (span,)) for part, span in found)
    yield from ((f"{one} {other}", (i, j)) for (one, i), (other, j) in pairwise(found))


class Vocabulary:
    """Terms in column order, to be counted in new texts."""

    def __init__(self, terms: Sequence[str]) -> None:
        """Number the words of all terms."""
        self.width = len(terms)
        parts = {column: term.split(" ") for column, term in enumerate(terms) if END not in term}
        words = dict.fromkeys(chain.from_iterable(parts.values()))
        self._unknown = len(words)
        self._index = {word: i for i, word in enumerate(words)} | {END: -1}
        self._column = np.full(len(words) + 1, -1)  # of a single word; the last place is that of unknown ones
        for column, part in parts.items():
            if len(part) == 1:
                self._column[self._index[part[0]]] = column
        paired = [column for column, part in parts.items() if len(part) == 2]
        self._pairs = Numbering(np.array([self._key(*parts[column]) for column in paired], dtype=np.int64))
        self._pair_columns = np.array(paired, dtype=np.int64)
        self._apart = TakenApart(self._taken)

    def count(self, pieces: Pieces) -> sp.csr_array:
        """How often each text has each term, csr float32 (n, terms)."""
        rows, ids = self._apart.of_texts(pieces)
        columns = self._column[ids]
        known = columns >= 0
        rows_found, columns_found = [rows[known]], [columns[known]]
        pairs, pair_rows = _pairs(ids, rows, self._unknown + 1)
        place = self._pairs.of(pairs)
        known = place >= 0
        rows_found.append(pair_rows[known])
        columns_found.append(self._pair_columns[place[known]])
        return tally(np.concatenate(rows_found), np.concatenate(columns_found), (pieces.n, self.width))

    def _taken(self, pieces: Sequence[str]) -> tuple[Ints, Numbers]:
        return _taken(lambda words: map(self._index.get, words, repeat(self._unknown)), pieces)

    def _key(self, left: str, right: str) -> int:
        return self._index[left] * (self._unknown + 1) + self._index[right]


def _taken(numbers: Callable[[Iterable[str]], Iterable[int]], pieces: Sequence[str]) -> tuple[Ints, Numbers]:
    """How many words each piece has, and their numbers; ``numbers`` gives -1 for the end of a piece."""
    words = _word_or_end(END.join([*pieces, ""]))
    found = np.fromiter(numbers(words), np.int32, len(words))
    return np.diff(np.flatnonzero(found < 0), prepend=-1) - 1, found[found >= 0]


def _pairs(ids: npt.NDArray[np.int32], rows: Ints, words: int) -> tuple[Ints, Ints]:
    """Neighbours within a row as one number each, and the row."""
    together = rows[1:] == rows[:-1]
    return ids[:-1][together].astype(np.int64) * words + ids[1:][together], rows[1:][together]
