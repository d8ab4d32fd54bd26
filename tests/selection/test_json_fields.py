"""Tables of JSON fields: each type comes back as it was written, and what does not fit is named with its place."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from themetagger.selection.json_fields import (
    FIGURE,
    FLAG,
    SETTINGS,
    TEXT,
    WHOLE,
    JsonField,
    constant,
    one_of,
    read_fields,
    write_fields,
)

TABLE = (
    JsonField("theme", TEXT),
    JsonField("status", one_of(("good", "bad"))),
    JsonField("texts", WHOLE),
    JsonField("kept", FLAG),
    JsonField("score", FIGURE),
    JsonField("settings", SETTINGS),
    JsonField("low", FIGURE, 1, constant(None)),
    JsonField("high", FIGURE, 1, constant("inf")),
    JsonField("half", WHOLE, 2, lambda data: data["texts"] // 2),
)
VALUES: dict[str, Any] = {
    **{"theme": "pay", "status": "good", "texts": 7, "kept": True, "score": 0.5, "settings": {"a": [1, None, "x"]}},
    **{"low": -math.inf, "high": 0.25, "half": 4},
}


def test_values_come_back_in_the_order_of_the_table() -> None:
    data = json.loads(json.dumps(write_fields(VALUES, TABLE, "of a test"), allow_nan=False))
    assert list(data) == [field.name for field in TABLE]
    assert read_fields(data, TABLE, "test") == VALUES


def test_values_of_numpy_become_those_of_json() -> None:
    numpy = {"texts": np.int64(7), "kept": np.bool_(True), "score": np.float32(0.5), "settings": {"a": np.arange(2)}}
    data = write_fields(VALUES | numpy, TABLE, "of a test")
    assert [type(data[name]) for name in ("texts", "kept", "score")] == [int, bool, float]
    assert data["settings"] == {"a": [0, 1]}


def test_nan_is_null() -> None:
    data = write_fields(VALUES | {"score": math.nan}, TABLE, "of a test")
    assert data["score"] is None
    assert math.isnan(read_fields(data, TABLE, "test")["score"])


def test_an_older_object_gets_the_fields_of_later_additions() -> None:
    data = write_fields(VALUES, TABLE, "of a test")
    older = {name: data[name] for name in list(data)[:6]}
    read = read_fields(older, TABLE, "test")
    assert math.isnan(read["low"])
    assert (read["high"], read["half"]) == (math.inf, 3)
    middle = read_fields(older | {"low": 0.1, "high": 0.2}, TABLE, "test")
    assert (middle["low"], middle["high"], middle["half"]) == (0.1, 0.2, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": ...}, "missing or unknown low"),  # half of an addition is damage, not age
        ({"theme": ...}, "missing or unknown theme"),
        ({"surprise": 1}, "missing or unknown surprise"),
        ({"theme": 3}, r"test\['theme'\] must be a text, but is 3"),
        ({"status": "odd"}, r"test\['status'\] must be one of good, bad, but is 'odd'"),
        ({"texts": True}, r"test\['texts'\] must be a whole number, but is True"),
        ({"kept": 1}, r"test\['kept'\] must be true or false, but is 1"),
        ({"score": "high"}, r"test\['score'\] must be a number, null, 'inf' or '-inf', but is 'high'"),
        ({"settings": []}, r"test\['settings'\] must be an object"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, Any], message: str) -> None:
    data = write_fields(VALUES, TABLE, "of a test") | change
    with pytest.raises(ValueError, match=message):
        read_fields({name: value for name, value in data.items() if value is not ...}, TABLE, "test")


@pytest.mark.parametrize("data", [None, [1], "text"])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match="test must be an object, but is "):
        read_fields(data, TABLE, "test")


@pytest.mark.parametrize("value", [math.nan, b"bytes", {1: "a"}, {"deep": {2}}])
def test_a_setting_that_would_not_come_back_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"JSON cannot hold .*settings of a test"):
        write_fields(VALUES | {"settings": {"a": value}}, TABLE, "of a test")
