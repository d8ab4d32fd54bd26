"""Views: what a model may see of a text, and what a view learns from training rows.

A view is a configuration. Fitted on training rows it gives columns side by side: those of n-grams first, weighted by
TF-IDF, and behind them those of text encoders, which are dense. A source is what columns are made of: an analyser,
whose terms are counted, or a text encoder, whose vectors are taken. It looks at each text by itself, once for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features.dense_columns import DenseColumns
from themetagger.features.inputs import TrainingRows
from themetagger.features.tfidf_weights import TermBlock, TfidfWeights

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Rows: TypeAlias = Any  # csr float64 (n, columns), or float32 (n, columns) where all columns are dense


class Suggests(Protocol):
    """The three questions that a search space asks; an Optuna trial answers them."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float: ...

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int: ...

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any: ...


class View(Protocol):
    """What a model may see of a text: a configuration, frozen and hashable, of plain values.

    Views are made by name (``themetagger.features.registry``); a class of views also has ``from_json`` and ``suggest``.
    """

    def __hash__(self) -> int:
        """Views are keys."""

    @property
    def name(self) -> str:
        """The name under which it is registered, as in the column "view" of the results."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The analysers and text encoders that it needs."""

    @property
    def term_blocks(self) -> tuple[TermBlock, ...]:
        """How the terms of each of its analysers count, in the order of its columns."""

    def fit(self, training: TrainingRows) -> FittedView:
        """Learn from training rows, and from nothing else."""

    def to_json(self) -> dict[str, Any]:
        """Plain values with the name as "view", from which ``registry.view_of`` makes the same view."""


class ViewClass(Protocol):
    """What makes views of one class."""

    @property
    def nonnegative(self) -> bool:
        """Whether they give no number below zero, which some families need."""

    def from_json(self, settings: Mapping[str, Any]) -> View:
        """The view of these plain values; a TypeError or ValueError where one is unknown or of another type."""

    def suggest(self, name: str, trial: Suggests) -> View:
        """Ask a trial for the settings of the view ``name``."""


class ColumnMap(NamedTuple):
    """How the columns of one fold's rows become columns of rows on the mean weights of all folds.

    A value ``x`` in column j of a fold is ``(x - shift[j]) * mean_weights[j] / weights[j]`` in column ``places[j]``;
    what is neglected is how much the length of a row of n-grams differs from fold to fold.

    Attributes
    ----------
    places : (k,) column of the mean rows for each column of the fold
    weights : (k,) weight of each column in the fold
    mean_weights : (k,) its mean weight over the folds
    shift : (k,) what a column of the fold has where that of the mean has 0; itself 0 for n-grams
    """

    places: Ints
    weights: Floats
    mean_weights: Floats
    shift: Floats

    def of_columns(self, columns: npt.NDArray[np.int32] | None) -> ColumnMap:
        """The map of chosen columns; None chooses all of them."""
        if columns is None:
            return self
        places, weights, mean_weights, shift = self
        return ColumnMap(places[columns], weights[columns], mean_weights[columns], shift[columns])


@dataclass(frozen=True, eq=False)
class FittedView:
    """What a view learned.

    Attributes
    ----------
    terms : a block of columns for each analyser, side by side
    dense : a block of columns for each text encoder, behind those
    """

    terms: tuple[TfidfWeights, ...] = ()
    dense: tuple[DenseColumns, ...] = ()

    @property
    def n_terms(self) -> int:
        """Number of columns that are n-grams; they come first."""
        return sum(part.width for part in self.terms)

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.n_terms + sum(part.width for part in self.dense)

    @property
    def nbytes(self) -> int:
        """Memory of the arrays, in bytes."""
        return sum(part.nbytes for part in self.terms) + sum(part.nbytes for part in self.dense)

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources of all columns; an analyser none of whose terms is left is none of them."""
        return (*(part.analyser for part in self.terms if part.width), *(part.source for part in self.dense))

    def term_columns(self) -> Iterator[tuple[TfidfWeights, slice]]:
        """The blocks of n-grams that have any, and which columns they are."""
        start = 0
        for part in self.terms:
            if part.width:
                yield part, slice(start, start + part.width)
                start += part.width

    def dense_columns(self) -> Iterator[tuple[DenseColumns, slice]]:
        """The dense blocks, and which columns they are."""
        start = self.n_terms
        for part in self.dense:
            yield part, slice(start, start + part.width)
            start += part.width

    def rows(self, inputs: Mapping[str, Any]) -> Rows:
        """The rows of n texts, (n, width): csr float64, or dense float32 where all columns are dense.

        ``inputs`` holds for each source what it gives of the texts: counts, csr (n, terms), or vectors, float32.
        """
        terms = [part.rows(inputs[part.analyser]) for part in self.terms if part.width]
        dense = [part.rows(inputs[part.source]) for part in self.dense]
        if not terms:
            return dense[0] if len(dense) == 1 else np.hstack(dense)
        blocks = [*terms, *(sp.csr_array(block, dtype=np.float64) for block in dense)]
        return blocks[0] if len(blocks) == 1 else sp.csr_array(sp.hstack(blocks, format="csr"))

    def mean(self, others: Sequence[FittedView]) -> FittedView | None:
        """What stands for this and the ``others``, those of the other folds.

        None where a class of its own has nothing that could: its fold models are then deployed side by side.
        """
        return FittedView(
            tuple(part.mean([other.terms[i] for other in others]) for i, part in enumerate(self.terms)),
            tuple(part.mean([other.dense[i] for other in others]) for i, part in enumerate(self.dense)),
        )

    def columns_in(self, whole: FittedView) -> ColumnMap:
        """How the columns of this fold follow from those of ``whole``, the mean of all folds."""
        maps, start = [], 0
        for part, full in zip(self.terms, whole.terms, strict=True):
            place = np.searchsorted(full.columns, part.columns)
            maps.append(ColumnMap(start + place, part.idf, full.idf[place], np.zeros(part.width)))
            start += full.width
        for block, mean in zip(self.dense, whole.dense, strict=True):
            scale, shift = block.scale.astype(np.float64), (mean.center - block.center).astype(np.float64)
            places = start + np.arange(block.width)
            maps.append(ColumnMap(places, scale, mean.scale.astype(np.float64), shift * scale))
            start += mean.width
        return ColumnMap(*(np.concatenate(arrays) for arrays in zip(*maps, strict=True)))
