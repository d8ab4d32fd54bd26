"""The columns of the results table that people see: where, in which order, and what they and other columns are called.

To show another column of the table, or to call one by another name, edit ``RESULTS``. (A column is computed in
`themetagger.selection.results`; ``results.csv`` and ``results.xlsx`` hold all of them, under their own names.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from themetagger.selection.groups import GROUPS, groups_of
from themetagger.selection.results import HELD_OUT

Place = Literal["terminal", "markdown", "page", "picture"]
"""What ``themetagger tune`` prints, ``results.md``, ``report.html`` at first sight, and the bars of ``results.png``.

At first sight the page shows as many as a window of 1,280 pixels has room for.
"""


@dataclass(frozen=True)
class ResultColumn:
    """A column of the results table: its name there, the places that show it, and its heading, default the name."""

    name: str
    places: tuple[Place, ...] = ()
    heading: str = ""


# in the order in which they are shown; the page has all other columns too, when they are asked for
RESULTS: tuple[ResultColumn, ...] = (
    ResultColumn("theme", ("terminal", "markdown", "page")),
    ResultColumn("status", ("terminal",)),
    ResultColumn("group", ("markdown", "page"), "status"),
    ResultColumn("precision", ("terminal", "markdown", "page", "picture")),
    ResultColumn("recall", ("terminal", "markdown", "page", "picture")),
    ResultColumn("f1", ("markdown", "picture")),
    ResultColumn("average_precision", ("markdown",)),
    ResultColumn("support", ("terminal", "markdown", "page"), "texts"),
    ResultColumn("precision_bound", ("terminal", "page"), "lower bound of precision"),
    ResultColumn("heldout_precision", ("terminal", "markdown", "page", "picture")),
    ResultColumn("heldout_recall", ("terminal", "markdown", "page", "picture")),
    ResultColumn("heldout_f1", ("markdown", "picture")),
    ResultColumn("heldout_average_precision", ("markdown",)),
    ResultColumn("heldout_support", ("terminal",), "held-out texts"),
    ResultColumn("family", ("terminal", "markdown", "page"), "model"),
    ResultColumn("view", ("terminal", "markdown"), "features"),
    ResultColumn("threshold", ("markdown",)),
    ResultColumn("seconds"),
    ResultColumn("recall_bound", heading="lower bound of recall"),
    ResultColumn("stopped", heading="why the search stopped"),
)
_HEADINGS = {column.name: column.heading for column in RESULTS if column.heading}
_HEADINGS |= {
    "p_value": "p-value",
    "peak_memory_mb": "peak memory (MB)",
    "odds_low": "lower bound of odds ratio",
    "odds_high": "upper bound of odds ratio",
    "share_with": "theme in texts with it",
    "share_without": "theme in texts without it",
}
_HEADINGS |= {"certified_flagged": "distinct texts certified on", "certified_precision": "precision on distinct texts"}
COUNTS = frozenset(  # columns of any table that hold whole numbers
    "texts of labels positives flagged right tagged wrong given missed trials failed complete count support number "
    "line tp fp fn tn themes copies".split()
)
_ACRONYMS = ("f1", "tp", "fp", "fn", "tn")


def heading(column: str) -> str:
    """What a column of any table is called where people see it; its name in words unless it is listed above.

    Examples
    --------
    >>> heading("heldout_average_precision"), heading("support"), heading("tp"), heading("odds_ratio")
    ('held-out average precision', 'texts', 'TP', 'odds ratio')
    """
    words = column.replace(HELD_OUT, "held-out ").replace("_", " ").split(" ")
    return _HEADINGS.get(column) or " ".join(word.upper() if word in _ACRONYMS else word for word in words)


def with_whole_counts(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its counts as whole numbers, also where some are missing, which made floats of them.

    Examples
    --------
    >>> with_whole_counts(pd.DataFrame({"texts": [87.0, None], "precision": [1.0, 0.5]}))
       texts  precision
    0     87        1.0
    1   <NA>        0.5
    """
    floats = [name for name in table if name in COUNTS and table[name].dtype.kind == "f"]
    return table.astype({name: "Int64" for name in floats if (table[name].dropna() % 1 == 0).all()})


def by_group(table: pd.DataFrame) -> pd.DataFrame:
    """A results table with the themes of the best group first, their order else as it was, and ``group`` filled.

    Examples
    --------
    >>> table = pd.DataFrame({"theme": ["a", "b"], "status": ["SKIPPED", "CERTIFIED"], "reason": ["one class", ""]})
    >>> by_group(table)[["theme", "group"]].to_numpy().tolist()
    [['b', 'certified'], ['a', 'no model']]
    """
    filled = table.assign(group=groups_of(table))
    return filled.sort_values("group", key=lambda names: names.map(GROUPS.index), kind="stable")


def shown_in(place: Place, table: pd.DataFrame) -> list[str]:
    """The columns of a results table that a place shows, in their order; those that the table has.

    Examples
    --------
    >>> shown_in("picture", pd.DataFrame(columns=["theme", "recall", "precision"]))
    ['precision', 'recall']
    """
    return [column.name for column in RESULTS if place in column.places and column.name in table]
