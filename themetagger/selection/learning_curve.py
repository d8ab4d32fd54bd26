"""What a learning curve shows: by how much training rows flatter a model, and what more labels would give.

A curve is a DataFrame with the columns ``COLUMNS``, a row for each number of labelled texts, rising;
``search/learning_curve.py`` makes it. Everything here is arithmetic on such tables.

===================================  ==========================================================================
column                               what it is
===================================  ==========================================================================
labels, positives                    labelled texts, and those of them that have the theme
average_precision                    out of fold, of all texts
precision, recall                    at the objective's threshold, on texts that had no say in it (``corrected``)
flagged                              out-of-fold texts that this threshold flags: what precision was measured on
train_average_precision, ..          the same three on the labelled rows that a fold's model learned from, mean of
                                     the folds
.._sd                                standard deviation over the folds, of each of the six; out of fold precision
                                     and recall in one fold are those at the threshold that the others choose
doubling, doubling_error             average precision gained since half as many labels, mean of the folds on the
                                     same texts, and its standard error; nan where half is no row
===================================  ==========================================================================
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

_MEASURED = ("average_precision", "precision", "recall")
WHOLE = ("labels", "positives", "flagged")
COLUMNS = (
    *("labels", "positives"),
    *(f"train_{name}" for name in _MEASURED),
    *_MEASURED,
    "flagged",
    *(f"train_{name}_sd" for name in _MEASURED),
    *(f"{name}_sd" for name in _MEASURED),
    *("doubling", "doubling_error"),
)

Z = 1.2816  # standard deviations on either side that hold four of five
LEAST, MOST = 0.02, 0.98  # shares outside have no odds to speak of
FURTHEST = 8  # times as many labels as the curve has: beyond that, nothing was measured


@dataclass(frozen=True)
class Growth:
    """By how much the log-odds of a share grow with each doubling of the labels, and how themes differ in that (sd)."""

    per_doubling: float
    spread: float


# How a forecast is made: from a quarter of three train sets' texts (nhs_phase1_multi, hallmarks_of_cancer,
# leetcode_topics; 21 themes, ridge beside a sparse SVM) to half of them: mean absolute error and bias of precision, the
# sets' mean:
#
# ====================================================  =====  =====
# no change                                             .054  -.053
# straight line in log labels through precision         .046   .013
# power law of the error of precision, a theme's own    .033  -.009
# log-odds grow by: the theme's own a doubling          .033   .007
# .. the mean of the run's themes                       .037   .006
# .. the usual .2                                       .033  -.019
# .. half the theme's own, half the run's               .032   .006
# .. a third each of the theme's, the run's, the usual  .028  -.002
# ====================================================  =====  =====
#
# The spread was set by hand: what the last line left was no more than luck in measuring. Runs on half and on all of
# nhs_phase1_multi's and hallmarks_of_cancer's train sets, each with folds and configurations of its own, were further
# apart: intervals of the spread and of luck among shared texts held 21 of 35 themes. RERUN, and twice that luck, were
# then set so that they hold four of five there (tests/benchmarks/forecast.py).
USUAL = Growth(0.20, 0.12)
RERUN = 0.16  # sd of log-odds between two runs, beside luck in measuring
OWN = 1 / 3  # of a theme's growth that is read from its own curve; the rest is half the run's and half usual


class Forecast(NamedTuple):
    """Precision to expect, and the limits that hold what will be measured in four of five themes."""

    precision: float
    low: float
    high: float


def typed(curve: pd.DataFrame) -> pd.DataFrame:
    """The columns of a curve in their types: counts nullable integers, figures floats."""
    return curve.astype({name: "Int64" if name in WHOLE else "float64" for name in COLUMNS})


def train_validation_gap(curve: pd.DataFrame) -> pd.DataFrame:
    """By how much the rows that a model learned from flatter it: an indicator of over-fitting.

    Returns
    -------
    DataFrame with a row for each of the curve's: ``labels``, ``positives``, and ``average_precision``, ``precision``,
    ``recall``: those of the training rows less those out of fold; ``average_precision_sd``: of that difference over the
    folds, as if the two were independent.

    Examples
    --------
    >>> curve = pd.DataFrame({"labels": [50, 100], "train_average_precision": [1.0, 0.9], "average_precision": 0.6})
    >>> train_validation_gap(curve.reindex(columns=list(COLUMNS)))["average_precision"].round(2).tolist()
    [0.4, 0.3]
    """
    gap = curve[["labels", "positives"]].copy()
    for name in _MEASURED:
        gap[name] = curve[f"train_{name}"] - curve[name]
    gap["average_precision_sd"] = np.hypot(curve["train_average_precision_sd"], curve["average_precision_sd"])
    return gap


def measured(curve: pd.DataFrame) -> pd.DataFrame:
    """The rows of a curve in which something could be fitted and measured, as floats."""
    return curve[curve["average_precision"].notna() & curve["precision"].notna()].astype("float64")


def binomial_sd(curve: pd.DataFrame) -> pd.Series:
    """How far measured precision may be off by luck of the texts alone: the binomial sd of as many flagged texts.

    Examples
    --------
    >>> curve = pd.DataFrame({"precision": [0.5, 0.5], "flagged": [25, 100]})
    >>> binomial_sd(curve).tolist()
    [0.1, 0.05]
    """
    share = curve["precision"].astype(float).clip(LEAST, MOST)
    luck: pd.Series = (share * (1 - share) / curve["flagged"].astype(float).clip(lower=1)) ** 0.5
    return luck


def log_odds(share: npt.ArrayLike) -> Floats:
    """ln(p / (1 - p)) of shares, those near 0 and 1 taken as ``LEAST`` and ``MOST``."""
    p = np.clip(np.asarray(share, dtype=np.float64), LEAST, MOST)
    return np.asarray(np.log(p / (1 - p)))


def _share(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def own_growth(curve: pd.DataFrame) -> float:
    """By how much the log-odds of a theme's average precision grow with each doubling, by least squares; else nan.

    Of average precision, not of precision: that rests on a few flagged texts, and its growth is mostly noise. A row
    weighs as much as it has labels, because growth slows down.

    Examples
    --------
    >>> curve = pd.DataFrame({"labels": [100, 200, 400], "average_precision": [0.5, 0.6, 0.69], "precision": 0.9})
    >>> round(own_growth(curve), 2)
    0.4
    """
    rows = measured(curve)
    if len(rows) < 2:
        return math.nan
    doublings = np.log2(rows["labels"].to_numpy())
    weights = np.sqrt(rows["labels"].to_numpy())
    return float(np.polyfit(doublings, log_odds(rows["average_precision"]), 1, w=weights)[0])


def pooled_growth(curves: Iterable[pd.DataFrame]) -> Growth:
    """The growth of a run's themes together, half way to the usual one; ``USUAL`` where no theme tells.

    Examples
    --------
    >>> curve = pd.DataFrame({"labels": [100, 200], "average_precision": [0.5, 0.6], "precision": 0.9})
    >>> round(pooled_growth([curve, curve]).per_doubling, 2)
    0.3
    """
    own = np.array([own_growth(curve) for curve in curves])
    own = own[np.isfinite(own)]
    return Growth(float(own.mean() + USUAL.per_doubling) / 2, USUAL.spread) if len(own) else USUAL


def growth_of(curve: pd.DataFrame, growth: Growth = USUAL) -> float:
    """By how much a theme's log-odds are taken to grow with each doubling: ``OWN`` of its own, the rest ``growth``."""
    own = own_growth(curve)
    return growth.per_doubling if math.isnan(own) else OWN * own + (1 - OWN) * growth.per_doubling


