"""Sentence embeddings with a linear model of scikit-learn: the ten lines of today, with a grid and tuned cuts."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
from sklearn.linear_model import Ridge

from ..task import Outcome, Task
from .grids import Grid, Part, logistic_scores, outcome_of, shuffled_folds
from .shared import minilm_folder, versions

Array = np.ndarray[Any, Any]
PENALTIES = {"logistic": (10.0, 1.0, 100.0), "ridge": (1.0, 0.3, 3.0, 10.0, 0.1)}


class RidgeOfAllThemes:
    """Ridge regression; a part's models of all themes are one system of equations, and solved once a penalty."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, float], Array] = {}
        self._lock = Lock()  # themes are fitted by several threads

    def __call__(self, part: Part, j: int, penalty: float) -> Array:
        """Scores of one theme, around a cut of zero."""
        key = id(part), penalty
        with self._lock:
            if key not in self._made:
                model = Ridge(alpha=penalty).fit(part.fitted, part.labels)
                self._made[key] = np.asarray(model.predict(part.scored)).reshape(part.scored.shape[0], -1) - 0.5
        return self._made[key][:, j]


def run(task: Task, variant: str) -> Outcome:
    """Embed all texts, then choose the penalty of each theme by five-fold cross-validation."""
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(minilm_folder(task), device="cpu")
    vectors = encoder.encode(task.train_texts + task.test_texts, show_progress_bar=False)
    train, test = vectors[: len(task.train_texts)], vectors[len(task.train_texts) :]
    folds = shuffled_folds(len(train), task.seed)
    grid = Grid(
        folds=[Part(train[fitted], task.labels[fitted], train[scored]) for fitted, scored in folds],
        held_out=[scored for _, scored in folds],
        whole=Part(train, task.labels, test),
        fit=RidgeOfAllThemes() if variant == "ridge" else logistic_scores,
        settings=PENALTIES[variant],
    )
    return outcome_of(grid, task, versions("sentence-transformers", "torch", "scikit-learn"))
