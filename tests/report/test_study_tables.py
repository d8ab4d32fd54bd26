"""The history of a study, and its families side by side."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from themetagger.report.study_tables import families_compared, study_history


def _trials():
    rows = [
        (0, "ridge", "COMPLETE", 0.5, 1.0),
        (1, "ridge", "PRUNED", math.nan, 0.2),
        (2, "lightgbm", "COMPLETE", 0.7, 4.0),
        (3, "ridge", "COMPLETE", 0.6, 3.0),
        (4, "logistic", "FAIL", math.nan, 0.1),
        (5, "ridge", "COMPLETE", 0.6, 9.0),
    ]
    return pd.DataFrame(rows, columns=["number", "family", "state", "average_precision", "seconds"]).assign(
        early_average_precision=[0.5, 0.3, 0.7, 0.6, math.nan, 0.6]
    )


def test_the_best_so_far_never_falls():
    assert study_history(_trials())["best"].tolist() == [0.5, 0.5, 0.7, 0.7, 0.7, 0.7]
    assert math.isnan(study_history(_trials().iloc[[1, 0]])["best"].iloc[0])


def test_families_stand_in_the_order_of_what_they_reached():
    table = families_compared(_trials(), texts=100)
    assert table["family"].tolist() == ["lightgbm", "ridge", "logistic"]
    ridge = table.set_index("family").loc["ridge"]
    assert ridge[["trials", "complete", "failed", "best_average_precision"]].tolist() == [4, 3, 0, 0.6]
    assert (ridge["seconds"], ridge["texts_per_second"]) == (3.0, pytest.approx(100 / 3))
    assert table["failed"].tolist() == [0, 0, 1]
    assert math.isnan(table["seconds"].iloc[2])
    assert families_compared(_trials().iloc[:0], texts=100).empty
