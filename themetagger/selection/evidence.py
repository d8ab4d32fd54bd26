"""What the decisions on one theme rest on: out-of-fold scores, folds and duplicate groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from themetagger.selection.calibration import fit_calibration

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Labels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Evidence:
    """What the decisions on one theme rest on.

    Parameters
    ----------
    truth : (n,) of 0 and 1
    tried : out-of-fold scores (n,) of each configuration that was tried on all folds, in the order tried
    chosen : the number of the configuration that was chosen
    folds, groups : (n,) fold, and duplicate group, of each text
    choices : number of all configurations, also of those that were dropped after some folds
    fitted : slope and intercept of the calibration of the chosen configuration, where the study fitted them; default
        None: they are fitted when they are asked for

    Examples
    --------
    >>> scores = np.array([0.9, 0.9, 0.1, 0.3])
    >>> folds, groups = np.array([0, 0, 1, 1]), np.array([7, 7, 8, 9])  # the first two texts are copies
    >>> truth = np.array([1, 1, 0, 0], np.uint8)
    >>> evidence = Evidence(truth, (scores,), chosen=0, folds=folds, groups=groups, choices=1)
    >>> evidence.representatives.tolist()
    [0, 2, 3]
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
        """Slope and intercept from out-of-fold scores to log-odds; see `themetagger.selection.calibration`."""
        return fit_calibration(self.truth, self.scores) if self.fitted is None else self.fitted

    @property
    def representatives(self) -> Ints:
        """The number of one text of each duplicate group, (groups,): copies of a text are no further evidence."""
        return np.unique(self.groups, return_index=True)[1]
