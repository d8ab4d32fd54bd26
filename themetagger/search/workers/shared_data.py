"""What all themes of a run stand on, and what is asked of one of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from themetagger.features import ANALYSERS, FoldFeatures, TermCounts, count_terms
from themetagger.features.preprocessing import clean
from themetagger.search.settings import StudySettings
from themetagger.search.space import MIN_DF
from themetagger.search.workers.executor import Handle

_features: dict[str, FoldFeatures] = {}  # one worker works on one run at a time


@dataclass(frozen=True)
class Task:
    """One theme to study.

    Parameters
    ----------
    theme : its name
    y : (n,) of 0 and 1
    settings : of its study
    time_budget : seconds, default none
    folder : where its trials are kept, default None keeps nothing
    """

    theme: str
    y: npt.NDArray[np.uint8]
    settings: StudySettings
    time_budget: float = math.inf
    folder: Path | None = None


@dataclass(frozen=True)
class SharedData:
    """Counts, folds and duplicate groups of one run."""

    counts: Mapping[str, TermCounts]
    folds: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]


def features_of(shared: Handle[SharedData]) -> FoldFeatures:
    """The features of a run, kept from job to job within a worker."""
    if shared.key not in _features:
        _features.clear()
        data = shared.get()
        _features[shared.key] = FoldFeatures(data.counts, data.folds)
    return _features[shared.key]


def counted(texts: Sequence[str], steps: Sequence[str]) -> dict[str, TermCounts]:
    """What is counted in the texts of a run before its search: analyser -> Counts."""
    cleaned = clean(texts, steps)
    return {analyser: count_terms(cleaned, analyser, min_df=min(MIN_DF)) for analyser in ANALYSERS}


def forget_features() -> None:
    """Let go of them: this process may have been the worker."""
    _features.clear()
