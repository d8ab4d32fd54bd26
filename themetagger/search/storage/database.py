"""The trials as Optuna studies in a database: SQLite in the run folder, or any that SQLAlchemy knows by its URL.

A copy, for optuna-dashboard and for queries in SQL: a run goes on from its trial logs. So a database that is lost
during a run costs nothing, and is brought up to date by the next call on the folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import optuna

from themetagger.search.storage.trial_log import Record
from themetagger.search.trial_runner import frozen

_SHOWN = ("sslmode", "dbname", "host", "port", "options", "charset")  # of what stands behind the ?, no secrets
LONGEST = 300  # characters of a study's name; databases allow 512
WAIT = 5  # seconds
DRIVER = 'pip install "themetagger[postgresql]"'


class DatabaseError(OSError):
    """The database cannot be reached or written; the message says what to do."""


class Database:
    """The studies of one run.

    Parameters
    ----------
    url : of the database, as SQLAlchemy reads it; ``postgresql://`` is read with the driver of the extra
    run : put before the names of the studies, where several runs share a database; default none; may be set later

    Raises
    ------
    DatabaseError
        If it cannot be opened; the message names the remedy, and no password.
    """

    def __init__(self, url: str, *, run: str = "") -> None:
        """Open it, and make its tables where there are none."""
        self.run, self._studies = run, dict[str, optuna.Study]()
        optuna.logging.set_verbosity(optuna.logging.CRITICAL)
        self.name = shown(url)
        try:
            url = _with_driver(url)
            self._storage = optuna.storages.RDBStorage(url, engine_kwargs=_settings(url))
            if url.startswith("sqlite"):
                _read_while_written(self._storage.engine)
        except ImportError as error:
            raise DatabaseError(f"{self.name}: its driver is missing ({error}); run {DRIVER}.") from error
        except Exception as error:  # whatever a driver raises
            remedy = "make room there" if url.startswith("sqlite") else "check the address, and that the server runs"
            raise DatabaseError(
                f"{self.name}: the database cannot be opened ({_first_line(error)}); {remedy}."
            ) from error

    def add(self, theme: str, records: Sequence[Record]) -> int:
        """Put those of a theme's first trials into its study that it does not have; how many there were.

        Raises
        ------
        DatabaseError
            If the database cannot be reached.
        """
        try:
            study = self._study(theme)
            there = self._storage.get_n_trials(study._study_id)
            new = [record for record in records if record.number >= there]
            for record in new:
                study.add_trial(frozen(record))
            return len(new)
        except Exception as error:  # whatever a driver raises
            self._studies.clear()
            self.close()  # connections that are broken; the next attempt makes new ones
            raise DatabaseError(f"{self.name}: the database was lost ({_first_line(error)}).") from error

    def trials(self, theme: str) -> list[optuna.trial.FrozenTrial]:
        """The trials of a theme, in their order."""
        return self._study(theme).get_trials(deepcopy=False)

    def forget(self, run: str) -> None:
        """Delete the studies of another run.

        Raises
        ------
        DatabaseError
            If the database cannot be reached.
        """
        try:
            for name in optuna.study.get_all_study_names(self._storage):
                if name.startswith(run):
                    optuna.delete_study(study_name=name, storage=self._storage)
        except Exception as error:  # whatever a driver raises
            raise DatabaseError(f"{self.name}: the database was lost ({_first_line(error)}).") from error

    def close(self) -> None:
        """Let go of the connection."""
        self._storage.remove_session()
        self._storage.engine.dispose()

    def _study(self, theme: str) -> optuna.Study:
        if theme not in self._studies:
            self._studies[theme] = optuna.create_study(
                study_name=self.run + _short(theme), storage=self._storage, direction="maximize", load_if_exists=True
            )
        return self._studies[theme]


def sqlite_url(path: Path) -> str:
    """The URL of a file, whatever its name.

    Examples
    --------
    >>> sqlite_url(Path("run/studies.db"))
    'sqlite:///run/studies.db'
    """
    from sqlalchemy.engine import URL

    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def shown(url: str) -> str:
    """A URL for people, without its password.

    Examples
    --------
    >>> shown("postgresql://ann:secret@db/studies")
    'postgresql://ann:***@db/studies'
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
        return "the storage"  # any part of it may be the password
    named = {name: value if name in _SHOWN else "hidden" for name, value in parts.query.items()}
    return parts.set(query=named).render_as_string(hide_password=True)


def _with_driver(url: str) -> str:
    from sqlalchemy.engine import make_url

    parts = make_url(url)
    if parts.drivername in ("postgresql", "postgres"):
        parts = parts.set(drivername="postgresql+psycopg")
    return parts.render_as_string(hide_password=False)


def _settings(url: str) -> dict[str, Any]:
    """A file that another one writes is waited for, and a server that does not answer, but not for long."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": WAIT}}
    asked = {"connect_timeout": 2 * WAIT, "options": f"-c statement_timeout={2 * WAIT}s"}
    alive = {
        "keepalives_idle": WAIT,
        "keepalives_interval": WAIT,
        "keepalives_count": 2,
        "tcp_user_timeout": 4000 * WAIT,
    }
    return {"pool_pre_ping": True} | ({"connect_args": asked | alive} if url.startswith("postgresql+psycopg") else {})


def _read_while_written(engine: Any) -> None:
    """Let others read the file while it is written."""
    from sqlalchemy import text

    with engine.connect() as connection:
        connection.execute(text("PRAGMA journal_mode=WAL"))


def _short(theme: str) -> str:
    if len(theme) <= LONGEST:
        return theme
    return f"{theme[:LONGEST]}... {hashlib.sha256(theme.encode()).hexdigest()[:8]}"


def _first_line(error: Exception) -> str:
    return (str(error.__cause__ or error).strip().splitlines() or [type(error).__name__])[0]
