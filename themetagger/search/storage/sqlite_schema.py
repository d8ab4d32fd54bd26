"""Whether an SQLite file is one that Optuna has made: what else it holds could run whenever it is written.

A table of a file from a stranger may have triggers, views and expressions, which SQLite runs when a row is added, and
which need not end. And a journal beside it may name other files, which SQLite then removes.
"""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path

import optuna

MOST_ENTRIES = 1_000


def unlike_ours(path: Path) -> str:
    """In what a database differs from those that this Optuna makes; empty where it does not.

    Nothing in it is run: only its list of tables and indexes is read.
    """
    try:
        held = _schema(path)
    except (sqlite3.Error, OSError, ValueError) as error:
        return f"it cannot be read ({error})"
    other = sorted(str(name) for name in held.items() ^ _ours().items())
    return f"its tables are not those that Optuna makes: {other[0][:200]}" if held and other else ""


def _schema(path: Path) -> dict[tuple[str, str], str | None]:
    connection = sqlite3.connect(path, timeout=5)
    try:
        connection.execute("PRAGMA trusted_schema=OFF")
        found = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchmany(MOST_ENTRIES)
    finally:
        connection.close()
    return {(str(kind), str(name)): sql for kind, name, sql in found}


@cache
def _ours() -> dict[tuple[str, str], str | None]:
    """The schema of a new database."""
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    storage = optuna.storages.RDBStorage("sqlite://")
    with storage.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master").fetchall()
    storage.remove_session()
    storage.engine.dispose()
    return {(str(kind), str(name)): sql for kind, name, sql in rows}
