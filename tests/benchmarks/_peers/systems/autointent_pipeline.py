"""AutoIntent: its preset of light models, with MiniLM as the embedder, and a time limit for its search."""

from __future__ import annotations

import os
import tempfile

import numpy as np

from ..task import Outcome, Task
from .shared import minilm_folder, versions

SEARCH = 0.6  # share of what is left of the budget for its search of scorers; that of cuts takes seconds


def run(task: Task, variant: str) -> Outcome:
    """Fit the preset "classic-light"; its own embedder is a large model of a hub."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache  # it keeps embeddings across runs, which no other system may do
        return _run(task, cache)


def _run(task: Task, cache: str) -> Outcome:
    from autointent import Dataset, Pipeline
    from autointent.configs import HPOConfig, LoggingConfig, SentenceTransformerEmbeddingConfig

    rows = [
        {"utterance": text} | ({"label": labels.tolist()} if labels.any() else {})  # none: out of scope, as it has it
        for text, labels in zip(task.train_texts, task.labels.astype(int), strict=True)
    ]
    intents = [{"id": j, "name": theme} for j, theme in enumerate(task.themes)]
    pipeline = Pipeline.from_preset("classic-light", seed=task.seed + 1)  # it takes no zero
    pipeline.set_config(SentenceTransformerEmbeddingConfig(model_name=minilm_folder(task), device="cpu"))
    pipeline.set_config(LoggingConfig(project_dir=cache))
    search = pipeline.hpo_config.model_dump() | {"timeout": max(1.0, SEARCH * task.seconds_left())}
    pipeline.set_config(HPOConfig(**search))
    pipeline.fit(Dataset.from_dict({"train": rows, "intents": intents}))
    predicted = pipeline.predict_with_metadata(task.test_texts)
    scores = np.array([one.score for one in predicted.utterances])
    decisions = np.array([one or [0] * len(task.themes) for one in predicted.predictions])
    return Outcome(scores, decisions, versions=versions("autointent", "torch"))
