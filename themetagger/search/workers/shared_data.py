"""What all themes of a run stand on, and what is asked of one of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from themetagger.features import ANALYSERS, FoldFeatures, TermCounts, count_terms
from themetagger.features.preprocessing import clean
from themetagger.search.space import MIN_DF
from themetagger.search.workers.pool import ParentProcess, begin_work

_features: dict[str, FoldFeatures] = {}  # one worker works on one run at a time


@dataclass(frozen=True)
class Task:
    """One theme to study: its name, its 0/1 column (n,), the keywords of ``study_theme`` for it, and its folder."""

    theme: str
    y: npt.NDArray[np.uint8]
    settings: Mapping[str, Any] = field(default_factory=dict)
    time_budget: float = math.inf
    folder: Path | None = None

    @property
    def allowed(self) -> tuple[int, ...]:
        """The numbers of trials that earlier calls allowed, and this one."""
        return (*self.settings.get("before", ()), self.settings.get("trials", 16))


@dataclass(frozen=True)
class SharedData:
    """Counts, folds and duplicate groups of one run, a name for it, and whose it is.

    Workers map the counts from one copy on the disk.
    """

    run: str
    counts: Mapping[str, TermCounts]
    folds: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]
    parent: ParentProcess | None = None

    def features(self) -> FoldFeatures:
        """The features of this run, kept from theme to theme within a worker."""
        begin_work(self.parent)
        if self.run not in _features:
            _features.clear()
            _keep_worker()
            _features[self.run] = FoldFeatures(self.counts, self.folds)
        return _features[self.run]


def counted(texts: Sequence[str], steps: Sequence[str]) -> dict[str, TermCounts]:
    """What is counted in the texts of a run before its search: analyser -> Counts."""
    cleaned = clean(texts, steps)
    return {analyser: count_terms(cleaned, analyser, min_df=min(MIN_DF)) for analyser in ANALYSERS}


def forget_features() -> None:
    """Let go of them; with one job this process was the worker."""
    _features.clear()


def _keep_worker() -> None:
    """Tell joblib's worker that a cache which grows is no leak: it would end the worker, and the cache with it."""
    from joblib.externals.loky import process_executor

    if hasattr(process_executor, "_MAX_MEMORY_LEAK_SIZE"):  # only looked at where psutil is installed
        process_executor._MAX_MEMORY_LEAK_SIZE = 2**63
