"""Lines that end between words, and never within what is to be copied: an option and its value, a quoted name."""

from __future__ import annotations

import re

_JOINT = "\ue000"  # stands for a space at which no line may end; no font has a sign for it
_TOGETHER = re.compile(
    r"--[a-z][a-z-]*[ =]'[^'\n]*'"  # an option and its value in quotes
    r"|--[a-z][a-z-]* [^\s'-]\S*"  # or without
    r"|(?<![^\s(])'[^'\n]+'(?!\w)"  # a quoted name
    r"|`[^`\n]+`"  # a command in a sentence
    r"|(?<=[0-9]) (?:%|(?:s|min|h|MB|px)\b)"  # a figure and its unit
)


def width_of(text: str) -> int:
    """The columns of a terminal that a text takes; a Chinese sign or an emoji takes two.

    Examples
    --------
    >>> width_of("pay"), width_of("薪水")
    (3, 4)
    """
    from rich.cells import cell_len

    return len(text) if text.isascii() else cell_len(text)


def wrapped(text: str, width: int, rest: str = "") -> list[str]:
    """The lines of a text, none wider than so many columns of a terminal, except for a word that is.

    Parameters
    ----------
    text : of one paragraph
    width : columns
    rest : what lines after the first begin with, default nothing

    Examples
    --------
    >>> wrapped("the theme 'pay and benefits' is new; pass --separator '; ' to read it", 28, "  ")
    ["the theme 'pay and benefits'", '  is new; pass', "  --separator '; ' to read", '  it']
    >>> wrapped("a/very/long/path/to/table.csv is empty", 12)
    ['a/very/long/path/to/table.csv', 'is empty']
    """
    room = width - len(rest)
    joined = _TOGETHER.sub(lambda part: part[0].replace(" ", _JOINT) if width_of(part[0]) < room else part[0], text)
    lines, used = [""], 0
    for gap, word in re.findall(r"(\s*)(\S+)", joined):  # several spaces stay several: a column may stand behind them
        wide = width_of(word)
        if lines[-1].strip() and used + len(gap) + wide > width:
            lines.append(rest + word)
            used = len(rest) + wide
        else:
            lines[-1] += gap + word
            used += len(gap) + wide
    return [line.replace(_JOINT, " ") for line in lines]
