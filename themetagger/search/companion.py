"""The companion: a sparse SVM whose scores are added to those of another model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

COMPANION = "sparse_svm"  # its family
COMPANION_C = (0.1, 0.05, 0.2, 0.4)  # the first is the usual one
COMPANION_WEIGHTS = (0.35, 0.2, 0.7)
_C, _WEIGHT = f"{COMPANION}.C", f"{COMPANION}.weight"  # the names of its settings in a theme's row
COMPANION_SETTINGS = (_C, _WEIGHT)
_WITH_COMPANION = f" + {COMPANION}"


@dataclass(frozen=True)
class Companion:
    """A sparse SVM on the presence of words, whose scores are added to another model's.

    Ridge and its like use every word a little, relative to the length of the text; the companion rests on the few that
    tell most, wherever they stand. Their mistakes differ. tests/benchmarks/companion.py, held-out 30 % of three train
    sets, six seeds each (three for leetcode_topics), ridge alone | with a companion of C .1 and weight .25, .5, .75 |
    with one whose C was chosen for all themes of a set together, weight .35:

    ====================  ==============================  ==============================
    set                   average precision               recall at precision .9
    ====================  ==============================  ==============================
    hallmarks_of_cancer   .802 | .821 .824 .826 | .824    .436 | .468 .477 .483 | .476
    leetcode_topics       .480 | .483 .482 .478 | .484    .265 | .269 .271 .268 | .274
    nhs_phase1_multi      .369 | .377 .377 .373 | .377    .072 | .077 .078 .075 | .074
    ====================  ==============================  ==============================

    Boosted trees beside ridge gained as much on the first and less on the others, and are slow to score texts with.

    Attributes
    ----------
    C : of the sparse SVM
    weight : standard deviations of its scores for one of the other model's

    Examples
    --------
    >>> Companion(C=0.1, weight=0.35).settings()
    {'sparse_svm.C': 0.1, 'sparse_svm.weight': 0.35}
    """

    C: float
    weight: float

    def settings(self) -> dict[str, float]:
        """Its settings as a theme's row names them."""
        return {_C: self.C, _WEIGHT: self.weight}

    @classmethod
    def of_settings(cls, settings: Mapping[str, Any]) -> Companion:
        """The companion with these :meth:`settings`, among others; a KeyError where they are not there."""
        return cls(settings[_C], settings[_WEIGHT])


def displayed_name(family: str, *, with_companion: bool) -> str:
    """How a family is called in tables, messages and files, with or without a companion.

    Examples
    --------
    >>> displayed_name("ridge", with_companion=True)
    'ridge + sparse_svm'
    """
    return family + _WITH_COMPANION * with_companion


def read_name(displayed: str) -> tuple[str, bool]:
    """The family that :func:`displayed_name` shows, and whether it has a companion.

    Examples
    --------
    >>> read_name("ridge + sparse_svm"), read_name("sparse_svm")
    (('ridge', True), ('sparse_svm', False))
    """
    return displayed.removesuffix(_WITH_COMPANION), displayed.endswith(_WITH_COMPANION)


def blend_weight(scores: Floats, companion_scores: Floats, weight: float) -> float:
    """What ``companion_scores`` (n,) count, so that they spread ``weight`` times as much as ``scores`` (n,).

    Rows that are nan in either are left out; 0 where the companion tells no two rows apart.

    Examples
    --------
    >>> blend_weight(np.array([-4.0, 4.0, np.nan]), np.array([0.0, 2.0, 9.0]), 0.5)
    2.0
    """
    seen = np.isfinite(scores)
    spread = float(companion_scores[seen].std())
    return weight * float(scores[seen].std()) / spread if spread > 0 else 0.0
