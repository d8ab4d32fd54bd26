"""What a tagger file says of a pretrained text encoder, and what it may not say."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from themetagger.features.encoders.record import ModelRecord

RECORD = ModelRecord("org/minilm", "0f" * 32, 384, "mean")
HELD: dict[str, Any] = {"name": "org/minilm", "sha256": "0f" * 32, "width": 384, "pooling": "mean"}


def as_array(text: str) -> Any:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def test_it_comes_back_from_its_array() -> None:
    arrays = RECORD.to_arrays()
    assert {name: (array.dtype.name, array.ndim) for name, array in arrays.items()} == {"record": ("uint8", 1)}
    assert ModelRecord.from_arrays(arrays) == RECORD
    assert json.loads(arrays["record"].tobytes()) == HELD


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": ""}, "name of a text encoder is no text"),
        ({"name": "a" * 201}, "name of a text encoder is no text"),
        ({"name": "pay\x1b[2J"}, "name of a text encoder is no text"),
        ({"name": 3}, "name of a text encoder is no text"),
        ({"pooling": None}, "pooling of a text encoder is no text"),
        ({"sha256": "0f"}, "SHA-256 of a text encoder is not 64"),
        ({"sha256": "../" + "0" * 61}, "SHA-256 of a text encoder is not 64"),
        ({"sha256": "0F" * 32}, "SHA-256 of a text encoder is not 64"),
        ({"width": 0}, "vectors of 0 numbers"),
        ({"width": 8193}, "vectors of 8193 numbers"),
        ({"width": True}, "vectors of True numbers"),
        ({"width": 384.0}, "vectors of 384.0 numbers"),
        ({"path": "/home"}, "other fields"),
    ],
)
def test_anything_else_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ModelRecord.from_arrays({"record": as_array(json.dumps(HELD | changed))})


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"record": as_array("[]")},
        {"record": as_array("{")},
        {"record": as_array('"\\ud800')},
        {"record": np.full(3, 255, np.uint8)},
        {"record": np.zeros((2, 2), np.uint8)},
        {"record": np.zeros(3, np.int32)},
        {"record": as_array(json.dumps(HELD) + " " * 4_096)},
        RECORD.to_arrays() | {"weights": np.zeros(3, np.float32)},
    ],
)
def test_what_is_no_record_is_refused(arrays: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        ModelRecord.from_arrays(arrays)
