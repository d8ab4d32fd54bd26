"""JSON objects as tables of fields: the name of each, its JSON type, and what stands for it in files older than it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Reader = Callable[[Any, str], Any]  # a JSON value and its place, for messages; a ValueError where it does not fit
Writer = Callable[[Any, str], Any]


@dataclass(frozen=True)
class JsonType:
    """How a value is written as a JSON value, and read back."""

    write: Writer
    read: Reader


@dataclass(frozen=True)
class JsonField:
    """One field of a JSON object.

    Parameters
    ----------
    name, type : of the field
    addition : which addition to the format brought the field; 0 (default): it has been there from the start
    older : the JSON value of the field in files from before that addition, made from the other fields
    """

    name: str
    type: JsonType
    addition: int = 0
    older: Callable[[Mapping[str, Any]], Any] | None = None


def write_fields(values: Mapping[str, Any], table: Sequence[JsonField], where: str) -> dict[str, Any]:
    """The JSON object of some values, in the order of the table; ``where`` ends the messages.

    Examples
    --------
    >>> write_fields({"precision": math.nan}, [JsonField("precision", FIGURE)], "of a test")
    {'precision': None}
    """
    return {field.name: field.type.write(values[field.name], f"{field.name} {where}") for field in table}


def read_fields(data: Any, table: Sequence[JsonField], what: str) -> dict[str, Any]:
    """Read back what `write_fields` wrote, also in an older version.

    Parameters
    ----------
    data : a JSON value
    table : the fields that it must have
    what : the name of the object in messages

    Raises
    ------
    ValueError
        If a key is missing or unknown, or a value has another type.

    Examples
    --------
    >>> table = [JsonField("theme", TEXT), JsonField("trials", WHOLE, addition=1, older=lambda data: 0)]
    >>> read_fields({"theme": "pay"}, table, "result")
    {'theme': 'pay', 'trials': 0}
    """
    if isinstance(data, Mapping):
        data = _with_additions(data, table)
    check_keys(data, {field.name for field in table}, what)
    return {field.name: field.type.read(data[field.name], f"{what}[{field.name!r}]") for field in table}


def _with_additions(data: Mapping[str, Any], table: Sequence[JsonField]) -> Mapping[str, Any]:
    """An older object with all fields of today; of an addition there are all fields or none, else it is damaged."""
    for addition in sorted({field.addition for field in table if field.older is not None}):
        added = [field for field in table if field.addition == addition and field.older is not None]
        if not any(field.name in data for field in added):
            data = {**data, **{field.name: field.older(data) for field in added if field.older is not None}}
    return data


def check_keys(data: Any, names: set[str], what: str) -> None:
    """Refuse what is not an object with exactly these keys."""
    if not isinstance(data, Mapping):
        raise ValueError(f"{what} must be an object, but is {type(data).__name__} {data!r:.80}.")
    if odd := names ^ set(data):
        listed = ", ".join(sorted(map(str, odd)))
        raise ValueError(f"The keys of {what} do not fit: missing or unknown {listed}.")


def constant(value: Any) -> Callable[[Mapping[str, Any]], Any]:
    """What stands in all older files, whatever their other fields.

    Examples
    --------
    >>> constant(0)({"theme": "pay"})
    0
    """
    return lambda data: value


def figure(value: float) -> float | str | None:
    """A number as a JSON value: nan becomes null, an infinite number the text "inf" or "-inf".

    Examples
    --------
    >>> figure(0.5), figure(math.nan), figure(-math.inf)
    (0.5, None, '-inf')
    """
    value = float(value)
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else str(value)


def read_figure(value: Any, where: str) -> float:
    """The number that `figure` wrote."""
    if value is None:
        return math.nan
    if isinstance(value, bool) or not (isinstance(value, int | float) or value in ("inf", "-inf")):
        raise ValueError(f"{where} must be a number, null, 'inf' or '-inf', but is {value!r}.")
    return float(value)


def plain(value: Any, where: str) -> Any:
    """A setting as a JSON value: NumPy values become Python's, tuples lists.

    Raises
    ------
    ValueError
        If it would not come back the same, such as nan, bytes or keys that are not texts.
    """
    value = value.tolist() if type(value).__module__ == "numpy" else value
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: plain(item, where) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, where) for item in value]
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ValueError(f"JSON cannot hold {value!r} ({where}); use finite numbers, texts, lists and dicts.")


def _reader(kind: type, what: str) -> Reader:
    def read(value: Any, where: str) -> Any:
        # bool is an int to Python, yet a count of True would be a damaged file
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"{where} must be {what}, but is {value!r}.")
        return value

    return read


def _unchanged(value: Any, where: str) -> Any:
    return value


TEXT = JsonType(_unchanged, _reader(str, "a text"))
WHOLE = JsonType(lambda value, where: int(value), _reader(int, "a whole number"))
FLAG = JsonType(lambda value, where: bool(value), _reader(bool, "true or false"))
FIGURE = JsonType(lambda value, where: figure(value), read_figure)
SETTINGS = JsonType(plain, _reader(dict, "an object"))


def one_of(allowed: Sequence[str]) -> JsonType:
    """One of some texts."""

    def read(value: Any, where: str) -> str:
        if value not in allowed:
            raise ValueError(f"{where} must be one of {', '.join(allowed)}, but is {value!r}.")
        return str(value)

    return JsonType(_unchanged, read)
