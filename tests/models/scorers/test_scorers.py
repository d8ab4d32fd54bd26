"""What every kind of model does alike: score rows, refuse bad arrays, become arrays and come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from themetagger.models.scorers import (
    SCORERS,
    KernelScorer,
    LinearScorer,
    Scorer,
    Tree,
    scores,
    stack,
)

LINEAR = LinearScorer(weights=np.array([1.0, -2.0, 0.5]), intercept=0.25)
KERNEL = KernelScorer(
    support=sparse.csr_array(np.array([[1, 0, 0], [0, 2, 0]], dtype=np.float32)),
    dual=np.array([1.0, -0.5]),
    intercept=0.25,
    gamma=0.5,
)
# Column 0 at 0.5, and on the right column 2 at 1.5: leaves 1, 2, 4; then a tree that is one leaf.
BRANCHED = Tree(
    feature=[0, -1, 2, -1, -1],
    threshold=[0.5, 0, 1.5, 0, 0],
    left=[1, -1, 3, -1, -1],
    right=[2, -1, 4, -1, -1],
    value=[0, 1, 0, 2, 4],
)
LONE = Tree(feature=[-1], threshold=[0], left=[-1], right=[-1], value=[0.125])
TREES = stack([BRANCHED, LONE], base=10.0)
EACH_KIND = [LINEAR, KERNEL, TREES]


def _changed(scorer: Scorer, name: str, index: int, value: Any) -> Scorer:
    array = getattr(scorer, name).copy()
    array[index] = value
    return replace(scorer, **{name: array})


def test_weights_of_zero_score_the_intercept() -> None:
    assert scores(LinearScorer(np.zeros(3), -0.5), sparse.csr_array(np.eye(3))).tolist() == [-0.5] * 3


@pytest.mark.parametrize("scorer", EACH_KIND, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array, sparse.csr_matrix])
def test_all_containers_score_alike(scorer: Scorer, container: Callable[[Any], Any]) -> None:
    X = np.random.default_rng(0).random((1100, 3)) * 2  # more rows than two blocks
    np.testing.assert_allclose(scores(scorer, container(X)), scores(scorer, X), rtol=1e-12)
    assert scores(scorer, container(X)).shape == (1100,)


@pytest.mark.parametrize("scorer", EACH_KIND, ids=lambda s: type(s).__name__)
def test_a_row_scores_the_same_alone_and_among_others(scorer: Scorer) -> None:
    X = sparse.csr_array(np.random.default_rng(0).random((600, 3)).round(1))
    alone = [scores(scorer, X[i : i + 1])[0] for i in range(0, 600, 7)]
    assert alone == scores(scorer, X)[::7].tolist()


@pytest.mark.parametrize("scorer", EACH_KIND, ids=lambda s: type(s).__name__)
def test_no_rows_give_no_scores(scorer: Scorer) -> None:
    empty = scores(scorer, sparse.csr_array((0, 3)))
    assert (empty.shape, empty.dtype) == ((0,), np.float64)


@pytest.mark.parametrize("scorer", EACH_KIND, ids=lambda s: type(s).__name__)
def test_too_few_columns_are_refused(scorer: Scorer) -> None:
    with pytest.raises(ValueError, match=r"X has 2 columns, but the scorer needs (at least )?3"):
        scores(scorer, np.zeros((1, 2)))


def test_every_registered_kind_is_among_these() -> None:
    assert [type(scorer) for scorer in EACH_KIND] == list(SCORERS.values())
    assert [type(scorer).kind for scorer in EACH_KIND] == list(SCORERS)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("scorer", EACH_KIND, ids=lambda s: type(s).__name__)
def test_a_model_comes_back_from_its_arrays(scorer: Scorer, exact: bool) -> None:
    entries = scorer.to_arrays(exact=exact)
    assert all(isinstance(entry, np.ndarray | int | float) for entry in entries.values())  # texts are names in files
    again = type(scorer).from_arrays(entries, 3, exact=exact)
    again.check(3)
    X = np.random.default_rng(0).random((50, 3))
    assert scores(again, X).tobytes() == scores(scorer, X).tobytes()


@pytest.mark.parametrize("scorer", EACH_KIND, ids=lambda s: type(s).__name__)
def test_the_width_is_the_least_number_of_columns(scorer: Scorer) -> None:
    assert scorer.width == 3
    assert scorer.cost(1_000) >= scorer.cost(0) > 0


@pytest.mark.parametrize("scorer", EACH_KIND, ids=lambda s: type(s).__name__)
def test_sound_arrays_pass(scorer: Scorer) -> None:
    scorer.check(3)


def _support(**arrays: Any) -> sparse.csr_array:
    """A support whose arrays were tampered with after SciPy had looked at them."""
    support = KERNEL.support.copy()
    for name, array in arrays.items():
        setattr(support, name, np.asarray(array, dtype=getattr(support, name).dtype))
    return support


BAD = {
    "linear: other width": (replace(LINEAR, weights=np.zeros(2)), r"weights has 2 entries, expected 3"),
    "linear: 2-d": (replace(LINEAR, weights=np.zeros((3, 1))), r"weights is 2-d float64"),
    "linear: float16": (replace(LINEAR, weights=np.zeros(3, np.float16)), r"weights is 1-d float16"),
    "linear: a list": (replace(LINEAR, weights=[0.0, 0.0, 0.0]), r"weights is list"),  # type: ignore[arg-type]
    "linear: NaN": (_changed(LINEAR, "weights", 1, np.nan), r"weights\[1\] is nan"),
    "linear: infinite intercept": (replace(LINEAR, intercept=np.inf), r"intercept is inf"),
    "linear: intercept in words": (replace(LINEAR, intercept="0"), r"intercept is '0'"),  # type: ignore[arg-type]
    "kernel: other width": (replace(KERNEL, support=KERNEL.support[:, :2]), r"support has 2 columns"),
    "kernel: dense": (replace(KERNEL, support=KERNEL.support.toarray()), r"support must be a CSR array"),
    "kernel: float64": (replace(KERNEL, support=KERNEL.support.astype(float)), r"CSR array of float32"),
    "kernel: column out of range": (replace(KERNEL, support=_support(indices=[0, 7])), r"no valid CSR array"),
    "kernel: negative column": (replace(KERNEL, support=_support(indices=[0, -1])), r"no valid CSR array"),
    "kernel: rows out of order": (replace(KERNEL, support=_support(indptr=[0, 9, 2])), r"no valid CSR array"),
    "kernel: infinite value": (replace(KERNEL, support=_support(data=[1, np.inf])), r"data\[1\] is inf"),
    "kernel: dual too short": (replace(KERNEL, dual=np.zeros(1)), r"dual has 1 entries, expected 2"),
    "kernel: dual NaN": (_changed(KERNEL, "dual", 0, np.nan), r"dual\[0\] is nan"),
    "kernel: gamma zero": (replace(KERNEL, gamma=0.0), r"gamma is 0.0, expected a number above 0"),
    "kernel: gamma NaN": (replace(KERNEL, gamma=np.nan), r"gamma is nan"),
    "trees: root out of range": (_changed(TREES, "roots", 1, 6), r"roots\[1\] is 6"),
    "trees: negative root": (_changed(TREES, "roots", 0, -1), r"roots\[0\] is -1"),
    "trees: column out of range": (_changed(TREES, "feature", 2, 3), r"feature\[2\] is 3"),
    "trees: negative column": (_changed(TREES, "feature", 0, -2), r"feature\[0\] is -2"),
    "trees: child out of range": (_changed(TREES, "right", 2, 6), r"right\[2\] is 6, expected 3 or more"),
    "trees: child is its parent": (_changed(TREES, "left", 2, 2), r"left\[2\] is 2, expected 3 or more"),
    "trees: circle": (_changed(TREES, "right", 2, 0), r"right\[2\] is 0"),
    "trees: a split without child": (_changed(TREES, "left", 0, -1), r"left\[0\] is -1"),
    "trees: threshold NaN": (_changed(TREES, "threshold", 0, np.nan), r"threshold\[0\] is nan"),
    "trees: value infinite": (_changed(TREES, "value", 1, np.inf), r"value\[1\] is inf"),
    "trees: base NaN": (replace(TREES, base=np.nan), r"base is nan"),
    "trees: other length": (replace(TREES, value=np.zeros(5)), r"value has 5 entries, expected 6"),
    "trees: int64": (replace(TREES, left=TREES.left.astype(np.int64)), r"left is 1-d int64"),  # type: ignore[arg-type]
    "trees: float64 threshold": (replace(TREES, threshold=np.zeros(6)), r"threshold is 1-d float64"),
    "trees: 2-d roots": (replace(TREES, roots=TREES.roots[:, np.newaxis]), r"roots is 2-d int32"),
}


@pytest.mark.parametrize(("scorer", "message"), BAD.values(), ids=BAD.keys())
def test_bad_arrays_are_refused_by_name(scorer: Scorer, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scorer.check(3)
