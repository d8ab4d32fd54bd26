"""The header of a table of rows: found below titles, joined where it stands in several rows, checked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.column_names import JOINT, ColumnNames, column_meant, plain, shown, unnamed_told_apart
from themetagger.corpus.errors import TableError
from themetagger.corpus.readers.base import Reading, ReadSettings, Row
from themetagger.corpus.readers.header_advice import advice_on, headless_at

LOOKED = 20  # rows in which the header is looked for
BEYOND = 3  # rows below the header that are looked at
_IMPORT_ID = re.compile(r'\s*\{\s*"ImportId"\s*:')  # in the third row of Qualtrics
_ANSWERS = ("Open-Ended Response", "Response")  # in the second row of SurveyMonkey, where a question has one column


@dataclass(frozen=True)
class Header:
    """The names of the columns, and where the rows begin.

    Parameters
    ----------
    names : of the columns, all of them different
    last : the place of the last row that is no row of the table; they stand below it
    notes : on what was found and passed over
    reading : what is known of the names
    """

    names: list[str]
    last: int
    notes: list[str]
    reading: Reading


def head_size(settings: ReadSettings) -> int:
    """The place up to which rows are needed to settle the header; the first `LOOKED` rows that hold something else."""
    return max(settings.header_row) + BEYOND if settings.header_row else 0


def _number(column: int) -> str:
    return str(column + 1)


def settle_header(
    head: Sequence[Row], settings: ReadSettings, *, source: str, unit: str, label: Callable[[int], str] = _number
) -> Header:
    """Find the header in the first rows of a table, unless the settings say where it stands.

    Parameters
    ----------
    head : the first rows that hold something, at least one, their cells strings
    settings : ``header_row`` and ``wanted`` of them
    source, unit : the name of the table and what its rows are counted in, for messages
    label : how a column, counted from 0, is called in messages, default its number from 1

    Raises
    ------
    TableError
        If there is no such row, or two columns have one name.

    Examples
    --------
    >>> head = [(1, ["Survey 2024", ""]), (3, ["Comment", "Themes"]), (4, ["low pay", "pay"])]
    >>> header = settle_header(head, ReadSettings(wanted=["Comment", "Themes"]), source="a.csv", unit="line")
    >>> header.names, header.last, header.notes
    (['Comment', 'Themes'], 3, ['The header was found in line 3; 1 line above it was passed over.'])
    """
    if settings.header_row is None:
        stand = found_in(head, settings.wanted, source=source)
    else:
        stand = _asked(head, settings.header_row, source=source, unit=unit)
    names, aliases = joined([head[row][1] for row in stand])
    _check_unique(names, head, stand, source=source, unit=unit, label=label)
    last, notes = _without_import_ids(head, stand[-1], unit=unit)
    if settings.header_row is None:
        notes = [*_note(head, stand, unit=unit), *notes]
    reading = Reading(aliases)
    if not has(names, aliases, settings.wanted, source):
        headless = headless_at(head, stand)
        reading = Reading(aliases, advice_on(head, stand, settings, unit=unit), headless)
    return Header(unnamed_told_apart(names), last, notes, reading)


def has(names: Sequence[str], aliases: Mapping[str, str], wanted: Sequence[str], source: str) -> bool:
    """Whether all columns that are wanted are there."""
    names = ColumnNames(names)
    try:
        return all(column_meant(name, names, aliases, source=source) is not None for name in wanted)
    except TableError:  # several such columns, which is an error where they are read
        return True


def found_in(head: Sequence[Row], wanted: Sequence[str], *, source: str) -> tuple[int, ...]:
    """The numbers of the rows of ``head`` that hold the header: those with all columns wanted, else the first."""
    names = [[cell.strip() for cell in row] for _, row in head[:LOOKED]]
    if not wanted or has(names[0], {}, wanted, source):
        return _with_second(names, 0)
    for row in range(1, len(names)):
        if has(names[row], {}, wanted, source) and stands_out(names, row, wanted):
            return _with_second(names, row)
    for row in range(len(names) - 1):
        if not all(names[row]) or len(names[row]) < len(names[row + 1]) or _repeats(names[row]):
            both, aliases = joined(names[row : row + 2])
            if has(both, aliases, wanted, source) and not _repeats(both):
                return row, row + 1
    return _with_second(names, 0)


def names_in(head: Sequence[Row], settings: ReadSettings, *, source: str) -> tuple[Sequence[str], Mapping[str, str]]:
    """The names in the rows of ``head`` that are the header, and their shorter ones; none where a row is missing."""
    if settings.header_row is None:
        return joined([head[row][1] for row in found_in(head, settings.wanted, source=source)])
    rows = dict(head)
    asked = [rows[place] for place in settings.header_row if place in rows]
    return joined(asked) if len(asked) == len(settings.header_row) else ([], {})


def stands_out(names: Sequence[Sequence[str]], row: int, wanted: Sequence[str]) -> bool:
    """Whether a row below the first with what is wanted is the header, and not a row with such a cell."""
    if _repeats(names[row]):
        return False
    width = sum(map(bool, names[row]))
    return len(wanted) > 1 or all(sum(map(bool, above)) < width or _repeats(above) for above in names[:row])


def _repeats(names: Sequence[str]) -> bool:
    return any(count > 1 for name, count in Counter(names).items() if name)


def _with_second(names: Sequence[Sequence[str]], row: int) -> tuple[int, ...]:
    """A row of names, and the one below where that is the second header row of SurveyMonkey."""
    if row + 1 == len(names):
        return (row,)
    below = names[row + 1]
    unnamed = any(cell and not name for name, cell in zip_longest(names[row], below))
    return (row, row + 1) if _ANSWERS[0] in below or (unnamed and _ANSWERS[1] in below) else (row,)


def _asked(head: Sequence[Row], header_row: Sequence[int], *, source: str, unit: str) -> tuple[int, ...]:
    places = [place for place, _ in head]
    for place in header_row:
        if place not in places:
            near = max((other for other in places if other < place), default=0)
            said = option("header_row", header_row if len(header_row) > 1 else place)
            above = f"; the one above it begins in {unit} {near}" if near else ""
            raise TableError(f"{source}: {said}, but no row begins in {unit} {place}{above}.")
    return tuple(places.index(place) for place in header_row)


def joined(levels: Sequence[Sequence[str]]) -> tuple[list[str], dict[str, str]]:
    """The names in rows that stand above one another as one name a column, and the shorter names of each.

    A name above others stands for the columns on its right that have none, as a merged cell does.

    >>> joined([["Comment", "Topics", ""], ["Open-Ended Response", "pay", "staff"]])
    (['Comment', 'Topics: pay', 'Topics: staff'], {'pay': 'Topics: pay', 'staff': 'Topics: staff'})
    """
    if len(levels) == 1:
        return [name.strip() for name in levels[0]], {}
    width = max(map(len, levels))
    rows = [[name.strip() for name in level] + [""] * (width - len(level)) for level in levels]
    for depth, row in enumerate(rows[:-1]):
        for column in range(1, width):
            if not row[column] and any(below[column] for below in rows[depth + 1 :]):
                row[column] = row[column - 1]
    columns = [_parts(parts) for parts in zip(*rows, strict=True)]
    names = [JOINT.join(parts) for parts in columns]
    short = [(plain(part), name) for parts, name in zip(columns, names, strict=True) for part in parts[: len(parts)]]
    once, whole = Counter(part for part, _ in short), set(names)
    return names, {part: name for part, name in short if once[part] == 1 and part not in whole}


def _parts(parts: Sequence[str]) -> list[str]:
    """The names above one another, without repeats and without what only says that an answer follows."""
    told = [part for number, part in enumerate(parts) if part and part not in parts[:number]]
    return [part for number, part in enumerate(told) if not number or part not in _ANSWERS]


def _check_unique(
    names: Sequence[str],
    head: Sequence[Row],
    stand: Sequence[int],
    *,
    source: str,
    unit: str,
    label: Callable[[int], str],
) -> None:
    at: dict[str, int] = {}
    column = next((column for column, name in enumerate(names) if name and at.setdefault(name, column) < column), None)
    if column is None:
        return
    name, first, last = names[column], at[names[column]], stand[-1]
    below = [cell.strip() for cell in head[last + 1][1]] if last + 1 < len(head) else []
    remedy = "rename one of them"
    if headless_at(head, stand) or name.replace(".", "").isdecimal():
        remedy = f"if it is a row, not a header, put a {unit} with the names of the columns above it"
    elif len(below) > column and below[first] != below[column] and all(len(cell) < 60 for cell in below):
        rows = tuple(head[row][0] for row in (*stand, last + 1))
        remedy = f"{remedy}, or pass {option('header_row', rows)} if the header goes on in {unit} {rows[-1]}"
    raise TableError(
        f"{source}, {unit} {head[last][0]}: two columns are called {shown(name)} "
        f"(columns {label(first)} and {label(column)}); {remedy}."
    )


def holds_import_ids(cells: Sequence[Any]) -> bool:
    """Whether a row holds what Qualtrics writes into the third row of its files."""
    told = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    return bool(told) and 2 * sum(map(bool, map(_IMPORT_ID.match, told))) >= len(told)


def _without_import_ids(head: Sequence[Row], last: int, *, unit: str) -> tuple[int, list[str]]:
    """The place of the last row that is no answer, and a note where Qualtrics wrote more rows of header."""
    for row in range(last + 1, min(last + BEYOND, len(head))):
        if holds_import_ids(head[row][1]):
            places = [place for place, _ in head[last + 1 : row + 1]]
            those = f"{unit.capitalize()}{'s' * (len(places) > 1)} {' and '.join(map(str, places))}"
            what = "question texts and ImportIds" if len(places) > 1 else "ImportIds"
            hold, were = agreeing(len(places), "holds", "hold"), agreeing(len(places), "it was", "they were")
            return places[-1], [f"{those} {hold} the {what} of Qualtrics, no answers; {were} passed over."]
    return head[last][0], []


def _note(head: Sequence[Row], stand: Sequence[int], *, unit: str) -> list[str]:
    """A note where the header is not the first row alone."""
    places = " and ".join(str(head[row][0]) for row in stand)
    above = f"{number_of(stand[0], f'{unit} above it', f'{unit}s above it')} {agreeing(stand[0], 'was', 'were')}"
    passed = f"; {above} passed over" if stand[0] else ""
    if len(stand) > 1:
        return [f"The header was found in {unit}s {places}, whose names were joined{passed}."]
    return [f"The header was found in {unit} {places}{passed}."] if stand[0] else []
