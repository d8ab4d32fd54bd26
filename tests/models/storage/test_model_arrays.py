"""Models of every kind go into a manifest entry and arrays and come back; an entry that does not fit is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from themetagger.models.ensemble import ReducedModel
from themetagger.models.scorers import LinearScorer, Tree, stack
from themetagger.models.storage.model_arrays import MOST_REDUCED, Store, pack_model, unpack_model

WEIGHTS = LinearScorer(np.array([0.1, 0.0, 0.0, 0.0, 0.3]), 0.5)
STUMP = stack([Tree([1, -1, -1], [0.5, 0, 0], [1, -1, -1], [2, -1, -1], [0, -1, 1])], base=0.0)
COLUMNS = np.array([0, 3], dtype=np.int32)


def test_equal_arrays_are_stored_once() -> None:
    store = Store()
    names = [store.put(array) for array in (COLUMNS, COLUMNS.copy(), COLUMNS.astype(np.int64), COLUMNS[:1])]
    assert names == ["a0", "a0", "a1", "a2"]
    assert list(store.arrays) == ["a0", "a1", "a2"]


@pytest.mark.parametrize("exact", [True, False])
def test_sparse_weights_are_stored_by_index_and_rounded_unless_exact(exact: bool) -> None:
    store = Store()
    entry = pack_model(ReducedModel(WEIGHTS), store, exact=exact)
    assert entry["scorer"] == {"kind": "linear", "intercept": 0.5, "size": 5, "index": "a0", "weights": "a1"}
    again = unpack_model(entry, store.arrays, 5, exact=exact).scorer
    assert isinstance(again, LinearScorer)
    dtype = np.float64 if exact else np.float32
    assert again.weights.dtype == dtype
    assert again.weights.tolist() == WEIGHTS.weights.astype(dtype).tolist()


def test_a_reduction_comes_back_with_its_model() -> None:
    store = Store()
    model = unpack_model(pack_model(ReducedModel(STUMP, COLUMNS), store), store.arrays, 4)
    assert model.reduction is not None
    assert model.reduction.tolist() == [0, 3]
    assert model.width == 4


REFUSED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "unknown kind": (None, {"kind": "oracle"}, "a scorer of kind 'oracle' is unknown"),
    "no array": (None, {"roots": "a99"}, "roots of a model is 'a99', which is no array of the file"),
    "columns that fall": (COLUMNS[::-1], {}, "not in ascending order"),
    "a column too many": (COLUMNS + 1, {}, "not in ascending order within the features"),
    "columns of another type": (COLUMNS.astype(np.int64), {}, "do not fit the features"),
    "projection of other features": (np.ones((3, 2), np.float32), {}, "do not fit the features"),
    "projection of nan": (np.full((4, 2), np.nan, np.float32), {}, "a number in it is not finite"),
    "very wide": (
        np.zeros((4, MOST_REDUCED + 1), np.float32),
        {},
        "reduced to 10,001 columns, expected at most 10,000",
    ),
    "columns that the trees lack": (COLUMNS[:1], {}, r"TreeScorer\.feature\[0\] is 1, expected -1 or more and less"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_an_entry_that_does_not_fit_is_refused(name: str) -> None:
    reduction, changes, message = REFUSED[name]
    store = Store()
    entry = pack_model(ReducedModel(STUMP, COLUMNS if reduction is None else reduction), store)
    entry["scorer"] |= changes
    with pytest.raises(ValueError, match=message):
        unpack_model(entry, store.arrays, 4)
