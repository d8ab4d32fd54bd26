"""The weighed rows of every fold, made once for each recipe and kept for the next trial and theme."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features.counting import Counts
from themetagger.features.recipe import Recipe
from themetagger.features.weighing import Weighing, learn_weighing, weigh

Dense = npt.NDArray[np.float32]
CACHE_BYTES = 600_000_000  # a worker: enough for the recipes that most trials come back to


@dataclass(frozen=True)
class Fold:
    """Training and validation rows of one fold, weighed by what the training rows taught."""

    train_rows: npt.NDArray[np.int64]
    valid_rows: npt.NDArray[np.int64]
    weighing: tuple[Weighing, ...]
    train: sp.csr_array
    valid: sp.csr_array

    @property
    def nbytes(self) -> int:
        """Memory of the two matrices, in bytes."""
        return sum(m.data.nbytes + m.indices.nbytes + m.indptr.nbytes for m in (self.train, self.valid))


@dataclass(frozen=True)
class Reduced:
    """A fold's rows projected on the leading singular vectors: dense float32 (rows, size)."""

    projection: Dense
    train: Dense
    valid: Dense

    @property
    def nbytes(self) -> int:
        """Memory of the arrays, in bytes."""
        return self.projection.nbytes + self.train.nbytes + self.valid.nbytes


Item = TypeVar("Item", Fold, Reduced)


class FoldFeatures:
    """Fold-wise features of one corpus; read-only, so that all themes and trials can share it.

    Parameters
    ----------
    counts : analyser -> Counts of all n texts
    folds : (n,) fold number of each text
    cache_bytes : memory that finished folds may keep, default 600 MB; older ones are made again when asked for
    """

    def __init__(
        self, counts: Mapping[str, Counts], folds: npt.NDArray[np.int64], *, cache_bytes: int = CACHE_BYTES
    ) -> None:
        """Keep the arguments; nothing is weighed before it is asked for."""
        self.counts = counts
        self.folds = folds
        self.n_folds = int(folds.max()) + 1
        self.cache_bytes = cache_bytes
        self._whole: dict[Recipe, tuple[Weighing, ...]] = {}
        self._cache: OrderedDict[tuple[object, ...], Fold | Reduced] = OrderedDict()

    def fold(self, recipe: Recipe, k: int) -> Fold:
        """Rows of fold ``k``, weighed by ``recipe`` as learned from the other folds."""
        key = (recipe, k)
        found = self._cached(key)
        return found if isinstance(found, Fold) else self._keep(key, self._make_fold(recipe, k))

    def reduced(self, recipe: Recipe, k: int, size: int) -> Reduced:
        """Rows of fold ``k`` on the ``size`` leading singular vectors of its training rows (TruncatedSVD, LSA)."""
        key = (recipe, k, size)
        found = self._cached(key)
        return found if isinstance(found, Reduced) else self._keep(key, _reduce(self.fold(recipe, k), size))

    def whole(self, recipe: Recipe) -> tuple[Weighing, ...]:
        """What ``recipe`` learns from all rows, for the model that is deployed."""
        if recipe not in self._whole:
            self._whole[recipe] = learn_weighing(self.counts, recipe)
        return self._whole[recipe]

    def _make_fold(self, recipe: Recipe, k: int) -> Fold:
        train_rows, valid_rows = np.flatnonzero(self.folds != k), np.flatnonzero(self.folds == k)
        parts = learn_weighing(self.counts, recipe, train_rows)
        used = {part.analyser: self.counts[part.analyser].matrix for part in parts}
        train = weigh({name: matrix[train_rows] for name, matrix in used.items()}, parts)
        valid = weigh({name: matrix[valid_rows] for name, matrix in used.items()}, parts)
        return Fold(train_rows, valid_rows, parts, train, valid)

    def _cached(self, key: tuple[object, ...]) -> Fold | Reduced | None:
        if key in self._cache:
            self._cache.move_to_end(key)
        return self._cache.get(key)

    def _keep(self, key: tuple[object, ...], item: Item) -> Item:
        self._cache[key] = item
        while len(self._cache) > 1 and sum(kept.nbytes for kept in self._cache.values()) > self.cache_bytes:
            self._cache.popitem(last=False)
        return item


def _reduce(fold: Fold, size: int) -> Reduced:
    from sklearn.decomposition import TruncatedSVD

    size = min(size, fold.train.shape[1] - 1, fold.train.shape[0] - 1)
    projection = TruncatedSVD(max(1, size), n_iter=3, random_state=0).fit(fold.train).components_.T.astype(np.float32)
    return Reduced(projection, _project(fold.train, projection), _project(fold.valid, projection))


def _project(rows: sp.csr_array, projection: Dense) -> Dense:
    return np.asarray(rows @ projection, dtype=np.float32)
