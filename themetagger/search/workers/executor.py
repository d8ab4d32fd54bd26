"""What runs the jobs of a search, as a protocol; and the one that runs them in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeAlias, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Figures: TypeAlias = tuple[float, float, float, float]


class WorkerDied(RuntimeError):
    """A worker has ended before its job; the results that had not been handed over are lost.

    Parameters
    ----------
    cause, remedy : why, and what to do, for a person; default as where the system has ended it
    """

    def __init__(self, cause: str = "killed or out of memory", *, remedy: str = "run again with fewer jobs") -> None:
        """Put both into the message."""
        super().__init__(f"a worker process died, {cause}; {remedy}")
        self.cause, self.remedy = cause, remedy


class Handle(Protocol[T_co]):
    """Stands for a shared value inside a job: pickled with it, it is small or is cheap to send.

    Attributes
    ----------
    key : a name for the value, the same in every worker, under which a worker may keep what it made of the value
    """

    @property
    def key(self) -> str: ...

    def get(self) -> T_co:
        """The value; nobody changes it."""
        ...


class Reporter(Protocol):
    """Where a job says how far it is."""

    def report(self, row: int, figures: Figures) -> None:
        """Replace the last figures of a row; they may be lost, and decide nothing."""
        ...


Job: TypeAlias = Callable[[Reporter], T]


class Executor(Reporter, Protocol):
    """Runs the jobs of a search; the same jobs give the same results whichever executor runs them, in any order.

    A job is a callable that can be pickled: a module's function with its arguments (``functools.partial``). It is
    called with a ``Reporter``, in this process or in another one, never beside another job in the same process:
    liblinear draws from one generator per process, and a worker keeps features from job to job.

    Everything but ``n_workers`` is used within a ``session``, of which an executor has one at a time.

    Attributes
    ----------
    n_workers : how many jobs run at the same time
    """

    n_workers: int

    def session(self, lock: Path | None = None) -> AbstractContextManager[None]:
        """What the jobs of one search run in; at its end no worker is left.

        A worker holds the file ``lock`` (:func:`themetagger._utils.files.hold`, shared) while it lives, so that nobody
        takes over the folder that it writes to; default None: nothing is written. It also ends when this process ends.
        """
        ...

    def share(self, value: T) -> Handle[T]:
        """Make a large value known to all workers: arrays, and dataclasses and mappings of arrays."""
        ...

    def submit_all(self, jobs: Iterable[Job[T]], *, workers: int | None = None) -> Iterator[T]:
        """Yield the results in the order in which the jobs end.

        A job is taken from ``jobs`` when a worker is free for it, so that it may depend on the time. What a job raises
        is raised here. With more than one worker a job never runs in this process, which its death would end.

        Parameters
        ----------
        jobs : the jobs
        workers : so many are enough for them, default ``n_workers``

        Raises
        ------
        WorkerDied
            The executor can be used again. Which jobs were running is known from their reports.
        """
        ...

    def reports(self) -> Mapping[int, Figures]:
        """The last figures of each row that has some."""
        ...


@dataclass(frozen=True)
class Carried(Generic[T]):
    """A handle that carries its value along."""

    key: str
    value: T

    def get(self) -> T:
        """The value."""
        return self.value


def carried(value: T) -> Carried[T]:
    """A handle with a key of its own."""
    return Carried(f"{time.time_ns()}", value)


class SequentialExecutor:
    """Runs one job after the other in this process.

    Examples
    --------
    >>> executor = SequentialExecutor()
    >>> with executor.session():
    ...     list(executor.submit_all([lambda reporter: "done"]))
    ['done']
    """

    n_workers = 1

    def __init__(self) -> None:
        """Nothing has been reported yet."""
        self._reports: dict[int, Figures] = {}

    @contextmanager
    def session(self, lock: Path | None = None) -> Iterator[None]:
        """Forget the reports of an earlier session; this process holds its folder by itself."""
        self._reports = {}
        yield

    def share(self, value: T) -> Handle[T]:
        """The value as it is."""
        return carried(value)

    def submit_all(self, jobs: Iterable[Job[T]], *, workers: int | None = None) -> Iterator[T]:
        """Run each job when its result is asked for."""
        return (job(self) for job in jobs)

    def report(self, row: int, figures: Figures) -> None:
        """Keep the figures of a row."""
        self._reports[row] = figures

    def reports(self) -> Mapping[int, Figures]:
        """The last figures of each row that has some."""
        return dict(self._reports)
