"""Parts that are worked on beside each other come back in order, and a failure ends the rest."""

from __future__ import annotations

import threading
import time

import pytest

from themetagger._utils import threads as room
from themetagger._utils.threads import in_threads


@pytest.fixture(params=[1, 2, 4])
def cores(request, monkeypatch):
    monkeypatch.setattr(room, "cpu_count", lambda: request.param)
    return request.param


def test_results_come_in_the_order_of_the_parts(cores):
    def later(i):
        time.sleep(0.02 if i % 2 == 0 else 0)
        return i, threading.get_ident()

    found = in_threads(later, range(9))
    assert [i for i, _ in found] == list(range(9))
    assert len({thread for _, thread in found}) == cores
    assert in_threads(later, []) == []


def test_a_part_that_fails_ends_the_rest(cores):
    begun = []

    def fail_at_once(i):
        begun.append(i)
        time.sleep(0.01)
        raise OSError(f"part {i}")

    with pytest.raises(OSError, match="part 0"):
        in_threads(fail_at_once, range(100))
    assert len(begun) < 50
