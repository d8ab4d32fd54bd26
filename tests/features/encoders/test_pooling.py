"""Pooling of the vectors of tokens: each mode, and that the filling of short texts has no part."""

from __future__ import annotations

import numpy as np
import pytest

from themetagger.features.encoders.pooling import MODES, pooled

VECTORS = np.array([[[1, 4], [3, -2], [5, 1]], [[2, 6], [90, 90], [90, 90]]], dtype=np.float32)
MASK = np.array([[1, 1, 1], [1, 0, 0]])
EXPECTED = {
    "cls": [[1, 4], [2, 6]],
    "max": [[5, 4], [2, 6]],
    "mean": [[3, 1], [2, 6]],
    "mean_sqrt_len_tokens": [[9 / 3**0.5, 3 / 3**0.5], [2, 6]],
    "weightedmean": [[(1 + 6 + 15) / 6, (4 - 4 + 3) / 6], [2, 6]],
    "lasttoken": [[5, 1], [2, 6]],
}


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_gives_what_it_says(mode: str) -> None:
    found = pooled([mode], VECTORS, MASK)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, EXPECTED[mode], rtol=1e-6)


def test_several_modes_stand_side_by_side() -> None:
    assert pooled(["max", "cls"], VECTORS, MASK).tolist() == [[5, 4, 1, 4], [2, 6, 2, 6]]


@pytest.mark.parametrize("mode", MODES)
def test_a_text_without_a_token_gets_finite_numbers(mode: str) -> None:
    assert np.isfinite(pooled([mode], VECTORS, np.zeros((2, 3)))).all()
