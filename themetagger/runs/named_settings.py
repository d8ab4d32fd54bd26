"""Settings under the plain names that options and plan files have, as `Plan` takes them: texts and numbers, no objects.

``objective`` and the names in `OF_OBJECTIVE` make one objective; the names in `OF_PROMISE` make a promise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from themetagger.selection.guarantee import Promise
from themetagger.selection.objectives import OBJECTIVES, Objective, promise_of

FIRST = "precision-first"  # the objective where none is named
OF_OBJECTIVE = {
    "target": "target",
    "recall_floor": "recall_floor",
    "stop_at_target": "stop_at_target",
    "precision_floor": "precision_floor",
    "beta": "beta",
    "cost_false_positive": "false_positive",
    "cost_false_negative": "false_negative",
}
OF_PROMISE = {"certify": "target", "confidence": "confidence", "certify_recall": "recall_floor", "certify_by": "form"}
STOP_EARLY: dict[str, bool | str] = {"target": True, "certified": "certified", "never": False}
CERTIFY_BY = ("fixed-sequence", "bonferroni", "calibration")


def without_meaning(named: Mapping[str, Any]) -> str:
    """The first setting that the objective does not have; empty where there is none.

    Examples
    --------
    >>> without_meaning({"objective": "f1", "target": 0.7, "recall_floor": 0.5})
    'recall_floor'
    """
    known = {field.name for field in fields(OBJECTIVES[named.get("objective", FIRST)])}  # type: ignore[arg-type]
    return next((name for name, field in OF_OBJECTIVE.items() if name in named and field not in known), "")


def objective_with(name: str) -> str:
    """The objective that has a setting, where only one does; else "".

    Examples
    --------
    >>> objective_with("cost_false_negative"), objective_with("target")
    ('costs', '')
    """
    having = [own for own in OBJECTIVES if without_meaning({"objective": own, name: 0}) == ""]
    return having[0] if len(having) == 1 else ""


def objective_of(named: Mapping[str, Any]) -> Objective:
    """The objective that is named, with the settings that are named.

    Raises
    ------
    ValueError
        If a value makes no sense; it begins with the name of the setting.

    Examples
    --------
    >>> objective_of({"objective": "costs", "cost_false_negative": 5.0})
    Costs(false_positive=1.0, false_negative=5.0, target=0.5)
    """
    given = {field: named[name] for name, field in OF_OBJECTIVE.items() if name in named}
    made: Objective = OBJECTIVES[named.get("objective", FIRST)](**given)
    return made


def promise_from(objective: Objective, named: Mapping[str, Any]) -> Promise:
    """The promise of an objective, with what is named of another.

    Examples
    --------
    >>> promise_from(objective_of({}), {"certify": 0.8, "certify_by": "fixed-sequence"}).target
    0.8
    """
    given = {field: named[name] for name, field in OF_PROMISE.items() if name in named}
    if "form" in given:
        given["form"] = given["form"].replace("-", "_")
    return replace(promise_of(objective), **given)


def settings_of(named: Mapping[str, Any]) -> dict[str, Any]:
    """All settings as `Plan` takes them.

    Examples
    --------
    >>> made = settings_of({"trials": 5, "objective": "f1", "target": 0.7, "stop_early": "never"})
    >>> made["objective"], made["trials"], made["stop_early"]
    (FBeta(beta=1.0, target=0.7), 5, False)
    """
    rest = {name: value for name, value in named.items() if name not in ("objective", *OF_OBJECTIVE, *OF_PROMISE)}
    if "stop_early" in rest:
        rest["stop_early"] = STOP_EARLY.get(rest["stop_early"], rest["stop_early"])
    objective = named.get("objective", FIRST)
    objective = objective_of(named) if isinstance(objective, str) else objective
    return rest | {"objective": objective, "promise": promise_from(objective, named)}
