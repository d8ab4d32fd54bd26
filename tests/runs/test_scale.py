"""What a large table, or one with little time, leaves out; and that each theme's row says so."""

from __future__ import annotations

import pytest
from toys import SMALL, toy

from themetagger.corpus import corpus_from_frame
from themetagger.models.families import FAMILIES
from themetagger.runs import scale
from themetagger.runs.data import read_tables, split_tables
from themetagger.runs.plan import Plan
from themetagger.runs.tasks import plan_tasks
from themetagger.runs.tune import tune
from themetagger.search import first_models

ALL = tuple(FAMILIES)


def settings_of(**plan):
    return task_of(**plan).settings


def task_of(**plan):
    plan = Plan(corpus_from_frame(toy()), **{name: value for name, value in SMALL.items() if name != "families"} | plan)
    tasks = plan_tasks(plan, split_tables(plan, read_tables(plan)), ["static"])
    return tasks.to_study[0]


def test_a_small_table_has_all_families_sources_and_rows():
    made = settings_of()
    assert (made.families, made.sources, made.most_rows) == (ALL, ("word", "char_wb", "static"), 0)


def test_many_rows_have_linear_families(monkeypatch):
    monkeypatch.setattr(scale, "MANY_ROWS", 10)
    assert {FAMILIES[name].level for name in settings_of().families} == {1}


def test_many_characters_have_words_alone(monkeypatch):
    monkeypatch.setattr(scale, "MANY_CHARACTERS", 10)
    made = settings_of()
    assert made.sources == ("word", "static")
    assert made.families == ALL


def test_long_fits_are_spared_where_texts_are_long_together(monkeypatch):
    monkeypatch.setattr(scale, "LONG_FITS", 10)
    made = settings_of()
    assert made.sources == ("word", "char_wb", "static")
    assert set(ALL) - set(made.families) == set(scale.SLOW_FAMILIES)


def test_families_that_were_asked_for_are_tried_on_any_table(monkeypatch):
    monkeypatch.setattr(scale, "MANY_ROWS", 10)
    monkeypatch.setattr(scale, "MANY_CHARACTERS", 10)
    assert settings_of(families=("ridge", "xgboost")).families == ("ridge", "xgboost")


def test_a_run_without_characters_tunes_and_tags(monkeypatch):
    monkeypatch.setattr(scale, "MANY_CHARACTERS", 10)
    run = tune(corpus_from_frame(toy()), **SMALL | {"families": ("ridge", "linear_svm", "naive_bayes_complement")})
    assert all("chars" not in view for view in run.results["view"] if isinstance(view, str))
    assert "char_wb" not in run.tagger.encoder.vocabulary
    assert run.tagger.tag(["good pay"]) is not None


@pytest.fixture
def short(monkeypatch):
    """Too little time for a trial of each theme."""
    monkeypatch.setattr(scale, "SECONDS_A_CHARACTER", 1e3)
    return monkeypatch


@pytest.mark.parametrize("budget", ["time_budget", "theme_time_budget"])
def test_without_time_each_theme_has_the_model_of_all_together_and_the_row_says_so(short, budget):
    results = tune(corpus_from_frame(toy()), **SMALL | {budget: 60}).results
    tried = results[results["trials"] > 0]
    assert set(tried["trials"]) == {1}
    assert tried["stopped"].str.contains("the first model, fitted for all themes together on all ").all()
    assert (tried["average_precision"] > 0.9).any()


def test_with_hardly_any_time_it_is_fitted_on_some_rows(short):
    short.setattr(first_models, "SECONDS_A_PRODUCT", 1e3)
    short.setattr(first_models, "FEWEST_ROWS", 40)
    results = tune(corpus_from_frame(toy()), **SMALL | {"time_budget": 60}).results
    tried = results[results["trials"] > 0]
    assert tried["stopped"].str.contains("for all themes together on 40 of ").all()


