"""The learning curves of many themes, in parallel; each is kept in its theme's folder as soon as it is done."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from themetagger._utils.console import Stopped
from themetagger._utils.files import write_atomically
from themetagger._utils.own_files import read_own
from themetagger._utils.run_paths import ThemePaths
from themetagger._utils.wording import number_of
from themetagger.features import Inputs
from themetagger.search.learning_curve import SHARES, Fitted, Ints, Subject, curve_of, fitted_parts
from themetagger.search.workers.executor import Executor, Handle, Reporter, WorkerDied
from themetagger.search.workers.loky import executor_of
from themetagger.search.workers.shared_data import SharedData, features_of, forget_features
from themetagger.selection.learning_curve import COLUMNS, typed

VERSION = 1  # of how a curve is made; another one makes kept curves anew
TOGETHER = 8  # themes, at most, that a worker does at a time: each fold's rows are weighed once for them all
Progress = Callable[[int, int], None]


def learning_curves(
    subjects: Sequence[Subject],
    inputs: Callable[[], Inputs],
    folds: Ints,
    groups: Ints,
    *,
    shares: Sequence[float] = SHARES,
    n_jobs: int = -1,
    executor: Executor | None = None,
    folders: Mapping[str, Path] | None = None,
    progress: Progress = lambda done, themes: None,
) -> dict[str, pd.DataFrame]:
    """The learning curve of each theme, in the order given; the same for any ``n_jobs`` or ``executor``.

    Parameters
    ----------
    subjects : themes that have a model
    inputs : called where a curve has to be computed: what each source gives of the n texts
    folds, groups : (n,) fold and duplicate group of each text
    shares : of the labels, rising, the last one 1
    n_jobs : worker processes, default -1: one per core
    executor : what computes them, default ``n_jobs`` processes of this machine, or this one where that is 1
    folders : theme -> folder, in which its curve is kept and looked for; default None keeps nothing
    progress : called with the number of curves that are done, and of themes

    Raises
    ------
    ChildProcessError
        If a worker was killed or ran out of memory; the curves that were done are kept.
    OSError
        If a curve cannot be written.
    Stopped
        On Ctrl-C; the curves that were done are kept.
    """
    executor, folders = executor or executor_of(n_jobs), folders or {}
    work = _Curves(subjects, folds, groups, tuple(shares), folders, progress)
    try:
        work.read()
        if work.left():
            numbers = {source: known.without_terms() for source, known in inputs().items()}
            with executor.session():
                work.compute(executor, executor.share(SharedData(numbers, folds, groups)))
    except WorkerDied as error:
        raise ChildProcessError(f"{error} ({work.state()}).") from error
    except KeyboardInterrupt:
        raise Stopped(f"Stopped: {work.state()}.") from None
    finally:
        forget_features()
    return {subject.theme: work.curves[subject.theme] for subject in subjects}


class _Curves:
    """The curves so far, and the subjects that are left."""

    def __init__(
        self,
        subjects: Sequence[Subject],
        folds: Ints,
        groups: Ints,
        shares: tuple[float, ...],
        folders: Mapping[str, Path],
        progress: Progress,
    ) -> None:
        self.curves: dict[str, pd.DataFrame] = {}
        self._subjects, self._shares, self._folders, self._progress = subjects, shares, folders, progress
        self._fingerprints = {subject.theme: made_from(subject, folds, groups, shares) for subject in subjects}

    def left(self) -> list[Subject]:
        """The subjects without a curve."""
        return [subject for subject in self._subjects if subject.theme not in self.curves]

    def state(self) -> str:
        """How far it is, for a person."""
        return f"{len(self.curves)} of {number_of(len(self._subjects), 'learning curve')} done"

    def read(self) -> None:
        """Take the curves that an earlier call has kept."""
        for theme, folder in self._folders.items():
            curve = load_curve(folder, self._fingerprints[theme]) if theme in self._fingerprints else None
            if curve is not None:
                self.curves[theme] = curve
        self._progress(len(self.curves), len(self._subjects))

    def compute(self, executor: Executor, shared: Handle[SharedData]) -> None:
        """Compute the curves that are left, and keep each as soon as it is done."""
        parts = chunks(self.left(), executor.n_workers)
        for done in executor.submit_all(partial(_curves, part, shared, self._shares) for part in parts):
            for theme, curve in done:
                self.curves[theme] = curve
                if theme in self._folders:
                    save_curve(self._folders[theme], curve, self._fingerprints[theme])
            self._progress(len(self.curves), len(self._subjects))


def chunks(subjects: Sequence[Subject], n_workers: int) -> list[list[Subject]]:
    """The themes in parts for a worker each, those of one view next to one another."""
    ordered = sorted(subjects, key=lambda subject: str(subject.configuration.view))
    size = max(1, min(TOGETHER, math.ceil(len(ordered) / (2 * n_workers))))
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def _curves(
    subjects: Sequence[Subject], shared: Handle[SharedData], shares: Sequence[float], reporter: Reporter
) -> list[tuple[str, pd.DataFrame]]:
    """The curves of some themes, fold by fold, inside a worker."""
    features, data = features_of(shared), shared.get()
    parts: dict[str, list[list[Fitted | None]]] = {subject.theme: [] for subject in subjects}
    with threadpool_limits(1):
        for k in range(features.n_folds):
            for subject in subjects:
                parts[subject.theme].append(fitted_parts(subject, features, data.groups, k, shares))
        return [(s.theme, curve_of(s, parts[s.theme], data.folds, data.groups, shares)) for s in subjects]


def made_from(subject: Subject, folds: Ints, groups: Ints, shares: Sequence[float]) -> str:
    """A fingerprint of all that decides a curve but the texts, which the run folder vouches for."""
    said = (VERSION, asdict(subject.configuration), subject.objective, subject.promise, subject.seed, tuple(shares))
    digest = hashlib.sha256(repr(said).encode("utf-8", "surrogatepass"))
    for array in (subject.y, folds, groups):
        digest.update(np.ascontiguousarray(array, dtype=np.int64).tobytes())
    return digest.hexdigest()[:16]


def save_curve(folder: Path, curve: pd.DataFrame, mark: str) -> None:
    """Write a curve into the folder of its theme."""
    write_atomically(ThemePaths(folder).learning_curve, curve.assign(made_from=mark).to_csv(index=False).encode())


def load_curve(folder: Path, mark: str) -> pd.DataFrame | None:
    """The curve that :func:`save_curve` wrote; None where there is none, a damaged one, or one of something else."""
    try:
        data = read_own(ThemePaths(folder).learning_curve, most=MOST_BYTES)
        table = pd.read_csv(io.BytesIO(data), dtype={"made_from": str})
        if not (table["made_from"] == mark).all() or not 0 < len(table) <= MOST_SHARES:
            return None
        curve = typed(table[list(COLUMNS)])
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
        return None
    return curve if _is_curve(curve) else None


MOST_BYTES, MOST_SHARES = 2**20, 1_000


def _is_curve(curve: pd.DataFrame) -> bool:
    """Whether labels rise, no count is below zero, and no rate is beyond one."""
    counts = curve[["labels", "positives", "flagged"]].astype(float)
    rates = curve.drop(columns=counts.columns).astype(float)
    rising = curve["labels"].is_monotonic_increasing and curve["labels"].notna().all() and curve["labels"].min() > 0
    return bool(rising and not (counts < 0).any(axis=None) and not (rates.abs() > 1).any(axis=None))
