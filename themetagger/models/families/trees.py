"""Random forest and AdaBoost: scikit-learn's trees, bagged and boosted."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from themetagger.features import Suggests
from themetagger.models.families.family import CLASS_WEIGHTS, Estimator, Family, Params
from themetagger.models.families.first_trials import ON_200_COLUMNS
from themetagger.models.scorers import LEAF, Tree, TreeScorer, not_above, stack


def _forest_space(trial: Suggests) -> dict[str, Any]:
    return {
        "n_estimators": trial.suggest_int("random_forest.n_estimators", 60, 150),
        "max_depth": trial.suggest_int("random_forest.max_depth", 4, 32, log=True),
        "min_samples_leaf": trial.suggest_int("random_forest.min_samples_leaf", 1, 8, log=True),
        "class_weight": trial.suggest_categorical("random_forest.class_weight", CLASS_WEIGHTS),
    }


def _forest(params: Params, *, seed: int) -> Estimator:
    return RandomForestClassifier(**params, max_features="sqrt", n_jobs=1, random_state=seed)


def _forest_scorer(estimator: Estimator) -> TreeScorer:
    """The mean over the trees of the share of the theme in the leaf."""
    share = 1.0 / len(estimator.estimators_)
    return stack([_tree(tree, share * _theme_share(tree)) for tree in estimator.estimators_], base=0.0)


def _adaboost_space(trial: Suggests) -> dict[str, Any]:
    return {
        "n_estimators": trial.suggest_int("adaboost.n_estimators", 30, 100),
        "max_depth": trial.suggest_int("adaboost.max_depth", 1, 2),
        "learning_rate": trial.suggest_float("adaboost.learning_rate", 0.1, 1.5, log=True),
        "class_weight": trial.suggest_categorical("adaboost.class_weight", CLASS_WEIGHTS),
    }


def _adaboost(params: Params, *, seed: int) -> Estimator:
    boosting = {name: value for name, value in params.items() if name != "max_depth"}
    # A stump looks at every feature in every round; a random fifth costs a fifth and varies the rounds.
    stump = DecisionTreeClassifier(max_depth=params["max_depth"], max_features=0.2)
    return AdaBoostClassifier(stump, **boosting, random_state=seed)


def _adaboost_scorer(estimator: Estimator) -> TreeScorer:
    """Weighted votes of +2 and -2 over the sum of the weights: SAMME's decision function for two classes."""
    weights = np.asarray(estimator.estimator_weights_[: len(estimator.estimators_)], dtype=np.float64)
    scale = 2.0 / weights.sum()
    votes = [np.where(_is_theme(tree), scale, -scale) for tree in estimator.estimators_]
    trees = zip(estimator.estimators_, weights, votes, strict=True)
    return stack([_tree(tree, weight * vote) for tree, weight, vote in trees], base=0.0)


def _theme_share(estimator: Estimator) -> Any:
    negative, positive = _class_shares(estimator)
    return positive / (negative + positive)


def _is_theme(estimator: Estimator) -> Any:
    negative, positive = _class_shares(estimator)
    return positive > negative  # a tie is a vote against, as in scikit-learn


def _class_shares(estimator: Estimator) -> Any:
    return np.asarray(estimator.tree_.value, dtype=np.float64)[:, 0, :].T


def _tree(estimator: Estimator, value: Any) -> Tree:
    fitted = estimator.tree_
    leaf = fitted.children_left == -1
    feature = np.where(leaf, LEAF, fitted.feature)  # scikit-learn marks a leaf's feature with -2
    return Tree(feature, not_above(fitted.threshold), fitted.children_left, fitted.children_right, value)


RANDOM_FOREST = Family(
    name="random_forest",
    level=2,
    space=_forest_space,
    build=_forest,
    as_scorer=_forest_scorer,
    first_trials=(ON_200_COLUMNS,),
    reduces=True,
)
ADABOOST = Family(
    name="adaboost",
    level=2,
    space=_adaboost_space,
    build=_adaboost,
    as_scorer=_adaboost_scorer,
    first_trials=(),
    reduces=True,
    weighs_rows=True,
)
