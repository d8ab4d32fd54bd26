"""Lists of themes as cells of a format that has no lists, in such a way that they are read again as they were."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from themetagger._utils.faces import option
from themetagger._utils.wording import agreeing
from themetagger.corpus.errors import TableError
from themetagger.corpus.formulas import is_formula
from themetagger.corpus.labels.cells import split_cell
from themetagger.corpus.labels.separators import joined, unescaped

SEPARATORS = (", ", "; ", " | ", " # ", " / ")  # tried in this order
FLAT = (".csv", ".tsv", ".xlsx")  # suffixes of formats whose cells hold no lists
_OPENING = ("[", "(", "{")  # a name that begins so may be taken for a list


@dataclass(frozen=True)
class Joining:
    """How the themes of a text become one cell.

    Parameters
    ----------
    separator : stands between them; None: they are a list, as JSON writes it
    wanted : the separator that readers expect
    because : the name for which another is taken; "" where none is

    Examples
    --------
    >>> Joining("; ").cell(["pay", "staff"]), Joining(None).cell(["Pay, bonus"]), Joining("; ").cell([])
    ('pay; staff', '["Pay, bonus"]', '')
    """

    separator: str | None
    wanted: str = SEPARATORS[0]
    because: str = ""

    def cell(self, names: Sequence[str]) -> str:
        """The themes of one text as a cell; empty where there are none."""
        if self.separator is None:
            return as_json(list(names)) if names else ""
        return joined(names, self.separator)

    def notes(self, columns: Sequence[str]) -> list[str]:
        """A note where ``columns`` are not separated as readers expect, and what to pass to read them."""
        if self.separator == self.wanted:
            return []
        those = f"{agreeing(len(columns), 'the column', 'the columns')} {' and '.join(map(repr, columns))}"
        if self.separator is None:
            holds = agreeing(len(columns), "holds", "hold")
            return [f"No separator can stand beside {self.because!r}: {those} {holds} lists, as JSON writes them."]
        return [
            f"{self.because!r} holds {self.wanted!r}, so the themes in {those} are separated by {self.separator!r}; to "
            f"read them, pass {option('separator', self.separator)}."
        ]


def joining_of(themes: Iterable[str], *, separator: str = SEPARATORS[0], strict: bool = True) -> Joining:
    """How lists of these themes become cells that are read as the same lists.

    Parameters
    ----------
    themes : all that may occur
    separator : that is wanted, default ", ". Where a name holds it, the first of `SEPARATORS` that no name holds is
        taken instead. Where a name could be taken for a list, or be run as a formula, the cells are lists as JSON
        writes them
    strict : whether to refuse instead, where another ``separator`` than the default is wanted; default True

    Raises
    ------
    TableError
        If ``strict``, and a name could not be read again beside the separator that is wanted.

    Examples
    --------
    >>> joining_of(["pay", "staff"]).separator, joining_of(["Pay, bonus", "Staff"]).separator
    (', ', '; ')
    >>> joining_of(["=pay", "[staff]"]).separator is None
    True
    """
    names, separator = list(themes), unescaped(separator)
    odd = next((name for name in names if _is_odd(name)), None)
    order = dict.fromkeys((separator, *SEPARATORS))
    holding = {one: next((name for name in names if _holds(name, one)), None) for one in order}
    usable = [] if odd is not None else [one for one, name in holding.items() if name is None]
    if usable[:1] == [separator]:
        return Joining(separator, separator)
    because = str(holding[separator] if odd is None else odd)
    if strict and separator != SEPARATORS[0]:
        other = f"pass another, such as {usable[0]!r}" if usable else "write a file of JSON (.jsonl)"
        raise TableError(f"{option('separator', separator)}: {because!r} could not be read again; {other}.")
    return Joining(usable[0] if usable else None, separator, because)


def _is_odd(name: str) -> bool:
    """Whether a name alone, or with others behind it, would be read as something else, or be run by a spreadsheet."""
    control = any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in name)
    return control or name.startswith(_OPENING) or is_formula(f"{name}{SEPARATORS[0]}x")


def _holds(name: str, separator: str) -> bool:
    """Whether a name would be cut at this separator, or is read as another one."""
    cells = (joined(names, separator) for names in ([name], [name, name]))
    return any(split_cell(cell, separator=separator) != [name] for cell in cells)


def as_json(value: Any) -> str:
    """A value as JSON in one line; sets and arrays as lists, and what JSON does not know as text.

    >>> as_json(["pay", {"a": None}])
    '["pay", {"a": null}]'
    """
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):  # NumPy's
        return value.tolist()
    return sorted(value, key=str) if isinstance(value, set | frozenset) else str(value)
