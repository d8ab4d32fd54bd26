"""TF-IDF: which terms a model sees, the weights learned from the training rows, and normalised rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.utils.sparsefuncs_fast import inplace_csr_row_normalize_l2

from themetagger.features.ngrams.counting import TermCounts
from themetagger.features.ngrams.sparse import places

# view -> its parts: (analyser, longest n-gram); each part is normalised by itself, as in a FeatureUnion
VIEWS: dict[str, tuple[tuple[str, int], ...]] = {
    "words": (("word", 1),),
    "words_1_2": (("word", 2),),
    "chars_3_5": (("char_wb", 5),),
    "words+chars": (("word", 2), ("char_wb", 5)),
}


class EmptyVocabulary(ValueError):
    """No term is left to learn from."""


@dataclass(frozen=True)
class TfidfConfig:
    """TF-IDF settings with the names and meaning of ``sklearn.feature_extraction.text.TfidfVectorizer``.

    Parameters
    ----------
    view : one of ``VIEWS``
    min_df : a term must occur in at least that many training texts, default 2
    max_df : and in at most this share of them, default 1.0
    sublinear_tf : weigh a count c as 1 + ln c, default True
    presence : 1 where a term occurs, neither weighed nor normalised (``binary=True, use_idf=False, norm=None``),
        default False; ``sublinear_tf`` then has no meaning

    Examples
    --------
    >>> TfidfConfig("words", min_df=3).to_json()
    {'view': 'words', 'min_df': 3, 'max_df': 1.0, 'sublinear_tf': True, 'presence': False}
    """

    view: str
    min_df: int = 2
    max_df: float = 1.0
    sublinear_tf: bool = True
    presence: bool = False

    def __post_init__(self) -> None:
        """Refuse an unknown view and limits that no term can meet."""
        if self.view not in VIEWS:
            raise ValueError(f"view {self.view!r} is unknown; choose from {', '.join(VIEWS)}.")
        if self.min_df < 1 or not 0 < self.max_df <= 1:
            raise ValueError(f"min_df must be >= 1 and max_df in (0, 1], but are {self.min_df} and {self.max_df}.")

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """The (analyser, longest n-gram) pairs whose columns stand side by side."""
        return VIEWS[self.view]

    def to_json(self) -> dict[str, Any]:
        """Plain values, to be given back as ``TfidfConfig(**values)``."""
        return asdict(self)


@dataclass(frozen=True)
class TfidfWeights:
    """What a part of a recipe learned: ``columns`` int32 (kept,), rising, of the analyser's terms; ``idf`` (kept,).

    With ``presence`` a row is ``idf`` where a term occurs, and is not normalised; ``idf`` is then 1, or less for a term
    that some folds lack.
    """

    analyser: str
    columns: npt.NDArray[np.int32]
    idf: npt.NDArray[np.float64]
    sublinear_tf: bool
    presence: bool = False


def document_frequencies(counts: TermCounts, rows: npt.NDArray[np.int64] | None = None) -> npt.NDArray[np.int64]:
    """In how many of the given rows (default: all) each term occurs, (terms,)."""
    matrix = counts.matrix if rows is None else counts.matrix[rows]
    return np.bincount(matrix.indices, minlength=matrix.shape[1])


def learn_weights(
    counts: Mapping[str, TermCounts],
    recipe: TfidfConfig,
    rows: npt.NDArray[np.int64] | None = None,
    *,
    frequencies: Mapping[str, npt.NDArray[np.int64]] | None = None,
) -> tuple[TfidfWeights, ...]:
    """Terms and inverse document frequencies of the given rows (default: all), a TfidfWeights for each part.

    The same numbers as ``TfidfVectorizer(smooth_idf=True)`` fitted on these rows.

    ``frequencies`` may hold the document frequencies of these rows, so that they are not counted again.

    Raises
    ------
    EmptyVocabulary
        If no term meets ``min_df`` and ``max_df``.
    """
    parts = []
    for analyser, longest in recipe.parts:
        found = counts[analyser]
        df = document_frequencies(found, rows) if frequencies is None else frequencies[analyser]
        n = found.matrix.shape[0] if rows is None else len(rows)
        kept = (df >= recipe.min_df) & (df <= recipe.max_df * n) & (found.sizes <= longest)
        columns = np.flatnonzero(kept).astype(np.int32)
        idf = np.ones(len(columns)) if recipe.presence else np.log((1 + n) / (1 + df[columns])) + 1
        parts.append(TfidfWeights(analyser, columns, idf, recipe.sublinear_tf, recipe.presence))
    if not sum(len(part.columns) for part in parts):
        raise EmptyVocabulary(
            f"no term occurs in at least {recipe.min_df} and at most {recipe.max_df:.0%} of the training texts "
            f"(view {recipe.view}); the texts may be empty or hold only stop words."
        )
    return tuple(parts)


def mean_weights(seen: Sequence[tuple[TfidfWeights, ...]]) -> tuple[TfidfWeights, ...]:
    """One weighing that stands for those of all folds, ``seen``, for a model merged from the fold models.

    A term weighs the root mean square of its weights, 0 in a fold that lacks it: the squared length of a row is then
    the mean of its squared lengths in the folds. Weights from all rows would lengthen short texts by the rare
    terms that no fold but the whole keeps, and lower their scores.
    """
    return tuple(_mean_part(parts) for parts in zip(*seen, strict=True))


def _mean_part(parts: tuple[TfidfWeights, ...]) -> TfidfWeights:
    columns = np.unique(np.concatenate([part.columns for part in parts]))
    squares = np.zeros(len(columns))
    for part in parts:
        squares[np.searchsorted(columns, part.columns)] += part.idf**2
    return replace(parts[0], columns=columns, idf=np.sqrt(squares / len(parts)))


def weigh(matrices: Mapping[str, sp.csr_array], parts: tuple[TfidfWeights, ...]) -> sp.csr_array:
    """Weighed, L2-normalised rows, the parts side by side: csr float64 (n, columns of all parts).

    ``matrices`` holds the counts of the rows for each analyser, csr (n, terms).
    """
    blocks = [_weigh_part(matrices[part.analyser], part) for part in parts if len(part.columns)]
    return blocks[0] if len(blocks) == 1 else sp.csr_array(sp.hstack(blocks, format="csr"))


def _weigh_part(matrix: sp.csr_array, part: TfidfWeights) -> sp.csr_array:
    chosen = _choose(matrix, part.columns)
    if part.presence:
        chosen.data = part.idf[chosen.indices]
        return chosen
    if part.sublinear_tf:
        np.log(chosen.data, out=chosen.data)
        chosen.data += 1
    chosen.data *= part.idf[chosen.indices]
    inplace_csr_row_normalize_l2(chosen)
    return chosen


def _choose(matrix: sp.csr_array, columns: npt.NDArray[np.int32]) -> sp.csr_array:
    """``matrix[:, columns]`` as float64 for rising columns: rows are sorted once, in place, and stay so."""
    matrix.sort_indices()
    indices = places(matrix.indices, columns, matrix.shape[1])
    kept = indices >= 0
    before = np.concatenate([[0], np.cumsum(kept)])
    indptr = before[matrix.indptr].astype(np.int32)
    values = (matrix.data[kept].astype(np.float64), indices[kept], indptr)
    chosen = sp.csr_array(values, shape=(matrix.shape[0], len(columns)))
    chosen.has_sorted_indices = chosen.has_canonical_format = True  # as in counts
    return chosen
