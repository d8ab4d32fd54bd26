"""One theme, one Optuna study -> the winner, its models and its out-of-fold scores."""

from __future__ import annotations

import hashlib
import math
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import optuna

from themetagger.calibration import fit_calibration
from themetagger.certificate import PROMISE, Certificate, Promise, certify, cross_selected_ranks
from themetagger.committee import Member, Narrowed
from themetagger.families import FAMILIES
from themetagger.features import EmptyVocabulary, FoldFeatures
from themetagger.objectives import Objective
from themetagger.operating_point import OperatingPoints, operating_points
from themetagger.search.grid import grid_cells
from themetagger.search.out_of_fold import companion_factor, deployed_members, fit_fold, out_of_fold_scores
from themetagger.search.proposal import (
    COMPANION,
    Companion,
    Proposal,
    Start,
    beside,
    first_trials,
    propose,
    worthwhile_ratios,
)
from themetagger.search.stopping import Deadline, Patience
from themetagger.winner import Counts, Winner

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.uint8]
Report = Callable[[int, str, float, float], None]

SAMPLERS = ("tpe", "random", "grid")
LEVEL_SHARES = {1: 0.6, 2: 0.2, 3: 0.2}  # of the trials: linear models win most themes, and cost least
CHECKED_FOLDS = 2  # after these a configuration that lags is dropped
# A configuration has to be better by this much, over the square root of the theme's positives, to displace one that was
# tried before it, and so is simpler or nearer to what usually works: smaller differences are luck. The unit is that of
# the objective's value, 0 to 1. Held-out 30 % of three train sets (hallmarks_of_cancer two seeds, leetcode_topics two,
# nhs_phase1_multi one), the sets' mean, with margins 0, .02, .05 and with .1, .2, .3, .4 over the root: average
# precision .551 .555 .557 and .555 .555 .558 .557; recall at precision .9 .261 .269 .269 and .268 .270 .272 .269.
MARGIN = 0.3
STARTUP = 6  # trials before the sampler models the space; the first ones are chosen, not drawn
# By how much average precision on the same folds a configuration may lag behind the best and still be finished.
DROP_MARGIN = 0.0
# How many trials, when to drop and what may displace: held-out 30 % of three train sets (leetcode_topics,
# hallmarks_of_cancer, nhs_phase1_multi), two seeds each, after ridge had its penalty advised (advice.py):
#
# ======  ========  ====  ==================  ==================  ===================
# trials  patience  drop  average precision   R@P90               fitted folds, theme
# ======  ========  ====  ==================  ==================  ===================
# 15/5/5  8/3/3     .05   .476  .814  .378    .254  .472  .077    56  48  51            margin .01
# 15/5/5  8/3/3     .05   .477  .817  .380    .257  .477  .078    56  47  51            margin .02
# 15/5/5  8/3/3     .05   .476  .816  .380    .255  .474  .077    56  47  51            margin .03
# 10/3/3  6/2/2     .05   .477  .817  .381    .257  .479  .079    41  40  42            margin .02
# 10/3/3  6/2/2     .00   .477  .816  .381    .258  .474  .078    25  27  26            margin .02
# 8/2/2   5/2/2     .00   .477  .816  .382    .258  .474  .078    23  25  24            margin .02
# ======  ========  ====  ==================  ==================  ===================
#
# Later levels now end sooner still, when nothing they begin with is better; the whole search was then no worse on the
# same hold-outs.


@dataclass(frozen=True)
class Studied:
    """What a study hands over: the winner as plain data, its members, and the out-of-fold scores (n,)."""

    winner: Winner
    members: tuple[Member, ...] = ()
    scores: Floats | None = None


@dataclass(frozen=True)
class Found:
    """A configuration that was tried on all folds."""

    proposal: Proposal
    models: tuple[Narrowed, ...]
    scores: Floats
    points: OperatingPoints
    value: float
    early: float
    met: bool
    factor: float = 0.0

    @property
    def family(self) -> str:
        """The families that take part in the score."""
        return f"{self.proposal.family} + {COMPANION}" if self.factor else self.proposal.family


