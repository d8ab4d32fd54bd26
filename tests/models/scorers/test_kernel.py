"""Kernel machines as plain arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from themetagger.models.scorers import KernelScorer, rbf_kernel, scores
from themetagger.models.scorers.kernel import MOST_SUPPORT

KERNEL = KernelScorer(
    support=sparse.csr_array(np.array([[1, 0, 0], [0, 2, 0]], dtype=np.float32)),
    dual=np.array([1.0, -0.5]),
    intercept=0.25,
    gamma=0.5,
)


def test_the_kernel_is_the_gaussian_of_the_distance() -> None:
    A, B = np.array([[1.0, 2.0], [0.0, 0.5]]), np.array([[0.0, 1.0], [3.0, 0.0], [1.0, 2.0]])
    distances = ((A[:, np.newaxis] - B) ** 2).sum(axis=2)
    for a, b in [(A, B), (sparse.csr_array(A), sparse.csr_array(B)), (A, sparse.csr_array(B))]:
        np.testing.assert_allclose(rbf_kernel(a, b, gamma=0.7), np.exp(-0.7 * distances), rtol=1e-12)


def test_a_kernel_score_is_the_weighted_sum_of_similarities() -> None:
    expected = 1.0 * np.exp(-0.5 * 1.0) - 0.5 * np.exp(-0.5 * 4.0) + 0.25
    assert scores(KERNEL, np.zeros((1, 3)))[0] == pytest.approx(expected, rel=1e-12)


def test_more_support_than_any_model_has_is_refused() -> None:
    support = sparse.csr_array((MOST_SUPPORT + 1, 3), dtype=np.float32)
    with pytest.raises(ValueError, match=r"support has 20,001 rows, expected at most 20,000"):
        replace(KERNEL, support=support, dual=np.zeros(MOST_SUPPORT + 1)).check(3)
