"""LightGBM and XGBoost: gradient boosting, read back from the libraries' own description of a model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from themetagger.features import Suggests
from themetagger.models.families.family import CLASS_WEIGHTS, Estimator, Family, Params
from themetagger.models.families.first_trials import ON_200_COLUMNS
from themetagger.models.scorers import LEAF, Tree, TreeScorer, just_below, not_above, stack


def _lightgbm_space(trial: Suggests) -> dict[str, Any]:
    return {
        "n_estimators": trial.suggest_int("lightgbm.n_estimators", 50, 150),
        "num_leaves": trial.suggest_int("lightgbm.num_leaves", 4, 31, log=True),
        "learning_rate": trial.suggest_float("lightgbm.learning_rate", 0.05, 0.3, log=True),
        "min_child_samples": trial.suggest_int("lightgbm.min_child_samples", 2, 30, log=True),
        "colsample_bytree": trial.suggest_float("lightgbm.colsample_bytree", 0.3, 1.0),
        "class_weight": trial.suggest_categorical("lightgbm.class_weight", CLASS_WEIGHTS),
    }


def _lightgbm(params: Params, *, seed: int) -> Estimator:
    from lightgbm import LGBMClassifier

    quiet: dict[str, Any] = {"verbose": -1, "deterministic": True, "force_row_wise": True, "n_jobs": 1}
    return LGBMClassifier(**params, **quiet, random_state=seed)


def _lightgbm_scorer(estimator: Estimator) -> TreeScorer:
    """The raw margin; the start value is already part of the first tree's leaves."""
    model = estimator.booster_.dump_model()
    return stack([_lightgbm_tree(tree["tree_structure"]) for tree in model["tree_info"]], base=0.0)


def _lightgbm_tree(root: dict[str, Any]) -> Tree:
    nodes = list(_parents_first(root))
    place = {id(node): i for i, node in enumerate(nodes)}
    return Tree(
        feature=[node.get("split_feature", LEAF) for node in nodes],
        threshold=not_above([node.get("threshold", 0.0) for node in nodes]),
        left=[place.get(id(node.get("left_child")), LEAF) for node in nodes],
        right=[place.get(id(node.get("right_child")), LEAF) for node in nodes],
        value=[node.get("leaf_value", 0.0) for node in nodes],
    )


def _parents_first(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for side in ("left_child", "right_child"):
        if side in node:
            yield from _parents_first(node[side])


def _xgboost_space(trial: Suggests) -> dict[str, Any]:
    return {
        "n_estimators": trial.suggest_int("xgboost.n_estimators", 50, 150),
        "max_depth": trial.suggest_int("xgboost.max_depth", 2, 5),
        "learning_rate": trial.suggest_float("xgboost.learning_rate", 0.05, 0.3, log=True),
        "min_child_weight": trial.suggest_float("xgboost.min_child_weight", 0.1, 5.0, log=True),
        "colsample_bytree": trial.suggest_float("xgboost.colsample_bytree", 0.3, 1.0),
        "class_weight": trial.suggest_categorical("xgboost.class_weight", CLASS_WEIGHTS),
    }


def _xgboost(params: Params, *, seed: int) -> Estimator:
    from xgboost import XGBClassifier

    quiet: dict[str, Any] = {"tree_method": "hist", "n_jobs": 1, "verbosity": 0, "missing": np.nan}
    return XGBClassifier(**params, **quiet, random_state=seed)


def _xgboost_scorer(estimator: Estimator) -> TreeScorer:
    """The margin: log-odds of the base score plus the leaves."""
    learner = json.loads(estimator.get_booster().save_raw("json"))["learner"]
    trees = learner["gradient_booster"]["model"]["trees"]
    # XGBoost 3 writes the base score as a list of one probability, "[5E-1]"; XGBoost 2 without brackets.
    base = float(learner["learner_model_param"]["base_score"].strip("[]"))
    return stack([_xgboost_tree(tree) for tree in trees], base=float(np.log(base) - np.log1p(-base)))


def _xgboost_tree(tree: dict[str, Any]) -> Tree:
    left = np.asarray(tree["left_children"])
    split = np.asarray(tree["split_conditions"], dtype=np.float32)  # of a leaf: its value
    feature = np.where(left == -1, LEAF, tree["split_indices"])
    return Tree(feature, just_below(split), left, tree["right_children"], split)


LIGHTGBM = Family(
    name="lightgbm",
    level=3,
    space=_lightgbm_space,
    build=_lightgbm,
    as_scorer=_lightgbm_scorer,
    first_trials=(ON_200_COLUMNS,),
    reduces=True,
)
XGBOOST = Family(
    name="xgboost",
    level=3,
    space=_xgboost_space,
    build=_xgboost,
    as_scorer=_xgboost_scorer,
    first_trials=(),
    reduces=True,
    weighs_rows=True,
)
