"""What is the matter with a theme, in words, by rules on its learning curve."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from themetagger.selection.advice import HELPFUL, PRACTICAL, effect_of_more_labels
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
WIDE = 0.20  # gap between training rows and others, in average precision, above which a model has memorised them


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


def diagnose(
    curve: pd.DataFrame, *, target: float = 0.90, growth: Growth = USUAL, gained: float = math.nan
) -> Diagnosis:
    """The diagnosis of a theme, by the first of these rules that holds, on the last row of its curve.

    1. *too few to tell*: fewer than ``FEW`` texts of the theme, or fewer than two rows that could be measured.
    2. *under-fitting*: average precision out of fold is less than ``LEARNED`` of the way from chance (the theme's share
       of the texts) to 1. Where training rows are ranked well all the same, labels are noise to the model.
    3. *more labels would help*: a doubling is forecast to gain ``HELPFUL`` of precision or more, with the lower limit
       above 0; and the last doubling gained as much of average precision, or may have but for luck. With ``gained``,
       it is that alone which decides, as in the results table.
    4. *over-fitting*: average precision on training rows is ``WIDE`` or more above that out of fold.
    5. *under-fitting*: average precision on training rows is itself ``WIDE`` or more below 1.
    6. *settled*: none of these.

    A linear model with more terms than texts fits its training rows without error and may be good all the same, so that
    the gap alone shows nothing: rule 3 comes first.

    Parameters
    ----------
    curve : of one theme, see ``learning_curve``
    target : precision that is wanted, default 0.90
    growth : of the run's themes together, from ``learning_curve.pooled_growth``
    gained : average precision that the last doubling gained in the study of the theme; default nan: not known

    Examples
    --------
    >>> curve = pd.DataFrame({"labels": [50, 100], "positives": [6, 12], "average_precision": 0.6, "precision": 0.7})
    >>> diagnose(curve).sentence
    '12 texts have the theme: too few for a learning curve.'
    """
    rows = measured(curve)
    positives = int(curve["positives"].iloc[-1]) if len(curve) else 0
    if positives < FEW:
        have = "text has" if positives == 1 else "texts have"
        return Diagnosis("too few to tell", f"{positives} {have} the theme: too few for a learning curve.")
    if len(rows) < 2:
        return Diagnosis("too few to tell", "Fewer than two points of the learning curve could be measured.")
    last, expected = rows.iloc[-1], gain(rows, growth=growth)
    reached, trained = float(last["average_precision"]), float(last["train_average_precision"])
    chance = positives / float(last["labels"])
    gap = float(train_validation_gap(rows)["average_precision"].iloc[-1])
    needed = labels_for(rows, target, growth=growth)
    figures = (expected.precision, expected.low, expected.high, needed)
    scores = f"average precision is {reached:.2f} out of fold and {trained:.2f} on training rows"
    if reached - chance < LEARNED * (1 - chance):
        return Diagnosis("under-fitting", f"{scores}, and {chance:.2f} by chance: {_unlearned(gap)}", *figures)
    grows = expected.precision >= HELPFUL and expected.low > 0
    if gained >= HELPFUL or (math.isnan(gained) and grows and not _stalled(last)):
        more = _more(last, expected, needed, target) if grows else f"{effect_of_more_labels(gained)}."
        return Diagnosis("more labels would help", more, *figures)
    if gap >= WIDE:
        return Diagnosis("over-fitting", f"{scores}: {_MEMORISED}", *figures)
    if 1 - trained >= WIDE:
        return Diagnosis("under-fitting", f"{scores}: {_POOR}", *figures)
    return Diagnosis("settled", f"{scores}: more labels would hardly help.", *figures)


def _stalled(last: pd.Series) -> bool:
    """Whether the last doubling gained nothing to speak of, beyond what luck explains."""
    return float(last["doubling"]) + Z * float(last["doubling_error"]) < HELPFUL  # False where that is not known


_MEMORISED = (
    "the model memorises what does not hold for other texts, and more labels would hardly help. Look for "
    "contradictory labels, or try simpler models."
)
_HIDDEN = "the words may not reveal this theme."
_POOR = "the model does not even fit the texts that it learned from. Try richer models or features."


def _unlearned(gap: float) -> str:
    if gap >= WIDE:
        return f"what the model memorises says nothing about other texts. Check the labels; {_HIDDEN}"
    return f"the model recognises the theme in neither. Try richer models or features; {_HIDDEN}"


def _more(last: pd.Series, expected: Forecast, needed: int | None, target: float) -> str:
    """What more labels are expected to give, in words."""
    labels, precision = int(last["labels"]), float(last["precision"])
    head = (
        f"more labels would help: twice as many are expected to raise precision from {precision:.2f} by "
        f"{expected.precision:.2f} ({max(0.0, expected.low):.2f} to {expected.high:.2f})"
    )
    if needed is None:
        return f"{head}; a precision of {target:.2f} lies beyond the forecast."
    if needed <= labels:
        return f"{head}; a precision of {target:.2f} is already reached."
    if needed - labels > PRACTICAL:
        return f"{head}; a precision of {target:.2f} takes far more labelled texts than is practical."
    more = f"about {_rounded(needed - labels):,} more labelled texts"
    return f"{head}; a precision of {target:.2f} is expected with {more}."


def _rounded(count: int) -> int:
    """To two significant digits: a forecast has no more."""
    return round(count, min(0, 2 - len(str(count))))
