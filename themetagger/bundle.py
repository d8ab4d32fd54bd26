"""The tagger file: a JSON manifest and plain arrays in one safetensors file, checked on load; it holds no code."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from themetagger.files import write_atomically

FORMAT = "themetagger"
VERSION = 4  # 1: models of a theme had no weights; 2: nothing was certified; 3: nothing was corrected

Arrays = dict[str, npt.NDArray[Any]]


class BundleError(ValueError):
    """A tagger file that cannot be trusted: damaged, of another kind, or of a version that is not known."""


def write_bundle(path: str | os.PathLike[str], manifest: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    """Write manifest and arrays to ``path`` at once: a reader sees the old file or the new one, never a half.

    Parameters
    ----------
    path : file to write; missing folders are made
    manifest : JSON values
    arrays : name -> array of numbers; each gets its SHA-256 in the manifest
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
    try:
        write_atomically(path, lambda temporary: save_file(whole, temporary, metadata=metadata))
    except SafetensorError as error:
        raise OSError(f"{path} cannot be written ({error}); make room, or choose another place.") from error


def read_bundle(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Arrays]:
    """Manifest and arrays of a tagger file, each array checked against its SHA-256.

    Raises
    ------
    BundleError
        If the file is missing, damaged, no tagger file, or of a newer version.
    """
    path = Path(path)
    try:
        header, arrays = _read(path.read_bytes())
    except FileNotFoundError:
        raise BundleError(f"{path}: there is no such tagger file.") from None
    except (KeyError, ValueError, TypeError, RecursionError, OSError) as error:
        raise BundleError(f"{path} is damaged or no tagger file ({error}); make it again or get a new copy.") from error
    if header.get("format") != FORMAT or type(header.get("version")) is not int or header["version"] < 1:
        raise BundleError(f"{path} is no tagger file.")
    if header["version"] > VERSION:
        raise BundleError(
            f"{path} has format version {header['version']}, this themetagger reads up to {VERSION}; "
            "update with: pip install --upgrade themetagger"
        )
    manifest, digests = header.get("manifest"), header.get("sha256")
    if not isinstance(manifest, dict) or not isinstance(digests, dict) or set(digests) != set(arrays):
        raise BundleError(f"{path} is damaged: its list of arrays does not fit; get a new copy.")
    for name, array in arrays.items():
        if _digest(array) != digests[name]:
            raise BundleError(f"{path} is damaged: array {name!r} has another checksum; get a new copy.")
    return manifest, arrays


def _read(data: bytes) -> tuple[dict[str, Any], Arrays]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(data)  # refuses bad offsets and shapes before an array is made
    except SafetensorError as error:
        raise ValueError(str(error)) from None
    length = int.from_bytes(data[:8], "little")
    checksum, _, text = json.loads(data[8 : 8 + length])["__metadata__"]["themetagger"].partition(" ")
    if _digest_text(text) != checksum:
        raise ValueError("the manifest has another checksum")
    header = json.loads(text)
    if not isinstance(header, dict):
        raise ValueError("the manifest is no object")
    return header, arrays


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
    if len(offsets) < 1 or offsets[0] != 0 or offsets[-1] != len(data) or (np.diff(offsets) < 0).any():
        raise ValueError("the offsets of a list of texts do not fit its bytes")
    whole = data.tobytes()
    return tuple(whole[a:b].decode("utf-8", "surrogatepass") for a, b in pairwise(offsets))


def _digest(array: npt.NDArray[Any]) -> str:
    shape = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(shape + np.ascontiguousarray(array).tobytes()).hexdigest()


def _digest_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
