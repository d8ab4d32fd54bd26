"""How well a tagger serves each part of the texts: precision and recall by the values of another column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from themetagger.insights.proportions import compared, effective, holm, wilson
from themetagger.selection.evidence import Evidence
from themetagger.selection.theme_result import ThemeResult

ALL = "(all themes)"
ALPHA = 0.05  # probability that any remark of one table's themes, or of its pooled rows, is made by chance
LEAST = 5  # texts counted in a part and elsewhere, below which nothing is compared; fewer could hardly tell
MEASURES = ("precision", "recall")
_OF_MEASURE = ("", "_low", "_high", "_rest", "_p")
COLUMNS = (
    *("column", "value", "theme", "texts", "positives", "flagged", "hits"),
    *(measure + end for measure in MEASURES for end in _OF_MEASURE),
    "remark",
)
Bools = npt.NDArray[np.bool_]


def slices(
    truth: npt.ArrayLike,
    assigned: npt.ArrayLike,
    values: pd.Categorical[Any],
    *,
    themes: Sequence[str],
    column: str = "value",
    groups: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Precision and recall of each theme for each value of a column, beside those of all other texts.

    Parameters
    ----------
    truth, assigned : (n, T) of 0 and 1, who has a theme and who is given it
    values : (n,) the value of each text, as of `themetagger.insights.levels.levels`
    themes : T names
    column : what the column is called
    groups : (n,) duplicate group of each text; of each group the first text counts; default: each text is its own
    confidence : of the intervals (Wilson), default .95

    Returns
    -------
    DataFrame of (T + 1) rows per value, first "(all themes)", where all tags are pooled: ``column``, ``value``,
    ``theme``; ``texts``, ``positives``, ``flagged``, ``hits``; ``precision``, ``precision_low``, ``precision_high``,
    ``precision_rest`` (of all other texts) and ``precision_p``; the same of ``recall``; ``remark``, which says where
    the value is served worse than the rest, and is empty elsewhere.

    ``_p`` is of Fisher's exact test against the rest, adjusted by Holm for all tests of precision and recall in the
    table: those of the themes together, and those of the pooled rows together. A text's tags are not independent of
    one another, so pooled counts are first shrunk to what so many texts are worth. With fewer than 5 texts to count
    nothing is compared (nan). At .05 a remark is made; no remark does not show that all is well in a small slice.

    Examples
    --------
    >>> y = np.tile([1, 1, 1, 0], 30).reshape(-1, 1)
    >>> site = pd.Categorical(["north"] * 60 + ["south"] * 60)
    >>> table = slices(y, y * (np.arange(120) < 70).reshape(-1, 1), site, themes=["pay"], column="Site")
    >>> print(table["remark"].iloc[3])
    recall 0.18 (0.09-0.31) against 1.00 elsewhere
    """
    truth, assigned = np.asarray(truth) > 0, np.asarray(assigned) > 0
    groups = np.arange(len(truth)) if groups is None else np.asarray(groups)
    representatives = np.unique(groups, return_index=True)[1]
    truth, assigned = truth[representatives], assigned[representatives]
    codes = np.asarray(values.codes)[representatives]
    rows = [
        _row(truth, assigned, codes == code, name, columns, confidence) | {"column": column, "value": str(value)}
        for code, value in enumerate(values.categories)
        for name, columns in _parts(themes)
    ]
    table = pd.DataFrame(rows, columns=[*COLUMNS[:-1]])
    _adjust(table)
    return table.assign(remark=[_remark(row) for _, row in table.iterrows()])


def _parts(themes: Sequence[str]) -> list[tuple[str, slice]]:
    """All themes pooled, then each alone, with its columns."""
    return [(ALL, slice(None)), *((theme, slice(j, j + 1)) for j, theme in enumerate(themes))]


def _row(truth: Bools, assigned: Bools, inside: Bools, name: str, columns: slice, confidence: float) -> dict[str, Any]:
    positives, flagged = truth[:, columns].sum(axis=1), assigned[:, columns].sum(axis=1)
    hits = (truth[:, columns] & assigned[:, columns]).sum(axis=1)
    row: dict[str, Any] = {"theme": name, "texts": int(inside.sum())}
    for key, counts in (("positives", positives), ("flagged", flagged), ("hits", hits)):
        row[key] = int(counts[inside].sum())
    for measure, of in zip(MEASURES, (flagged, positives), strict=True):
        measured = _measured(hits, of, inside, confidence)
        row |= dict(zip([measure + end for end in _OF_MEASURE], measured, strict=True))
    return row


def _measured(
    hits: npt.NDArray[np.int64], of: npt.NDArray[np.int64], inside: Bools, confidence: float
) -> tuple[float, ...]:
    """Share, its interval, the share of the rest, and the probability of such a difference."""
    (share, worth), (rest, rest_worth) = (_share(hits[rows], of[rows]) for rows in (inside, ~inside))
    enough = min((of[inside] > 0).sum(), (of[~inside] > 0).sum()) >= LEAST  # texts, whatever tags they have
    p = compared(share * worth, worth, rest * rest_worth, rest_worth) if enough else float("nan")
    return share, *wilson(share * worth, worth, confidence), rest, p


def _share(hits: npt.NDArray[np.int64], of: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The share, nan of nothing, and how many independent counts it rests on."""
    total = int(of.sum())
    return (int(hits.sum()) / total, effective(hits, of)) if total else (float("nan"), 0.0)


def _adjust(table: pd.DataFrame) -> None:
    columns = [f"{measure}_p" for measure in MEASURES]
    for rows in (table["theme"] == ALL, table["theme"] != ALL):
        tests = table.loc[rows, columns].to_numpy(float)
        table.loc[rows, columns] = holm(tests.ravel()).reshape(tests.shape)


def _remark(row: pd.Series[Any]) -> str:
    return "; ".join(
        f"{measure} {row[measure]:.2f} ({row[measure + '_low']:.2f}-{row[measure + '_high']:.2f}) "
        f"against {row[measure + '_rest']:.2f} elsewhere"
        for measure in MEASURES
        if row[measure + "_p"] < ALPHA and row[measure] < row[measure + "_rest"]
    )


def slices_out_of_fold(
    theme_results: Sequence[ThemeResult],
    evidence: Mapping[str, Evidence],
    values: pd.Categorical[Any],
    *,
    column: str = "value",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """As `slices`, of the decisions that a run made out of fold: the chosen scores at the deployed thresholds.

    They flatter a little, in every slice alike, for thresholds were chosen on them; it is the differences that count.

    Parameters
    ----------
    theme_results : what each study decided; themes without a model are left out
    evidence : theme -> what its decisions rest on: ``Run.evidence``, or ``PastRun.evidence_by_theme()``
    values : (n,) of the texts that were tuned on
    """
    modelled = [result for result in theme_results if result.assigned and result.theme in evidence]
    shape = (len(values), len(modelled))
    truth, assigned = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for j, result in enumerate(modelled):
        own = evidence[result.theme]
        truth[:, j], assigned[:, j] = own.truth > 0, own.scores >= result.threshold
    themes = [result.theme for result in modelled]
    groups = evidence[themes[0]].groups if themes else None
    return slices(truth, assigned, values, themes=themes, column=column, groups=groups, confidence=confidence)
