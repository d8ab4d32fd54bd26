"""The normal forms of Unicode, in time linear in the length of a text whatever is in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

MARKS = 30  # combining marks in a row: no language has as many (Unicode Standard Annex 15, Stream-Safe Text Format)
JOINER = "\u034f"  # the combining grapheme joiner, which that format puts behind them; it is never seen
TOGETHER = 1_000  # texts that are looked through at once: one by one takes five times as long
_LAST = 0x20000  # no combining mark is behind it
_WITHOUT = range(0x3400, 0xA000)  # ideographs


def normal_form(form: Form, text: str) -> str:
    """The text in a normal form of Unicode; a run of more than 30 combining marks is cut by joiners before.

    Marks are put into order by a sort that takes quadratic time in the length of their run, minutes for a megabyte.

    Examples
    --------
    >>> normal_form("NFC", "Cafe\u0301"), normal_form("NFKC", "\ufb01ne")
    ('Café', 'fine')
    >>> normal_form("NFC", "x" + "\u0301\u0316" * 20) == "x" + "\u0316" * 15 + "\u0301" * 15 + JOINER + "\u0316" * 5 \
+ "\u0301" * 5
    True
    """
    return normal_forms(form, [text])[0]


def normal_forms(form: Form, texts: Sequence[str]) -> list[str]:
    """As `normal_form`, of several texts, which are looked through together."""
    return [unicodedata.normalize(form, text) for text in _stream_safe(texts)]


def _stream_safe(texts: Sequence[str]) -> Iterator[str]:
    """The texts with a joiner behind every 30 combining marks of a longer run."""
    return chain.from_iterable(_safe(texts[start : start + TOGETHER]) for start in range(0, len(texts), TOGETHER))


def _safe(texts: Sequence[str]) -> Sequence[str]:
    suspects = [text for text in texts if len(text) > MARKS and not text.isascii()]
    if not suspects or not _has_long_run("\n".join(suspects)):
        return texts
    return [text if text.isascii() else _runs().sub(rf"\g<0>{JOINER}", text) for text in texts]


def _has_long_run(text: str) -> bool:
    """Whether more than 30 combining marks follow one another."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    marks = _marks().take(codes, mode="clip")
    if not marks.any():
        return False
    others = np.flatnonzero(~np.concatenate([[False], marks, [False]]))
    return bool(np.diff(others).max() > MARKS + 1)


@cache
def _marks() -> npt.NDArray[np.bool_]:
    """Which characters are, or decompose into, combining marks alone, by their codes; the last stands for all more."""
    marks = np.zeros(_LAST + 1, dtype=np.bool_)
    for code in chain(range(0x300, _WITHOUT.start), range(_WITHOUT.stop, _LAST)):
        sign = chr(code)
        if unicodedata.decomposition(sign):
            sign = unicodedata.normalize("NFKD", sign)[0]
        marks[code] = unicodedata.combining(sign)
    return marks


@cache
def _runs() -> re.Pattern[Any]:
    """30 combining marks that have another one behind them."""
    marks = "".join(map(chr, np.flatnonzero(_marks())))
    return re.compile(f"[{marks}]{{{MARKS}}}(?=[{marks}])")
