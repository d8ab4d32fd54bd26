"""JSON texts as values, strictly: no key twice, nothing nested without end; shared by the readers of JSON."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from themetagger.corpus.column_names import shown
from themetagger.corpus.errors import TableError

_DEEPEST = 30  # lists within lists that a table may have


class _RepeatedKey(ValueError):
    """An object names a key twice; the decoder alone would keep the last in silence."""


class _OddNumber(ValueError):
    """A number that cannot be kept as it stands; ``written`` is how that is."""

    def __init__(self, written: str, reason: str) -> None:
        super().__init__(reason)
        self.written = written


def parsed(text: str, *, source: str, first_line: int) -> Any:
    """The value of a JSON text that begins on a line of its file; TableError where it is no plain JSON."""
    deep = f"{source}, line {first_line} or after: nested too deeply; it needs plain objects."
    try:
        table = json.loads(text, **_HOOKS)
    except json.JSONDecodeError as error:
        raise TableError(
            f"{source}, line {first_line + error.lineno - 1}, column {error.colno}: not JSON ({error.msg}); "
            "correct the file there."
        ) from None
    except _RepeatedKey as error:
        raise TableError(f"{source}, line {first_line} or after: {error}") from None
    except _OddNumber as error:
        line = first_line + text.count("\n", 0, text.find(error.written))
        raise TableError(f"{source}, line {line}: {error}; put it into quotes, or correct it.") from None
    except RecursionError:
        raise TableError(deep) from None
    if _is_deep(table):
        raise TableError(deep)
    return table


def _is_deep(value: Any) -> bool:
    """Whether lists and objects stand within each other more than ``_DEEPEST`` times."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            part
            for whole in level
            if isinstance(whole, list | dict)
            for part in (whole.values() if isinstance(whole, dict) else whole)
        ]
    return bool(level)


def _constant(name: str) -> None:
    """NaN and Infinity, which pandas writes where a value is missing."""
    return None


def _whole(written: str) -> int:
    try:
        return int(written)
    except ValueError:  # some thousands of digits, for which Python would take quadratic time
        digits = len(written.lstrip("-"))
        raise _OddNumber(written, f"the number {written[:20]}... has {digits:,} digits") from None


def _real(written: str) -> float:
    number = float(written)
    if math.isinf(number):
        raise _OddNumber(written, f"the number {shown(written)[1:-1]} is too large")
    return number


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        twice = next(name for name, n in Counter(name for name, _ in pairs).items() if n > 1)
        raise _RepeatedKey(f"an object has two values called {shown(twice)}; rename one of them.")
    return table


_HOOKS: dict[str, Any] = {
    "object_pairs_hook": _without_repeats,
    "parse_constant": _constant,
    "parse_int": _whole,
    "parse_float": _real,
}


def checked_object(record: Any, *, source: str, unit: str, number: int) -> dict[str, Any]:
    """The record, if it is an object; else a TableError that names its place."""
    if not isinstance(record, dict):
        raise TableError(
            f"{source}, {unit} {number}: {str(record)[:60]!r} is not an object; "
            'each text needs one such as {"Processed Text": "...", "Themes": "..."}.'
        )
    return record


def names_of(records: Iterable[dict[str, Any]], *, source: str) -> list[str]:
    """The names of all records' values, in the order in which they come."""
    names = list(dict.fromkeys(name for record in records for name in record))
    for name in names:
        if any("\ud800" <= character <= "\udfff" for character in name):
            raise TableError(f"{source}: a value is called {name!r}, which holds half a surrogate pair; rename it.")
    return names