def test_with_time_for_some_trials_these_themes_go_on_from_it(short):
    short.setattr(scale, "seconds_after_search", lambda plan, data: 0.0)
    short.setattr("themetagger.runs.tasks.first_trial_if_short", lambda *_: 1e-9)
    results = tune(corpus_from_frame(toy()), **SMALL | {"time_budget": 600}).results
    tried = results[results["trials"] > 0]
    assert set(tried["trials"]) == {3}
    assert not tried["stopped"].str.contains("lack of time").any()


def test_enough_time_needs_no_first_models():
    assert not task_of(time_budget=3_600).wants_first_model
    assert not task_of().wants_first_model


@pytest.mark.parametrize("rows", [0, 40])
def test_first_models_are_deployed_as_they_were_judged_when_the_run_goes_on(short, tmp_path, rows):
    if rows:
        short.setattr(first_models, "SECONDS_A_PRODUCT", 1e3)
        short.setattr(first_models, "FEWEST_ROWS", rows)
    settings = SMALL | {"out": tmp_path / "run", "time_budget": 60}
    first = tune(corpus_from_frame(toy()), **settings)
    again = tune(corpus_from_frame(toy()), **settings, resume=True)
    texts = [str(text) for text in toy()["Processed Text"]]
    assert again.results.drop(columns="seconds").equals(first.results.drop(columns="seconds"))
    assert (again.tagger.scores(texts) == first.tagger.scores(texts)).all()


def test_a_run_that_has_time_again_is_as_if_it_had_never_lacked_it(monkeypatch, tmp_path):
    settings = SMALL | {"families": ("ridge", "sparse_svm")}
    whole = tune(corpus_from_frame(toy()), **settings).results
    with monkeypatch.context() as hurried:
        hurried.setattr(scale, "SECONDS_A_CHARACTER", 1e3)
        tune(corpus_from_frame(toy()), **settings, out=tmp_path / "run", time_budget=60)
    results = tune(corpus_from_frame(toy()), **settings, out=tmp_path / "run", resume=True).results
    assert results.drop(columns="seconds").equals(whole.drop(columns="seconds"))


def test_vectors_that_no_family_may_be_given_are_not_made():
    assert settings_of(families=("sparse_svm", "naive_bayes_complement")).sources == ("word", "char_wb")


def test_the_time_is_shared_by_the_themes_that_are_studied():
    texts = ["x" * 1_000] * 10_000
    plan = Plan(corpus_from_frame(toy()), n_jobs=16, time_budget=5)
    assert scale.first_trial_if_short(plan, texts, 1, float("inf")) == scale.first_trial_if_short(
        Plan(corpus_from_frame(toy()), n_jobs=1, time_budget=5), texts, 1, float("inf")
    )


def test_large_tables_get_fewer_trials_where_the_user_leaves_their_number_open(monkeypatch):
    assert settings_of(trials=None).trials == scale.USUAL_TRIALS
    monkeypatch.setattr(scale, "SEARCH_SECONDS", 1e-9)
    assert settings_of(trials=None).trials == 1
    assert settings_of(trials=7).trials == 7


def test_few_trials_on_many_rows_go_to_the_families_that_win_most_themes(monkeypatch):
    monkeypatch.setattr(scale, "MANY_ROWS", 10)
    seldom = set(scale.SELDOM_BEST)
    assert not seldom & set(settings_of(trials=2).families)
    assert seldom <= set(settings_of(trials=16).families)


def test_a_run_goes_on_with_the_trials_that_a_large_table_got(monkeypatch, tmp_path):
    """run.json holds the number that the run had, so that a larger one adds to it."""
    monkeypatch.setattr(scale, "SEARCH_SECONDS", 1e-9)
    few = tune(corpus_from_frame(toy()), **SMALL | {"trials": None}, out=tmp_path)
    more = tune(corpus_from_frame(toy()), **SMALL | {"trials": 3}, out=tmp_path, resume=True)
    whole = tune(corpus_from_frame(toy()), **SMALL | {"trials": 3})
    counts = [run.results["trials"].max() for run in (few, more, whole)]
    assert counts[0] == 1
    assert min(counts[1:]) > 1
