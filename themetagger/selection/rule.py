"""Which configuration is the best, at which cut, and whether that cut can be certified."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from themetagger.selection.evidence import Evidence
from themetagger.selection.guarantee import Certificate, Promise, certify, cross_selected_ranks
from themetagger.selection.objectives import Objective
from themetagger.selection.operating_points import OperatingPoints, operating_points


@dataclass(frozen=True)
class Assessment:
    """What a configuration is judged by: the objective's value, and whether its target is met."""

    value: float
    met: bool


@dataclass(frozen=True)
class Rule:
    """Which configuration is the best, and where it is cut.

    Parameters
    ----------
    objective : chooses the cut of a configuration, and gives its value
    promise : of precision, certified where it can be
    margin : by how much the value of a configuration must be larger than that of an earlier one to displace it,
        default 0

    Examples
    --------
    >>> from themetagger.selection.objectives import PrecisionFirst
    >>> rule = Rule(PrecisionFirst(), Promise())
    >>> poor, good = (operating_points([1, 1, 0, 0], scores) for scores in ([1, 4, 3, 2], [4, 3, 2, 1]))
    >>> rule.assess(poor), rule.assess(good)
    (Assessment(value=0.875, met=True), Assessment(value=1.0, met=True))
    >>> rule.best([poor, good, good])
    1
    """

    objective: Objective
    promise: Promise
    margin: float = 0.0

    def assess(self, points: OperatingPoints) -> Assessment:
        """The objective's value of one configuration, and whether it meets the target."""
        met = not self.objective.met(points, self.objective.choose(points))
        return Assessment(float(self.objective.value(points)), met)

    def displaces(self, new: Assessment, best: Assessment) -> bool:
        """Whether a configuration displaces the best: one that meets the target does, else one with a larger value."""
        if new.met != best.met:
            return new.met
        return new.value > best.value + self.margin

    def best(self, candidates: Iterable[OperatingPoints]) -> int:
        """The number of the best configuration, in the order in which they were tried."""
        listed, best = list(candidates), 0
        if len(listed) == 1:  # a bootstrap asks so a hundred times
            return best
        assessments = [self.assess(points) for points in listed]
        for number, assessment in enumerate(assessments):
            if self.displaces(assessment, assessments[best]):
                best = number
        return best

    @property
    def deploys_certified_cut(self) -> bool:
        """Whether a certified cut takes the place of the objective's: where the objective asks for precision."""
        return self.objective.promise is not None


def certificate_of(evidence: Evidence, rule: Rule) -> Certificate | None:
    """The furthest cut of the chosen configuration that keeps the promise, by the rows that it was chosen on.

    One text of each duplicate group counts. None where no cut keeps the promise, and for a promise of the form
    "calibration", which other rows decide.
    """
    promise, rows = rule.promise, evidence.representatives
    truth, scores = evidence.truth[rows], evidence.scores[rows]
    if promise.form == "calibration":
        return None
    if certify(truth, scores, None, promise, choices=evidence.choices) is None:
        return None  # the test of cross-selected ranks could only take cuts away
    best = [best_without(evidence, rule, k) for k in range(int(evidence.folds.max()) + 1)]
    ranks = cross_selected_ranks(evidence.tried, evidence.folds, best)[rows]
    return certify(truth, scores, ranks, promise, choices=evidence.choices)


def best_without(evidence: Evidence, rule: Rule, k: int) -> int:
    """The number of the configuration that would be the best if there were no fold ``k``."""
    if len(evidence.tried) == 1:
        return 0
    others = evidence.folds != k
    return rule.best(operating_points(evidence.truth[others], scores[others]) for scores in evidence.tried)
