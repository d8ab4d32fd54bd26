"""A tiny ONNX model, written byte by byte: each token is looked up in a table of vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

FLOAT, INT64 = 1, 7  # types of numbers, as the format counts them


def _number(value: int) -> bytes:
    found = b""
    while value > 0x7F:
        found, value = found + bytes([value & 0x7F | 0x80]), value >> 7
    return found + bytes([value])


def _field(place: int, value: bytes | str | int) -> bytes:
    """A field of a protocol buffer: a number, or a length and bytes."""
    if isinstance(value, int):
        return _number(place << 3) + _number(value)
    data = value.encode() if isinstance(value, str) else value
    return _number(place << 3 | 2) + _number(len(data)) + data


def _value(name: str, kind: int, *sizes: str) -> bytes:
    """An input or output with the names of its sizes."""
    shape = b"".join(_field(1, _field(2, size)) for size in sizes)
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, shape)))


def write_lookup(path: Path, table: npt.NDArray[np.float32], *, more: tuple[str, ...] = ("attention_mask",)) -> None:
    """Write a model of the inputs input_ids and ``more``, and the output last_hidden_state."""
    tensor = _field(1, table.shape[0]) + _field(1, table.shape[1]) + _field(2, FLOAT)
    tensor += _field(8, "table") + _field(9, table.astype("<f4").tobytes())
    nodes = _field(
        1, _field(1, "table") + _field(1, "input_ids") + _field(2, "last_hidden_state") + _field(4, "Gather")
    )
    inputs = b"".join(_field(11, _value(name, INT64, "batch", "tokens")) for name in ("input_ids", *more))
    output = _field(12, _value("last_hidden_state", FLOAT, "batch", "tokens", "width"))
    graph = nodes + _field(2, "lookup") + _field(5, tensor) + inputs + output
    path.write_bytes(_field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 13)))
