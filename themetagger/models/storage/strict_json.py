"""JSON read strictly: no duplicate keys, no nesting without end, no number that readers understand differently.

Python's own reader takes the last of two equal keys, NaN, and whole numbers of any length, which may take it minutes.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

# A value takes up to 300 bytes while it is read, so that these are half a gigabyte. The manifest of a tagger has 60 to
# 300 values a theme.
MOST_VALUES = 2_000_000
LARGEST = 2**53  # beyond it, a reader that keeps numbers as float64 reads another whole number


def read_json(text: str, *, finite: bool = True) -> Any:
    """The value of a JSON text; where it need not be ``finite``, NaN and Infinity are read as Python writes them.

    Raises
    ------
    ValueError
        If the text is no JSON, has a key twice in one object, more than ``MOST_VALUES`` values, lists within lists
        without end, a whole number beyond ``LARGEST``, or a number that is not finite.

    Examples
    --------
    >>> read_json('{"pay": [1, 0.5, null]}')
    {'pay': [1, 0.5, None]}
    >>> read_json('{"pay": 1, "pay": 2}')
    Traceback (most recent call last):
    ValueError: the key 'pay' occurs twice
    """
    if sum(map(text.count, ",[{")) > MOST_VALUES:  # each value follows one of them
        raise ValueError(f"it has more than {MOST_VALUES:,} values")
    try:
        return json.loads(
            text,
            object_pairs_hook=_once,
            parse_int=_whole,
            parse_float=_finite,
            parse_constant=_no_number if finite else None,
        )
    except RecursionError:
        raise ValueError("its lists are nested without end") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice!r} occurs twice")
    return entries


def _whole(digits: str) -> int:
    # its length first: a number of a million digits takes long to read
    if len(digits) > len(str(LARGEST)) + 1 or abs(number := int(digits)) > LARGEST:
        raise ValueError(f"the number {digits[:20]} is too large")
    return number


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"the number {digits[:20]} is too large")
    return number


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")
