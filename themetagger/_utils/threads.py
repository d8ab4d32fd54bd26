"""Work on several parts beside each other, for array code that leaves Python's lock alone while it computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from joblib import cpu_count

MOST = 8  # threads: what holds Python's lock is a third of tagging, so that more would only wait

Part = TypeVar("Part")
Done = TypeVar("Done")


def in_threads(work: Callable[[Part], Done], parts: Sequence[Part]) -> list[Done]:
    """``work`` done on each part, in the order of the parts; what fails, or Ctrl-C, ends it after the parts begun.

    Examples
    --------
    >>> in_threads(len, ["a", "bc"])
    [1, 2]
    """
    threads = min(len(parts), MOST) if len(parts) < 2 else min(len(parts), MOST, cpu_count())  # counting takes a while
    if threads < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, parts))  # which takes back the parts not begun when one fails
