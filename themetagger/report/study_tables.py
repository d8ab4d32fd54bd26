"""The trials of one study -> its history, and its families side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd


def study_history(trials: pd.DataFrame) -> pd.DataFrame:
    """How the search went, a row per trial.

    Parameters
    ----------
    trials : what ``PastRun.trials`` gave

    Returns
    -------
    DataFrame: number, family, state, average_precision (of complete trials), early_average_precision (on the first
    folds, also of those that were dropped there), best (highest so far; nan before the first complete one).

    Examples
    --------
    >>> trials = pd.DataFrame({"number": [0, 1, 2], "family": ["ridge"] * 3, "state": ["COMPLETE"] * 3,
    ...                        "average_precision": [0.5, 0.4, 0.6], "early_average_precision": [0.5, 0.3, 0.6]})
    >>> study_history(trials)["best"].tolist()
    [0.5, 0.5, 0.6]
    """
    table = trials[["number", "family", "state", "average_precision", "early_average_precision"]].reset_index(drop=True)
    return table.assign(best=table["average_precision"].astype(float).cummax().ffill())


def families_compared(trials: pd.DataFrame, *, texts: int) -> pd.DataFrame:
    """The model families of a study side by side, the best first.

    Parameters
    ----------
    trials : what ``PastRun.trials`` gave
    texts : how many texts were scored out of fold in each complete trial

    Returns
    -------
    DataFrame: family, trials, complete, failed, best_average_precision (of complete trials),
    best_early_average_precision (on the first folds, of all trials), seconds (median of a complete trial: fitted on all
    folds and scored), texts_per_second (at that).

    Examples
    --------
    >>> trials = pd.DataFrame({"number": [0, 1], "family": ["ridge", "lightgbm"], "state": ["COMPLETE"] * 2,
    ...                        "average_precision": [0.5, 0.4], "early_average_precision": [0.5, 0.4],
    ...                        "seconds": [0.5, 2.0]})
    >>> families_compared(trials, texts=100)[["family", "best_average_precision", "texts_per_second"]]
         family  best_average_precision  texts_per_second
    0     ridge                     0.5             200.0
    1  lightgbm                     0.4              50.0
    """
    rows = [_family(str(name), part, texts) for name, part in trials.groupby("family", sort=True)]
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    order = ["best_average_precision", "best_early_average_precision"]
    return table.sort_values(order, ascending=False, kind="stable", ignore_index=True)


_COLUMNS = (
    *("family", "trials", "complete", "failed", "best_average_precision", "best_early_average_precision"),
    *("seconds", "texts_per_second"),
)


def _family(name: str, part: pd.DataFrame, texts: int) -> dict[str, object]:
    done = part[part["state"] == "COMPLETE"]
    reached, seconds = done["average_precision"].astype(float), float(done["seconds"].median())
    return {
        "family": name,
        "trials": len(part),
        "complete": len(done),
        "failed": int((part["state"] == "FAIL").sum()),
        "best_average_precision": reached.max(),
        "best_early_average_precision": part["early_average_precision"].astype(float).max(),
        "seconds": seconds,
        "texts_per_second": texts / seconds if seconds > 0 else np.nan,
    }