def forecast(curve: pd.DataFrame, labels: float, *, growth: Growth = USUAL) -> Forecast:
    """The precision at a larger number of labelled texts, with limits that hold what is measured there in four of five.

    It will be measured on the texts of today and on those added, so that luck in the former cancels in part.

    Parameters
    ----------
    curve : of one theme
    labels : number of labelled texts, at most ``FURTHEST`` times as many as the curve has
    growth : of the run's themes together, from :func:`pooled_growth`; default what was usual in the sets it was
        measured on

    Raises
    ------
    ValueError
        If nothing was measured, or ``labels`` are fewer than the curve has or too many.

    Examples
    --------
    >>> curve = pd.DataFrame({"labels": [50, 100], "average_precision": [0.5, 0.6], "precision": 0.7, "flagged": 60})
    >>> [round(value, 2) for value in forecast(curve, 200)]
    [0.75, 0.66, 0.83]
    """
    rows = measured(curve)
    if not len(rows):
        raise ValueError("the curve has no row with a measured precision; a theme needs more labels to have one.")
    last = rows.iloc[-1]
    times = labels / float(last["labels"])
    if not 1 <= times <= FURTHEST:
        now = float(last["labels"])
        raise ValueError(
            f"labels must be a number from {now:,.0f} to {FURTHEST * now:,.0f}, {FURTHEST} times as many as the curve "
            f"has, but is {labels:,}."
        )
    expected, spread = _odds(rows, math.log2(times), growth)
    share = min(max(float(last["precision"]), LEAST), MOST)
    flagged = max(1.0, float(last["flagged"]))
    others = 2 * (1 - 1 / times)  # 1 for twice the labels, 0 where nothing is added
    luck = RERUN**2 + 1 / (flagged * share * (1 - share))
    width = Z * math.sqrt(spread**2 + others * luck)
    return Forecast(_share(expected), _share(expected - width), _share(expected + width))


