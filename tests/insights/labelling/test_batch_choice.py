"""Rows of a pool chosen one by one: uncertain ones, of themes in need, unlike those before."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from themetagger.insights.labelling.batch_choice import (
    choose,
    first_rows_of_groups,
    gains,
    likenesses,
    uncertainty,
    unit_rows,
)

APART = sp.csr_array(np.eye(6))
ONES = np.ones(2)


def rows_of(uncertain: np.ndarray, rows: sp.csr_array = APART, **settings: object) -> list[int]:
    settings = {"count": len(uncertain), "weights": ONES, "labels": np.full(2, 10.0)} | settings
    return [one.row for one in choose(uncertain, rows, **settings)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chances", "order"),
    [([0.5, 0.4, 0.9, 0.01], [0, 1, 2, 3]), ([0.0, 0.02, 1.0, 0.5], [3, 1, 0, 2])],
)
def test_a_label_is_the_less_known_the_nearer_its_chance_is_to_even(chances: list[float], order: list[int]) -> None:
    assert np.argsort(-uncertainty(chances), kind="stable").tolist() == order


def test_each_text_for_a_theme_makes_the_next_one_worth_less() -> None:
    uncertain = np.array([[0.5, 0], [0.5, 0], [0.5, 0], [0, 0.4], [0, 0.4], [0, 0.4]])
    assert rows_of(uncertain, labels=ONES) == [0, 3, 1, 4, 2, 5]


@pytest.mark.parametrize(
    ("labels", "weights", "first"),
    [([10, 10], [1, 1], 0), ([100, 5], [1, 1], 1), ([5, 100], [1, 1], 0), ([10, 10], [0.2, 1], 1), ([1, 1], [1, 0], 0)],
)
def test_a_theme_of_few_labels_or_great_weight_comes_first(labels: list[int], weights: list[int], first: int) -> None:
    uncertain = np.array([[0.5, 0], [0, 0.4]])
    settings = {"labels": np.array(labels, float), "weights": np.array(weights, float)}
    assert rows_of(uncertain, APART[:2], **settings)[0] == first


def test_a_text_uncertain_of_many_themes_is_worth_all_of_them() -> None:
    assert rows_of(np.array([[0.5, 0], [0, 0.5], [0.3, 0.3]]), APART[:3])[0] == 2


def test_likeness_to_texts_chosen_and_labelled_takes_from_what_a_text_is_worth() -> None:
    rows = sp.csr_array(np.array([[1.0, 0], [1.0, 0], [0, 1.0], [0.6, 0.8]]))
    uncertain = np.tile([0.5, 0.5], (4, 1))
    assert rows_of(uncertain, rows) == [0, 2, 3, 1]
    assert rows_of(uncertain, rows, near=np.array([1.0, 0, 0.9, 0]))[:2] == [1, 3]
    assert [round(one.likeness, 6) for one in choose(uncertain, rows, count=3, weights=ONES, labels=ONES)] == [
        0,
        0,
        0.8,
    ]


@pytest.mark.parametrize("seed", range(5))
def test_the_choice_is_that_of_the_plain_formula(seed: int) -> None:
    draw = np.random.default_rng(seed)
    uncertain, weights = draw.uniform(0, 0.5, (30, 4)), draw.uniform(0.2, 2, 4)
    labels, rows = draw.integers(1, 40, 4).astype(float), unit_rows(sp.csr_array(draw.uniform(size=(30, 8))))
    dense, chosen, had = rows.toarray(), [], labels.copy()
    while len(chosen) < 12:
        near = [max((dense[i] @ dense[j] for j in chosen), default=0) for i in range(30)]
        worth = [-1 if i in chosen else sum(uncertain[i] * weights / had) * (1 - near[i]) for i in range(30)]
        chosen.append(int(np.argmax(worth)))
        had += uncertain[chosen[-1]]
    found = choose(uncertain, rows, count=12, weights=weights, labels=labels)
    assert [one.row for one in found] == chosen
    assert found[0].theme == int(np.argmax(gains(uncertain[chosen[0]], weights, labels)))


@pytest.mark.parametrize(("count", "rows"), [(0, 6), (3, 6), (6, 6), (9, 6), (5, 0)])
def test_so_many_are_chosen_as_there_are_and_each_once(count: int, rows: int) -> None:
    found = rows_of(np.full((rows, 2), 0.5), APART[:rows], count=count)
    assert len(set(found)) == len(found) == min(count, rows)


def test_likeness_is_the_cosine_of_the_nearest_over_any_number_of_rows() -> None:
    draw = np.random.default_rng(0)
    rows, others = (unit_rows(sp.csr_array(draw.uniform(size=(n, 3)) - 0.4)) for n in (1100, 7))
    expected = np.clip((rows.toarray() @ others.toarray().T).max(axis=1), 0, 1)
    np.testing.assert_allclose(likenesses(rows, others), expected, atol=1e-12)
    assert likenesses(rows, others[:0]).tolist() == [0.0] * 1100


def test_rows_become_of_length_one_and_an_empty_one_stays() -> None:
    np.testing.assert_allclose(unit_rows(sp.csr_array([[3.0, 4.0], [0.0, 0.0]])).toarray(), [[0.6, 0.8], [0, 0]])


def test_the_first_rows_of_groups_group_is_kept() -> None:
    assert first_rows_of_groups([3, 3, 1, 2, 1, 4], taken=[4]) == [0, 2, 3]
