"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

TEMPORARY = f".{'[0-9a-f]' * 32}.tmp"  # what a file is called until it is whole, as a pattern


def write_atomically(path: str | os.PathLike[str], data: bytes | Callable[[Path], None]) -> None:
    """Write a file whole or not at all, also when the machine stops half-way; missing folders are made.

    ``data`` may also be a function that writes the file whose path it is given.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "new" / "notes.txt"
    >>> write_atomically(path, b"whole")
    >>> path.read_text()
    'whole'
    """
    path = Path(path)
    make_folder(path.parent)
    # not the file's own name and more, which could be too long for a name
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        with open(temporary, "xb") as file:
            usual = os.fstat(file.fileno()).st_mode
            if not callable(data):
                file.write(data)
        if callable(data):
            data(temporary)
            os.chmod(temporary, usual)  # whatever the function thinks of other users
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        # nobody knows the temporary file, and an error of a full disk names none; built anew, since one whose second
        # name is None is shown as "-> None"
        if error.errno is None or error.filename not in (None, str(temporary)):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those that it stands in, on the disk; those that are there are left alone."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for place in missing:
        sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk: a new file is safe only then; Windows cannot open a folder."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def hold(file: IO[Any], *, shared: bool = False, wait: bool = False) -> bool:
    """Keep an open file for this process until it is closed; False where another one has it.

    ``shared`` with others that hold it so; with ``wait`` it is waited for.

    True also where nobody can have a file for himself, as on some network file systems.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file, open(file.name) as other:
    ...     hold(file), hold(other)
    (True, False)
    """
    try:
        import fcntl

        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return True
    return True


def is_file_at(file: IO[Any], path: Path) -> bool:
    """Whether an open file is the one that now has this path."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False
