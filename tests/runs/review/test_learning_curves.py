"""The curves of a past run: computed from its folder alone, kept there, and the same as its study's figures."""

from __future__ import annotations

import numpy as np
import pytest
from toys import SMALL, toy

from themetagger.runs.errors import RunError
from themetagger.runs.past_run import open_run
from themetagger.runs.review.learning_curves import learning_curves_of_run
from themetagger.runs.run_schema import objective_in
from themetagger.runs.tune import tune
from themetagger.selection.learning_curve import COLUMNS
from themetagger.selection.objectives import Costs, FBeta, PrecisionFirst

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_page")]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("curves")
    frame = toy(150)
    frame.to_csv(folder / "train.csv", index=False)
    overrides = {"food": {"min_positives": 1000}, "pay": {"objective": FBeta(0.5)}}
    settings = SMALL | {"families": ("ridge", "sparse_svm"), "seed": 7, "overrides": overrides}
    run = tune(folder / "train.csv", out=folder / "run", **settings)
    return folder, run


def test_at_all_labels_a_curve_has_the_figures_of_the_run(made):
    folder, run = made
    curves = learning_curves_of_run(open_run(folder / "run"), n_jobs=1)
    assert sorted(curves) == ["pay", "staff"]
    table = run.results.set_index("theme")
    for theme, curve in curves.items():
        assert list(curve.columns) == list(COLUMNS)
        assert curve["average_precision"].iloc[-1] == table.loc[theme, "average_precision"]
        assert curve["labels"].tolist() == [19, 38, 75, 112, 150]
    evidence, last = run.evidence["pay"], curves["pay"].iloc[-1]
    from themetagger.selection.operating_points import operating_points

    points = operating_points(evidence.truth, evidence.scores)
    assert last["flagged"] == points.flagged[FBeta(0.5).choose(points)]


def test_a_second_call_reads_and_a_part_may_be_asked_for(made, monkeypatch):
    folder, _ = made
    past = open_run(folder / "run")
    first = learning_curves_of_run(past, n_jobs=1)
    monkeypatch.setattr(
        "themetagger.runs.review.learning_curves.inputs_of_run", lambda past: pytest.fail("counted again")
    )
    again = learning_curves_of_run(past, ["staff"], n_jobs=1)
    assert list(again) == ["staff"]
    assert again["staff"].equals(first["staff"])


def test_what_cannot_be_meant_is_told(made):
    folder, _ = made
    past = open_run(folder / "run")
    with pytest.raises(ValueError, match="no theme 'salaries'; its themes are"):
        learning_curves_of_run(past, ["salaries"])
    with pytest.raises(ValueError, match=r"'food' has no model \(SKIPPED: .* needs 1000\)"):
        learning_curves_of_run(past, ["food"])


def test_without_the_texts_it_says_what_to_pass(made, tmp_path):
    folder, _ = made
    past = open_run(folder / "run")
    with pytest.raises(RunError, match="pass it as train"):
        learning_curves_of_run(type(past)(past.folder, past.tagger, past.data, missing="pass it as train"))


@pytest.mark.parametrize(
    ("said", "objective"),
    [
        (
            {"class": "PrecisionFirst", "target": 0.8, "recall_floor": 0.3, "stop_at_target": True},
            PrecisionFirst(0.8, 0.3, True),
        ),
        ({"class": "Costs", "false_positive": 2.0, "false_negative": 1.0, "target": 0.5}, Costs(2.0)),
        ({"class": "TheirOwn", "weight": 2}, PrecisionFirst()),
        (None, PrecisionFirst()),
    ],
)
def test_an_objective_is_read_from_the_plan(said, objective):
    assert objective_in({"objective": said}, "pay") == objective
    assert objective_in({"objective": None, "overrides": {"pay": {"objective": said}}}, "pay") == objective
    assert np.isfinite(objective.target)
