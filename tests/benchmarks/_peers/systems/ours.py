"""themetagger: tune on train.csv, score the test texts; variants by words: "f1", "encoder"."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from themetagger import FBeta, tune

from ..task import Outcome, Task
from .shared import minilm_folder, versions

RESERVE = 0.3  # share of the budget kept for what follows the search: the deployed models, and the test texts
CUT_SHORT = "budget"  # what the results table says of a search that the budget ended


def run(task: Task, variant: str) -> Outcome:
    """With default settings but for the budget; the objective F1 and the encoder where the variant says so."""
    settings: dict[str, Any] = {"seed": task.seed, "min_positives": task.min_positives, "show_progress": False}
    if "f1" in variant:
        settings["objective"] = FBeta()
    if "encoder" in variant:
        settings["encoder"] = minilm_folder(task)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        os.environ["THEMETAGGER_CACHE"] = str(scratch / "cache")  # else a second run would embed nothing
        settings |= {"out": scratch / "run", "time_budget": max(1.0, task.seconds_left(RESERVE))}
        found = tune(Path(task.folder) / "train.csv", **settings)
        margins = found.tagger.decision_function(task.test_texts)
    results = found.results.set_index("theme")
    scores = np.full((len(task.test_texts), len(task.themes)), -np.inf)
    columns = {theme: j for j, theme in enumerate(found.tagger.themes)}
    for j, theme in enumerate(task.themes):
        if theme in columns:
            scores[:, j] = margins[:, columns[theme]]
    cut_short = [theme for theme in task.themes if CUT_SHORT in str(results.loc[theme, "stopped"])]
    return Outcome(
        scores,
        scores >= 0,
        finished=not cut_short,
        note=f"{len(cut_short)} searches cut short" if cut_short else "",
        certified=[theme for theme in task.themes if results.loc[theme, "status"] == "CERTIFIED"],
        versions=versions("themetagger", "scikit-learn", "numpy"),
    )
