"""The thread that copies the finished trials of a run to the database, and tells the log of them."""

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

PAUSE = 1.0  # seconds between two looks
AGAIN = 15.0  # seconds between two attempts to reach a database that was lost


class DatabaseSync:
    """Use as a context manager around the search.

    Parameters
    ----------
    folders : the folder of each theme
    database : where trials go
    log : where events go

    Attributes
    ----------
    lost : why the database does not have all trials; empty where it has
    """

    def __init__(self, folders: Mapping[str, Path], database: Database, log: Log) -> None:
        """Begin with what is on the disk: the database gets what it does not have, the log only what comes."""
        self.lost = ""
        self._database, self._log = database, log
        self._places = {theme: ThemePaths(folder).trials for theme, folder in folders.items()}
        self._read = dict.fromkeys(folders, 0)
        self._waiting: dict[str, list[Record]] = {}
        self._lost_at, self._stop, self._wake = -AGAIN, threading.Event(), threading.Event()
        self._reading, self._carrying = threading.Lock(), threading.Lock()
        self.read(tell=False)

    def __enter__(self) -> Self:
        """Begin to follow."""
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Carry the rest over."""
        self._stop.set()
        self._wake.set()
        self._thread.join()
        self._lost_at = -AGAIN
        self.read()
        self.carry()

    def _follow(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(PAUSE)
            self._wake.clear()
            self.read()
            self.carry()

    def read(self, *, tell: bool = True) -> None:
        """Read what is new, and tell the log; this waits for no database."""
        with self._reading:
            for theme, path in self._places.items():
                if not path.exists() or path.stat().st_size <= self._read[theme]:
                    continue
                new, self._read[theme] = records_after(path, self._read[theme])
                for record in new if tell else ():
                    self._tell(theme, record)
                self._waiting.setdefault(theme, []).extend(new)

    def _tell(self, theme: str, record: Record) -> None:
        told = {"theme": theme, "trial": record.number, "state": record.state, "value": record.value}
        told |= {"seconds": round(record.ended - record.begun, 3), **(record.told or {})}
        if record.state == FAIL:
            self._log.warning("trial failed", **told, error=record.error)
        else:
            self._log.info("trial finished", **told)
        for warned in record.warned:
            self._log.warning("a library warned", theme=theme, trial=record.number, text=warned)

    def carry(self) -> None:
        """Put what was read into the database."""
        with self._carrying:
            if not self._waiting or time.monotonic() < self._lost_at + AGAIN:
                return
            try:
                for theme in list(self._waiting):
                    with self._reading:
                        records = list(self._waiting[theme])
                    self._database.add(theme, records)
                    with self._reading:
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
                self._log.info("database found again")
            self.lost = ""
