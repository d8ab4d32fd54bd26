"""Locks that are free in a process forked while another thread held them: that thread does not live on there."""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Callable
from functools import cached_property
from types import TracebackType


class ForkSafeLock:
    """A lock for ``with``; a forked process begins with a free one.

    Parameters
    ----------
    renew : called in a process that was forked while the lock was held, and makes good what was half done under it; a
        bound method, default None

    Examples
    --------
    >>> with ForkSafeLock():
    ...     "alone"
    'alone'
    """

    def __init__(self, renew: Callable[[], None] | None = None) -> None:
        """Begin free."""
        self._lock = threading.Lock()
        self._renew = None if renew is None else weakref.WeakMethod(renew)
        _locks.add(self)

    def __enter__(self) -> None:
        """Wait until it is free."""
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of it."""
        self._lock.release()

    def begin_again(self) -> None:
        """Be free, whoever held it in the process that this one was forked from."""
        if not self._lock.locked():
            return
        self._lock = threading.Lock()
        renew = None if self._renew is None else self._renew()
        if renew is not None:
            renew()


_locks: weakref.WeakSet[ForkSafeLock] = weakref.WeakSet()


def _in_child() -> None:
    for lock in list(_locks):
        lock.begin_again()
    if sys.version_info < (3, 12):  # where a cached property has a lock too, held while it is worked out
        for one in _cached_properties():
            vars(one)["lock"] = threading.RLock()


def _cached_properties() -> list[cached_property[object]]:
    """Those of this package's classes."""
    ours = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "themetagger"]
    classes = {value for module in ours for value in vars(module).values() if isinstance(value, type)}
    return [one for cls in classes for one in vars(cls).values() if isinstance(one, cached_property)]


os.register_at_fork(after_in_child=_in_child)
