"""What is computed of each text by itself, before anything is learned: term counts and vectors, by their source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


Inputs = Mapping[str, Any]  # source -> TermCounts of an analyser, or Vectors of a text encoder


@dataclass(frozen=True)
class Vectors:
    """Vectors of n texts by one text encoder: ``matrix`` float32 (n, width).

    With ``standardise`` its columns have units of their own, and are brought to mean 0 and standard deviation 1.
    """

    matrix: npt.NDArray[np.float32]
    standardise: bool = False

    @property
    def nbytes(self) -> int:
        """Memory of the array, in bytes."""
        return self.matrix.nbytes

    def without_terms(self) -> Vectors:
        """The same: vectors have no terms."""
        return self


class TrainingRows:
    """The texts that a view learns from: some rows of a corpus.

    Parameters
    ----------
    inputs : what each source gives of all n texts
    rows : numbers of those to learn from, default all

    Examples
    --------
    >>> training = TrainingRows({"shape": Vectors(np.ones((3, 2), dtype=np.float32))}, np.array([0, 2]))
    >>> len(training), training.vectors("shape").shape
    (2, (2, 2))
    """

    def __init__(self, inputs: Inputs, rows: Ints | None = None) -> None:
        """Keep the arguments; nothing is counted before it is asked for."""
        self.inputs = inputs
        self._rows = rows
        self._frequencies: dict[str, Ints] = {}

    def __len__(self) -> int:
        """Number of texts to learn from."""
        return self._n if self._rows is None else len(self._rows)

    @property
    def _n(self) -> int:
        return int(next(iter(self.inputs.values())).matrix.shape[0])

    @cached_property
    def _others(self) -> Ints:
        return np.setdiff1d(np.arange(self._n), [] if self._rows is None else self._rows)

    def vectors(self, source: str) -> npt.NDArray[np.float32]:
        """The vectors of these texts, float32 (rows, width)."""
        matrix: npt.NDArray[np.float32] = self.inputs[source].matrix
        return matrix if self._rows is None else matrix[self._rows]

    def document_frequencies(self, source: str) -> Ints:
        """In how many of these texts each term of an analyser occurs, (terms,); counted once for all views.

        They are what the other texts leave of all, so that the many training rows are not copied.
        """
        if source not in self._frequencies:
            counts = self.inputs[source]
            frequencies = counts.document_frequencies
            if self._rows is not None:
                others = counts.matrix[self._others]
                frequencies = frequencies - np.bincount(others.indices, minlength=others.shape[1])
            self._frequencies[source] = frequencies
        return self._frequencies[source]
