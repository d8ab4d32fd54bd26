"""Promises certified on rows set aside: the deployed models are tested on texts that neither they nor a choice saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from themetagger.certificate import Promise, certify_on_calibration, what_is_missing
from themetagger.corpus import Corpus
from themetagger.objectives import Objective
from themetagger.selection import Evidence
from themetagger.tagger import ThemeTagger
from themetagger.winner import Counts, Winner

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
    winners = [
        _certified(winner, rows, scores[:, place[winner.theme]], asked[winner.theme])
        if winner.assigned and winner.theme in asked
        else winner
        for winner in tagger.winners
    ]
    return ThemeTagger(
        winners,
        tagger.members,
        tagger.encoder,
        text_columns=tagger.text_columns,
        unknown_words=tagger.unknown_words,
    )


def _certified(winner: Winner, rows: Corpus, scores: npt.NDArray[np.float64], asked: Asked) -> Winner:
    truth = rows.column(winner.theme) if winner.theme in rows.themes else np.zeros(len(rows), np.uint8)
    expected = winner.support * len(rows) / len(asked.evidence.truth)
    found = certify_on_calibration(truth, scores, asked.promise, expected=expected)
    if found is None:
        flagged, positives = int((scores >= winner.threshold).sum()), int(truth.sum())
        missing = what_is_missing(winner.corrected_precision, flagged, positives, asked.promise)
        return replace(winner, reason="; ".join(filter(None, (winner.reason, f"of the rows set aside: {missing}"))))
    promised = replace(
        winner,
        status="CERTIFIED",
        certified_target=asked.promise.target,
        certified_confidence=asked.promise.confidence,
        certified_threshold=found.threshold,
        certified_flagged=found.flagged,
        certified_hits=found.hits,
        certified_positives=int(truth.sum()),
    )
    if not hasattr(asked.objective, "promise"):
        return promised
    bound = max(winner.precision_bound, asked.promise.target)
    counts = _counts(asked.evidence, found.threshold)
    return replace(promised, reason="", threshold=found.threshold, precision_bound=bound, counts=counts)


def _counts(evidence: Evidence, threshold: float) -> Counts:
    """The out-of-fold confusion matrix at another cut."""
    tagged, positive = evidence.scores >= threshold, evidence.truth > 0
    tp, fp, fn = (int(found.sum()) for found in (tagged & positive, tagged & ~positive, ~tagged & positive))
    return Counts(tp, fp, fn, len(positive) - tp - fp - fn)
