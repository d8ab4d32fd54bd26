"""The vectors of texts on the disk, by a hash of each text: a text is embedded once for each model."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

Singles = npt.NDArray[np.float32]
WAIT = 20.0  # seconds for another process that is writing
PAGE = 16_384  # bytes, of which several vectors fill most
AT_A_TIME = 500  # texts that are asked for at a time


def key_of(text: str) -> bytes:
    """The SHA-256 of a text, which is all that the cache knows of it.

    Examples
    --------
    >>> key_of("pay").hex()[:8]
    '9350872d'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class VectorCache:
    """The vectors of one model in an SQLite file, which several processes may use at a time.

    What goes wrong with it is a note and no error: without it, texts are embedded again. A damaged file is thrown
    away.

    Parameters
    ----------
    path : the file; None keeps nothing
    width : numbers of a vector

    Examples
    --------
    >>> import tempfile
    >>> cache = VectorCache(Path(tempfile.mkdtemp()) / "a.sqlite", width=2)
    >>> cache.keep({key_of("pay"): np.array([1, 2], dtype=np.float32)})
    >>> {key.hex()[:4]: vector.tolist() for key, vector in cache.known([key_of("pay"), key_of("boss")]).items()}
    {'9350': [1.0, 2.0]}
    """

    def __init__(self, path: Path | None, *, width: int) -> None:
        """Nothing is opened before it is asked."""
        self.notes: list[str] = []
        self._path, self._width = path, width

    def known(self, keys: Sequence[bytes]) -> dict[bytes, Singles]:
        """The vectors of those texts that it knows."""
        found: dict[bytes, Singles] = {}

        def ask(table: Any) -> None:
            for start in range(0, len(keys), AT_A_TIME):
                some = keys[start : start + AT_A_TIME]
                marks = ",".join("?" * len(some))
                rows = table.execute(f"SELECT text, vector FROM vectors WHERE text IN ({marks})", some).fetchall()
                found.update({bytes(key): vector for key, blob in rows if (vector := self._vector(blob)) is not None})

        if self._path is not None and self._path.is_file():
            self._try(ask)
        return found

    def keep(self, vectors: Mapping[bytes, Singles]) -> None:
        """Add the vectors of some texts."""
        rows = [(key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()]

        def add(table: Any) -> None:
            table.execute("BEGIN IMMEDIATE")
            table.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            table.execute("COMMIT")

        if self._path is not None and rows:
            self._try(add)

    def _vector(self, blob: Any) -> Singles | None:
        """The numbers of a blob; None where they are none of this model."""
        if not isinstance(blob, bytes) or len(blob) != 4 * self._width:
            return None
        vector = np.frombuffer(blob, dtype="<f4").astype(np.float32)
        return vector if np.isfinite(vector).all() else None

    def _try(self, work: Callable[[Any], None]) -> None:
        """Do something with the table, which is made where it is missing; what goes wrong is a note."""
        import sqlite3

        path, connection = cast(Path, self._path), None
        try:
            if not path.is_file():
                _make(path)
            connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
            connection.execute(f"PRAGMA page_size = {PAGE}")  # of a file that has no page yet
            connection.execute("CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB)")
            work(connection)
        except (sqlite3.Error, OSError) as error:
            self._give_up(path, error, damaged=_is_damaged(error))
        finally:
            if connection is not None:
                connection.close()

    def _give_up(self, path: Path, error: Exception, *, damaged: bool) -> None:
        """Note what is wrong; a damaged file is thrown away, and any other is left alone from now on."""
        cause = str(error) or type(error).__name__
        if damaged:
            try:
                path.unlink(missing_ok=True)
                self.notes.append(f"The cache of vectors {path} was damaged ({cause}), and is begun anew.")
                return
            except OSError as other:
                cause = f"{cause}; {other}"
        self._path = None
        self.notes.append(f"The cache of vectors {path} cannot be used ({cause}): what is embedded now is not kept.")


def _is_damaged(error: Exception) -> bool:
    """Whether an error of sqlite3 says that the file is no database, not a whole one, or holds another table."""
    name = getattr(error, "sqlite_errorname", None) or ""
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or name == "SQLITE_ERROR"


def _make(path: Path) -> None:
    """An empty file that only this user can read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
