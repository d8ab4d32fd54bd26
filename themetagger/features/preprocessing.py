"""Named text steps: the chain a text goes through before it is tokenised, the same when tuning and when tagging."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import islice

from themetagger._utils.unicode_forms import Form, normal_form, normal_forms

URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
WORD = re.compile(r"\w+")

AT_ONCE = 1_000  # texts that are held between two steps
DEFAULT_STEPS = ("nfc", "lower")
MOST_TIMES = 2  # that a step may be named; a text goes through all that are named, and some make it longer each time


def _strip_accents(text: str) -> str:
    # letter by letter, so that marks need not be put into order before they go
    letters = (c for letter in text for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", "".join(letters))


@cache
def _english_stop_words() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS)


def _drop_stop_words(text: str) -> str:
    stop = _english_stop_words()
    return WORD.sub(lambda word: "" if word[0].lower() in stop else word[0], text)


STEPS: dict[str, Callable[[str], str]] = {
    "nfc": lambda text: normal_form("NFC", text),
    "nfkc": lambda text: normal_form("NFKC", text),
    "lower": str.lower,
    "accents": _strip_accents,
    "urls": lambda text: URL.sub(" urlurl ", text),
    "numbers": lambda text: NUMBER.sub(" 00 ", text),  # two digits: a word of one character is passed over
    "stop_words": _drop_stop_words,
}


_FORMS: dict[str, Form] = {"nfc": "NFC", "nfkc": "NFKC"}  # of many texts at once


def check_steps(steps: Sequence[str]) -> tuple[str, ...]:
    """The chain as a tuple; a ValueError where a step is unknown, which names all known ones, or named too often."""
    unknown = [step for step in steps if step not in STEPS]
    if unknown:
        raise ValueError(f"text step {unknown[0]!r} is unknown; choose from {', '.join(STEPS)}.")
    for step, times in Counter(steps).items():
        if times > MOST_TIMES:
            raise ValueError(
                f"text step {step!r} is named {times:,} times, and may be {MOST_TIMES} times; name it once."
            )
    return tuple(steps)


def clean(texts: Iterable[str], steps: Sequence[str] = DEFAULT_STEPS) -> list[str]:
    """Texts after every step of the chain, in order.

    Examples
    --------
    >>> clean(["Café, 3.5 km: https://x.org/a"], ("lower", "accents", "urls", "numbers"))
    ['cafe,  00  km:  urlurl ']
    """
    chain, done, texts = check_steps(steps), list[str](), iter(texts)
    while portion := list(islice(texts, AT_ONCE)):
        for step in chain:
            form = _FORMS.get(step)
            portion = list(map(STEPS[step], portion)) if form is None else normal_forms(form, portion)
        done += portion
    return done
