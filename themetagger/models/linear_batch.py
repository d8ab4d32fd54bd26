"""The merged linear models of all themes side by side: one sparse product an analyser for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features import CountLayouts, TfidfConfig, TfidfWeights
from themetagger.models.ensemble import EnsembleMember
from themetagger.models.scorers import LinearScorer

Singles = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CELLS = 50  # for each weight, up to which the weights of the terms in use are also kept dense
SPARSE_BELOW = 0.1  # share of weights that are not zero under which a sparse product is the faster one


def is_batched(member: EnsembleMember) -> bool:
    """Whether a model is linear and on the mean weights of the folds."""
    return member.fold is None and member.model.narrow is None and isinstance(member.model.scorer, LinearScorer)


@dataclass(frozen=True)
class _Drawer:
    """What the models want of one analyser's counts.

    ``counted`` says how: "as they are", "logarithm" or "presence". ``weights`` (terms, themes here) are those of
    numbers so counted, dense or sparse; ``squares`` (terms, recipes here) give the squared length of a weighed row, and
    are None where rows have no length. ``themes`` and ``recipes`` number the columns of ``weights`` in the bank, and
    in ``squares``. ``in_use``, where sparse weights are of few terms, are the numbers of these terms and their weights,
    dense: for many rows a fifth of the time.
    """

    analyser: str
    counted: str
    weights: Any
    squares: Singles | None
    themes: Ints
    recipes: Ints
    in_use: tuple[Ints, Singles] | None = None

    def scores(self, counts: CountLayouts) -> Singles:
        """Each model's sum over the terms of its rows, (n, themes here); 0 for a row without a term."""
        if self.in_use is not None and counts.many:
            terms, weights = self.in_use
            chosen = counts.by_term[:, terms]
            chosen.data = self._numbers(chosen.data)
            return np.asarray(chosen @ weights, dtype=np.float32)
        rows = counts.by_row if sp.issparse(self.weights) else counts.by_term
        with counted_as(rows, self._numbers(rows.data)):
            sums: Any = rows @ self.weights
            sums = sums.toarray() if sp.issparse(sums) else sums
            if self.squares is not None:
                rows.data = np.square(rows.data)
                lengths = np.sqrt(rows @ self.squares)
                lengths[lengths == 0] = 1
                sums /= lengths[:, self.recipes]
        return np.asarray(sums, dtype=np.float32)

    def _numbers(self, counted: Singles) -> Singles:
        if self.counted == "presence":
            return np.ones_like(counted)
        return np.log(counted) + np.float32(1) if self.counted == "logarithm" else counted


@contextmanager
def counted_as(rows: Any, numbers: Singles) -> Iterator[None]:
    """Other numbers in the place of counts for a while; another array around them would take a few texts longer."""
    counts = rows.data
    rows.data = numbers
    try:
        yield
    finally:
        rows.data = counts


class LinearBatch:
    """Linear models that score together.

    A model's score of a text is ``sum_t tf_t idf_t w_t / length + b`` for each part of its recipe; ``idf_t w_t`` is one
    number a term and model, and the length is one number a recipe, so that all themes share one walk through the terms.
    Numbers are float32, as in the tagger file.
    """

    def __init__(
        self,
        members: Sequence[tuple[int, EnsembleMember]],
        themes: int,
        weighings: Mapping[tuple[TfidfConfig, int | None], tuple[TfidfWeights, ...]],
        terms: Mapping[str, int],
    ) -> None:
        """Put the models side by side.

        Parameters
        ----------
        members : (theme, model) pairs; a theme may have several
        themes : number of themes
        weighings : what each recipe learned
        terms : number of terms of each analyser
        """
        self.intercepts = np.zeros(themes)
        wanted: dict[tuple[str, str, int], list[_Column]] = {}
        drawers: Counter[tuple[str, str, int]] = Counter()
        for theme, member in members:
            assert isinstance(member.model.scorer, LinearScorer)
            self.intercepts[theme] += member.weight * member.model.scorer.intercept
            start = 0
            for part in weighings[member.recipe, None]:
                if len(part.columns):
                    # a theme is in a drawer once
                    counted = _counted(part)
                    number = drawers[part.analyser, counted, theme]
                    drawers[part.analyser, counted, theme] += 1
                    column = _Column(theme, part, member, start)
                    wanted.setdefault((part.analyser, counted, number), []).append(column)
                start += len(part.columns)
        self._drawers = [_drawer(*key[:2], found, terms[key[0]]) for key, found in wanted.items()]

    def scores(self, counts: Mapping[str, CountLayouts]) -> Floats:
        """Scores of n texts from their counts by analyser, (n, themes); 0 for a theme without a model here."""
        found = np.tile(self.intercepts, (next(iter(counts.values())).n, 1))
        for drawer in self._drawers:
            found[:, drawer.themes] += drawer.scores(counts[drawer.analyser])
        return found


