"""Which configuration is the best, at which cut, and whether that cut can be certified."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from themetagger.selection.evidence import Evidence
from themetagger.selection.guarantee import Certificate, Promise, certify, cross_selected_ranks
from themetagger.selection.objectives import Objective
from themetagger.selection.operating_points import OperatingPoints, operating_points


@dataclass(frozen=True)
class Standing:
    """What a configuration is judged by: the objective's value, and whether its target is met."""

    value: float
    met: bool


@dataclass(frozen=True)
class Rule:
    """Which configuration is the best, and where it is cut.

    Parameters
    ----------
    objective, promise : what is asked for
    margin : by how much a configuration must be better than an earlier one to displace it
    """

    objective: Objective
    promise: Promise
    margin: float = 0.0

    def standing(self, points: OperatingPoints) -> Standing:
        """How one configuration stands."""
        met = not self.objective.met(points, self.objective.choose(points))
        return Standing(float(self.objective.value(points)), met)

    def displaces(self, new: Standing, best: Standing) -> bool:
        """Whether a configuration displaces the best: one that meets the target does, else one with a larger value."""
        if new.met != best.met:
            return new.met
        return new.value > best.value + self.margin

    def best(self, tried: Iterable[OperatingPoints]) -> int:
        """The number of the best configuration, in the order in which they were tried."""
        standings = [self.standing(points) for points in tried]
        best = 0
        for number, standing in enumerate(standings):
            if self.displaces(standing, standings[best]):
                best = number
        return best

    @property
    def follows_promise(self) -> bool:
        """Whether a certified cut takes the place of the objective's: where the objective asks for precision."""
        return self.objective.promise is not None


def certificate_of(evidence: Evidence, rule: Rule) -> Certificate | None:
    """The furthest cut of the chosen configuration that keeps the promise, by the rows that it was chosen on.

    Of each duplicate group one text counts.
    """
    promise, apart = rule.promise, evidence.apart
    truth, scores = evidence.truth[apart], evidence.scores[apart]
    if promise.form == "calibration":
        return None  # other rows tell
    if certify(truth, scores, None, promise, choices=evidence.choices) is None:
        return None  # what the choice made of it would not mend that
    best = [best_without(evidence, rule, k) for k in range(int(evidence.folds.max()) + 1)]
    ranks = cross_selected_ranks(evidence.tried, evidence.folds, best)[apart]
    return certify(truth, scores, ranks, promise, choices=evidence.choices)


def best_without(evidence: Evidence, rule: Rule, k: int) -> int:
    """The number of the configuration that would be the best if there were no fold ``k``."""
    seen = evidence.folds != k
    return rule.best(operating_points(evidence.truth[seen], scores[seen]) for scores in evidence.tried)
