"""What stands between the names in a cell: a text, a line break or tab as people type it, or brackets around each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from themetagger.corpus.labels.errors import CellError

PAIRS = ("<>", "[]", "{}", "()")  # brackets that stand around each name
_TYPED = {r"\n": "\n", r"\r": "\r", r"\t": "\t"}
_CODED = re.compile(r"\\x([0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})")
_BREAKS = re.compile(r"\r\n|\r|\n|\\r\\n|\\n")
_TABS = re.compile(r"\t|\\t")


def unescaped(separator: str) -> str:
    r"""A separator in which ``\n``, ``\t``, ``\x1f`` and the like, as people type them, are what they mean.

    >>> unescaped(r"\n"), unescaped(r"\t"), unescaped(r"\x1f"), unescaped("; ")
    ('\n', '\t', '\x1f', '; ')
    """
    for typed, character in _TYPED.items():
        separator = separator.replace(typed, character)
    return _CODED.sub(lambda code: chr(int(code[1] or code[2], 16)), separator)


def bare(separator: str) -> str:
    """A separator without its outer spaces, where it is more than space, a hyphen or a word.

    >>> bare(", "), bare(" - "), bare(" and ")
    (',', ' - ', ' and ')
    """
    mark = separator.strip()
    if mark == "-" or mark.isalnum():  # which stand in names too
        return separator
    return mark or ("\n" if "\n" in separator or "\r" in separator else separator)


def split_text(text: str, separator: str) -> list[str]:
    r"""The stripped parts of a text, empty ones left out; a text as a whole where brackets should stand around each.

    A line break is any of ``\n``, ``\r\n`` and ``\r``, and those that an export has written as a backslash and n.

    Raises
    ------
    CellError
        If ``separator`` is a pair of brackets and something stands outside of them.

    Examples
    --------
    >>> split_text("pay , staff,,", ", "), split_text("<pay><staff>", "<>"), split_text("pay\r\nstaff", "\n")
    (['pay', 'staff'], ['pay', 'staff'], ['pay', 'staff'])
    """
    mark = bare(separator)
    if mark in PAIRS:
        parts = _within(text, mark)
    elif mark == "\n":
        parts = _BREAKS.split(text)
    elif mark == "\t":
        parts = _TABS.split(text)
    else:
        parts = text.split(mark)
    return [name for part in parts if (name := part.strip())]


def joined(names: Sequence[str], separator: str) -> str:
    """Names as one text.

    >>> joined(["pay", "staff"], ", "), joined(["pay", "staff"], "<>")
    ('pay, staff', '<pay><staff>')
    """
    mark = bare(separator)
    if mark in PAIRS:
        return "".join(f"{mark[0]}{name}{mark[1]}" for name in names)
    return separator.join(names)


def _within(text: str, pair: str) -> list[str]:
    opening, closing = map(re.escape, pair)
    if opening[-1] not in text and closing[-1] not in text:
        return [text]
    one = rf"{opening}([^{opening}{closing}]*){closing}"
    if not re.fullmatch(rf"[\s,;|]*(?:{one}[\s,;|]*)+", text):
        raise CellError(text, f"is not written as {pair[0]}one{pair[1]}{pair[0]}other{pair[1]}; correct it")
    return re.findall(one, text)
