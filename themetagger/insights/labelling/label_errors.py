"""Labels that are probably wrong: those that models contradict most which did not see the text.

Measured on whole runs (2 trials, ridge beside a sparse SVM) with labels made wrong by seeds that nothing here was
chosen on (tests/benchmarks/label_errors.py): the share of the first 100 that had been made wrong, on nhs_phase1_multi,
leetcode_topics and hallmarks_of_cancer.

===========================  ==============================  ==============================
rule                         5 % of each theme's labels      5 % of all pairs turned round
                             moved
===========================  ==============================  ==============================
at random                    .010, .007, .009                .05
ours, seed 1                 .37, .83, .84                   .87, .97, .99
ours, seed 2                 .22, .87, .88                   .89, .97, .99
cleanlab 2.9, seed 2         .21, .60, .87                   .97, .92, .96
.. adjusted, seed 2          .14, .52, .39                   .12, .73, .43
===========================  ==============================  ==============================

cleanlab ranks pairs of text and theme by probability alone, so that rare themes come to the top, wrong or not;
find_label_issues, by any filter, and normalised margins put the same pairs first, and its adjusted form mostly missing
labels. Where any pair may be turned round, most wrong labels are of rare themes, and on one set cleanlab is better.

The constants were chosen on stand-in models and flips of seed 0. There the mean of all configurations tried was worse
on two sets and better on one (with seeds 1 and 2 it is .03 worse at most, .01 better at best), and a bonus for copies
that disagree cost .15 on the one set that has copies; calibrating each fold separately gained nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import nnls

from themetagger.selection.evidence import Evidence

Floats = npt.NDArray[np.float64]
LOWEST = 0.3  # share of a theme's negatives, by score; what scores as they do and has the theme may have it by mistake
LEAST = 0.01  # share of labels that are wrong, at least, however clean they look
MISSING = 0.05  # forgotten labels for one that is wrong: larger, and the pairs that are hard for people fill the top
_FARTHEST = 30.0  # log odds beyond which a calibrated curve tells nothing


@dataclass(frozen=True)
class Noise:
    """How labels come to be wrong, over all themes of a run.

    Parameters
    ----------
    of_labels : share of each theme's labels that are on texts drawn by chance; rare and frequent themes suffer alike
    of_texts : share of the texts without a theme that were given it by mistake; it is the rare themes that suffer
    """

    of_labels: float
    of_texts: float

    def given(self, rate: float) -> float:
        """The probability that a text without a theme was given it, for a theme that this share of all texts has."""
        return self.of_labels * rate / (1 - rate) + self.of_texts

    def forgotten(self, rate: float) -> float:
        """The probability that a text was not given a theme that it should have, ``rate`` that of a usual theme."""
        return MISSING * min(1.0, self.of_labels + self.of_texts / rate)


def noise_of(evidence: Iterable[Evidence]) -> Noise:
    """Estimate the noise by how many texts with a theme score like the lowest 30 % of those without it.

    A label on a text drawn by chance falls among them three times in ten. Texts that have the theme in words that no
    model knows fall there too, so the shares are upper bounds. Both are found at once, by least squares with no share
    below 0 (Lawson and Hanson 1974), as rare themes tell the one and frequent ones the other.

    Examples
    --------
    >>> draw, evidence = np.random.default_rng(0), []
    >>> for positives in (20, 50, 100, 300, 400):
    ...     y = (np.arange(2000) < positives).astype(np.uint8)
    ...     scores = draw.normal(size=2000) + 5 * y
    ...     y[draw.choice(np.arange(positives, 2000), 20, replace=False)] = 1  # a hundredth of the texts
    ...     evidence.append(Evidence(y, (scores,), 0, np.arange(2000) % 5, np.arange(2000), 1))
    >>> noise = noise_of(evidence)
    >>> round(noise.of_texts, 2), noise.of_labels < 0.03
    (0.01, True)
    """
    rows, counts = [], []
    for theme in evidence:
        has = theme.truth > 0
        low = np.quantile(theme.scores[~has], LOWEST)
        count = int((theme.scores[has] <= low).sum())
        weight = 1 / np.sqrt(count + 1)  # a count of k is uncertain by its root
        rows.append([LOWEST * has.sum() * weight, LOWEST * (~has).sum() * weight])
        counts.append(count * weight)
    of_labels, of_texts = nnls(np.array(rows), np.array(counts))[0] if rows else (0.0, 0.0)
    return Noise(min(1.0, max(LEAST, float(of_labels))), min(1.0, float(of_texts)))


def suspects(
    evidence: Mapping[str, Evidence],
    *,
    themes: Iterable[str] | None = None,
    top: int | None = 100,
    per_theme: int | None = None,
) -> pd.DataFrame:
    """The labels that are most probably wrong, of both kinds and all themes in one ranking.

    A text may have a theme that it probably should not have, or lack one that it probably should have. The first are
    ranked by how many times more often texts without the theme score so low than texts with it, the second by the odds
    of the theme at their score; both times how often such mistakes are made (:func:`noise_of`).

    Parameters
    ----------
    evidence : theme -> what its decisions rest on: ``Run.evidence``, or ``PastRun.evidence_by_theme()``
    themes : those to list, default all; the noise is always estimated from all
    top : how many to list, default 100; None lists all
    per_theme : how many of one theme to list at most, default no limit

    Returns
    -------
    DataFrame
        The most suspect first: ``row`` (position of the text, from 0), ``theme``, ``given`` and ``suggested`` (bool),
        ``probability`` (of the given label; calibrated, by a model that did not see the text), ``suspicion`` (natural
        logarithm of wrong labels for one right one, as estimated; only the order was tested), ``copies_differ`` (how
        many duplicates of the text have the other label).

    Raises
    ------
    ValueError
        If a theme was not studied, or a number is negative.

    Examples
    --------
    >>> y = (np.arange(200) < 40).astype(np.uint8)
    >>> scores = np.random.default_rng(0).normal(size=200) + 4 * y
    >>> y[[3, 150]] = 0, 1  # one forgotten, one wrong
    >>> found = suspects({"pay": Evidence(y, (scores,), 0, np.arange(200) % 5, np.arange(200), 1)}, top=2)
    >>> found[["row", "theme", "given", "suggested"]].to_dict("records")  # doctest: +NORMALIZE_WHITESPACE
    [{'row': 150, 'theme': 'pay', 'given': True, 'suggested': False},
     {'row': 3, 'theme': 'pay', 'given': False, 'suggested': True}]
    """
    wanted = list(dict.fromkeys(evidence if themes is None else themes))
    _check(wanted, evidence, top=top, per_theme=per_theme)
    noise = noise_of(evidence.values())
    rates = [float((own.truth > 0).mean()) for own in evidence.values()]
    usual = float(np.mean(rates)) if rates else 0.0
    most = min((limit for limit in (top, per_theme) if limit is not None), default=None)
    parts = [_of_theme(theme, evidence[theme], noise, usual, most) for theme in wanted]
    table = pd.concat([part for part in parts if len(part)], ignore_index=True) if any(map(len, parts)) else _none()
    ranked = table.sort_values("suspicion", ascending=False, kind="stable", ignore_index=True)
    return ranked if top is None else ranked[:top]


def _of_theme(theme: str, evidence: Evidence, noise: Noise, usual: float, most: int | None) -> pd.DataFrame:
    """The suspects of one theme, the first ``most`` of them."""
    has = evidence.truth > 0
    slope, intercept = evidence.calibration
    odds = np.clip(evidence.scores * slope + intercept, -_FARTHEST, _FARTHEST)  # natural logarithms
    against = np.log(noise.given(float(has.mean()))) - odds
    suspicion = np.where(has, against, np.log(noise.forgotten(usual)) + odds)
    rows = np.argsort(-suspicion, kind="stable")[:most]
    return pd.DataFrame(
        {
            "row": rows,
            "theme": pd.Series([theme] * len(rows), dtype=object),
            "given": has[rows],
            "suggested": ~has[rows],
            "probability": 1 / (1 + np.exp(np.where(has, -odds, odds)[rows])),
            "suspicion": suspicion[rows],
            "copies_differ": _copies_that_differ(has, evidence.groups)[rows],
        }
    )


def _copies_that_differ(has: npt.NDArray[np.bool_], groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How many texts of each text's duplicate group have the other label, (n,)."""
    _, group = np.unique(groups, return_inverse=True)
    size, with_it = np.bincount(group), np.bincount(group, weights=has).astype(np.int64)
    return np.where(has, size[group] - with_it[group], with_it[group])


def _none() -> pd.DataFrame:
    types = {"row": np.int64, "theme": object, "given": bool, "suggested": bool}
    types |= {"probability": np.float64, "suspicion": np.float64, "copies_differ": np.int64}
    return pd.DataFrame(columns=list(types)).astype(types)


def _check(wanted: list[str], evidence: Mapping[str, Evidence], **limits: int | None) -> None:
    unknown = [theme for theme in wanted if theme not in evidence]
    if unknown:
        raise ValueError(
            f"themes name {unknown[0]!r}, which has no model to judge by; there are {', '.join(evidence)}."
        )
    for name, limit in limits.items():
        if limit is not None and limit < 0:
            raise ValueError(f"{name} cannot be negative but is {limit}.")
