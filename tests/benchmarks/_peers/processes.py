"""Runs a command with a limit of wall time, and measures the memory of it and of all that it starts."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit status (None: stopped at the limit), wall seconds, peak MiB, and how measured."""

    status: int | None
    seconds: float
    peak_mib: float
    memory: str


def run_limited(command: Sequence[str], *, limit: float, environment: Mapping[str, str], log: Path) -> Ended:
    """Run a command in a session of its own, which is ended as a whole after ``limit`` seconds.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     log = Path(folder) / "log.txt"
    ...     run_limited([sys.executable, "-c", "print(1)"], limit=60, environment=os.environ, log=log).status
    0
    """
    began, peak = time.perf_counter(), 0
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=dict(environment), start_new_session=True)
        status: int | None = None
        while time.perf_counter() - began < limit:
            peak = max(peak, session_memory(process.pid))
            try:
                status = process.wait(timeout=POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
        seconds = time.perf_counter() - began
        _end_session(process)
    if peak:
        return Ended(status, seconds, peak / 1024, "PSS of all processes, twice a second")
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return Ended(status, seconds, largest, "RSS of the largest process so far")


def session_memory(leader: int) -> int:
    """KiB of the processes of a session, what they share counted once; 0 where /proc does not tell."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[3]) == leader:
                lines = (stat.parent / "smaps_rollup").read_text().splitlines()
                total += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
        except (OSError, ValueError, IndexError):  # it has just ended, or belongs to somebody else
            continue
    return total


def _end_session(process: subprocess.Popen[bytes]) -> None:
    """End what is left of it: itself at the limit, and workers that outlived it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()
