"""How a study decides by out-of-fold scores alone: which configuration, at which cut; and what that flatters.

The figures of the chosen configuration at the chosen cut are the best of many, so they flatter. ``corrected`` repeats
the whole choice on bootstrap samples of the rows and counts on the rows left out (bootstrap bias corrected
cross-validation: Tsamardinos, Greasidou and Borboudakis 2018, Mach. Learn. 107:1895). No model is fitted again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from themetagger.calibration import fit_calibration
from themetagger.certificate import Certificate, Promise, certify, cross_selected_ranks
from themetagger.objectives import Objective
from themetagger.operating_point import OperatingPoints, Ranking, operating_points

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Labels = npt.NDArray[np.uint8]
SAMPLES = 100  # from 400 the bounds of 121 themes differed by .005 on average, 95 % of them by less than .016


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
        return hasattr(self.objective, "promise")


@dataclass(frozen=True)
class Evidence:
    """What the decisions on one theme rest on.

    Parameters
    ----------
    truth : (n,) of 0 and 1
    tried : out-of-fold scores (n,) of each configuration that was tried on all folds, in the order tried
    chosen : the number of the one that was chosen
    folds, groups : (n,) fold, and duplicate group, of each text
    choices : number of all configurations, also of those that were dropped on the way
    fitted : the calibration of the chosen one, where the study fitted it; default None: it is fitted when asked for
    """

    truth: Labels
    tried: tuple[Floats, ...]
    chosen: int
    folds: Ints
    groups: Ints
    choices: int
    fitted: tuple[float, float] | None = None

    @property
    def scores(self) -> Floats:
        """Out-of-fold scores of the chosen configuration, (n,)."""
        return self.tried[self.chosen]

    @property
    def calibration(self) -> tuple[float, float]:
        """Slope and intercept from out-of-fold scores to log odds; see `themetagger.calibration.fit_calibration`."""
        return fit_calibration(self.truth, self.scores) if self.fitted is None else self.fitted

    @property
    def apart(self) -> Ints:
        """One text of each duplicate group, (groups,): copies of a text are no evidence of their own."""
        return np.unique(self.groups, return_index=True)[1]


def evidence_of(run: Any) -> Mapping[str, Evidence]:
    """Theme -> evidence of all themes that a run studied: of a Run, of a PastRun, or what it already is.

    A RunError of a past run whose texts are not there.
    """
    if isinstance(run, Mapping):
        return run
    if isinstance(run.evidence, Mapping):
        return run.evidence
    found = ((theme, run.evidence(theme)) for theme in run.texts.themes)
    return {theme: evidence for theme, evidence in found if evidence is not None}


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


@dataclass(frozen=True)
class Corrected:
    """Precision and recall without what the choices made of them, and how low they may be (lower bounds)."""

    precision: float = math.nan
    recall: float = math.nan
    precision_bound: float = math.nan
    recall_bound: float = math.nan


def corrected(
    evidence: Evidence, rule: Rule, *, threshold: float, certified: bool, samples: int = SAMPLES, seed: int = 0
) -> Corrected:
    """What to expect of the configuration and cut that a rule chooses, on texts that had no say in the choice.

    Each sample draws as many duplicate groups as there are, with replacement; the rule chooses configuration and cut on
    them (where the deployed cut is certified: the cut that flags as many texts), and hits, flagged texts and positives
    among the groups left out are summed over all samples. Bounds hold one at a time, at the promise's confidence:
    quantiles of beta distributions, as if that many different texts had been counted. Cuts of a sample stand at the
    score of a text, deployed ones half way to the next, so that a small theme that is told without error gets less.

    Parameters
    ----------
    threshold, certified : the deployed cut, and whether it is a certified one
    samples, seed : of the bootstrap

    Examples
    --------
    >>> from themetagger.objectives import PrecisionFirst
    >>> draw, y = np.random.default_rng(0), (np.arange(600) < 60).astype(np.uint8)
    >>> tried = tuple(draw.normal(size=600) + 2.5 * y for _ in range(5))
    >>> evidence = Evidence(y, tried, chosen=0, folds=np.arange(600) % 5, groups=np.arange(600), choices=5)
    >>> found = corrected(evidence, Rule(PrecisionFirst(), Promise()), threshold=2.0, certified=False)
    >>> found.precision_bound < found.precision < 1
    True
    """
    truth, tried = evidence.truth, evidence.tried
    draw, rankings = np.random.default_rng(seed), [Ranking(truth, scores) for scores in tried]
    _, group = np.unique(evidence.groups, return_inverse=True)
    deployed = evidence.scores >= threshold
    count, hits, out_flagged, positives = int(group.max()) + 1, 0, 0, 0
    for _ in range(samples):
        weights = np.bincount(draw.integers(0, count, count), minlength=count)[group]
        left_out = weights == 0
        if not weights @ truth or not truth[left_out].any():
            continue  # a theme of a handful of texts, all drawn or none
        drawn = [ranking.weighed(weights) for ranking in rankings]
        best = rule.best(drawn)
        cut = _as_many(drawn[best], int(deployed.sum())) if certified else rule.objective.choose(drawn[best])
        tagged = left_out & (tried[best] >= drawn[best].thresholds[cut])
        hits, out_flagged = hits + int(truth[tagged].sum()), out_flagged + int(tagged.sum())
        positives += int(truth[left_out].sum())
    precision, recall = hits / max(1, out_flagged), hits / max(1, positives)
    delta, different = rule.promise.delta, (len(np.unique(group[rows])) for rows in (deployed, truth > 0))
    bounds = (lower_bound(share, of, delta) for share, of in zip((precision, recall), different, strict=True))
    return Corrected(precision, recall, *bounds)


def _as_many(points: OperatingPoints, flagged: int) -> int:
    """The cut that flags at most so many texts, and as nearly as many as can be."""
    return max(0, int(np.searchsorted(points.flagged, flagged, side="right")) - 1)


def lower_bound(share: float, count: int, delta: float) -> float:
    """The exact one-sided lower bound of a share that was found among ``count`` texts (Clopper and Pearson 1934).

    Examples
    --------
    >>> round(lower_bound(1.0, 29, 0.05), 3)
    0.902
    """
    return float(beta.ppf(delta, share * count, (1 - share) * count + 1)) if share * count > 0 else 0.0
