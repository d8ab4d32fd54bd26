"""Claims about fitted models as plain arrays: what they score, and which arrays are refused."""

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
    TreeScorer,
    just_below,
    not_above,
    rbf_kernel,
    scores,
    stack,
    tree_traversal,
)
from themetagger.models.scorers.kernel import MOST_SUPPORT
from themetagger.models.scorers.trees import DEEPEST, MOST_TREES, depth

INF = np.float32(np.inf)

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


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([0.5, 0, 9], 11.125),  # a tie goes left
        ([np.nextafter(np.float32(0.5), INF), 0, 1.5], 12.125),
        ([0.6, 0, 1.6], 14.125),
        ([-1, 0, 0], 11.125),
    ],
)
def test_a_row_goes_left_up_to_and_including_the_threshold(row: list[float], expected: float) -> None:
    assert scores(TREES, np.array([row])).tolist() == [expected]


def test_a_row_is_compared_as_float32() -> None:
    just_above_in_float64 = 0.5 + 1e-12
    assert scores(TREES, np.array([[just_above_in_float64, 0, 0]])).tolist() == [11.125]


def test_stacked_trees_keep_their_own_children() -> None:
    twice = stack([LONE, BRANCHED, BRANCHED], base=0.0)
    assert twice.roots.tolist() == [0, 1, 6]
    assert twice.left.tolist() == [-1, 2, -1, 4, -1, -1, 7, -1, 9, -1, -1]
    assert scores(twice, np.array([[0.6, 0, 1.6]])).tolist() == [8.125]


def test_no_trees_score_the_base() -> None:
    nothing = stack([], base=3.0)
    nothing.check(2)
    assert scores(nothing, np.zeros((2, 2))).tolist() == [3.0, 3.0]


def test_weights_of_zero_score_the_intercept() -> None:
    assert scores(LinearScorer(np.zeros(3), -0.5), sparse.csr_array(np.eye(3))).tolist() == [-0.5] * 3


def test_the_kernel_is_the_gaussian_of_the_distance() -> None:
    A, B = np.array([[1.0, 2.0], [0.0, 0.5]]), np.array([[0.0, 1.0], [3.0, 0.0], [1.0, 2.0]])
    distances = ((A[:, np.newaxis] - B) ** 2).sum(axis=2)
    for a, b in [(A, B), (sparse.csr_array(A), sparse.csr_array(B)), (A, sparse.csr_array(B))]:
        np.testing.assert_allclose(rbf_kernel(a, b, gamma=0.7), np.exp(-0.7 * distances), rtol=1e-12)


def test_a_kernel_score_is_the_weighted_sum_of_similarities() -> None:
    expected = 1.0 * np.exp(-0.5 * 1.0) - 0.5 * np.exp(-0.5 * 4.0) + 0.25
    assert scores(KERNEL, np.zeros((1, 3)))[0] == pytest.approx(expected, rel=1e-12)


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


def test_split_counts_are_the_nodes_that_ask_for_each_column() -> None:
    assert TREES.split_counts.tolist() == [1, 0, 1]
    assert LINEAR.split_counts is None


@pytest.mark.parametrize("threshold", [0.1, 0.3, -0.1, 1e-35, -1e-35, 0.0, 1 / 3, 16777217.0])
def test_not_above_splits_float32_values_where_float64_would(threshold: float) -> None:
    cut = not_above([threshold])[0]
    around = [cut, np.nextafter(cut, INF), np.nextafter(cut, -INF), np.float32(0), np.float32(1)]
    assert [bool(x <= cut) for x in around] == [float(x) <= threshold for x in around]


def test_a_threshold_beyond_float32_becomes_the_end_of_its_range() -> None:
    end = np.finfo(np.float32).max
    assert not_above([1e300, -1e300]).tolist() == [end, -end]


@pytest.mark.parametrize("threshold", [0.1, -0.1, 0.0, 1e-38, 16777216.0])
def test_just_below_turns_strictly_less_into_at_most(threshold: float) -> None:
    strict = np.float32(threshold)
    around = [strict, np.nextafter(strict, INF), np.nextafter(strict, -INF), np.float32(0)]
    cut = just_below([strict])[0]
    assert [bool(x <= cut) for x in around] == [bool(x < strict) for x in around]


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


def test_fewer_columns_than_the_trees_split_on_are_refused() -> None:
    assert isinstance(TREES, TreeScorer)
    with pytest.raises(ValueError, match=r"feature\[2\] is 2, expected -1 or more and less than 2"):
        TREES.check(2)


def grown(draw: np.random.Generator, features: int, depth: int) -> Tree:
    """A tree of random splits; thresholds also below zero."""
    columns: dict[str, list[float]] = {name: [] for name in Tree._fields}

    def grow(left: int) -> int:
        place = len(columns["feature"])
        leaf = left == 0 or draw.random() < 0.15
        row = [
            -1 if leaf else int(draw.integers(features)),
            draw.choice([-0.2, -0.0, 0.0, 0.1, 0.3, 0.5]),
            -1,
            -1,
            draw.normal(),
        ]
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
        if not leaf:
            columns["left"][place], columns["right"][place] = grow(left - 1), grow(left - 1)
        return place

    grow(depth)
    return Tree(**columns)


