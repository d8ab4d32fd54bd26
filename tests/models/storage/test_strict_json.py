"""Strict JSON: what it reads is what json reads, and what two readers could understand in two ways is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from themetagger.models.storage import strict_json
from themetagger.models.storage.strict_json import LARGEST, read_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST, LARGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_json_writes_comes_back(value: Any) -> None:
    assert read_json(json.dumps(value)) == value


REFUSED = {
    "a key twice": ('{"a": 1, "b": {"c": 1, "c": 1}}', "the key 'c' occurs twice"),
    "not a number": ("[NaN]", "NaN is not a number in JSON"),
    "infinity": ("[Infinity]", "Infinity is not a number in JSON"),
    "minus infinity": ("[-Infinity]", "-Infinity is not a number in JSON"),
    "a float that becomes infinite": ("[1e400]", "the number 1e400 is too large"),
    "a float that becomes minus infinite": ("[-1e400]", "the number -1e400 is too large"),
    "a whole number that is no float64": (f"[{LARGEST + 1}]", "is too large"),
    "a negative one": (f"[{-LARGEST - 1}]", "is too large"),
    "a number of many digits": ("[" + "9" * 100_000 + "]", "the number 99999999999999999999 is too large"),
    "lists within lists": ("[" * 100_000 + "]" * 100_000, "without end"),
    "objects within objects": ('{"a":' * 100_000 + "1" + "}" * 100_000, "without end"),
    "no JSON": ("{'a': 1}", "Expecting property name"),
    "nothing": ("", "Expecting value"),
    "more behind it": ("1 2", "Extra data"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_is_ambiguous_or_endless_is_refused(name: str) -> None:
    text, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        read_json(text)


@pytest.mark.parametrize("text", ["[[],[],[]]", '{"a":1,"b":2,"c":3,"d":4}', "[1,2,3,4]", "[{},{},{}]"])
def test_more_values_than_a_tagger_has_are_refused_before_they_are_read(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    assert read_json(text)
    monkeypatch.setattr(strict_json, "MOST_VALUES", 3)
    monkeypatch.setattr(strict_json.json, "loads", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(ValueError, match="more than 3 values"):
        read_json(text)
