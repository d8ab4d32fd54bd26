"""Proposals: the first trials lie inside the space, and settings name what a trial chose."""

from __future__ import annotations

import pytest
from optuna.trial import FixedTrial

from themetagger.features import TfidfConfig
from themetagger.models.families import FAMILIES
from themetagger.search.space import Configuration, Options, first_trials, suggest, worthwhile_ratios

RATIOS = (0, 10, 3)


@pytest.mark.parametrize("family", [name for name, family in FAMILIES.items() if family.first_trials])
@pytest.mark.parametrize("alone", [True, False])
def test_first_trials_answer_what_is_asked_within_the_space(answering, family, alone):
    level = FAMILIES[family].level
    names = [family] if alone else [name for name in FAMILIES if FAMILIES[name].level == level]
    for params in first_trials(names, level, Options()):
        if params[f"family.{level}"] == family:
            trial = answering(params)
            configuration = suggest(trial, names, level=level, options=Options(RATIOS))
            assert configuration.family == family
            assert set(params) - trial.asked == ({f"family.{level}"} if alone else set())


def test_first_trials_begin_with_ridge():
    assert [params["family.1"] for params in first_trials(["naive_bayes_complement", "ridge"], 1, Options())] == [
        "ridge",
        "ridge",
        "naive_bayes_complement",
    ]
    assert first_trials(["xgboost"], 3, Options()) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_can_be_proposed(answering, family):
    configuration = suggest(answering({}), [family], level=FAMILIES[family].level, options=Options(RATIOS))
    assert (configuration.family, configuration.ratio) == (family, 0)
    assert bool(configuration.reduction) == FAMILIES[family].reduces
    assert not any("." in name for name in configuration.params)


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
    assert Configuration("xgboost", {}, TfidfConfig("words"), ratio, reduction).settings() == settings


@pytest.mark.parametrize(("sources", "name"), [((), "view"), (("static",), "ngram_view")])
def test_older_trials_had_one_name_for_the_view_of_all_families(sources, name):
    options = Options(sources=("word", "char_wb", *sources))
    (first, *_) = first_trials(["naive_bayes_complement"], 1, options)
    assert first[name] == "words"
    assert not {"view", "ngram_view"} - {name} & set(first)
    trial = FixedTrial({**first, "max_df": 0.5})
    assert suggest(trial, ["naive_bayes_complement"], level=1, options=options).view.name == "words"
