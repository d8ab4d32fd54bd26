"""Counts -> normalised TF-IDF rows, with weights learned from the training rows alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from themetagger.features.counting import Counts
from themetagger.features.recipe import EmptyVocabulary, Recipe


@dataclass(frozen=True)
class Weighing:
    """What one part of a recipe learned: ``columns`` int32 (kept,), rising, of the analyser's terms; ``idf`` (kept,)."""

    analyser: str
    columns: npt.NDArray[np.int32]
    idf: npt.NDArray[np.float64]
    sublinear_tf: bool


def learn_weighing(
    counts: Mapping[str, Counts], recipe: Recipe, rows: npt.NDArray[np.int64] | None = None
) -> tuple[Weighing, ...]:
    """Terms and inverse document frequencies of the given rows (default: all), a Weighing for each part.

    The same numbers as ``TfidfVectorizer(smooth_idf=True)`` fitted on these rows.

    Raises
    ------
    EmptyVocabulary
        If no term meets ``min_df`` and ``max_df``.
    """
    parts = []
    for analyser, longest in recipe.parts:
        found = counts[analyser]
        matrix = found.matrix if rows is None else found.matrix[rows]
        df = np.bincount(matrix.indices, minlength=matrix.shape[1])
        n = matrix.shape[0]
        kept = (df >= recipe.min_df) & (df <= recipe.max_df * n) & (found.sizes <= longest)
        columns = np.flatnonzero(kept).astype(np.int32)
        parts.append(Weighing(analyser, columns, np.log((1 + n) / (1 + df[columns])) + 1, recipe.sublinear_tf))
    if not sum(len(part.columns) for part in parts):
        raise EmptyVocabulary(
            f"no term occurs in at least {recipe.min_df} and at most {recipe.max_df:.0%} of the training texts "
            f"(view {recipe.view}); the texts may be empty or hold only stop words."
        )
    return tuple(parts)


def weigh(matrices: Mapping[str, sp.csr_array], parts: tuple[Weighing, ...]) -> sp.csr_array:
    """Weighed, L2-normalised rows, the parts side by side: csr float64 (n, columns of all parts).

    ``matrices`` holds the counts of the rows for each analyser, csr (n, terms).
    """
    blocks = [_weigh_part(matrices[part.analyser], part) for part in parts]
    return blocks[0] if len(blocks) == 1 else sp.hstack(blocks, format="csr")


def _weigh_part(matrix: sp.csr_array, part: Weighing) -> sp.csr_array:
    chosen = matrix[:, part.columns].astype(np.float64)
    if part.sublinear_tf:
        np.log(chosen.data, out=chosen.data)
        chosen.data += 1
    chosen.data *= part.idf[chosen.indices]
    return sp.csr_array(normalize(chosen, copy=False))
