"""The door to files that we keep in a folder and that may come from strangers: no link is followed, nothing waits.

A run folder can be sent by anybody. A link in it would lead what is written to a file elsewhere, and a pipe or a device
would keep a reader for ever. So whatever is opened there, or beside a table that is written, is opened here.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

_FLAGS = {"rb": os.O_RDONLY, "r+b": os.O_RDWR, "a+b": os.O_RDWR | os.O_APPEND | os.O_CREAT}
# what Windows lacks; there a link is only seen before the file is opened, and again behind that
_SAFELY = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY", "O_NOCTTY"))


class OwnFileError(OSError):
    """A file of ours is a link, has other names, is no file, or is too large; the message names it and the remedy."""


def open_own(path: str | os.PathLike[str], mode: str = "rb", *, buffering: int = -1) -> IO[Any]:
    """Open a file of ours, which must be a regular one with one name; a link is never followed.

    Parameters
    ----------
    path : of the file
    mode : "rb" (default), "r+b", or "a+b", which makes it where there is none
    buffering : as of ``open``

    Raises
    ------
    OwnFileError
        If it is a link, has other names (hard links), or is a folder, a pipe or a device.
    OSError
        If it cannot be opened.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with open_own(folder / "log.jsonl", "a+b") as file:
    ...     file.write(b"one")
    3
    >>> (folder / "link").symlink_to(folder / "log.jsonl")
    >>> open_own(folder / "link")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    themetagger._utils.own_files.OwnFileError: .../link is a link; a link is not followed here: put the file in its...
    """
    path = Path(path)
    before = _state(path)
    if before is not None:
        _refuse(path, before)
    descriptor = os.open(path, _FLAGS[mode] | _SAFELY, 0o666)
    try:
        opened = os.fstat(descriptor)
        _refuse(path, opened)
        now = _state(path)
        if now is not None and not os.path.samestat(now, opened):  # a link has taken its place meanwhile
            _refuse(path, now)
            raise OwnFileError(f"{path} was replaced while it was opened; try again.")
        return open(descriptor, mode, buffering=buffering)
    except BaseException:
        os.close(descriptor)
        raise


def read_own(path: str | os.PathLike[str], *, most: int) -> bytes:
    """The bytes of a file of ours, ``most`` at most; errors as of :func:`open_own`."""
    with open_own(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise OwnFileError(f"{path} has {size:,} bytes, which is more than such a file can have ({most:,}).")
        data: bytes = file.read(most)
        return data


def check_own(path: Path) -> None:
    """OwnFileError where something has this name that :func:`open_own` would not open."""
    found = _state(path)
    if found is not None:
        _refuse(path, found)


def check_folder(path: Path) -> None:
    """OwnFileError where a folder of ours is a link, or no folder; none at all is fine."""
    found = _state(path)
    if found is None:
        return
    if stat.S_ISLNK(found.st_mode) or _is_junction(path):
        raise OwnFileError(f"{path} is a link; a link is not followed here: put the folder in its place.")
    if not stat.S_ISDIR(found.st_mode):
        raise OwnFileError(f"{path} is no folder; move it away.")


def check_tree(files: Iterable[Path], trees: Iterable[Path]) -> None:
    """OwnFileError where one of our ``files``, or anything below one of our ``trees`` of folders, is not ours alone."""
    for path in files:
        check_own(path)
    for tree in trees:
        check_folder(tree)
        for place, folders, names in os.walk(tree, onerror=_raise):
            for name in folders:
                check_folder(Path(place, name))
            for name in names:
                check_own(Path(place, name))


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _state(path: Path) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None


def _refuse(path: Path, found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise OwnFileError(f"{path} is a link; a link is not followed here: put the file in its place.")
    if stat.S_ISDIR(found.st_mode):
        raise OwnFileError(f"{path} is a folder, where a file is expected; move it away.")
    if not stat.S_ISREG(found.st_mode):
        raise OwnFileError(f"{path} is a pipe or a device, where a file is expected; move it away.")
    if found.st_nlink > 1:
        raise OwnFileError(
            f"{path} has {found.st_nlink} names (hard links), so that what is written would change the others too; "
            "put a copy in its place."
        )


def _is_junction(path: Path) -> bool:
    """Whether a folder is what Windows has in place of a link, from Python 3.12 on."""
    is_junction = getattr(os.path, "isjunction", None)
    return is_junction is not None and bool(is_junction(path))
