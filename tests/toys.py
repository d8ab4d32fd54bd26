"""Toy texts that a small run tunes on in a second, and toy learning curves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from themetagger.selection.learning_curve import COLUMNS, typed

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


def chinese(n: int = 120) -> pd.DataFrame:
    """Texts without white space; a theme holds where two characters of its own stand side by side."""
    draw = np.random.default_rng(0)
    rows = []
    for i in range(n):
        signs = list(draw.choice(list("的一是不了人我在有他这中大来上国"), 12))
        if i % 3 == 0:
            signs[4:4] = list("工资低")
        rows.append(("".join(signs), "pay" if i % 3 == 0 else ""))
    return pd.DataFrame(rows, columns=["Processed Text", "Themes"])


LABELS = [125, 250, 500, 750, 1000]


def curve(rate=0.2, *, odds=0.0, flagged=60, labels=LABELS, **columns):
    """A curve whose log-odds, of precision and of average precision, grow by ``rate`` with each doubling."""
    grown = odds + rate * np.log2(np.array(labels) / labels[-1])
    share = 1 / (1 + np.exp(-grown))
    made = {"labels": labels, "positives": [n // 10 for n in labels], "average_precision": share, "precision": share}
    made |= {"recall": 0.5, "flagged": flagged, "train_average_precision": 1.0, "train_precision": 1.0} | columns
    return typed(pd.DataFrame(made).reindex(columns=list(COLUMNS)))
