"""The executor that runs jobs in joblib's worker processes (loky), and how those begin and end."""

from __future__ import annotations

import os
import signal
import struct
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from joblib import Parallel, delayed, effective_n_jobs, parallel_config

from themetagger._utils.console import open_closed_streams
from themetagger._utils.faces import CommandLine, face, option, speaking
from themetagger._utils.files import hold
from themetagger._utils.own_files import open_own
from themetagger._utils.signals import ENDING
from themetagger.search.workers.executor import (
    Executor,
    Figures,
    Handle,
    Job,
    SequentialExecutor,
    WorkerDied,
    carried,
)
from themetagger.search.workers.work_folder import work_folder

T = TypeVar("T")
LOOK = 0.3  # seconds between two looks at whether the run still lives
ROW = struct.Struct("4d")

_held: list[IO[Any]] = []  # while this process lives, nobody may take over the folder that it writes to


def executor_of(n_jobs: int) -> Executor:
    """The executor for so many worker processes; -1 is one per core, and one job runs in this process.

    Examples
    --------
    >>> executor_of(1).n_workers, executor_of(2).n_workers
    (1, 2)
    """
    n_workers = int(effective_n_jobs(n_jobs))
    return LokyExecutor(n_workers) if n_workers > 1 else SequentialExecutor()


@dataclass(frozen=True)
class WorkerProcess:
    """What a worker process has to know: whose it is, which file it holds while it lives, where and how it reports."""

    run: int  # the process of the run
    lock: Path | None
    board: Path
    face: CommandLine | None  # that messages are for

    def begin(self) -> None:
        """Make this process a worker of the run, where it is none yet."""
        if _held or os.getpid() == self.run:
            return
        for number in ENDING:  # the run alone says when it ends
            signal.signal(number, signal.SIG_IGN)
        _keep_when_growing()
        file = open(os.devnull, "rb") if self.lock is None else open_own(self.lock)
        hold(file, shared=True, wait=True)
        _held.append(file)
        threading.Thread(target=self._end_with_the_run, daemon=True).start()
        self._end_if_orphaned()

    def report(self, row: int, figures: Figures) -> None:
        """Write the figures of a row; each row has one writer."""
        with open(self.board, "r+b") as file:
            file.seek(row * ROW.size)
            file.write(ROW.pack(*figures))

    def _end_with_the_run(self) -> None:
        while True:
            self._end_if_orphaned()
            time.sleep(LOOK)

    def _end_if_orphaned(self) -> None:
        if os.getppid() != self.run:  # a process whose parent has ended gets another one
            os._exit(1)


class LokyExecutor:
    """Runs jobs in worker processes of this machine, which map large arrays from one copy on the disk.

    Parameters
    ----------
    n_workers : processes, 2 or more: with one, joblib would run the jobs in this process
    """

    def __init__(self, n_workers: int) -> None:
        """No process is begun yet."""
        self.n_workers = n_workers
        self._pool: Parallel | None = None
        self._worker: WorkerProcess | None = None

    @contextmanager
    def session(self, lock: Path | None = None) -> Iterator[None]:
        """Processes begin with the first job, and end with the session."""
        open_closed_streams()  # joblib flushes those of this process before it begins others
        with interrupts_blocked():  # for joblib's tracker of what is to be removed, which may begin here
            end_workers()  # those of somebody else may be in another folder
        with work_folder(None if lock is None else lock.parent) as folder, _workers_of_one_thread(folder):
            board = folder / "reports"
            board.write_bytes(b"")
            self._worker = WorkerProcess(os.getpid(), lock, board, face())
            try:
                yield
                self._close()
            finally:
                self._leave()
                end_workers()
                self._worker = None

    def share(self, value: T) -> Handle[T]:
        """A handle whose arrays joblib writes to the disk once; jobs are sent the names of the files."""
        return carried(value)

    def submit_all(self, jobs: Iterable[Job[T]], *, workers: int | None = None) -> Iterator[T]:
        """As the protocol says; ``workers`` other than before ends the processes that there are."""
        try:
            pool = self._pool_of(max(2, workers or self.n_workers))
            yield from pool(delayed(_run)(job, self._worker) for job in jobs)
        except BrokenProcessPool as error:  # joblib gives up the rest
            self._leave()
            raise _why(error) from error

    def report(self, row: int, figures: Figures) -> None:
        """Replace the figures of a row whose worker has ended."""
        assert self._worker is not None
        self._worker.report(row, figures)

    def reports(self) -> Mapping[int, Figures]:
        """The last figures of each row that has some."""
        if self._worker is None:
            return {}
        data = self._worker.board.read_bytes()
        whole = data[: len(data) // ROW.size * ROW.size]
        return {row: figures for row, figures in enumerate(ROW.iter_unpack(whole)) if any(figures)}

    def _pool_of(self, n_workers: int) -> Parallel:
        """A pool of so many processes that have begun."""
        if self._pool is not None and self._pool.n_jobs == n_workers:
            return self._pool
        self._close()
        assert self._worker is not None
        self._pool = Parallel(n_workers, return_as="generator_unordered", pre_dispatch="n_jobs", batch_size=1)
        self._pool.__enter__()
        with interrupts_blocked():
            begun = self._pool(delayed(self._worker.begin)() for _ in range(n_workers))
        for _ in begun:
            pass
        return self._pool

    def _close(self) -> None:
        if self._pool is not None:
            end_workers()  # before joblib would wait a second for them to let go of its files
            self._leave()

    def _leave(self) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            pool.__exit__(None, None, None)


def _workers_of_one_thread(folder: Path) -> parallel_config:
    """One thread each, so that sums do not depend on the machine; arrays are shared through a folder.

    That is where the user asks for it, else ``folder``: what joblib chooses, a file system in memory, would keep all
    of a run that is killed.
    """
    shared = None if os.environ.get("JOBLIB_TEMP_FOLDER") else str(folder)
    return parallel_config(backend="loky", inner_max_num_threads=1, temp_folder=shared)


def _why(error: BrokenProcessPool) -> WorkerDied:
    """Whether a worker was ended, or could not load its job, which joblib calls broken too."""
    if "un-serialize" not in str(error):
        return WorkerDied()
    remedy = f"put classes of your own into a module that can be imported, or use {option('n_jobs', 1)}"
    return WorkerDied("unable to import what it was sent", remedy=remedy)


def _run(job: Job[T], worker: WorkerProcess) -> T:
    worker.begin()  # joblib may have replaced a process
    with speaking(worker.face):
        return job(worker)


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Processes that are begun within it know nothing of Ctrl-C and its like, from their first moment on."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # which a new process inherits
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_workers() -> None:
    """End joblib's idle workers and remove its files: they are as large as the features, and are needed no more."""
    from joblib.externals.loky import get_reusable_executor

    workers = get_reusable_executor(reuse=True)
    getattr(workers, "terminate", workers.shutdown)()  # joblib's own executor ends and tidies up, any other one ends


def _keep_when_growing() -> None:
    """Tell joblib's worker that a cache which grows is no leak: it would end the worker, and the cache with it."""
    from joblib.externals.loky import process_executor

    if hasattr(process_executor, "_MAX_MEMORY_LEAK_SIZE"):  # only looked at where psutil is installed
        process_executor._MAX_MEMORY_LEAK_SIZE = 2**63
