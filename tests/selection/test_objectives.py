"""Objectives choose what a search through all cuts by hand chooses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from themetagger.selection.objectives import OBJECTIVES, Costs, FBeta, PrecisionFirst, RecallFirst
from themetagger.selection.operating_points import operating_points

SHARES = st.sampled_from([0.0, 0.25, 0.5, 0.6, 0.9, 1.0])


@st.composite
def points_and_cuts(draw):
    """Operating points, and by brute force (precision, recall, tp, fp, fn) of each."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))  # lists drawn one by one are nearly all alike
    n = rng.integers(2, 25)
    truth = (rng.random(n) < rng.choice([0.3, 0.6, 0.9])).astype(int)
    scores = rng.integers(0, 13, n).astype(float) + truth * rng.integers(0, 8)
    assume(truth.any())
    cuts = []
    for score in sorted(set(scores), reverse=True):
        flagged = scores >= score
        tp, fp, fn = (int(x.sum()) for x in (flagged & (truth > 0), flagged & (truth == 0), ~flagged & (truth > 0)))
        cuts.append((tp / (tp + fp), tp / (tp + fn), tp, fp, fn))
    return operating_points(truth, scores), cuts


@given(points_and_cuts(), SHARES, SHARES)
def test_precision_first_takes_the_most_precise_cut_above_the_floor_then_more_recall(found, target, floor):
    points, cuts = found
    best = max((precision, recall) for precision, recall, *_ in cuts if recall >= floor)
    objective = PrecisionFirst(target=target, recall_floor=floor)
    cut = objective.choose(points)
    assert cuts[cut][:2] == best
    assert (objective.met(points, cut) == "") == (best[0] >= target and best[1] >= floor)


@given(points_and_cuts(), SHARES, SHARES)
def test_stopping_at_the_target_takes_most_recall_among_precise_enough_cuts(found, target, floor):
    points, cuts = found
    kept = [(precision, recall) for precision, recall, *_ in cuts if recall >= floor]
    enough = [(recall, precision) for precision, recall in kept if precision >= target]
    chosen = cuts[PrecisionFirst(target=target, recall_floor=floor, stop_at_target=True).choose(points)]
    assert chosen[:2] == (max(enough)[::-1] if enough else max(kept))


@given(points_and_cuts(), st.sampled_from([0.5, 1.0, 2.0]))
def test_f_beta_takes_the_largest_f_then_the_more_precise(found, beta):
    points, cuts = found
    weight = beta * beta
    f = [(1 + weight) * tp / ((1 + weight) * tp + weight * fn + fp) for _, _, tp, fp, fn in cuts]
    cut = FBeta(beta=beta).choose(points)
    assert f[cut] == pytest.approx(max(f), abs=1e-12)
    assert FBeta(beta=beta).value(points) == pytest.approx(max(f))
    assert cuts[cut][0] >= max(cuts[i][0] for i in range(len(cuts)) if f[i] == f[cut]) - 1e-12


@given(points_and_cuts(), SHARES)
def test_recall_first_takes_most_recall_above_the_precision_floor(found, floor):
    points, cuts = found
    kept = [(recall, precision) for precision, recall, *_ in cuts if precision >= floor]
    chosen = cuts[RecallFirst(precision_floor=floor).choose(points)]
    assert chosen[:2] == (max(kept)[::-1] if kept else max(cut[:2] for cut in cuts))


@given(points_and_cuts(), st.sampled_from([0.5, 1.0, 3.0]), st.sampled_from([0.5, 1.0, 5.0]))
def test_costs_takes_the_cheapest_cut(found, false_positive, false_negative):
    points, cuts = found
    cost = [false_positive * fp + false_negative * fn for *_, fp, fn in cuts]
    objective = Costs(false_positive, false_negative, target=0.5)
    nothing = false_negative * points.positives
    cut = objective.choose(points)
    assert cost[cut] == pytest.approx(min(cost))
    assert objective.value(points) == pytest.approx(1 - min(cost) / nothing)
    if abs(min(cost) - 0.5 * nothing) > 1e-9:
        assert (objective.met(points, cut) == "") == (min(cost) < 0.5 * nothing)


