"""Proposals: the grid visits each combination once, and the first trials lie inside the space."""

from __future__ import annotations

from collections import Counter
from itertools import product
from math import prod

import numpy as np
import pytest

from themetagger.families import FAMILIES
from themetagger.features import VIEWS, Recipe
from themetagger.search.proposal import FIRST_TRIALS, Proposal, first_trials, grid, propose, worthwhile_ratios

RATIOS = (0, 10, 3)
FEATURES = len(VIEWS) * 3 * 2 * 2  # view, min_df, max_df, sublinear_tf


class Answering:
    """A trial with given answers, checked against what was asked; the first choice where none is given."""

    def __init__(self, given):
        self.given, self.asked = given, set()

    def _answer(self, name, first, allowed):
        assert name not in self.asked
        self.asked.add(name)
        value = self.given.get(name, first)
        assert allowed(value), f"{name} = {value!r}"
        return value

    def suggest_float(self, name, low, high, *, log=False):
        return self._answer(name, low, lambda value: low <= value <= high)

    suggest_int = suggest_float

    def suggest_categorical(self, name, choices):
        return self._answer(name, choices[0], lambda value: value in choices)


@pytest.mark.parametrize("family", FIRST_TRIALS)
@pytest.mark.parametrize("alone", [True, False])
def test_first_trials_answer_what_is_asked_within_the_space(family, alone):
    level = FAMILIES[family].level
    names = [family] if alone else [name for name in FAMILIES if FAMILIES[name].level == level]
    for params in first_trials(names, level):
        if params[f"family.{level}"] == family:
            trial = Answering(params)
            proposal = propose(trial, names, level=level, ratios=RATIOS)
            assert proposal.family == family
            assert set(params) - trial.asked == ({f"family.{level}"} if alone else set())


def test_first_trials_begin_with_the_simplest_family():
    assert [params["family.1"] for params in first_trials(["naive_bayes_complement", "ridge"], 1)] == [
        "naive_bayes_complement",
        "ridge",
        "ridge",
    ]
    assert first_trials(["xgboost"], 3) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_can_be_proposed(family):
    proposal = propose(Answering({}), [family], level=FAMILIES[family].level, ratios=RATIOS)
    assert (proposal.family, proposal.ratio) == (family, 0)
    assert bool(proposal.reduction) == FAMILIES[family].reduces
    assert not any("." in name for name in proposal.params)


@pytest.mark.parametrize(
    ("families", "level", "ratios", "size"),
    [
        (["naive_bayes_multinomial"], 1, RATIOS, 3 * FEATURES * 3),
        (["ridge"], 1, (0,), 3 * 2 * FEATURES),
        (["ridge", "naive_bayes_complement", "logistic"], 1, (0,), (3 * 2 + 3 + 3 * 2) * FEATURES),
        (["kernel_svm"], 2, (0, 3), 3 * 3 * 2 * (2 * 12) * 2),
        (["adaboost"], 2, (0,), 3 * 2 * 3 * 2 * (2 * 2 + 1) * 12),
    ],
    ids=["one", "no ratio", "three families", "kernel", "view depends on reduction"],
)
def test_a_grid_visits_each_combination_once(families, level, ratios, size):
    seen = Counter(tuple(sorted(cell.items(), key=str)) for cell in grid(families, level=level, ratios=ratios))
    assert (len(seen), max(seen.values())) == (size, 1)


def test_a_grid_is_the_product_of_its_choices():
    cells = [tuple(cell.values()) for cell in grid(["ridge"], level=1, ratios=(0,))]
    alphas = np.geomspace(0.05, 20.0, 5)[1:4].tolist()
    choices = [alphas, [None, "balanced"], list(VIEWS), [1, 2, 3], [0.5, 1.0], [True, False]]
    assert cells == list(product(*choices))
    assert len(cells) == prod(map(len, choices))


def test_families_of_a_grid_come_in_their_order():
    named = [cell["family.1"] for cell in grid(["linear_svm", "ridge"], level=1, ratios=(0,))]
    assert named == sorted(named)


@pytest.mark.parametrize("cell", list(grid(["random_forest"], level=2, ratios=RATIOS))[::211], ids=str)
def test_a_cell_of_the_grid_is_a_valid_trial(cell):
    trial = Answering(cell)
    propose(trial, ["random_forest"], level=2, ratios=RATIOS)
    assert trial.asked == set(cell)


@pytest.mark.parametrize(
    ("positives", "negatives", "ratios"),
    [
        (30, 30, (0,)),
        (30, 134, (0,)),
        (30, 135, (0, 3)),
        (30, 450, (0, 10, 3)),
        (30, 1350, (0, 30, 10, 3)),
        (5, 0, (0,)),
    ],
)
def test_a_ratio_is_worth_trying_where_it_leaves_out_a_third_of_the_negatives(positives, negatives, ratios):
    assert worthwhile_ratios(positives, negatives) == ratios


@pytest.mark.parametrize(
    ("ratio", "reduction", "settings"),
    [
        (0, "", {}),
        (3, "", {"negatives_per_positive": 3}),
        (0, "svd:50", {"reduction": "svd:50"}),
        (3, "chi2:200", {"negatives_per_positive": 3, "reduction": "chi2:200"}),
    ],
)
def test_settings_name_what_differs_from_all_rows_and_columns(ratio, reduction, settings):
    assert Proposal("xgboost", {}, Recipe("words"), ratio, reduction).settings() == settings
