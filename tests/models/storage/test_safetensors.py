"""The header of a safetensors file is checked before an array is read; arrays come back as the library reads them."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from themetagger.models.storage import safetensors as tensors
from themetagger.models.storage.safetensors import open_file, read_arrays, read_header

ARRAYS = {
    "weights": np.linspace(-1, 1, 7, dtype=np.float32),
    "exact": np.array([0.1, -0.0, 1e300]),
    "index": np.arange(12, dtype=np.int32).reshape(3, 4),
    "offsets": np.arange(3),
    "text": np.frombuffer(b"pay", dtype=np.uint8),
    "empty": np.zeros((0, 5), dtype=np.float64),
}


def write(path: Path, header: Any, body: bytes = b"", *, length: int | None = None) -> Path:
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(head) if length is None else length).to_bytes(8, "little") + head + body)
    return path


def read(path: Path) -> dict[str, Any]:
    with open_file(path) as file:
        return read_arrays(file, read_header(file))


def entry(dtype: Any = "F64", shape: Any = (1,), offsets: Any = (0, 8), **more: Any) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets} | more


def test_arrays_come_back_as_the_library_reads_them(tmp_path: Path) -> None:
    save_file(ARRAYS, tmp_path / "a", metadata={"who": "we"})
    found, known = read(tmp_path / "a"), load_file(tmp_path / "a")
    assert {name: (array.dtype, array.shape, array.tobytes()) for name, array in found.items()} == {
        name: (array.dtype, array.shape, array.tobytes()) for name, array in known.items()
    }
    assert set(found) == set(ARRAYS)
    with open_file(tmp_path / "a") as file:
        assert read_header(file).metadata == {"who": "we"}


def test_arrays_are_aligned_and_cannot_be_written_to(tmp_path: Path) -> None:
    """Compiled code relies on the first; two models may stand on one array."""
    header = {"a": entry("U8", [1], [0, 1]), "b": entry("F64", [1], [1, 9])}
    for array in read(write(tmp_path / "a", header, b"\1" + np.array([0.5]).tobytes())).values():
        assert array.flags.aligned
        assert not array.flags.writeable
    assert read(tmp_path / "a")["b"].tolist() == [0.5]


REFUSED: dict[str, tuple[Any, str]] = {
    "a list": ([], "metadata is not texts by name"),
    "a number": (7, "metadata is not texts by name"),
    "metadata a list": ({"__metadata__": []}, "metadata is not texts by name"),
    "metadata of numbers": ({"__metadata__": {"a": 1}}, "metadata is not texts by name"),
    "array null": ({"a": None}, "needs dtype, shape and data_offsets"),
    "array without a type": ({"a": {"shape": [1], "data_offsets": [0, 8]}}, "needs dtype, shape and data_offsets"),
    "array with more": ({"a": entry(code="x")}, "needs dtype, shape and data_offsets"),
    "unknown type": ({"a": entry("O")}, "array 'a' is of type 'O', expected one of F32, F64, I32, I64, U8"),
    "type a list": ({"a": entry(["F64"])}, "is of type"),
    "shape null": ({"a": entry(shape=None)}, "has the shape None"),
    "shape a float": ({"a": entry(shape=[1.0])}, "has the shape"),
    "shape true": ({"a": entry(shape=[True])}, "has the shape"),
    "shape negative": ({"a": entry(shape=[-1, -1])}, "has the shape"),
    "shape of three": ({"a": entry(shape=[1, 1, 1])}, "has the shape"),
    "shape too large": ({"a": entry(shape=[2])}, "does not fit into bytes 0 to 8"),
    "shape that overflows": ({"a": entry(shape=[2**32, 2**32])}, "does not fit into bytes"),
    "offsets of three": ({"a": entry(offsets=[0, 8, 8])}, "the offsets"),
    "offsets negative": ({"a": entry(offsets=[-8, 0])}, "the offsets"),
    "offsets turned": ({"a": entry(offsets=[8, 0])}, "does not fit into bytes 8 to 0"),
    "offsets behind the end": ({"a": entry(offsets=[8, 16])}, "begins at byte 8 where 0 was expected"),
    "bytes of two arrays": ({"a": entry(), "b": entry()}, "begins at byte 0 where 8 was expected"),
    "arrays beyond the end": ({"a": entry(shape=[2], offsets=[0, 16])}, "take 16 bytes, but there are 8"),
    "bytes of no array": ({}, "take 0 bytes, but there are 8"),
    "a name twice": (b'{"a": {}, "a": {}}', "the key 'a' occurs twice"),
    "no UTF-8": (b'{"\xff": 1}', "codec can't decode"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "codec can't decode"),
    "no JSON": (b"{", "Expecting property name"),
    "without end": (b"[" * 100_000, "without end"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_a_header_that_does_not_describe_the_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    header, message = REFUSED[name]
    monkeypatch.setattr(np, "frombuffer", lambda *_: pytest.fail("an array was made"))
    with pytest.raises(ValueError, match=message):
        read(write(tmp_path / "a", header, bytes(8)))


@pytest.mark.parametrize("length", [3, 2**40, 2**63, 2**64 - 1])
def test_a_header_longer_than_the_file_is_refused_before_it_is_read(tmp_path: Path, length: int) -> None:
    path = write(tmp_path / "a", b"{}", length=length)
    with open_file(path) as file, pytest.raises(ValueError, match=f"claims a header of {length:,} bytes"):
        read_header(file)


LIMITS = {
    "MOST_HEADER": (20, "claims a header"),
    "MOST_ARRAYS": (1, "more than 1 arrays"),
    "MOST_BYTES": (99, "larger"),
}


@pytest.mark.parametrize("name", list(LIMITS))
def test_more_than_a_tagger_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    header = {"a": entry(), "b": entry(offsets=[8, 16])}
    path = write(tmp_path / "a", header, bytes(16))
    assert len(read(path)) == 2
    limit, message = LIMITS[name]
    monkeypatch.setattr(tensors, name, limit)
    with pytest.raises(ValueError, match=message):
        read(path)


def test_a_file_of_holes_is_refused_by_its_size(tmp_path: Path) -> None:
    """It takes no room on the disk, and would take all memory."""
    with open(tmp_path / "a", "wb") as file:
        file.write((2).to_bytes(8, "little") + b"{}")
        file.truncate(tensors.MOST_BYTES + 1)
    with pytest.raises(ValueError, match="larger than"):
        read(tmp_path / "a")


def test_a_file_that_shrinks_while_it_is_read_is_refused() -> None:
    with pytest.raises(ValueError, match="it ends too early"):
        read_arrays(io.BytesIO(b"1234"), tensors.Header({}, {}, 5))


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_what_is_no_file_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Any) -> None:
    make(tmp_path / "a")
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(ValueError, match="this is not a regular file"):
        open_file(tmp_path / "a")


def test_a_pipe_that_takes_the_name_in_between_does_not_keep_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "a")
    monkeypatch.setattr(os, "stat", lambda _: os.lstat(__file__))
    with pytest.raises(ValueError, match="this is not a regular file"):
        open_file(tmp_path / "a")
