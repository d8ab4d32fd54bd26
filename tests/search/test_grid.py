"""A grid visits each combination once; one with more cells than trials is drawn from, without repeating."""

from __future__ import annotations

from collections import Counter
from itertools import product
from math import prod

import numpy as np
import pytest

from themetagger.features import NGRAM_VIEWS, WEIGHTS
from themetagger.models.families import FAMILIES
from themetagger.search.grid import grid, grid_cells
from themetagger.search.space import Options, suggest

RATIOS = (0, 10, 3)
OF_NGRAMS = 2 * 2 * 2  # min_df, max_df, sublinear_tf
FEATURES = len(NGRAM_VIEWS) * OF_NGRAMS
WITH_VECTORS = FEATURES + 3 * OF_NGRAMS * len(WEIGHTS)  # beside three of the views, at each weight
STATIC = ("word", "char_wb", "static")


@pytest.mark.parametrize(
    ("families", "level", "options", "size"),
    [
        (["naive_bayes_multinomial"], 1, Options(RATIOS), 3 * FEATURES * 3),
        (["ridge"], 1, Options(), 3 * 2 * FEATURES),
        (["ridge", "naive_bayes_complement", "logistic"], 1, Options(), (3 * 2 + 3 + 3 * 2) * FEATURES),
        (["ridge"], 1, Options(sources=STATIC), 3 * 2 * WITH_VECTORS),
        (["naive_bayes_complement"], 1, Options(sources=STATIC), 3 * FEATURES),  # which wants no number below zero
        (["kernel_svm"], 2, Options((0, 3)), 3 * 3 * 2 * (2 * 8) * 2),
        (["adaboost"], 2, Options(sources=STATIC), 3 * 2 * 3 * 2 * (2 * 2 + 1) * 8),
    ],
    ids=["one", "no ratio", "three families", "vectors", "no vectors", "kernel", "view depends on reduction"],
)
def test_a_grid_visits_each_combination_once(families, level, options, size):
    seen = Counter(tuple(sorted(cell.items(), key=str)) for cell in grid(families, level=level, options=options))
    assert (len(seen), max(seen.values())) == (size, 1)


def test_a_grid_is_the_product_of_its_choices():
    cells = [tuple(cell.values()) for cell in grid(["ridge"], level=1, options=Options())]
    alphas = np.geomspace(0.05, 20.0, 5)[1:4].tolist()
    choices = [alphas, [None, "balanced"], list(NGRAM_VIEWS), [2, 3], [0.5, 1.0], [True, False]]
    assert cells == list(product(*choices))
    assert len(cells) == prod(map(len, choices))


def test_families_of_a_grid_come_in_their_order():
    named = [cell["family.1"] for cell in grid(["linear_svm", "ridge"], level=1, options=Options())]
    assert named == sorted(named)


@pytest.mark.parametrize("cell", list(grid(["random_forest"], level=2, options=Options(RATIOS)))[::211], ids=str)
def test_a_cell_of_the_grid_is_a_valid_trial(answering, cell):
    trial = answering(cell)
    suggest(trial, ["random_forest"], level=2, options=Options(RATIOS))
    assert trial.asked == set(cell)


def test_a_grid_larger_than_the_trials_is_drawn_from_all_over():
    options = Options(RATIOS, sources=STATIC)
    cells = grid_cells(["ridge", "linear_svm"], level=1, options=options, trials=40)
    assert len({repr(cell) for cell in cells}) == 40
    assert {cell["family.1"] for cell in cells} == {"ridge", "linear_svm"}
    assert {cell["view"] for cell in cells} == set(options.views(FAMILIES["ridge"])) > set(NGRAM_VIEWS)
    assert cells == grid_cells(["ridge", "linear_svm"], level=1, options=options, trials=40)


def test_a_grid_no_larger_than_the_trials_is_tried_whole():
    whole = list(grid(["ridge"], level=1, options=Options()))
    assert grid_cells(["ridge"], level=1, options=Options(), trials=len(whole)) == whole
