"""The progress of a search: what jobs report of their themes, and what is shown of it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

from themetagger._utils.console import HEARTBEAT, clock, console, plain, print_line, roughly, visible
from themetagger._utils.wording import number_of
from themetagger.search.workers.executor import Figures, Reporter
from themetagger.selection.theme_result import ThemeResult

WAITING, RUNNING, FINISHED = 0.0, 1.0, 2.0
PAUSE = 0.5  # seconds between two looks at the reports
_STATUSES = {
    "CERTIFIED": "certified",
    "BEST_EFFORT": "not certified",
    "SKIPPED": "skipped",
    "FAILED": "failed",
}
ENOUGH, LONG_ENOUGH = 4, 10.0  # themes after the first one, and seconds, before which nobody knows the time left


class Running(NamedTuple):
    """A theme that is being worked on: its row, how many trials it has had, and its best cut so far."""

    row: int
    trials: int
    precision: float
    recall: float


class Channel(Protocol):
    """Where the reports of jobs arrive; an executor is one."""

    def report(self, row: int, figures: Figures) -> None: ...

    def reports(self) -> Mapping[int, Figures]: ...


def report_trial(reporter: Reporter, row: int, trials: int = 0, precision: float = 0.0, recall: float = 0.0) -> None:
    """Say that a theme is being worked on, how many trials it has had, and its best cut so far."""
    reporter.report(row, (RUNNING, float(trials), precision, recall))


def report_end(reporter: Reporter, row: int) -> None:
    """Say that a theme is done."""
    reporter.report(row, (FINISHED, 0.0, 0.0, 0.0))


def running(channel: Channel) -> list[Running]:
    """The themes that are being worked on."""
    reports = sorted(channel.reports().items())
    return [Running(row, int(trials), *cut) for row, (state, trials, *cut) in reports if state == RUNNING]


class Progress:
    """Shows finished and running themes, and the time left; plain lines where there is no terminal.

    Use as a context manager around the search; ``finished(theme_result)`` is called once for each theme.

    Parameters
    ----------
    themes : the themes, in the order of their rows
    channel : where the reports about them arrive
    show : default True; False prints nothing
    """

    def __init__(self, themes: Sequence[str], channel: Channel, *, show: bool = True) -> None:
        """Nothing is shown yet."""
        self.themes, self.show = list(themes), show
        self._channel = channel
        self._finished: list[ThemeResult] = []
        self._n_earlier = 0  # of these, finished by an earlier run
        self._first = math.nan  # when the first one of this run was finished
        self._stop = threading.Event()
        self._live: Any = None

    def __enter__(self) -> Self:
        """Begin to show."""
        self._started = time.monotonic()
        if self.show:
            from rich.live import Live

            self._console = console()
            if self._console.is_terminal:
                self._live = Live("", console=self._console, refresh_per_second=4, transient=True)
                self._live.start()
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing."""
        self._stop.set()
        if self.show:
            self._thread.join()
            if self._live is not None:
                self._live.update(self.summary())
                self._live.stop()

    def finished(self, theme_result: ThemeResult) -> None:
        """Take note of a finished theme, and print its line."""
        self._finished.append(theme_result)
        if math.isnan(self._first):
            self._first = time.monotonic()
        self.say(self.line(theme_result))

    def say(self, text: str) -> None:
        """Print a line; on a terminal it ends between words."""
        if self.show:
            print_line(self._console, text)

    def finished_earlier(self, theme_results: Sequence[ThemeResult]) -> None:
        """Take note of themes that an earlier run has finished."""
        self._finished += theme_results
        self._n_earlier = len(theme_results)
        if theme_results:
            self.say(f"Finished by an earlier run: {len(theme_results)} of {number_of(len(self.themes), 'theme')}.")

    def given_up(self) -> list[int]:
        """The themes that were being worked on when their workers ended; they wait again."""
        rows = [one.row for one in running(self._channel)]
        for row in rows:
            self._channel.report(row, (WAITING, 0.0, 0.0, 0.0))
        return rows

    def line(self, theme_result: ThemeResult) -> str:
        """One line about a finished theme."""
        place = f"Theme {len(self._finished)} of {len(self.themes)}"
        head, counts = f"{place}, {visible(theme_result.theme)}: {_STATUSES[theme_result.status]}", theme_result.counts
        if not theme_result.assigned:
            return f"{head} ({visible(theme_result.reason)})"
        spent = f"{number_of(theme_result.trials, 'trial')} in {clock(theme_result.seconds)}"
        return f"{head}, precision {counts.precision:.2f}, recall {counts.recall:.2f}, {spent}"

    def summary(self) -> str:
        """How many themes are finished and certified, and the time elapsed and left."""
        certified = sum(theme_result.status == "CERTIFIED" for theme_result in self._finished)
        now, n = time.monotonic(), len(self._finished)
        done = f"{n} of {number_of(len(self.themes), 'theme')} finished"
        return f"{done}, {certified} certified, {clock(now - self._started)} elapsed{self._left(now)}"

    def _left(self, now: float) -> str:
        """The time left, in words, by the pace since the first theme was finished; empty while it cannot be known.

        What comes before the first theme, such as counting words, is done once, and says nothing of the others.
        """
        n = len(self._finished)
        since, spent = n - self._n_earlier - 1, now - self._first
        if n == len(self.themes) or since < ENOUGH or spent < LONG_ENOUGH:
            return ""
        return f", about {roughly(spent / since * (len(self.themes) - n))} left"

    def running(self) -> list[str]:
        """A line for each running theme: trials, and the best cut so far."""
        return [
            f"{visible(self.themes[one.row])}: {number_of(one.trials, 'trial')}, best so far: "
            f"precision {one.precision:.2f}, recall {one.recall:.2f}"
            if one.trials
            else f"{visible(self.themes[one.row])}: first trial"
            for one in running(self._channel)
        ]

    def _watch(self) -> None:
        last = time.monotonic()
        while not self._stop.wait(PAUSE):
            if self._live is not None:
                self._live.update(plain("\n".join([*self.running(), self.summary()])))
            elif time.monotonic() - last >= HEARTBEAT:
                last = time.monotonic()
                print_line(self._console, "; ".join([self.summary(), *self.running()]))
