"""The table of a spot check as people have filled it: which tags are right, and how far several judges agree."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from themetagger._utils.faces import option
from themetagger.corpus import TableError, delimiter_of, is_missing, read_table
from themetagger.corpus.frame_columns import one_header
from themetagger.corpus.table import place_of

KEY, VERDICT, RESOLVED = "key", "verdict", "resolved"
RIGHT, WRONG = "right", "wrong"
_RIGHT = frozenset("right correct yes y true 1 ✓ ✔ ✅".split())
_WRONG = frozenset("wrong incorrect no n false 0 ✗ ✘ ❌".split())


@dataclass(frozen=True)
class Agreement:
    """How far several judges agree.

    Attributes
    ----------
    judges : their number
    both : tags that two or more have judged
    same : those of which all said the same
    alpha : Krippendorff's alpha (nominal); NaN where it is not defined, since there is one answer only
    """

    judges: int
    both: int
    same: int
    alpha: float


@dataclass(frozen=True)
class Judgements:
    """What a filled table says.

    Attributes
    ----------
    frame : the table, as it is in its file
    right : key of a tag -> whether it is right; tags that nobody has judged are left out
    keys : key -> where its row is, of all tags in the table
    agreement : of several judges, else None
    disputed : tags that judges disagree about and nobody has resolved: they count as wrong
    notes : on how the file was read
    delimiter : of a CSV or TSV file, else None
    """

    frame: pd.DataFrame
    right: Mapping[str, bool]
    keys: Mapping[str, str]
    agreement: Agreement | None
    disputed: int
    notes: tuple[str, ...] = ()
    delimiter: str | None = None


def read_judgements(path: str | os.PathLike[str], known: Collection[str]) -> Judgements:
    """Read a table of tags to judge; ``known`` are the keys that may be in it.

    Raises
    ------
    TableError
        If it is no such table, holds a verdict that is neither right nor wrong, a row that was not drawn, or two
        rows of one tag that contradict each other; it names line, column, value and remedy.
    """
    frame, notes, delimiter = _read(path)
    source = Path(path).name
    names = {str(name).strip().casefold(): str(name) for name in one_header(frame).columns}
    judges = [name for low, name in names.items() if low == VERDICT or low.startswith(f"{VERDICT} ")]
    if KEY not in names or not judges:
        lacking = KEY if KEY not in names else VERDICT
        choose = option("out")
        raise TableError(
            f"{source}: there is no column {lacking!r}, so it is no table of a spot check; keep the columns that were "
            f"written, or choose another {choose}."
        )
    table = frame.set_axis([str(name) for name in one_header(frame).columns], axis=1)
    places = [f"{source}, {place_of(table, row)}" for row in range(len(table))]
    keys = [_word(cell) for cell in table[names[KEY]]]
    _check_keys(places, keys, known, names[KEY])
    answers = [[_answer(places[row], name, table[name].iloc[row]) for name in judges] for row in range(len(table))]
    resolved = names.get(RESOLVED)
    final = [
        None if resolved is None else _answer(places[row], resolved, table[resolved].iloc[row])
        for row in range(len(table))
    ]
    right: dict[str, bool] = {}
    where: dict[str, str] = {}
    disputed = 0
    for place, key, said, settled in zip(places, keys, answers, final, strict=True):
        given = [one for one in said if one is not None]
        outcome = settled if settled is not None else all(given) if given else None
        disputed += settled is None and len(set(given)) > 1
        if outcome is not None and right.setdefault(key, outcome) != outcome:
            raise TableError(f"{place}: {where[key]} judges the same tag otherwise; delete one of the two rows.")
        where.setdefault(key, place)
    agreement = agreement_of(answers) if len(judges) > 1 else None
    return Judgements(frame, right, where, agreement, disputed, notes, delimiter)


def _read(path: str | os.PathLike[str]) -> tuple[pd.DataFrame, tuple[str, ...], str | None]:
    """The table; as spreadsheets of older make save it too, since keys and verdicts are plain letters."""
    older: dict[str, Any] = {"encoding": "cp1252"}
    try:
        return *read_table(path, wanted=[KEY]), delimiter_of(path, wanted=[KEY])
    except TableError:
        try:
            return *read_table(path, wanted=[KEY], **older), delimiter_of(path, wanted=[KEY], **older)
        except TableError:
            pass
        raise


def _check_keys(places: list[str], keys: list[str], known: Collection[str], column: str) -> None:
    for place, key in zip(places, keys, strict=True):
        if key not in known:
            raise TableError(
                f"{place}, column {column!r}: {key!r:.60} is none of the tags that are checked; delete the row, or "
                "put back what was written there."
            )


def _word(cell: Any) -> str:
    return "" if is_missing(cell) else str(cell).strip().casefold()


def _answer(place: str, column: str, cell: Any) -> bool | None:
    """Whether a tag is right; None where nobody has said."""
    word = _word(cell).removesuffix(".0")
    if word in _RIGHT or word in _WRONG:
        return word in _RIGHT
    if not word:
        return None
    raise TableError(
        f"{place}, column {column!r}: {str(cell)[:60]!r} is no verdict; write {RIGHT} or {WRONG} (yes or no, 1 or 0). "
        f"A tag that you cannot call right is {WRONG}."
    )


def agreement_of(answers: list[list[bool | None]]) -> Agreement:
    """The agreement of several judges on some tags; a row for each tag, a column for each judge.

    Krippendorff's alpha is one less the observed disagreement divided by that expected of answers given at random
    (Krippendorff, Content Analysis, 2004, chapter 11).

    Examples
    --------
    >>> agreement_of([[True, True], [True, False], [False, False], [True, None]]).same
    2
    """
    rows = [given for row in answers if len(given := [one for one in row if one is not None]) > 1]
    said = Counter(one for row in rows for one in row)
    n, observed = said.total(), sum(2 * row.count(True) * row.count(False) / (len(row) - 1) for row in rows)
    expected = 2 * said[True] * said[False] / (n - 1) if n > 1 else 0.0
    alpha = 1 - observed / expected if expected else float("nan")
    return Agreement(max(map(len, answers), default=0), len(rows), sum(len(set(row)) == 1 for row in rows), alpha)
