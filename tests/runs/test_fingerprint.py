"""What a run is made from, as JSON values that change when it changes, and only then."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from themetagger.runs.fingerprint import described, plan_json
from themetagger.runs.plan import Plan
from themetagger.selection.objectives import PrecisionFirst


@dataclass(frozen=True)
class Costs:
    """An objective of somebody's own."""

    table: Any

    def choose(self, points):
        return 0


class Plain:
    """One that is no dataclass."""

    def __init__(self, weight):
        self.weight = weight


def _double(value):
    return 2 * value


def _triple(value):
    return 3 * value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 2),
        (np.int64(1), np.int64(2)),
        (np.float32(0.5), np.float32(0.25)),
        (np.array([1, 2]), np.array([1, 3])),
        (np.array([1, 2]), np.array([1.0, 2.0])),
        ({1, 2}, {1, 3}),
        (Decimal("0.1"), Decimal("0.2")),
        (PrecisionFirst(0.9), PrecisionFirst(0.8)),
        (Costs({"fp": 5}), Costs({"fp": 6})),
        (Costs(_double), Costs(_triple)),
        (Plain(1), Plain(2)),
        ([None, "a"], [None, "b"]),
    ],
)
def test_what_differs_is_described_differently(one, other):
    assert described(one) == described(one)
    assert json.dumps(described(one)) != json.dumps(described(other))
    assert json.loads(json.dumps(described(one))) == described(one)


def test_a_number_is_a_number_whatever_made_it():
    assert described(np.int64(7)) == described(7)
    assert described(Plain(np.float64(0.5))) == described(Plain(0.5))


@pytest.mark.parametrize(
    "more",
    [
        {"n_jobs": 2},
        {"trials": 99},
        {"time_budget": 3.0},
        {"out": "elsewhere"},
        {"text_columns": "Processed Text"},
        {"overrides": {"pay": {"trials": 5}}},
    ],
)
def test_what_decides_nothing_is_left_out(more):
    plan = {"train": "a.csv", "out": "run"}
    assert plan_json(Plan(**plan | more)) == plan_json(Plan(**plan))
