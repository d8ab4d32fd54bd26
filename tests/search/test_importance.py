"""Which settings mattered: the one that decides is named first; what cannot be told is not."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from optuna.distributions import FloatDistribution, distribution_to_json

from themetagger.search.importance import importances
from themetagger.search.storage.trial_log import COMPLETE, FAIL, PRUNED, Record

SPACE = {name: json.loads(distribution_to_json(FloatDistribution(0, 1))) for name in ("decides", "idle")}


def _records(n, *, state=COMPLETE, early=lambda decides: decides):
    draw = np.random.default_rng(0)
    drawn = [{"decides": float(a), "idle": float(b)} for a, b in draw.random((n, 2))]
    return [
        Record(i, state, 0.5, params, SPACE, None, 1, 0.0, 1.0, early=early(params["decides"]))
        for i, params in enumerate(drawn)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("state", [COMPLETE, PRUNED])
def test_the_setting_that_decides_is_named(state):
    table = importances(_records(40, state=state))
    assert table["setting"].iloc[0] == "decides"
    assert table["importance"].iloc[0] > 0.8
    assert table["importance"].sum() == pytest.approx(1)
    assert importances(_records(40)).equals(importances(_records(40)))


@pytest.mark.parametrize(
    "records",
    [_records(5), _records(20, early=lambda _: 0.3), _records(20, state=FAIL, early=lambda _: math.nan)],
    ids=["few", "all alike", "all failed"],
)
def test_what_cannot_be_told_is_not(records):
    assert importances(records).empty
