"""Signals that ask a process to end: one KeyboardInterrupt, one exit code, and no second one that ends it half-way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from themetagger._utils import signals
from themetagger._utils.signals import ENDING, asked_to_end, ended_like_ctrl_c, exit_code

CODES = list(zip(ENDING, [130, 143, 129], strict=True))
PROGRAM = """
import click, time
from themetagger.cli.group import main

@main.command()
def work():
    try:
        print("begun", flush=True)
        time.sleep(60)
    finally:
        time.sleep(0.5)  # what is done is kept
        print("kept", flush=True)

main(["work"])
"""


@pytest.fixture(autouse=True)
def as_before():
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    signals._asked.clear()


def _interrupted_by(number):
    os.kill(os.getpid(), number)
    time.sleep(5)


@pytest.mark.parametrize(("number", "code"), CODES)
def test_each_signal_ends_work_like_ctrl_c_and_more_of_them_are_the_same_wish(number, code):
    with ended_like_ctrl_c():
        with pytest.raises(KeyboardInterrupt):
            _interrupted_by(number)
        for again in (*ENDING, number):
            os.kill(os.getpid(), again)
        time.sleep(0.01)
    os.kill(os.getpid(), number)  # also after the work
    assert (exit_code(), asked_to_end()) == (code, True)


def test_a_later_signal_is_heard_again(monkeypatch):
    monkeypatch.setattr(signals, "QUIET", 0.0)
    with ended_like_ctrl_c():
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                _interrupted_by(signal.SIGTERM)


def test_what_is_ignored_stays_ignored_and_all_is_put_back():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    before = signal.getsignal(signal.SIGTERM)
    with ended_like_ctrl_c():
        os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
    assert not asked_to_end()


def test_another_thread_can_do_work_in_it():
    seen = []

    def work():
        with ended_like_ctrl_c():
            seen.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [1]


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), CODES)
def test_five_quick_signals_end_a_command_as_one_does(number, code):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    words = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as work:
        assert work.stdout.readline() == "begun\n"
        for _ in range(5):
            work.send_signal(number)
            time.sleep(0.05)
        out, error = work.communicate(timeout=60)
    assert (work.returncode, out, error) == (code, "kept\n", "Stopped.\n")
