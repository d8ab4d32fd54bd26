"""What a theme lacks for a guarantee, and what more labels would give, in words."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import binom

from themetagger.selection.guarantee import Certificate, Promise, error_of, least_evidence

HELPFUL = 0.02  # average precision that a doubling of the labels gains where more of them are worth while
MOST_MISSING = 20_000  # flagged texts; who lacks more than that lacks precision


def evidence_needed(precision: float, promise: Promise, *, choices: int = 1) -> int | None:
    """How many flagged texts, of which a share of ``precision`` is right, pass the strictest test.

    None where that takes more than ``MOST_MISSING``, or no number would do.

    Examples
    --------
    >>> evidence_needed(1.0, Promise()), evidence_needed(0.95, Promise()), evidence_needed(0.90, Promise())
    (29, 116, None)
    """
    if not precision > promise.target:
        return None
    error = error_of(promise, choices)
    flagged = np.arange(least_evidence(promise, error), MOST_MISSING)
    wrong = np.ceil(flagged * (1 - precision) - 1e-9)
    enough = binom.cdf(wrong, flagged, 1 - promise.target) <= error
    return int(flagged[np.argmax(enough)]) if enough.any() else None


def only_from(certificate: Certificate) -> str:
    """That not the deployed cut is certified but another, in words.

    Examples
    --------
    >>> only_from(Certificate(threshold=0.5, flagged=40, hits=39))
    'certified is another cut, at a score of 0.5 (39 of 40 texts right there), which the policy "certified" uses'
    """
    at = f"at a score of {certificate.threshold:.3g} ({certificate.hits} of {certificate.flagged} texts right there)"
    return f'certified is another cut, {at}, which the policy "certified" uses'


def what_labels_give(gain: float) -> str:
    """Whether more labels would help, in words, by what the last doubling of them gained; empty where it is nan.

    Examples
    --------
    >>> what_labels_give(0.08)
    'more labels help: the last doubling of them gained 0.08 of average precision'
    >>> what_labels_give(0.004)
    'more labels of this kind hardly help: the last doubling of them gained 0.00 of average precision'
    """
    if math.isnan(gain):
        return ""
    helps = "help" if gain >= HELPFUL else "of this kind hardly help"
    return f"more labels {helps}: the last doubling of them gained {gain:.2f} of average precision"


def what_is_missing(
    precision: float, flagged: int, positives: int, promise: Promise, *, choices: int = 1, share: float = 1.0
) -> str:
    """Why nothing could be promised, in words: too little precision, or too few texts, and then how many it takes.

    Parameters
    ----------
    precision : of the theme's cut, corrected for the choices that were made on the same rows
    flagged, positives : texts that the cut flags, and that have the theme, among those that are tested
    choices : number of configurations among which the choice was made
    share : of all rows that are tested, default 1

    Examples
    --------
    >>> what_is_missing(0.84, 60, 100, Promise())
    'not certified: at a corrected precision of 0.84 no number of flagged texts would do; precision has to rise'
    >>> what_is_missing(0.95, 60, 100, Promise())
    'not certified: at a corrected precision of 0.95 it takes 116 flagged texts instead of 60, so some 194 texts of \
the theme instead of 100'
    """
    head = f"not certified: at a corrected precision of {precision:.2f}"
    needed = evidence_needed(precision, promise, choices=choices)
    if needed is None:
        many = f"{MOST_MISSING:,} flagged texts would not do" if precision > promise.target else ""
        return f"{head} {many or 'no number of flagged texts would do'}; precision has to rise"
    if needed > flagged:
        texts, there = math.ceil(positives * needed / max(1, flagged) / share), math.ceil(positives / share)
        return (
            f"{head} it takes {needed} flagged texts instead of {flagged}, so some {texts} texts of the theme instead "
            f"of {there}"
        )
    other = ", or another configuration would not reach them" if promise.form == "walk" else ""
    return f"{head} its {flagged} flagged texts would do, but on the way there are too many errors{other}"
