"""What a study may begin with: a model whose out-of-fold scores are known before its first trial."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from themetagger.models.ensemble import EnsembleMember
from themetagger.search.space import Configuration

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FirstModel:
    """What a study begins with.

    Parameters
    ----------
    configuration : of the model
    scores : (n,) out-of-fold scores
    members : what is deployed
    """

    configuration: Configuration
    scores: Floats
    members: tuple[EnsembleMember, ...]
