"""LibMultiLabel's linear classifiers on its TF-IDF of single words: one-vs-rest, thresholding, cost-sensitive."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from ..task import Outcome, Task
from .shared import versions


def run(task: Task, variant: str) -> Outcome:
    """Train by one of its three ways, and assign what has a positive value."""
    import libmultilabel.linear as linear

    _mend(linear.linear)
    vectorizer = TfidfVectorizer()  # what its preprocessor does with texts
    rows = vectorizer.fit_transform(task.train_texts)
    labels = sparse.csr_matrix(task.labels, dtype=float)
    np.random.seed(task.seed)  # its folds are drawn from there
    train = getattr(linear, f"train_{variant}")
    model = train(labels, rows, multiclass=False, options="", verbose=False)
    scores = np.asarray(linear.predict_values(model, vectorizer.transform(task.test_texts)))
    return Outcome(scores, scores > 0, versions=versions("libmultilabel", "liblinear-multicore"))


def _mend(module: Any) -> None:
    """Version 0.10.0 sums a sparse matrix over an axis 2, which SciPy refuses by now: over rows, as it is meant."""

    class Numpy:
        def __getattr__(self, name: str) -> Any:
            return getattr(np, name)

        def sum(self, array: Any, axis: Any = None) -> Any:
            return array.sum(axis=0) if axis == 2 else np.sum(array, axis)

    module.np = Numpy()
