"""Two runs side by side, theme by theme: which is better, and by more than luck."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from themetagger.runs.past_run import PastRun
from themetagger.selection.evidence import Evidence
from themetagger.selection.operating_points import Ranking

SAMPLES = 200
SHOWN = ("status", "family", "average_precision", "precision", "recall")
Floats = npt.NDArray[np.float64]


def compare(one: PastRun, other: PastRun, *, samples: int = SAMPLES, seed: int = 0) -> pd.DataFrame:
    """What each theme gained from one run to the other.

    Where both runs were tuned on the same texts, the gain in average precision has a 95 % interval: both rankings of
    out-of-fold scores are measured on the same bootstrap samples of the texts, copies of a text drawn together. Each
    interval is for itself: of twenty themes that gained nothing, one is expected to lie beyond its own by luck.

    Parameters
    ----------
    one, other : runs that are open, as `themetagger.runs.past_run.open_run` gives them
    samples, seed : of the bootstrap, default 200 and 0

    Returns
    -------
    DataFrame, a row for each theme of either run: theme; status, family, average_precision, precision and recall of
    each (``_one``, ``_other``); gain, gain_low, gain_high (average precision of the other less that of the one; bounds
    nan where the runs have other texts); verdict ("better", "worse", "no clear difference", "not comparable").

    Examples
    --------
    >>> compare(open_run("run"), open_run("run2"))[["theme", "gain", "verdict"]]  # doctest: +SKIP
    """
    themes = list(dict.fromkeys([*one.results["theme"], *other.results["theme"]]))
    same = _same_texts(one, other)
    rows = [_row(theme, one, other, samples if same else 0, seed) for theme in themes]
    named = [f"{name}_{which}" for name in SHOWN for which in ("one", "other")]
    return pd.DataFrame(rows, columns=["theme", *named, "gain", "gain_low", "gain_high", "verdict"])


def _same_texts(one: PastRun, other: PastRun) -> bool:
    if one.corpus is None or other.corpus is None:
        return False
    return one.corpus.texts == other.corpus.texts


def _row(theme: str, one: PastRun, other: PastRun, samples: int, seed: int) -> dict[str, Any]:
    row: dict[str, Any] = {"theme": theme}
    for which, run in (("one", one), ("other", other)):
        results = run.results[run.results["theme"] == theme]
        row |= {f"{name}_{which}": results[name].iloc[0] if len(results) else None for name in SHOWN}
    ends = [float(row[f"average_precision_{which}"] or np.nan) for which in ("one", "other")]
    gain, low, high = ends[1] - ends[0], np.nan, np.nan
    if samples and np.isfinite(gain):
        low, high = _interval(one.evidence(theme), other.evidence(theme), samples, seed)
    return row | {"gain": gain, "gain_low": low, "gain_high": high, "verdict": _verdict(low, high)}


def _verdict(low: float, high: float) -> str:
    if not np.isfinite([low, high]).all():
        return "not comparable"
    return "better" if low > 0 else "worse" if high < 0 else "no clear difference"


def _interval(one: Evidence | None, other: Evidence | None, samples: int, seed: int) -> tuple[float, float]:
    """The 95 % interval of the gain in average precision, by a paired bootstrap of duplicate groups."""
    if one is None or other is None or not np.array_equal(one.truth, other.truth):
        return np.nan, np.nan
    _, group = np.unique(one.groups, return_inverse=True)
    count, draw = int(group.max()) + 1, np.random.default_rng(seed)
    rankings = [Ranking(evidence.truth, evidence.scores) for evidence in (one, other)]
    gains = []
    for _ in range(samples):
        weights = np.bincount(draw.integers(0, count, count), minlength=count)[group]
        if weights @ one.truth:
            first, second = (ranking.weighed(weights).average_precision for ranking in rankings)
            gains.append(second - first)
    low, high = np.quantile(gains, [0.025, 0.975])
    return float(low), float(high)
