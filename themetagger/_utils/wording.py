"""Wording of messages: numbers that agree with their nouns."""

from __future__ import annotations


def number_of(n: int, noun: str, plural: str = "") -> str:
    """A number with its noun, the plural by an s where no other is given.

    Examples
    --------
    >>> number_of(1, "theme"), number_of(1200, "row"), number_of(0, "class", "classes")
    ('1 theme', '1,200 rows', '0 classes')
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def agreeing(n: int, one: str, many: str) -> str:
    """The words that agree with a number.

    Examples
    --------
    >>> [f"{n} of 9 texts {agreeing(n, 'is', 'are')} empty" for n in (1, 2)]
    ['1 of 9 texts is empty', '2 of 9 texts are empty']
    """
    return one if n == 1 else many
