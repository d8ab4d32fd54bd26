"""What a page or a notebook shows of one theme: its row, sentences, and tables by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class ThemeView:
    """One theme under the lens, as data; what is not known is not there.

    Parameters
    ----------
    theme : its name
    row : its row of the results table
    sentences : what there is to say of it
    tables : by name; those that are drawn or shown are named in ``SHOWN``

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
        """One of the tables; one without rows where it is not there."""
        return self.tables.get(name, pd.DataFrame())


@dataclass(frozen=True)
class Shown:
    """How a table is shown: its title, what it tells, and which columns, all where none is named."""

    title: str
    caption: str = ""
    columns: tuple[str, ...] = ()
    tall: bool = False


@dataclass(frozen=True)
class Part:
    """A part of the page that is about all themes: title, sentences, and tables by caption."""

    title: str
    sentences: tuple[str, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


# in the order in which they stand on the page
SHOWN: Mapping[str, Shown] = {
    "confusion": Shown("Confusion counts", "Out of fold, at the cut."),
    "mistakes": Shown(
        "Mistakes",
        "The most serious ones out of fold, with the words that pushed the deployed model most.",
        tall=True,
    ),
    "terms": Shown("Most telling words", tall=True),
    "suspects": Shown("Labels to check", "Where label and out-of-fold scores disagree most.", tall=True),
    "confused_with": Shown("Mistaken for, or for it", "Wrong out-of-fold tags, and the themes that are due."),
    "families": Shown("Model families compared", "Seconds of a complete trial: fitted on all folds, and scored."),
    "importances": Shown(
        "Which settings mattered",
        "Share of the differences between trials, on the first folds, that a setting explains (fANOVA).",
    ),
    "cost": Shown("Time and memory"),
}
