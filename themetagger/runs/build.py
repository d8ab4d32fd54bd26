"""The tagger of a run: put together from what the studies found, then measured on texts that it was not tuned on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from themetagger.features import Inputs, TextEncoder
from themetagger.features.encoder import build_encoder
from themetagger.features.preprocessing import clean
from themetagger.runs.calibration_split import Requirement, certified_results
from themetagger.runs.data import DataSplit
from themetagger.runs.plan import Plan
from themetagger.runs.tasks import Tasks
from themetagger.search.study_result import StudyResult
from themetagger.selection.by_hand import set_with_evidence
from themetagger.selection.results import HeldOut
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.drift import unknown_in_training
from themetagger.tagger.evaluation import evaluate
from themetagger.tagger.theme_tagger import ThemeTagger


def build_tagger(
    plan: Plan,
    results: Sequence[StudyResult],
    texts: Sequence[str],
    inputs: Inputs,
    folds: npt.NDArray[np.int64],
    encoders: Mapping[str, TextEncoder] | None = None,
) -> ThemeTagger:
    """The winners of all themes as one estimator.

    Parameters
    ----------
    plan : of the run
    results : of each theme, also of those that were skipped, in the order of the results table
    texts : the n texts that were tuned on
    inputs : what each source gives of them
    folds : (n,) fold of each
    encoders : the text encoders of the run by name, default those that need no name of a user's
    """
    members = {result.theme_result.theme: result.members for result in results if result.theme_result.assigned}
    keys = [(member.view, member.fold) for ensemble in members.values() for member in ensemble]
    steps = tuple(plan.text_steps)
    encoder = build_encoder(keys, inputs, folds, steps, encoders)
    words = encoder.vocabulary.get("word", ())
    return ThemeTagger(
        [result.theme_result for result in results],
        members,
        encoder,
        table_format=plan.table_format,
        unknown_words=unknown_in_training(clean(texts, steps), inputs["word"], folds, words),
    )


def cut_by_hand(plan: Plan, tagger: ThemeTagger, studied: Sequence[StudyResult]) -> ThemeTagger:
    """The same tagger with the thresholds that the plan sets, and the out-of-fold figures there.

    Parameters
    ----------
    plan : of the run
    tagger : as it was built
    studied : the results of the themes that were studied
    """
    evidence = {result.theme_result.theme: result.evidence for result in studied}

    def settled(result: ThemeResult) -> ThemeResult:
        cut, known = plan.cut(result.theme), evidence.get(result.theme)
        if cut is None or known is None or not result.assigned:
            return result
        return set_with_evidence(result, cut, known, plan.settings(result.theme)["objective"])

    return _with(tagger, theme_results=[settled(result) for result in tagger.theme_results])


def measure(tagger: ThemeTagger, data: DataSplit, tasks: Tasks, studied: Sequence[StudyResult]) -> ThemeTagger:
    """The same models with what other texts say of them: promises from calibration rows, figures from held-out texts.

    Parameters
    ----------
    tagger : as it was built
    data : of the run
    tasks, studied : the themes that were studied, and their results, in the same order
    """
    if data.calibration is not None:
        required = _required(tasks, studied)
        tagger = _with(tagger, theme_results=certified_results(tagger, data.calibration, required))
    if data.test is not None:
        tagger = _with(tagger, held_out=evaluate(tagger, data.test))
    return tagger


def _required(tasks: Tasks, studied: Sequence[StudyResult]) -> dict[str, Requirement]:
    """What is required of the themes whose promise is certified on calibration rows."""
    required = {}
    for task, result in zip(tasks.to_study, studied, strict=True):
        promise = task.settings.asked_promise
        if promise.form == "calibration" and result.evidence is not None:
            required[task.theme] = Requirement(promise, task.settings.objective, result.evidence)
    return required


def _with(
    tagger: ThemeTagger,
    *,
    theme_results: Sequence[ThemeResult] | None = None,
    held_out: Mapping[str, HeldOut] | None = None,
) -> ThemeTagger:
    """The same tagger with other results or held-out figures."""
    return ThemeTagger(
        tagger.theme_results if theme_results is None else theme_results,
        tagger.members,
        tagger.encoder,
        table_format=tagger.table_format,
        held_out=tagger.held_out if held_out is None else held_out,
        unknown_words=tagger.unknown_words,
    )
