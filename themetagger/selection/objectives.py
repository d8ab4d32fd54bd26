"""What "best" means: an objective chooses a threshold, says whether it will do, and gives the search its value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from themetagger._utils.faces import option
from themetagger._utils.wording import not_in_percent
from themetagger.selection.guarantee import PROMISE, Promise
from themetagger.selection.operating_points import OperatingPoints

Values = npt.NDArray[np.float64]
EVEN = 0.5  # precision at which a tag is as often wrong as right


class Objective(Protocol):
    """Any object with these three methods and this attribute is an objective."""

    @property
    def promise(self) -> Promise | None:
        """What is promised by an objective that asks for precision; the threshold that is certified is deployed.

        None keeps the threshold that ``choose`` gives, whatever can be certified.
        """
        ...

    def choose(self, points: OperatingPoints) -> int:
        """Index in ``points`` of the threshold to use."""
        ...

    def met(self, points: OperatingPoints, index: int) -> str:
        """Empty when the threshold of that index is good enough, else what it lacks, in words."""
        ...

    def value(self, points: OperatingPoints) -> float:
        """What the sampler maximises; best between 0 and 1, because a gain below .01 counts as luck."""
        ...


def _best(*keys: Values) -> int:
    """Index of the largest first key; ties by the second key, and so on; then the strictest threshold."""
    left = np.arange(len(keys[0]))
    for key in keys:
        left = left[key[left] == key[left].max()]
    return int(left[0])


def format_distinctly(value: float, wanted: float) -> tuple[str, str]:
    """Two shares with 2 to 4 digits: as many as show what is wanted in full, and that the shares differ.

    Examples
    --------
    >>> format_distinctly(0.84, 0.9), format_distinctly(0.8991, 0.9), format_distinctly(0.84, 0.995)
    (('0.84', '0.90'), ('0.899', '0.900'), ('0.840', '0.995'))
    """
    shown = wanted_shown = ""
    for digits in (2, 3, 4):
        shown, wanted_shown = f"{value:.{digits}f}", f"{wanted:.{digits}f}"
        if float(wanted_shown) == wanted and (shown != wanted_shown or value == wanted):
            break
    return shown, wanted_shown


def _lacks(what: str, value: float, wanted: float) -> str:
    reached, target = format_distinctly(value, wanted)
    return "" if value >= wanted else f"{what} {reached} is below {target}"


def _check_share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{option(name)} must lie between 0 and 1 but is {value}{not_in_percent(value)}.")


@dataclass(frozen=True)
class PrecisionFirst:
    """The most precise threshold that still recalls ``recall_floor`` of a theme; among equals the one with more recall.

    Parameters
    ----------
    target : precision at which a theme counts as solved, default 0.90
    recall_floor : smallest recall that a threshold may have, default 0.50
    stop_at_target : default False; True takes the threshold with most recall among those with precision >= ``target``

    Raises
    ------
    ValueError
        If ``target`` or ``recall_floor`` lies outside 0 to 1.

    Examples
    --------
    >>> from themetagger.selection.operating_points import operating_points
    >>> points = operating_points([1, 1, 0, 1, 0], [5, 4, 3, 2, 1])
    >>> index = PrecisionFirst(recall_floor=0.5).choose(points)
    >>> float(points.precision[index]), round(float(points.recall[index]), 2)
    (1.0, 0.67)
    """

    target: float = 0.90
    recall_floor: float = 0.50
    stop_at_target: bool = False

    def __post_init__(self) -> None:
        """Refuse shares outside 0 to 1."""
        _check_share("target", self.target)
        _check_share("recall_floor", self.recall_floor)

    @property
    def promise(self) -> Promise:
        """What is certified where it can be: the target (at most .99) above the recall floor, at confidence .90."""
        return Promise(target=min(max(self.target, 0.01), 0.99), recall_floor=self.recall_floor)

    @property
    def usable_precision(self) -> float:
        """Precision below which a theme is not usable: one half, or the target where that is lower."""
        return min(EVEN, self.target)

    def choose(self, points: OperatingPoints) -> int:
        """Index of the chosen threshold; flagging everything keeps any floor, so there always is one."""
        complete = points.recall >= self.recall_floor
        if self.stop_at_target:
            solved = complete & (points.precision >= self.target)
            if solved.any():
                return _best(solved.astype(float), points.recall, points.precision)
        return _best(complete.astype(float), points.precision, points.recall)

    def met(self, points: OperatingPoints, index: int) -> str:
        """Empty when precision and recall are reached, else what is lacking."""
        return _lacks("precision", points.precision[index], self.target) or _lacks(
            "recall", points.recall[index], self.recall_floor
        )

    def value(self, points: OperatingPoints) -> float:
        """Mean of average precision and the precision at the chosen threshold.

        Average precision ranks the whole curve and gives the sampler a slope; precision at the threshold is what is
        wanted, and saturates. Measured by tests/benchmarks/decisions.py, held-out 30 % of three train sets
        (nhs_phase1_multi, hallmarks_of_cancer, leetcode_topics; linear families, 18 trials):

        ======================  ==================  ==================  ==================  ==================  ========
        driver                  average precision   R@P90               precision of tags   at recall           refuted
        ======================  ==================  ==================  ==================  ==================  ========
        AP                      .381  .804  .487    .071  .453  .250    .333  .795  .386    .513  .588  .523    1 of 21
        threshold, then recall  .382  .805  .489    .064  .461  .251    .363  .804  .440    .491  .571  .527    2 of 22
        mean of the two         .388  .806  .488    .068  .465  .252    .351  .808  .432    .500  .576  .523    0 of 21
        ======================  ==================  ==================  ==================  ==================  ========

        "Refuted": of the themes claimed at 90/50, those whose held-out texts reject precision .9 (binomial test, .05).
        """
        index = self.choose(points)
        reached = float(points.precision[index])
        if self.stop_at_target and reached >= self.target:  # from there on recall is what is wanted
            reached = self.target + (1 - self.target) * float(points.recall[index])
        return (points.average_precision + reached) / 2


@dataclass(frozen=True)
class FBeta:
    """The threshold with the largest F-beta: 1 balances, 0.5 leans to precision, 2 to recall (van Rijsbergen 1979).

    Parameters
    ----------
    beta : how many times as much recall counts, default 1
    target : F-beta at which a theme counts as solved, default 0.80

    Raises
    ------
    ValueError
        If ``beta`` is not positive, or ``target`` lies outside 0 to 1.

    Examples
    --------
    >>> from themetagger.selection.operating_points import operating_points
    >>> points = operating_points([1, 1, 0, 1, 0], [5, 4, 3, 2, 1])
    >>> int(points.flagged[FBeta().choose(points)]), int(points.flagged[FBeta(beta=0.5).choose(points)])
    (4, 2)
    """

    beta: float = 1.0
    target: float = 0.80
    promise: ClassVar[None] = None

    def __post_init__(self) -> None:
        """Refuse a beta that is not positive."""
        _check_share("target", self.target)
        if self.beta <= 0:
            raise ValueError(f"beta must be positive but is {self.beta}.")

    @property
    def usable_precision(self) -> float:
        """Precision below which a theme is not usable: where a tag gains F-beta as a rule, one half at most."""
        return min(EVEN, 1 / (1 + self.beta * self.beta))

    def choose(self, points: OperatingPoints) -> int:
        """Index of the chosen threshold."""
        return _best(points.f_beta(self.beta), points.precision)

    def met(self, points: OperatingPoints, index: int) -> str:
        """Empty when F-beta reaches the target."""
        return _lacks(f"F{self.beta:g}", points.f_beta(self.beta)[index], self.target)

    def value(self, points: OperatingPoints) -> float:
        """The best F-beta of any threshold."""
        return float(points.f_beta(self.beta).max())


@dataclass(frozen=True)
class RecallFirst:
    """The threshold with most recall that keeps ``precision_floor`` (default 0.50), for screening.

    Parameters
    ----------
    target : recall at which a theme counts as solved, default 0.90
    precision_floor : smallest precision that a threshold may have, default 0.50; where none reaches it, the most
        precise one is taken

    Raises
    ------
    ValueError
        If one of them lies outside 0 to 1.

    Examples
    --------
    >>> from themetagger.selection.operating_points import operating_points
    >>> points = operating_points([1, 1, 0, 1, 0], [5, 4, 3, 2, 1])
    >>> index = RecallFirst(precision_floor=0.7).choose(points)
    >>> float(points.recall[index]), float(points.precision[index])
    (1.0, 0.75)
    """

    target: float = 0.90
    precision_floor: float = 0.50
    promise: ClassVar[None] = None

    def __post_init__(self) -> None:
        """Refuse shares outside 0 to 1."""
        _check_share("target", self.target)
        _check_share("precision_floor", self.precision_floor)

    @property
    def usable_precision(self) -> float:
        """Precision below which a theme is not usable: one half, or the precision floor where that is lower."""
        return min(EVEN, self.precision_floor)

    def choose(self, points: OperatingPoints) -> int:
        """Index of the chosen threshold."""
        precise = points.precision >= self.precision_floor
        if not precise.any():
            return _best(points.precision, points.recall)
        return _best(precise.astype(float), points.recall, points.precision)

    def met(self, points: OperatingPoints, index: int) -> str:
        """Empty when recall and the precision floor are reached."""
        return _lacks("recall", points.recall[index], self.target) or _lacks(
            "precision", points.precision[index], self.precision_floor
        )

    def value(self, points: OperatingPoints) -> float:
        """Average precision."""
        return points.average_precision


@dataclass(frozen=True)
class Costs:
    """The threshold with the smallest cost, ``false_positive`` x FP + ``false_negative`` x FN (Elkan 2001).

    Parameters
    ----------
    false_positive, false_negative : what one error of each kind costs, default 1 each
    target : share of the cost of tagging nothing at which a theme counts as solved, default 0.5

    Raises
    ------
    ValueError
        If a cost is not positive.

    Examples
    --------
    >>> from themetagger.selection.operating_points import operating_points
    >>> points = operating_points([1, 1, 0, 1, 0], [5, 4, 3, 2, 1])
    >>> [int(points.flagged[costs.choose(points)]) for costs in (Costs(false_negative=3), Costs(false_positive=3))]
    [4, 2]
    """

    false_positive: float = 1.0
    false_negative: float = 1.0
    target: float = 0.5
    promise: ClassVar[None] = None

    def __post_init__(self) -> None:
        """Refuse costs that are not positive."""
        for name in ("false_positive", "false_negative"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be positive but is {getattr(self, name)}.")

    @property
    def usable_precision(self) -> float:
        """Precision below which a theme is not usable: where wrong tags cost more than the right ones save."""
        return self.false_positive / (self.false_positive + self.false_negative)

    def _saved(self, points: OperatingPoints) -> Values:
        """Share of the cost of flagging nothing that each threshold saves, (thresholds,); 1 is perfect."""
        spent = self.false_positive * (points.flagged - points.tp)
        spent = spent + self.false_negative * (points.positives - points.tp)
        return np.asarray(1 - spent / (self.false_negative * max(1, points.positives)), dtype=np.float64)

    def choose(self, points: OperatingPoints) -> int:
        """Index of the chosen threshold."""
        return _best(self._saved(points), points.precision)

    def met(self, points: OperatingPoints, index: int) -> str:
        """Empty when enough of the cost is saved."""
        return _lacks("saved cost", self._saved(points)[index], 1 - self.target)

    def value(self, points: OperatingPoints) -> float:
        """The largest saving of any threshold."""
        return float(self._saved(points).max())


def promise_of(objective: Objective) -> Promise:
    """What is certified with an objective, unless another promise is asked for.

    Examples
    --------
    >>> promise_of(PrecisionFirst(target=0.8)).target, promise_of(FBeta()).target
    (0.8, 0.9)
    """
    return objective.promise or PROMISE


OBJECTIVES: dict[str, Callable[..., Any]] = {
    "precision-first": PrecisionFirst,
    "f1": FBeta,
    "recall-first": RecallFirst,
    "costs": Costs,
}
