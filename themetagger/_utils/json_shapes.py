"""What JSON values of our own files must look like, as small checkers that say where one does not fit.

A checker takes a value and its place, and returns the value, or raises a ValueError that begins with the place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

Shape = Callable[[Any, str], Any]

LONG = 10_000  # characters of a text that people read
BIG = 2**53


def whole(low: int = 0, high: int = BIG) -> Shape:
    """A whole number from ``low`` to ``high``.

    Examples
    --------
    >>> whole()(7, "rows"), fails(whole(), True, "rows")
    (7, 'rows must be a whole number from 0 to 9007199254740992, but is True')
    """

    def check(value: Any, where: str) -> Any:
        if type(value) is not int or not low <= value <= high:
            raise _error(where, f"a whole number from {low} to {high}", value)
        return value

    return check


def number(low: float = -1e300, high: float = 1e300) -> Shape:
    """A number from ``low`` to ``high``, whole or not."""

    def check(value: Any, where: str) -> Any:
        if type(value) not in (int, float) or not low <= value <= high:
            raise _error(where, f"a number from {low:g} to {high:g}", value)
        return value

    return check


def text(most: int = LONG) -> Shape:
    """A text of at most so many characters."""

    def check(value: Any, where: str) -> Any:
        if not isinstance(value, str) or len(value) > most:
            raise _error(where, f"a text of at most {most:,} characters", value)
        return value

    return check


def exactly(*values: Any) -> Shape:
    """One of some values, and not what only equals it, as 1 and true do."""

    def check(value: Any, where: str) -> Any:
        if not any(type(value) is type(known) and value == known for known in values):
            raise _error(where, f"one of {', '.join(map(repr, values))}", value)
        return value

    return check


def either(what: str, *shapes: Shape) -> Shape:
    """What one of the shapes allows; ``what`` says that in words.

    Examples
    --------
    >>> fails(either("a text or null", text(), exactly(None)), 3, "sheet")
    'sheet must be a text or null, but is 3'
    """

    def check(value: Any, where: str) -> Any:
        for shape in shapes:
            try:
                return shape(value, where)
            except ValueError:
                continue
        raise _error(where, what, value)

    return check


def anything(value: Any, where: str) -> Any:
    """Any value."""
    return value


FLAG = exactly(True, False)
SCALAR = either("a number, a short text, true, false or null", number(), text(1_000), exactly(True, False, None))


def list_of(shape: Shape, *, least: int = 0, most: int = 1_000_000) -> Shape:
    """A list of values of a shape."""

    def check(value: Any, where: str) -> Any:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise _error(where, f"a list of {least} to {most:,} values", value)
        return [shape(item, f"{where}[{i}]") for i, item in enumerate(value)]

    return check


def by_name(shape: Shape, *, most: int = 1_000_000) -> Shape:
    """An object whose values, under any names, have a shape."""

    def check(value: Any, where: str) -> Any:
        if not isinstance(value, Mapping) or len(value) > most:
            raise _error(where, f"an object of at most {most:,} values", value)
        return {name: shape(item, f"{where}[{name!r:.80}]") for name, item in value.items()}

    return check


def record(needed: Mapping[str, Shape], more: Mapping[str, Shape] | None = None, *, others: bool = False) -> Shape:
    """An object with these fields, of which those in ``more`` may be missing, and with ``others`` any others too.

    Examples
    --------
    >>> fails(record({"rows": whole()}), {"rows": 1.5}, "data")
    'data.rows must be a whole number from 0 to 9007199254740992, but is 1.5'
    >>> fails(record({"rows": whole()}), {}, "data"), fails(record({}), {"rwos": 1}, "data")
    ('data.rows is missing', 'data.rwos is unknown')
    """
    known = {**needed, **(more or {})}

    def check(value: Any, where: str) -> Any:
        if not isinstance(value, Mapping):
            raise _error(where, "an object", value)
        begin = f"{where}." if where else ""
        for name in needed:
            if name not in value:
                raise ValueError(f"{begin}{name} is missing")
        for name in value:
            if name not in known and not others:
                raise ValueError(f"{begin}{name:.80} is unknown")
        return {name: known.get(name, anything)(item, f"{begin}{name}") for name, item in value.items()}

    return check


def fails(shape: Shape, value: Any, where: str) -> str:
    """How a value does not fit; empty where it does."""
    try:
        shape(value, where)
    except ValueError as error:
        return str(error)
    return ""


def finite(value: float) -> bool:
    """Whether a number is neither nan nor infinite, also a whole one that is too large for a float."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _error(where: str, what: str, value: Any) -> ValueError:
    shown = f"{type(value).__name__} of {len(value):,}" if isinstance(value, list | Mapping) else _shown(value)
    return ValueError(f"{where or 'it'} must be {what}, but is {shown}")


def _shown(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**40:
        return "a number of more than 40 digits"
    return f"{value!r:.60}" if not isinstance(value, str) else repr(value[:60])
