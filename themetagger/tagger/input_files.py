"""Files that must stay as they are while they are read more than once."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from themetagger._utils.faces import option
from themetagger.corpus import TableError


class _State(NamedTuple):
    """Which file stands at a path, and what changes when somebody writes it, also when its time is set back."""

    device: int
    inode: int
    size: int
    written: int  # mtime_ns
    changed: int  # ctime_ns, which nobody can set


class Unchanged:
    """Files as they are now; what is read of them within it is what they hold now.

    At its end, also by an error of what was read, a TableError says that one of them was replaced, shortened or
    written meanwhile.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.csv")
    >>> _ = path.write_text("text,\\n")
    >>> with Unchanged(path):
    ...     path.read_text()
    'text,\\n'
    """

    def __init__(self, *paths: Path) -> None:
        """Take note of the files."""
        self._states = {path: _state(path) for path in paths}

    def __enter__(self) -> Self:
        """Begin to read."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say what has changed; an interruption stays one."""
        if error is None or isinstance(error, Exception):
            self.check()

    def check(self) -> None:
        """TableError where a file is another one, or holds something else, than at the beginning."""
        for path, before in self._states.items():
            if (now := _state(path)) != before:
                raise TableError(
                    f"{path}: {_what_happened(before, now)} while it was read; give the same command again once nobody "
                    f"writes it, with {option('start_over', True)} if it holds something else now."
                )


def _what_happened(before: _State | None, now: _State | None) -> str:
    if now is None:
        return "it was taken away"
    if before is None or (before.device, before.inode) != (now.device, now.inode):
        return "it was replaced by another file"
    if before.size != now.size:
        shorter = now.size < before.size
        return f"it was {'shortened' if shorter else 'added to'} (from {before.size:,} to {now.size:,} bytes)"
    return "it was changed"


def _state(path: Path) -> _State | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return _State(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
