"""What one study tries, and what can be promised of the best."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from themetagger.certificate import PROMISE
from themetagger.objectives import PrecisionFirst
from themetagger.operating_point import operating_points
from themetagger.search.trying import Search


def _searched(features, y, tried, best):
    groups = np.arange(len(y))
    search = Search(features, y, groups, PrecisionFirst(), PROMISE, 0, lambda *_: None)
    search.tried, search.best = tried, SimpleNamespace(scores=tried[best])
    return search


def test_the_choice_without_a_fold_is_made_on_the_other_folds(corpus, features):
    y = corpus.column("pay")
    noise = np.random.default_rng(0).normal(size=len(y))
    blind = np.where(features.folds == 0, -6.0 * y, 2.3 * y) + noise  # wrong in fold 0 alone
    fair = 1.8 * y + noise
    search = _searched(features, y, [blind, fair], 0)
    folds = [features.folds == k for k in range(features.n_folds)]
    assert [search._best_without(fold) for fold in folds] == [0, *[1] * (features.n_folds - 1)]
    assert _searched(features, y, [fair, fair + 1], 0)._best_without(folds[0]) == 0  # of equals the first


def test_luck_in_choosing_is_not_certified(corpus, features):
    """The ranking of the best is perfect, but without any one fold another would be chosen, whose ranking is not."""
    y = corpus.column("pay")
    noise = np.random.default_rng(0).normal(size=len(y))
    perfect, poor = 9.0 * y + noise, 0.5 * y + noise
    certificate = _searched(features, y, [perfect, perfect], 0).certificate()
    assert certificate.hits >= 0.95 * certificate.flagged >= 29
    search = _searched(features, y, [perfect, poor], 0)
    search._best_without = lambda fold: 1
    assert search.certificate() is None
    assert _searched(features, y, [poor, perfect], 0).certificate() is None


def test_the_number_of_trials_divides_what_bonferroni_allows(corpus, features):
    y = corpus.column("pay")
    perfect = 9.0 * y + np.random.default_rng(0).normal(size=len(y))
    search = _searched(features, y, [perfect], 0)
    search.promise = replace(PROMISE, form="bonferroni")
    search.trials = 1
    assert search.certificate() is not None
    search.trials = 10**9
    assert search.certificate() is None


def test_the_cut_is_the_certified_one_or_the_objectives(corpus, features):
    y = corpus.column("pay")
    scores = 2.5 * y + np.random.default_rng(0).normal(size=len(y))
    search = _searched(features, y, [scores], 0)
    search.best = SimpleNamespace(scores=scores, points=operating_points(y, scores))
    certificate = SimpleNamespace(flagged=40)
    assert search.best.points.flagged[search.cut(certificate)] == 40
    assert search.cut(None) == PrecisionFirst().choose(search.best.points)
