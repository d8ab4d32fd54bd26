"""When a study has seen enough: callbacks of one condition each."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import optuna


@dataclass
class Patience:
    """Stops a study when ``trials`` trials in a row have not raised the best value, ``best`` when it begins.

    A value raises it by more than ``margin`` (default 0) or not at all.
    """

    trials: int
    best: float = -float("inf")
    margin: float = 0.0
    waited: int = field(default=0, init=False)

    def __call__(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        """Count the trial, and stop the study when patience is at its end."""
        value = trial.value if trial.state == optuna.trial.TrialState.COMPLETE else None
        if value is not None and value > self.best + self.margin:
            self.best, self.waited = value, 0
        else:
            self.waited += 1
        if self.over:
            study.stop()

    @property
    def over(self) -> bool:
        """Whether patience is at its end."""
        return self.waited >= self.trials


@dataclass
class Deadline:
    """Stops a study when the clock (seconds since the epoch) has passed ``at``; ``passed`` then says so."""

    at: float
    passed: bool = field(default=False, init=False)

    def __call__(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        """Stop the study after the trial during which the deadline passed."""
        if time.time() >= self.at:
            self.passed = True
            study.stop()
