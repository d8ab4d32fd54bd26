"""Which themes are studied, which are skipped and why, and the folds that all studies share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from toys import OWN, SMALL, toy

from themetagger.corpus import TableError
from themetagger.runs.data import read_tables, split_tables
from themetagger.runs.plan import Plan
from themetagger.runs.tasks import folds_of, plan_tasks
from themetagger.search.study import StudyResult
from themetagger.selection.guarantee import Promise
from themetagger.selection.theme_result import ThemeResult


def _tasks(frame, **settings):
    plan = Plan(frame, **SMALL | settings)
    data = split_tables(plan, read_tables(plan))
    return plan, data, plan_tasks(plan, data)


def _with(frame, cells):
    joined = [", ".join(filter(None, pair)) for pair in zip(frame["Themes"], cells, strict=True)]
    return frame.assign(Themes=joined)


def _reasons(tasks):
    return {theme: result.theme_result.reason for theme, result in tasks.skipped.items()}


def test_a_theme_has_its_column_and_its_settings():
    _, data, tasks = _tasks(toy(), overrides={"pay": {"trials": 7, "theme_time_budget": 5.0}}, seed=3)
    assert [task.theme for task in tasks.to_study] == list(data.train.themes) == list(tasks.themes)
    by_theme = {task.theme: task for task in tasks.to_study}
    assert (by_theme["pay"].settings.trials, by_theme["food"].settings.trials) == (7, 2)
    assert (by_theme["pay"].time_budget, by_theme["food"].time_budget) == (5.0, np.inf)
    assert np.array_equal(by_theme["pay"].y, data.train.column("pay"))
    assert tasks.skipped == {}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["all"] * 90, "one class: every training text has it"),
        (["rare"] * 4 + [""] * 86, "4 positives, needs 5"),
        (["rare"] + [""] * 89, "1 positive, needs 5"),
        (["most"] * 88 + [""] * 2, "only 2 distinct texts without it, fewer than the 3 folds"),
        (["most"] * 89 + [""], "only 1 distinct text without it, fewer than the 3 folds"),
    ],
)
def test_a_theme_that_cannot_be_tuned_is_skipped_with_the_reason(cells, reason):
    _, _, tasks = _tasks(_with(toy(), cells))
    assert _reasons(tasks) == {cells[0]: reason}
    assert {task.theme for task in tasks.to_study} == set(OWN)


def test_copies_of_a_text_do_not_make_a_theme():
    copies = pd.DataFrame({"Processed Text": ["the same text again"] * 8, "Themes": ["again"] * 8})
    _, _, tasks = _tasks(pd.concat([toy(), copies]))
    assert _reasons(tasks) == {"again": "only 1 distinct text among its 8 positives, fewer than the 3 folds"}


def test_a_theme_that_only_test_has_is_skipped():
    _, _, tasks = _tasks(toy(), test=toy(30, names=("pay", "staff", "new")))
    assert _reasons(tasks) == {"new": "no training text has it"}


def test_rows_set_aside_are_named_where_they_are_missing():
    _, _, tasks = _tasks(toy(), min_positives=1000, promise=Promise(form="calibration"))
    assert all(reason.endswith("(30% of the rows were set aside to certify on)") for reason in _reasons(tasks).values())


def test_the_results_are_in_the_order_of_the_themes_whoever_was_studied():
    _, _, tasks = _tasks(_with(toy(), ["rare"] * 4 + [""] * 86))
    studied = [StudyResult(ThemeResult.failed(task.theme, "x", support=1)) for task in reversed(tasks.to_study)]
    assert [result.theme_result.theme for result in tasks.all_results(studied)] == list(tasks.themes)


def test_a_table_without_any_theme_is_refused():
    with pytest.raises(TableError, match="DataFrame: no row has a theme; label some of the texts by hand first"):
        _tasks(toy().assign(Themes=""))


def test_an_override_of_an_unknown_theme_is_refused():
    with pytest.raises(ValueError, match=r"overrides: no row of DataFrame has the theme 'Pay'; did you mean 'pay'\?"):
        _tasks(toy(), overrides={"Pay": {"trials": 1}})
    _tasks(toy(), test=toy(30, names=("pay", "staff", "new")), overrides={"new": {"trials": 1}})


def test_a_theme_that_is_not_studied_has_no_say_in_the_folds():
    plain, more = (_tasks(frame) for frame in (toy(), _with(toy(), ["rare"] * 4 + [""] * 86)))
    folds = [folds_of(plan, data.train, tasks) for plan, data, tasks in (plain, more)]
    assert np.array_equal(*folds)
    assert np.bincount(folds[0]).tolist() == [30] * 3
    plan, data, tasks = _tasks(toy(), min_positives=1000)
    assert folds_of(plan, data.train, tasks).tolist() == [0] * 90
