"""What a results table says, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from themetagger.report.text import percent
from themetagger.selection.results import HELD_OUT, status_counts


def summary(table: pd.DataFrame, averages: pd.DataFrame) -> list[str]:
    """What the table says, in sentences: how many themes are certified, and what to expect of them.

    Parameters
    ----------
    table, averages
        What `results_table` and `averages` of :mod:`themetagger.selection.results` returned.

    Examples
    --------
    >>> from themetagger.selection.results import averages, results_table
    >>> from themetagger.selection.theme_result import Confusion, ThemeResult
    >>> pay = ThemeResult("pay", "BEST_EFFORT", family="ridge", view="words", support=10, counts=Confusion(8, 2, 2, 88))
    >>> table = results_table([pay, ThemeResult.skipped("canteen", "10 positives, needs 30", support=10)])
    >>> summary(table, averages(table))[0]
    'Of 2 themes 0 are certified, 1 has a model without a promise, 1 was skipped and 0 failed.'
    >>> summary(table, averages(table))[1][:46]
    'Out of fold, 80 % of the tags given are right,'
    """
    sentences = [_statuses(len(table), status_counts(table))]
    micro = averages[(averages["average"] == "micro") & (averages["over"] == "all themes")].iloc[0]
    for prefix, words in (("", "Out of fold"), (HELD_OUT, "On held-out texts")):
        if pd.notna(micro.get(prefix + "precision")):
            sentences.append(_promise(words, micro[prefix + "precision"], micro[prefix + "recall"]))
    certified = table.loc[table["status"] == "CERTIFIED", "certified_recall"].dropna()
    if len(certified):
        promised, found = f"{100 * table['certified_target'].min():g}", percent(float(certified.mean()))
        themes = "1 theme" if len(certified) == 1 else f"{len(certified)} themes"
        sentences.append(
            f"{themes} can be applied unseen: a precision of {promised} % or more is certified, and the tags find "
            f"{found} % of what is due."
        )
    elif len(table):
        sentences.append("No theme can be applied unseen: look at the tags before you rely on them.")
    return sentences


def _statuses(themes: int, counts: Mapping[str, int]) -> str:
    certified, effort, skipped = counts["CERTIFIED"], counts["BEST_EFFORT"], counts["SKIPPED"]
    return (
        f"Of {themes} {'theme' if themes == 1 else 'themes'} {certified} {'is' if certified == 1 else 'are'} "
        f"certified, {effort} {'has' if effort == 1 else 'have'} a model without a promise, "
        f"{skipped} {'was' if skipped == 1 else 'were'} skipped and {counts['FAILED']} failed."
    )


def _promise(words: str, precision: float, recall: float) -> str:
    right, found = (f"{percent(rate)} %" for rate in (precision, recall))
    given = f"{right} of the tags given are right, and {found} of those due are given"
    return f"{words}, {given} (micro average over all themes)."
