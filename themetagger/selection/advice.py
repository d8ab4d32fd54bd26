"""Why a theme is not certified, and whether more labels would help: sentences for the people who read the results."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import binom

from themetagger._utils.wording import number_of
from themetagger.selection.guarantee import Certificate, Promise, error_of, least_evidence
from themetagger.selection.objectives import format_distinctly
from themetagger.selection.theme_result import ThemeResult

HELPFUL = 0.02  # average precision that a doubling of the labels gains where more of them are worth while
PRACTICAL = 5_000  # texts; a theme that needs more than that is too close to the limit to be certified


def evidence_needed(precision: float, promise: Promise, *, choices: int = 1) -> int | None:
    """How many tagged texts, of which a share of ``precision`` is right, pass the strictest test of a promise.

    None where that takes more than ``PRACTICAL``, or no number would do.

    Examples
    --------
    >>> evidence_needed(1.0, Promise()), evidence_needed(0.95, Promise()), evidence_needed(0.90, Promise())
    (22, 78, None)
    """
    if not precision > promise.target:
        return None
    error = error_of(promise, choices)
    tagged = np.arange(least_evidence(promise, error), PRACTICAL + 1)
    wrong = np.ceil(tagged * (1 - precision) - 1e-9)
    enough = binom.cdf(wrong, tagged, 1 - promise.target) <= error
    return int(tagged[np.argmax(enough)]) if enough.any() else None


def why_not_certified(
    precision: float,
    tagged: int,
    positives: int,
    promise: Promise,
    *,
    choices: int = 1,
    share: float = 1.0,
    gain: float = math.nan,
) -> str:
    """Why the precision of a theme cannot be promised: the model is not precise enough, or the evidence is too little.

    Parameters
    ----------
    precision : of the theme's cut on new texts, estimated without the bias of the choices made on the same rows
    tagged, positives : among the distinct texts that are tested, how many the cut tags, and how many have the theme
    choices : number of configurations among which the choice was made, default 1
    share : of all rows that are tested, default 1
    gain : average precision that the last doubling of the labels gained, see `effect_of_more_labels`; default unknown

    Examples
    --------
    >>> print(why_not_certified(0.84, 60, 100, Promise()))
    not certified: precision (0.84 after correction) is below the 0.90 promised, so more texts alone would not certify \
it
    >>> print(why_not_certified(0.95, 60, 100, Promise()))
    not certified: precision (0.95 after correction) rests on 60 distinct tagged texts, and it takes 78 to prove \
0.90: about 130 labelled texts of the theme instead of 100
    """
    if math.isnan(precision):
        return "not certified: precision on new texts could not be estimated"
    estimate, target = format_distinctly(precision, promise.target)
    corrected = f"not certified: precision ({estimate} after correction)"
    if precision <= promise.target:
        alone = ", so more texts alone would not certify it" if not gain >= HELPFUL else ""
        return f"{corrected} is {'below' if precision < promise.target else 'not above'} the {target} promised{alone}"
    needed = evidence_needed(precision, promise, choices=choices)
    wanted = math.inf if needed is None else math.ceil(positives * needed / max(1, tagged) / share)
    if needed is None or (needed > tagged and wanted > PRACTICAL):
        return f"{corrected} is close to the limit of {target}: far more labelled texts than is practical"
    if needed > tagged:
        return (
            f"{corrected} rests on {number_of(tagged, 'distinct tagged text')}, and it takes {needed:,} to prove "
            f"{target}: about {wanted:,} labelled texts of the theme instead of {math.ceil(positives / share):,}"
        )
    unstable = ", or only the chosen configuration is so precise" if promise.form == "fixed_sequence" else ""
    return f"{corrected} rests on enough texts ({tagged:,}), but too many of the highest scores are wrong{unstable}"


def counted_otherwise(precision: float, result: ThemeResult) -> str:
    """Why a certified theme may show less precision than is promised: over which texts each is counted; else empty.

    Parameters
    ----------
    precision : that is shown, over all rows
    result : of the theme

    Examples
    --------
    >>> from themetagger.selection.confusion import Confusion
    >>> pay = ThemeResult(
    ...     *("pay", "CERTIFIED"), family="ridge", threshold=0.5, counts=Confusion(52, 8, 4, 90), certified_target=0.9,
    ...     certified_threshold=0.5, certified_flagged=44, certified_hits=43, certified_positives=46,
    ... )
    >>> print(counted_otherwise(pay.counts.precision, pay))
    the promise of 0.90 is about distinct texts: of the 44 that were tagged, 43 are right (0.98); over all rows, \
copies among them, precision is 0.87
    """
    if result.status != "CERTIFIED" or precision >= result.certified_target:
        return ""
    hits, flagged = result.certified_hits, result.certified_flagged
    shown, target = format_distinctly(precision, result.certified_target)
    return (
        f"the promise of {target} is about distinct texts: of the {flagged:,} that were tagged, {hits:,} are right "
        f"({hits / flagged:.2f}); over all rows, copies among them, precision is {shown}"
    )


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

    The table, the report, the advice and the page of a theme all say it in these words.

    Examples
    --------
    >>> effect_of_more_labels(0.08)
    'more labels would help: doubling them raised average precision by 0.08'
    >>> effect_of_more_labels(0.008)
    'more labels would hardly help: doubling them raised average precision by only 0.01'
    >>> effect_of_more_labels(-0.004)
    'more labels would hardly help: doubling them did not raise average precision'
    """
    if math.isnan(gain):
        return ""
    if gain >= HELPFUL:
        return f"more labels would help: doubling them raised average precision by {gain:.2f}"
    raised = f"raised average precision by only {gain:.2f}" if round(gain, 2) > 0 else "did not raise average precision"
    return f"more labels would hardly help: doubling them {raised}"
