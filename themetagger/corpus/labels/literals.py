"""Lists and objects that a table holds as text, as Python, JSON, NumPy and databases write them."""

from __future__ import annotations

import ast
import csv
import json
import re
import warnings
from typing import Any

from themetagger.corpus.labels.errors import CellError

_CLOSING = {"[": "]", "(": ")", "{": "}"}
_NOTHING = {"nan", "none", "null", "na", "nat"}  # of a list's members, without quotes
_TRUTHS = {"true": True, "false": False}
_CONTAINERS = {"set", "frozenset", "list", "tuple", "array", "Index"}
_SCALARS = {"str_", "int64", "int32", "int8", "uint8", "float64", "float32", "bool_"}  # as NumPy shows members
_CALL = re.compile(rf"(?:np\.|numpy\.|pd\.)?(?:{'|'.join(sorted(_CONTAINERS))})\(.*\)", re.DOTALL)
_STRING = r"(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_QUOTED = re.compile(rf"[\[{{]\s*['\"]|\(\s*{_STRING}\s*,", re.DOTALL)  # as a list of quoted names begins
_ARRAY = re.compile(rf"\[\s*{_STRING}(?:\s+{_STRING})+\s*\]", re.DOTALL)
_NUMBERS = re.compile(r"\[\s*[-+]?[\d.]+(?:e[-+]?\d+)?(?:\s+[-+]?[\d.]+(?:e[-+]?\d+)?)*\s*\]")
_DEEPEST = 20


class _Unreadable(ValueError):
    """A text that is no literal."""


def literal(text: str) -> Any:
    """The list or dict that a text writes; None of a text that writes none.

    Nothing is run: only lists, tuples, sets, arrays and objects of plain values are known. Sets and tuples come as
    lists; NaN, null and None as None.

    Raises
    ------
    CellError
        If the text begins like a list of quoted names and cannot be read as one.

    Examples
    --------
    >>> literal("['pay', 'staff']"), literal('["pay", null]'), literal("{'pay'}"), literal("['pay' 'staff']")
    (['pay', 'staff'], ['pay', None], ['pay'], ['pay', 'staff'])
    >>> literal("set()"), literal("[0. 1.]"), literal("[pay, staff]"), literal("pay")
    ([], [0.0, 1.0], None, None)
    """
    text = text.strip()
    if _CLOSING.get(text[:1]) != text[-1:] and not _CALL.fullmatch(text):
        if _QUOTED.match(text):
            raise CellError(text, "begins like a list, but does not end like one; correct it")
        return None
    for read in (_json, _array, _python):
        try:
            value = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if not isinstance(value, list | dict | str):  # (1) and (none) are names
            return None
        return [value] if isinstance(value, str) else value
    if _QUOTED.match(text):
        raise CellError(text, "looks like a list, but cannot be read as one; correct its quotes and commas")
    return None


def bare_list(text: str, separator: str) -> list[str] | None:
    """The members of a list without quotes, such as ``[pay, staff]`` or a database's ``{pay,"low staff"}``; else None.

    In round brackets only the separator of the table divides: what stands in them may be one name.

    >>> bare_list("[pay, staff]", ", "), bare_list('{pay,"bonus, pension"}', ", "), bare_list("(bays, permits)", ";")
    (['pay', 'staff'], ['pay', 'bonus, pension'], ['bays, permits'])
    """
    text = text.strip()
    if not is_bracketed(text):
        return None
    inner, bare = text[1:-1], separator.strip() or separator
    mark = bare if bare in inner or text[0] == "(" else ","
    if mark == ",":
        parts = [part for line in csv.reader([inner], skipinitialspace=True) for part in line]
    else:
        parts = inner.split(mark)
    names = [part.strip() for part in parts]
    return [name for name in names if name and name.casefold() not in _NOTHING]


def is_bracketed(text: str) -> bool:
    """Whether a text stands in brackets as a whole: ``[a]``, not ``[a], [b]``.

    >>> is_bracketed("[a, (b)]"), is_bracketed("[a], [b]"), is_bracketed("a (b)")
    (True, False, False)
    """
    if len(text) < 2 or _CLOSING.get(text[0]) != text[-1]:
        return False
    depth = 0
    for character in text[:-1]:
        depth += (character == text[0]) - (character == text[-1])
        if not depth:  # the first bracket is closed before the end
            return False
    return True


def _json(text: str) -> Any:
    return json.loads(text, parse_constant=lambda _: None)


def _array(text: str) -> Any:
    """An array as NumPy shows it: without commas, over several lines where it is long."""
    if _NUMBERS.fullmatch(text):
        return [float(part) for part in text[1:-1].split()]
    if _ARRAY.fullmatch(text):
        return [_python(part) for part in re.findall(_STRING, text, re.DOTALL)]
    raise _Unreadable(text)


def _python(text: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a backslash in a name
        tree = ast.parse(text, mode="eval")
    return _value(tree.body, text, 0)


def _value(node: ast.expr, text: str, depth: int) -> Any:
    """The value of a piece of Python that is a literal; nothing is evaluated."""
    if depth > _DEEPEST:
        raise _Unreadable(text)
    if isinstance(node, ast.Constant):
        return _constant(node, text)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_value(part, text, depth + 1) for part in node.elts]
    if isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
        keys = [_value(key, text, depth + 1) for key in node.keys if key is not None]
        return dict(zip(keys, [_value(part, text, depth + 1) for part in node.values], strict=True))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        number = node.operand.value
        if isinstance(number, int | float):
            return -number
    if isinstance(node, ast.Name | ast.Attribute):
        return _word(node, text)
    if isinstance(node, ast.Call):
        return _called(node, text, depth)
    raise _Unreadable(text)


def _constant(node: ast.Constant, text: str) -> Any:
    value = node.value
    if not isinstance(value, str | int | float | None):
        raise _Unreadable(text)
    if isinstance(value, str):
        written = ast.get_source_segment(text, node) or ""
        if not re.fullmatch(rf"[rRuU]?{_STRING}", written, re.DOTALL):  # 'a' 'b', which Python makes one name
            raise _Unreadable(text)
    return value


def _word(node: ast.Name | ast.Attribute, text: str) -> Any:
    word = (node.id if isinstance(node, ast.Name) else node.attr).casefold().rstrip("_")
    if word in _NOTHING:
        return None
    if word in _TRUTHS:
        return _TRUTHS[word]
    raise _Unreadable(text)


def _called(node: ast.Call, text: str, depth: int) -> Any:
    """What ``set()``, ``array([...], dtype=object)`` or ``np.str_('pay')`` shows."""
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in _CONTAINERS and len(node.args) <= 1:
        inner = _value(node.args[0], text, depth + 1) if node.args else []
        if isinstance(inner, list):
            return inner
    if name in _SCALARS and len(node.args) == 1:
        return _value(node.args[0], text, depth + 1)
    raise _Unreadable(text)
