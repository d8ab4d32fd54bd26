"""Why a theme is not certified, and whether more labels would help: sentences for the people who read the results."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import binom

from themetagger.selection.guarantee import Certificate, Promise, error_of, least_evidence
from themetagger.selection.objectives import format_distinctly

HELPFUL = 0.02  # average precision that a doubling of the labels gains where more of them are worth while
MOST_EVIDENCE = 20_000  # tagged texts; a theme that needs more than that needs a more precise model


def evidence_needed(precision: float, promise: Promise, *, choices: int = 1) -> int | None:
    """How many tagged texts, of which a share of ``precision`` is right, pass the strictest test of a promise.

    None where that takes more than ``MOST_EVIDENCE``, or no number would do.

    Examples
    --------
    >>> evidence_needed(1.0, Promise()), evidence_needed(0.95, Promise()), evidence_needed(0.90, Promise())
    (29, 116, None)
    """
    if not precision > promise.target:
        return None
    error = error_of(promise, choices)
    tagged = np.arange(least_evidence(promise, error), MOST_EVIDENCE)
    wrong = np.ceil(tagged * (1 - precision) - 1e-9)
    enough = binom.cdf(wrong, tagged, 1 - promise.target) <= error
    return int(tagged[np.argmax(enough)]) if enough.any() else None


def why_not_certified(
    precision: float, tagged: int, positives: int, promise: Promise, *, choices: int = 1, share: float = 1.0
) -> str:
    """Why the precision of a theme cannot be promised: the model is not precise enough, or the evidence is too little.

    Parameters
    ----------
    precision : of the theme's cut on new texts, estimated without the bias of the choices made on the same rows
    tagged, positives : among the texts that are tested, how many the cut tags, and how many have the theme
    choices : number of configurations among which the choice was made, default 1
    share : of all rows that are tested, default 1

    Examples
    --------
    >>> print(why_not_certified(0.84, 60, 100, Promise()))
    not certified: precision on new texts is estimated at 0.84, below the promised 0.90; the model has to become more \
precise
    >>> print(why_not_certified(0.95, 60, 100, Promise()))
    not certified: at an estimated precision of 0.95 on new texts, it takes 116 tagged texts to show that 0.90 is \
kept, and there are 60; about 194 labelled texts of the theme, instead of 100, would give that many
    """
    estimate, target = format_distinctly(precision, promise.target)
    needed = evidence_needed(precision, promise, choices=choices)
    if needed is None:
        return f"not certified: {_not_precise_enough(precision, promise)}; the model has to become more precise"
    at = f"not certified: at an estimated precision of {estimate} on new texts,"
    if needed > tagged:
        wanted, labelled = math.ceil(positives * needed / max(1, tagged) / share), math.ceil(positives / share)
        there = f"there {'is 1' if tagged == 1 else f'are {tagged:,}'}"
        return (
            f"{at} it takes {needed:,} tagged texts to show that {target} is kept, and {there}; about {wanted:,} "
            f"labelled texts of the theme, instead of {labelled:,}, would give that many"
        )
    unstable = ", or it is so only for the configuration that was chosen" if promise.form == "fixed_sequence" else ""
    return f"{at} its {tagged:,} tagged texts would suffice, but too many with the highest scores are wrong{unstable}"


def _not_precise_enough(precision: float, promise: Promise) -> str:
    if math.isnan(precision):
        return "precision on new texts could not be estimated"
    estimate, target = format_distinctly(precision, promise.target)
    if precision > promise.target:
        return (
            f"precision on new texts is estimated at {estimate}, too close to the promised {target} for "
            f"{MOST_EVIDENCE:,} tagged texts to show the difference"
        )
    below = "below" if precision < promise.target else "not above"
    return f"precision on new texts is estimated at {estimate}, {below} the promised {target}"


def other_cut_certified(certificate: Certificate) -> str:
    """That the certified threshold is another than the deployed one.

    Examples
    --------
    >>> print(other_cut_certified(Certificate(threshold=0.5, flagged=40, hits=39)))
    another threshold is certified: of the 40 texts with a score of 0.5 or more, 39 have the theme; the policy \
"certified" assigns only such tags
    """
    scored = f"the {certificate.flagged:,} texts with a score of {certificate.threshold:.3g} or more"
    return (
        f"another threshold is certified: of {scored}, {certificate.hits:,} have the theme; the policy "
        '"certified" assigns only such tags'
    )


def effect_of_more_labels(gain: float) -> str:
    """Whether more labels would help, judged by what the last doubling of them gained; empty where that is nan.

    Examples
    --------
    >>> effect_of_more_labels(0.08)
    'more labels would help: the last doubling of them raised average precision by 0.08'
    >>> effect_of_more_labels(0.008)
    'more labels of this kind would hardly help: the last doubling of them raised average precision by only 0.01'
    >>> effect_of_more_labels(-0.004)
    'more labels of this kind would hardly help: the last doubling of them did not raise average precision'
    """
    if math.isnan(gain):
        return ""
    if gain >= HELPFUL:
        return f"more labels would help: the last doubling of them raised average precision by {gain:.2f}"
    raised = f"raised average precision by only {gain:.2f}" if round(gain, 2) > 0 else "did not raise average precision"
    return f"more labels of this kind would hardly help: the last doubling of them {raised}"