def walked(tree: Tree, row: np.ndarray) -> float:
    node = 0
    while tree.feature[node] != -1:  # type: ignore[index]
        goes_left = row[tree.feature[node]] <= np.float32(tree.threshold[node])  # type: ignore[index]
        node = (tree.left if goes_left else tree.right)[node]  # type: ignore[index]
    return float(tree.value[node])  # type: ignore[index]


@pytest.mark.parametrize("filled", [0.0, 0.02, 0.1, 0.19, 0.5, 1.0])
@pytest.mark.parametrize("lowest", [0.0, -1.0], ids=["nowhere below zero", "below zero too"])
@pytest.mark.parametrize("depth", [0, 1, 6])
@pytest.mark.parametrize(("block", "few"), [(512, 25), (7, 2), (512, 0)], ids=["together", "in blocks", "all trees"])
def test_rows_end_in_the_leaves_to_which_every_step_leads(
    filled: float, lowest: float, depth: int, block: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree_traversal, "BLOCK", block)
    monkeypatch.setattr(tree_traversal, "FEW_CELLS", few)
    draw = np.random.default_rng(0)
    trees = [grown(draw, 12, depth) for _ in range(9)]
    X = (draw.choice([lowest, 0.05, 0.1, 0.3, 0.4, 0.9], (70, 15)) * (draw.random((70, 15)) < filled)).astype(
        np.float32
    )
    expected = [[walked(tree, row) for tree in trees] for row in X]
    scorer = stack(trees, base=0.5)
    found = scores(scorer, X)
    np.testing.assert_array_equal(found, np.array(expected).sum(axis=1) + 0.5)
    np.testing.assert_array_equal(scores(scorer, X[::-1]), found[::-1])
    np.testing.assert_array_equal(found, [scores(stack(trees, base=0.5), X[i : i + 1])[0] for i in range(len(X))])


def chain(levels: int) -> TreeScorer:
    """One tree, each of whose inner nodes has a leaf on its right."""
    inner = np.arange(2 * levels + 1) % 2 == 0
    inner[-1] = False
    nodes = np.arange(2 * levels + 1)
    sides = {"left": np.where(inner, nodes + 2, -1), "right": np.where(inner, nodes + 1, -1)}
    return stack([Tree(np.where(inner, 0, -1), np.zeros(len(nodes)), value=np.ones(len(nodes)), **sides)], base=0.0)


@pytest.mark.parametrize("levels", [0, 1, 7, DEEPEST])
def test_depth_counts_the_levels_below_the_root(levels: int) -> None:
    assert depth(chain(levels)) == levels
    chain(levels).check(1)


def test_trees_without_end_are_refused() -> None:
    """Each level costs a step for all rows, and a chain of a million would take minutes."""
    with pytest.raises(ValueError, match=r"TreeScorer has 3,001 levels, expected at most 3,000"):
        chain(100_000).check(1)


def test_more_trees_and_more_support_than_any_model_has_are_refused() -> None:
    leaf = Tree(feature=[-1], threshold=[0], left=[-1], right=[-1], value=[1.0])
    stack([leaf] * MOST_TREES, base=0.0).check(1)
    with pytest.raises(ValueError, match=r"roots has 10,001 trees, expected at most 10,000"):
        stack([leaf] * (MOST_TREES + 1), base=0.0).check(1)
    support = sparse.csr_array((MOST_SUPPORT + 1, 3), dtype=np.float32)
    with pytest.raises(ValueError, match=r"support has 20,001 rows, expected at most 20,000"):
        replace(KERNEL, support=support, dual=np.zeros(MOST_SUPPORT + 1)).check(3)


def test_a_row_passes_over_the_trees_that_ask_for_none_of_its_columns() -> None:
    stump = Tree(feature=[9_999, -1, -1], threshold=[0.5, 0, 0], left=[1, -1, -1], right=[2, -1, -1], value=[0, -1, 1])
    scorer = stack([stump, stump], base=0.0)
    layout = scorer.layout
    assert np.flatnonzero(layout.on_zero_path).tolist() == [9_999]
    assert layout.on_zero_path[9_999].tolist() == [0b1100_0000]
    assert layout.value[layout.zero_leaves].tolist() == [-1.0, -1.0]
    X = np.zeros((3, 10_000))
    X[1, 9_999], X[2, 5] = 0.6, 9.0
    assert scores(scorer, X).tolist() == [-2.0, 2.0, -2.0]


def test_what_a_leaf_says_of_children_means_nothing() -> None:
    stump = stack([Tree([0, -1, -1], [0.5, 0, 0], [1, -1, -1], [2, -1, -1], [0, 1, 2])], base=0.0)
    odd = replace(stump, left=np.array([1, 10**6, -7], np.int32), right=np.array([2, 10**6, 0], np.int32))
    odd.check(1)
    assert scores(odd, np.array([[0.1], [0.6]])).tolist() == [1.0, 2.0]


def test_a_scorer_is_sent_without_what_is_made_again() -> None:
    scorer = stack([grown(np.random.default_rng(0), 5, 4)], base=0.0)
    before = len(joblib_bytes(scorer))
    scores(scorer, np.zeros((2, 5)))
    assert len(scorer.used)
    assert {"layout", "used"} <= set(scorer.__dict__)
    assert len(joblib_bytes(scorer)) == before


def joblib_bytes(scorer: Scorer) -> bytes:
    """What would be sent to another process."""
    from joblib.externals.loky.backend.reduction import dumps

    return bytes(dumps(scorer))
