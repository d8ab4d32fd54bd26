"""The weighed rows of every fold, made once for each recipe and kept for the next trial and theme."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features.ngrams.counting import TermCounts
from themetagger.features.tfidf import (
    TfidfConfig,
    TfidfWeights,
    document_frequencies,
    learn_weights,
    mean_weights,
    weigh,
)

Counted = Callable[[str, str, npt.NDArray[np.int64]], sp.csr_array]
Dense = npt.NDArray[np.float32]
CACHE_BYTES = 300_000_000  # a worker: enough for the recipes that most trials come back to


class Fold:
    """Training and validation rows of one fold, weighed by what the training rows taught, when they are asked for.

    Attributes
    ----------
    train_rows, valid_rows : numbers of the rows on either side
    weighing : what the training rows taught
    """

    def __init__(
        self,
        counted: Counted,
        train_rows: npt.NDArray[np.int64],
        valid_rows: npt.NDArray[np.int64],
        weighing: tuple[TfidfWeights, ...],
    ) -> None:
        """Keep the rows of either side; ``counted(analyser, side, rows)`` gives their counts."""
        self.train_rows, self.valid_rows, self.weighing = train_rows, valid_rows, weighing
        self._counted = counted
        self._made: dict[str, sp.csr_array] = {}
        self._kept: npt.NDArray[np.int64] | None = None

    @property
    def train(self) -> sp.csr_array:
        """All training rows, csr float64; made once."""
        return self._once("train", self.train_rows)

    @property
    def valid(self) -> sp.csr_array:
        """All validation rows, csr float64; made once."""
        return self._once("valid", self.valid_rows)

    def train_part(self, kept: npt.NDArray[np.int64]) -> sp.csr_array:
        """The training rows numbered ``kept`` (among the training rows); the last ones asked for are remembered."""
        if self._kept is None or not np.array_equal(self._kept, kept):
            self._made.pop("part", None)
        self._kept = kept
        if "train" in self._made and "part" not in self._made:  # rows are weighed one by one: the same numbers, sooner
            self._made["part"] = self._made["train"][kept]
        return self._once("part", self.train_rows[kept])

    @property
    def nbytes(self) -> int:
        """Memory of the rows made so far, in bytes."""
        return sum(m.data.nbytes + m.indices.nbytes + m.indptr.nbytes for m in self._made.values())

    def _once(self, side: str, rows: npt.NDArray[np.int64]) -> sp.csr_array:
        if side not in self._made:
            counts = {part.analyser: self._counted(part.analyser, side, rows) for part in self.weighing}
            self._made[side] = weigh(counts, self.weighing)
        return self._made[side]


@dataclass(frozen=True)
class Reduced:
    """A fold's rows projected on the leading singular vectors: dense float32 (rows, size)."""

    projection: Dense

    @property
    def nbytes(self) -> int:
        """Memory of the arrays, in bytes."""
        return self.projection.nbytes


Item = TypeVar("Item", Fold, Reduced)


class FoldFeatures:
    """Fold-wise features of one corpus; read-only, so that all themes and trials can share it.

    Parameters
    ----------
    counts : analyser -> Counts of all n texts
    folds : (n,) fold number of each text
    cache_bytes : memory that finished folds may keep, default 300 MB; older ones are made again when asked for
    """

    def __init__(
        self, counts: Mapping[str, TermCounts], folds: npt.NDArray[np.int64], *, cache_bytes: int = CACHE_BYTES
    ) -> None:
        """Keep the arguments; nothing is weighed before it is asked for."""
        self.counts = counts
        self.folds = folds
        self.n_folds = int(folds.max()) + 1
        self.cache_bytes = cache_bytes
        self._whole: dict[TfidfConfig, tuple[TfidfWeights, ...]] = {}
        self._slices: dict[tuple[int, str, str], tuple[npt.NDArray[np.int64], sp.csr_array]] = {}
        self._all_frequencies: dict[str, npt.NDArray[np.int64]] = {}
        self._document_frequencies: dict[int, dict[str, npt.NDArray[np.int64]]] = {}
        self._cache: OrderedDict[tuple[object, ...], Fold | Reduced] = OrderedDict()

    def fold(self, recipe: TfidfConfig, k: int) -> Fold:
        """Rows of fold ``k``, weighed by ``recipe`` as learned from the other folds."""
        key = (recipe, k)
        found = self._cached(key)
        return found if isinstance(found, Fold) else self._keep(key, self._make_fold(recipe, k))

    def reduced(self, recipe: TfidfConfig, k: int, size: int) -> Reduced:
        """Rows of fold ``k`` on the ``size`` leading singular vectors of its training rows (TruncatedSVD, LSA)."""
        key = (recipe, k, size)
        found = self._cached(key)
        return found if isinstance(found, Reduced) else self._keep(key, _reduce(self.fold(recipe, k), size))

    def whole(self, recipe: TfidfConfig) -> tuple[TfidfWeights, ...]:
        """The mean of what ``recipe`` learns in the folds, for the merged model that is deployed."""
        if recipe not in self._whole:
            self._whole[recipe] = mean_weights([self.fold(recipe, k).weighing for k in range(self.n_folds)])
        return self._whole[recipe]

    def _make_fold(self, recipe: TfidfConfig, k: int) -> Fold:
        train_rows, valid_rows = np.flatnonzero(self.folds != k), np.flatnonzero(self.folds == k)
        parts = learn_weights(self.counts, recipe, train_rows, frequencies=self._frequencies(k, valid_rows))
        return Fold(partial(self._counted, k), train_rows, valid_rows, parts)

    def _counted(self, k: int, analyser: str, side: str, rows: npt.NDArray[np.int64]) -> sp.csr_array:
        """Counts of some rows of fold ``k``; the last ones asked for on each side serve all recipes."""
        key = (k, analyser, side)
        if key not in self._slices or not np.array_equal(self._slices[key][0], rows):
            self._slices[key] = (rows, self.counts[analyser].matrix[rows])
        return self._slices[key][1]

    def _frequencies(self, k: int, valid_rows: npt.NDArray[np.int64]) -> dict[str, npt.NDArray[np.int64]]:
        """In how many training rows of fold ``k`` each term occurs, counted once for all recipes.

        They are what the validation rows leave of all rows, so that the many training rows are not copied.
        """
        if not self._all_frequencies:
            self._all_frequencies = {name: document_frequencies(counts) for name, counts in self.counts.items()}
        if k not in self._document_frequencies:
            self._document_frequencies[k] = {
                name: self._all_frequencies[name] - document_frequencies(counts, valid_rows)
                for name, counts in self.counts.items()
            }
        return self._document_frequencies[k]

    def _cached(self, key: tuple[object, ...]) -> Fold | Reduced | None:
        if key in self._cache:
            self._cache.move_to_end(key)
        self._trim()
        return self._cache.get(key)

    def _keep(self, key: tuple[object, ...], item: Item) -> Item:
        self._cache[key] = item
        self._trim()
        return item

    def _trim(self) -> None:
        """Let go of what has not been asked for the longest."""
        while len(self._cache) > 1 and sum(kept.nbytes for kept in self._cache.values()) > self.cache_bytes:
            self._cache.popitem(last=False)


def _reduce(fold: Fold, size: int) -> Reduced:
    from sklearn.decomposition import TruncatedSVD

    size = min(size, fold.train.shape[1] - 1, fold.train.shape[0] - 1)
    projection = TruncatedSVD(max(1, size), n_iter=2, random_state=0).fit(fold.train).components_.T.astype(np.float32)
    return Reduced(projection)