def _odds(rows: pd.DataFrame, doublings: float, growth: Growth) -> tuple[float, float]:
    """Log-odds of precision after so many more doublings, and the sd of their growth."""
    now = float(log_odds(rows["precision"].iloc[-1]))
    return now + doublings * growth_of(rows, growth), doublings * growth.spread


def gain(curve: pd.DataFrame, *, doublings: float = 1.0, growth: Growth = USUAL) -> Forecast:
    """The precision that more labels add, and its limits in four of five themes; luck in measuring is left out.

    Examples
    --------
    >>> curve = pd.DataFrame({"labels": [50, 100], "average_precision": [0.5, 0.6], "precision": 0.7, "flagged": 60})
    >>> gain(curve, doublings=1).low > 0
    True
    """
    rows = measured(curve)
    if not len(rows):
        return Forecast(math.nan, math.nan, math.nan)
    now = float(log_odds(rows["precision"].iloc[-1]))
    expected, spread = _odds(rows, doublings, growth)
    low, high = expected - Z * spread, expected + Z * spread
    return Forecast(*(_share(odds) - _share(now) for odds in (expected, low, high)))


def labels_for(curve: pd.DataFrame, precision: float, *, growth: Growth = USUAL) -> int | None:
    """How many labelled texts it takes to reach a precision; None where that lies beyond the forecast.

    As many as the curve has where the precision is reached already. All shares above ``MOST``, also the wanted one, are
    taken as ``MOST``.

    Examples
    --------
    >>> curve = pd.DataFrame({"labels": [50, 100], "average_precision": [0.5, 0.6], "precision": 0.7, "flagged": 60})
    >>> labels_for(curve, 0.75), labels_for(curve, 0.6), labels_for(curve, 0.97)
    (192, 100, None)
    """
    rows = measured(curve)
    if not len(rows):
        return None
    labels, rate = int(rows["labels"].iloc[-1]), growth_of(rows, growth)
    missing = float(log_odds(precision)) - float(log_odds(rows["precision"].iloc[-1]))
    if missing <= 0:
        return labels
    if rate <= 0 or missing / rate > math.log2(FURTHEST):
        return None
    return math.ceil(labels * 2 ** (missing / rate))
