"""Promises certified on rows set aside: the deployed models are tested on texts that neither they nor a choice saw."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from themetagger.corpus import Corpus
from themetagger.selection.advice import effect_of_more_labels, other_cut_certified, why_not_certified
from themetagger.selection.bias_correction import lower_bound
from themetagger.selection.by_hand import counts_at
from themetagger.selection.evidence import Evidence
from themetagger.selection.guarantee import Certificate, Promise, certify_on_calibration
from themetagger.selection.objectives import Objective
from themetagger.selection.operating_points import operating_points
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.theme_tagger import ThemeTagger

SHARE = 0.3  # of the rows that are set aside


@dataclass(frozen=True)
class Requirement:
    """What one theme's promise is certified by.

    Parameters
    ----------
    promise : the precision to certify
    objective : by which the study chose its cut
    evidence : that the study rests on
    """

    promise: Promise
    objective: Objective
    evidence: Evidence


def certified_results(tagger: ThemeTagger, rows: Corpus, required: Mapping[str, Requirement]) -> list[ThemeResult]:
    """The results of all themes, with what the calibration rows let one promise.

    Parameters
    ----------
    tagger : the deployed models
    rows : the calibration rows, which neither models nor choices have seen
    required : theme -> requirement, of the themes that are certified by them; the others stay as they are
    """
    scores = tagger.scores(rows.texts)
    place = {theme: j for j, theme in enumerate(tagger.themes)}
    return [
        _certified(result, rows, scores[:, place[result.theme]], required[result.theme])
        if result.assigned and result.theme in required and not result.threshold_set
        else result
        for result in tagger.theme_results
    ]


def _certified(
    result: ThemeResult, rows: Corpus, scores: npt.NDArray[np.float64], required: Requirement
) -> ThemeResult:
    """The result of one theme, with what its ``scores`` (n,) on the n calibration rows let one promise."""
    representatives = np.unique(rows.groups, return_index=True)[1]  # copies of a text are no evidence of their own
    column = rows.column(result.theme) if result.theme in rows.themes else np.zeros(len(rows), np.uint8)
    truth, scores = column[representatives], scores[representatives]
    tuned_on = required.evidence.truth[required.evidence.representatives]
    expected = float(tuned_on.mean()) * len(representatives)
    certificate = certify_on_calibration(truth, scores, required.promise, expected=expected)
    positives = int(truth.sum())
    if certificate is None:
        flagged = int((scores >= result.threshold).sum())
        expected, gain = result.corrected_precision, result.label_gain
        missing = why_not_certified(expected, flagged, positives, required.promise, share=SHARE, gain=gain)
        return replace(result, reason=_joined(result.reason, missing, effect_of_more_labels(gain)))
    promised = replace(
        result,
        certified_target=required.promise.target,
        certified_confidence=required.promise.confidence,
        certified_threshold=certificate.threshold,
        certified_flagged=certificate.flagged,
        certified_hits=certificate.hits,
        certified_positives=positives,
    )
    if required.objective.promise is None:
        return replace(promised, reason=_joined(result.reason, other_cut_certified(certificate)))
    return _cut_at(promised, certificate, required)


def _cut_at(result: ThemeResult, certificate: Certificate, required: Requirement) -> ThemeResult:
    """The result of a theme whose certified cut becomes its threshold."""
    recall = certificate.hits / max(1, result.certified_positives)
    unmet = _unmet(required, certificate.threshold)
    return replace(
        result,
        status="CERTIFIED",
        reason=unmet,
        target_met=not unmet,
        threshold=certificate.threshold,
        counts=counts_at(required.evidence, certificate.threshold),
        corrected_precision=certificate.hits / certificate.flagged,  # of rows that had no say: nothing to correct
        corrected_recall=recall,
        precision_bound=required.promise.target,
        recall_bound=lower_bound(recall, result.certified_positives, required.promise.delta),
        label_gain=math.nan,
    )


def _joined(*reasons: str) -> str:
    return "; ".join(filter(None, reasons))


def _unmet(required: Requirement, threshold: float) -> str:
    """What the objective still lacks out of fold at another cut."""
    evidence = required.evidence
    points = operating_points(evidence.truth, evidence.scores)
    flagged = int((evidence.scores >= threshold).sum())
    return required.objective.met(points, int(np.searchsorted(points.flagged, flagged))) if flagged else ""
