"""The merged linear models of all themes side by side: one sparse product an analyser for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.committee import Member
from themetagger.features import Recipe, Weighing
from themetagger.scorers import LinearScorer

Singles = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def is_banked(committee: Sequence[Member]) -> bool:
    """Whether a theme's committee is a single linear model on the mean weights of the folds."""
    first = committee[0]
    return len(committee) == 1 and first.fold is None and isinstance(first.model.scorer, LinearScorer)


@dataclass(frozen=True)
class _Drawer:
    """What the models want of one analyser's counts, taken as they are or by their logarithm.

    ``weights`` (terms, models here) are those of raw counts; ``squares`` (terms, recipes here) give the squared length
    of a weighed row; ``models`` and ``recipes`` number the columns of ``weights`` in the bank, and in ``squares``.
    """

    analyser: str
    sublinear_tf: bool
    weights: Singles
    squares: Singles
    models: Ints
    recipes: Ints

    def scores(self, counts: sp.csr_array) -> Singles:
        """Each model's sum over the terms of normalised rows, (n, models here); 0 for a row without a term."""
        values = np.log(counts.data) + np.float32(1) if self.sublinear_tf else counts.data
        place = counts.indices, counts.indptr
        lengths = np.sqrt(sp.csr_array((values * values, *place), shape=counts.shape) @ self.squares)
        lengths[lengths == 0] = 1
        sums: Singles = sp.csr_array((values, *place), shape=counts.shape) @ self.weights
        sums /= lengths[:, self.recipes]
        return sums


class LinearBank:
    """Linear models that score together.

    A model's score of a text is ``sum_t tf_t idf_t w_t / length + b`` for each part of its recipe; ``idf_t w_t`` is one
    number a term and model, and the length is one number a recipe, so that all themes share one walk through the terms.
    Numbers are float32, as in the tagger file.
    """

    def __init__(
        self,
        members: Sequence[Member],
        weighings: Mapping[tuple[Recipe, int | None], tuple[Weighing, ...]],
        terms: Mapping[str, int],
    ) -> None:
        """Put the models side by side; ``terms`` is the number of terms of each analyser."""
        self.intercepts = np.array([_linear(member).intercept for member in members])
        wanted: dict[tuple[str, bool], list[tuple[int, Weighing, Floats]]] = {}
        for number, member in enumerate(members):
            start = 0
            for part in weighings[member.recipe, None]:
                weights = _linear(member).weights[start : start + len(part.columns)] * part.idf
                wanted.setdefault((part.analyser, part.sublinear_tf), []).append((number, part, weights))
                start += len(part.columns)
        self._drawers = [_drawer(*key, found, terms[key[0]]) for key, found in wanted.items() if terms.get(key[0])]

    def scores(self, counts: Mapping[str, sp.csr_array]) -> Floats:
        """Scores of n texts from their counts by analyser, (n, models)."""
        n = next(iter(counts.values())).shape[0]
        found = np.tile(self.intercepts, (n, 1))
        for drawer in self._drawers:
            found[:, drawer.models] += drawer.scores(counts[drawer.analyser])
        return found


def _linear(member: Member) -> LinearScorer:
    assert isinstance(member.model.scorer, LinearScorer)
    return member.model.scorer


def _drawer(analyser: str, sublinear_tf: bool, found: Sequence[tuple[int, Weighing, Floats]], terms: int) -> _Drawer:
    # the parts of one recipe are one object, so that models with the same lengths share a column
    recipes = {id(part): part for _, part, _ in found}
    weights = np.zeros((terms, len(found)), dtype=np.float32)
    squares = np.zeros((terms, len(recipes)), dtype=np.float32)
    for column, (_, part, values) in enumerate(found):
        weights[part.columns, column] = values
    for column, part in enumerate(recipes.values()):
        squares[part.columns, column] = np.square(part.idf)
    place = {key: column for column, key in enumerate(recipes)}
    return _Drawer(
        analyser,
        sublinear_tf,
        weights,
        squares,
        np.array([number for number, _, _ in found]),
        np.array([place[id(part)] for _, part, _ in found]),
    )
