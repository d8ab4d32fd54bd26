"""Cross-validated grids of scikit-learn models with a tuned cut a theme, within a limit of time."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from ..metrics import best_f1_cut
from ..task import Outcome, Task

Array = np.ndarray[Any, Any]
FOLDS = 5


@dataclass(frozen=True)
class Part:
    """Rows to fit on and rows to score: one fold, or all of train beside test."""

    fitted: Any
    labels: Array
    scored: Any


@dataclass(frozen=True)
class Grid:
    """Models of one theme each, chosen by cross-validated average precision, with the cut of the best F1.

    Parameters
    ----------
    folds : parts whose scored rows are those of ``held_out``, in the same order
    held_out : train rows that each fold scores
    whole : all of train, and test
    fit : part, theme, setting -> scores of its scored rows
    settings : the grid; the first one is what stands where time ends early
    """

    folds: Sequence[Part]
    held_out: Sequence[Array]
    whole: Part
    fit: Callable[[Part, int, Any], Array]
    settings: Sequence[Any]

    def search(self, seconds_left: Callable[[], float]) -> tuple[Array, Array, bool]:
        """Scores and decisions of the test texts, and whether all settings of all themes were tried.

        First a model of each theme with the first setting and a cut at zero, then its cut from held-out rows, then the
        other settings, one after the other for all themes, until ``seconds_left`` is negative. A thread a core.
        """
        labels = self.whole.labels
        themes = range(labels.shape[1])
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            scores = np.stack(list(pool.map(lambda j: self.fit(self.whole, j, self.settings[0]), themes)), axis=1)
            cuts, best = np.zeros(len(themes)), np.full(len(themes), -np.inf)

            def tried(setting: Any, j: int) -> bool:
                if seconds_left() < 0:
                    return False
                held_out = self._held_out(j, setting)
                quality = _average_precision(labels[:, j], held_out)
                if quality > best[j]:
                    best[j], cuts[j] = quality, best_f1_cut(labels[:, j], held_out)
                    scores[:, j] = self.fit(self.whole, j, setting)
                return True

            finished = all(all(pool.map(partial(tried, setting), themes)) for setting in self.settings)
        return scores, scores >= cuts, finished

    def _held_out(self, j: int, setting: Any) -> Array:
        scores = np.empty(len(self.whole.labels))
        for part, rows in zip(self.folds, self.held_out, strict=True):
            scores[rows] = self.fit(part, j, setting)
        return scores


def logistic_scores(part: Part, j: int, penalty: float) -> Array:
    """Log-odds of one theme by logistic regression with C = ``penalty``; all alike where only one class is there."""
    truth = part.labels[:, j]
    if truth.min() == truth.max():
        return np.full(part.scored.shape[0], float(truth[0]))
    solver = "liblinear" if hasattr(part.fitted, "tocsr") else "lbfgs"
    model = LogisticRegression(C=penalty, solver=solver, max_iter=1000).fit(part.fitted, truth)
    return np.asarray(model.decision_function(part.scored))


def shuffled_folds(n: int, seed: int) -> list[tuple[Array, Array]]:
    """Rows to fit on and rows to score, ``FOLDS`` times."""
    place = np.random.default_rng(seed).permutation(n) % FOLDS
    return [(np.flatnonzero(place != k), np.flatnonzero(place == k)) for k in range(FOLDS)]


def outcome_of(grid: Grid, task: Task, versions_of: Mapping[str, str]) -> Outcome:
    """Search a grid until the budget is used up, less a tenth."""
    scores, decisions, finished = grid.search(lambda: task.seconds_left(reserve=0.1))
    return Outcome(scores, decisions, finished, "" if finished else "grid cut short", versions=dict(versions_of))


def _average_precision(truth: Array, scores: Array) -> float:
    return float(average_precision_score(truth, scores)) if truth.any() else 0.0
