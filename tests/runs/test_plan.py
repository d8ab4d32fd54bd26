"""A plan is checked when it is made; each mistake is named with its value and what is possible."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from themetagger.models.families import FAMILIES
from themetagger.runs.plan import OVERRIDABLE, Plan, promise_for
from themetagger.selection.guarantee import Promise
from themetagger.selection.objectives import FBeta, PrecisionFirst


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"trials": 0}, "trials must be at least 1 but is 0."),
        ({"trials": 2.5}, "trials must be a whole number but is 2.5."),
        ({"trials": "many"}, "trials must be a whole number but is 'many'."),
        ({"stop_early": "soon"}, "stop_early must be True, False or 'certified' but is 'soon'."),
        ({"promise": 0.9}, "promise must be a Promise"),
        ({"patience": 0}, "patience must be at least 1 but is 0."),
        ({"min_positives": 1}, "min_positives must be at least 2 but is 1."),
        ({"n_folds": 1}, "n_folds must be at least 2 but is 1."),
        ({"n_folds": 2.5}, "n_folds must be a whole number but is 2.5."),
        ({"seed": -1}, "seed must be at least 0 but is -1."),
        ({"seed": 2**32}, "seed must be less than 2 ** 32 but is 4294967296."),
        ({"seed": None}, "seed must be a whole number but is None."),
        ({"n_jobs": 0}, "n_jobs must be a number of workers, or -1 for one per core, but is 0."),
        ({"n_jobs": None}, "n_jobs must be a number of workers, or -1 for one per core, but is None."),
        ({"time_budget": -1}, "time_budget must be at least 0 but is -1."),
        ({"time_budget": math.nan}, "time_budget must be at least 0 but is nan."),
        ({"time_budget": None}, "time_budget must be a number but is None."),
        ({"theme_time_budget": -0.5}, "theme_time_budget must be at least 0 but is -0.5."),
        ({"hold_out": 1.0}, "hold_out must be a share of at least 0 and below 1 but is 1.0."),
        ({"hold_out": -0.1}, "hold_out must be a share of at least 0 and below 1 but is -0.1."),
        ({"hold_out": math.nan}, "hold_out must be a share of at least 0 and below 1 but is nan."),
        ({"hold_out": 0.2, "test": "test.csv"}, "give either test or hold_out, not both."),
        ({"sampler": "best"}, "sampler must be one of tpe, random, grid but is 'best'."),
        ({"alike": "drop"}, "alike must be one of keep, merge, error but is 'drop'."),
        ({"families": ()}, "families must be a list of"),
        ({"families": "ridge"}, "families must be a list of"),
        ({"families": ["ridge", "bert"]}, "but is ['ridge', 'bert']."),
        ({"minimum_quality": 1.5}, "minimum_quality must lie between 0 and 1 but is 1.5."),
        ({"minimum_quality": math.nan}, "minimum_quality must lie between 0 and 1 but is nan."),
        ({"objective": "f1"}, "must have choose, met, value and promise, as PrecisionFirst has, but is 'f1'."),
        ({"objective": SimpleNamespace(choose=min, met=min, value=min)}, "value and promise, as PrecisionFirst has"),
        ({"text_steps": ["lower", "stem"]}, "text step 'stem' is unknown; choose from"),
        (
            {"overrides": {"pay": {"seed": 1}}},
            "overrides['pay'] cannot hold 'seed'; choose from objective, families",
        ),
        ({"overrides": {"pay": {"trials": 0}}}, "overrides['pay']: trials must be at least 1 but is 0."),
        ({"overrides": {"pay": {"patience": 1.5}}}, "overrides['pay']: patience must be a whole number but is 1.5."),
        ({"overrides": {"pay": {"theme_time_budget": -1}}}, "overrides['pay']: theme_time_budget must be at least 0"),
        ({"overrides": {"pay": {"sampler": "best"}}}, "overrides['pay']: sampler must be one of"),
        ({"overrides": {"pay": {"families": []}}}, "overrides['pay']: families must be a list of"),
        ({"overrides": {"pay": {"objective": 0.9}}}, "overrides['pay']: objective must have choose, met, value and"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared below, without a pattern
        Plan("reviews.csv", **settings)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"trials": np.int64(1), "patience": 1, "n_folds": 2, "min_positives": 2, "seed": 2**32 - 1},
        {"time_budget": 0, "theme_time_budget": 0.5, "hold_out": 0.0, "minimum_quality": 1},
        {"time_budget": math.inf, "n_jobs": -1, "families": ["ridge"], "text_steps": []},
        {"test": pd.DataFrame({"Processed Text": ["x"]}), "train": pd.DataFrame({"Processed Text": ["x"]})},
        {"overrides": {"pay": {}}, "objective": FBeta()},
    ],
)
def test_settings_on_the_edge_are_allowed(settings: dict[str, Any]) -> None:
    assert Plan(**({"train": "reviews.csv"} | settings)).settings("pay")


def test_the_defaults_hold_for_every_theme() -> None:
    settings = Plan("reviews.csv").settings("pay")
    assert tuple(settings) == OVERRIDABLE
    assert settings["objective"] == PrecisionFirst(target=0.90, recall_floor=0.50)
    assert promise_for(settings) == Promise(target=0.90, confidence=0.90, recall_floor=0.50)
    assert settings["families"] == tuple(FAMILIES)


def test_an_override_replaces_a_setting_of_its_theme_alone() -> None:
    plan = Plan("reviews.csv", trials=7, overrides={"pay": {"trials": 3, "objective": FBeta(2.0)}})
    assert [plan.settings(theme)["trials"] for theme in ("pay", "staff")] == [3, 7]
    assert plan.settings("pay")["objective"] == FBeta(2.0)
    assert plan.settings("pay")["patience"] == plan.patience


@pytest.mark.parametrize("setting", ["encoder", "static_vectors"])
def test_an_encoder_that_no_family_can_take_is_refused_and_families_that_cannot_are_named(setting: str) -> None:
    blind = ["naive_bayes_complement", "lightgbm"]
    with pytest.raises(ValueError, match=rf"{setting} has no effect on naive_bayes_complement, lightgbm, .*ridge"):
        Plan("train.csv", families=blind, **{setting: "model"})
    mixed = Plan("train.csv", families=["ridge", *blind], **{setting: "model"})
    assert mixed.blind_families == tuple(blind)
    own = Plan("train.csv", families=blind, overrides={"pay": {"families": ["ridge"]}}, **{setting: "model"})
    assert own.blind_families == tuple(blind)
    assert Plan("train.csv", families=blind).blind_families == ()


def test_every_overridable_setting_is_a_field_of_the_plan() -> None:
    assert set(OVERRIDABLE) <= set(Plan.__dataclass_fields__)


def test_a_plan_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Plan("reviews.csv").trials = 3  # type: ignore[misc]


def test_the_promise_is_that_of_the_objective_unless_one_is_given() -> None:
    own: dict[str, dict[str, Any]] = {
        "pay": {"promise": Promise(0.95)},
        "food": {"objective": FBeta()},
        "all": {"objective": PrecisionFirst(target=1.0)},
    }
    plan = Plan("reviews.csv", objective=PrecisionFirst(target=0.8, recall_floor=0.3), overrides=own)
    asked = {theme: promise_for(plan.settings(theme)) for theme in ("staff", *own)}
    assert asked["staff"] == Promise(0.8, recall_floor=0.3)
    assert asked["pay"] == Promise(0.95)
    assert asked["food"] == Promise()
    assert asked["all"].target == 0.99  # that of 1 can never be shown
