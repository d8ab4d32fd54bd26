"""A person's verdicts on suspected labels, applied to a copy of the table."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from themetagger.corpus import (
    DEFAULT_FORMAT,
    TableError,
    TableFormat,
    check_writable,
    read_table,
    texts_of,
)
from themetagger.corpus.formulas import Formulas, original
from themetagger.corpus.frame_columns import as_named, one_header
from themetagger.corpus.table import is_missing, place_of
from themetagger.insights.labelling.corrected_file import write_corrected
from themetagger.insights.labelling.rows import Labelling

CHANGE, KEEP = "change", "keep"
_GAPS = re.compile(r"[\s\x00-\x1f\x7f\ufffd]+")  # what spreadsheets change in silence
_NEEDED = ("line", "text", "theme", "given", "suggested", "verdict")


@dataclass(frozen=True)
class Corrected:
    """What came of a review.

    Parameters
    ----------
    table : the whole table, with the labels changed
    changed, kept, unanswered : numbers of verdicts
    already : how many of those changed had been so already
    notes : what was repaired or skipped when the table was read
    """

    table: pd.DataFrame
    changed: int
    kept: int
    unanswered: int
    already: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Verdict:
    """A line of a review that was answered: its place, the row of the table that it is about, and the answer."""

    place: str
    row: int
    theme: str
    has: bool
    change: bool

    @property
    def result(self) -> bool:
        """Whether the text has the theme in the end."""
        return self.has == self.change


def correct(
    table: str | os.PathLike[str] | pd.DataFrame,
    review: str | os.PathLike[str] | pd.DataFrame,
    *,
    out: str | os.PathLike[str] | None = None,
    table_format: TableFormat = DEFAULT_FORMAT,
    formulas: Formulas = "keep",
) -> Corrected:
    """Change the labels of a table as a review says; every other cell, row and column stays.

    Parameters
    ----------
    table : the table that was reviewed, a file or a DataFrame (whose lines are its rows, counted from 1)
    review : the table of ``review_table`` with its ``verdict`` filled in: "change", "keep" or nothing
    out : file to write, default none; in the format of ``table`` every other byte stays as it is, in a workbook every
        other cell
    table_format : how the table is read, as by ``read_corpus``
    formulas : "keep" (default, as it is a copy of a file of your own) or "neutralise", in CSV and TSV

    Raises
    ------
    TableError
        Names file, line, value and remedy: for any other verdict, verdicts that contradict each other, a line or a
        theme that the table does not have, and a text that has changed since the review was written. Nothing is
        written then.

    Examples
    --------
    >>> table = pd.DataFrame({"Processed Text": ["low pay", "thanks"], "Themes": ["pay", "pay, praise"]})
    >>> review = pd.DataFrame({"line": [2], "text": ["thanks"], "theme": ["pay"], "given": ["yes"],
    ...                        "suggested": ["no"], "probability": [0.01], "verdict": ["change"]})
    >>> correct(table, review).table["Themes"].tolist()
    ['pay', 'praise']
    """
    target = None if out is None else check_writable(out, inputs=[table, review, table_format.theme_map])
    frame, source, notes = _frame(table, "table", wanted=table_format.named_columns, **table_format.file_settings)
    labels = Labelling(as_named(one_header(frame), table_format, source=source), source, table_format)
    texts = texts_of(frame, table_format.texts, source)
    answered, unanswered = _verdicts(review, frame, texts, labels, source)
    changes = [verdict for verdict in answered if verdict.change]
    together = _rows_of_one_text(texts) if table_format.repeats == "join" else {}
    done = [_set(labels, verdict, together.get(verdict.row, [verdict.row])) for verdict in changes]
    result = labels.frame.set_axis(frame.columns, axis=1)
    if isinstance(table, pd.DataFrame):
        result = result.set_axis(table.index, axis=0)
    if target is not None:
        write_corrected(target, table, frame, labels, table_format, formulas=formulas)
    kept = len(answered) - len(changes)
    return Corrected(result, len(changes), kept, unanswered, len(done) - sum(done), (*notes, *labels.notes))


def _rows_of_one_text(texts: Sequence[str]) -> dict[int, list[int]]:
    """For the first row of each text, all its rows: together they are the text that was reviewed."""
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        if text.strip():
            rows.setdefault(text.strip(), []).append(row)
    return {places[0]: places for places in rows.values()}


def _set(labels: Labelling, verdict: _Verdict, rows: Sequence[int]) -> bool:
    """Let a text of some rows have a theme, in the first of them, or not, in all; whether that changed anything."""
    if verdict.has and any(labels.has(row, verdict.theme) for row in rows[1:]):
        return False
    changed = [labels.set(row, verdict.theme, verdict.has, verdict.place) for row in rows[: 1 if verdict.has else None]]
    return any(changed)


def _frame(table: Any, name: str, **reading: Any) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    """A table whose index is the place of each row, its name, and notes on it."""
    if hasattr(table, "columns"):
        index = pd.RangeIndex(1, len(table) + 1, name="row")
        return table.set_axis(index, axis=0), name, ()
    frame, notes = read_table(table, **reading)
    return frame, Path(table).name, notes


def _verdicts(
    review: Any, frame: pd.DataFrame, texts: Sequence[str], labels: Labelling, source: str
) -> tuple[list[_Verdict], int]:
    """The answered lines of a review, checked against the table, and the number of those not answered."""
    lines, name, _ = _frame(review, "review", wanted=_NEEDED)
    absent = [column for column in _NEEDED if column not in lines.columns]
    if absent:
        raise TableError(f"{name}: there is no column {absent[0]!r}; keep the columns that `suspects` wrote.")
    # in a workbook, a text is a text, and nothing was neutralised
    undo = not hasattr(review, "columns") and Path(review).suffix.lower() in (".csv", ".tsv", ".txt")
    judge, verdicts = _Judge(frame, texts, labels, source, undo), dict[tuple[int, str], _Verdict]()
    columns = [lines[column].tolist() for column in _NEEDED]
    for number, cells in enumerate(zip(*columns, strict=True)):
        place, answer = f"{name}, {place_of(lines, number)}", dict(zip(_NEEDED, cells, strict=True))
        if not _word(answer["verdict"]):
            continue
        one = judge.verdict(place, answer)
        other = verdicts.setdefault((one.row, one.theme), one)
        if other.result != one.result:
            _wrong(place, "verdict", answer["verdict"], f"{other.place} contradicts it; clear one of them")
    return list(verdicts.values()), sum(not _word(cell) for cell in columns[-1])


@dataclass(frozen=True)
class _Judge:
    """Checks answers against the table that was reviewed; ``undo`` says that formulas were neutralised."""

    frame: pd.DataFrame
    texts: Sequence[str]
    labels: Labelling
    source: str
    undo: bool

    def verdict(self, place: str, answer: Mapping[str, Any]) -> _Verdict:
        """One answer, checked."""
        said = _word(answer["verdict"])
        if said not in (CHANGE, KEEP):
            _wrong(place, "verdict", answer["verdict"], f"write {CHANGE}, {KEEP} or nothing")
        row = self._rows.get(_number(answer["line"]))
        if row is None:
            _wrong(place, "line", answer["line"], f"{self.source} has no text there; pass the table that was reviewed")
        self._check_text(place, answer["text"], row)
        return _Verdict(place, row, self._theme(place, answer["theme"]), _suggested(place, answer), said == CHANGE)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {str(line): row for row, line in enumerate(self.frame.index)}

    def _check_text(self, place: str, cell: Any, row: int) -> None:
        text = _as_seen(self.texts[row][:LONGEST])
        if not any(_as_seen(spelled[:LONGEST]) == text for spelled in self._spellings(cell)):
            now = f"{self.source}, {place_of(self.frame, row)}, now has {self.texts[row][:60]!r}"
            _wrong(place, "text", cell, f"{now}; review again what has changed since")

    def _theme(self, place: str, cell: Any) -> str:
        for theme in self._spellings(cell):
            if self.labels.knows(theme):
                return theme
        remedy = f"{self.source} has no such theme; correct it, or pass the table that was reviewed"
        _wrong(place, "theme", cell, remedy)

    def _spellings(self, cell: Any) -> list[str]:
        """What a cell of the review may stand for."""
        shown = "" if is_missing(cell) else str(cell)
        return [original(shown)] if self.undo else [shown, original(shown)]


def _wrong(place: str, column: str, cell: Any, remedy: str) -> NoReturn:
    raise TableError(f"{place}, column {column!r}: {str(cell)[:60]!r}; {remedy}.")


def _word(cell: Any) -> str:
    return "" if is_missing(cell) else str(cell).strip().casefold()


def _number(cell: Any) -> str:
    """A line number as text, also where a spreadsheet has made 7 into 7.0."""
    return _word(cell).removesuffix(".0")


def _as_seen(text: str) -> str:
    return _GAPS.sub(" ", text).strip()


def _suggested(place: str, cells: Mapping[str, Any]) -> bool:
    given, suggested = _word(cells["given"]), _word(cells["suggested"])
    for column, word in (("given", given), ("suggested", suggested)):
        if word not in (YES, NO):
            _wrong(place, column, cells[column], f"write {YES} or {NO}")
    if given == suggested:
        _wrong(place, "suggested", cells["suggested"], "it is also what is given; one of them must be the other")
    return suggested == YES


COLUMNS = ("line", "text", "theme", "given", "suggested", "probability", "verdict")
YES, NO = "yes", "no"
LONGEST = 30_000  # characters of a text that are shown; a cell of a spreadsheet holds 32,767
