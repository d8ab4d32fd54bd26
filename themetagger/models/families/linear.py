"""Ridge, logistic regression and linear support vector machines."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.svm import LinearSVC

from themetagger.features import Suggests, TfidfConfig
from themetagger.models.families.family import CLASS_WEIGHTS, Estimator, Family, Params
from themetagger.models.families.first_trials import ON_PLATEAU, ON_WORDS
from themetagger.models.families.ridge_steps import RidgeSteps
from themetagger.models.scorers import LinearScorer


def _ridge_space(trial: Suggests) -> dict[str, Any]:
    return {
        "alpha": trial.suggest_float("ridge.alpha", 0.05, 20.0, log=True),
        "class_weight": trial.suggest_categorical("ridge.class_weight", CLASS_WEIGHTS),
    }


def _ridge(params: Params, *, seed: int) -> Estimator:
    if "steps" in params:
        return RidgeSteps(alpha=params["alpha"], steps=params["steps"])
    # Targets are -1 and +1; conjugate gradients never fill in the sparse rows, as centring them would.
    return RidgeClassifier(**params, solver="sparse_cg", tol=1e-3, random_state=seed)


def _logistic_space(trial: Suggests) -> dict[str, Any]:
    return {
        "C": trial.suggest_float("logistic.C", 0.1, 100.0, log=True),
        "class_weight": trial.suggest_categorical("logistic.class_weight", CLASS_WEIGHTS),
    }


def _logistic(params: Params, *, seed: int) -> Estimator:
    # On 1,120 texts of 91,000 n-grams the dual form takes half the time of the primal, for the same ranks.
    return LogisticRegression(**params, solver="liblinear", dual=True, max_iter=1000, random_state=seed)


def _linear_svm_space(trial: Suggests) -> dict[str, Any]:
    return {
        "C": trial.suggest_float("linear_svm.C", 0.01, 10.0, log=True),
        "class_weight": trial.suggest_categorical("linear_svm.class_weight", CLASS_WEIGHTS),
    }


def _linear_svm(params: Params, *, seed: int) -> Estimator:
    return LinearSVC(**params, dual=True, max_iter=2000, random_state=seed)


def _sparse_svm_space(trial: Suggests) -> dict[str, Any]:
    return {
        "C": trial.suggest_float("sparse_svm.C", 0.05, 1.0, log=True),
        "class_weight": trial.suggest_categorical("sparse_svm.class_weight", CLASS_WEIGHTS),
    }


def _sparse_svm(params: Params, *, seed: int) -> Estimator:
    # The penalty on the sum of weights leaves most of them zero: a few telling words, where ridge uses all of them.
    # At the default tolerance a fit takes twice as long, for scores that correlate .999 with these.
    return LinearSVC(**params, penalty="l1", dual=False, tol=0.05, max_iter=300, random_state=seed)


def _as_scorer(estimator: Estimator) -> LinearScorer:
    weights = np.asarray(estimator.coef_, dtype=np.float64).ravel()
    return LinearScorer(weights=weights, intercept=float(np.ravel(estimator.intercept_)[0]))


RIDGE = Family(
    name="ridge",
    level=1,
    space=_ridge_space,
    build=_ridge,
    as_scorer=_as_scorer,
    first_trials=tuple(ON_PLATEAU | {"ridge.alpha": alpha, "ridge.class_weight": None} for alpha in (1.0, 3.0)),
    leads=True,
    single_precision=True,
)
LOGISTIC = Family(
    name="logistic",
    level=1,
    space=_logistic_space,
    build=_logistic,
    as_scorer=_as_scorer,
    first_trials=(ON_WORDS | {"logistic.C": 10.0, "logistic.class_weight": "balanced"},),
)
LINEAR_SVM = Family(
    name="linear_svm",
    level=1,
    space=_linear_svm_space,
    build=_linear_svm,
    as_scorer=_as_scorer,
    first_trials=tuple(ON_PLATEAU | {"linear_svm.C": C, "linear_svm.class_weight": None} for C in (0.3, 1.0)),
)
SPARSE_SVM = Family(
    name="sparse_svm",
    level=1,
    space=_sparse_svm_space,
    build=_sparse_svm,
    as_scorer=_as_scorer,
    first_trials=(),
    fixed_features=TfidfConfig("words_1_2", min_df=2, max_df=0.5, sublinear_tf=False, presence=True),
)
