"""The merged linear models of all themes side by side: one sparse product an analyser for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features import CountLayouts, FittedView, TfidfWeights, View, row_products
from themetagger.features.encoder import Layouts
from themetagger.models.ensemble import EnsembleMember
from themetagger.models.scorers import LinearWeights

Singles = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BlockKey = tuple[str, str, int]  # analyser, how counts are taken, and how many parts of the theme were there before

DENSE_CELLS = 50  # for each weight that is not zero, up to which the weights of the terms in use are also stored dense
SPARSE_BELOW = 0.1  # share of weights that are not zero under which a sparse product is the faster one


def is_batched(member: EnsembleMember) -> bool:
    """Whether a model is linear and on the mean weights of the folds."""
    return member.fold is None and member.model.linear_weights is not None


def column_bytes(weights: npt.NDArray[Any], terms: int, presence: bool) -> int:
    """Bytes, at most, that one model's ``weights`` take in a batch, with ``terms`` in its analysers' vocabularies.

    They are dense where enough of them are used, and otherwise index and value of those that are. Of the presence of
    terms, those in use are stored dense as well.
    """
    used = 4 * np.count_nonzero(weights)
    return int(min(used * (2 + DENSE_CELLS if presence else 1 / SPARSE_BELOW), 4 * terms + 8 * used))


@dataclass(frozen=True)
class _TermBlock:
    """The weights of many models on one analyser's terms, whose counts they all take in the same way.

    Attributes
    ----------
    analyser : whose terms these are
    counting : what becomes of the counts: "as they are", "logarithm" or "presence"
    weights : (terms, columns) of numbers so counted, dense or sparse; a column is a model
    squares : (terms, views) whose products with squared counts are the squared lengths of weighted rows; None where
        rows have no length
    themes : (columns,) the theme of each column
    views : (columns,) the column of ``squares`` that each column's rows are divided by
    in_use : where sparse weights are of few terms, the numbers of these terms and their weights, dense: for many rows
        a fifth of the time
    """

    analyser: str
    counting: str
    weights: Any
    squares: Singles | None
    themes: Ints
    views: Ints
    in_use: tuple[Ints, Singles] | None = None

    def scores(self, counts: CountLayouts) -> Singles:
        """Each model's sum over the terms of its rows, (n, columns); 0 for a row without a term."""
        if self.in_use is not None and counts.many:
            terms, weights = self.in_use
            chosen = counts.by_term[:, terms]
            chosen.data = self._counted(chosen.data)
            return np.asarray(chosen @ weights, dtype=np.float32)
        rows = counts.by_row if sp.issparse(self.weights) else counts.by_term
        with replaced_data(rows, self._counted(rows.data)):
            sums: Any = rows @ self.weights
            sums = sums.toarray() if sp.issparse(sums) else sums
            if self.squares is not None:
                rows.data = np.square(rows.data)
                lengths = np.sqrt(rows @ self.squares)
                lengths[lengths == 0] = 1
                sums /= lengths[:, self.views]
        return np.asarray(sums, dtype=np.float32)

    def _counted(self, counts: Singles) -> Singles:
        if self.counting == "presence":
            return np.ones_like(counts)
        return np.log(counts) + np.float32(1) if self.counting == "logarithm" else counts


@contextmanager
def replaced_data(rows: Any, data: Singles) -> Iterator[None]:
    """Other numbers in the place of ``rows.data`` for a while; a new array around them costs a few texts time."""
    original = rows.data
    rows.data = data
    try:
        yield
    finally:
        rows.data = original


class _DenseBlock(NamedTuple):
    """The weights of many models on the vectors of one text encoder: float64 (width, columns), and (columns,) themes.

    They stand on the vectors as they are, so that views which weigh or move them differently share one product.
    """

    source: str
    weights: Floats
    themes: Ints


class BlockPlan:
    """Which block of a batch each part of each model's view goes to, as models come; it decides what the batch costs.

    Examples
    --------
    >>> part = TfidfWeights("word", np.arange(3, dtype=np.int32), np.ones(3), sublinear_tf=False)
    >>> plan, fitted = BlockPlan(), FittedView((part,))
    >>> [[block for block, _, _ in plan.blocks_of(theme, fitted)] for theme in (0, 1, 0)]
    [[('word', 'as they are', 0)], [('word', 'as they are', 0)], [('word', 'as they are', 1)]]
    """

    def __init__(self) -> None:
        """Begin with no model."""
        self._used: Counter[tuple[str, str, Any]] = Counter()

    def blocks_of(self, theme: Hashable, fitted: FittedView) -> Iterator[tuple[BlockKey, TfidfWeights, slice]]:
        """The block of each part of a model's view, the part, and which of the model's weights are on it.

        A theme has one column in a block, so that `LinearBatch.scores` can add a block to the themes at once.
        """
        for part, place in fitted.term_columns():
            key = part.analyser, _counting(part)
            number = self._used[*key, theme]
            self._used[*key, theme] += 1
            yield (*key, number), part, place


