"""Worker processes: how they begin, how they end, and what they leave to the run."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from joblib import Parallel, delayed, effective_n_jobs, parallel_config

from themetagger._utils.files import hold

LOOK = 0.3  # seconds between two looks at whether the run is still there

_held: list[IO[Any]] = []  # while this process lives, nobody may take over the folder that it writes to


@dataclass(frozen=True)
class ParentProcess:
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


def begin_work(parent: ParentProcess | None) -> None:
    """Make this process a worker of a run, where it is none yet; it may also be the run's own process."""
    if parent is None or os.getpid() == parent.process or _held:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    file = open(parent.held_by_workers or os.devnull, "rb")
    hold(file, shared=True, wait=True)
    _held.append(file)
    threading.Thread(target=_end_with, args=(parent.process,), daemon=True).start()
    _end_if_alone(parent.process)


def _end_with(process: int) -> None:
    while True:
        _end_if_alone(process)
        time.sleep(LOOK)


def _end_if_alone(process: int) -> None:
    if os.getppid() != process:  # a process whose parent has ended gets another one
        os._exit(1)


def pinned() -> Any:
    """Worker processes whose model libraries run one thread each, so that sums do not depend on the machine."""
    return parallel_config(backend="loky", inner_max_num_threads=1)


def at_work(n_jobs: int, parent: ParentProcess, job: Callable[[Parallel], None]) -> bool:
    """Give a job to a pool of workers, which yields what is done as it is done; False where one of them died."""
    try:
        with Parallel(n_jobs, return_as="generator_unordered", pre_dispatch="n_jobs", batch_size=1) as workers:
            with left_to_the_run():
                begun = workers(delayed(begin_work)(parent) for _ in range(effective(n_jobs)))
            for _ in begun:
                pass
            job(workers)
            if effective(n_jobs) > 1:
                end_workers()  # before joblib would wait a second for them to let go of its files
    except BrokenProcessPool:  # joblib gives up the rest
        return False
    return True


def effective(n_jobs: int) -> int:
    """How many workers that is."""
    return int(effective_n_jobs(n_jobs))


def end_workers() -> None:
    """End joblib's idle workers and remove its files: they are as large as the features, and are needed no more."""
    from joblib.externals.loky import get_reusable_executor

    workers = get_reusable_executor(reuse=True)
    getattr(workers, "terminate", workers.shutdown)()  # joblib's own executor ends and tidies up, any other one ends
