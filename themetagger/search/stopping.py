"""When a study has seen enough: one condition each."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class Patience:
    """At its end when ``trials`` trials in a row have not raised the best value, ``best`` when it begins.

    A value raises it by more than ``margin`` (default 0) or not at all.

    Examples
    --------
    >>> waiting = Patience(2)
    >>> for value in (0.5, None, 0.4):
    ...     waiting.see(value)
    >>> waiting.over
    True
    """

    trials: int
    best: float = -float("inf")
    margin: float = 0.0
    waited: int = field(default=0, init=False)

    def see(self, value: float | None) -> None:
        """Count a trial; None is the value of one that was dropped or failed."""
        if value is not None and value > self.best + self.margin:
            self.best, self.waited = value, 0
        else:
            self.waited += 1

    @property
    def over(self) -> bool:
        """Whether patience is at its end."""
        return self.waited >= self.trials


@dataclass(frozen=True)
class Deadline:
    """Passed when the clock (seconds since the epoch) has passed ``at``."""

    at: float

    @property
    def passed(self) -> bool:
        """Whether it has."""
        return time.time() >= self.at
