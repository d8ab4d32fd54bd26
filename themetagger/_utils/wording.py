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


def share_of_percent(percent: float) -> str:
    """How a share is written that somebody gave in percent.

    Examples
    --------
    >>> share_of_percent(90)
    'write 0.9 for 90 %'
    """
    return f"write {percent / 100:g} for {percent:g} %"


def not_in_percent(value: object) -> str:
    """What to add to the message on a share that is too large: how it is written, where percent were meant.

    Examples
    --------
    >>> not_in_percent(95), not_in_percent(-1), not_in_percent(300)
    ('; write 0.95 for 95 %', '', '')
    """
    meant = isinstance(value, int | float) and 2 <= value <= 100
    return f"; {share_of_percent(float(value))}" if meant and isinstance(value, int | float) else ""
