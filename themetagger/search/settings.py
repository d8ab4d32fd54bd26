"""The settings of a study: its objective, its families, how long it searches, and from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from themetagger.features import ANALYSERS
from themetagger.models.families import FAMILIES
from themetagger.search.companion import COMPANION, COMPANION_C
from themetagger.selection.guarantee import Promise
from themetagger.selection.objectives import Objective, promise_of

SAMPLERS = ("tpe", "random", "grid")


@dataclass(frozen=True)
class WarmStart:
    """Where a study begins, computed for all themes together (warm_start.py).

    Parameters
    ----------
    alpha : of ridge, default None: the penalties that usually do
    C : of the companion, default the one that usually does
    dense_weight : of the first text encoder's vectors beside n-grams, default 0: n-grams alone
    """

    alpha: float | None = None
    C: float = COMPANION_C[0]
    dense_weight: float = 0.0


@dataclass(frozen=True)
class StudySettings:
    """The settings of one theme's study.

    Parameters
    ----------
    objective : what "best" means
    families : names of ``FAMILIES``; a level (linear; kernel and trees; boosters) begins when the one before has ended
    trials, patience : configurations at most, and in a row without a better one, after which a level ends, default 16
        and 5; after the first level, one also ends when nothing that it begins with is better (with "random" and
        "grid": when the first half of its trials is not)
    earlier_trials : numbers of trials that earlier runs allowed, in order, default none; this one goes on behind them
    sampler : "tpe" (default), "random" or "grid"
    minimum_quality : smallest out-of-fold average precision with which a theme gets a model, default 0
    stop_early : whether a theme is spared the more complex families: True (default) when it meets the objective's
        target, "certified" when the promise can be certified
    promise : precision that is certified where it can be, default the objective's, else 0.90 at a confidence of 0.90
    sources : analysers and text encoders that there are, default the analysers
    most_rows : of a fold that a model is fitted on, default 0: all
    start : where the "tpe" sampler begins, default what usually does
    seed : default 0

    Examples
    --------
    >>> from themetagger.selection.objectives import PrecisionFirst
    >>> settings = StudySettings(PrecisionFirst(), families=("ridge", "sparse_svm"), trials=12, earlier_trials=(6,))
    >>> settings.allowed_trials, settings.companion_C
    ((6, 12), 0.1)
    """

    objective: Objective
    families: Sequence[str] = tuple(FAMILIES)
    trials: int = 16
    patience: int = 5
    earlier_trials: tuple[int, ...] = ()
    sampler: str = "tpe"
    minimum_quality: float = 0.0
    stop_early: bool | str = True
    promise: Promise | None = None
    sources: tuple[str, ...] = tuple(ANALYSERS)
    most_rows: int = 0
    start: WarmStart | None = None
    seed: int = 0

    @property
    def allowed_trials(self) -> tuple[int, ...]:
        """The numbers of trials that earlier runs allowed, and this one."""
        return (*self.earlier_trials, self.trials)

    @property
    def asked_promise(self) -> Promise:
        """The promise that is to be certified."""
        return self.promise or promise_of(self.objective)

    @property
    def companion_C(self) -> float | None:
        """C of the companion of the other families; None where its family is not among them."""
        return (self.start or WarmStart()).C if COMPANION in self.families else None
