"""Workers end with their run, and leave Ctrl-C to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from themetagger._utils.files import hold
from themetagger.search.workers.pool import ParentProcess, begin_work, left_to_the_run

WORKER = """
import os, sys, time
sys.path[:0] = {path!r}
from pathlib import Path
from themetagger.search.workers.pool import ParentProcess, begin_work
begin_work(ParentProcess(os.getppid(), Path({file!r})))
begin_work(ParentProcess(os.getppid(), Path({file!r})))
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
    begin_work(ParentProcess(os.getpid()))
    begin_work(None)
    assert signal.getsignal(signal.SIGINT) is before


def test_processes_begun_within_know_nothing_of_ctrl_c():
    code = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    with left_to_the_run():
        inside = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    outside = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert (inside, outside) == ("True\n", "False\n")
