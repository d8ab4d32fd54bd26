"""What one study tries, and where the best of it is cut."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from themetagger.models.families.first_trials import PLATEAU
from themetagger.search.companion import Companion
from themetagger.search.cross_validation import fit_fold, out_of_fold_scores
from themetagger.search.space import Configuration
from themetagger.search.trial import FEW_POSITIVES, StudyState
from themetagger.selection.guarantee import PROMISE
from themetagger.selection.objectives import FBeta, PrecisionFirst
from themetagger.selection.operating_points import operating_points


@pytest.fixture
def search(corpus, features):
    """A study of "pay" that has tried two configurations, of which the second is the best."""
    y = corpus.column("pay")
    scores = 2.5 * y + np.random.default_rng(0).normal(size=len(y))
    made = StudyState(features, y, np.arange(len(y)), PrecisionFirst(), PROMISE, 0, lambda *_: None)
    made.tried, made.n_trials = [-scores, scores], 7
    made.best = SimpleNamespace(scores=scores, points=operating_points(y, scores), assessment=SimpleNamespace(met=True))
    return made


def test_the_evidence_is_all_that_was_tried(search):
    evidence = search.evidence()
    assert (evidence.chosen, evidence.choices, len(evidence.tried)) == (1, 7, 2)
    assert evidence.scores is search.best.scores
    assert evidence.folds is search.features.folds


def test_the_cut_is_the_certified_one_or_the_objectives(search):
    certificate = SimpleNamespace(threshold=float(np.sort(search.best.scores)[-40]))
    assert search.best.points.flagged[search.cut(certificate)] == 40
    assert search.cut(None) == PrecisionFirst().choose(search.best.points)
    search.objective = FBeta()
    search.__post_init__()
    assert search.cut(certificate) == FBeta().choose(search.best.points)


def test_a_study_is_satisfied_by_the_target_or_by_the_certificate(search, monkeypatch):
    assert search.satisfied(True)
    assert not search.satisfied(False)
    monkeypatch.setattr(StudyState, "certificate", lambda self: None)
    assert not search.satisfied("certified")
    monkeypatch.setattr(StudyState, "certificate", lambda self: "a certificate")
    assert search.satisfied("certified")
    search.best = None
    assert not search.satisfied("certified")


def test_what_the_last_doubling_of_labels_gained_is_told_for_the_model_alone(corpus, features):
    y, configuration = corpus.column("pay"), Configuration("ridge", {"alpha": 1.0, "class_weight": None}, PLATEAU)
    made = StudyState(features, y, np.arange(len(y)), PrecisionFirst(), PROMISE, 5, lambda *_: None)
    whole, _ = out_of_fold_scores(configuration, features, y, seed=5)
    half, seen = np.empty(len(y)), features.folds < 2
    for k in range(2):
        half[features.folds == k] = fit_fold(configuration, features, y, k, seed=5, share=0.5)[1]
    companion = Companion(C=0.1, weight=0.5)
    added, _ = made.companion_models(companion)
    made.best = SimpleNamespace(
        configuration=replace(configuration, companion=companion),
        scores=whole + 3 * added,
        companion=companion,
        blend_weight=3.0,
    )
    before, after = (operating_points(y[seen], scores[seen]).average_precision for scores in (half, whole))
    assert made.label_gain() == pytest.approx(after - before)
    made.y = np.where(np.cumsum(y) < FEW_POSITIVES, y, 0)
    assert math.isnan(made.label_gain())
