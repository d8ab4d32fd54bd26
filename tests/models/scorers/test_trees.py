"""Trees as plain arrays: what they score, how thresholds become float32, and what is no forest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from themetagger.models.scorers import Tree, TreeScorer, just_below, not_above, scores, stack
from themetagger.models.scorers.trees import DEEPEST, MOST_TREES, depth

INF = np.float32(np.inf)
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


def test_split_counts_are_the_nodes_that_split_on_each_column() -> None:
    assert TREES.split_counts.tolist() == [1, 0, 1]


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


def test_fewer_columns_than_the_trees_split_on_are_refused() -> None:
    assert isinstance(TREES, TreeScorer)
    with pytest.raises(ValueError, match=r"feature\[2\] is 2, expected -1 or more and less than 2"):
        TREES.check(2)


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


def test_what_a_leaf_says_of_children_means_nothing() -> None:
    stump = stack([Tree([0, -1, -1], [0.5, 0, 0], [1, -1, -1], [2, -1, -1], [0, 1, 2])], base=0.0)
    odd = replace(stump, left=np.array([1, 10**6, -7], np.int32), right=np.array([2, 10**6, 0], np.int32))
    odd.check(1)
    assert scores(odd, np.array([[0.1], [0.6]])).tolist() == [1.0, 2.0]


def test_more_trees_than_any_model_has_are_refused() -> None:
    leaf = Tree(feature=[-1], threshold=[0], left=[-1], right=[-1], value=[1.0])
    stack([leaf] * MOST_TREES, base=0.0).check(1)
    with pytest.raises(ValueError, match=r"roots has 10,001 trees, expected at most 10,000"):
        stack([leaf] * (MOST_TREES + 1), base=0.0).check(1)
