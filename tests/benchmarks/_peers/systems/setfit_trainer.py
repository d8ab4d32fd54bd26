"""SetFit: contrastive fine-tuning of MiniLM for as many steps as the budget has room for, one-vs-rest on top."""

from __future__ import annotations

import tempfile
import time
from typing import Any

import numpy as np

from ..task import Outcome, Task, Unavailable
from .shared import minilm_folder, versions

BATCH = 16  # pairs, its default
FORWARD_AND_BACK = 3.0  # how many times as long as encoding a training step takes
RESERVE = 0.1
PAIR_BYTES, MEMORY = 48, 8 * 2**30  # what it keeps for each pair of train texts, and how much may be had


def run(task: Task, variant: str) -> Outcome:
    """Fine-tune, fit its logistic regressions on the embeddings of all of train, predict."""
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    n = len(task.train_texts)
    if n * n // 2 * PAIR_BYTES > MEMORY:
        raise Unavailable(f"its list of all pairs of {n:,} texts needs {n * n // 2 * PAIR_BYTES / 2**30:.0f} GiB")
    model = SetFitModel.from_pretrained(minilm_folder(task), multi_target_strategy="one-vs-rest", device="cpu")
    a_text = _seconds_a_text(model, task)
    encoding = a_text * (len(task.train_texts) + len(task.test_texts))  # what follows the training
    left = task.seconds_left(RESERVE) - encoding
    steps = max(1, int(left / (FORWARD_AND_BACK * 2 * BATCH * a_text)))
    rows = Dataset.from_dict({"text": task.train_texts, "label": task.labels.astype(int).tolist()})
    with tempfile.TemporaryDirectory() as out:
        settings = TrainingArguments(
            output_dir=out,
            batch_size=BATCH,
            max_steps=steps,
            save_strategy="no",
            report_to="none",
            show_progress_bar=False,
            seed=task.seed,
        )
        clock = task.began + (1 - RESERVE) * task.budget - encoding
        trainer = Trainer(model=model, args=settings, train_dataset=rows, callbacks=[_stop_at(clock)])
        trainer.train()
    scores = _positive(model.predict_proba(task.test_texts, as_numpy=True), len(task.themes))
    taken = trainer.st_trainer.state.global_step
    used = versions("setfit", "sentence-transformers", "torch")
    return Outcome(scores, scores >= 0.5, finished=False, note=f"{taken} steps", versions=used)


def _stop_at(clock: float) -> Any:
    """Ends the training at a clock, should a step take longer than was estimated."""
    from transformers import TrainerCallback

    class StopAt(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if time.time() > clock:
                control.should_training_stop = True

    return StopAt()


def _seconds_a_text(model: Any, task: Task) -> float:
    """Measured on some train texts, after a first call that sets things up."""
    some = [task.train_texts[i] for i in np.random.default_rng(0).permutation(len(task.train_texts))[: 4 * BATCH]]
    model.encode(some[:2])
    began = time.time()
    model.encode(some)
    return (time.time() - began) / len(some)


def _positive(probabilities: Any, themes: int) -> Any:
    """Of the positive class, (m, T)."""
    found = np.asarray(probabilities)
    return found[..., 1].T if found.ndim == 3 else found.reshape(-1, themes)
