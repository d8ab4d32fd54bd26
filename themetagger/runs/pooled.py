"""What a run promises of the tags of all its themes together."""

from __future__ import annotations

from collections.abc import Sequence

from themetagger.runs.tasks import Tasks
from themetagger.search.study_result import StudyResult
from themetagger.search.trial import margin_of
from themetagger.selection.guarantee import Promise
from themetagger.selection.pooled import PooledCertificate, certify_pooled
from themetagger.selection.rule import Rule


def pooled_certificate(tasks: Tasks, studied: Sequence[StudyResult]) -> PooledCertificate | None:
    """The pooled certificate of a run; None where there is none, or its themes were asked for different promises.

    Parameters
    ----------
    tasks, studied : the themes that were studied, and their results, in the same order
    """
    promises, evidence = set[Promise](), {}
    for task, result in zip(tasks.to_study, studied, strict=True):
        known = result.evidence
        if known is None or not result.theme_result.assigned:
            continue
        promise = task.settings.asked_promise
        promises.add(promise)
        evidence[task.theme] = (known, Rule(task.settings.objective, promise, margin_of(int(known.truth.sum()))))
    return certify_pooled(evidence, promises.pop()) if len(promises) == 1 else None


def notes_on_pooled(pooled: PooledCertificate | None) -> tuple[str, ...]:
    """The remark of a run on its pooled certificate; none where there is none."""
    if pooled is None:
        return ()
    return (f"All themes together: {pooled.said}; `themetagger tag --policy pooled` tags so.",)
