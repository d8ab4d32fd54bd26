"""The results table against hand-made numbers, its averages against scikit-learn, and its files."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from themetagger.report.results import ALWAYS_THERE, read_csv, to_markdown, write_csv
from themetagger.selection.confusion import Confusion
from themetagger.selection.results import (
    COLUMNS,
    HELD_OUT_COLUMNS,
    TEXTS,
    HeldOut,
    averages,
    quality_of_tags,
    results_table,
    status_counts,
)
from themetagger.selection.theme_result import ThemeResult

PAY = ThemeResult(
    "pay",
    "CERTIFIED",
    "",
    10,
    "ridge",
    "words",
    {"alpha": 1.2},
    {"min_df": 2},
    0.5,
    Confusion(8, 2, 2, 88),
    0.9,
    trials=40,
    seconds=1.5,
    stopped="patience",
    certified_target=0.7,
    certified_confidence=0.9,
    certified_threshold=0.5,
    certified_flagged=10,
    certified_hits=8,
    certified_positives=10,
    corrected_precision=0.78,
    corrected_recall=0.75,
    precision_bound=0.7,
    recall_bound=0.6,
)
QUIET = ThemeResult(
    "quiet",
    "BEST_EFFORT",
    "predicts nothing",
    5,
    "svm",
    "words",
    counts=Confusion(0, 0, 5, 95),
    average_precision=0.2,
)
FOOD = ThemeResult.skipped("food", "5 positives, needs 30", support=5)
HELD = {
    "pay": HeldOut(Confusion(3, 1, 1, 15), 0.8),
    "quiet": HeldOut(Confusion(0, 0, 0, 20)),
    "food": HeldOut(Confusion(0, 0, 4, 16)),
}
ODD_NAMES = [
    "=1+1",
    "'=1+1",
    "''=x",
    "+a",
    "-a",
    "@a",
    "\ta",
    "\ra",
    "a\rb",
    "a|b\nc",
    "<script>alert(1)</script>",
    "$x_1$",
    "x" * 400,
    "NA",
    "",
    "'quoted'",
    "naïve 😀",
    "\uff1d1",
    'say "hi", then go',
    *("-5", "'-5", "+3.2", " =1+1", '"=1+1"', "' =1", "\n=1", "\u200b=1"),
]


def cells(table: pd.DataFrame, theme: str) -> dict[str, object]:
    return table.set_index("theme").loc[theme].to_dict()


def average(table: pd.DataFrame, average_: str, over: str) -> dict[str, float]:
    return averages(table).set_index(["average", "over"]).loc[(average_, over)].to_dict()


def test_columns_are_those_that_others_script_against():
    assert tuple(results_table([PAY])) == COLUMNS
    assert tuple(results_table([PAY], HELD)) == COLUMNS + HELD_OUT_COLUMNS


def test_a_row_says_what_the_winner_says():
    row = cells(results_table([PAY], HELD), "pay")
    expected = {
        "status": "CERTIFIED",
        "certified_target": 0.7,
        "certified_recall": 0.8,
        "corrected_precision": 0.78,
        "recall_bound": 0.6,
        "family": "ridge",
        "view": "words",
        "hyperparameters": "min_df=2, alpha=1.2",
        "threshold": 0.5,
        "tp": 8,
        "fp": 2,
        "fn": 2,
        "tn": 88,
        "precision": 0.8,
        "recall": 0.8,
        "accuracy": 0.96,
        "average_precision": 0.9,
        "support": 10,
        "predictions": 10,
        "trials": 40,
        "seconds": 1.5,
        "stopped": "patience",
        "heldout_tp": 3,
        "heldout_precision": 0.75,
        "heldout_recall": 0.75,
        "heldout_support": 4,
        "heldout_predictions": 4,
    }
    assert {name: row[name] for name in expected} == expected


def test_seconds_that_nobody_kept_are_an_empty_cell(tmp_path):
    table = results_table([replace(PAY, seconds=float("nan")), replace(FOOD, seconds=float("nan"))])
    write_csv(table, tmp_path / "results.csv")
    found = read_csv(tmp_path / "results.csv")
    assert found["seconds"].isna().all()
    pd.testing.assert_frame_equal(found, table)
    assert "nan" not in (tmp_path / "results.csv").read_text()
    assert "nan" not in to_markdown(table, averages(table))


def test_a_skipped_theme_keeps_only_its_support_and_its_missed_positives():
    row = cells(results_table([FOOD], HELD), "food")
    figures = [
        "threshold",
        "tp",
        "fp",
        "fn",
        "tn",
        "precision",
        "recall",
        "f1",
        "average_precision",
        "predictions",
    ]
    assert pd.isna([row[name] for name in figures]).all()
    assert (row["support"], row["heldout_fn"], row["heldout_recall"], row["heldout_support"]) == (
        5,
        4,
        0.0,
        4,
    )
    assert (row["reason"], row["family"], row["hyperparameters"]) == ("5 positives, needs 30", "", "")


def test_rows_keep_the_order_given():
    assert list(results_table([QUIET, FOOD, PAY])["theme"]) == ["quiet", "food", "pay"]


@pytest.mark.parametrize(
    ("stopped", "cut", "shown"),
    [
        ("patience", False, "patience"),
        ("patience", True, "patience (cut short by a time budget)"),
        ("time budget of 60 s", True, "time budget of 60 s"),
    ],
)
def test_a_study_cut_short_by_a_time_budget_says_so(stopped, cut, shown):
    theme_result = ThemeResult("pay", "BEST_EFFORT", family="ridge", stopped=stopped, budget_cut=cut)
    assert results_table([theme_result])["stopped"][0] == shown


@pytest.mark.parametrize(
    ("theme_results", "held_out", "message"),
    [([PAY, PAY], None, "pay.* has several"), ([PAY, FOOD], {"pay": HELD["pay"]}, "missing for food")],
)
def test_a_theme_has_one_winner_and_one_held_out_row(theme_results, held_out, message):
    with pytest.raises(ValueError, match=message):
        results_table(theme_results, held_out)


@pytest.mark.parametrize(
    ("kind", "over", "precision", "recall", "f1", "average_precision"),
    [
        ("micro", "all themes", 8 / 10, 8 / 20, 16 / 30, math.nan),
        ("micro", "tuned themes", 8 / 10, 8 / 15, 16 / 25, math.nan),
        ("macro", "all themes", 0.8 / 3, 0.8 / 3, 0.8 / 3, 1.1 / 3),
        ("macro", "tuned themes", 0.4, 0.4, 0.4, 0.55),
        ("weighted", "all themes", 0.4, 0.4, 0.4, 0.5),
        ("weighted", "tuned themes", 8 / 15, 8 / 15, 8 / 15, 10 / 15),
    ],
)
def test_skipped_and_silent_themes_cannot_hide(kind, over, precision, recall, f1, average_precision):
    row = average(results_table([PAY, QUIET, FOOD]), kind, over)
    figures = [row[name] for name in ("precision", "recall", "f1", "average_precision")]
    np.testing.assert_allclose(figures, [precision, recall, f1, average_precision])


def test_where_themes_are_not_usable_averages_as_tagged_stand_beside_the_others_and_count_them_as_missed():
    uncertified = {"corrected_precision": math.nan, "usable_precision": 0.5, "certified_threshold": math.nan}
    noisy = replace(PAY, theme="noisy", status="BEST_EFFORT", counts=Confusion(5, 15, 5, 75), **uncertified)
    table = results_table([PAY, noisy, FOOD], HELD | {"noisy": HeldOut(Confusion(1, 9, 1, 9))})
    assert averages(table)["over"].tolist() == ["all themes", "tuned themes", "as tagged"] * 3
    row, both = average(table, "micro", "as tagged"), average(table, "micro", "all themes")
    tp, fp = PAY.counts.tp, PAY.counts.fp
    assert row["precision"] == pytest.approx(tp / (tp + fp)) != both["precision"]
    assert row["recall"] == pytest.approx(tp / (PAY.support + noisy.support + FOOD.support))
    for prefix in ("", "heldout_"):
        assert quality_of_tags(table, prefix) == (row[f"{prefix}precision"], row[f"{prefix}recall"])
    assert averages(results_table([PAY, FOOD]))["over"].tolist() == ["all themes", "tuned themes"] * 3


def test_a_theme_without_held_out_positives_is_left_out_of_macro_only():
    row = average(results_table([PAY, QUIET, FOOD], HELD), "macro", "all themes")
    assert (row["themes"], row["heldout_themes"]) == (3, 2)
    assert row["heldout_recall"] == pytest.approx(0.75 / 2)
    loud = HELD | {"quiet": HeldOut(Confusion(0, 4, 0, 16))}
    micro = average(results_table([PAY, QUIET, FOOD], loud), "micro", "all themes")
    assert micro["heldout_precision"] == pytest.approx(3 / 8)


@pytest.mark.parametrize("kind", ["micro", "macro", "weighted"])
def test_averages_are_those_of_scikit_learn(kind):
    truth, tagged = np.random.default_rng(0).integers(0, 2, size=(2, 200, 6))
    theme_results = []
    for i, ((tn, fp), (fn, tp)) in enumerate(metrics.multilabel_confusion_matrix(truth, tagged)):
        counts = Confusion(int(tp), int(fp), int(fn), int(tn))
        theme_results.append(
            ThemeResult(f"theme {i}", "BEST_EFFORT", "", counts.support, "ridge", "words", counts=counts)
        )
    row = average(results_table(theme_results), kind, "all themes")
    expected = metrics.precision_recall_fscore_support(truth, tagged, average=kind)[:3]
    np.testing.assert_allclose([row["precision"], row["recall"], row["f1"]], expected)


@pytest.mark.parametrize("theme_results", [[], [FOOD]])
def test_averages_of_no_tuned_theme_are_nan(theme_results):
    row = average(results_table(theme_results), "macro", "tuned themes")
    assert row["themes"] == 0
    assert math.isnan(row["precision"])


def test_statuses_are_counted():
    counts = status_counts(results_table([PAY, QUIET, FOOD]))
    assert counts == {"CERTIFIED": 1, "BEST_EFFORT": 1, "SKIPPED": 1, "FAILED": 0}


def test_no_cell_of_the_csv_starts_a_formula(tmp_path):
    table = results_table([ThemeResult.skipped(name, "=cmd|'/c calc'!A0") for name in ODD_NAMES])
    write_csv(table, tmp_path / "results.csv")
    with open(tmp_path / "results.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["theme"] for row in rows][:8] == [
        "'=1+1",
        "''=1+1",
        "'''=x",
        "'+a",
        "'-a",
        "'@a",
        "'\ta",
        "'\ra",
    ]
    assert {row["reason"][0] for row in rows} == {"'"}
    assert rows[12]["theme"] == "x" * 400


def test_numbers_of_the_csv_stay_numbers(tmp_path):
    theme_result = ThemeResult(
        "pay", "BEST_EFFORT", "", 3, "svm", "words", threshold=-0.1 - 0.2, counts=Confusion(1, 0, 2, 4)
    )
    write_csv(results_table([theme_result]), tmp_path / "results.csv")
    row = pd.read_csv(tmp_path / "results.csv").iloc[0]
    assert (row["threshold"], row["tp"], row["support"]) == (-0.1 - 0.2, 1, 3)


def test_the_csv_brings_the_table_back(tmp_path):
    theme_results = [PAY, QUIET, *(ThemeResult.skipped(name, "reason", support=3) for name in ODD_NAMES)]
    held_out = dict.fromkeys([theme_result.theme for theme_result in theme_results], HELD["pay"])
    table = results_table(theme_results, held_out)
    write_csv(table, tmp_path / "results.csv")
    again = read_csv(tmp_path / "results.csv")
    pd.testing.assert_frame_equal(again, table)
    pd.testing.assert_frame_equal(averages(again), averages(table))


def _without(table, columns, path):
    """The file of an older version: the table as it was before these columns."""
    write_csv(table.drop(columns=list(columns)), path)
    return read_csv(path)


def test_a_column_that_an_older_table_lacks_is_empty(tmp_path):
    table, path = results_table([PAY, FOOD], HELD), tmp_path / "results.csv"
    later = [name for name in (*COLUMNS, *HELD_OUT_COLUMNS) if name not in ALWAYS_THERE]
    for name in later:
        if name in ("heldout_support", "group"):  # the first says whether there were held-out texts
            continue
        again = _without(table, [name], path)
        assert again[name].isna().all()
        pd.testing.assert_frame_equal(again.drop(columns=name), table.drop(columns=name))
    oldest = _without(table, later, path)
    assert set(oldest) == set(COLUMNS)
    assert oldest["support"].tolist() == [10, 5]
    assert oldest["group"].tolist() == table["group"].tolist()  # worked out from status and reason


def test_a_column_of_tomorrow_is_read_by_the_same_rules(tmp_path, monkeypatch):
    monkeypatch.setattr("themetagger.report.results.COLUMNS", (*COLUMNS, "remark", "certainty"))
    monkeypatch.setattr("themetagger.report.results.TEXTS", (*TEXTS, "remark"))
    monkeypatch.setattr("themetagger.selection.results.TEXTS", (*TEXTS, "remark"))
    write_csv(results_table([PAY, FOOD]), tmp_path / "results.csv")
    again = read_csv(tmp_path / "results.csv")
    assert again["remark"].tolist() == ["", ""]
    assert again["certainty"].isna().all()


def test_a_table_of_something_else_is_refused(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("theme,status\npay,MET\n")
    with pytest.raises(ValueError, match=r"other\.csv has no column reason, .* pass the results\.csv"):
        read_csv(path)


def test_markdown_has_a_line_a_theme_a_reason_and_the_averages():
    table = results_table([PAY, QUIET, FOOD], HELD)
    lines = to_markdown(table, averages(table)).splitlines()
    assert [cell.strip() for cell in lines[2].strip("|").split("|")] == [
        *("pay", "certified", "0.800", "0.800", "0.800", "0.900", "10"),
        *("0.750", "0.750", "0.750", "0.800", "ridge", "words", "0.500"),
    ]
    assert lines[5:9] == [
        "",
        "- quiet (needs review): predicts nothing",
        "- food (too rare): 5 positives, needs 30",
        "",
    ]
    assert sum(line.startswith(("| micro", "| macro", "| weighted")) for line in lines) == 6


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a|b\nc", r"| a\|b c "),
        ("<script>alert(1)</script>", r"| \<script>alert(1)\</script> "),
        ("$x_1$", r"| \$x_1\$ "),
        ("x" * 400, "| " + "x" * 79 + "… "),
    ],
)
def test_markdown_prints_a_name_as_it_is_on_one_line(name, shown):
    table = results_table([ThemeResult.skipped(name, "one class")])
    assert to_markdown(table, averages(table)).splitlines()[2].startswith(shown)


def test_what_met_its_target_in_an_older_version_is_a_best_effort(tmp_path):
    write_csv(results_table([PAY, FOOD]).replace({"status": {"CERTIFIED": "MET"}}), tmp_path / "old.csv")
    assert read_csv(tmp_path / "old.csv")["status"].tolist() == ["BEST_EFFORT", "SKIPPED"]


def test_a_table_of_an_older_version_certifies_nothing(tmp_path):
    promising = replace(PAY, threshold=0.7, certified_threshold=0.7, certified_flagged=6, certified_hits=5)
    table = results_table([promising, QUIET])
    assert table["certified_recall"].tolist()[0] == 0.5
    assert table["certified_threshold"].isna().tolist() == [False, True]
    write_csv(table, tmp_path / "new.csv")
    pd.testing.assert_frame_equal(read_csv(tmp_path / "new.csv"), table)
    write_csv(table.drop(columns=[name for name in table if name.startswith("certified_")]), tmp_path / "old.csv")
    assert read_csv(tmp_path / "old.csv")["certified_recall"].isna().all()


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("status", "GREAT", "row 1, column 'status': 'GREAT' is unknown"),
        ("theme", "food", "row 2, column 'theme': 'food' is there twice"),
        ("tp", "-1", "row 1, column 'tp': '-1' is not a whole number"),
        ("tp", "2.5", "row 1, column 'tp'"),
        ("support", "9" * 400, "column 'support'"),
        ("precision", "1.5", "row 1, column 'precision': '1.5' is not a number from 0 to 1"),
        ("threshold", "inf", "row 1, column 'threshold'"),
        ("seconds", "soon", "column 'seconds'"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(tmp_path, column, cell, told):
    table = results_table([PAY, FOOD]).astype(object)
    table.loc[0, column] = cell
    write_csv(table, tmp_path / "results.csv")
    with pytest.raises(ValueError, match=re.escape(told)):
        read_csv(tmp_path / "results.csv")


@pytest.mark.parametrize("text", ["", "a,a\n1,2\n", "a,b\n1\n", "\xff", "x" * 200_000])
def test_what_is_no_table_of_results_is_refused(tmp_path, text):
    (tmp_path / "results.csv").write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=r"."):
        read_csv(tmp_path / "results.csv")
