"""One theme as data: what the page and the figure show of it.

To add a table, give it to the view in `themetagger.runs.review.theme_details` and name it in ``THEME_TABLES``; to add a
picture, see `themetagger.report.panels`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class ThemeView:
    """All that is known of one theme; what is not known is left out.

    Parameters
    ----------
    theme : its name
    row : its row of the results table
    sentences : what to say about it
    tables : by name; the page shows those in ``THEME_TABLES`` and draws those in `themetagger.report.panels.PANELS`

    Examples
    --------
    >>> view = ThemeView("pay", pd.Series({"status": "SKIPPED", "support": 7}))
    >>> view.table("mistakes").empty
    True
    """

    theme: str
    row: pd.Series[Any]
    sentences: tuple[str, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        """One of the tables; an empty one where the view does not have it."""
        return self.tables.get(name, pd.DataFrame())


@dataclass(frozen=True)
class TableOnPage:
    """How the page shows a table: its title, a sentence on it, and whether it may break over printed pages."""

    title: str
    caption: str = ""
    long: bool = False


# in the order in which they stand on the page
THEME_TABLES: Mapping[str, TableOnPage] = {
    "confusion": TableOnPage(
        "Confusion matrix", "By cross-validation over all labelled texts, copies included, at the threshold in use."
    ),
    "mistakes": TableOnPage(
        "Mistakes",
        "The most serious errors out of fold, with the words that moved the score of the deployed model most. The "
        "probability is that of the theme, by the out-of-fold score.",
        long=True,
    ),
    "terms": TableOnPage(
        "Most telling words",
        "An odds ratio of 3 says that the odds of the theme are three times as high in texts with the term. Where "
        "models also go by the meaning of the whole text, a sentence above says how much.",
        long=True,
    ),
    "suspects": TableOnPage(
        "Labels to check",
        "Where the label and the out-of-fold score disagree most. The probability is that of the label as given, by "
        "the score.",
        long=True,
    ),
    "confused_with": TableOnPage(
        "Confused with",
        "Beside a wrong tag, the themes that the text is labelled with; beside a missed one, those it was tagged with. "
        "The p-value is the probability of as many such texts if the two themes had nothing to do with each other.",
    ),
    "families": TableOnPage(
        "Model families",
        "Average precision of the best trial of each; seconds to fit and score a complete trial on all folds (median).",
    ),
    "importances": TableOnPage(
        "Which settings mattered",
        "The share of the differences between trials, on the first folds, that each setting explains (fANOVA).",
    ),
    "cost": TableOnPage("Time and memory"),
}
