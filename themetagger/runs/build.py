"""The tagger of a run: put together from what the studies found, then measured on texts that it was not tuned on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.features import Inputs, TextEncoder
from themetagger.features.encoder import build_encoder
from themetagger.features.preprocessing import clean
from themetagger.report.text import decimal
from themetagger.runs.calibration_split import Requirement, certified_results
from themetagger.runs.data import DataSplit
from themetagger.runs.errors import RunError
from themetagger.runs.plan import Plan
from themetagger.runs.tasks import Tasks
from themetagger.search.study_result import StudyResult
from themetagger.selection.by_hand import set_with_evidence
from themetagger.selection.confusion import Confusion
from themetagger.selection.results import HeldOut
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.drift import unknown_in_training
from themetagger.tagger.evaluation import evaluate
from themetagger.tagger.seen_texts import SeenTexts
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
    for theme, ensemble in members.items():
        if not all(member.model.fits(encoder.views[member.view, member.fold].width) for member in ensemble):
            remedy = f"delete its winner.models, and go on with {option('resume', True)}: they are fitted again"
            raise RunError(f"theme {theme!r:.80}: the models that were kept do not fit the texts of the run; {remedy}.")
    words = encoder.vocabulary.get("word", ())
    return ThemeTagger(
        [result.theme_result for result in results],
        members,
        encoder,
        table_format=plan.table_format,
        unknown_words=unknown_in_training(clean(texts, steps), inputs["word"], folds, words),
        seen=SeenTexts.of(texts),
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


def measure(
    tagger: ThemeTagger, data: DataSplit, tasks: Tasks, studied: Sequence[StudyResult]
) -> tuple[ThemeTagger, tuple[str, ...]]:
    """The same models with what other texts say of them: promises from calibration rows, figures from held-out texts.

    Held-out texts that are copies of training texts do not count, unless all are; a remark says so, with both figures.

    Parameters
    ----------
    tagger : as it was built
    data : of the run
    tasks, studied : the themes that were studied, and their results, in the same order
    """
    if data.calibration is not None:
        required = _required(tasks, studied)
        tagger = _with(tagger, theme_results=certified_results(tagger, data.calibration, required))
    if data.test is None:
        return tagger, ()
    everywhere, copies = evaluate(tagger, data.test), data.copies
    if not copies.any() or copies.all():
        return _with(tagger, held_out=everywhere), _all_copies(copies)
    new = evaluate(tagger, data.test.take(~copies))
    return _with(tagger, held_out=new), (_both(copies, new, everywhere),)


def _all_copies(copies: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    if not copies.any():
        return ()
    return (
        f"All {number_of(len(copies), 'held-out text')} are copies of training texts, so the held-out figures are too "
        "optimistic.",
    )


def _both(copies: npt.NDArray[np.bool_], new: Mapping[str, HeldOut], everywhere: Mapping[str, HeldOut]) -> str:
    """How many held-out texts are copies, and what the figures are without and with them, in words."""
    n, texts = int(copies.sum()), len(copies)
    are = agreeing(n, "is an exact or near duplicate", "are exact or near duplicates")
    return (
        f"{n:,} of {number_of(texts, 'held-out text')} {are} of a training text. Held-out figures are of the "
        f"{texts - n:,} new ones only ({_micro(new)}); over all {texts:,} they would be {_micro(everywhere)}."
    )


def _micro(measured: Mapping[str, HeldOut]) -> str:
    """Precision and recall of the tags of all themes together, in words."""
    tp, fp, fn = (sum(getattr(one.counts, name) for one in measured.values()) for name in ("tp", "fp", "fn"))
    pooled = Confusion(tp, fp, fn, 0)
    return f"precision {decimal(pooled.precision, 3)}, recall {decimal(pooled.recall, 3)}"


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
        pooled=tagger.pooled,
        spot_checks=tagger.spot_checks,
        seen=tagger.seen,
    )
