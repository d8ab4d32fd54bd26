"""Parameters of winners from strangers: only names and ranges that the families search."""

from __future__ import annotations

import math

import optuna
import pytest

from themetagger.features import DenseConfig, TfidfConfig, view_of
from themetagger.models.families import FAMILIES
from themetagger.search.companion import Companion
from themetagger.search.first_models import first_configuration
from themetagger.search.space import Configuration, Options, configuration_of, suggest
from themetagger.search.winner_params import affordable, searched_params, searched_view

FOREST = {"n_estimators": 60, "max_depth": 8, "min_samples_leaf": 1, "class_weight": None}
BOOSTED = {
    "n_estimators": 100,
    "num_leaves": 8,
    "learning_rate": 0.1,
    "min_child_samples": 5,
    "colsample_bytree": 0.5,
    "class_weight": None,
}
RIDGE = {"alpha": 1.0, "class_weight": None}
WORDS = TfidfConfig("words").to_json()


def refit(configuration: Configuration) -> Configuration:
    """As it comes back from a results row."""
    settings = configuration.view.to_json() | configuration.settings()
    name = configuration.family + " + sparse_svm" * (configuration.companion is not None)
    return configuration_of(name, configuration.params, settings)


@pytest.mark.parametrize("family", FAMILIES)
def test_whatever_a_search_draws_is_taken_as_it_is(family: str) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    options = Options((0, 10), 0.1, ("word", "char_wb", "static"), most_rows=50)
    for _ in range(30):
        drawn = suggest(study.ask(), [family], level=1, options=options)
        assert refit(drawn) == drawn


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "added",
    [
        {"machines": "127.0.0.1:1"},
        {"n_jobs": -1},
        {"random_state": 7},
        {"verbose": 1},
        {"solver": "lbfgs"},
        {"norm": False},
        {"callbacks": []},
    ],
)
def test_a_parameter_that_no_search_names_is_refused(family: str, added: dict[str, object]) -> None:
    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).ask()
    with pytest.raises(ValueError, match=r"is none of|is always"):
        searched_params(FAMILIES[family], FAMILIES[family].space(trial) | added)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "value", [10**8, -1, 0, math.nan, math.inf, "1", True, [1], {"a": 1}, "balanced_subsample", 1e308, 2**70]
)
def test_a_value_out_of_the_range_or_of_another_kind_is_refused(family: str, value: object) -> None:
    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).ask()
    good = FAMILIES[family].space(trial)
    for name in good:
        if name == "norm" and value is True:
            continue
        with pytest.raises(ValueError, match=f"{name} (must|is always)"):
            searched_params(FAMILIES[family], good | {name: value})


def test_a_first_model_comes_back() -> None:
    asked = first_configuration(most_rows=1_000)
    assert refit(asked) == asked
    assert asked.of_all_themes
    for steps in (0, 10**9, 5.0, True, "5"):
        with pytest.raises(ValueError, match="steps must"):
            searched_params(FAMILIES["ridge"], asked.params | {"steps": steps})
    with pytest.raises(ValueError, match="'steps' is none of"):
        searched_params(FAMILIES["logistic"], {"C": 1.0, "class_weight": None, "steps": 5})


def test_a_parameter_that_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match="'random_forest': max_depth is missing"):
        searched_params(FAMILIES["random_forest"], {"n_estimators": 60})


@pytest.mark.parametrize(
    ("family", "params", "settings", "message"),
    [
        ("rigde", RIDGE, WORDS, "family 'rigde' is unknown"),
        ("ridge", RIDGE, WORDS | {"min_df": 10**9}, "min_df must be one of"),
        ("ridge", RIDGE, WORDS | {"max_df": 0.001}, "max_df must be one of"),
        ("ridge", RIDGE, WORDS | {"presence": True}, "no search chooses"),
        ("ridge", RIDGE, WORDS | {"negatives_per_positive": -1}, "negatives_per_positive"),
        ("ridge", RIDGE, WORDS | {"negatives_per_positive": 1.5}, "negatives_per_positive"),
        ("ridge", RIDGE, WORDS | {"most_rows": "1"}, "most_rows"),
        ("ridge", RIDGE, WORDS | {"reduction": "svd:50"}, "has no meaning"),
        ("ridge + sparse_svm", RIDGE, WORDS, "sparse_svm.C must be a number"),
        (
            "ridge + sparse_svm",
            RIDGE,
            WORDS | {"sparse_svm.C": 1e9, "sparse_svm.weight": 0.3},
            "sparse_svm.C must be a number",
        ),
        ("ridge + sparse_svm", RIDGE, WORDS | {"sparse_svm.C": 0.1, "sparse_svm.weight": math.nan}, "weight must be"),
        ("random_forest", FOREST, WORDS, "reduction must be"),
        ("random_forest", FOREST, WORDS | {"reduction": "svd:9000"}, "reduction must be"),
        ("lightgbm", BOOSTED, WORDS | {"reduction": ["chi2:200"]}, "reduction must be"),
        ("sparse_svm", {"C": 0.1, "class_weight": None}, WORDS, "always the same"),
        ("ridge", RIDGE, {"view": "static", "weight": 3.5}, "weight must be one of"),
        ("naive_bayes_multinomial", {"alpha": 0.1}, DenseConfig("static", weight=0.8).to_json(), "has no view"),
    ],
)
def test_a_winner_that_no_search_finds_is_refused_by_name(
    family: str, params: dict[str, object], settings: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        configuration_of(family, params, settings)


def test_views_side_by_side_are_looked_at_one_by_one() -> None:
    beside = {"view": "words & static", "views": [WORDS, {"view": "static", "weight": 0.8}]}
    assert searched_view(FAMILIES["ridge"], view_of(beside)).name == "words & static"
    with pytest.raises(ValueError, match="weight must be one of"):
        searched_view(FAMILIES["ridge"], view_of({**beside, "views": [WORDS, {"view": "static", "weight": 9.0}]}))


def test_a_kernel_is_not_fitted_on_more_rows_than_a_search_would() -> None:
    affordable(FAMILIES["kernel_svm"], 2_000)
    with pytest.raises(ValueError, match="at most 2,000 rows"):
        affordable(FAMILIES["kernel_svm"], 2_001)


def test_a_companion_comes_back() -> None:
    asked = Configuration("ridge", RIDGE, TfidfConfig("words"), companion=Companion(0.1, 0.35))
    assert refit(asked) == asked


def test_a_first_model_is_ridge_of_a_few_steps() -> None:
    params = first_configuration(0).params
    assert searched_params(FAMILIES["ridge"], params) == params
    for wrong in ({"steps": 10**9}, {"steps": 0}, {"steps": 5.0}, {"alpha": 1e9}, {"machines": "a:1"}):
        with pytest.raises(ValueError, match="params of family 'ridge'"):
            searched_params(FAMILIES["ridge"], {**params, **wrong})
