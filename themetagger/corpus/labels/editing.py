"""A name put into a cell, or taken out of it, in the way in which the cell is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from themetagger.corpus.labels.cells import Names
from themetagger.corpus.labels.columns import ThemeColumn
from themetagger.corpus.labels.separators import PAIRS, bare, joined
from themetagger.corpus.table import is_missing


def with_name(cell: Any, name: str, column: ThemeColumn, *, listed: bool = False) -> Any | None:
    """The cell with one name more; None where it would be read as others. ``listed``: an empty cell becomes a list.

    >>> from themetagger.corpus.labels.columns import ThemeColumn
    >>> column = ThemeColumn("Themes", ", ", frozenset(), ())
    >>> with_name("pay ,", "staff", column), with_name('["pay"]', "staff", column), with_name("", "a, b", column)
    ('pay, staff', '["pay", "staff"]', None)
    """
    names = [*column.read(cell).names, name]
    if is_missing(cell) or (isinstance(cell, str) and not cell.strip()):
        new: Any = [name] if listed and is_missing(cell) else joined([name], column.separator)
    elif isinstance(cell, str) and column.read(cell).form == "text":
        mark = bare(column.separator)
        more = joined([name], column.separator)
        new = (
            cell.rstrip() + more
            if mark in PAIRS
            else f"{cell.rstrip().removesuffix(mark).rstrip()}{column.separator}{name}"
        )
    else:
        new = _rewritten(
            cell, names, [*cell, name] if isinstance(cell, Sequence) and not isinstance(cell, str) else None
        )
    return _checked(new, names, column)


def without_names(cell: Any, out: Callable[[str], bool], column: ThemeColumn) -> Any | None:
    """The cell without the names for which ``out`` is true; None where the rest would be read as others.

    >>> from themetagger.corpus.labels.columns import ThemeColumn
    >>> without_names("pay , staff", lambda name: name == "pay", ThemeColumn("Themes", ", ", frozenset(), ()))
    'staff'
    """
    read = column.read(cell)
    names = [name for name in read.names if not out(name)]
    if isinstance(cell, str) and read.form == "text":
        mark = bare(column.separator)
        if mark in PAIRS or mark in "\n\t":
            new: Any = joined(names, column.separator)
        else:
            new = mark.join(part for part in cell.split(mark) if not out(part.strip())).strip()
    else:
        kept = None
        if not isinstance(cell, str | Mapping) and read.form == "list":
            kept = [part for part in cell if is_missing(part) or not out(str(part).strip())]
        new = _rewritten(cell, names, kept)
    return _checked(new, names, column)


def _rewritten(cell: Any, names: Names, members: Sequence[Any] | None) -> Any:
    """A list or an object, or one written as text, that holds these names."""
    if isinstance(cell, Mapping):
        return dict.fromkeys(cell, names) if len(cell) == 1 else None
    if not isinstance(cell, str):
        return names if members is None else list(members)
    text = cell.strip()
    try:
        value = json.loads(text)
    except ValueError:
        return _python(text, names)
    return json.dumps(_rewritten(value, names, None), ensure_ascii=False)


def _python(text: str, names: Names) -> str | None:
    """The names as a list, tuple or set, with quotes where the cell has quotes."""
    if text[0] not in "[({" or ":" in text.split(",")[0]:
        return None
    if not any(quote in text for quote in "'\""):
        return text[0] + ", ".join(names) + text[-1]
    if text[0] == "(":
        return repr(tuple(names))
    return f"{text[0]}{', '.join(map(repr, names))}{text[-1]}"


def _checked(new: Any, names: Names, column: ThemeColumn) -> Any | None:
    """What was written, if it is read as these names."""
    try:
        return new if new is not None and column.read(new).names == names else None
    except ValueError:
        return None
