"""Toy texts that a small run tunes on in a second."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

OWN = {"pay": ["salary", "wage", "bonus"], "staff": ["manager", "boss", "team"], "food": ["soup", "lunch", "menu"]}
COMMON = "day week always never office people thing rather the and here today".split()
SMALL: dict[str, Any] = {
    "families": ("ridge",),
    "trials": 2,
    "min_positives": 5,
    "n_folds": 3,
    "n_jobs": 1,
    "show_progress": False,
}


def toy(n: int = 90, *, seed: int = 0, names: tuple[str, ...] = tuple(OWN)) -> pd.DataFrame:
    """``n`` texts; a theme holds exactly where two of its own words stand, so that it can be learned without error."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        present = [k for k in range(3) if rng.random() < 0.3]
        own = [list(OWN.values())[k] for k in present]
        words = [
            *rng.choice(COMMON, 6),
            *(word for some in own for word in rng.choice(some, 2, replace=False)),
            f"no{i}",
        ]
        rows.append((" ".join(rng.permutation(words)), ", ".join(names[k] for k in present)))
    return pd.DataFrame(rows, columns=["Processed Text", "Themes"])
