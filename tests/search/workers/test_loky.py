"""Workers end with their run, and leave Ctrl-C to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from joblib.externals.loky import reusable_executor
from jobs import dies, process

from themetagger._utils.files import hold
from themetagger.search.workers import loky
from themetagger.search.workers.executor import WorkerDied
from themetagger.search.workers.loky import LokyExecutor, WorkerProcess, interrupts_blocked

WORKER = """
import os, sys, time
sys.path[:0] = {path!r}
from pathlib import Path
from themetagger.search.workers.loky import WorkerProcess
worker = WorkerProcess(os.getppid(), Path({file!r}), Path({file!r}), None)
worker.begin()
worker.begin()
print(os.getpid(), flush=True)
time.sleep(60)
"""
RUN = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {worker!r}])
time.sleep(60)
"""


def _held(path):
    with open(path, "rb") as file:
        return not hold(file)


def test_a_worker_ends_when_its_run_is_killed_and_holds_the_file_until_then(tmp_path):
    file = tmp_path / "workers"
    file.write_bytes(b"")
    worker = WORKER.format(path=sys.path, file=str(file))
    with subprocess.Popen([sys.executable, "-c", RUN.format(worker=worker)], stdout=subprocess.PIPE) as run:
        number = int(run.stdout.readline())
        assert _held(file)
        os.kill(number, signal.SIGINT)  # as Ctrl-C does
        time.sleep(0.2)
        assert _held(file)
        run.kill()
    end = time.monotonic() + 20
    while _held(file):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_process_of_the_run_is_no_worker():
    before = signal.getsignal(signal.SIGINT)
    WorkerProcess(os.getpid(), None, Path(), None).begin()
    assert signal.getsignal(signal.SIGINT) is before


def test_processes_begun_within_know_nothing_of_ctrl_c():
    code = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    with interrupts_blocked():
        inside = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    outside = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert (inside, outside) == ("True\n", "False\n")


@pytest.mark.slow
def test_no_worker_outlives_the_session(monkeypatch):
    seen, end = [], loky.end_workers

    def noted():
        if reusable_executor._executor is not None:
            seen.extend((reusable_executor._executor._processes or {}).values())
        end()

    monkeypatch.setattr(loky, "end_workers", noted)
    executor = LokyExecutor(2)
    with executor.session():
        assert os.getpid() not in set(executor.submit_all([process] * 4))
    assert len({worker.pid for worker in seen}) == 2
    assert not [worker for worker in seen if worker.is_alive()]


@pytest.mark.slow
def test_a_worker_that_dies_is_told_and_the_executor_goes_on():
    executor = LokyExecutor(2)
    with executor.session():
        with pytest.raises(WorkerDied):
            list(executor.submit_all([dies]))
        assert executor.reports() == {3: (1.0, 0.0, 0.0, 0.0)}
        executor.report(3, (0.0, 0.0, 0.0, 0.0))
        assert executor.reports() == {}
        assert os.getpid() not in set(executor.submit_all([process], workers=1))
    assert executor.reports() == {}


def only_here(reporter):
    """A job of a module that workers do not find."""


@pytest.mark.slow
def test_a_job_that_a_worker_cannot_load_is_told_from_a_death():
    executor = LokyExecutor(2)
    with executor.session(), pytest.raises(WorkerDied, match="unable to import what it was sent; put classes of your"):
        list(executor.submit_all([only_here]))
