"""What is raised where a cell holds no names of themes."""

from __future__ import annotations

from typing import Any

from themetagger.corpus.errors import TableError

_SHOWN = 60  # characters of a cell


class CellError(ValueError):
    """A cell that cannot be read as names: the part that cannot, and what is wrong with it.

    >>> str(CellError({"label": 4}, "is an object, not the name of a theme; write the names"))
    "{'label': 4} is an object, not the name of a theme; write the names."
    """

    def __init__(self, value: Any, wrong: str) -> None:
        """Keep both for a message."""
        shown = str(value)[:_SHOWN]
        super().__init__(f"{shown!r} {wrong}." if isinstance(value, str) else f"{shown} {wrong}.")

    def at(self, source: str, place: str, column: str) -> TableError:
        """The same as an error of a table, with the place of the cell."""
        return TableError(f"{source}, {place}, column {column!r}: {self}")
