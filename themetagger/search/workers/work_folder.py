"""The folder of what workers share on the disk: where nobody is left to remove it, the next run does."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from themetagger._utils.files import hold

PREFIX = ".workers-"
_SEMAPHORES = Path("/dev/shm")  # where Linux keeps them
_HELD = "held"  # the file in it that the process of the run holds


@contextmanager
def work_folder(place: Path | None = None) -> Iterator[Path]:
    """A new folder in ``place``, which goes at the end; those of runs that were killed go at the beginning.

    Parameters
    ----------
    place : default None: the folder of temporary files

    Examples
    --------
    >>> with work_folder() as folder:
    ...     folder.is_dir()
    True
    >>> folder.exists()
    False
    """
    place = Path(tempfile.gettempdir()) if place is None else place
    sweep(place)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    with open(folder / _HELD, "x+b") as file:
        hold(file)
        file.write(f"{os.getpid()} {platform.node()}".encode())
        file.flush()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(place: Path) -> None:
    """Remove the folders of this user there that no process holds, and the semaphores of those that held them."""
    for folder in place.glob(f"{PREFIX}*"):
        if not folder.is_dir() or folder.is_symlink() or folder.stat().st_uid != os.getuid():
            continue
        try:
            with open(folder / _HELD, "rb", opener=_regular) as file:
                if not hold(file):
                    continue
                signed = file.read(1_000)
        except OSError:  # it has just been made, or is about to go
            continue
        _remove_semaphores(signed)
        shutil.rmtree(folder, ignore_errors=True)


def _remove_semaphores(signed: bytes) -> None:
    """Those of joblib's workers, which are left where nobody was there to remove them; some bytes each."""
    number, _, node = signed.decode(errors="replace").partition(" ")
    if not number.isdecimal() or node != platform.node() or Path("/proc", number).exists():
        return
    for name in _SEMAPHORES.glob(f"sem.loky-{int(number)}-*"):
        with suppress(OSError):  # it is somebody else's
            name.unlink()


def _regular(path: str, flags: int) -> int:
    """Neither a link nor a pipe, which would be waited for: the run folder may be from elsewhere."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
