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

ALL = tuple(FAMILIES)


def settings_of(**plan):
    plan = Plan(corpus_from_frame(toy()), **{name: value for name, value in SMALL.items() if name != "families"} | plan)
    tasks = plan_tasks(plan, split_tables(plan, read_tables(plan)), ["static"])
    return tasks.to_study[0].settings


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


@pytest.mark.parametrize("budget", ["time_budget", "theme_time_budget"])
def test_without_time_a_part_of_the_rows_is_fitted_and_the_row_says_so(monkeypatch, budget):
    monkeypatch.setattr(scale, "SECONDS_A_CHARACTER", 1e3)
    monkeypatch.setattr(scale, "FEWEST_ROWS", 40)
    results = tune(corpus_from_frame(toy()), **SMALL | {budget: 60}).results
    tried = results[results["trials"] > 0]
    assert len(tried)
    assert tried["stopped"].str.contains("for lack of time fitted on 40 of").all()


def test_enough_time_limits_no_rows():
    assert settings_of(time_budget=3_600).most_rows == 0


def test_trials_that_had_no_time_keep_their_rows_when_there_is_time_again(monkeypatch, tmp_path):
    settings = SMALL | {"out": tmp_path / "run", "families": ("ridge", "sparse_svm")}
    with monkeypatch.context() as short:
        short.setattr(scale, "SECONDS_A_CHARACTER", 1e3)
        short.setattr(scale, "FEWEST_ROWS", 40)
        first = tune(corpus_from_frame(toy()), **settings, time_budget=60)
    again = tune(corpus_from_frame(toy()), **settings, resume=True)
    texts = [str(text) for text in toy()["Processed Text"]]
    assert any(result.feature_settings.get("most_rows") for result in first.tagger.theme_results)
    for before, result in zip(first.tagger.theme_results, again.tagger.theme_results, strict=True):
        assert result.feature_settings == before.feature_settings  # the same winner, deployed as it was judged
        assert result.threshold == before.threshold or not result.assigned
    assert (again.tagger.scores(texts) == first.tagger.scores(texts)).all()


def test_vectors_that_no_family_may_be_given_are_not_made():
    assert settings_of(families=("sparse_svm", "naive_bayes_complement")).sources == ("word", "char_wb")


def test_the_time_is_shared_by_the_themes_that_are_studied():
    texts = ["x" * 1_000] * 10_000
    plan = Plan(corpus_from_frame(toy()), n_jobs=16, time_budget=5)
    assert scale.most_rows_of(plan, texts, 1, float("inf")) == scale.most_rows_of(
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
