"""Groups of themes, and the rule for a theme that is not usable."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from themetagger.selection.confusion import Confusion
from themetagger.selection.groups import GROUPS, group_of, groups_of, is_usable, usable_precision_of
from themetagger.selection.objectives import Costs, FBeta, PrecisionFirst, RecallFirst
from themetagger.selection.results import results_table
from themetagger.selection.theme_result import ThemeResult

MODEL = ThemeResult("pay", "BEST_EFFORT", family="ridge", counts=Confusion(6, 4, 6, 84), usable_precision=0.5)
CERTIFIED = replace(
    MODEL, status="CERTIFIED", threshold=0.5, certified_threshold=0.5, certified_flagged=40, certified_hits=40
)
BY_GROUP = {
    "certified": CERTIFIED,
    "not proven": replace(MODEL, target_met=True),
    "needs review": MODEL,
    "not usable": replace(MODEL, counts=Confusion(4, 6, 6, 84)),
    "too rare": ThemeResult.skipped("food", "3 positives, needs 30", support=3),
    "no model": ThemeResult.failed("bad", "every trial failed", support=40),
}


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_has_its_themes_also_in_the_table(group):
    assert group_of(BY_GROUP[group]) == group
    assert groups_of(results_table([BY_GROUP[group]])) == [group]


@pytest.mark.parametrize(
    ("reason", "group"),
    [
        ("no training text has it", "too rare"),
        ("only 3 distinct texts among its 40 positives, fewer than the 5 folds", "too rare"),
        ("only 3 distinct texts without it, fewer than the 5 folds", "no model"),
        ("one class: every training text has it", "no model"),
        ("average precision 0.20 is below the minimum quality 0.30", "no model"),
    ],
)
def test_a_skipped_theme_is_too_rare_unless_something_else_is_the_matter(reason, group):
    assert group_of(ThemeResult.skipped("x", reason)) == group


@pytest.mark.parametrize(
    ("result", "usable"),
    [
        (replace(MODEL, corrected_precision=0.49), False),  # what is expected on new texts counts, not the best of many
        (replace(MODEL, counts=Confusion(4, 6, 6, 84), corrected_precision=0.5), True),
        (replace(MODEL, counts=Confusion(0, 0, 12, 88)), False),
        (replace(MODEL, counts=Confusion(1, 99, 0, 0), threshold_set=True), True),
        (replace(MODEL, counts=Confusion(1, 99, 0, 0), usable_precision=0.0), True),  # of an older file
        (replace(CERTIFIED, corrected_precision=0.3), True),
        (replace(MODEL, target_met=True, corrected_precision=0.3), False),
    ],
)
def test_a_theme_is_usable_when_its_tags_do_more_good_than_harm(result, usable):
    assert is_usable(result) == usable


@pytest.mark.parametrize(
    ("objective", "least"),
    [
        (PrecisionFirst(), 0.5),
        (PrecisionFirst(target=0.4), 0.4),
        (FBeta(), 0.5),
        (FBeta(beta=0.5), 0.5),
        (FBeta(beta=3), 0.1),
        (RecallFirst(), 0.5),
        (RecallFirst(precision_floor=0.1), 0.1),
        (Costs(false_negative=4), 0.2),
        (Costs(false_positive=4), 0.8),
        (object(), 0.5),
    ],
)
def test_the_objective_says_from_which_precision_on_a_theme_is_usable(objective, least):
    assert usable_precision_of(objective) == pytest.approx(least)


def test_tables_of_older_versions_have_groups_by_status_and_reason():
    rows = [("CERTIFIED", ""), ("BEST_EFFORT", "recall 0.40 is below 0.50; not certified: x"), ("FAILED", "x")]
    rows += [("BEST_EFFORT", "not certified: at an estimated precision of 0.95"), ("SKIPPED", "3 positives, needs 30")]
    table = pd.DataFrame(rows, columns=["status", "reason"])
    assert groups_of(table) == ["certified", "needs review", "no model", "not proven", "too rare"]


def test_results_of_older_files_are_usable_and_know_whether_the_target_was_met():
    data = replace(MODEL, counts=Confusion(1, 99, 0, 0)).to_json()
    older = {name: value for name, value in data.items() if name not in ("target_met", "usable_precision")}
    older.pop("threshold_set")
    for reason, met in (("precision 0.10 is below 0.90", False), ("not certified: x", True), ("", True)):
        again = ThemeResult.from_json({**older, "reason": reason})
        assert (again.target_met, again.usable_precision, again.threshold_set) == (met, 0.0, False)
        assert is_usable(again)


@pytest.mark.parametrize("change", [{"target_met": 1}, {"usable_precision": "x"}, {"threshold_set": None}])
def test_damaged_fields_are_refused(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        ThemeResult.from_json({**MODEL.to_json(), **change})


def test_a_field_that_is_missing_beside_its_fellows_is_damage():
    data = MODEL.to_json()
    del data["usable_precision"]
    with pytest.raises(ValueError, match="missing or unknown usable_precision"):
        ThemeResult.from_json(data)


def test_a_threshold_that_was_set_cannot_be_certified():
    assert math.isfinite(CERTIFIED.certified_threshold)
    with pytest.raises(ValueError, match="set by hand, so that it cannot be certified"):
        replace(CERTIFIED, threshold_set=True)
