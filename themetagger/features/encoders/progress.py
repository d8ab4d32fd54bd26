"""The progress of embedding: how many texts are done, how fast, and how long the rest will take."""

from __future__ import annotations

from themetagger._utils.console import Line, clock

QUIET = 2.0  # seconds before anything is shown


class Embedding(Line):
    """Shows how many of ``texts`` are embedded; the rest is judged by the characters that are left.

    Examples
    --------
    >>> embedding = Embedding(texts=300, characters=9_000, show=False)
    >>> embedding.add(texts=100, characters=6_000)
    >>> embedding.line(20.0)
    '100 of 300 texts embedded, 5 per second, about 10 s left'
    """

    delay = QUIET

    def __init__(self, *, texts: int, characters: int, show: bool) -> None:
        """Begin; with ``show=False`` nothing is printed."""
        super().__init__(show=show)
        self._texts, self._characters, self._done, self._read = texts, characters, 0, 0

    def add(self, *, texts: int, characters: int) -> None:
        """Count some texts and their characters."""
        self._done, self._read = self._done + texts, self._read + characters
        self._show_line(at_end=self._done >= self._texts)

    def line(self, seconds: float) -> str:
        """The state after so many seconds."""
        rest = self._characters - self._read
        left = f", about {clock(seconds / self._read * rest)} left" if self._read and rest else ""
        speed = f"{self._done / max(seconds, 1e-9):,.0f} per second"
        return f"{self._done:,} of {self._texts:,} texts embedded, {speed}{left}"
