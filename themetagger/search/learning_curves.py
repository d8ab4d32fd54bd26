"""The learning curves of many themes, in parallel; each is kept in its theme's folder as soon as it is there."""

from __future__ import annotations

import hashlib
import io
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from themetagger._utils.console import Stopped
from themetagger._utils.files import write_atomically
from themetagger._utils.run_paths import ThemePaths
from themetagger.features import TermCounts
from themetagger.search.learning_curve import SHARES, Ints, Subject, curve_of, fitted_parts
from themetagger.search.workers.pool import ParentProcess, at_work, effective, end_workers, pinned
from themetagger.search.workers.shared_data import SharedData, forget_features
from themetagger.selection.learning_curve import COLUMNS, typed

VERSION = 1  # of how a curve is made; another one makes kept curves anew
TOGETHER = 8  # themes, at most, that a worker does at a time: each fold's rows are weighed once for them all
Kept = Callable[[int, int], None]


def learning_curves(
    subjects: Sequence[Subject],
    counts: Callable[[], Mapping[str, TermCounts]],
    folds: Ints,
    groups: Ints,
    *,
    shares: Sequence[float] = SHARES,
    n_jobs: int = -1,
    folders: Mapping[str, Path] | None = None,
    progress: Kept = lambda done, themes: None,
) -> dict[str, pd.DataFrame]:
    """The learning curve of each theme, in the order given; the same for any ``n_jobs``.

    Parameters
    ----------
    subjects : themes that have a model
    counts : called where a curve has to be computed: analyser -> Counts of the n texts
    folds, groups : (n,) fold and duplicate group of each text
    shares : of the labels, rising, the last one 1
    n_jobs : worker processes, default -1: one a core
    folders : theme -> folder, in which its curve is kept and looked for; default None keeps nothing
    progress : called with the number of curves that are there, and of themes

    Raises
    ------
    ChildProcessError
        If a worker was killed or ran out of memory; the curves that were done are kept.
    OSError
        If a curve cannot be written.
    Stopped
        On Ctrl-C; the curves that were done are kept.
    """
    folders = folders or {}
    marks = {subject.theme: made_from(subject, folds, groups, shares) for subject in subjects}
    found = {theme: kept_before(folders[theme], mark) for theme, mark in marks.items() if theme in folders}
    curves = {theme: curve for theme, curve in found.items() if curve is not None}
    left = [subject for subject in subjects if subject.theme not in curves]
    progress(len(curves), len(subjects))
    if left:
        shared = {name: replace(found, terms=()) for name, found in counts().items()}  # workers need numbers only
        parent = ParentProcess(os.getpid())
        shared_data = SharedData(f"{time.time_ns()}", shared, folds, groups, parent)

        def take(workers: Parallel) -> None:
            for done in workers(delayed(_curves)(chunk, shared_data, tuple(shares)) for chunk in chunks(left, n_jobs)):
                for theme, curve in done:
                    curves[theme] = curve
                    if theme in folders:
                        keep(folders[theme], curve, marks[theme])
                progress(len(curves), len(subjects))

        _work(take, n_jobs, parent, lambda: f"{len(curves)} of {len(subjects)} learning curves done")
    return {subject.theme: curves[subject.theme] for subject in subjects}


def _work(take: Callable[[Parallel], None], n_jobs: int, parent: ParentProcess, told: Callable[[], str]) -> None:
    several = effective(n_jobs) > 1
    if several:
        end_workers()  # those of somebody else may be in another folder
    try:
        with pinned():
            if not at_work(n_jobs, parent, take):
                raise ChildProcessError(f"a worker process was killed or ran out of memory ({told()}); use fewer jobs.")
    except KeyboardInterrupt:
        raise Stopped(f"Stopped: {told()}.") from None
    finally:
        forget_features()
        if several:
            end_workers()


def chunks(subjects: Sequence[Subject], n_jobs: int) -> list[list[Subject]]:
    """The themes in parts for a worker each, those of one recipe next to one another."""
    ordered = sorted(subjects, key=lambda subject: str(subject.configuration.recipe))
    size = max(1, min(TOGETHER, math.ceil(len(ordered) / (2 * effective(n_jobs)))))
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def _curves(
    subjects: Sequence[Subject], shared_data: SharedData, shares: Sequence[float]
) -> list[tuple[str, pd.DataFrame]]:
    """The curves of some themes, fold by fold, inside a worker."""
    features, parts = shared_data.features(), {subject.theme: [] for subject in subjects}  # type: ignore[var-annotated]
    with threadpool_limits(1):
        for k in range(features.n_folds):
            for subject in subjects:
                parts[subject.theme].append(fitted_parts(subject, features, shared_data.groups, k, shares))
        return [(s.theme, curve_of(s, parts[s.theme], shared_data.folds, shared_data.groups, shares)) for s in subjects]


def made_from(subject: Subject, folds: Ints, groups: Ints, shares: Sequence[float]) -> str:
    """A fingerprint of all that decides a curve but the texts, which the run folder vouches for."""
    said = (VERSION, asdict(subject.configuration), subject.objective, subject.promise, subject.seed, tuple(shares))
    digest = hashlib.sha256(repr(said).encode("utf-8", "surrogatepass"))
    for array in (subject.y, folds, groups):
        digest.update(np.ascontiguousarray(array, dtype=np.int64).tobytes())
    return digest.hexdigest()[:16]


def keep(folder: Path, curve: pd.DataFrame, mark: str) -> None:
    """Put a curve on the disk."""
    write_atomically(ThemePaths(folder).learning_curve, curve.assign(made_from=mark).to_csv(index=False).encode())


def kept_before(folder: Path, mark: str) -> pd.DataFrame | None:
    """The curve that :func:`keep` put there; None where there is none, a damaged one, or one of something else."""
    try:
        table = pd.read_csv(io.BytesIO(ThemePaths(folder).learning_curve.read_bytes()), dtype={"made_from": str})
        if not (table["made_from"] == mark).all() or not len(table):
            return None
        return typed(table[list(COLUMNS)])
    except (OSError, ValueError, KeyError):
        return None
