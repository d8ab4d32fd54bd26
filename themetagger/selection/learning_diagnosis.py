"""What is the matter with a theme, in words, by rules on its learning curve."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from themetagger.selection.learning_curve import (
    USUAL,
    Forecast,
    Growth,
    Z,
    gain,
    labels_for,
    measured,
    train_validation_gap,
)

Kind = Literal["over-fitting", "under-fitting", "more labels would help", "settled", "too few to tell"]

FEW = 20  # texts of a theme, below which a curve is noise: with four a fold, one text moves recall by a quarter
LEARNED = 0.10  # of the way from chance to perfect average precision, below which a theme has not been learned
WIDE = 0.20  # gap between training rows and others, in average precision, above which a model has learned by heart
HELPFUL = 0.02  # precision gained by a doubling of the labels, below which it is not worth the work


@dataclass(frozen=True)
class Diagnosis:
    """What is the matter with a theme.

    Parameters
    ----------
    kind : one of five words
    sentence : what that rests on, and what to do
    gain, gain_low, gain_high : precision that twice as many labels add, and its limits in four of five themes; nan
        where there are too few texts to tell
    labels : texts that have to be labelled in all to reach the target, by the forecast; None where it does not reach it
    """

    kind: Kind
    sentence: str
    gain: float = math.nan
    gain_low: float = math.nan
    gain_high: float = math.nan
    labels: int | None = None


def diagnose(curve: pd.DataFrame, *, target: float = 0.90, growth: Growth = USUAL) -> Diagnosis:
    """The diagnosis of a theme, by the first of these rules that holds, on the last row of its curve.

    1. *too few to tell*: fewer than ``FEW`` texts of the theme, or fewer than two rows that could be measured.
    2. *under-fitting*: average precision out of fold is less than ``LEARNED`` of the way from chance (the theme's share
       of the texts) to 1. Where training rows are told well all the same, labels are noise to the model.
    3. *more labels would help*: a doubling is forecast to gain ``HELPFUL`` of precision or more, with the lower limit
       above 0; and the last doubling gained as much of average precision, or may have but for luck.
    4. *over-fitting*: average precision on training rows is ``WIDE`` or more above that out of fold.
    5. *under-fitting*: average precision on training rows is itself ``WIDE`` or more below 1.
    6. *settled*: none of these.

    A linear model with more terms than texts tells its training rows without error and may be good all the same, so
    that the gap alone accuses nobody: rule 3 comes first.

    Parameters
    ----------
    curve : of one theme, see ``learning_curve``
    target : precision that is wanted, default 0.90
    growth : of the run's themes together, from ``learning_curve.pooled_growth``
    """
    rows = measured(curve)
    positives = int(curve["positives"].iloc[-1]) if len(curve) else 0
    if positives < FEW or len(rows) < 2:
        return Diagnosis("too few to tell", f"{positives} texts have the theme: too few for a learning curve.")
    last, expected = rows.iloc[-1], gain(rows, growth=growth)
    reached, trained = float(last["average_precision"]), float(last["train_average_precision"])
    chance = positives / float(last["labels"])
    gap = float(train_validation_gap(rows)["average_precision"].iloc[-1])
    needed = labels_for(rows, target, growth=growth)
    figures = (expected.precision, expected.low, expected.high, needed)
    told = f"average precision {reached:.2f} out of fold, {trained:.2f} on training rows"
    if reached - chance < LEARNED * (1 - chance):
        return Diagnosis("under-fitting", f"{told}, {chance:.2f} by chance: {_unlearned(gap)}", *figures)
    if expected.precision >= HELPFUL and expected.low > 0 and not _stalled(last):
        return Diagnosis("more labels would help", _more(last, expected, needed, target), *figures)
    if gap >= WIDE:
        return Diagnosis("over-fitting", f"{told}: {_BY_HEART}", *figures)
    if 1 - trained >= WIDE:
        return Diagnosis("under-fitting", f"{told}: {_POOR}", *figures)
    return Diagnosis("settled", f"{told}: more labels of this kind would change little.", *figures)


def _stalled(last: pd.Series) -> bool:
    """Whether the last doubling gained nothing to speak of, beyond what luck explains."""
    return float(last["doubling"]) + Z * float(last["doubling_error"]) < HELPFUL  # False where that is not known


_BY_HEART = (
    "the model learns by heart what does not hold for other texts, and more labels of this kind gain little. Look for "
    "contradicting labels; try simpler models."
)
_POOR = "the model does not tell even the texts that it learned from. Try richer models or features."


def _unlearned(gap: float) -> str:
    if gap >= WIDE:
        return "what it learns by heart says nothing of others. Check the labels; the words may not tell this theme."
    return "it tells the theme in neither. Try richer models or features; the words may not tell this theme."


def _more(last: pd.Series, expected: Forecast, needed: int | None, target: float) -> str:
    """What more labels are expected to give, in words."""
    there, precision = int(last["labels"]), float(last["precision"])
    head = (
        f"twice as many labels are expected to raise precision from {precision:.2f} by {expected.precision:.2f} "
        f"({max(0.0, expected.low):.2f} to {expected.high:.2f})"
    )
    if needed is None:
        return f"{head}; a precision of {target:.2f} is further than can be foreseen."
    if needed <= there:
        return f"{head}; a precision of {target:.2f} is reached."
    return f"{head}; some {_rounded(needed - there):,} more labelled texts for a precision of {target:.2f}."


def _rounded(count: int) -> int:
    """To two digits: a forecast has no more."""
    return round(count, min(0, 2 - len(str(count))))
