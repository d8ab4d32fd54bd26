"""Records of trials from strangers: kinds, ranges, and parameters within their distributions."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import pytest

from themetagger.search.storage.trial_log import Record
from themetagger.search.storage.trial_shape import checked_trial

FLOAT = {"name": "FloatDistribution", "attributes": {"low": 0.1, "high": 2.0, "log": True, "step": None}}
INT = {"name": "IntDistribution", "attributes": {"low": 1, "high": 9, "log": False, "step": 1}}
CHOICE = {"name": "CategoricalDistribution", "attributes": {"choices": [None, "balanced", 2, True]}}
RECORD = Record(
    0, "PRUNED", None, {"a": 1.0, "n": 3, "c": None}, {"a": FLOAT, "n": INT, "c": CHOICE}, None, 1, 1.0, 2.0
)
GOOD: dict[str, Any] = asdict(RECORD) | {"early": None}


def test_a_record_comes_back_from_its_line() -> None:
    read = Record.of_line(RECORD.line())
    assert math.isnan(read.early)
    assert asdict(read) | {"early": None} == GOOD


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", -1),
        ("number", True),
        ("number", 1.0),
        ("state", "RUNNING"),
        ("value", "1"),
        ("params", []),
        ("params", {"a": 1.0}),
        ("params", {"a": 5.0, "n": 3, "c": None}),
        ("params", {"a": 1.0, "n": 3.0, "c": None}),
        ("params", {"a": 1.0, "n": True, "c": None}),
        ("params", {"a": 1.0, "n": 3, "c": 1}),
        ("params", {"a": math.nan, "n": 3, "c": None}),
        ("distributions", {"a": FLOAT, "n": INT}),
        ("distributions", {"a": FLOAT, "n": INT, "c": {"name": "os.system", "attributes": {}}}),
        ("distributions", {"a": FLOAT, "n": {**INT, "attributes": {"low": 1, "high": 9}}, "c": CHOICE}),
        ("level", "1"),
        ("begun", -1.0),
        ("ended", 1e300),
        ("early", "x"),
        ("blend_weight", math.inf),
        ("scores", 3),
        ("error", None),
        ("summary", {"family": 3}),
        ("summary", {"a": [1]}),
        ("warnings", "x"),
        ("warnings", [3]),
    ],
)
def test_a_field_that_does_not_fit_is_refused(field: str, value: Any) -> None:
    checked_trial(GOOD)
    with pytest.raises(ValueError, match=r"."):
        checked_trial(GOOD | {field: value})
    with pytest.raises(ValueError, match="is missing"):
        checked_trial({name: one for name, one in GOOD.items() if name != field})


def test_a_complete_trial_has_a_value() -> None:
    with pytest.raises(ValueError, match="it is complete, but has no value"):
        checked_trial(GOOD | {"state": "COMPLETE"})


@pytest.mark.parametrize("figure", [math.nan, math.inf, 0.5])
def test_a_figure_for_people_need_not_be_finite(figure: float) -> None:
    line = Record(0, "FAIL", None, {}, {}, None, 1, 1.0, 2.0, summary={"average_precision": figure}).line()
    read = (Record.of_line(line).summary or {})["average_precision"]
    assert read == figure or math.isnan(figure)


def test_a_line_with_a_key_twice_is_refused() -> None:
    line = RECORD.line().decode()
    with pytest.raises(ValueError, match="twice"):
        Record.of_line(line.replace('"trial": {', '"trial": {"number": 0, ').encode())
    assert json.loads(line)["trial"]["number"] == 0
