"""What is running and how far it is, and the memory that a study took."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from themetagger._utils.console import HEARTBEAT, clock, console, plain
from themetagger._utils.files import write_atomically
from themetagger._utils.run_paths import ThemePaths
from themetagger.selection.theme_result import ThemeResult


def forget_peak() -> None:
    """Let the peak of this process begin anew, where the system knows how (Linux)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory() -> float:
    """The most memory that this process has held since then, in megabytes; nan where nobody can tell.

    Examples
    --------
    >>> peak_memory() > 10
    True
    """
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    with suppress(ImportError):
        import resource

        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return held / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return float("nan")


def keep_cost(folder: Path | None) -> None:
    """Write what this process has held into the folder of a theme, where it has one."""
    if folder is None:
        return
    held = peak_memory()
    with suppress(OSError):  # a figure for people; the study does not fail for it
        write_atomically(
            ThemePaths(folder).cost, json.dumps({"peak_memory_mb": round(held, 1) if held == held else None}).encode()
        )


def cost_in(folder: Path) -> float:
    """What was held, in megabytes; nan where it is not known."""
    try:
        found = json.loads(ThemePaths(folder).cost.read_bytes())["peak_memory_mb"]
        return float("nan") if found is None else float(found)
    except (OSError, ValueError, KeyError, TypeError):
        return float("nan")


WAITING, RUNNING, FINISHED = 0.0, 1.0, 2.0
STATE, TRIAL, PRECISION, RECALL = range(4)
PAUSE = 0.5  # seconds between two looks at the board


class Board:
    """A row of four numbers a theme in a small shared file; each worker writes only the row of its theme."""

    def __init__(self, path: str, themes: int) -> None:
        """Open the board at ``path`` (made by :func:`new_board`) for ``themes`` rows."""
        self._rows: npt.NDArray[np.float64] = np.memmap(path, dtype=np.float64, mode="r+", shape=(max(1, themes), 4))

    def start(self, row: int) -> None:
        """Say that a theme is being worked on."""
        self._rows[row, STATE] = RUNNING

    def report(self, row: int, trial: int, precision: float, recall: float) -> None:
        """Say how many trials a theme has had, and its best cut so far."""
        self._rows[row, TRIAL:] = trial, precision, recall

    def finish(self, row: int) -> None:
        """Say that a theme is done."""
        self._rows[row, STATE] = FINISHED

    def stop(self, row: int) -> None:
        """Say that a theme is not being worked on any more, and not done."""
        self._rows[row, STATE] = WAITING

    def running(self) -> list[tuple[int, int, float, float]]:
        """(row, trials, precision, recall) of each theme that is being worked on."""
        rows = np.flatnonzero(self._rows[:, STATE] == RUNNING)
        return [(int(row), int(self._rows[row, TRIAL]), *self._rows[row, PRECISION:].tolist()) for row in rows]


def new_board(folder: str, themes: int) -> str:
    """Make an empty board file in ``folder``; its path."""
    path = Path(folder) / "board"
    path.write_bytes(bytes(max(1, themes) * 4 * 8))
    return str(path)


class Progress:
    """Shows running themes, finished / total, best so far and time left; plain lines where there is no terminal.

    Use as a context manager around the search; ``done(theme_result)`` is called once for each finished theme.
    """

    def __init__(self, themes: Sequence[str], *, show: bool = True) -> None:
        """Prepare a board for ``themes``; with ``show=False`` nothing is printed."""
        self.themes, self.show = list(themes), show
        self._folder = tempfile.TemporaryDirectory(prefix="themetagger-")
        self.board_path = new_board(self._folder.name, len(self.themes))
        self._board = Board(self.board_path, len(self.themes))
        self._finished: list[ThemeResult] = []
        self._there = 0  # of these, finished by an earlier call
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
        """Stop showing, and remove the board."""
        self._stop.set()
        if self.show:
            self._thread.join()
            if self._live is not None:
                self._live.update(self.summary())
                self._live.stop()
        del self._board
        self._folder.cleanup()

    def done(self, theme_result: ThemeResult) -> None:
        """Take note of a finished theme, and print its line."""
        self._finished.append(theme_result)
        self.say(self.line(theme_result))

    def say(self, text: str) -> None:
        """Print a line."""
        if self.show:
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def before(self, theme_results: Sequence[ThemeResult]) -> None:
        """Take note of themes that an earlier call has finished."""
        self._finished += theme_results
        self._there = len(theme_results)
        if theme_results:
            self.say(f"{len(theme_results)} of {len(self.themes)} themes were finished before.")

    def given_up(self) -> list[int]:
        """The themes that were being worked on when their workers ended; they wait again."""
        rows = [row for row, *_ in self._board.running()]
        for row in rows:
            self._board.stop(row)
        return rows

    def line(self, theme_result: ThemeResult) -> str:
        """One line about a finished theme."""
        head = f"[{len(self._finished)}/{len(self.themes)}] {theme_result.theme}: {theme_result.status}"
        if not theme_result.assigned:
            return f"{head} ({theme_result.reason})"
        model, counts = f"{theme_result.family} on {theme_result.view}", theme_result.counts
        spent = f"{theme_result.trials} trials in {clock(theme_result.seconds)}"
        return f"{head} {model}, precision {counts.precision:.2f} recall {counts.recall:.2f}, {spent}"

    def summary(self) -> str:
        """Finished / total, how many are certified, elapsed and left."""
        certified = sum(theme_result.status == "CERTIFIED" for theme_result in self._finished)
        spent, n = time.monotonic() - self._started, len(self._finished)
        new = n - self._there
        left = f", about {clock(spent / new * (len(self.themes) - n))} left" if new and n < len(self.themes) else ""
        return f"{n}/{len(self.themes)} themes finished, {certified} certified, {clock(spent)} so far{left}"

    def running(self) -> list[str]:
        """A line for each running theme: trials, and the best cut so far."""
        return [
            f"{self.themes[row]}: trial {trial}, best so far precision {precision:.2f} recall {recall:.2f}"
            for row, trial, precision, recall in self._board.running()
        ]

    def _watch(self) -> None:
        last = time.monotonic()
        while not self._stop.wait(PAUSE):
            if self._live is not None:
                self._live.update(plain("\n".join([*self.running(), self.summary()])))
            elif time.monotonic() - last >= HEARTBEAT:
                last = time.monotonic()
                text = "; ".join([self.summary(), *self.running()])
                self._console.print(text, markup=False, highlight=False, soft_wrap=True)
