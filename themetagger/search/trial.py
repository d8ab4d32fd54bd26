"""What one study tries: configurations on all folds, the best so far, and what can be promised of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import optuna

from themetagger.features import ANALYSERS, EmptyVocabulary, FoldFeatures
from themetagger.models.ensemble import EnsembleMember, ReducedModel
from themetagger.models.families import Suggests
from themetagger.search.companion import Companion, blend_weight, displayed_name
from themetagger.search.cross_validation import fit_fold, out_of_fold_scores
from themetagger.search.space import Configuration, Options, companion_configuration, suggest, worthwhile_ratios
from themetagger.selection.evidence import Evidence
from themetagger.selection.guarantee import Certificate, Promise
from themetagger.selection.objectives import Objective
from themetagger.selection.operating_points import OperatingPoints, operating_points
from themetagger.selection.rule import Assessment, Rule, certificate_of

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.uint8]
Report = Callable[[int, str, float, float], None]

FEW_POSITIVES = 10  # texts of a theme, below which half of them are too few to learn from
CHECKED_FOLDS = 2  # after these a configuration that lags is dropped
# A configuration has to be better by this much, over the square root of the theme's positives, to displace one that was
# tried before it, and so is simpler or nearer to what usually works: smaller differences are luck. The unit is that of
# the objective's value, 0 to 1. Held-out 30 % of three train sets (hallmarks_of_cancer two seeds, leetcode_topics two,
# nhs_phase1_multi one), the sets' mean, with margins 0, .02, .05 and with .1, .2, .3, .4 over the root: average
# precision .551 .555 .557 and .555 .555 .558 .557; recall at precision .9 .261 .269 .269 and .268 .270 .272 .269.
MARGIN = 0.3
# By how much average precision on the same folds a configuration may lag behind the best and still be finished.
DROP_MARGIN = 0.0
# How many trials, when to drop and what may displace: held-out 30 % of three train sets (leetcode_topics,
# hallmarks_of_cancer, nhs_phase1_multi), two seeds each, after ridge had its warm start (warm_start.py):
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


def margin_of(positives: int) -> float:
    """By how much a configuration must be better than an earlier one to displace it, for a theme of so many texts."""
    return MARGIN / math.sqrt(max(1, positives))


class Dropped(optuna.TrialPruned):
    """A configuration lags behind on the first folds; ``early`` is its average precision there."""

    def __init__(self, early: float) -> None:
        """Keep its average precision."""
        super().__init__()
        self.early = early


@dataclass(frozen=True)
class TriedConfiguration:
    """A configuration that was tried on all folds.

    Parameters
    ----------
    configuration : what was tried
    models : of the folds; empty where only the scores were kept
    scores : (n,) out-of-fold scores, its companion's among them
    points : the cuts that the scores allow
    standing : what the objective says of it
    early : average precision on the first folds
    blend_weight : what its companion's scores count in its own, default 0: it has none
    members : what is deployed of it, where that is known before it is chosen
    """

    configuration: Configuration
    models: tuple[ReducedModel, ...]
    scores: Floats
    points: OperatingPoints
    assessment: Assessment
    early: float
    blend_weight: float = 0.0
    members: tuple[EnsembleMember, ...] = ()

    @property
    def companion(self) -> Companion | None:
        """The companion that takes part in the score."""
        return self.configuration.companion if self.blend_weight else None

    @property
    def family(self) -> str:
        """The families that take part in the score, for tables and messages."""
        return displayed_name(self.configuration.family, with_companion=self.companion is not None)


@dataclass
class StudyState:
    """The state of one study: what it works on, what it has tried, and the best of that.

    Parameters
    ----------
    features, y, groups : of the n texts; y (n,) of 0 and 1
    objective, promise : what "best" means, and what is to be certified
    seed : of the theme
    report : called after each trial with its number and the best so far: family, precision, recall
    companion : C of the companion of each model, default None: there is none
    sources : analysers and text encoders that there are, default the analysers
    most_rows : of a fold that a model is fitted on, default 0: all

    Attributes
    ----------
    best : the best configuration so far
    tried : out-of-fold scores of the configurations that were tried on all folds
    n_trials, n_failed : trials so far, and those of them that failed
    error : of the last one that failed
    options : what there is to choose from
    rule : how configurations are compared and cut
    """

    features: FoldFeatures
    y: Labels
    groups: npt.NDArray[np.int64]
    objective: Objective
    promise: Promise
    seed: int
    report: Report
    companion: float | None = None
    sources: tuple[str, ...] = tuple(ANALYSERS)
    most_rows: int = 0
    best: TriedConfiguration | None = None
    error: str = ""
    n_trials: int = 0
    n_failed: int = 0
    tried: list[Floats] = field(default_factory=list)
    options: Options = field(init=False)
    rule: Rule = field(init=False)
    _companions: dict[int, tuple[Floats, list[ReducedModel]]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        positives = int(self.y.sum())
        self.rule = Rule(self.objective, self.promise, margin_of(positives))
        ratios = worthwhile_ratios(positives, len(self.y) - positives)
        self.options = Options(ratios, self.companion, self.sources, self.most_rows)

    def attempt(self, trial: Suggests, families: Sequence[str], level: int) -> TriedConfiguration:
        """Try one configuration: fit every fold, cut, judge; Dropped where it lags behind on the first folds."""
        tried = self._try(suggest(trial, families, level=level, options=self.options))
        if math.isnan(tried.assessment.value):
            raise ValueError(f"the objective's value is {tried.assessment.value}")
        return tried

    def add(self, tried: TriedConfiguration) -> None:
        """Count a configuration that was tried on all folds; it may be the best."""
        self.n_trials += 1
        self.tried.append(tried.scores)
        if self.best is None or self.rule.displaces(tried.assessment, self.best.assessment):
            self.best = tried

    def add_from_scores(
        self,
        trial: Suggests,
        families: Sequence[str],
        level: int,
        scores: Floats,
        *,
        early: float,
        blend_weight: float,
        most_rows: int = 0,
    ) -> None:
        """Count a configuration whose out-of-fold scores (n,) are known, but not its models, fitted on so many rows."""
        options = replace(self.options, most_rows=most_rows)
        configuration = suggest(trial, families, level=level, options=options)
        points = operating_points(self.y, scores)
        self.add(TriedConfiguration(configuration, (), scores, points, self.rule.assess(points), early, blend_weight))

    def begin_with(
        self, configuration: Configuration, scores: Floats, members: tuple[EnsembleMember, ...] = ()
    ) -> None:
        """Count a configuration of which the out-of-fold scores (n,) are known, and what would be deployed of it."""
        points = operating_points(self.y, scores)
        early = self._early(np.where(self.features.folds < CHECKED_FOLDS, scores, np.nan))
        assessment = self.rule.assess(points)
        self.add(TriedConfiguration(configuration, (), scores, points, assessment, early, members=members))

    def add_unfinished(self, error: str) -> None:
        """Count a configuration that was dropped (no error), or that failed with an error."""
        self.n_trials += 1
        if error:
            self.error, self.n_failed = error, self.n_failed + 1

    def models(self) -> tuple[ReducedModel, ...]:
        """The fold models of the best configuration; fitted again where only its scores were kept."""
        assert self.best is not None
        if self.best.models:
            return self.best.models
        folds, configuration = range(self.features.n_folds), self.best.configuration
        return tuple(fit_fold(configuration, self.features, self.y, k, seed=self.seed)[0] for k in folds)

    def evidence(self) -> Evidence:
        """What the choice of the best rests on."""
        assert self.best is not None
        chosen = next(i for i, scores in enumerate(self.tried) if scores is self.best.scores)
        return Evidence(self.y, tuple(self.tried), chosen, self.features.folds, self.groups, choices=self.n_trials)

    def certificate(self) -> Certificate | None:
        """The furthest cut of the best configuration that keeps the promise."""
        return certificate_of(self.evidence(), self.rule)

    def label_gain(self) -> float:
        """Average precision that the best configuration, by itself, gains from half of the labels to all; else nan.

        On two folds, because five cost a tenth of the study.
        """
        best = self.best
        assert best is not None
        if self.y.sum() < FEW_POSITIVES or best.configuration.most_rows:  # half of the labels are then as many rows
            return math.nan
        alone = best.scores
        if best.companion is not None:
            alone = alone - best.blend_weight * self.companion_models(best.companion)[0]
        try:
            half, _ = out_of_fold_scores(
                best.configuration, self.features, self.y, seed=self.seed, share=0.5, folds=CHECKED_FOLDS
            )
        except Exception:  # what half of the labels cannot be fitted with says nothing against the model of all
            return math.nan
        return self._early(np.where(np.isfinite(half), alone, np.nan)) - self._early(half)

    def satisfied(self, by: str | bool) -> bool:
        """Whether more complex families may be spared: the best meets its target, or is certified."""
        if self.best is None or not by:
            return False
        return self.certificate() is not None if by == "certified" else self.best.assessment.met

    def report_best(self) -> None:
        """Report the number of the trial, and the best so far."""
        if self.best is not None:
            points = self.best.points
            cut = self.objective.choose(points)
            self.report(self.n_trials, self.best.family, points.precision[cut], points.recall[cut])

    def _try(self, configuration: Configuration) -> TriedConfiguration:
        scores, models, early = np.full(len(self.y), np.nan), [], math.nan
        added, weight = self._companion_scores(configuration)
        for k in range(self.features.n_folds):
            model, scores[self.features.folds == k] = fit_fold(configuration, self.features, self.y, k, seed=self.seed)
            models.append(model)
            if k + 1 == CHECKED_FOLDS < self.features.n_folds:
                early = self._early(scores + blend_weight(scores, added, weight) * added)
                if self.best is not None and early < self.best.early - DROP_MARGIN:
                    raise Dropped(early)
        blended = blend_weight(scores, added, weight)
        scores = scores + blended * added
        points = operating_points(self.y, scores)
        return TriedConfiguration(
            configuration, tuple(models), scores, points, self.rule.assess(points), early, blended
        )

    def _companion_scores(self, configuration: Configuration) -> tuple[Floats, float]:
        """Out-of-fold scores of a configuration's companion, and its weight."""
        companion = configuration.companion
        if companion is None:
            return np.zeros(len(self.y)), 0.0
        return self.companion_models(companion, configuration.most_rows)[0], companion.weight

    def companion_models(self, companion: Companion, most_rows: int = 0) -> tuple[Floats, list[ReducedModel]]:
        """Out-of-fold scores of a companion and its fold models; scores of 0 where there is no word to learn from.

        Fitted once for all trials that have it, on so many rows of a fold (0: all).
        """
        if most_rows not in self._companions:
            own = companion_configuration(companion, most_rows)
            try:
                self._companions[most_rows] = out_of_fold_scores(own, self.features, self.y, seed=self.seed)
            except EmptyVocabulary:
                self._companions[most_rows] = np.zeros(len(self.y)), []
        return self._companions[most_rows]

    def _early(self, scores: Floats) -> float:
        seen = np.isfinite(scores)
        return operating_points(self.y[seen], scores[seen]).average_precision

    @property
    def value(self) -> float:
        """The best value so far."""
        return self.best.assessment.value if self.best else -math.inf

    def cut(self, certificate: Certificate | None) -> int:
        """Where the best configuration is cut: where it is certified, if the objective asks for precision."""
        assert self.best is not None
        if certificate is not None and self.rule.deploys_certified_cut:
            flagged = int((self.best.scores >= certificate.threshold).sum())
            return int(np.searchsorted(self.best.points.flagged, flagged))
        return self.objective.choose(self.best.points)

    def unmet(self, cut: int) -> str:
        """What the best configuration lacks at a cut, empty when it meets the target there."""
        assert self.best is not None
        return self.objective.met(self.best.points, cut)
