"""Scripts that are written without spaces between words: which characters are theirs, and where a sign begins.

There a run of characters between two spaces is a sentence rather than a word, and it would hardly occur twice. So signs
are counted: a sign is a letter with the marks on it, such as a Chinese character, a syllable of Japanese, or a Thai
consonant with its vowel and tone. Korean is written with spaces, and its syllables are left in their words.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

from themetagger.features.ngrams.ragged import CODE

# First and last characters. Digits and punctuation among them are left out.
WITH_MARKS = (
    (0x0E01, 0x0E4E),  # Thai
    (0x0E81, 0x0EDF),  # Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17DD),  # Khmer
    (0x3041, 0x30FF),  # kana
    (0xA9E0, 0xA9FE),  # Myanmar
    (0xAA60, 0xAA7F),  # Myanmar
    (0xFF66, 0xFF9F),  # kana of half width
)
WITHOUT_MARKS = (
    (0x3005, 0x3007),  # repeats or stands for a Chinese character
    (0x3105, 0x312F),  # bopomofo
    (0x31A0, 0x31BF),  # bopomofo
    (0x31F0, 0x31FF),  # kana
    (0x3400, 0x4DBF),  # Han, as all that follow but the third
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x1AFF0, 0x1B16F),  # kana
    (0x20000, 0x3FFFF),
)
FIRST = WITH_MARKS[0][0]  # no character before it is of these scripts
HALF_WIDTH_MARKS = "\uff9e\uff9f"  # letters by their category
ZERO = 0x3007  # a Chinese character, but a number by its category

OTHER, SIGN, MARK = 0, 1, 2  # not of these scripts; begins a sign; belongs to the sign before it


@cache
def kinds() -> npt.NDArray[np.int8]:
    """``OTHER``, ``SIGN`` or ``MARK`` of each character, by its code."""
    table = np.zeros(sys.maxunicode + 1, dtype=np.int8)
    for first, last in WITH_MARKS + WITHOUT_MARKS:
        codes = np.arange(first, last + 1, dtype=CODE)
        table[codes[np.char.isalpha(codes.view("<U1")) | (codes == ZERO)]] = SIGN
    for first, last in WITH_MARKS:
        table[[code for code in range(first, last + 1) if _is_mark(chr(code))]] = MARK
    return table


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Mc") or character in HALF_WIDTH_MARKS


def has_signs(codes: npt.NDArray[np.uint32]) -> bool:
    """Whether one of some characters is of these scripts."""
    beyond = codes[codes >= FIRST]
    return len(beyond) > 0 and bool(kinds()[beyond].any())


@cache
def classes() -> tuple[str, str]:
    """What begins a sign, and the marks, to stand between the brackets of a regular expression."""
    table = kinds()
    return _ranges(table == SIGN), _ranges(table == MARK)


def _ranges(chosen: npt.NDArray[np.bool_]) -> str:
    """The characters chosen as ranges, ``a-b`` one after the other."""
    bounds = np.flatnonzero(np.diff(chosen, prepend=False, append=False)).reshape(-1, 2).tolist()
    return "".join(f"{chr(first)}-{chr(behind - 1)}" for first, behind in bounds)


@cache
def finder() -> re.Pattern[str]:
    """Finds the first character of these scripts in a text.

    Examples
    --------
    >>> [bool(finder().search(text)) for text in ("工资", "กำ", "월급", "pay ½")]
    [True, True, False, False]
    """
    return re.compile(f"[{''.join(classes())}]")


@cache
def sign_pattern() -> re.Pattern[str]:
    """Finds signs, and what stands between them.

    Examples
    --------
    >>> sign_pattern().findall("工资low ที่")
    ['工', '资', 'low ', 'ที่']
    """
    signs, marks = classes()
    return re.compile(f"[{signs}][{marks}]*|[{marks}]+|[^{signs}{marks}]+")
