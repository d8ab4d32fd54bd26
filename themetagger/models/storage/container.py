"""The tagger file: a JSON manifest and plain arrays in one safetensors file, checked on load; it holds no code."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from themetagger._utils.console import printable
from themetagger._utils.files import write_atomically
from themetagger.models.storage.safetensors import Arrays, open_file, read_arrays, read_header
from themetagger.models.storage.strict_json import read_json

FORMAT = "themetagger"
# 1: models of a theme had no weights; 2: nothing was certified; 3: nothing was corrected; 4: views were of n-grams only
VERSION = 5


class BundleError(ValueError):
    """A tagger file that cannot be trusted: damaged, of another kind, or of a version that is not known."""


def write_bundle(path: str | os.PathLike[str], manifest: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    """Write manifest and arrays to ``path`` at once: a reader sees the old file or the new one, never a half.

    Parameters
    ----------
    path : file to write; missing folders are made
    manifest : JSON values
    arrays : name -> array of numbers, of types in ``storage.safetensors.TYPES``; the manifest gets their SHA-256

    Raises
    ------
    ValueError
        If an array is of another type, or all of it is more than a tagger file may hold.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    header = {
        "format": FORMAT,
        "version": VERSION,
        "sha256": {name: _digest(array) for name, array in whole.items()},
        "manifest": dict(manifest),
    }
    text = json.dumps(header, allow_nan=False)
    metadata = {"themetagger": f"{_digest_text(text)} {text}"}

    def save(temporary: Path) -> None:
        save_file(whole, temporary, metadata=metadata)
        with open_file(temporary) as file:  # a file that nobody could read must not take the place of one
            _sealed(read_header(file).metadata["themetagger"])

    try:
        write_atomically(path, save)
    except SafetensorError as error:
        raise OSError(f"{path} cannot be written ({error}); make room, or choose another place.") from error


@dataclass(frozen=True)
class Bundle:
    """What a tagger file holds: its format ``version``, manifest and arrays, and its ``size`` in bytes."""

    path: Path
    version: int
    manifest: dict[str, Any]
    arrays: Arrays
    size: int


def read_bundle(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Arrays]:
    """Manifest and arrays of a tagger file, checked as by :func:`open_bundle`."""
    bundle = open_bundle(path)
    return bundle.manifest, bundle.arrays


def open_bundle(path: str | os.PathLike[str]) -> Bundle:
    """A tagger file, its header, manifest and arrays checked in this order, each before the next is read.

    Raises
    ------
    BundleError
        If the file is missing, damaged, no tagger file, too large, or of a newer version.
    """
    path = Path(path)
    if path.is_dir():
        raise BundleError(f"{path} is a folder without a tagger file; name such a file, or the folder of a whole run.")
    try:
        with open_file(path) as file:
            return _read(path, file)
    except FileNotFoundError:
        raise BundleError(f"{path}: there is no such tagger file.") from None
    except BundleError:
        raise
    except MemoryError:
        raise BundleError(f"{path} needs more memory than is free; close other programs.") from None
    except (KeyError, ValueError, TypeError, OSError) as error:
        message = printable(str(error))
        raise BundleError(
            f"{path} is damaged or no tagger file ({message}); make it again or get a new copy."
        ) from error


def _read(path: Path, file: IO[bytes]) -> Bundle:
    described = read_header(file)
    header = _sealed(described.metadata["themetagger"])
    if header.get("format") != FORMAT or type(header.get("version")) is not int or header["version"] < 1:
        raise BundleError(f"{path} is no tagger file.")
    if header["version"] > VERSION:
        raise BundleError(
            f"{path} has format version {header['version']}, this themetagger reads up to {VERSION}; "
            "update with: pip install --upgrade themetagger"
        )
    manifest, digests = header.get("manifest"), header.get("sha256")
    if not isinstance(manifest, dict) or not isinstance(digests, dict) or set(digests) != set(described.places):
        raise BundleError(f"{path} is damaged: its list of arrays does not fit; get a new copy.")
    arrays = read_arrays(file, described)
    for name, array in arrays.items():
        if _digest(array) != digests[name]:
            raise BundleError(f"{path} is damaged: array {name!r} has another checksum; get a new copy.")
    return Bundle(path, header["version"], manifest, arrays, file.tell())


def _sealed(text: str) -> dict[str, Any]:
    """The object that follows its own checksum."""
    checksum, _, text = text.partition(" ")
    if _digest_text(text) != checksum:
        raise ValueError("the manifest has another checksum")
    header = read_json(text)
    if not isinstance(header, dict):
        raise ValueError("the manifest is no object")
    return header


def pack_texts(texts: tuple[str, ...]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Texts as UTF-8 bytes (m,) and the offsets (n + 1,) where each begins and ends.

    Examples
    --------
    >>> data, offsets = pack_texts(("pay", "é"))
    >>> unpack_texts(data, offsets)
    ('pay', 'é')
    """
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets


def unpack_texts(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> tuple[str, ...]:
    """The texts that :func:`pack_texts` packed; a ValueError when the offsets do not fit."""
    if data.ndim != 1 or data.dtype != np.uint8 or offsets.ndim != 1 or offsets.dtype != np.int64:
        raise ValueError("a list of texts is not packed as bytes and offsets")
    # compared, not subtracted: a difference can be too large for its type, and then be positive
    if len(offsets) < 1 or offsets[0] != 0 or offsets[-1] != len(data) or (offsets[1:] < offsets[:-1]).any():
        raise ValueError("the offsets of a list of texts do not fit its bytes")
    whole, ends = data.tobytes(), offsets.tolist()
    if whole.isascii():  # then a character is a byte, and nothing is left to decode term by term
        text = whole.decode("ascii")
        return tuple(text[a:b] for a, b in pairwise(ends))
    return tuple(whole[a:b].decode("utf-8", "surrogatepass") for a, b in pairwise(ends))


def _digest(array: npt.NDArray[Any]) -> str:
    shape = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(shape + np.ascontiguousarray(array).tobytes()).hexdigest()


def _digest_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
