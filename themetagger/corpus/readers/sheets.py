"""Which sheets of a workbook are read: the one that has the columns, one by its name or number, or all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing
from themetagger.corpus.column_names import listed, plain
from themetagger.corpus.errors import TableError

ALL = "all"  # reads all sheets that have the columns as one table, unless a sheet is called so
SHEET = "Sheet"  # the column that says from which sheet a row is, where several were read


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: its number from 0, its name, and whether the workbook hides it."""

    number: int
    name: str
    hidden: bool = False


@dataclass(frozen=True)
class Choice:
    """The sheets to read, notes on them, and what to say where the first lacks a column."""

    read: Sequence[Sheet]
    notes: list[str] = field(default_factory=list)
    advice: str = ""


def sheets_of(book: Any) -> list[Sheet]:
    """The sheets of a workbook of openpyxl or xlrd that hold cells, and not a diagram."""
    if hasattr(book, "worksheets"):
        return [Sheet(n, str(one.title), one.sheet_state != "visible") for n, one in enumerate(book.worksheets)]
    return [Sheet(n, str(name), bool(book.sheet_by_index(n).visibility)) for n, name in enumerate(book.sheet_names())]


def chosen(sheets: Sequence[Sheet], wanted: str | None, fits: Callable[[Sheet], bool], *, source: str) -> Choice:
    """The sheets to read.

    Parameters
    ----------
    sheets : of the workbook, at least one
    wanted : what the user named: a sheet, its number from 1, or "all"; None: the one that has the columns, the first
        that the workbook shows before those that it hides
    fits : whether a sheet has the columns
    source : name of the workbook, for messages

    Raises
    ------
    TableError
        If there is no such sheet, or it is not clear which is meant.

    Examples
    --------
    >>> book = [Sheet(0, "Read me"), Sheet(1, "Wave 1"), Sheet(2, "Wave 2")]
    >>> chosen(book, "all", lambda sheet: sheet.number > 0, source="a.xlsx").notes
    ["The sheets 'Wave 1', 'Wave 2' were read as one table, not 'Read me'; the column 'Sheet' says which."]
    """
    if wanted is not None and plain(wanted).casefold() == ALL and all(sheet.name != wanted for sheet in sheets):
        return _all(sheets, fits, source=source)
    if wanted is not None:
        return Choice([_named(sheets, wanted, source=source)])
    if len(sheets) == 1:
        return Choice(sheets)
    return _fitting(sorted(sheets, key=lambda sheet: sheet.hidden), fits, source=source)


def _fitting(sheets: Sequence[Sheet], fits: Callable[[Sheet], bool], *, source: str) -> Choice:
    """The sheet with the columns, the first where it has them; without any, the first."""
    fit = [sheet for sheet in sheets if fits(sheet)]
    shown = [sheet for sheet in fit if not sheet.hidden] or fit
    if len(shown) > 1 and shown[0] is not sheets[0]:
        remedy = f"pass {option('sheet', shown[0].name)}, or another of them, or {option('sheet', ALL)}"
        raise TableError(f"{source}: the sheets {_listed(shown)} have the columns; {remedy} for all as one table.")
    sheet = shown[0] if shown else sheets[0]
    others = [one for one in sheets if one is not sheet]
    if sheet is not sheets[0]:
        return Choice(
            [sheet], [f"The sheet {sheet.name!r} was read, as only it has the columns, not {_listed(others)}."]
        )
    too = [one for one in fit if one is not sheet]
    more = ""
    if too:
        them, have = agreeing(len(too), "it", "the first of them"), agreeing(len(too), "has", "have")
        more = f" {_listed(too)} {have} the columns too: pass {option('sheet', too[0].name)} to read {them} instead"
        more += f", or {option('sheet', ALL)} to read all as one table." if len(shown) > 1 else "."
    those = agreeing(len(others), "the other is", "the others are")
    advice = f" The sheet {sheet.name!r} was read; {those} {_listed(others)}: say by {option('sheet')} which it is."
    return Choice([sheet], [f"Only the sheet {sheet.name!r} was read, not {_listed(others)}.{more}"], advice)


def _all(sheets: Sequence[Sheet], fits: Callable[[Sheet], bool], *, source: str) -> Choice:
    """All sheets that have the columns and are not hidden; of a workbook without any, the first, for its message."""
    read = [sheet for sheet in sheets if not sheet.hidden and fits(sheet)]
    others = [sheet for sheet in sheets if sheet not in read]
    if not read:
        return Choice([sheets[0]], advice=f" The sheets are {_listed(sheets)}, and none has all of these columns.")
    not_read = f", not {_listed(others)}" if others else ""
    if len(read) == 1:
        return Choice(read, [f"The sheet {read[0].name!r} was read, as only it has the columns{not_read}."])
    which = f"the column {SHEET!r} says which"
    return Choice(read, [f"The sheets {_listed(read)} were read as one table{not_read}; {which}."])


def _named(sheets: Sequence[Sheet], wanted: str, *, source: str) -> Sheet:
    """The sheet with a name, or with a number from 1 where none is called so."""
    exact = [sheet for sheet in sheets if sheet.name == wanted]
    alike = exact or [sheet for sheet in sheets if plain(sheet.name).casefold() == plain(wanted).casefold()]
    if len(alike) == 1:
        return alike[0]
    if wanted.isdecimal() and 1 <= int(wanted) <= len(sheets):
        return sheets[int(wanted) - 1]
    raise TableError(f"{source}: there is no sheet {wanted!r}; the sheets are {_listed(sheets)}.")


def _listed(sheets: Sequence[Sheet]) -> str:
    hidden = bool(sheets) and all(sheet.hidden for sheet in sheets)
    return listed([sheet.name for sheet in sheets]) + (" (hidden)" if hidden else "")
