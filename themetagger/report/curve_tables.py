"""Truth and scores of one theme -> the tables behind its curves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import beta

from themetagger.selection.confusion import Confusion
from themetagger.selection.operating_points import operating_points

POINTS, BINS, TENTHS = 120, 40, 10
Floats = npt.NDArray[np.float64]


def precision_recall(
    truth: npt.ArrayLike, scores: npt.ArrayLike, *, threshold: float | None = None, points: int = POINTS
) -> pd.DataFrame:
    """Precision and recall at each threshold, from the strictest to "flag everything", thinned out.

    Parameters
    ----------
    truth, scores : (n,) of 0 and 1, and out-of-fold scores
    threshold : one that must be among the points; marked in ``chosen``
    points : how many even in recall (120 by default), and a third as many even in score

    Returns
    -------
    DataFrame: threshold, precision, recall, flagged and right (texts), chosen (bool).

    Examples
    --------
    >>> precision_recall([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1], threshold=0.5)[["precision", "recall", "chosen"]].round(2)
       precision  recall  chosen
    0       1.00     0.5   False
    1       0.50     0.5   False
    2       0.67     1.0    True
    3       0.50     1.0   False
    """
    cuts = operating_points(truth, scores)
    last = len(cuts.tp) - 1
    even = np.searchsorted(cuts.recall, np.linspace(0, 1, points))
    scores_even = np.linspace(cuts.thresholds[0], cuts.thresholds[-1], points // 3)  # where recall hardly changes
    places = np.searchsorted(-cuts.thresholds, -scores_even)
    drawn = {0, last, *even.clip(max=last).tolist(), *places.clip(max=last).tolist()}
    chosen = -1
    if threshold is not None:
        flagged = int((np.asarray(scores, dtype=np.float64) >= threshold).sum())
        if flagged:
            chosen = int(np.searchsorted(cuts.flagged, flagged))
            drawn.add(chosen)
    rows = np.array(sorted(drawn))
    columns = {"threshold": cuts.thresholds, "precision": cuts.precision, "recall": cuts.recall}
    table = pd.DataFrame({name: values[rows] for name, values in columns.items()})
    return table.assign(flagged=cuts.flagged[rows], right=cuts.tp[rows], chosen=rows == chosen)


def score_distribution(truth: npt.ArrayLike, scores: npt.ArrayLike, *, bins: int = BINS) -> pd.DataFrame:
    """How the scores of texts with and without the theme are spread.

    Returns
    -------
    DataFrame of ``bins`` rows: low, high (scores), positives and negatives (shares of each that fall between, so
    that a rare theme is seen), positive_texts and negative_texts (how many).

    Examples
    --------
    >>> score_distribution([1, 0, 0], [1.0, 0.0, 0.2], bins=2)[["low", "high", "positives", "negatives"]]
       low  high  positives  negatives
    0  0.0   0.5        0.0        1.0
    1  0.5   1.0        1.0        0.0
    """
    y, s = np.asarray(truth) > 0, np.asarray(scores, dtype=np.float64)
    low, high = float(s.min()), float(s.max())
    if high - low <= 1e-9 * max(abs(low), abs(high)):  # all alike, but for rounding
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, bins + 1)
    table = pd.DataFrame({"low": edges[:-1], "high": edges[1:]})
    for name, part in (("positive", s[y]), ("negative", s[~y])):
        counted = np.histogram(part, edges)[0]
        table[f"{name}s"], table[f"{name}_texts"] = counted / max(1, len(part)), counted
    return table


def calibration_table(truth: npt.ArrayLike, probabilities: npt.ArrayLike, *, bins: int = TENTHS) -> pd.DataFrame:
    """Whether a probability of 0.7 is right in 70 %: predicted against observed share, in bins of equal width.

    Returns
    -------
    DataFrame, a row per bin that holds a text: low, high, texts, predicted (mean), observed (share that has the theme),
    observed_low and observed_high (95 % interval, Clopper and Pearson 1934).

    Examples
    --------
    >>> table = calibration_table([0, 0, 0, 1, 1], [0.1, 0.1, 0.9, 0.9, 0.9], bins=2)
    >>> table[["texts", "predicted", "observed"]].round(2)
       texts  predicted  observed
    0      2        0.1      0.00
    1      3        0.9      0.67
    """
    y, p = np.asarray(truth) > 0, np.asarray(probabilities, dtype=np.float64)
    place = np.minimum((p * bins).astype(int), bins - 1)
    texts = np.bincount(place, minlength=bins)
    right = np.bincount(place, weights=y, minlength=bins)
    some = texts > 0
    n, k = texts[some], right[some]
    low, high = beta.ppf(0.025, k, n - k + 1), beta.ppf(0.975, k + 1, n - k)
    edges = np.arange(bins + 1) / bins
    return pd.DataFrame(
        {
            "low": edges[:-1][some],
            "high": edges[1:][some],
            "texts": n,
            "predicted": np.bincount(place, weights=p, minlength=bins)[some] / n,
            "observed": k / n,
            "observed_low": np.where(k > 0, low, 0.0),
            "observed_high": np.where(k < n, high, 1.0),
        }
    )


def confusion_table(counts: Confusion) -> pd.DataFrame:
    """The confusion counts as a table of two by two.

    Examples
    --------
    >>> confusion_table(Confusion(8, 2, 4, 86))
                 texts  tagged  not tagged
    0    has the theme       8           4
    1  lacks the theme       2          86
    """
    rows = [("has the theme", counts.tp, counts.fn), ("lacks the theme", counts.fp, counts.tn)]
    return pd.DataFrame(rows, columns=["texts", "tagged", "not tagged"])
