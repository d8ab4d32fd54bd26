"""Texts -> term counts, once per analyser; the only place that tokenises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import ModuleType

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features.ngrams import chars as char_grams
from themetagger.features.ngrams import words as word_grams
from themetagger.features.ngrams.sparse import CountLayouts
from themetagger.features.ngrams.token_cache import Splitter

# An analyser learns terms from texts, counts given ones in others, and says how long a term is. Both give the counts of
# scikit-learn's CountVectorizer, several times faster; lower case is a text step, so it is off in them. ``signs`` says
# that scripts without spaces have n-grams of their own; without it, as tagger files before they had, there too all that
# stands between spaces is one word.
ANALYSERS: dict[str, ModuleType] = {"word": word_grams, "char_wb": char_grams}


@dataclass(frozen=True)
class TermCounts:
    """Term counts of one analyser: ``matrix`` csr (n texts, terms) float32, ``terms`` in column order."""

    matrix: sp.csr_array
    terms: tuple[str, ...]
    sizes: npt.NDArray[np.int8]

    @property
    def nbytes(self) -> int:
        """Memory of the arrays, in bytes."""
        return int(self.matrix.data.nbytes + self.matrix.indices.nbytes + self.matrix.indptr.nbytes)

    def without_terms(self) -> TermCounts:
        """The numbers only, which is all that the search needs."""
        return replace(self, terms=())

    @cached_property
    def document_frequencies(self) -> npt.NDArray[np.int64]:
        """In how many texts each term occurs, (terms,)."""
        return np.bincount(self.matrix.indices, minlength=self.matrix.shape[1])


def term_sizes(analyser: str, terms: Sequence[str]) -> npt.NDArray[np.int8]:
    """n of each n-gram: words for the word analyser, characters for the other, (terms,)."""
    return np.fromiter(map(ANALYSERS[analyser].size, terms), dtype=np.int8, count=len(terms))


def count_terms(texts: Sequence[str], analyser: str, *, min_df: int = 1, signs: bool = True) -> TermCounts:
    """Count every term of every text.

    Parameters
    ----------
    texts : n texts, already cleaned
    analyser : one of ``ANALYSERS``
    min_df : texts that a term must occur in to be counted, default 1
    signs : whether scripts without spaces have n-grams of their own, default True

    Examples
    --------
    >>> counts = count_terms(["good pay", "pay pay"], "word")
    >>> counts.terms, counts.matrix.toarray().tolist()
    (('good', 'good pay', 'pay', 'pay pay'), [[1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 2.0, 1.0]])
    """
    matrix, terms = ANALYSERS[analyser].learn(Splitter().split(texts), min_df, signs=signs)
    return TermCounts(matrix, terms, term_sizes(analyser, terms))


def count_known(texts: Sequence[str], analyser: str, terms: Sequence[str], *, signs: bool = True) -> sp.csr_array:
    """How often each of n texts, already cleaned, has each of some ``terms``: csr float32 (n, terms).

    Examples
    --------
    >>> count_known(["good pay", "pay pay"], "word", ["pay", "good pay"]).toarray().tolist()
    [[1.0, 1.0], [2.0, 0.0]]
    """
    return CountLayouts(ANALYSERS[analyser].Vocabulary(terms, signs=signs).count(Splitter().split(texts))).by_row
