"""What a results table says, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from themetagger._utils.wording import number_of
from themetagger.report.text import percent
from themetagger.selection.results import HELD_OUT, status_counts

_STATUSES = {  # for one theme, and for several
    "CERTIFIED": ("is certified", "are certified"),
    "BEST_EFFORT": ("has a model whose precision is not guaranteed", "have a model whose precision is not guaranteed"),
    "SKIPPED": ("was skipped", "were skipped"),
    "FAILED": ("failed", "failed"),
}


def summary(table: pd.DataFrame, averages: pd.DataFrame) -> list[str]:
    """What the table says, in sentences: how many themes are certified, and what to expect of them.

    Parameters
    ----------
    table, averages
        What `results_table` and `averages` of :mod:`themetagger.selection.results` returned.

    Examples
    --------
    >>> from themetagger.selection.confusion import Confusion
    >>> from themetagger.selection.results import averages, results_table
    >>> from themetagger.selection.theme_result import ThemeResult
    >>> pay = ThemeResult("pay", "BEST_EFFORT", family="ridge", view="words", support=10, counts=Confusion(8, 2, 2, 88))
    >>> table = results_table([pay, ThemeResult.skipped("canteen", "10 positives, needs 30", support=10)])
    >>> summary(table, averages(table))[0]
    'Of 2 themes, none is certified, 1 has a model whose precision is not guaranteed, and 1 was skipped.'
    >>> summary(table, averages(table))[1][:50]
    'In cross-validation, 80 % of all assigned tags are'
    """
    if table.empty:
        return ["There are no themes."]
    sentences = [_statuses(len(table), status_counts(table))]
    micro = averages[(averages["average"] == "micro") & (averages["over"] == "all themes")].iloc[0]
    for prefix, where in (("", "In cross-validation"), (HELD_OUT, "On held-out texts")):
        if pd.notna(micro.get(prefix + "precision")):
            sentences.append(_quality(where, micro[prefix + "precision"], micro[prefix + "recall"]))
    return [*sentences, _guarantee(table)]


def _statuses(themes: int, counts: Mapping[str, int]) -> str:
    if themes == 1:
        (status,) = (name for name, count in counts.items() if count)
        return f"The only theme {_STATUSES[status][0]}."
    parts = [
        f"{count or 'none'} {_STATUSES[status][count > 1]}"
        for status, count in counts.items()
        if count or status == "CERTIFIED"
    ]
    if len(parts) == 1:
        return f"All {themes} themes are certified."
    joined = " and ".join(parts) if len(parts) == 2 else f"{', '.join(parts[:-1])}, and {parts[-1]}"
    return f"Of {themes} themes, {joined}."


def _quality(where: str, precision: float, recall: float) -> str:
    return (
        f"{where}, {percent(precision)} % of all assigned tags are correct, and {percent(recall)} % of all tags that "
        "should be assigned are."
    )


def _guarantee(table: pd.DataFrame) -> str:
    certified = table.loc[table["status"] == "CERTIFIED", ["certified_target", "certified_recall"]].dropna()
    if certified.empty:
        return "No theme can be tagged without review: check its tags before you rely on them."
    target, recall = f"{100 * certified['certified_target'].min():g}", percent(certified["certified_recall"].mean())
    one = len(certified) == 1
    return (
        f"{number_of(len(certified), 'theme')} can be tagged without review: a precision of at least {target} % is "
        f"certified, and {'' if one else 'on average '}the tags find {recall} % of "
        f"{'its texts' if one else 'the texts of a theme'}."
    )
