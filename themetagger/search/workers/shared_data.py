"""What all themes of a run stand on, and what is asked of one of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from themetagger.features import FoldFeatures, Inputs
from themetagger.search.first_model import FirstModel
from themetagger.search.settings import StudySettings
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
    wants_first_model : whether it begins with a model of all themes together, default False
    trial_seconds : what a trial is expected to take, so that none begins for which there is no time, default 0
    first_model : that model, once it is there
    """

    theme: str
    y: npt.NDArray[np.uint8]
    settings: StudySettings
    time_budget: float = math.inf
    folder: Path | None = None
    wants_first_model: bool = False
    trial_seconds: float = 0.0
    first_model: FirstModel | None = None


@dataclass(frozen=True)
class SharedData:
    """Inputs, folds and duplicate groups of one run."""

    inputs: Inputs
    folds: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]


def features_of(shared: Handle[SharedData]) -> FoldFeatures:
    """The features of a run, kept from job to job within a worker."""
    if shared.key not in _features:
        _features.clear()
        data = shared.get()
        _features[shared.key] = FoldFeatures(data.inputs, data.folds)
    return _features[shared.key]


def forget_features() -> None:
    """Let go of them: this process may have been the worker."""
    _features.clear()