@pytest.mark.parametrize(
    ("truth", "objective", "flagged"),
    [
        ([1, 1, 1, 0, 1], PrecisionFirst(recall_floor=0.2), 3),
        ([1, 0, 1, 0], PrecisionFirst(recall_floor=1.0), 3),
        ([1, 1, 1, 0, 1], PrecisionFirst(target=0.8, recall_floor=0.2, stop_at_target=True), 5),
        ([1, 1, 1, 0, 1], PrecisionFirst(target=0.81, recall_floor=0.2, stop_at_target=True), 3),
        ([0, 1, 1, 0], PrecisionFirst(target=0.9, recall_floor=0.5, stop_at_target=True), 3),
        ([1, 0, 1, 0], RecallFirst(precision_floor=0.5), 3),
    ],
    ids=repr,
)
def test_among_equally_precise_cuts_the_one_with_more_recall_wins(truth, objective, flagged):
    points = operating_points(truth, -np.arange(len(truth), dtype=float))
    assert points.flagged[objective.choose(points)] == flagged


def _points(*, precise: int, found: int, flagged: int):
    """Cuts of a ranking whose ``precise`` top texts are right, and whose top ``flagged`` hold ``found`` of 10."""
    truth = [1] * precise + [0] * (flagged - found) + [1] * (found - precise) + [0] * 20 + [1] * (10 - found)
    return operating_points(truth, -np.arange(len(truth), dtype=float))


@pytest.mark.parametrize(
    ("objective", "lacks"),
    [
        (PrecisionFirst(target=0.9, recall_floor=0.5), ""),
        (PrecisionFirst(target=0.9, recall_floor=0.8), "precision 0.80 is below 0.90"),
        (PrecisionFirst(target=0.81, recall_floor=0.8), "precision 0.80 is below 0.81"),
        (PrecisionFirst(target=0.801, recall_floor=0.8), "precision 0.800 is below 0.801"),
        (RecallFirst(target=0.8, precision_floor=0.8), ""),
        (RecallFirst(target=0.9, precision_floor=0.8), "recall 0.80 is below 0.90"),
        (RecallFirst(target=0.1, precision_floor=1.0), ""),
        (FBeta(target=0.8), ""),
        (FBeta(target=0.85), "F1 0.80 is below 0.85"),
        (FBeta(beta=0.5, target=0.99), "F0.5 0.88 is below 0.99"),
        (Costs(target=0.5), ""),
        (Costs(target=0.3), "saved cost 0.60 is below 0.70"),
    ],
    ids=repr,
)
def test_what_a_theme_lacks_is_said_in_figures(objective, lacks):
    points = _points(precise=6, found=8, flagged=10)
    assert objective.met(points, objective.choose(points)) == lacks


def test_recall_first_says_when_no_cut_keeps_the_precision_floor():
    points = operating_points([0, 1, 0, 0], [4.0, 3.0, 2.0, 1.0])
    objective = RecallFirst(target=1.0, precision_floor=0.6)
    assert points.precision[objective.choose(points)] == 0.5
    assert objective.met(points, objective.choose(points)) == "precision 0.50 is below 0.60"


def test_recall_first_is_driven_by_average_precision():
    points = _points(precise=6, found=8, flagged=10)
    assert RecallFirst().value(points) == points.average_precision


def test_precision_first_is_driven_by_average_precision_and_the_cut():
    points = _points(precise=6, found=8, flagged=10)
    cut = PrecisionFirst().choose(points)
    assert PrecisionFirst().value(points) == pytest.approx((points.average_precision + points.precision[cut]) / 2)


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        (PrecisionFirst, {"target": 1.1}),
        (PrecisionFirst, {"recall_floor": -0.1}),
        (RecallFirst, {"target": float("nan")}),
        (RecallFirst, {"precision_floor": 90}),
        (FBeta, {"beta": 0}),
        (FBeta, {"target": 2}),
        (Costs, {"false_positive": 0}),
        (Costs, {"false_negative": -1.0}),
    ],
)
def test_a_setting_without_meaning_is_refused_by_name_and_value(kind, setting):
    (name, value), *_ = setting.items()
    with pytest.raises(ValueError, match=f"{name} .*{value}"):
        kind(**setting)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_registered_objective_chooses_judges_and_values(name):
    points, objective = _points(precise=6, found=8, flagged=10), OBJECTIVES[name]()
    cut = objective.choose(points)
    assert 0 <= cut < len(points.thresholds)
    assert isinstance(objective.met(points, cut), str)
    assert np.isfinite(objective.value(points))


@pytest.mark.parametrize(("found", "flagged", "met"), [(9, 10, True), (8, 12, False)])
def test_stopping_at_the_target_is_searched_for_recall_once_the_target_is_reached(found, flagged, met):
    objective, points = PrecisionFirst(stop_at_target=True), _points(precise=0, found=found, flagged=flagged)
    cut = objective.choose(points)
    assert (objective.met(points, cut) == "") == met
    wanted = 0.9 + 0.1 * points.recall[cut] if met else points.precision[cut]
    assert objective.value(points) == pytest.approx((points.average_precision + wanted) / 2)
