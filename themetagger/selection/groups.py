"""How far each theme can be relied on, in words that people see: six groups, and which are tagged by default.

A theme is *not usable* when so many of its tags would be wrong that giving them does more harm than good.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

import pandas as pd

from themetagger.selection.objectives import EVEN, Objective
from themetagger.selection.theme_result import ThemeResult, met_before

Group = Literal["certified", "not proven", "needs review", "not usable", "too rare", "no model"]
GROUPS: tuple[Group, ...] = get_args(Group)  # from the best to the worst
NOT_RARE = ("one class", "without it", "average precision")  # what the reason of a skipped theme says that is not rare


def is_usable(result: ThemeResult) -> bool:
    """Whether a theme is tagged by default: a model whose tags do more good than harm on new texts.

    The precision to expect on new texts (out of fold, without the bias of the choices; out of fold where that is not
    known) must be ``usable_precision`` at least: one half, unless the objective says otherwise. A certified theme, one
    whose threshold a person set, and any theme of a tagger file of an older version is usable.

    Examples
    --------
    >>> from themetagger.selection.confusion import Confusion
    >>> pay, other = (
    ...     ThemeResult("pay", "BEST_EFFORT", family="ridge", counts=Confusion(tp, 10, 5, 90), usable_precision=0.5)
    ...     for tp in (12, 3)
    ... )
    >>> is_usable(pay), is_usable(other), is_usable(ThemeResult.skipped("food", "3 positives, needs 30"))
    (True, False, False)
    """
    if not result.assigned:
        return False
    if result.status == "CERTIFIED" or result.threshold_set or result.usable_precision <= 0:
        return True
    expected = result.corrected_precision
    expected = result.counts.precision if math.isnan(expected) else expected
    return expected >= result.usable_precision  # nan, where nothing was tagged, is no reason to tag


def usable_precision_of(objective: Objective) -> float:
    """The precision below which a theme is not usable with an objective: its ``usable_precision``, else one half.

    Examples
    --------
    >>> from themetagger.selection.objectives import Costs, FBeta, PrecisionFirst, RecallFirst
    >>> usable_precision_of(PrecisionFirst()), usable_precision_of(RecallFirst(precision_floor=0.2))
    (0.5, 0.2)
    >>> usable_precision_of(FBeta(beta=2)), usable_precision_of(Costs(false_positive=1, false_negative=4))
    (0.2, 0.2)
    """
    return float(getattr(objective, "usable_precision", EVEN))


def group_of(result: ThemeResult) -> Group:
    """The group of a theme.

    "certified": a promise of precision holds at its threshold. "not proven": its target is reached out of fold, and
    nothing is promised. "needs review": below its target. "not usable": see `is_usable`. "too rare": too few texts to
    tune on. "no model": every text has it, the quality is below the minimum that was asked for, or its study failed.

    Examples
    --------
    >>> group_of(ThemeResult.skipped("food", "3 positives, needs 30", support=3))
    'too rare'
    >>> group_of(ThemeResult.skipped("all", "one class: every training text has it", support=90))
    'no model'
    """
    if result.status == "CERTIFIED":
        return "certified"
    if result.status == "BEST_EFFORT":
        if not is_usable(result):
            return "not usable"
        return "not proven" if result.target_met else "needs review"
    rare = result.status == "SKIPPED" and not any(words in result.reason for words in NOT_RARE)
    return "too rare" if rare else "no model"


def groups_of(table: pd.DataFrame) -> list[Group]:
    """The group of each row of a results table: its column ``group``, or what older tables let one tell.

    Examples
    --------
    >>> groups_of(pd.DataFrame({"status": ["CERTIFIED", "SKIPPED"], "reason": ["", "no training text has it"]}))
    ['certified', 'too rare']
    """
    named = table["group"] if "group" in table else [""] * len(table)
    rows = zip(named, table["status"], table["reason"], strict=True)
    return [group if group in GROUPS else _before(status, reason) for group, status, reason in rows]


def _before(status: str, reason: str) -> Group:
    """The group of a theme in a table of an older version, which tagged every theme that had a model."""
    if status == "CERTIFIED":
        return "certified"
    if status == "BEST_EFFORT":
        return "not proven" if met_before({"status": status, "reason": reason}) else "needs review"
    return group_of(ThemeResult.skipped("", reason) if status == "SKIPPED" else ThemeResult.failed("", reason))
