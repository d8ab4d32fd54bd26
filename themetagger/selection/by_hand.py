"""A threshold that a person sets in place of the one that was chosen: what is known of it, and what no longer holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from numbers import Real
from typing import Any

import numpy as np

from themetagger.selection.confusion import NOTHING_COUNTED, Confusion
from themetagger.selection.evidence import Evidence
from themetagger.selection.objectives import Objective
from themetagger.selection.operating_points import operating_points
from themetagger.selection.theme_result import ThemeResult

UNKNOWN = ("corrected_precision", "corrected_recall", "precision_bound", "recall_bound")
BY_HAND = "threshold set by hand; nothing is promised"


def set_by_hand(
    result: ThemeResult, threshold: float, *, counts: Confusion = NOTHING_COUNTED, lacks: str = "", met: bool = False
) -> ThemeResult:
    """The result of a theme at a threshold that a person set: best effort, without a certificate, tagged by default.

    Parameters
    ----------
    result : of a theme that has a model
    threshold : score from which the theme is assigned, on the scale of its model
    counts : out-of-fold confusion matrix there, default unknown
    lacks : what the objective lacks there, in words, default nothing
    met : whether the objective's target is reached there, default False

    Raises
    ------
    ValueError
        If the threshold is not a finite number.

    Examples
    --------
    >>> pay = ThemeResult("pay", "BEST_EFFORT", family="ridge", threshold=0.2)
    >>> set_by_hand(pay, 0.4).threshold, set_by_hand(pay, 0.4).reason
    (0.4, 'threshold set by hand; nothing is promised')
    """
    check_threshold(threshold, f"theme {result.theme!r}")
    nothing: dict[str, Any] = dict.fromkeys(UNKNOWN, math.nan)
    nothing |= {f"certified_{name}": 0 for name in ("flagged", "hits", "positives")}
    nothing |= {"certified_target": 0.0, "certified_confidence": 0.0, "certified_threshold": math.inf}
    return replace(
        result,
        status="BEST_EFFORT",
        reason="; ".join(filter(None, (BY_HAND, lacks))),
        threshold=float(threshold),
        counts=counts,
        target_met=met,
        threshold_set=True,
        **nothing,
    )


def set_with_evidence(result: ThemeResult, threshold: float, evidence: Evidence, objective: Objective) -> ThemeResult:
    """The same with the out-of-fold figures that the theme has at that threshold."""
    points = operating_points(evidence.truth, evidence.scores)
    flagged = int((evidence.scores >= threshold).sum())
    lacks = objective.met(points, int(np.searchsorted(points.flagged, flagged))) if flagged else "it tags no text"
    return set_by_hand(result, threshold, counts=counts_at(evidence, threshold), lacks=lacks, met=not lacks)


def counts_at(evidence: Evidence, threshold: float) -> Confusion:
    """The out-of-fold confusion matrix at a threshold."""
    tagged, positive = evidence.scores >= threshold, evidence.truth > 0
    tp, fp, fn = (int(chosen.sum()) for chosen in (tagged & positive, tagged & ~positive, ~tagged & positive))
    return Confusion(tp, fp, fn, len(positive) - tp - fp - fn)


def check_threshold(value: Any, where: str) -> None:
    """Refuse what is not a finite number; a ValueError that begins with ``where``."""
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ValueError(f"{where}: a threshold must be a finite number, such as 0.25, but is {value!r}.")


def did_you_mean(name: str, names: Sequence[str]) -> str:
    """The end of a message on an unknown name: the nearest right one, and where there are few, all of them.

    Examples
    --------
    >>> did_you_mean("trails", ["trials", "target"])
    "; did you mean 'trials'?"
    >>> did_you_mean("xyz", ["trials", "target"])
    '; choose from trials, target.'
    """
    folded = {other.casefold(): other for other in names}
    near = get_close_matches(name.casefold(), folded, n=1)
    if near:
        return f"; did you mean {folded[near[0]]!r}?"
    listed = ", ".join(names[:12]) + (f", and {len(names) - 12} more" if len(names) > 12 else "")
    return f"; choose from {listed}." if names else "."
