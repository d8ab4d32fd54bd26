"""A threshold that a person sets: what the result of the theme says then."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from themetagger.selection.by_hand import did_you_mean, set_by_hand, set_with_evidence
from themetagger.selection.confusion import Confusion
from themetagger.selection.evidence import Evidence
from themetagger.selection.groups import group_of, is_usable
from themetagger.selection.objectives import PrecisionFirst
from themetagger.selection.results import HeldOut, averages, results_table
from themetagger.selection.theme_result import ThemeResult

CERTIFIED = ThemeResult(
    "pay",
    "CERTIFIED",
    family="ridge",
    support=5,
    counts=Confusion(4, 1, 1, 4),
    average_precision=0.8,
    threshold=0.5,
    certified_target=0.9,
    certified_confidence=0.9,
    certified_threshold=0.5,
    certified_flagged=40,
    certified_hits=39,
    certified_positives=50,
    corrected_precision=0.9,
    usable_precision=0.5,
)
TRUTH = np.array([1, 1, 0, 1, 0, 0], np.uint8)
EVIDENCE = Evidence(TRUTH, (np.array([6.0, 5, 4, 3, 2, 1]),), 0, np.arange(6) % 2, np.arange(6), 1)


def test_a_certificate_is_lost_and_the_figures_are_unknown():
    result = set_by_hand(CERTIFIED, 0.2)
    assert (result.status, result.threshold, result.threshold_set) == ("BEST_EFFORT", 0.2, True)
    assert not result.certified
    assert result.certified_threshold == math.inf
    assert result.reason == "threshold set by hand; nothing is promised"
    assert is_usable(result)
    row = results_table([result]).iloc[0]
    assert row[["tp", "precision", "recall", "predictions"]].isna().all()
    assert row["average_precision"] == 0.8  # a ranking has the same figure wherever it is cut
    assert ThemeResult.from_json(result.to_json()).threshold_set


def test_with_evidence_the_figures_are_those_of_that_cut():
    result = set_with_evidence(CERTIFIED, 3.5, EVIDENCE, PrecisionFirst())
    assert result.counts == Confusion(2, 1, 1, 2)
    assert result.reason.endswith("precision 0.67 is below 0.90")
    assert (group_of(result), result.target_met) == ("needs review", False)
    result = set_with_evidence(CERTIFIED, 4.5, EVIDENCE, PrecisionFirst())
    assert (group_of(result), result.target_met, result.counts.precision) == ("not proven", True, 1.0)
    assert set_with_evidence(CERTIFIED, 9, EVIDENCE, PrecisionFirst()).reason.endswith("it tags no text")


def test_averages_leave_out_a_theme_whose_figures_are_unknown():
    other = replace(CERTIFIED, theme="staff")
    with_one, alone = results_table([set_by_hand(CERTIFIED, 0.2), other]), results_table([other])
    assert averages(with_one)["precision"].tolist() == averages(alone)["precision"].tolist()
    held_out = {"pay": HeldOut(Confusion(0, 0, 0, 0), 0.7), "staff": HeldOut(Confusion(1, 1, 1, 1), 0.7)}
    table = results_table([set_by_hand(CERTIFIED, 0.2), other], held_out)
    assert table["heldout_precision"].isna().tolist() == [True, False]
    assert averages(table)["heldout_precision"].tolist() == [0.5] * 6


@pytest.mark.parametrize("value", [math.nan, math.inf, True, "0.5", None])
def test_what_is_no_finite_number_is_refused(value):
    with pytest.raises(ValueError, match="'pay': a threshold must be a finite number"):
        set_by_hand(CERTIFIED, value)


def test_the_nearest_name_is_found_whatever_its_case():
    assert did_you_mean("PAYY", ["food", "pay"]) == "; did you mean 'pay'?"
    assert did_you_mean("zzz", [f"theme {i}" for i in range(20)]).endswith("and 8 more.")
    assert did_you_mean("zzz", []) == "."
