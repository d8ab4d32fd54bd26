"""Ridge by steps: with many of them ridge, and for each theme the same numbers in any company."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import Ridge

from themetagger.models.families import FAMILIES, fit
from themetagger.models.families.ridge_steps import ridge_by_steps


@pytest.fixture
def rows():
    draw = np.random.default_rng(0)
    return sp.random_array((60, 25), density=0.2, rng=draw, format="csr"), draw.integers(0, 2, (60, 3))


def test_many_steps_give_ridge(rows):
    X, Y = rows
    solved = ridge_by_steps(X, Y, alpha=0.5, steps=40)
    exact = Ridge(alpha=0.5).fit(X.toarray(), 2.0 * Y - 1.0)
    np.testing.assert_allclose(solved.weights, exact.coef_.T, atol=1e-4)
    np.testing.assert_allclose(solved.intercepts, exact.intercept_, atol=1e-4)


def test_a_theme_has_the_same_numbers_alone_and_in_company(rows):
    X, Y = rows
    together = ridge_by_steps(X, Y, alpha=0.5, steps=3)
    for j in range(Y.shape[1]):
        alone = fit(FAMILIES["ridge"], {"alpha": 0.5, "class_weight": None, "steps": 3}, X, Y[:, j], seed=0)
        assert (alone.weights == together.weights[:, j]).all()
        assert alone.intercept == together.intercepts[j]


def test_a_theme_that_all_rows_have_is_solved_at_once(rows):
    X, Y = rows
    Y[:, 0] = 1
    solved = ridge_by_steps(X, Y, alpha=0.5, steps=3)
    assert not solved.weights[:, 0].any()
    assert solved.intercepts[0] == 1
