"""What a worker process does once: it leaves Ctrl-C to the run, and ends when the run has ended."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from themetagger.files import hold

LOOK = 0.3  # seconds between two looks at whether the run is still there

_held: list[IO[Any]] = []  # while this process lives, nobody may take over the folder that it writes to


@dataclass(frozen=True)
class Employer:
    """The process of the run, and a file that its workers hold while they live; None where nothing is written."""

    process: int
    held_by_workers: Path | None = None


@contextmanager
def left_to_the_run() -> Iterator[None]:
    """Processes that are begun within it know nothing of Ctrl-C, from their first moment on."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # which a new process inherits
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin_work(employer: Employer | None) -> None:
    """Make this process a worker of a run, where it is none yet; it may also be the run's own process."""
    if employer is None or os.getpid() == employer.process or _held:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    file = open(employer.held_by_workers or os.devnull, "rb")
    hold(file, shared=True, wait=True)
    _held.append(file)
    threading.Thread(target=_end_with, args=(employer.process,), daemon=True).start()
    _end_if_alone(employer.process)


def _end_with(process: int) -> None:
    while True:
        _end_if_alone(process)
        time.sleep(LOOK)


def _end_if_alone(process: int) -> None:
    if os.getppid() != process:  # a process whose parent has ended gets another one
        os._exit(1)
