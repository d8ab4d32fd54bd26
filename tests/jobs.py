"""What the tests run in worker processes, which find this module where they would not find a test."""

from __future__ import annotations

import os

from themetagger.selection.objectives import PrecisionFirst


class Deadly(PrecisionFirst):
    """An objective that ends the worker process it runs in."""

    def choose(self, points):
        os._exit(1)


def scaled(shared, i, reporter):
    """A number of what is shared, and a report."""
    reporter.report(i, (1.0, float(i), 0.5, 0.25))
    return i, float(shared.get()["numbers"].sum()) * i, shared.key


def fails(reporter):
    """A job that raises."""
    raise ZeroDivisionError("no room")


def process(reporter):
    """The process that a job runs in."""
    return os.getpid()


def dies(reporter):
    """A job that reports, and ends its process."""
    reporter.report(3, (1.0, 0.0, 0.0, 0.0))
    os._exit(1)
