"""What a results table says, in sentences: first what to do, then how good the tags are, and on which texts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from themetagger._utils.wording import number_of
from themetagger.report.text import percent
from themetagger.selection.groups import Group, groups_of
from themetagger.selection.results import HELD_OUT, quality_of_tags

# of one theme, and of several
_TO_DO: dict[Group, tuple[str, str]] = {
    "not proven": (
        "reaches its target but is not proven: check a sample of its tags",
        "reach their target but are not proven: check a sample of their tags",
    ),
    "needs review": (
        "needs review: look through its tags before you rely on them",
        "need review: look through their tags before you rely on them",
    ),
    "not usable": (
        "is not usable, as too many of its tags would be wrong: check its labels",
        "are not usable, as too many of their tags would be wrong: check their labels",
    ),
    "too rare": (
        "is too rare: label more texts that have it",
        "are too rare: label more texts that have them",
    ),
    "no model": ("has no model, for the reason given below", "have no model, for the reasons given below"),
}


def summary(table: pd.DataFrame) -> list[str]:
    """What the table says, as paragraphs: what to do with the themes, and how good the tags are that texts get.

    Parameters
    ----------
    table
        What `results_table` of :mod:`themetagger.selection.results` returned.

    Examples
    --------
    >>> from themetagger.selection.confusion import Confusion
    >>> from themetagger.selection.results import results_table
    >>> from themetagger.selection.theme_result import ThemeResult
    >>> pay = ThemeResult("pay", "BEST_EFFORT", family="ridge", view="words", support=10, counts=Confusion(8, 2, 2, 88))
    >>> table = results_table([pay, ThemeResult.skipped("canteen", "10 positives, needs 30", support=10)])
    >>> print(*summary(table), sep="\\n")
    No theme can be used without checking its tags. 1 needs review: look through its tags before you rely on them. 1 \
is too rare: label more texts that have it.
    In cross-validation on 100 labelled texts, 80 % of tags are right; 40 % of the themes present are found.
    """
    if table.empty:
        return ["There are no themes."]
    paragraphs = [" ".join(_to_do(table, groups_of(table)))]
    for prefix, where in (("", "In cross-validation on {} labelled text{}"), (HELD_OUT, "On {} held-out text{}")):
        texts = texts_counted(table, prefix)
        right, found = quality_of_tags(table, prefix) if texts else (math.nan, math.nan)
        if not math.isnan(right):
            where = where.format(f"{texts:,}", "" if texts == 1 else "s")
            paragraphs.append(_quality(where, right, found))
    return paragraphs


def texts_counted(table: pd.DataFrame, prefix: str = "") -> int:
    """On how many texts the figures of a results table were counted; 0 where no theme has any.

    Parameters
    ----------
    table : of results
    prefix : of its columns, "" (default, out of fold) or "heldout_"
    """
    if prefix + "support" not in table:
        return 0
    counted = table[[prefix + name for name in ("tp", "fp", "fn", "tn")]].dropna().astype(int).sum(axis=1)
    return int(counted.max()) if len(counted) else 0


def _to_do(table: pd.DataFrame, groups: Sequence[Group]) -> Iterator[str]:
    yield _unchecked(table)
    for group, (one, several) in _TO_DO.items():
        if count := groups.count(group):
            yield f"{count:,} {one if count == 1 else several}."


def _unchecked(table: pd.DataFrame) -> str:
    """The themes whose tags need no check."""
    certified = table.loc[table["status"] == "CERTIFIED", ["certified_target", "certified_recall"]].dropna()
    if certified.empty:
        return "No theme can be used without checking its tags."
    target, recall = f"{100 * certified['certified_target'].min():g}", percent(certified["certified_recall"].mean())
    if len(certified) == 1:
        return (
            f"1 theme can be used without checking its tags: at least {target} % of them are right and they find "
            f"{recall} % of its texts."
        )
    return (
        f"{number_of(len(certified), 'theme')} can be used without checking their tags: at least {target} % of them "
        f"are right and on average they find {recall} % of a theme's texts."
    )


def _quality(where: str, precision: float, recall: float) -> str:
    return f"{where}, {percent(precision)} % of tags are right; {percent(recall)} % of the themes present are found."
