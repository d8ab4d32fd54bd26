"""The arrays of a safetensors file, read only after its header was checked.

The file is eight bytes with the length of the header, the header in JSON (name -> type, shape, first and last byte, and
``__metadata__``, texts by name), and the bytes of the arrays one after the other.

The safetensors library writes these files, and would refuse nearly the same: 1,140 of 1,147 damaged and forged ones
(tests/benchmarks/safetensors_checks.py); the others have an array of three dimensions, or of a type that no tagger has.
It does not read them, because a service should outlive a bad file (version 0.8, measured):

- it maps the file into memory, so that the process dies of a bus error where somebody copies another file over it;
- where memory runs out, it panics in Rust, which in Python is no ``Exception``;
- it copies each array: 230 MB of arrays take 460 MB;
- it counts the arrays of a file only after it has read them all, 700,000 in 8 s.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from themetagger.models.storage.strict_json import read_json

Arrays = dict[str, npt.NDArray[Any]]

TYPES = {"F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8", "U8": "|u1"}  # what a tagger is made of
MOST_DIMENSIONS = 2
MOST_HEADER = 64 * 2**20  # bytes; a theme takes some 3 kB of it, so that 20,000 themes fit
MOST_ARRAYS = 200_000  # each takes microseconds, however short it is: 5,000 themes of five forests have 150,000
MOST_BYTES = 8 * 2**30  # of a whole file; 593 themes on 100,000 terms take a quarter of a gigabyte
_LENGTH = 8


@dataclass(frozen=True)
class Place:
    """Where an array begins and ends, in bytes after the header, and what it is."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class Header:
    """What a file says about itself: texts by name, the place of each array, and the number of bytes of all arrays."""

    metadata: dict[str, str]
    places: dict[str, Place]
    body: int


def open_file(path: Path) -> IO[bytes]:
    """Open a file for reading; a ValueError for a folder, a pipe or a device, which could block a reader for ever."""
    if not stat.S_ISREG(os.stat(path).st_mode):  # before it is opened, since opening may be enough to wake a device
        raise ValueError("this is not a regular file")
    # without O_NONBLOCK, a pipe that takes the name in between would block us until somebody writes to it
    file = open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise ValueError("this is not a regular file")
    return file


def read_header(file: IO[bytes]) -> Header:
    """The header of an open file, with nothing read but the header.

    Raises
    ------
    ValueError
        If the file is too short or too large, or the header is not JSON, or does not describe the bytes after it:
        every byte belongs to one array, whose type is known and whose shape fits.
    """
    size = os.fstat(file.fileno()).st_size
    if size > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
    length = int.from_bytes(_exactly(file, _LENGTH), "little")
    if length > min(MOST_HEADER, size - _LENGTH):
        raise ValueError(f"it claims a header of {length:,} bytes")
    entries = read_json(_exactly(file, length).decode("utf-8"))
    metadata = entries.pop("__metadata__", {}) if isinstance(entries, dict) else None
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise ValueError("its metadata is not texts by name")
    if len(entries) > MOST_ARRAYS:
        raise ValueError(f"it has more than {MOST_ARRAYS:,} arrays")
    header = Header(metadata, {name: _place(name, entry) for name, entry in entries.items()}, size - _LENGTH - length)
    _check_cover(header)
    return header


def read_arrays(file: IO[bytes], header: Header) -> Arrays:
    """The arrays by name, read-only, of a file that is open behind its header."""
    body = _exactly(file, header.body)
    return {name: _array(body, place) for name, place in header.places.items()}


def _array(body: bytes, place: Place) -> npt.NDArray[Any]:
    dtype = np.dtype(TYPES[place.dtype])
    flat = np.frombuffer(body, dtype, (place.end - place.begin) // dtype.itemsize, place.begin)
    if not flat.flags.aligned:  # which compiled code may rely on
        flat = flat.copy()
        flat.flags.writeable = False
    return flat.reshape(place.shape)


def _place(name: str, entry: Any) -> Place:
    if not isinstance(entry, Mapping) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"array {name!r} needs dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in TYPES:
        raise ValueError(f"array {name!r} is of type {dtype!r}, expected one of {', '.join(TYPES)}")
    if not _are_sizes(shape) or len(shape) > MOST_DIMENSIONS or not _are_sizes(offsets) or len(offsets) != 2:
        raise ValueError(f"array {name!r} has the shape {shape!r} and the offsets {offsets!r}")
    begin, end = offsets
    if end - begin != math.prod(shape) * np.dtype(TYPES[dtype]).itemsize:
        raise ValueError(f"array {name!r} of shape {shape!r} does not fit into bytes {begin} to {end}")
    return Place(dtype, tuple(shape), begin, end)


def _are_sizes(value: Any) -> bool:
    return isinstance(value, list) and all(type(size) is int and size >= 0 for size in value)


def _check_cover(header: Header) -> None:
    """Each byte behind the header belongs to one array: none is read twice, and nothing hides between them."""
    reached = 0
    for begin, end in sorted((place.begin, place.end) for place in header.places.values()):
        if begin != reached:
            raise ValueError(f"an array begins at byte {begin:,} where {reached:,} was expected")
        reached = end
    if reached != header.body:
        raise ValueError(f"its arrays take {reached:,} bytes, but there are {header.body:,}")


def _exactly(file: IO[bytes], size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise ValueError("it ends too early")
    return data
