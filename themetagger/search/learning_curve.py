"""One theme's learning curve: its winner's configuration fitted on growing shares of the labels, out of fold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from themetagger.features import FoldFeatures
from themetagger.models.ensemble import member_scores
from themetagger.search.companion import blend_weight
from themetagger.search.cross_validation import fit_fold
from themetagger.search.space import Configuration, companion_configuration
from themetagger.selection.bias_correction import bias_corrected
from themetagger.selection.evidence import Evidence
from themetagger.selection.guarantee import Promise
from themetagger.selection.learning_curve import COLUMNS, typed
from themetagger.selection.objectives import Objective
from themetagger.selection.operating_points import OperatingPoints, operating_points
from themetagger.selection.rule import Rule

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Labels = npt.NDArray[np.uint8]

SHARES = (0.125, 0.25, 0.5, 0.75, 1.0)
# Training rows of a fold that are weighed once and kept, for all shares and themes; of more, those asked for each time.
ROWS_AT_ONCE = 20_000
# What families raise of too few labels: of one class, no terms, or numbers that run away (LinAlgError and XGBoostError
# are ValueErrors). Any other error is a mistake, and must not pass for too few labels.
UNFITTED = (ValueError, ArithmeticError)


@dataclass(frozen=True)
class Subject:
    """A theme with a model: its 0/1 column (n,), the configuration of its winner, and how its study cut and drew."""

    theme: str
    y: Labels
    configuration: Configuration
    objective: Objective
    promise: Promise
    seed: int


@dataclass(frozen=True)
class Fitted:
    """What a fold's models say at one share: scores of the fold's rows, and of the labelled rows that taught them.

    ``valid`` is (2, rows of the fold) and ``train`` (2, labelled rows): of the model and of its companion. ``known``
    are the numbers of the labelled rows among all n.
    """

    known: Ints
    train: Floats
    valid: Floats


def nested_rows(target: Labels, groups: Ints, shares: Sequence[float], *, seed: int) -> list[Ints]:
    """Numbers of the labelled rows for each share, rising, each list within the next.

    A share of the rows with the theme and of those without, in whole duplicate groups: a group goes with the theme
    where one of its texts has it.

    Examples
    --------
    >>> some, more = nested_rows(np.array([1, 0, 0, 1, 0, 0]), np.array([0, 1, 2, 3, 4, 4]), (0.5, 1.0), seed=0)
    >>> len(some), set(some) <= set(more), more.tolist()
    (3, True, [0, 1, 2, 3, 4, 5])
    """
    _, group = np.unique(groups, return_inverse=True)
    with_theme = np.bincount(group, weights=target) > 0
    draw, sizes = np.random.default_rng(seed).permutation, np.bincount(group)
    first = np.empty(len(sizes))  # the share from which on a group is labelled
    for side in (False, True):
        drawn = draw(np.flatnonzero(with_theme == side))
        rows_ahead = np.cumsum(sizes[drawn]) - sizes[drawn]
        first[drawn] = rows_ahead / max(1, sizes[drawn].sum())
    return [np.flatnonzero(first[group] < share) for share in shares]


def fitted_parts(
    subject: Subject, features: FoldFeatures, groups: Ints, k: int, shares: Sequence[float]
) -> list[Fitted | None]:
    """The models of fold ``k`` for each share; None where so few labels cannot be fitted."""
    fold = features.fold(subject.configuration.view, k)
    target = subject.y[fold.train_rows]
    drawn = nested_rows(target, groups[fold.train_rows], shares, seed=subject.seed + k)
    return [_fitted(subject, features, k, known) for known in drawn]


def _fitted(subject: Subject, features: FoldFeatures, k: int, known: Ints) -> Fitted | None:
    companion = subject.configuration.companion
    configurations = [subject.configuration]
    if companion is not None:
        configurations.append(companion_configuration(companion, subject.configuration.most_rows))
    try:
        pairs = [_scores(configuration, subject, features, k, known) for configuration in configurations]
    except UNFITTED:  # what few labels cannot be fitted with says nothing against the model of all
        return None
    if len(pairs) == 1:
        pairs.append((np.zeros_like(pairs[0][0]), np.zeros_like(pairs[0][1])))
    train, valid = (np.array(scores) for scores in zip(*pairs, strict=True))
    return Fitted(np.flatnonzero(features.folds != k)[known], train, valid)


def _scores(
    configuration: Configuration, subject: Subject, features: FoldFeatures, k: int, known: Ints
) -> tuple[Floats, Floats]:
    """Scores of the labelled rows and of the fold's."""
    fold = features.fold(configuration.view, k)
    if len(fold.train_rows) <= ROWS_AT_ONCE:
        fold.train  # noqa: B018  (made here, so that its parts are slices of it)
    model, valid = fit_fold(configuration, features, subject.y, k, seed=subject.seed, known=known)
    rows = fold.train if len(known) == len(fold.train_rows) else fold.train_part(known)
    return member_scores(model, rows), valid


