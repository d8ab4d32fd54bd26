"""Where a key stands in a TOML text: the line of it, which the standard library's reader does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

_PART = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_KEY = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
Path = tuple[str, ...]


def line_of(text: str, path: Path) -> int:
    """The line, from 1, of the key at a path of names, or of the nearest table around it; 1 where there is none.

    Examples
    --------
    >>> text = '[run]\\ntrials = 5\\n\\n[theme."low pay"]\\ntarget = 2\\n'
    >>> line_of(text, ("run", "trials")), line_of(text, ("theme", "low pay", "target"))
    (2, 5)
    >>> line_of(text, ("theme", "low pay")), line_of(text, ("run", "seed"))
    (4, 1)
    """
    best, found = 0, 1
    for number, names in _keys(text):
        shared = next((i for i, (one, other) in enumerate(zip(names, path, strict=False)) if one != other), None)
        if shared is None and best < len(names) <= len(path):
            best, found = len(names), number
    return found


def _keys(text: str) -> Iterator[tuple[int, Path]]:
    """Each header and each key of a text: its line, and the names down to it."""
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("["):
            names = _names(line)
            if names:
                table = names
                yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *_names(f"{key[1]} = 0"))


def _names(line: str) -> Path:
    """The names in a line that is a header or a key; none where it is neither, such as a line of a longer value."""
    try:
        value = tomllib.loads(line)
    except (ValueError, RecursionError):
        return ()
    names = []
    while isinstance(value, dict) and value:
        name, value = next(iter(value.items()))
        names.append(name)
    return tuple(names)
