"""A process that is forked while another thread is at work goes on by itself."""

from __future__ import annotations

import os
import signal
import threading
import time
from functools import cached_property

import pytest

from themetagger._utils.forks import ForkSafeLock, _cached_properties
from themetagger.features.ngrams.token_cache import Splitter, TokenCache
from themetagger.tagger.theme_tagger import ThemeTagger

SECONDS = 20  # a child that waits for a lock would wait for ever


def _exit_code_of_child(work):
    """What ``work`` ends with in a forked process; -SIGKILL where it did not end."""
    child = os.fork()
    if not child:
        code = 1
        try:
            code = 0 if work() else 3
        finally:
            os._exit(code)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class _Holder:
    """What is half done while its lock is held."""

    def __init__(self):
        self.lock, self.whole = ForkSafeLock(self.make_good), True

    def make_good(self):
        self.whole = True

    def taken(self):
        with self.lock:
            return self.whole


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_lock_that_another_thread_holds_is_free_in_a_forked_process():
    holder, held, done = _Holder(), threading.Event(), threading.Event()

    def hold():
        with holder.lock:
            holder.whole = False
            held.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    try:
        assert _exit_code_of_child(holder.taken) == 0
        assert not holder.whole  # and here nothing was made good
    finally:
        done.set()
        thread.join()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_the_caches_of_tokens_can_be_used_in_a_process_forked_while_they_are_filled():
    splitter = Splitter()
    cache = TokenCache(lambda new: new)
    with splitter._one_at_a_time, cache._one_at_a_time:  # as another thread would hold them

        def work():
            tokens = splitter.split(["good pay", "pay"])
            return cache.of_texts(tokens)[0].tolist() == [0] * 7 + [1] * 3

        assert _exit_code_of_child(work) == 0


def test_the_cached_properties_of_the_package_are_found():
    assert ThemeTagger.__dict__["_theme_scores"] in _cached_properties()
    assert all(isinstance(one, cached_property) for one in _cached_properties())