def curve_of(
    subject: Subject, parts: Sequence[Sequence[Fitted | None]], folds: Ints, groups: Ints, shares: Sequence[float]
) -> pd.DataFrame:
    """The learning curve from ``parts`` (folds, shares): one row a share, columns ``learning_curve.COLUMNS``."""
    rows: list[dict[str, Any]] = []
    of_folds: list[Floats] = []
    for share, fitted in zip(shares, zip(*parts, strict=True), strict=True):
        known = [part for part in fitted if part is not None]
        figures: dict[str, Any] = {}
        by_fold = np.full(len(fitted), np.nan)
        if len(known) == len(fitted):
            figures, by_fold = _figures(subject, known, folds, groups)
        of_folds.append(by_fold)
        rows.append(_size(subject, share) | figures)
    for row, share, by_fold in zip(rows, shares, of_folds, strict=True):
        if share / 2 in shares:
            gains = by_fold - of_folds[list(shares).index(share / 2)]
            row["doubling"], row["doubling_error"] = float(gains.mean()), _error(gains)
    return typed(pd.DataFrame(rows, columns=list(COLUMNS)))


def _size(subject: Subject, share: float) -> dict[str, Any]:
    """How many of all texts are labelled, and have the theme; a fold's training rows are as large a share of theirs."""
    return {"labels": round(share * len(subject.y)), "positives": round(share * int(subject.y.sum()))}


def _error(gains: Floats) -> float:
    return float(gains.std(ddof=1) / math.sqrt(len(gains)))


def _figures(subject: Subject, fitted: Sequence[Fitted], folds: Ints, groups: Ints) -> tuple[dict[str, Any], Floats]:
    """What one share reaches, and the average precision in each fold."""
    both = np.empty((2, len(folds)))
    for k, part in enumerate(fitted):
        both[:, folds == k] = part.valid
    weight = 0.0 if subject.configuration.companion is None else subject.configuration.companion.weight
    blend = blend_weight(both[0], both[1], weight)
    scores, y = both[0] + blend * both[1], subject.y
    points = operating_points(y, scores)
    cut = subject.objective.choose(points)
    rule, evidence = Rule(subject.objective, subject.promise), Evidence(y, (scores,), 0, folds, groups, choices=1)
    expected = bias_corrected(
        evidence, rule, threshold=float(points.thresholds[cut]), certified=False, seed=subject.seed
    )
    by_fold = np.array([_in_fold(subject, scores, folds == k) for k in range(len(fitted))])
    taught = np.array([_on_training(subject, y[part.known], part.train[0] + blend * part.train[1]) for part in fitted])
    out_of_fold = {
        "average_precision": points.average_precision,
        "precision": expected.precision,
        "recall": expected.recall,
        "flagged": int(points.flagged[cut]),
    }
    spread = _named(by_fold.std(axis=0, ddof=1), "", "_sd")
    train = _named(taught.mean(axis=0), "train_", "") | _named(taught.std(axis=0, ddof=1), "train_", "_sd")
    return out_of_fold | spread | train, by_fold[:, 0]


def _named(values: Floats, prefix: str, suffix: str) -> dict[str, float]:
    names = ("average_precision", "precision", "recall")
    return {f"{prefix}{name}{suffix}": float(value) for name, value in zip(names, values, strict=True)}


def _in_fold(subject: Subject, scores: Floats, inside: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
    """Average precision, precision and recall in one fold, cut where the objective cuts on the others."""
    others = operating_points(subject.y[~inside], scores[~inside])
    tagged = scores[inside] >= others.thresholds[subject.objective.choose(others)]
    truth = subject.y[inside]
    hits = int(truth[tagged].sum())
    reached = operating_points(truth, scores[inside]).average_precision
    return reached, hits / max(1, int(tagged.sum())), hits / max(1, int(truth.sum()))


def _on_training(subject: Subject, truth: Labels, scores: Floats) -> tuple[float, float, float]:
    points: OperatingPoints = operating_points(truth, scores)
    cut = subject.objective.choose(points)
    return points.average_precision, float(points.precision[cut]), float(points.recall[cut])
