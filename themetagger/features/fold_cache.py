"""The rows of every fold, made once for each view and remembered for the next trial and theme."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from themetagger.features.inputs import Inputs, TrainingRows
from themetagger.features.view import FittedView, Rows, View

InputOf = Callable[[str, str, npt.NDArray[np.int64]], Any]
Dense = npt.NDArray[np.float32]
CACHE_BYTES = 500_000_000  # a worker: enough for the views that most trials come back to


class Fold:
    """Training and validation rows of one fold, as the fitted view gives them, when they are asked for.

    Attributes
    ----------
    train_rows, valid_rows : numbers of the rows on either side
    fitted : what the view learned from the training rows
    """

    def __init__(
        self,
        input_of: InputOf,
        train_rows: npt.NDArray[np.int64],
        valid_rows: npt.NDArray[np.int64],
        fitted: FittedView,
    ) -> None:
        """Keep the rows of either side; ``input_of(source, side, rows)`` gives what a source says of them."""
        self.train_rows, self.valid_rows, self.fitted = train_rows, valid_rows, fitted
        self._input_of = input_of
        self._made: dict[str, Rows] = {}
        self._part: npt.NDArray[np.int64] | None = None

    @property
    def train(self) -> Rows:
        """All training rows, csr float64, or dense float32 where the view has dense columns only; made once."""
        return self._once("train", self.train_rows)

    @property
    def valid(self) -> Rows:
        """All validation rows; made once."""
        return self._once("valid", self.valid_rows)

    def train_part(self, numbers: npt.NDArray[np.int64]) -> Rows:
        """The training rows of these ``numbers`` (among the training rows); the last ones asked for are remembered."""
        if self._part is None or not np.array_equal(self._part, numbers):
            self._made.pop("part", None)
        self._part = numbers
        if "train" in self._made and "part" not in self._made:  # rows are weighted one by one: the same numbers, sooner
            self._made["part"] = self._made["train"][numbers]
        return self._once("part", self.train_rows[numbers])

    @property
    def nbytes(self) -> int:
        """Memory of the rows made so far, in bytes."""
        return sum(map(_nbytes, self._made.values()))

    def _once(self, side: str, rows: npt.NDArray[np.int64]) -> Rows:
        if side not in self._made:
            inputs = {source: self._input_of(source, side, rows) for source in self.fitted.sources}
            self._made[side] = self.fitted.rows(inputs)
        return self._made[side]


def _nbytes(rows: Rows) -> int:
    if sp.issparse(rows):
        return int(rows.data.nbytes + rows.indices.nbytes + rows.indptr.nbytes)
    return int(rows.nbytes)


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
    inputs : what each source gives of all n texts: the term counts of an analyser, the vectors of a text encoder
    folds : (n,) fold number of each text
    cache_bytes : memory that finished folds may keep, default 500 MB; older ones are made again when asked for
    """

    def __init__(self, inputs: Inputs, folds: npt.NDArray[np.int64], *, cache_bytes: int = CACHE_BYTES) -> None:
        """Keep the arguments; nothing is weighted before it is asked for."""
        self.inputs = inputs
        self.folds = folds
        self.n_folds = int(folds.max()) + 1
        self.cache_bytes = cache_bytes
        self._whole: dict[View, FittedView | None] = {}
        self._slices: dict[tuple[int, str, str], tuple[npt.NDArray[np.int64], Any]] = {}
        self._training: dict[int, TrainingRows] = {}
        self._cache: OrderedDict[tuple[object, ...], Fold | Reduced] = OrderedDict()

    def fold(self, view: View, k: int) -> Fold:
        """Rows of fold ``k``, as ``view`` gives them, learned from the other folds."""
        key = (view, k)
        known = self._cached(key)
        return known if isinstance(known, Fold) else self._keep(key, self._make_fold(view, k))

    def reduced(self, view: View, k: int, size: int) -> Reduced:
        """Rows of fold ``k`` on the ``size`` leading singular vectors of its training rows (TruncatedSVD, LSA)."""
        key = (view, k, size)
        known = self._cached(key)
        return known if isinstance(known, Reduced) else self._keep(key, _reduce(self.fold(view, k), size))

    def whole(self, view: View) -> FittedView | None:
        """The mean of what ``view`` learns in the folds, for the merged model that is deployed; None without one."""
        if view not in self._whole:
            first, *others = self.fitted(view)
            self._whole[view] = first.mean(others)
        return self._whole[view]

    def fitted(self, view: View) -> list[FittedView]:
        """What ``view`` learns in each fold."""
        return [self.fold(view, k).fitted for k in range(self.n_folds)]

    def _make_fold(self, view: View, k: int) -> Fold:
        train_rows, valid_rows = np.flatnonzero(self.folds != k), np.flatnonzero(self.folds == k)
        if k not in self._training:  # for all views, so that terms are counted once
            self._training[k] = TrainingRows(self.inputs, train_rows)
        return Fold(partial(self._input_of, k), train_rows, valid_rows, view.fit(self._training[k]))

    def _input_of(self, k: int, source: str, side: str, rows: npt.NDArray[np.int64]) -> Any:
        """What a source says of some rows of fold ``k``; the last ones asked for on each side serve all views."""
        key = (k, source, side)
        if key not in self._slices or not np.array_equal(self._slices[key][0], rows):
            self._slices[key] = (rows, self.inputs[source].matrix[rows])
        return self._slices[key][1]

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
        while len(self._cache) > 1 and sum(item.nbytes for item in self._cache.values()) > self.cache_bytes:
            self._cache.popitem(last=False)


def _reduce(fold: Fold, size: int) -> Reduced:
    from sklearn.decomposition import TruncatedSVD

    size = min(size, fold.train.shape[1] - 1, fold.train.shape[0] - 1)
    projection = TruncatedSVD(max(1, size), n_iter=2, random_state=0).fit(fold.train).components_.T.astype(np.float32)
    return Reduced(projection)