@dataclass
class _Search:
    """The state of one study: what it works on, and the best it has found."""

    features: FoldFeatures
    y: Labels
    objective: Objective
    seed: int
    report: Report
    companion: float | None = None
    best: Found | None = None
    error: Exception | None = None
    trials: int = 0
    failed: int = 0
    tried: list[Floats] = field(default_factory=list)  # out-of-fold scores of the configurations tried on all folds
    ratios: tuple[int, ...] = field(init=False)
    margin: float = field(init=False)
    _companion: tuple[Floats, list[Narrowed]] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        positives = int(self.y.sum())
        self.margin = MARGIN / math.sqrt(max(1, positives))
        self.ratios = worthwhile_ratios(positives, len(self.y) - positives)

    def evaluate(self, trial: optuna.Trial, families: Sequence[str], level: int) -> float:
        """The value of one configuration: fit every fold, cut, judge; a lagging one is dropped on the way."""
        self.trials += 1
        try:
            proposal = propose(trial, families, level=level, ratios=self.ratios, companion=self.companion)
            found = self._try(trial, proposal)
        except optuna.TrialPruned:
            self._tell()
            raise
        except Exception as error:
            self.error, self.failed = error, self.failed + 1
            raise
        self.tried.append(found.scores)
        if self.best is None or self._better(found, self.best):
            self.best = found
        self._tell()
        return found.value

    def certificate(self, promise: Promise) -> Certificate | None:
        """The furthest cut of the best configuration that keeps a promise."""
        assert self.best is not None
        if certify(self.y, self.best.scores, None, promise) is None:
            return None  # what the choice made of it would not mend that
        chosen = [self._best_without(k) for k in range(self.features.n_folds)]
        return certify(self.y, self.best.scores, cross_selected_ranks(self.tried, self.features.folds, chosen), promise)

    def _best_without(self, k: int) -> int:
        """The number of the configuration that would be the best if there were no fold ``k``."""
        seen = self.features.folds != k
        best, value, met = 0, -math.inf, False
        for number, scores in enumerate(self.tried):
            points = operating_points(self.y[seen], scores[seen])
            new, good = self.objective.value(points), not self.objective.met(points, self.objective.choose(points))
            if (good and not met) or (good == met and new > value + (self.margin if number else 0)):
                best, value, met = number, new, good
        return best

    def _better(self, found: Found, best: Found) -> bool:
        """Whether a configuration displaces the best: one that meets the target does, else one with a larger value."""
        if found.met != best.met:
            return found.met
        return found.value > best.value + self.margin

    def _tell(self) -> None:
        """Report the number of the trial, and the best so far."""
        if self.best is not None:
            points = self.best.points
            cut = self.objective.choose(points)
            self.report(self.trials, self.best.family, points.precision[cut], points.recall[cut])

    def _try(self, trial: optuna.Trial, proposal: Proposal) -> Found:
        scores, models, early = np.full(len(self.y), np.nan), [], math.nan
        added, weight = self._beside(proposal.companion)
        for k in range(self.features.n_folds):
            model, scores[self.features.folds == k] = fit_fold(proposal, self.features, self.y, k, seed=self.seed)
            models.append(model)
            if k + 1 == CHECKED_FOLDS < self.features.n_folds:
                early = self._early(scores + companion_factor(scores, added, weight) * added)
                if self.best is not None and early < self.best.early - DROP_MARGIN:
                    raise optuna.TrialPruned
        factor = companion_factor(scores, added, weight)
        scores = scores + factor * added
        points = operating_points(self.y, scores)
        met = not self.objective.met(points, self.objective.choose(points))
        return Found(proposal, tuple(models), scores, points, self.objective.value(points), early, met, factor)

    def _beside(self, companion: Companion | None) -> tuple[Floats, float]:
        """Out-of-fold scores of a companion, and its weight; fitted once for all trials that have it."""
        if companion is None:
            return np.zeros(len(self.y)), 0.0
        return self.companion_models(companion)[0], companion.weight

    def companion_models(self, companion: Companion) -> tuple[Floats, list[Narrowed]]:
        """Out-of-fold scores of a companion and its fold models; scores of 0 where there is no word to learn from."""
        if self._companion is None:
            try:
                self._companion = out_of_fold_scores(beside(companion), self.features, self.y, seed=self.seed)
            except EmptyVocabulary:
                self._companion = np.zeros(len(self.y)), []
        return self._companion

    def _early(self, scores: Floats) -> float:
        seen = np.isfinite(scores)
        return operating_points(self.y[seen], scores[seen]).average_precision

    @property
    def value(self) -> float:
        """The best value so far."""
        return self.best.value if self.best else -math.inf

    def unmet(self) -> str:
        """What the best configuration lacks, empty when it meets the target."""
        if self.best is None:
            return "nothing was found"
        return self.objective.met(self.best.points, self.objective.choose(self.best.points))


