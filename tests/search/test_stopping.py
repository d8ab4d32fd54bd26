"""A study stops when patience or time is at its end, and not before."""

from __future__ import annotations

import math
import time

import pytest

from themetagger.search.levels import Deadline, Patience

LOST = None  # the value of a trial that was dropped or failed


def _run(outcomes, waiting):
    """Trials until patience is at its end."""
    for number, outcome in enumerate(outcomes, start=1):
        waiting.see(outcome)
        if waiting.over:
            return number
    return len(outcomes)


@pytest.mark.parametrize(
    ("outcomes", "patience", "trials"),
    [
        ([1, 2, 3, 4], 1, 4),
        ([1, 1, 1, 1], 1, 2),
        ([1, 1, 1, 1], 2, 3),
        ([3, 1, 2, 3, 4], 3, 4),
        ([1, 0, 2, 0, 3, 0, 0, 0], 2, 7),
        ([1, LOST, LOST, 2], 2, 3),
        ([LOST, LOST, LOST], 2, 2),
        ([LOST, -5.0, LOST, LOST, 1], 2, 4),
        ([1, 0, 0], 3, 3),
    ],
)
def test_patience_ends_after_that_many_trials_without_a_better_one(outcomes, patience, trials):
    waiting = Patience(patience)
    assert _run(outcomes, waiting) == trials
    assert waiting.over == (waiting.waited >= patience)


def test_a_value_that_is_better_by_less_than_the_margin_is_waited_through():
    assert _run([1.0, 1.1, 1.2, 1.3], Patience(2, margin=0.15)) == 4
    assert _run([1.0, 1.1, 1.1, 1.3], Patience(2, margin=0.15)) == 3


@pytest.mark.parametrize(("at", "passed"), [(0.0, True), (math.inf, False)])
def test_a_deadline_passes_when_the_clock_does(at, passed):
    assert Deadline(at).passed == passed


def test_a_deadline_has_passed_when_there_is_no_time_left_for_a_trial():
    assert Deadline(time.time() + 60, trial_seconds=90).passed
    assert not Deadline(time.time() + 60, trial_seconds=30).passed


def test_a_deadline_looks_at_the_clock_each_time():
    clock = Deadline(time.time() + 0.05)
    assert not clock.passed
    time.sleep(0.06)
    assert clock.passed
