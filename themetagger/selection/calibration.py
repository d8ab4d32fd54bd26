"""Scores -> probabilities, by a logistic curve fitted on out-of-fold scores."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def fit_calibration(truth: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[float, float]:
    """Slope and intercept of the logistic curve from score to probability (Platt 1999).

    Parameters
    ----------
    truth : (n,) of 0 and 1
    scores : (n,) out-of-fold scores

    Returns
    -------
    (slope, intercept); the slope is positive, so that probabilities keep the order of the scores.

    Examples
    --------
    >>> slope, intercept = fit_calibration([0, 0, 1, 0, 1, 1], [-2, -1, -0.5, 0.5, 1, 2])
    >>> slope > 0, float(probabilities([-2.0], slope, intercept)[0]) < 0.5
    (True, True)
    """
    from sklearn.linear_model import LogisticRegression

    y, s = np.asarray(truth, dtype=np.int64), np.asarray(scores, dtype=np.float64)
    centre, spread = float(s.mean()), float(s.std())
    if spread <= 1e-9 * float(np.abs(s).max()):  # equal scores, but for rounding
        spread = 1.0
    rows = ((s - centre) / spread)[:, None]
    # a light penalty (C = 100 on standardised scores) keeps the curve finite where the classes are separable
    curve = LogisticRegression(C=100.0).fit(rows, y)
    slope = max(float(curve.coef_[0, 0]), 1e-6) / spread
    return slope, float(curve.intercept_[0]) - slope * centre


def probabilities(scores: npt.ArrayLike, slope: float, intercept: float) -> Floats:
    """Calibrated probability of each score, (n,), strictly rising with the score until it saturates.

    Examples
    --------
    >>> probabilities([0.0], 2.0, 0.0)
    array([0.5])
    """
    from scipy.special import expit

    return np.asarray(expit(np.asarray(scores, dtype=np.float64) * slope + intercept), dtype=np.float64)
