"""What models ask for is counted before they take it: no less than they take, and no more than an honest file may."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from themetagger.features import FittedView, TfidfConfig, TfidfWeights
from themetagger.models.ensemble import EnsembleMember, ReducedModel
from themetagger.models.linear_batch import LinearBatch
from themetagger.models.scorers import KernelScorer, LinearScorer, Scorer, Tree, stack
from themetagger.models.scorers.trees import LEVEL
from themetagger.tagger import file_limits
from themetagger.tagger.tagger_file import load_parts

WORDS = TfidfConfig("words")
TERMS = 50_000
SIZES = {"word": TERMS}
FITTED = FittedView((TfidfWeights("word", np.arange(TERMS, dtype=np.int32), np.ones(TERMS), False),))


def stump(feature: int) -> Tree:
    return Tree(feature=[feature, -1, -1], threshold=[0.5, 0, 0], left=[1, -1, -1], right=[2, -1, -1], value=[0, -1, 1])


def batched(width: int, used: int) -> EnsembleMember:
    weights = np.zeros(width, np.float32)
    weights[:used] = 1
    return EnsembleMember(WORDS, None, ReducedModel(LinearScorer(weights, 0.0)))


def apart(scorer: Scorer, narrow: Any = None) -> EnsembleMember:
    return EnsembleMember(WORDS, 0, ReducedModel(scorer, narrow))


@pytest.mark.parametrize(("width", "used"), [(50_000, 50_000), (5_000, 5_000), (50_000, 100), (50_000, 6_000)])
@pytest.mark.parametrize("themes", [1, 40])
@pytest.mark.parametrize("presence", [False, True])
def test_the_batch_takes_no_more_than_was_counted(width: int, used: int, themes: int, presence: bool) -> None:
    part = TfidfWeights("word", np.arange(width, dtype=np.int32), np.ones(width), False, presence)
    view, fitted = replace(WORDS, presence=presence), FittedView((part,))
    members = [(j, replace(batched(width, used), view=view)) for j in range(themes)]
    batch = LinearBatch(members, themes, {(view, None): fitted}, SIZES)
    taken = 0
    for block in batch._blocks:
        weights = block.weights
        sparse = sp.issparse(weights)
        taken += weights.data.nbytes + weights.indices.nbytes if sparse else weights.nbytes
        taken += 0 if block.squares is None else block.squares.nbytes
        taken += 0 if block.in_use is None else block.in_use[1].nbytes
        assert (block.in_use is not None) == (presence and sparse)
    budget = file_limits.Budget(2**40)
    for j, member in members:
        budget.ask_for_model(f"theme {j}", member, fitted, SIZES)
    assert taken <= budget.asked


@pytest.mark.parametrize("presence", [False, True])
def test_a_view_is_counted_once_in_each_block_that_it_is_in(presence: bool) -> None:
    """Whatever stands before it in the models of a theme decides which block that is; presence needs no squares."""
    views = [
        FittedView((TfidfWeights("word", np.arange(5, dtype=np.int32), np.ones(5), False, presence),)) for _ in range(2)
    ]
    member, budget = batched(5, 5), file_limits.Budget(2**40)
    alone = file_limits.of_member(member, views[0], SIZES)
    squares = 0 if presence else 4 * TERMS
    for theme, fitted, more in [
        ("a", views[0], file_limits.BLOCK + squares),
        ("b", views[0], 0),
        ("b", views[1], file_limits.BLOCK + squares),
        ("c", views[1], squares),
        ("c", views[0], squares),
    ]:
        before = budget.asked
        budget.ask_for_model(theme, member, fitted, SIZES)
        assert budget.asked - before == alone + more


def test_what_models_share_is_counted_once() -> None:
    projection, budget = np.ones((TERMS, 20), np.float32), file_limits.Budget(2**40)
    shared = [apart(stack([STUMP], base=0.0), projection) for _ in range(3)]
    asked = []
    for member in [*shared, replace(shared[0], fold=1), apart(stack([STUMP], base=0.0), projection.copy())]:
        before = budget.asked
        budget.ask_for_model("pay", member, FITTED, SIZES)
        asked.append(budget.asked - before)
    once = file_limits.of_reduction(shared[0], TERMS)
    assert once > 4 * projection.nbytes
    assert [more - asked[1] for more in asked] == [once, 0, 0, once, once]


def asked_by(scorer: Scorer, narrow: Any) -> int:
    budget = file_limits.Budget(2**40)
    budget.ask_for_model("pay", apart(scorer, narrow), FITTED, SIZES)
    return budget.asked


STUMP = stump(3)
MEMBERS: dict[str, tuple[EnsembleMember, int]] = {
    "linear, all its weights": (apart(LinearScorer(np.ones(9_000, np.float32), 0.0)), 36_000),
    "kernel, as float64 and turned": (
        apart(KernelScorer(sp.csr_array(np.ones((2_000, 200), np.float32)), np.ones(2_000), 0.0, 1.0)),
        2 * 2_000 * 200 * 8,
    ),
    "kernel, its columns though none is used": (
        apart(KernelScorer(sp.csr_array((1, 10**6), dtype=np.float32), np.ones(1), 0.0, 1.0)),
        8 * 10**6,
    ),
    "kernel, its rows though all are empty": (
        apart(KernelScorer(sp.csr_array((10_000, 5), dtype=np.float32), np.ones(10_000), 0.0, 1.0)),
        file_limits.FEW * 10_000 * 8 * 4,
    ),
    "trees, rows of all terms": (apart(stack([STUMP], base=0.0)), file_limits.FEW * 4 * TERMS),
    "chosen columns, the place of each term": (
        apart(stack([STUMP], base=0.0), np.arange(9, dtype=np.int32)),
        4 * TERMS,
    ),
    "projection, a row for each text": (apart(stack([STUMP], base=0.0), np.ones((9, 5_000), np.float32)), 40 * 5_000),
}


@pytest.mark.parametrize("name", list(MEMBERS))
def test_a_model_is_counted_with_what_it_takes(name: str) -> None:
    member, taken = MEMBERS[name]
    budget = file_limits.Budget(2**40)
    budget.ask_for_model("pay", member, FITTED, SIZES)
    assert budget.asked >= file_limits.CALL + taken


def test_trees_are_counted_with_what_is_laid_out_to_walk_down_them() -> None:
    """A bit for each tree at each column."""
    narrow = np.arange(10_000, dtype=np.int32)
    few, many = (stack([stump(i) for i in range(count)], base=0.0) for count in (10, 10_000))
    more = asked_by(many, narrow) - asked_by(few, narrow)
    laid_out = [
        sum(array.nbytes for array in vars(scorer.layout).values() if isinstance(array, np.ndarray))
        for scorer in (few, many)
    ]
    assert more > laid_out[1] - laid_out[0] > many.layout.on_zero_path.nbytes == 10_000 * 1_250


def test_trees_are_counted_with_their_levels() -> None:
    """Each costs a step for all rows, however few nodes it has."""
    narrow = np.arange(9, dtype=np.int32)
    flat = stack([stump(3)] * 2, base=0.0)
    deep = stack(
        [
            Tree([3, -1, 3, -1, -1], np.zeros(5), [1, -1, 3, -1, -1], [2, -1, 4, -1, -1], np.zeros(5)),
            Tree([-1], [0], [-1], [-1], [1.0]),
        ],
        base=0.0,
    )
    assert len(flat.feature) == len(deep.feature)
    more = asked_by(deep, narrow) - asked_by(flat, narrow)
    assert more == LEVEL


def test_a_view_is_counted_with_its_terms() -> None:
    part = TfidfWeights("word", np.arange(5, dtype=np.int32), np.ones(5), False)
    assert file_limits.of_view(FittedView((part, part)), SIZES) == file_limits.CALL + 2 * (
        file_limits.PART + 5 * 12 + 4 * TERMS
    )


def test_what_a_file_may_ask_for_grows_with_it() -> None:
    assert file_limits.Budget(0).allowed == file_limits.ANYWAY
    assert file_limits.Budget(1_000).allowed == file_limits.ANYWAY + file_limits.FOR_EACH_BYTE * 1_000


def test_an_honest_dense_model_pays_with_its_own_bytes_on_a_vocabulary_ten_times_its_own() -> None:
    """So that no number of them is refused."""
    width = TERMS // 10
    part = TfidfWeights("word", np.arange(width, dtype=np.int32), np.ones(width), False)
    asked = file_limits.of_member(batched(width, width), FittedView((part,)), SIZES) - file_limits.COLUMN
    assert asked <= file_limits.FOR_EACH_BYTE * 4 * width


def test_what_the_golden_files_ask_for_is_a_small_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_limits, "ANYWAY", 16 * 2**20)
    for path in sorted((Path(__file__).parents[1] / "golden").glob("*.tagger")):
        assert load_parts(path)[0]