def theme_seed(seed: int, theme: str) -> int:
    """A seed that depends on the theme's name alone, so that order and company of themes decide nothing."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{theme}".encode()).digest()[:4], "big")


def level_budgets(families: Sequence[str], trials: int) -> dict[int, int]:
    """Trials for each level that has a family, in order; they sum to ``trials``, simple levels rounded up.

    Examples
    --------
    >>> level_budgets(["ridge", "random_forest", "lightgbm"], 30)
    {1: 18, 2: 6, 3: 6}
    >>> level_budgets(["lightgbm"], 5)
    {3: 5}
    """
    levels = sorted({FAMILIES[name].level for name in families})
    budgets, left, weight = {}, trials, sum(LEVEL_SHARES[level] for level in levels)
    for level in levels:
        budgets[level] = min(left, math.ceil(left * LEVEL_SHARES[level] / weight - 1e-9))
        left, weight = left - budgets[level], weight - LEVEL_SHARES[level]
    return {level: budget for level, budget in budgets.items() if budget}


def study_theme(
    theme: str,
    y: Labels,
    features: FoldFeatures,
    *,
    objective: Objective,
    families: Sequence[str] = tuple(FAMILIES),
    trials: int = 16,
    patience: int = 5,
    deadline: float = math.inf,
    sampler: str = "tpe",
    minimum_quality: float = 0.0,
    stop_early: bool = True,
    start: Start | None = None,
    seed: int = 0,
    promise: Promise = PROMISE,
    report: Report = lambda *_: None,
) -> Studied:
    """Search one theme, simple families first, and put the best configuration's cut and models together.

    Parameters
    ----------
    y : (n,) of 0 and 1
    families : names of ``FAMILIES``; a level (linear; kernel and trees; boosters) begins when the one before has ended
    trials, patience : configurations at most, and in a row without a better one, after which a level ends, default 16
        and 5; after the first level, one also ends when nothing that it begins with is better (with "random" and
        "grid": when the first half of its trials is not)
    deadline : seconds since the epoch after which no trial begins, default none; the first trial always runs
    sampler : "tpe" (default), "random" or "grid"
    minimum_quality : smallest out-of-fold average precision with which a theme gets a model, default 0
    stop_early : whether a theme that meets the objective's target is spared the more complex families, default True
    start : where the "tpe" sampler begins, default what usually does
    promise : precision that is certified where it can be, default 0.90 at a confidence of 0.90
    report : called after each trial with its number and the best so far: family, precision, recall
    """
    started = time.time()
    companion = (start or Start()).C if COMPANION in families else None
    search = _Search(features, y, objective, theme_seed(seed, theme), report, companion)
    stopped, cut_short = _run_levels(search, families, trials, patience, deadline, sampler, stop_early, start)
    if search.failed:
        stopped = f"{stopped}; {search.failed} of {search.trials} trials failed: {search.error}"
    spent: dict[str, Any] = {"trials": search.trials, "seconds": time.time() - started, "stopped": stopped}
    spent["budget_cut"] = cut_short
    if search.best is None:
        reason = f"every trial failed: {search.error}" if search.error else f"no trial finished: {stopped}"
        return Studied(replace(Winner.failed(theme, reason, support=int(y.sum())), **spent))
    if search.best.points.average_precision < minimum_quality:
        reached = f"average precision {search.best.points.average_precision:.2f}"
        reason = f"{reached} is below the minimum quality {minimum_quality:.2f}"
        return Studied(replace(Winner.skipped(theme, reason, support=int(y.sum())), **spent), scores=search.best.scores)
    winner = _winner(theme, search, spent, promise)
    return Studied(winner, _members(search), search.best.scores)


def _members(search: _Search) -> tuple[Member, ...]:
    """The committee of the best configuration: its models, and those of its companion."""
    found = search.best
    assert found is not None
    members = deployed_members(found.proposal.recipe, found.models, search.features)
    if not found.factor or found.proposal.companion is None:
        return members
    _, models = search.companion_models(found.proposal.companion)
    added = deployed_members(beside(found.proposal.companion).recipe, models, search.features)
    return members + tuple(replace(member, weight=found.factor * member.weight) for member in added)


def _run_levels(
    search: _Search,
    families: Sequence[str],
    trials: int,
    patience: int,
    deadline: float,
    sampler: str,
    stop_early: bool,
    start: Start | None,
) -> tuple[str, bool]:
    """Run the levels in order; why the search ended, and whether the clock ended it."""
    rows = int((search.features.folds != 0).sum())
    fitting = [name for name in families if rows <= (FAMILIES[name].max_rows or rows)]
    study, clock, stopped = _new_study(sampler, search.seed), Deadline(deadline), "no family fits these data"
    for level, budget in level_budgets(fitting, trials).items():
        if stop_early and level > 1 and search.best and search.best.met:
            return "target met", False
        names = [name for name in fitting if FAMILIES[name].level == level]
        begun = search.trials
        first = _first(search, names, level, budget, sampler, start)
        chance = len(first) if sampler == "tpe" and first else math.ceil(budget / 2)
        waiting = Patience(patience if search.best is None else min(patience, chance), search.value, search.margin)
        evaluate = partial(search.evaluate, families=names, level=level)
        planned = [*first, *[None] * (0 if sampler == "grid" else budget - len(first))]
        for params in planned:
            if params is not None:
                study.enqueue_trial(params)  # one at a time: what is queued when a level ends would run in the next
            study.optimize(evaluate, n_trials=1, callbacks=[waiting, clock], catch=(Exception,))
            if waiting.over or clock.passed:
                break
        stopped = "patience" if search.trials < begun + len(planned) else "trials used up"
        if clock.passed:
            return "time budget", True
    return stopped, False


def _new_study(sampler: str, seed: int) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)  # a trial that fails is told in the table
    if sampler == "tpe":
        # group: the space is conditional on the family, and families are modelled apart
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # of group, there since Optuna 2.8
            chosen: optuna.samplers.BaseSampler = optuna.samplers.TPESampler(
                seed=seed, multivariate=True, group=True, n_startup_trials=STARTUP
            )
    else:
        chosen = optuna.samplers.RandomSampler(seed=seed)
    return optuna.create_study(direction="maximize", sampler=chosen)


def _first(
    search: _Search, names: Sequence[str], level: int, budget: int, sampler: str, start: Start | None
) -> list[dict[str, Any]]:
    """Parameters of the trials that a level begins with, at most ``budget``; of a grid, all its trials."""
    if sampler == "random":
        return []
    if sampler == "tpe":
        return first_trials(names, level, start=start, companion=search.companion is not None)[:budget]
    return grid_cells(names, level=level, ratios=search.ratios, trials=budget, companion=search.companion)


def _winner(theme: str, search: _Search, spent: dict[str, Any], promise: Promise) -> Winner:
    found = search.best
    assert found is not None
    points, lacks = found.points, search.unmet()
    cut = search.objective.choose(points)
    tp, flagged, negatives = int(points.tp[cut]), int(points.flagged[cut]), points.rows - points.positives
    certificate = search.certificate(promise)
    promised: dict[str, Any] = {}
    if certificate is not None:
        promised = {f"certified_{name}": value for name, value in (asdict(promise) | asdict(certificate)).items()}
    return Winner(
        theme,
        "BEST_EFFORT" if lacks else "MET",
        lacks,
        support=points.positives,
        family=found.family,
        view=found.proposal.recipe.view,
        params=found.proposal.params,
        recipe=found.proposal.recipe.to_json() | found.proposal.settings(),
        threshold=float(points.thresholds[cut]),
        counts=Counts(tp, flagged - tp, points.positives - tp, negatives - (flagged - tp)),
        average_precision=points.average_precision,
        calibration=fit_calibration(search.y, found.scores),
        **promised,
        **spent,
    )