class LinearBatch:
    """Linear models that score together.

    A model's score of a text is ``sum_t tf_t idf_t w_t / length + b`` for each part of its view; ``idf_t w_t`` is one
    number a term and model, and the length is one number a view, so that all themes share one pass over the terms.
    Numbers are float32, as in the tagger file.
    """

    def __init__(
        self,
        members: Sequence[tuple[int, EnsembleMember]],
        themes: int,
        views: Mapping[tuple[View, int | None], FittedView],
        terms: Mapping[str, int],
    ) -> None:
        """Put the models side by side.

        Parameters
        ----------
        members : (theme, model) pairs; a theme may have several
        themes : number of themes
        views : what each view learned
        terms : number of terms of each analyser, where models have any of it
        """
        self.intercepts = np.zeros(themes)
        columns: dict[BlockKey, list[_Column]] = {}
        plan = BlockPlan()
        for theme, member in members:
            model = _linear_weights(member)
            self.intercepts[theme] += member.weight * model.intercept
            for block, part, place in plan.blocks_of(theme, views[member.view, None]):
                column = _Column(theme, part, model.weights[place], member.weight)
                columns.setdefault(block, []).append(column)
        self._blocks = [_block(*key[:2], group, terms[key[0]]) for key, group in columns.items()]
        self._dense_blocks = self._side_by_side(members, views)

    def _side_by_side(
        self, members: Sequence[tuple[int, EnsembleMember]], views: Mapping[tuple[View, int | None], FittedView]
    ) -> list[_DenseBlock]:
        """All weights on the vectors of each text encoder; what its columns are moved by goes to the intercepts."""
        weights: dict[str, dict[int, Floats]] = {}
        for theme, member in members:
            model = _linear_weights(member)
            for part, place in views[member.view, None].dense_columns():
                of_vectors = member.weight * model.weights[place].astype(np.float64) * part.scale
                self.intercepts[theme] -= float(of_vectors @ part.center)
                of_themes = weights.setdefault(part.source, {})
                of_themes[theme] = of_themes.get(theme, 0) + of_vectors
        return [
            _DenseBlock(source, np.column_stack(list(columns.values())), np.array(list(columns)))
            for source, columns in weights.items()
        ]

    def scores(self, layouts: Layouts) -> Floats:
        """Scores of n texts from what each source says of them, (n, themes); 0 for a theme without a model here."""
        sums = np.tile(self.intercepts, (next(iter(layouts.values())).n, 1))
        for block in self._blocks:
            sums[:, block.themes] += block.scores(layouts[block.analyser])
        for dense in self._dense_blocks:
            sums[:, dense.themes] += row_products(layouts[dense.source].by_row, dense.weights)
        return sums


def _linear_weights(member: EnsembleMember) -> LinearWeights:
    model = member.model.linear_weights
    if model is None:
        raise TypeError("only linear models score in a batch")
    return model


class _Column(NamedTuple):
    """One model on the terms of one part of its view: its own ``weights``, and what the model counts in its theme."""

    theme: int
    part: TfidfWeights
    weights: npt.NDArray[Any]
    factor: float

    def of_counts(self) -> Singles:
        """What a count of each term is worth; float32, as in the tagger file."""
        weights = self.factor * self.weights.astype(np.float64) * self.part.idf
        return np.asarray(weights, dtype=np.float32)


def _counting(part: TfidfWeights) -> str:
    return "presence" if part.presence else "logarithm" if part.sublinear_tf else "as they are"


def _block(analyser: str, counting: str, columns: Sequence[_Column], terms: int) -> _TermBlock:
    # the parts of one view are one object, so that models with the same lengths share a column
    views = {id(column.part): column.part for column in columns}
    place = {key: number for number, key in enumerate(views)}
    squares = None
    if counting != "presence":
        squares = np.zeros((terms, len(views)), dtype=np.float32)
        for number, part in enumerate(views.values()):
            squares[part.columns, number] = np.square(part.idf)
    weights = _side_by_side(columns, terms)
    return _TermBlock(
        analyser,
        counting,
        weights,
        squares,
        np.array([column.theme for column in columns]),
        np.array([place[id(column.part)] for column in columns]),
        _in_use(weights) if squares is None and sp.issparse(weights) else None,
    )


def _in_use(weights: sp.csr_array) -> tuple[Ints, Singles] | None:
    """The terms that have a weight, and the weights of these, dense; None where that would be too large."""
    terms = np.flatnonzero(np.diff(weights.indptr))
    if len(terms) * weights.shape[1] > DENSE_CELLS * weights.nnz:
        return None
    return terms, weights[terms].toarray()


def _side_by_side(columns: Sequence[_Column], terms: int) -> Any:
    """The weights of all columns, (terms, columns) float32; sparse where few are not 0, without ever being dense."""
    sizes = [int(np.count_nonzero(column.weights)) for column in columns]
    if sum(sizes) >= SPARSE_BELOW * terms * len(columns):
        dense = np.zeros((terms, len(columns)), dtype=np.float32)
        for number, column in enumerate(columns):
            dense[column.part.columns, number] = column.of_counts()
        return dense
    nonzero = [np.flatnonzero(column.weights) for column in columns]
    arrays = (
        np.concatenate([column.of_counts()[rows] for column, rows in zip(columns, nonzero, strict=True)]),
        np.concatenate([column.part.columns[rows] for column, rows in zip(columns, nonzero, strict=True)]),
        np.cumsum([0, *sizes]),
    )
    return sp.csr_array(sp.csc_array(arrays, shape=(terms, len(columns))))
