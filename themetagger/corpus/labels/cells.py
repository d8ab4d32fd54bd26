"""One cell as names of themes: separated text, a list, a list written as text, or an object that holds names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np

from themetagger._utils.faces import option
from themetagger.corpus.labels.errors import CellError
from themetagger.corpus.labels.literals import bare_list, literal
from themetagger.corpus.labels.separators import split_text
from themetagger.corpus.table import is_missing

Names = list[str]
Form = Literal["text", "number", "list", "written list", "bare list", "object", "named objects"]
LABEL_KEYS = ("label", "name", "text")  # of an object, what it is called; the first that it has
_LIST_KEYS = {"choices", "labels", "label", "tags", "themes", "topics", "categories", "classes", "codes", "names"}
_DOUBTFUL = {"score", "scores", "probability", "confidence", "prob", "value", "weight"}  # beside a label: is it given?
_SPAN = {"start", "end", "labels", "offset"}  # of an object whose "text" is a part of the text
_ON_OFF = {"0", "1", "0.0", "1.0"}


@dataclass(frozen=True)
class Cell:
    """What a cell says.

    Attributes
    ----------
    names : each once, in order
    form : how it says them
    vector : it holds nothing but 0 and 1
    certain : so many of them that they can be no codes
    key : of an object, where its names stand
    """

    names: Names
    form: Form = "text"
    vector: bool = False
    certain: bool = False
    key: str = ""


EMPTY = Cell([])


def read_cell(cell: Any, *, separator: str = ", ", bare: frozenset[str] = frozenset()) -> Cell:
    """The names in one cell, stripped, each once.

    Parameters
    ----------
    cell : a text, a number, a list, tuple, set or array of names, an object that holds such a list, or nothing
    separator : stands between the names in a text
    bare : opening brackets in which names without quotes are a list, such as "[" for ``[pay, staff]``

    Raises
    ------
    CellError
        If the cell holds something else: a truth value, an object without a name, a list within a list.

    Examples
    --------
    >>> read_cell("pay, staff").names, read_cell("['pay', 'staff']").names, read_cell({"choices": ["pay"]}).names
    (['pay', 'staff'], ['pay', 'staff'], ['pay'])
    """
    if is_missing(cell):
        return EMPTY
    if isinstance(cell, str):
        return _of_text(cell, separator, bare)
    if isinstance(cell, set | frozenset):
        return _of_list(sorted(cell, key=str), "list")
    if isinstance(cell, list | tuple | np.ndarray):
        return _of_list(list(cell), "list")
    if isinstance(cell, Mapping):
        return _of_object(cell)
    return _cell([_name(cell)], "number")


def split_cell(cell: Any, *, separator: str = ", ") -> Names | None:
    """The themes in one cell, as of `read_cell`; None where it holds none of a known kind.

    A string is split at ``separator`` without its outer spaces (where it is more than space), so ", " also
    splits "a,b": a theme that itself contains a comma needs another separator. A missing cell holds no theme.

    >>> split_cell("pay , staff,, pay"), split_cell(["pay", " staff "]), split_cell(None), split_cell(True)
    (['pay', 'staff'], ['pay', 'staff'], [], None)
    """
    try:
        return read_cell(cell, separator=separator).names
    except CellError:
        return None


def _of_text(text: str, separator: str, bare: frozenset[str]) -> Cell:
    stripped = text.strip()
    value = literal(stripped) if stripped[-1:] in ("]", ")", "}") or stripped[:1] in ("[", "(", "{") else None
    if isinstance(value, Mapping):
        return _of_object(value)
    if value is not None:
        return _of_list(value, "written list")
    names = bare_list(stripped, separator) if stripped[:1] in bare else None
    if names is not None:
        return _cell(names, "bare list")
    return _cell(split_text(stripped, separator), "text")


def _of_list(members: Sequence[Any], form: Form, key: str = "") -> Cell:
    members = [member for member in members if not is_missing(member)]
    if members and all(isinstance(member, Mapping) for member in members):
        labels = [_label_of(member) for member in members]
        return _cell([name for name, _ in labels], "named objects", key=" and ".join(sorted({k for _, k in labels})))
    if members and all(isinstance(member, bool | np.bool_) for member in members):
        raise CellError(list(members), f"is a vector of truth values, not names; {one_column_each()}")
    if _are_scores(members):
        raise CellError(list(members), "is a list of numbers such as scores, not names; write the names")
    return _cell([_name(member) for member in members], form, key=key)


def one_column_each() -> str:
    """The remedy for a column of 0 and 1, or of truth values."""
    return f"write one column a theme and pass {option('theme_columns')}"


def _of_object(cell: Mapping[Any, Any]) -> Cell:
    """An object with one value, a list of names as labelling tools write it, or one that is called something."""
    if not cell:
        return EMPTY
    key, value = next(iter(cell.items()))
    if len(cell) == 1 and str(key).casefold() in _LIST_KEYS:
        if is_missing(value):
            return EMPTY
        if isinstance(value, list | tuple | set | np.ndarray):
            return _of_list(list(value), "object", key=str(key))
        if isinstance(value, str):
            return _cell([value], "object", key=str(key))
    name, key = _label_of(cell)
    return _cell([name], "named objects", key=key)


def _label_of(member: Mapping[Any, Any]) -> tuple[str, str]:
    """What an object is called, and the key that says so; nothing beside it may say that it does not hold."""
    wrong = "is an object, not the name of a theme; write the names"
    key = next((key for key in LABEL_KEYS if key in member), None)
    if key is None or not isinstance(member[key], str) or (key == "text" and _SPAN & set(member)):
        raise CellError(dict(member), wrong)
    others = {str(name): value for name, value in member.items() if name != key}
    if any(isinstance(value, bool | float) for value in others.values()) or _DOUBTFUL & set(map(str.casefold, others)):
        raise CellError(dict(member), "is an object that says more of a theme than its name; write the names that hold")
    return member[key], key


def _cell(raw: Sequence[str], form: Form, key: str = "") -> Cell:
    parts = [part for text in raw if (part := text.strip())]
    vector = bool(parts) and set(parts) <= _ON_OFF
    certain = vector and len(parts) > 2 and len(set(parts)) < len(parts) and bool({"0", "0.0"} & set(parts))
    return Cell(list(dict.fromkeys(parts)), form, vector, certain, key)


def _name(member: Any) -> str:
    """A member of a list, or a cell that is neither text nor list, as a name; a whole number without its fraction."""
    if isinstance(member, str):
        if member.strip()[:1] in ("[", "(", "{") and _is_literal(member):
            raise CellError(member, "is a list written as text within a list; write the names as one list")
        return member
    if isinstance(member, bool | np.bool_):
        raise CellError(member, f"is a truth value, not the name of a theme; {one_column_each()}")
    if isinstance(member, Mapping):
        raise CellError(dict(member), "is an object, not the name of a theme; write the names")
    if isinstance(member, list | tuple | set | frozenset | np.ndarray):
        raise CellError(list(member), "is a list within a list; write the names of a row as one list")
    if isinstance(member, Integral):
        return str(member)
    if isinstance(member, Real) and math.isfinite(number := float(member)):
        return str(int(number)) if number.is_integer() else repr(number)
    raise CellError(member, f"is no name of a theme; it must be a text or a list ({_columns_hint()})")


def _columns_hint() -> str:
    return f"for 0/1 columns, one per theme, pass {option('theme_columns')}"


def _is_literal(text: str) -> bool:
    try:
        return literal(text) is not None
    except CellError:
        return True


def _are_scores(members: Sequence[Any]) -> bool:
    """Whether a list holds numbers from 0 to 1, and not only these two."""
    numbers = [float(member) for member in members if isinstance(member, Real) and not isinstance(member, bool)]
    if not numbers or len(numbers) < len(members):
        return False
    return all(0 <= number <= 1 for number in numbers) and any(number % 1 for number in numbers)
