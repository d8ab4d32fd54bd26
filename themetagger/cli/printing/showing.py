"""What commands print: tables, notes and sentences, within the width of the terminal."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from themetagger._utils.console import visible
from themetagger._utils.wrapping import wrapped
from themetagger.cli.printing.layout import Column, column_of, fitted, lines_of
from themetagger.cli.printing.output import echo

if TYPE_CHECKING:
    import pandas as pd

UNLIMITED = 200  # columns where the output is no terminal
DASH = "–"  # where there is no figure
NAMED = 20  # themes that are named in one sentence
PLACES = ("line", "row")  # columns of numbers that count nothing


def terminal_width() -> int:
    """The columns of the terminal, or those that COLUMNS asks for; many where the output goes elsewhere."""
    return max(1, shutil.get_terminal_size((UNLIMITED, 24)).columns if sys.stdout.isatty() else _asked_width())


def _asked_width() -> int:
    asked = os.environ.get("COLUMNS", "")
    return int(asked) if asked.isdecimal() and int(asked) else UNLIMITED


def print_table(
    title: str,
    frame: pd.DataFrame,
    *,
    headings: Mapping[str, str] | None = None,
    see: str = "",
    breaks: Sequence[int] = (),
    important: int | None = None,
) -> None:
    """A table no wider than the terminal; columns that have no room are named, not squeezed to nothing.

    Parameters
    ----------
    title : printed above it
    frame : the most important columns first: the last ones give way on a narrow terminal
    headings : of columns that are called otherwise than `themetagger.report.columns.heading` has it
    see : the file in which all columns are, default none
    breaks : numbers of rows that an empty line stands before
    important : how many columns may take room from the names in the first one, default all
    """
    from themetagger.report.columns import heading

    _heading(f"{title}: none" if frame.empty else title)
    if frame.empty:
        return
    named = dict(headings or {})
    columns = [_column(frame, str(name), named.get(str(name), heading(str(name)))) for name in frame.columns]
    width = terminal_width()
    widths, hidden = fitted(columns, width, important)
    for line in lines_of(columns, widths, width, breaks):
        echo(line)
    if hidden:
        where = f"see {see}" if see else "widen the terminal to see them"
        names = "; ".join(column.heading for column in columns if column.name in hidden)
        say(f"Hidden columns (terminal too narrow): {names}; {where}.")
    echo()


def _heading(title: str) -> None:
    for line in wrapped(visible(title), terminal_width()):
        echo(line, bold=True)


def _column(frame: pd.DataFrame, name: str, heading: str) -> Column:
    values = frame[name]
    show = str if name in PLACES else _cell
    return column_of(name, heading, values, [visible(show(value)) for value in values])


def ranges(low: pd.Series[str], high: pd.Series[str]) -> pd.Series[str]:
    """Intervals as one text each, from the texts of their ends; a dash where an end is empty.

    Examples
    --------
    >>> import pandas as pd
    >>> ranges(pd.Series(["4.0 %", "", "2"]), pd.Series(["9.5 %", "", "3"])).tolist()
    ['4.0 to 9.5 %', '–', '2 to 3']
    """
    pairs = zip(low, high, strict=True)
    texts = [f"{one.removesuffix(' %')} to {other}" if one and other else DASH for one, other in pairs]
    return low.__class__(texts, index=low.index, dtype=object)


def whole(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """The table with some columns of numbers as whole ones; what is missing stays missing."""
    return frame.assign(**{name: frame[name].round().astype("Int64") for name in columns})


def _cell(cell: Any) -> str:
    import numpy as np

    from themetagger.report.text import cell_text

    if isinstance(cell, bool | np.bool_):
        return ("no", "yes")[bool(cell)]
    return f"{cell:,}" if isinstance(cell, int | np.integer) else cell_text(cell)


def say(text: str, *, first: str = "", rest: str = "") -> None:
    """Print a sentence; on a terminal its lines end between words, and lines after the first begin with ``rest``."""
    line = visible(f"{first}{text}")
    if not sys.stdout.isatty():
        echo(line)
        return
    for part in wrapped(line, max(20, terminal_width()), rest):
        echo(part)


def complain(text: str) -> None:
    """Print on standard error what is wrong; on a terminal its lines end between words, and what is indented stays."""
    first, *others = f"Error: {text}".split("\n")
    for line in [first, *(other if other.startswith(" ") else f"  {other}" for other in others)]:
        kept = not sys.stderr.isatty() or line.startswith(" ")
        for part in [line] if kept else wrapped(visible(line), max(20, _error_width()), "  "):
            echo(part, err=True)


def _error_width() -> int:
    """The columns of the terminal that errors go to, or those that COLUMNS asks for."""
    asked = _asked_width()
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns if asked == UNLIMITED else asked
    except (OSError, ValueError):
        return asked


def print_next(commands: Mapping[str, str]) -> None:
    """What to do next: for each thing to do a command to be copied; nothing where there are none."""
    if commands:
        echo("Next:")
    for what, command in commands.items():
        echo(f"  {what}:")
        print_command(command)


def print_command(command: str) -> None:
    """A command to be copied; where the terminal is too narrow for it, on lines that a shell takes as one."""
    words = visible(command)
    if not sys.stdout.isatty():
        echo(f"    {words}")
        return
    lines, room = [""], terminal_width() - 8
    for word in re.findall(r"(?:[^\s']|'[^']*')+", words):  # what is quoted stays together
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".lstrip()
    for number, line in enumerate(lines, start=1):
        echo(("    " if number == 1 else "      ") + line + (" \\" if number < len(lines) else ""))


def listed(names: Sequence[str], most: int = NAMED) -> str:
    """Names in a sentence; of many the first ones, and how many more there are.

    Examples
    --------
    >>> listed(["pay", "staff", "food"]), listed(["pay", "staff", "food"], most=2)
    ('pay, staff, food', 'pay, staff, and 1 more')
    """
    more = f", and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def print_notes(notes: Sequence[str]) -> None:
    """Notes, one per line."""
    for note in filter(None, notes):
        say(note, first="Note: ", rest="      ")
