"""model2vec: its classifier on static vectors, tags from probability .3 on as its document on several labels has it."""

from __future__ import annotations

import time

import numpy as np

from ..task import Outcome, Task
from .shared import minilm_folder, versions

RESERVE = 0.1  # share of the budget kept for what does not scale with epochs
THRESHOLD = 0.3


def run(task: Task, variant: str) -> Outcome:
    """Train until it stops early, or for as many epochs as the budget has room for by the time of a first one."""
    from model2vec import StaticModel
    from model2vec.distill import distill
    from model2vec.train import StaticModelForClassification

    static = StaticModel.from_pretrained(task.static) if task.static else distill(minilm_folder(task), device="cpu")
    labels = [np.flatnonzero(row).tolist() for row in task.labels]
    model = StaticModelForClassification.from_static_model(model=static)
    began = time.time()
    model.fit(task.train_texts, labels, max_epochs=1, device="cpu", random_seed=task.seed)
    an_epoch = time.time() - began
    epochs = max(1, int(task.seconds_left(RESERVE) / an_epoch))
    began = time.time()
    model.fit(task.train_texts, labels, max_epochs=epochs, device="cpu", random_seed=task.seed)
    finished = time.time() - began < 0.8 * epochs * an_epoch
    scores = np.zeros((len(task.test_texts), len(task.themes)))
    scores[:, model.classes_] = model.predict_proba(task.test_texts)
    note = "" if finished else f"at most {epochs} epochs"
    return Outcome(scores, scores > THRESHOLD, finished, note, versions=versions("model2vec", "torch"))
