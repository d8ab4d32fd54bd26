"""Signals that ask a process to end: each does what Ctrl-C does, and what an impatient hand repeats does nothing."""

from __future__ import annotations

import atexit
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

# Ctrl-C; what a cluster, a container or `kill` sends; what a process gets whose terminal is closed
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
QUIET = 2.0  # seconds after a signal in which more of them are the same wish, and end nothing half-way
_asked: list[int] = []  # the signals that asked this process to end


def exit_code() -> int:
    """The exit code of a process that was asked to end, as a shell has it: 128 and the number of the first signal.

    >>> exit_code()
    130
    """
    return 128 + (_asked[0] if _asked else signal.SIGINT)


def asked_to_end() -> bool:
    """Whether a signal has asked this process to end."""
    return bool(_asked)


@contextmanager
def ended_like_ctrl_c() -> Iterator[None]:
    """Within it, SIGINT, SIGTERM and SIGHUP raise one KeyboardInterrupt, however often they come in two seconds.

    A signal that this process ignores, as SIGHUP under ``nohup``, stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():  # only that thread may set what a signal does
        yield
        return
    _asked.clear()
    until = 0.0

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal until
        if time.monotonic() < until:
            return
        until = time.monotonic() + QUIET
        if not _asked:
            atexit.register(ignore_all)  # the last moments of Python would be ended by one more
        _asked.append(number)
        raise KeyboardInterrupt

    def afterwards(former: Any) -> Callable[[int, FrameType | None], None]:
        def handle(number: int, frame: FrameType | None) -> None:
            if time.monotonic() >= until:
                signal.signal(number, former)
                signal.raise_signal(number)

        return handle

    before = {number: signal.getsignal(number) for number in ENDING}
    before = {number: former for number, former in before.items() if former not in (signal.SIG_IGN, None)}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, afterwards(former) if _asked else former)


def ignore_all() -> None:
    """Let no such signal end this process any more."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
