"""Odds ratios of a theme with a word in the text against without it, and the uncertainty of what models learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, t

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEVEL = 0.95
# Odds ratios that mean as much as differences of .2, .5 and .8 standard deviations where the theme is rare (Chen, Cohen
# and Chen 2010, Communications in Statistics: Simulation and Computation 39:860); below 1 their inverses.
STRENGTHS = (("strong", 6.71), ("moderate", 3.47), ("weak", 1.68), ("negligible", 0.0))


@dataclass(frozen=True)
class Odds:
    """Odds ratios of some terms, (terms,) each: estimate, 95 % interval, and z of the logarithm against 0."""

    ratio: Floats
    low: Floats
    high: Floats
    z: Floats


def odds_ratios(with_theme: Ints, without_theme: Ints, positives: int | Ints, negatives: int | Ints) -> Odds:
    """Odds ratios of a theme with a term present against absent, half a text added to each of the four cells.

    The half (Haldane 1956, Anscombe 1956) keeps empty cells from giving infinite ratios; the interval is Woolf's
    (1955), of the normal distribution on the logarithm. It holds for a term chosen beforehand.

    Parameters
    ----------
    with_theme, without_theme : (terms,) texts that have the term, with and without the theme
    positives, negatives : all texts with and without the theme

    Examples
    --------
    >>> odds = odds_ratios(np.array([30]), np.array([10]), 50, 150)
    >>> [round(float(figure[0]), 1) for figure in (odds.ratio, odds.low, odds.high)]
    [19.9, 8.6, 46.1]
    """
    cells = [with_theme, without_theme, positives - with_theme, negatives - without_theme]
    a, b, c, d = (np.asarray(cell, dtype=np.float64) + 0.5 for cell in cells)
    log, error = np.log(a * d / (b * c)), np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    reach = float(norm.ppf((1 + LEVEL) / 2)) * error
    return Odds(np.exp(log), np.exp(log - reach), np.exp(log + reach), log / error)


def beyond_chance(z: Floats, tested: int) -> npt.NDArray[np.bool_]:
    """Whether each ratio differs from 1 also where ``tested`` terms were looked at (Bonferroni), (terms,).

    Examples
    --------
    >>> beyond_chance(np.array([3.0, 6.0]), 1).tolist(), beyond_chance(np.array([3.0, 6.0]), 10_000).tolist()
    ([True, True], [False, True])
    """
    return np.asarray(np.abs(z) > norm.isf((1 - LEVEL) / 2 / max(1, tested)))


def jackknife(of_folds: Floats) -> tuple[Floats, Floats]:
    """Standard error of the mean of fold models' figures, (K, terms) -> (terms,), and the reach of a 95 % interval.

    Each fold model was fitted without one of K parts of the texts, which is a jackknife with K groups (Shao and Wu
    1989, Annals of Statistics 17:1176); the interval is Student's with K - 1 degrees of freedom. It covers what models
    fitted on that many texts of this source give on average, not a truth behind them: penalised weights are drawn
    towards 0.

    Examples
    --------
    >>> error, reach = jackknife(np.array([[1.0], [2.0], [3.0]]))
    >>> round(float(error[0]), 3), round(float(reach[0]), 3)
    (1.155, 4.968)
    """
    count = len(of_folds)
    error = np.sqrt((count - 1) / count * np.square(of_folds - of_folds.mean(axis=0)).sum(axis=0))
    return error, float(t.ppf((1 + LEVEL) / 2, count - 1)) * error


def strength(low: float, high: float) -> str:
    """How strong an odds ratio is at least, by the end of its interval that is nearer to 1.

    "strong" from 6.71 on, "moderate" from 3.47, "weak" from 1.68, else "negligible"; below 1 their inverses. So a ratio
    that rests on a few texts is not strong, however large. nan gives an empty text.

    Examples
    --------
    >>> strength(8.0, 18.0), strength(0.1, 0.25), strength(0.9, 300.0)
    ('strong', 'moderate', 'negligible')
    """
    if np.isnan(low) or np.isnan(high):
        return ""
    size = low if low > 1 else 1 / high if high < 1 else 1.0
    return next(name for name, least in STRENGTHS if size >= least)
