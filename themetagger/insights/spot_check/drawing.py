"""The tags of a table, each on each distinct text once, in a random order that only the tags and a seed decide."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from themetagger.corpus.duplicates import normalised

_LETTERS = "abcdefghijklmnopqrstuvwxyz"  # a spreadsheet makes no number or date of them
_KEY = 12  # letters: among a million tags two are the same once in 200,000 tables
EVERY = "all themes"


@dataclass(frozen=True)
class Tag:
    """A theme that a text was given.

    Attributes
    ----------
    place : of the text in its table, such as "7"
    theme, text : the tag
    key : letters by which it is known again, whatever a spreadsheet does to its text
    """

    place: str
    theme: str
    text: str
    key: str


@dataclass(frozen=True)
class Scope:
    """Tags that are judged together: those of one theme, or of several.

    Attributes
    ----------
    name : the theme, or "all themes", or how many themes
    themes : whose tags they are
    tags : in the order in which they are drawn
    """

    name: str
    themes: tuple[str, ...]
    tags: tuple[Tag, ...]

    @cached_property
    def positions(self) -> dict[str, int]:
        """The position of each tag, from 0, by its key."""
        return {tag.key: position for position, tag in enumerate(self.tags)}


def distinct_tags(places: Sequence[str], texts: Sequence[str], themes: Sequence[Sequence[str]]) -> list[Tag]:
    """The tags of n texts; of texts that differ only by case, white space and Unicode form the first counts.

    Examples
    --------
    >>> [tag.place for tag in distinct_tags(["2", "3"], ["Low pay", "low  pay"], [["pay"], ["pay"]])]
    ['2']
    """
    found: dict[tuple[str, str], Tag] = {}
    for place, text, names in zip(places, texts, themes, strict=True):
        form = normalised(text)
        for theme in names:
            if (theme, form) not in found:
                found[theme, form] = Tag(place, theme, text, _key(f"{theme}\0{form}"))
    return list(found.values())


def scopes_of(tags: Iterable[Tag], themes: Sequence[str], *, each_theme: bool, seed: int) -> list[Scope]:
    """The tags of some themes, in random order: together, or a scope for each theme that has any.

    The order does not depend on that of the table.
    """
    drawn = sorted((tag for tag in tags if tag.theme in set(themes)), key=lambda tag: _order(seed, tag))
    if each_theme:
        return [
            Scope(theme, (theme,), own)
            for theme in themes
            if (own := tuple(tag for tag in drawn if tag.theme == theme))
        ]
    name = themes[0] if len(themes) == 1 else EVERY
    return [Scope(name, tuple(themes), tuple(drawn))] if drawn else []


def _order(seed: int, tag: Tag) -> bytes:
    return hashlib.sha256(f"{seed}\0{tag.theme}\0{normalised(tag.text)}".encode("utf-8", "replace")).digest()


def _key(content: str) -> str:
    number = int.from_bytes(hashlib.sha256(content.encode("utf-8", "replace")).digest()[:8], "big")
    letters = []
    for _ in range(_KEY):
        number, letter = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[letter])
    return "".join(letters)
