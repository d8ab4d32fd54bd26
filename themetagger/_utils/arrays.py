"""Arrays of one dimension in NumPy's files, as run folders have them, read without trust in what the file claims.

``numpy.load`` makes an array of the size that a header claims before it looks whether the file has as many bytes.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from themetagger._utils.own_files import OwnFileError, read_own

MOST_BYTES = 2**29  # of a file; of 60 million rows
MOST_MEMBERS = 64  # of an archive
_MAGIC = b"\x93NUMPY\x01\x00"
# as numpy.save writes it for one dimension, or for a single value
_HEADER = re.compile(rb"\{'descr': '([<>|][a-z][0-9])', 'fortran_order': False, 'shape': \(([0-9]{0,15}),?\), \} *\n")
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, KeyError, IndexError, EOFError, RuntimeError, ArithmeticError)


def array_in(data: bytes, dtype: str) -> npt.NDArray[Any]:
    """The array (n,) in the bytes of an ``.npy`` file; a single value has n = 1.

    Parameters
    ----------
    data : of the file
    dtype : of its numbers, such as "f8", in the order of bytes of any machine

    Raises
    ------
    ValueError
        If it is no such array, or its numbers are not as many as it claims.

    Examples
    --------
    >>> file = io.BytesIO()
    >>> np.save(file, np.array([1.5, 2.5]))
    >>> array_in(file.getvalue(), "f8")
    array([1.5, 2.5])
    """
    length = int.from_bytes(data[8:10], "little")
    found = _HEADER.fullmatch(data[10 : 10 + length]) if data[:8] == _MAGIC else None
    if found is None:
        raise ValueError("it is no array of one dimension")
    held = np.dtype(found[1].decode())
    if held.newbyteorder("=") != np.dtype(dtype):
        raise ValueError(f"its numbers are of type {held.name}, expected {np.dtype(dtype).name}")
    n, body = int(found[2] or 1), memoryview(data)[10 + length :]
    if n * held.itemsize != len(body):
        raise ValueError(f"it claims {n:,} numbers, but has {len(body):,} bytes")
    return np.frombuffer(body, held).astype(np.dtype(dtype))


def arrays_at(path: Path, wanted: Mapping[str, str], *, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Arrays by name from a file that ``numpy.savez`` wrote.

    Parameters
    ----------
    path : of the file
    wanted : the types of arrays that must be there, as of :func:`array_in`
    more : of those that may be missing, default none

    Raises
    ------
    ValueError
        If the file is damaged, or lacks one of the arrays.
    OSError
        If it cannot be read, or is a link or otherwise not ours alone.
    """
    data = read_own(path, most=MOST_BYTES)
    if data.count(b"PK\x01\x02") > MOST_MEMBERS:  # each would become an object before the first is looked at
        raise ValueError("it has too many arrays")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            for name in wanted:
                if f"{name}.npy" not in names:
                    raise ValueError(f"it has no array {name!r}")
            known = {name: dtype for name, dtype in {**wanted, **(more or {})}.items() if f"{name}.npy" in names}
            return {name: array_in(_member(archive, f"{name}.npy"), dtype) for name, dtype in known.items()}
    except OwnFileError:
        raise
    except (*_BROKEN, OSError) as error:
        raise ValueError(f"{type(error).__name__}: {str(error)[:200]}") from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of a member, which is not packed, so that they are no more than those of the file."""
    described = archive.getinfo(name)
    if described.compress_type != zipfile.ZIP_STORED or described.file_size != described.compress_size:
        raise ValueError(f"its array {name} is packed")
    return archive.read(described)
