"""Figures of a cell from raw test scores and from a system's own decisions, with bootstrap standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

BOOTSTRAPS = 100
Array = np.ndarray[Any, Any]


def figures(truth: Array, scores: Array, decisions: Array, *, seed: int = 0) -> dict[str, float]:
    """Macro average precision, recall at precision .9 and precision at recall .5 by the best cut, and F1.

    Parameters
    ----------
    truth : labels of the test texts, (m, T) of 0 and 1
    scores : the larger, the likelier, (m, T) float; NaN counts as the lowest
    decisions : what the system itself assigns, (m, T) of 0 and 1
    seed : of the bootstrap over test texts, default 0

    Returns
    -------
    dict
        ``themes``: how many occur in ``truth``; only they count. ``ap``, ``r_at_p90``, ``p_at_r50``: macro means;
        ``ap_se``, ``r_at_p90_se``: their standard errors; ``micro_f1``, ``macro_f1``.

    Examples
    --------
    >>> truth = np.array([[1], [0], [1], [0]])
    >>> figures(truth, np.array([[0.9], [0.8], [0.7], [0.1]]), np.array([[1], [1], [0], [0]]))["ap"]
    0.8333333333333333
    """
    kept = truth.sum(axis=0) > 0
    truth, decisions = truth[:, kept].astype(int), decisions[:, kept].astype(int)
    scores = np.nan_to_num(scores[:, kept].astype(float), nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    n, themes = truth.shape
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=BOOTSTRAPS)
    weights = np.vstack([np.ones((1, n), dtype=int), drawn])  # the first row is the test set itself
    found = np.stack([_curve_figures(truth[:, j], scores[:, j], weights) for j in range(themes)])  # (T, 3, 1 + B)
    there = ~np.isnan(found)  # a theme counts where it has a positive, in a resample too
    macro = np.where(there, found, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    errors = macro[:, 1:].std(axis=1, ddof=1)
    hits, flagged, positives = (truth * decisions).sum(axis=0), decisions.sum(axis=0), truth.sum(axis=0)
    return {
        "themes": int(themes),
        **dict(zip(("ap", "r_at_p90", "p_at_r50"), map(float, macro[:, 0]), strict=True)),
        **dict(zip(("ap_se", "r_at_p90_se"), map(float, errors[:2]), strict=True)),
        "micro_f1": float(2 * hits.sum() / (flagged.sum() + positives.sum())),
        "macro_f1": float(np.mean(2 * hits / (flagged + positives))),
    }


def pooled(truth: Array, decisions: Array) -> tuple[float, float]:
    """Precision and recall of all tags taken together; NaN where there is none to count.

    Examples
    --------
    >>> pooled(np.array([[1, 0], [1, 1]]), np.array([[1, 1], [0, 0]]))
    (0.5, 0.3333333333333333)
    """
    hits, flagged, positives = (truth * decisions).sum(), decisions.sum(), truth.sum()
    return float(hits / flagged if flagged else np.nan), float(hits / positives if positives else np.nan)


def best_f1_cut(truth: Sequence[int] | Array, scores: Array) -> float:
    """The score from which on a theme is assigned, where F1 is largest; infinite where nothing is positive.

    Examples
    --------
    >>> best_f1_cut([1, 0, 1, 0], np.array([0.9, 0.2, 0.7, 0.1]))
    0.7
    """
    order = np.argsort(-scores, kind="stable")
    ranked = np.asarray(truth)[order]
    if not ranked.any():
        return float("inf")
    hits, last = np.cumsum(ranked), np.append(np.diff(scores[order]) != 0, True)
    f1 = 2 * hits / (np.arange(1, len(ranked) + 1) + ranked.sum())
    return float(scores[order][np.argmax(np.where(last, f1, -1.0))])


def _curve_figures(truth: Array, scores: Array, weights: Array) -> Array:
    """Average precision, R@P90 and P@R50 of one theme under each row of weights, (3, B); NaN without a positive."""
    order = np.argsort(-scores, kind="stable")
    last = np.append(scores[order][1:] != scores[order][:-1], True)  # texts of equal score are assigned together
    weights = weights[:, order]
    hits = np.cumsum(weights * truth[order], axis=1)[:, last]
    flagged = np.cumsum(weights, axis=1)[:, last]
    positives = hits[:, -1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = np.where(flagged > 0, hits / flagged, 0.0), hits / positives
        average = (np.diff(hits, axis=1, prepend=0) * precision).sum(axis=1) / positives[:, 0]
    r_at_p90 = np.where(precision >= 0.9, recall, 0.0).max(axis=1)
    p_at_r50 = np.where(recall >= 0.5, precision, 0.0).max(axis=1)
    return np.where(positives[:, 0] > 0, np.stack([average, r_at_p90, p_at_r50]), np.nan)
