"""How a tagger errs on each theme: recall, fallout, and the values that they may have on other texts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from themetagger.selection.confusion import Confusion
from themetagger.selection.theme_result import ThemeResult

TRANSFER = 0.1  # standard deviation of log odds by which recall and fallout on new texts differ beyond chance
TINY = 1e-12  # a share that differs from 0, so that its odds have a logarithm
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Accuracy:
    """How a tagger errs on one theme, and on how many texts that was counted.

    Parameters
    ----------
    recall : share of the texts with the theme that are tagged
    fallout : share of the texts without it that are tagged
    positives, negatives : texts with and without the theme on which they were counted

    Examples
    --------
    >>> Accuracy.of_counts(Confusion(tp=30, fp=10, fn=30, tn=930))
    Accuracy(recall=0.5, fallout=0.010638297872340425, positives=60, negatives=940)
    """

    recall: float
    fallout: float
    positives: int
    negatives: int

    @classmethod
    def of_counts(cls, counts: Confusion) -> Self:
        """From a confusion matrix."""
        negatives = counts.fp + counts.tn
        return cls(counts.recall, counts.fp / negatives if negatives else math.nan, counts.support, negatives)

    @classmethod
    def of_corrected(cls, theme_result: ThemeResult) -> Self:
        """From the figures of a theme that are corrected for the choices made; its plain ones where there are none.

        The corrected precision is at the training share of the theme, from which the fallout follows. Only
        tests/benchmarks/prevalence.py uses it, beside the plain counts, which gave shares as good.
        """
        plain, precision, recall = (
            cls.of_counts(theme_result.counts),
            theme_result.corrected_precision,
            theme_result.corrected_recall,
        )
        if math.isnan(precision) or math.isnan(recall) or not precision or not plain.negatives:
            return plain
        wrong = recall * plain.positives * (1 - precision) / precision
        return cls(recall, min(1.0, wrong / plain.negatives), plain.positives, plain.negatives)

    @property
    def known(self) -> bool:
        """Whether both were measured."""
        return self.positives > 0 and self.negatives > 0

    def drawn(self, draw: np.random.Generator, count: int) -> tuple[Floats, Floats]:
        """Values that recall and fallout may have on other texts, (count,) each.

        Jeffreys' posterior of each where it was measured, and from there a normal step of its log odds: what is
        measured in one place is not quite what holds in another (Gelman and Carpenter 2020, J. R. Stat. Soc. C
        69:1269). Here the places differ in the model too: fold models were measured, and their mean is deployed.
        """
        return _beta(draw, self.recall, self.positives, count), _beta(draw, self.fallout, self.negatives, count)


def _beta(draw: np.random.Generator, share: float, of: int, count: int) -> Floats:
    measured = np.clip(draw.beta(share * of + 0.5, (1 - share) * of + 0.5, count), TINY, 1 - TINY)
    return np.asarray(expit(logit(measured) + TRANSFER * draw.standard_normal(count)), dtype=np.float64)


def accuracies(
    theme_results: Sequence[ThemeResult], held_out: Mapping[str, Confusion] | None = None
) -> dict[str, Accuracy]:
    """How a tagger errs, for each theme that has a model, as counted at the deployed thresholds.

    Out-of-fold counts flatter a little, for the thresholds were chosen on them; the deployed mean of the fold models
    makes up for it. Where that was measured, counts corrected for the choices (`Accuracy.of_corrected`) gave no
    better shares.

    Parameters
    ----------
    theme_results : what each study decided
    held_out : held-out counts by theme, which then take the place of the out-of-fold figures
    """
    assigned = [theme_result.theme for theme_result in theme_results if theme_result.assigned]
    if held_out is not None:
        return {theme: Accuracy.of_counts(held_out[theme]) for theme in assigned}
    return {
        theme_result.theme: Accuracy.of_counts(theme_result.counts)
        for theme_result in theme_results
        if theme_result.assigned
    }
