"""What one study decided: its ratios, and its way to JSON and back."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace

import numpy as np
import pytest
from sklearn import metrics

from themetagger.selection.confusion import Confusion
from themetagger.selection.theme_result import FIELDS, ThemeResult

MODELLED = ThemeResult(
    theme="pay",
    status="BEST_EFFORT",
    reason="recall 0.40 is below 0.50",
    support=20,
    family="ridge",
    view="words",
    params={"alpha": 1.5, "class_weight": None, "fit_intercept": True},
    feature_settings={"min_df": 2, "ngram_range": [1, 2]},
    threshold=-0.25,
    counts=Confusion(tp=8, fp=2, fn=12, tn=78),
    average_precision=0.61,
    calibration=(2.0, -1.0),
    trials=40,
    seconds=3.5,
    stopped="patience",
    budget_cut=True,
)


@pytest.mark.parametrize("seed", range(5))
def test_ratios_are_those_of_scikit_learn(seed):
    truth, tagged = np.random.default_rng(seed).integers(0, 2, size=(2, 50))
    tn, fp, fn, tp = metrics.confusion_matrix(truth, tagged).ravel()
    counts = Confusion(tp=int(tp), fp=int(fp), fn=int(fn), tn=int(tn))
    assert counts.precision == pytest.approx(metrics.precision_score(truth, tagged))
    assert counts.recall == pytest.approx(metrics.recall_score(truth, tagged))
    assert counts.f1 == pytest.approx(metrics.f1_score(truth, tagged))
    assert counts.specificity == pytest.approx(metrics.recall_score(1 - truth, 1 - tagged))
    assert counts.accuracy == pytest.approx(metrics.accuracy_score(truth, tagged))
    assert (counts.support, counts.predictions, counts.rows) == (truth.sum(), tagged.sum(), 50)


NAN = math.nan


@pytest.mark.parametrize(
    ("counts", "precision", "recall", "f1", "specificity", "accuracy"),
    [
        (Confusion(0, 0, 3, 7), NAN, 0.0, 0.0, 1.0, 0.7),
        (Confusion(0, 2, 3, 5), 0.0, 0.0, 0.0, 5 / 7, 0.5),
        (Confusion(0, 2, 0, 8), 0.0, NAN, 0.0, 0.8, 0.8),
        (Confusion(0, 0, 0, 10), NAN, NAN, NAN, 1.0, 1.0),
        (Confusion(4, 0, 0, 0), 1.0, 1.0, 1.0, NAN, 1.0),
        (Confusion(0, 0, 0, 0), NAN, NAN, NAN, NAN, NAN),
    ],
)
def test_an_undefined_ratio_is_nan(counts, precision, recall, f1, specificity, accuracy):
    ratios = [counts.precision, counts.recall, counts.f1, counts.specificity, counts.accuracy]
    np.testing.assert_allclose(ratios, [precision, recall, f1, specificity, accuracy])


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match=r"Confusion\.fn .* cannot be negative, but got -1"):
        Confusion(tp=1, fp=1, fn=-1, tn=1)


@pytest.mark.parametrize(
    "theme_result",
    [
        MODELLED,
        ThemeResult.skipped("=1+1", "3 positives, needs 30", support=3),
        ThemeResult.failed("a|b\nc", "every trial failed", support=40, trials=2, seconds=0.5),
        ThemeResult("all", "BEST_EFFORT", family="ridge", threshold=math.inf),
        ThemeResult("all", "BEST_EFFORT", family="ridge", threshold=-math.inf),
    ],
)
def test_json_brings_a_result_back(theme_result):
    text = json.dumps(theme_result.to_json(), allow_nan=False)
    again = ThemeResult.from_json(json.loads(text))
    assert repr(again) == repr(theme_result)  # equality would stumble over nan


def test_json_takes_numpy_values_and_tuples():
    theme_result = ThemeResult(
        "pay",
        "BEST_EFFORT",
        family="ridge",
        params={"alpha": np.float64(1.5), "steps": (np.int64(1), 2)},
        counts=Confusion(*np.array([1, 2, 3, 4])),
        threshold=np.float32(0.5),
    )
    data = json.loads(json.dumps(theme_result.to_json(), allow_nan=False))
    assert data["params"] == {"alpha": 1.5, "steps": [1, 2]}
    assert data["counts"] == {"tp": 1, "fp": 2, "fn": 3, "tn": 4}
    assert data["threshold"] == 0.5


@pytest.mark.parametrize("value", [math.nan, math.inf, object(), {1: "a"}, {"deep": [b"bytes"]}, {1, 2}])
def test_json_refuses_a_setting_that_would_not_come_back(value):
    theme_result = ThemeResult("pay", "BEST_EFFORT", family="ridge", params={"odd": value})
    with pytest.raises(ValueError, match=r"JSON cannot hold .*params of the result of theme 'pay'"):
        theme_result.to_json()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "PERFECT"}, r"'status'\] must be one of CERTIFIED"),
        ({"theme": 3}, r"'theme'\] must be a text, but is 3"),
        ({"support": 1.5}, r"'support'\] must be a whole number"),
        ({"support": True}, r"'support'\] must be a whole number"),
        ({"threshold": "high"}, r"'threshold'\] must be a number, null"),
        ({"budget_cut": 1}, r"'budget_cut'\] must be true or false"),
        ({"params": [1]}, r"'params'\] must be an object"),
        ({"calibration": [1.0]}, r"'calibration'\] must be a list of slope and intercept"),
        ({"counts": {"tp": 1}}, r"'counts'\] do not fit: missing or unknown fn, fp, tn"),
        ({"counts": None}, r"theme result\['counts'\] must be an object, but is NoneType"),
        ({"counts": {"tp": 1.0, "fp": 0, "fn": 0, "tn": 0}}, r"'tp'\] must be a whole number"),
        ({"surprise": 1}, "missing or unknown surprise"),
        ({"family": ""}, "contradicts family ''"),
    ],
)
def test_a_damaged_result_is_refused_by_name(change, message):
    with pytest.raises(ValueError, match=message):
        ThemeResult.from_json(MODELLED.to_json() | change)


def test_a_result_of_an_older_file_certifies_nothing():
    data = MODELLED.to_json()
    for name in [name for name in data if name.startswith(("certified_", "corrected_", "label_")) or "_bound" in name]:
        del data[name]
    theme_result = ThemeResult.from_json(data)
    assert not theme_result.certified
    assert math.isnan(theme_result.certified_recall)
    assert math.isnan(theme_result.corrected_precision)
    assert ThemeResult.from_json(data | {"status": "MET"}).status == "BEST_EFFORT"  # its target was met out of fold
    del data["support"]
    with pytest.raises(ValueError, match="missing or unknown support"):
        ThemeResult.from_json(data)


def test_what_is_certified_comes_back():
    found = {
        "threshold": MODELLED.threshold,
        "flagged": 30,
        "hits": 29,
        "positives": 50,
        "target": 0.9,
        "confidence": 0.8,
    }
    theme_result = replace(
        MODELLED, status="CERTIFIED", **{f"certified_{name}": value for name, value in found.items()}
    )
    again = ThemeResult.from_json(json.loads(json.dumps(theme_result.to_json())))
    assert again == theme_result
    assert (again.certified, again.certified_recall) == (True, 0.58)


def test_what_a_file_of_version_3_certified_is_kept_beside_the_cut_that_it_deploys():
    found = {"certified_threshold": 0.25, "certified_flagged": 30, "certified_hits": 29}
    data = replace(MODELLED, support=50, **found).to_json() | {"status": "MET"}
    younger = ("corrected_precision", "corrected_recall", "precision_bound", "recall_bound", "label_gain")
    for name in ("certified_positives", *younger):
        del data[name]
    theme_result = ThemeResult.from_json(data)
    assert (theme_result.status, theme_result.certified_recall, theme_result.threshold) == (
        "BEST_EFFORT",
        0.58,
        MODELLED.threshold,
    )


def test_a_certified_theme_is_cut_where_it_is_certified():
    found = {"certified_threshold": 0.25, "certified_flagged": 30, "certified_hits": 29, "certified_positives": 50}
    with pytest.raises(ValueError, match="its threshold is not the certified one"):
        replace(MODELLED, status="CERTIFIED", **found)


def test_feature_settings_had_another_name_in_older_files():
    data = MODELLED.to_json()
    data["recipe"] = data.pop("feature_settings")
    assert ThemeResult.from_json(data) == MODELLED
    with pytest.raises(ValueError, match="missing or unknown recipe"):
        ThemeResult.from_json({**MODELLED.to_json(), "recipe": {}})


def test_a_missing_key_is_named():
    data = MODELLED.to_json()
    del data["threshold"]
    with pytest.raises(ValueError, match="missing or unknown threshold"):
        ThemeResult.from_json(data)


def test_the_table_of_json_fields_names_each_field_of_a_result_in_order():
    assert [field.name for field in FIELDS] == [field.name for field in fields(ThemeResult)]
    assert list(MODELLED.to_json()) == [field.name for field in FIELDS]


def test_of_an_addition_to_the_format_all_fields_are_there_or_none():
    data = MODELLED.to_json()
    del data["certified_hits"]
    with pytest.raises(ValueError, match="missing or unknown certified_hits"):
        ThemeResult.from_json(data)


@pytest.mark.parametrize(
    ("theme_result", "assigned"),
    [
        (MODELLED, True),
        (ThemeResult("pay", "BEST_EFFORT", family="ridge"), True),
        (ThemeResult.skipped("pay", "one class"), False),
        (ThemeResult.failed("pay", "error"), False),
    ],
)
def test_a_theme_is_assigned_exactly_when_it_has_a_model(theme_result, assigned):
    assert theme_result.assigned is assigned


@pytest.mark.parametrize(
    ("status", "family", "message"),
    [
        ("BEST_EFFORT", "", "contradicts family"),
        ("SKIPPED", "ridge", "contradicts family"),
        ("met", "ridge", "status must be"),
        ("CERTIFIED", "ridge", "CERTIFIED needs a certificate"),
    ],
)
def test_status_and_model_cannot_contradict_each_other(status, family, message):
    with pytest.raises(ValueError, match=message):
        ThemeResult("pay", status, family=family)
