"""The log of a run: one JSON object a line, written by one process, so that nothing is garbled."""

from __future__ import annotations

import json
import logging
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from themetagger._utils.forks import ForkSafeLock
from themetagger._utils.own_files import open_own

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_logger = logging.getLogger("themetagger")
_logger.addHandler(logging.NullHandler())


class Log:
    """Writes events of a level, and above, to a file, and hands them to the logger ``themetagger``.

    A line has ``time`` (UTC), ``level``, ``event`` and what belongs to the event. A log that cannot be written stops
    no run: it is left out.

    Parameters
    ----------
    path : the file, which grows; None writes none
    level : "debug", "info" (default), "warning" or "error"

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "log.jsonl"
    >>> Log(path).info("theme finished", theme="pay", seconds=1.5)
    >>> json.loads(path.read_text())["theme"]
    'pay'
    """

    def __init__(self, path: Path | None, *, level: str = "info") -> None:
        """Nothing is opened before the first event."""
        self._path, self._least, self._lock = path, LEVELS[level], ForkSafeLock()

    def debug(self, event: str, **more: Any) -> None:
        """What happened in detail, such as a trial."""
        self._write("debug", event, more)

    def info(self, event: str, **more: Any) -> None:
        """What happened."""
        self._write("info", event, more)

    def warning(self, event: str, **more: Any) -> None:
        """What a person should look at."""
        self._write("warning", event, more)

    def error(self, event: str, **more: Any) -> None:
        """What went wrong."""
        self._write("error", event, more)

    def _write(self, level: str, event: str, more: dict[str, Any]) -> None:
        _logger.log(LEVELS[level], "%s %s", event, more, extra={"themetagger": more})
        if self._path is None or LEVELS[level] < self._least:
            return
        now = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "level": level, "event": event, **more}, default=str) + "\n"
        try:
            with self._lock, open_own(self._path, "a+b") as file:
                file.seek(-min(1, file.seek(0, os.SEEK_END)), os.SEEK_END)
                whole = file.read() in (b"", b"\n")  # else a write was cut off, which is no line of this event
                file.write((line if whole else "\n" + line).encode())
        except OSError:
            self._path = None
