"""Finished trials, logged and copied to the database by a thread beside the search."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from themetagger._utils.event_log import Log
from themetagger._utils.run_paths import ThemePaths
from themetagger.search.storage.database import Database, DatabaseError
from themetagger.search.storage.trial_log import FAIL, Record, records_after

PAUSE = 1.0  # seconds between two looks at the files
AGAIN = 15.0  # seconds between two attempts to reach a database that was lost


class DatabaseSync:
    """Copies the trials of a run from its files to the database; use it as a context manager around the search.

    Parameters
    ----------
    folders : the folder of each theme
    database : gets the trials
    log : gets an event for each trial that is new

    Attributes
    ----------
    lost : why the database does not have all trials; empty where it has
    """

    def __init__(self, folders: Mapping[str, Path], database: Database, log: Log) -> None:
        """Read what is on the disk already: it is copied to the database, but not logged again."""
        self.lost = ""
        self._database, self._log = database, log
        self._files = {theme: ThemePaths(folder).trials for theme, folder in folders.items()}
        self._offsets = dict.fromkeys(folders, 0)
        self._waiting: dict[str, list[Record]] = {}
        self._lost_at, self._stop, self._wake = -AGAIN, threading.Event(), threading.Event()
        self._read_lock, self._copy_lock = threading.Lock(), threading.Lock()
        self.read(log=False)

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Copy the rest."""
        self._stop.set()
        self._wake.set()
        self._thread.join()
        self._lost_at = -AGAIN
        self.read()
        self.copy()

    def _follow(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(PAUSE)
            self._wake.clear()
            self.read()
            self.copy()

    def read(self, *, log: bool = True) -> None:
        """Read what is new, and log it; this does not wait for the database."""
        with self._read_lock:
            for theme, path in self._files.items():
                if not path.exists() or path.stat().st_size <= self._offsets[theme]:
                    continue
                new, self._offsets[theme] = records_after(path, self._offsets[theme])
                for record in new if log else ():
                    self._log_trial(theme, record)
                self._waiting.setdefault(theme, []).extend(new)

    def _log_trial(self, theme: str, record: Record) -> None:
        event = {"theme": theme, "trial": record.number, "state": record.state, "value": record.value}
        event |= {"seconds": round(record.ended - record.begun, 3), **(record.summary or {})}
        if record.state == FAIL:
            self._log.warning("trial failed", **event, error=record.error)
        else:
            self._log.info("trial finished", **event)
        for warning in record.warnings:
            self._log.warning("a library warned", theme=theme, trial=record.number, text=warning)

    def copy(self) -> None:
        """Copy what was read to the database; where that is lost, it is tried again later."""
        with self._copy_lock:
            if not self._waiting or time.monotonic() < self._lost_at + AGAIN:
                return
            try:
                for theme in list(self._waiting):
                    with self._read_lock:
                        records = list(self._waiting[theme])
                    self._database.add(theme, records)
                    with self._read_lock:
                        del self._waiting[theme][: len(records)]
                        if not self._waiting[theme]:
                            del self._waiting[theme]
                    self._log.debug("copied to the database", theme=theme, trials=len(records))
            except DatabaseError as error:
                if not self.lost:
                    self._log.error("database lost", error=str(error))
                self.lost, self._lost_at = str(error), time.monotonic()
                return
            if self.lost:
                self._log.info("database reached again")
            self.lost = ""
