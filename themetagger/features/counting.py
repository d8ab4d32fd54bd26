"""Texts -> term counts, once per analyser; the only place that tokenises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

# Keyword arguments of scikit-learn's CountVectorizer; lower case is a text step, so it is off here. Its default passes
# over words of one character. Counting them helped a fixed ridge and not the whole search: held-out 30 % of three train
# sets (hallmarks_of_cancer, nhs_phase1_multi, leetcode_topics), average precision .809 .390 .495 with, .815 .395 .495
# without them.
ANALYSERS: dict[str, dict[str, Any]] = {
    "word": {"analyzer": "word", "ngram_range": (1, 2), "lowercase": False},
    "char_wb": {"analyzer": "char_wb", "ngram_range": (3, 5), "lowercase": False},
}


@dataclass(frozen=True)
class Counts:
    """Term counts of one analyser: ``matrix`` csr (n texts, terms) float32, ``terms`` in column order."""

    matrix: sp.csr_array
    terms: tuple[str, ...]
    sizes: npt.NDArray[np.int8]

    @property
    def nbytes(self) -> int:
        """Memory of the arrays, in bytes."""
        return int(self.matrix.data.nbytes + self.matrix.indices.nbytes + self.matrix.indptr.nbytes)


def term_sizes(analyser: str, terms: Sequence[str]) -> npt.NDArray[np.int8]:
    """n of each n-gram: words for the word analyser, characters for the other, (terms,)."""
    measure = (lambda term: term.count(" ") + 1) if analyser == "word" else len
    return np.fromiter((measure(term) for term in terms), dtype=np.int8, count=len(terms))


def count_terms(
    texts: Sequence[str], analyser: str, *, vocabulary: Mapping[str, int] | Sequence[str] | None = None
) -> Counts:
    """Count every term of every text.

    Parameters
    ----------
    texts : n texts, already cleaned
    analyser : one of ``ANALYSERS``
    vocabulary : terms to count, in column order; default None learns every term, in sorted order

    Examples
    --------
    >>> counts = count_terms(["good pay", "pay pay"], "word")
    >>> counts.terms, counts.matrix.toarray().tolist()
    (('good', 'good pay', 'pay', 'pay pay'), [[1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 2.0, 1.0]])
    """
    from sklearn.feature_extraction.text import CountVectorizer

    vectoriser = CountVectorizer(**ANALYSERS[analyser], vocabulary=vocabulary, dtype=np.float32)
    if vocabulary is None:
        try:
            matrix = vectoriser.fit_transform(texts)
        except ValueError as error:  # scikit-learn's way to say that no text has a term
            if "empty vocabulary" not in str(error):
                raise
            return Counts(sp.csr_array((len(texts), 0), dtype=np.float32), (), np.empty(0, np.int8))
    else:
        matrix = vectoriser.transform(texts)
    matrix.sort_indices()
    terms = tuple(vectoriser.get_feature_names_out().tolist())
    return Counts(sp.csr_array(matrix), terms, term_sizes(analyser, terms))
