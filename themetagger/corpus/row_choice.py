"""Which rows of a table are texts of a corpus: those that were judged, one for each text where rows are joined."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.column_names import shown
from themetagger.corpus.duplicates import exact_groups
from themetagger.corpus.errors import TableError
from themetagger.corpus.frame_columns import READING, check_columns
from themetagger.corpus.readers.base import Reading
from themetagger.corpus.readers.headers import holds_import_ids
from themetagger.corpus.table import is_missing

Names = list[str]
Ints = NDArray[np.int64]

# what a column says of a row that nobody judged, or whose judgement does not count
_NOT_JUDGED = (
    *("", "0", "0.0", "no", "n", "false", "-1", "-1.0", "nan", "na", "n/a", "none", "null", "-", "ignore", "ignored"),
    *(
        "reject",
        "rejected",
        "skip",
        "skipped",
        "cancelled",
        "canceled",
        "discarded",
        "pending",
        "draft",
        "todo",
        "open",
    ),
    *(
        "to do",
        "not judged",
        "unjudged",
        "unlabelled",
        "unlabeled",
        "not labelled",
        "not labeled",
        "not coded",
        "uncoded",
    ),
)
_NO_THEME_SAID = ("", "-1", "-1.0", "nan")  # the same in a column of 0 and 1, where 0 is a judgement
_ABOVE = 2  # rows that Qualtrics writes below its header, at most
_SHOWN = 5  # values of a column in one note
_SOME = 0.1  # share of the texts that are repeated with other themes in a table of a row a theme, at least
_MANY = 0.5  # share of the texts that are repeated in a table of several coders, at least


def first_answer(frame: pd.DataFrame) -> tuple[int, list[str]]:
    """The first row that is an answer, from 0, and a note where Qualtrics wrote others above it.

    The readers of files pass these rows over themselves; a DataFrame that pandas has read still holds them.
    """
    for row in range(min(_ABOVE, len(frame))):
        if holds_import_ids(frame.iloc[row].tolist()):
            first = agreeing(
                row + 1, "The first row holds the", f"The first {row + 1} rows hold the question texts and"
            )
            were = agreeing(row + 1, "it was", "they were")
            return row + 1, [f"{first} ImportIds of Qualtrics, no answers; {were} passed over."]
    return 0, []


def judged_rows(
    frame: pd.DataFrame, column: str | None, themes: Sequence[str], *, source: str
) -> tuple[Ints, list[str]]:
    """The rows that were judged, from 0, and a note on the others.

    Parameters
    ----------
    frame : the table, n rows
    column : which says so; None takes all rows
    themes : the 0/1 columns of themes, of which only -1 and an empty cell say that a row was not judged
    source : name of the table, for messages

    Raises
    ------
    TableError
        If there is no such column, or no row was judged.

    Examples
    --------
    >>> frame = pd.DataFrame({"answer": ["accept", "ignore", "accept"]})
    >>> judged_rows(frame, "answer", [], source="a.csv")
    (array([0, 2]), ["Column 'answer': 1 of 3 rows is left out as not judged ('ignore' 1); judged are 'accept' 2."])
    """
    if column is None:
        return _judged_as_read(frame, source=source)
    (name,) = check_columns(frame, [column], source=source, setting="judged")
    said = ["" if is_missing(cell) else str(cell).strip() for cell in frame[name].tolist()]
    not_judged = _NO_THEME_SAID if column in themes else _NOT_JUDGED
    judged = np.array([word.casefold() not in not_judged for word in said], dtype=bool)
    if not judged.any():
        raise TableError(f"{source}: no row was judged, as {option('judged', column)} says; leave it out.")
    out = int((~judged).sum())
    if not out:
        return np.arange(len(frame)), []
    without, those = (
        _counted([word for word, one in zip(said, judged, strict=True) if one == have]) for have in (0, 1)
    )
    left = f"{out} of {number_of(len(frame), 'row')} {agreeing(out, 'is', 'are')} left out as not judged"
    return np.flatnonzero(judged), [f"Column {shown(name)}: {left} ({without}); judged are {those}."]


def _judged_as_read(frame: pd.DataFrame, *, source: str) -> tuple[Ints, list[str]]:
    """The rows that were judged as the file of an annotation tool says; all rows of any other table."""
    out = frame.attrs.get(READING, Reading()).not_judged or set()
    judged = np.array([place not in out for place in frame.index], dtype=bool)
    if judged.all():
        return np.arange(len(frame)), []
    if not judged.any():
        raise TableError(f"{source}: no row was judged; label some of them first.")
    n = int((~judged).sum())
    those = f"{n} of {number_of(len(frame), 'row')} {agreeing(n, 'was', 'were')} not judged"
    why = f"(skipped, rejected or not annotated) and {agreeing(n, 'is', 'are')} left out"
    return np.flatnonzero(judged), [f"{those} {why}."]


def _counted(words: Sequence[str]) -> str:
    counts = Counter(words).most_common()
    more = f" and {number_of(len(counts) - _SHOWN, 'more value')}" if len(counts) > _SHOWN else ""
    return ", ".join(f"{shown(word) if word else 'empty'} {n:,}" for word, n in counts[:_SHOWN]) + more


def joined_repeats(texts: Sequence[str], *labels: Sequence[Sequence[str]]) -> tuple[Ints, list[list[Names]], list[str]]:
    """Rows of one text as one: the first row of each text, the themes of all its rows, and a note.

    Empty texts stay apart, for nobody knows that they are one.

    >>> joined_repeats(["low pay", "kind", "low pay"], [["pay"], [], ["money", "pay"]])[:2]
    (array([0, 1]), [[['pay', 'money'], []]])
    """
    places: dict[Any, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        places[text.strip() or row].append(row)
    joined = [
        [list(dict.fromkeys(name for row in rows for name in names[row])) for rows in places.values()]
        for names in labels
    ]
    several = sum(len(rows) > 1 for rows in places.values())
    those = f"{number_of(several, 'text')} with several rows {agreeing(several, 'was', 'were')} joined"
    notes = [f"{those}: {number_of(len(texts), 'row')} became {number_of(len(places), 'text')}."] if several else []
    return np.array([rows[0] for rows in places.values()], dtype=np.int64), joined, notes


def _says_twice(rows: Sequence[Names]) -> bool:
    """Whether two rows say the same, as rows of a theme each never do."""
    return len({frozenset(names) for names in rows}) < len(rows)


def repeats_note(texts: Sequence[str], rows: Sequence[Names]) -> list[str]:
    """A note on texts that occur again with other themes, and on what to do where that is how the table is made."""
    groups: dict[int, list[Names]] = defaultdict(list)
    for group, text, names in zip(exact_groups(texts).tolist(), texts, rows, strict=True):
        if text.strip():
            groups[group].append(names)
    repeated = [names for names in groups.values() if len(names) > 1]
    torn = [names for names in repeated if len({frozenset(one) for one in names}) > 1]
    if not torn:
        return []
    n, join = len(torn), option("repeats", "join")
    common = len(torn) >= _SOME * len(groups) and len(torn) >= _MANY * len(repeated)
    if common and all(len(one) <= 1 for names in torn for one in names) and not any(map(_says_twice, torn)):
        have = agreeing(n, "has a row", "have a row")
        themes = {frozenset(name for one in names for name in one) for names in torn}
        if len(themes) == 1 and n == len(groups) > 1:
            whole = f"Each of {number_of(n, 'text')} has a row for each of {len(next(iter(themes)))} themes"
            return [f"{whole}: if another column says which of them hold, keep only those rows, and pass {join}."]
        what = f"{number_of(n, 'text')} {have} for each theme, and each row counts as a text without the others"
        return [f"{what}; {join} makes one row of each."]
    again = f"{number_of(n, 'text')} {agreeing(n, 'occurs', 'occur')} more than once with different themes"
    coders = len(repeated) >= _MANY * len(groups)
    several = f" If several people coded them, {join} makes one row of each."
    return [f"{again}; all rows are kept.{several if coders else ''}"]
