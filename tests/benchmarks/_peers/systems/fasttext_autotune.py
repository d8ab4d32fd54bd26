"""fastText: one-vs-all loss, hyperparameters by its own autotune on a fifth of train, tags from probability .5 on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ..task import Outcome, Task
from .shared import versions

Array = np.ndarray[Any, Any]
PREFIX = "__label__"
RESERVE = 0.2  # share of the budget for what autotune does at its end: train once more with the best settings


def run(task: Task, variant: str) -> Outcome:
    """As the document on automatic hyperparameter optimisation has it, for the F1 of all labels."""
    import fasttext

    held_out = np.random.default_rng(task.seed).random(len(task.train_texts)) < 0.2
    with tempfile.TemporaryDirectory() as name:
        train, valid = Path(name) / "train.txt", Path(name) / "valid.txt"
        _write(train, task, np.flatnonzero(~held_out))
        _write(valid, task, np.flatnonzero(held_out))
        model = fasttext.train_supervised(
            str(train),
            autotuneValidationFile=str(valid),
            autotuneDuration=max(1, int(task.seconds_left(RESERVE))),
            autotuneMetric="f1",
            loss="ova",
            seed=task.seed,
            thread=os.cpu_count() or 1,
            verbose=0,
        )
    scores = np.zeros((len(task.test_texts), len(task.themes)))
    for i, text in enumerate(task.test_texts):
        labels, probabilities = model.predict(_line(text), k=-1)
        for label, probability in zip(labels, probabilities, strict=True):
            scores[i, int(label.removeprefix(PREFIX))] = probability
    return Outcome(scores, scores >= 0.5, finished=False, versions=versions("fasttext-wheel"))


def _write(path: Path, task: Task, rows: Iterable[int]) -> None:
    lines = []
    for i in rows:
        labels = " ".join(f"{PREFIX}{j}" for j in np.flatnonzero(task.labels[i]))
        lines.append(f"{labels} {_line(task.train_texts[i])}\n")
    path.write_text("".join(lines), encoding="utf-8")


def _line(text: str) -> str:
    """In lower case and on one line, as its tutorial prepares texts."""
    return " ".join(text.lower().split())
