"""The descent of many rows down many trees ends where a single row's does down a single tree."""

from __future__ import annotations

import numpy as np
import pytest

from themetagger.models.scorers import Scorer, Tree, scores, stack, tree_traversal


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


@pytest.mark.slow
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
