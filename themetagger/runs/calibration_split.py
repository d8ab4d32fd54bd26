"""Promises certified on rows set aside: the deployed models are tested on texts that neither they nor a choice saw."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from themetagger.corpus import Corpus
from themetagger.selection.advice import only_from, what_is_missing, what_labels_give
from themetagger.selection.bias_correction import lower_bound
from themetagger.selection.confusion import Confusion
from themetagger.selection.evidence import Evidence
from themetagger.selection.guarantee import Promise, certify_on_calibration
from themetagger.selection.objectives import Objective
from themetagger.selection.operating_points import operating_points
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.theme_tagger import ThemeTagger

SHARE = 0.3  # of the rows that are set aside


@dataclass(frozen=True)
class Asked:
    """What is asked of one theme, and what its study decided by."""

    promise: Promise
    objective: Objective
    evidence: Evidence


def certify_on_rows(tagger: ThemeTagger, rows: Corpus, asked: Mapping[str, Asked]) -> ThemeTagger:
    """The same models, with what the rows set aside let one promise of the themes in ``asked``."""
    scores = tagger.scores(rows.texts)
    place = {theme: j for j, theme in enumerate(tagger.themes)}
    theme_results = [
        _certified(theme_result, rows, scores[:, place[theme_result.theme]], asked[theme_result.theme])
        if theme_result.assigned and theme_result.theme in asked
        else theme_result
        for theme_result in tagger.theme_results
    ]
    return ThemeTagger(
        theme_results,
        tagger.members,
        tagger.encoder,
        text_columns=tagger.text_columns,
        unknown_words=tagger.unknown_words,
    )


def _certified(theme_result: ThemeResult, rows: Corpus, scores: npt.NDArray[np.float64], asked: Asked) -> ThemeResult:
    apart = np.unique(rows.groups, return_index=True)[1]  # copies of a text are no evidence of their own
    truth = (rows.column(theme_result.theme) if theme_result.theme in rows.themes else np.zeros(len(rows), np.uint8))[
        apart
    ]
    scores, positives = scores[apart], int(truth.sum())
    tuned = asked.evidence.truth[asked.evidence.apart]
    expected = float(tuned.mean()) * len(apart)
    found = certify_on_calibration(truth, scores, asked.promise, expected=expected)
    if found is None:
        flagged, gain = int((scores >= theme_result.threshold).sum()), what_labels_give(theme_result.label_gain)
        missing = what_is_missing(theme_result.corrected_precision, flagged, positives, asked.promise, share=SHARE)
        return replace(theme_result, reason="; ".join(filter(None, (theme_result.reason, missing, gain))))
    promised = replace(
        theme_result,
        certified_target=asked.promise.target,
        certified_confidence=asked.promise.confidence,
        certified_threshold=found.threshold,
        certified_flagged=found.flagged,
        certified_hits=found.hits,
        certified_positives=positives,
    )
    if asked.objective.promise is None:
        return replace(promised, reason="; ".join(filter(None, (theme_result.reason, only_from(found)))))
    recall = found.hits / max(1, positives)
    counts = _counts(asked.evidence, found.threshold)
    return replace(
        promised,
        status="CERTIFIED",
        reason=_unmet(asked, found.threshold),
        threshold=found.threshold,
        counts=counts,
        corrected_precision=found.hits / found.flagged,  # of rows that had no say: there is nothing to correct
        corrected_recall=recall,
        precision_bound=asked.promise.target,
        recall_bound=lower_bound(recall, positives, asked.promise.delta),
        label_gain=math.nan,
    )


def _unmet(asked: Asked, threshold: float) -> str:
    """What the objective still lacks out of fold at another cut."""
    points = operating_points(asked.evidence.truth, asked.evidence.scores)
    flagged = int((asked.evidence.scores >= threshold).sum())
    return asked.objective.met(points, int(np.searchsorted(points.flagged, flagged))) if flagged else ""


def _counts(evidence: Evidence, threshold: float) -> Confusion:
    """The out-of-fold confusion matrix at another cut."""
    tagged, positive = evidence.scores >= threshold, evidence.truth > 0
    tp, fp, fn = (int(found.sum()) for found in (tagged & positive, tagged & ~positive, ~tagged & positive))
    return Confusion(tp, fp, fn, len(positive) - tp - fp - fn)
