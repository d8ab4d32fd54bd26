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
    "confusion": TableOnPage("Confusion counts", "Out of fold, at the cut."),
    "mistakes": TableOnPage(
        "Mistakes",
        "The most serious ones out of fold, with the words that pushed the deployed model most.",
        long=True,
    ),
    "terms": TableOnPage("Most telling words", long=True),
    "suspects": TableOnPage("Labels to check", "Where label and out-of-fold scores disagree most.", long=True),
    "confused_with": TableOnPage("Mistaken for, or for it", "Wrong out-of-fold tags, and the themes that are due."),
    "families": TableOnPage("Model families compared", "Seconds of a complete trial: fitted on all folds, and scored."),
    "importances": TableOnPage(
        "Which settings mattered",
        "Share of the differences between trials, on the first folds, that a setting explains (fANOVA).",
    ),
    "cost": TableOnPage("Time and memory"),
}
