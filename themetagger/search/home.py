"""Where a run keeps what its search has done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from themetagger.log import Log
from themetagger.search.database import Database


@dataclass
class Home:
    """A folder, the database of the trials, the log, and the file that workers hold while they live.

    ``lost`` says, once the search has ended, why the database does not have all trials; empty where it has.
    """

    folder: Path
    database: Database
    log: Log
    held_by_workers: Path
    lost: str = ""

    @property
    def advice(self) -> Path:
        """The file of what was found for all themes together."""
        return self.folder / "advice.json"
