"""What may be wrong with a header that lacks a column: said in the message about that column."""

from __future__ import annotations

import re
from collections.abc import Sequence

from themetagger._utils.faces import option
from themetagger.corpus.column_names import listed, plain, shown
from themetagger.corpus.readers.base import ReadSettings, Row

_LONGEST = 200  # characters of a name; what is longer is a text
_NO_NAME = re.compile(r"__label__\S|<?https?://\S")
_SHOWN = 4  # names of a row that is proposed as the header


def advice_on(head: Sequence[Row], stand: Sequence[int], settings: ReadSettings, *, unit: str) -> str:
    """Sentences that say where the header may stand instead, with a space in front; empty where nothing looks odd.

    >>> head = [(1, ["__label__pay the pay is low"]), (2, ["__label__pay no rise"])]
    >>> advice_on(head, (0,), ReadSettings(wanted=["Themes"]), unit="line")
    ' Line 1 looks like a row, not a header: put a line with the names of the columns above it.'
    """
    if settings.header_row is not None:
        return ""
    rows = [[cell.strip() for cell in row] for _, row in head]
    place = head[stand[-1]][0]
    elsewhere = [row for row in range(len(rows)) if row not in stand]
    wanted = {plain(name) for name in settings.wanted}
    holds = [row for row in elsewhere if wanted & {plain(cell) for cell in rows[row] if len(cell) < _LONGEST}]
    if holds:
        what = shown(next(cell for cell in rows[holds[0]] if plain(cell) in wanted))
        there = head[holds[0]][0]
        remedy = option("header_row", there)
        return f" {unit.capitalize()} {there} holds {what}: pass {remedy} if the header stands there."
    if headless_at(head, stand):
        remedy = f"put a {unit} with the names of the columns above it"
        return f" {unit.capitalize()} {place} looks like a row, not a header: {remedy}."
    return _of_gaps(head, stand[-1], unit=unit)


def headless_at(head: Sequence[Row], stand: Sequence[int]) -> bool:
    """Whether the header, where it is one row, looks like a row of the table."""
    rows = [[cell.strip() for cell in row] for _, row in head]
    return len(stand) == 1 and looks_like_a_row(rows[stand[0]], rows[stand[0] + 1 :])


def looks_like_a_row(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether names of columns look like the cells below them.

    >>> looks_like_a_row(["low pay", "staff"], [["no rise", "pay"], ["kind", "staff"]])
    True
    """
    if any(len(name) > _LONGEST or _NO_NAME.match(name) for name in names):
        return True
    again = [
        name for column, name in enumerate(names) if name and any(name in row[column : column + 1] for row in rows)
    ]
    return bool(again) and list(names) not in map(list, rows)  # a header that is repeated is one


def _of_gaps(head: Sequence[Row], last: int, *, unit: str) -> str:
    """Advice where columns have no name: the header stands in two rows, or below a title."""
    names = [cell.strip() for cell in head[last][1]]
    width = sum(map(bool, names))
    widest = max(range(len(head)), key=lambda row: (sum(map(bool, map(str.strip, head[row][1]))), -row))
    wider = sum(bool(cell.strip()) for cell in head[widest][1])
    if width <= 1 < wider:
        cells = [cell.strip() for cell in head[widest][1] if cell.strip()]
        there, more = head[widest][0], ", ..." if len(cells) > _SHOWN else ""
        where = f"{unit} {there} ({listed(cells[:_SHOWN])}{more})"
        return f" Pass {option('header_row', there)} if the header stands in {where}."
    below = [cell.strip() for cell in head[last + 1][1]] if last + 1 < len(head) else []
    gaps = [column + 1 for column in range(1, len(below)) if below[column] and not any(names[column : column + 1])]
    if not gaps:
        return ""
    what = f"Column {gaps[0]} has" if len(gaps) == 1 else f"Columns {_runs(gaps)} have"
    rows = (head[last][0], head[last + 1][0])
    return f" {what} no name: pass {option('header_row', rows)} if the header stands in two {unit}s."


def _runs(numbers: Sequence[int]) -> str:
    """Numbers as a list of runs.

    >>> _runs([1, 4, 5, 6]), _runs([4, 5])
    ('1 and 4 to 6', '4 and 5')
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1 and (len(runs[-1]) > 1 or number + 1 in numbers):
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs[:5]]
    more = [f"{len(runs) - 5} more"] if len(runs) > 5 else []
    *most, final = [*told, *more]
    return f"{', '.join(most)} and {final}" if most else final
