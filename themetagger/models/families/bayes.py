"""Complement and multinomial naive Bayes: for two classes both are linear in the counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.naive_bayes import ComplementNB, MultinomialNB

from themetagger.features import Suggests
from themetagger.models.families.family import Estimator, Family, Params
from themetagger.models.families.first_trials import ON_WORDS
from themetagger.models.scorers import LinearScorer


def _complement_space(trial: Suggests) -> dict[str, Any]:
    # Of two classes the complement of one is the other: without norm this ranks as the multinomial rule does.
    return {"alpha": trial.suggest_float("naive_bayes_complement.alpha", 0.001, 1.0, log=True), "norm": True}


def _complement(params: Params, *, seed: int) -> Estimator:
    return ComplementNB(**params)  # counting draws no random numbers, so the seed decides nothing


def _complement_scorer(estimator: Estimator) -> LinearScorer:
    # scikit-learn leaves the class prior out of the complement rule when there are two classes or more.
    return LinearScorer(weights=_difference(estimator.feature_log_prob_), intercept=0.0)


def _multinomial_space(trial: Suggests) -> dict[str, Any]:
    return {"alpha": trial.suggest_float("naive_bayes_multinomial.alpha", 0.001, 1.0, log=True)}


def _multinomial(params: Params, *, seed: int) -> Estimator:
    return MultinomialNB(**params)


def _multinomial_scorer(estimator: Estimator) -> LinearScorer:
    prior = _difference(estimator.class_log_prior_)
    return LinearScorer(weights=_difference(estimator.feature_log_prob_), intercept=float(prior))


def _difference(log_likelihoods: Any) -> Any:
    """Theme minus rest, which is how far the log-odds move per unit of each feature."""
    negative, positive = np.asarray(log_likelihoods, dtype=np.float64)
    return positive - negative


NAIVE_BAYES_COMPLEMENT = Family(
    name="naive_bayes_complement",
    level=1,
    space=_complement_space,
    build=_complement,
    as_scorer=_complement_scorer,
    nonnegative=True,
    first_trials=(ON_WORDS | {"naive_bayes_complement.alpha": 0.3},),
)
NAIVE_BAYES_MULTINOMIAL = Family(
    name="naive_bayes_multinomial",
    level=1,
    space=_multinomial_space,
    build=_multinomial,
    as_scorer=_multinomial_scorer,
    nonnegative=True,
    first_trials=(),
)
