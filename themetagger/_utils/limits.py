"""How long names and texts may be that tagger files hold: what is written keeps to it, and what is read is held to it.

A name is written once a row where its theme is assigned, and a text column is read once a row as often as it is named,
so that without a limit a small file could ask for any amount of memory.
"""

from __future__ import annotations

from collections.abc import Iterable

LONGEST_NAME = 1_000  # characters of the name of a theme
ALL_NAMES = 2_000_000  # characters of the names of all themes: what a row has at most
LONGEST_COLUMN = 10_000  # characters of the name of a column: some are questions, with what to tick
MOST_TEXT_COLUMNS = 100  # that are joined to one text
LONGEST_REASON = 10_000  # characters of why a theme has the status that it has; may quote an error


def repeated(values: Iterable[str]) -> str | None:
    """The first value that came before; None where all are different.

    Examples
    --------
    >>> repeated(["title", "body", "title"]), repeated(["title"])
    ('title', None)
    """
    seen: set[str] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None


def shortened(text: str, longest: int) -> str:
    """A text that is cut where it is longer than that, and says so by three dots.

    Examples
    --------
    >>> shortened("every trial failed", 8), shortened("every", 8)
    ('every...', 'every')
    """
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