class _Column(NamedTuple):
    """What one model wants of one analyser's counts: its weights from ``start`` on belong to ``part``."""

    theme: int
    part: TfidfWeights
    member: EnsembleMember
    start: int

    def raw(self) -> npt.NDArray[Any]:
        """The model's own weights of the part's terms."""
        scorer = self.member.model.scorer
        assert isinstance(scorer, LinearScorer)
        return scorer.weights[self.start : self.start + len(self.part.columns)]

    def weights(self) -> Singles:
        """What a count of each term is worth; float32, as in the tagger file."""
        weights = self.member.weight * self.raw().astype(np.float64) * self.part.idf
        return np.asarray(weights, dtype=np.float32)


def _counted(part: TfidfWeights) -> str:
    return "presence" if part.presence else "logarithm" if part.sublinear_tf else "as they are"


def _drawer(analyser: str, counted: str, found: Sequence[_Column], terms: int) -> _Drawer:
    # the parts of one recipe are one object, so that models with the same lengths share a column
    recipes = {id(column.part): column.part for column in found}
    place = {key: number for number, key in enumerate(recipes)}
    squares = None
    if counted != "presence":
        squares = np.zeros((terms, len(recipes)), dtype=np.float32)
        for number, part in enumerate(recipes.values()):
            squares[part.columns, number] = np.square(part.idf)
    weights = _side_by_side(found, terms)
    return _Drawer(
        analyser,
        counted,
        weights,
        squares,
        np.array([column.theme for column in found]),
        np.array([place[id(column.part)] for column in found]),
        _in_use(weights) if squares is None and sp.issparse(weights) else None,
    )


def _in_use(weights: sp.csr_array) -> tuple[Ints, Singles] | None:
    """The terms that have a weight, and the weights of these, dense; None where that would be too large."""
    terms = np.flatnonzero(np.diff(weights.indptr))
    if len(terms) * weights.shape[1] > CELLS * weights.nnz:
        return None
    return terms, weights[terms].toarray()


def _side_by_side(found: Sequence[_Column], terms: int) -> Any:
    """The weights of all columns, (terms, columns) float32; sparse where few are not 0, without ever being dense."""
    used = [int(np.count_nonzero(column.raw())) for column in found]
    if sum(used) >= SPARSE_BELOW * terms * len(found):
        dense = np.zeros((terms, len(found)), dtype=np.float32)
        for number, column in enumerate(found):
            dense[column.part.columns, number] = column.weights()
        return dense
    kept = [np.flatnonzero(column.raw()) for column in found]
    whole = (
        np.concatenate([column.weights()[rows] for column, rows in zip(found, kept, strict=True)]),
        np.concatenate([column.part.columns[rows] for column, rows in zip(found, kept, strict=True)]),
        np.cumsum([0, *used]),
    )
    return sp.csr_array(sp.csc_array(whole, shape=(terms, len(found))))
