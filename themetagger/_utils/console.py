"""Progress of long work: one changing line in a terminal, plain lines in a log file."""

from __future__ import annotations

import math
import os
import re
import sys
import time
from contextlib import suppress
from typing import Any, ClassVar, Self

from themetagger._utils.wrapping import wrapped

SOON = 3.0  # seconds of work before which its pace is not known
HEARTBEAT = 30.0  # seconds between two lines where the output is not a terminal


def clock(seconds: float) -> str:
    """A duration as a person reads it.

    Examples
    --------
    >>> clock(7.2), clock(75), clock(3700)
    ('7 s', '1 min 15 s', '1 h 01 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return (
        f"{whole // 60} min {whole % 60:02d} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    )


def roughly(seconds: float) -> str:
    """A duration that is only estimated: to 5 seconds, above a minute to 10, above ten minutes to a minute.

    Examples
    --------
    >>> roughly(7.2), roughly(75), roughly(1234), roughly(3700)
    ('10 s', '1 min 20 s', '21 min', '1 h 02 min')
    """
    step = 5 if seconds < 60 else 10 if seconds < 600 else 60
    shown = clock(max(step, math.ceil(seconds / step) * step))
    return shown.replace(" min 00 s", " min")


def print_line(console: Any, text: str) -> None:
    """Print a text of one line: on a terminal on as many as it takes, which end between words; elsewhere on one."""
    text = visible(text)
    if console.is_terminal:
        text = "\n".join(wrapped(text, console.width, "  "))
    console.print(plain(text), soft_wrap=True)


class Stopped(KeyboardInterrupt):
    """Long work was interrupted; the message says how much of it is done."""


def open_closed_streams() -> None:
    """Let standard streams that are closed, as by ``>&-``, lead nowhere: libraries write to them, or end where none is.

    The first file that is opened would otherwise take the place of one, and get what is printed.
    """
    with suppress(OSError):
        while (opened := os.open(os.devnull, os.O_RDWR)) <= 2:
            os.set_inheritable(opened, True)  # or the first files of worker processes would take the place again
        os.close(opened)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)


def console() -> Any:
    """Standard error, as Rich sees it."""
    from rich.console import Console

    return Console(file=sys.stderr)


def plain(text: str) -> Any:
    """The text without markup: square brackets in the name of a theme stay what they are; each line is `visible`."""
    from rich.text import Text

    return Text("\n".join(map(visible, text.split("\n"))))


class Line:
    """One line that changes in a terminal; anything else gets it at each heartbeat. A line within another is silent."""

    delay = 0.0  # seconds before a terminal gets it
    _open: ClassVar[int] = 0  # lines that are shown now

    def __init__(self, *, show: bool) -> None:
        """With ``show=False`` nothing is printed."""
        self._console = console() if show else None
        self._live: Any = None
        self._started = self._last = time.monotonic()

    def __enter__(self) -> Self:
        """Begin to show."""
        if Line._open:
            self._console = None
        Line._open += self._console is not None
        if not self.delay:
            self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop showing."""
        Line._open -= self._console is not None
        if self._live is not None:
            self._live.stop()

    def line(self, seconds: float) -> str:
        """The state after so many seconds."""
        raise NotImplementedError

    def _begin(self) -> None:
        """Take a line of the terminal, where there is one."""
        if self._console is not None and self._console.is_terminal and self._live is None:
            from rich.live import Live

            self._live = Live("", console=self._console, refresh_per_second=4, transient=True)
            self._live.start()

    def _show_line(self, *, at_end: bool) -> None:
        """Show the line, where it is time."""
        now = time.monotonic()
        if now - self._started >= self.delay and not at_end:
            self._begin()
        if self._live is not None:
            self._live.update(plain(self.line(now - self._started)))
        elif self._console is not None and now - self._last >= HEARTBEAT and not at_end:
            self._last = now
            self._console.print(plain(self.line(now - self._started)), soft_wrap=True)


def say(text: str) -> None:
    """Print a line on standard error, unless one that changes is shown, which it would break."""
    if not Line._open:
        print_line(console(), text)


class RowCount(Line):
    """Shows how many of ``total`` rows are done, how fast, and how long the rest will take, as a context manager.

    A terminal shows one line that changes; anything else gets a line at each heartbeat.
    """

    def __init__(self, total: int, *, done: int = 0, show: bool = True) -> None:
        """Begin at ``done`` rows; with ``show=False`` nothing is printed."""
        super().__init__(show=show)
        self.total, self.done, self._begun = total, done, done

    def add(self, rows: int) -> None:
        """Count some more rows."""
        self.done += rows
        self._show_line(at_end=self.done >= self.total)

    def line(self, seconds: float) -> str:
        """The state after so many seconds.

        Examples
        --------
        >>> count = RowCount(3000, done=1000, show=False)
        >>> count.add(1000)
        >>> count.line(10)
        '2,000 of 3,000 rows, 100 per second, about 10 s left'
        """
        speed = (self.done - self._begun) / max(seconds, 1e-9)
        known = self.done < self.total and speed and seconds >= SOON
        left = f", about {roughly((self.total - self.done) / speed)} left" if known else ""
        return f"{self.done:,} of {self.total:,} rows, {speed:,.0f} per second{left}"


class Steps(Line):
    """Shows how many steps are done, and how long the rest will take, as a context manager.

    A terminal shows one line that changes; anything else gets a line at each heartbeat.

    Examples
    --------
    >>> with Steps("learning curves", show=False) as steps:
    ...     steps.reached(2, 12)  # there already
    ...     steps.reached(5, 12)
    >>> steps.line(9.0)
    '5 of 12 learning curves, about 25 s left'
    """

    def __init__(self, what: str, *, show: bool = True) -> None:
        """Name the steps; with ``show=False`` nothing is printed."""
        super().__init__(show=show)
        self.done, self.total, self._begun, self._what = 0, 0, -1, what

    def reached(self, done: int, total: int) -> None:
        """Say that so many of them are done; what was done at the first call took no time, and the clock begins."""
        if self._begun < 0:
            self._begun, self._started = done, time.monotonic()
        self.done, self.total = done, total
        self._show_line(at_end=done >= total)

    def line(self, seconds: float) -> str:
        """The state after so many seconds."""
        new = self.done - max(0, self._begun)
        more = self.total - self.done
        left = f", about {roughly(seconds / new * more)} left" if new > 1 and more and seconds >= SOON else ""
        return f"{self.done:,} of {self.total:,} {self._what}{left}"


# what a terminal obeys, and what makes other signs stand where they are not: control signs, ends of lines, the signs
# that set the direction of writing, and halves of surrogate pairs, which no output takes
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]")
_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u061c"))  # of direction too, without a look; texts in Hebrew hold many


def visible(text: str) -> str:
    """The text as one line that steers nothing: whatever is from a file or a table goes through here to be printed.

    Examples
    --------
    >>> ascii(visible("pay\\x1b[2J\\r\\nError: \\u202efine"))
    "'pay\\\\ufffd[2J\\\\ufffd\\\\ufffdError: \\\\ufffdfine'"
    """
    if text.isascii() and text.isprintable():
        return text
    return _OBEYED.sub("\ufffd", text).translate(_MARKS)


def printable(text: str, longest: int = 300) -> str:
    """The text without control characters, which a terminal would obey, cut to ``longest`` characters.

    Examples
    --------
    >>> printable("pay \\x1b[2J"), printable("a very long name", 6)
    ('pay ?[2J', 'a very…')
    """
    shown = "".join(sign if sign.isprintable() else "?" for sign in text[:longest])
    return shown if len(text) <= longest else shown + "…"
