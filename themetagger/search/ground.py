"""What all themes of a run stand on, and what is asked of one of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from themetagger.features import Counts, FoldFeatures

_features: dict[str, FoldFeatures] = {}  # one worker works on one run at a time


@dataclass(frozen=True)
class Task:
    """One theme to study: its name, its 0/1 column (n,), and the keywords of ``study_theme`` for it."""

    theme: str
    y: npt.NDArray[np.uint8]
    settings: Mapping[str, Any] = field(default_factory=dict)
    time_budget: float = math.inf


@dataclass(frozen=True)
class Ground:
    """Counts, folds and duplicate groups of one run, and a name for it; workers map the counts from one disk copy."""

    run: str
    counts: Mapping[str, Counts]
    folds: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]

    def features(self) -> FoldFeatures:
        """The features of this run, kept from theme to theme within a worker."""
        if self.run not in _features:
            _features.clear()
            _keep_worker()
            _features[self.run] = FoldFeatures(self.counts, self.folds)
        return _features[self.run]


def forget_features() -> None:
    """Let go of them; with one job this process was the worker."""
    _features.clear()


def _keep_worker() -> None:
    """Tell joblib's worker that a cache which grows is no leak: it would end the worker, and the cache with it."""
    from joblib.externals.loky import process_executor

    if hasattr(process_executor, "_MAX_MEMORY_LEAK_SIZE"):  # only looked at where psutil is installed
        process_executor._MAX_MEMORY_LEAK_SIZE = 2**63
