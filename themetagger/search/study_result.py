"""What a study hands over: the theme's result, the models of the best configuration, and the evidence for them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from themetagger.models.ensemble import EnsembleMember
from themetagger.search.cross_validation import deployed_members
from themetagger.search.space import companion_configuration
from themetagger.search.trial import StudyState
from themetagger.selection.advice import effect_of_more_labels, other_cut_certified, why_not_certified
from themetagger.selection.bias_correction import SAMPLES, BiasCorrected, bias_corrected
from themetagger.selection.calibration import fit_calibration
from themetagger.selection.confusion import Confusion
from themetagger.selection.evidence import Evidence
from themetagger.selection.groups import usable_precision_of
from themetagger.selection.guarantee import Certificate, Promise
from themetagger.selection.theme_result import ThemeResult

# Of the bootstrap where there was no time for more than the first model: on 50,000 texts 100 take .15 s a theme.
FEW_SAMPLES = 25


@dataclass(frozen=True)
class StudyResult:
    """What a study hands over.

    Parameters
    ----------
    theme_result : what was decided, as plain data
    members : of the ensemble that is deployed, default none
    evidence : what the choice rests on, default None: no configuration was tried on all folds
    """

    theme_result: ThemeResult
    members: tuple[EnsembleMember, ...] = ()
    evidence: Evidence | None = None


def result_of(theme: str, state: StudyState, spent: dict[str, Any]) -> StudyResult:
    """The result of a study that has found a model; ``spent`` says what it took and why it ended."""
    theme_result, members = _theme_result(theme, state, spent), _members(state)
    return StudyResult(theme_result, members, replace(state.evidence(), fitted=theme_result.calibration))


def _members(state: StudyState) -> tuple[EnsembleMember, ...]:
    """The ensemble of the best configuration: its models, and those of its companion."""
    best = state.best
    assert best is not None
    if best.members:
        return best.members
    members = deployed_members(best.configuration.view, state.models(), state.features)
    if best.companion is None:
        return members
    _, models = state.companion_models(best.companion, best.configuration.most_rows)
    added = deployed_members(companion_configuration(best.companion).view, models, state.features)
    return members + tuple(replace(member, weight=best.blend_weight * member.weight) for member in added)


def _theme_result(theme: str, state: StudyState, spent: dict[str, Any]) -> ThemeResult:
    """What was decided: the cut, what it promises, what it lacks, and what to expect of it on new texts."""
    best, certificate = state.best, state.certificate()
    assert best is not None
    points, cut, evidence = best.points, state.cut(certificate), state.evidence()
    deployed = certificate if state.rule.deploys_certified_cut else None  # the certificate of the cut that is deployed
    threshold = float(points.thresholds[cut]) if deployed is None else deployed.threshold
    tp, flagged, negatives = int(points.tp[cut]), int(points.flagged[cut]), points.rows - points.positives
    certified = deployed is not None
    expected = _expected(state, evidence, threshold, certified=certified)
    gain = math.nan if certified or spent["budget_cut"] else state.label_gain()
    unmet = lacks = state.unmet(cut)
    promised = _promised(state.promise, certificate, evidence)
    if deployed is not None:
        expected = replace(expected, precision_bound=max(expected.precision_bound, state.promise.target))
    elif certificate is not None:
        lacks = "; ".join(filter(None, (lacks, other_cut_certified(certificate))))
    elif state.promise.form != "calibration":
        promise, choices = state.promise, state.n_trials
        distinct = _distinct(evidence, threshold)
        missing = why_not_certified(expected.precision, *distinct, promise, choices=choices, gain=gain)
        lacks = "; ".join(filter(None, (lacks, missing, effect_of_more_labels(gain))))
    return ThemeResult(
        theme,
        "BEST_EFFORT" if deployed is None else "CERTIFIED",
        lacks,
        support=points.positives,
        family=best.family,
        view=best.configuration.view.name,
        params=best.configuration.params,
        feature_settings=best.configuration.view.to_json() | best.configuration.settings(),
        threshold=threshold,
        counts=Confusion(tp, flagged - tp, points.positives - tp, negatives - (flagged - tp)),
        average_precision=points.average_precision,
        calibration=fit_calibration(state.y, best.scores),
        label_gain=gain,
        target_met=not unmet,
        usable_precision=usable_precision_of(state.objective),
        **_to_expect(expected),
        **promised,
        **spent,
    )


def _expected(state: StudyState, evidence: Evidence, threshold: float, *, certified: bool) -> BiasCorrected:
    """What to expect on new texts; by fewer samples where there was no time for more than a first model."""
    best = state.best
    only_first = state.n_trials == 1 and best is not None and best.configuration.of_all_themes
    samples = FEW_SAMPLES if only_first else SAMPLES
    return bias_corrected(
        evidence, state.rule, threshold=threshold, certified=certified, samples=samples, seed=state.seed
    )


def _distinct(evidence: Evidence, threshold: float) -> tuple[int, int]:
    """How many texts a cut flags, and how many have the theme; of each duplicate group one counts."""
    rows = evidence.representatives
    return int((evidence.scores[rows] >= threshold).sum()), int((evidence.truth[rows] > 0).sum())


def _to_expect(expected: BiasCorrected) -> dict[str, Any]:
    """What a winner remembers of what to expect on new texts."""
    return {
        "corrected_precision": expected.precision,
        "corrected_recall": expected.recall,
        "precision_bound": expected.precision_bound,
        "recall_bound": expected.recall_bound,
    }


def _promised(promise: Promise, certificate: Certificate | None, evidence: Evidence) -> dict[str, Any]:
    """What a winner remembers of the promise that was certified; of each duplicate group one text was tested."""
    if certificate is None:
        return {}
    positives = int(evidence.truth[evidence.representatives].sum())
    certified = {"target": promise.target, "confidence": promise.confidence, "positives": positives}
    return {f"certified_{name}": value for name, value in (certified | asdict(certificate)).items()}
