"""What stands in a run folder: whether it was changed, and how it is taken away for another run."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress

from themetagger._utils.event_log import Log
from themetagger._utils.faces import option
from themetagger._utils.files import TEMPORARY
from themetagger._utils.run_paths import RunPaths, ThemePaths
from themetagger.runs.errors import RunError
from themetagger.runs.folder_check import databases
from themetagger.runs.run_info import name_in
from themetagger.search.storage.database import Database, DatabaseError, sqlite_url
from themetagger.search.storage.split import Split
from themetagger.search.storage.sqlite_schema import unlike_ours
from themetagger.search.storage.trial_log import TrialLogError
from themetagger.search.warm_start import load_warm_starts


def refuse_changed_files(paths: RunPaths, *, sealed: bool) -> None:
    """RunError where the split or the warm starts of a run that is to go on were changed, also if nothing needs them.

    ``sealed`` where each must have a checksum.
    """
    try:
        if paths.split.exists():
            Split.load(paths.split, sealed=sealed)
    except (OSError, ValueError) as error:
        remedy = f"delete that file, and go on with {option('resume', True)}: it is made again"
        raise RunError(f"{paths.split} is damaged ({error}); {remedy}.") from error
    try:
        for file in (paths.warm_start, paths.older_warm_start):
            load_warm_starts(file, (), sealed=sealed)
    except TrialLogError as error:
        raise RunError(str(error)) from error


def remove_temporary_files(paths: RunPaths) -> None:
    """Take away what a write that was killed has left."""
    for path in paths.folder.glob(TEMPORARY):
        path.unlink()


def clear(paths: RunPaths) -> str:
    """Take away what an earlier run has kept, its name; what people look at stays until it is written anew."""
    replaced = ""
    if paths.info.exists():
        os.replace(paths.info, paths.clearing)
    if paths.clearing.exists():
        replaced = name_in(paths.clearing, paths.folder)
    kept = (paths.rows, paths.plan, paths.split, paths.warm_start, paths.older_warm_start, paths.log)
    for path in (*kept, *databases(paths)):
        path.unlink(missing_ok=True)
    for theme in map(ThemePaths, paths.themes.glob("*")):
        if theme.trials.exists() or theme.scores.exists():
            shutil.rmtree(theme.folder)
    with suppress(OSError):  # somebody else's files are in it, or it is not there
        paths.themes.rmdir()
    return replaced


def take_back(paths: RunPaths) -> None:
    """Take away what was written for a run that could not begin."""
    for path in (paths.info, paths.rows, paths.plan, paths.log, *databases(paths)):
        path.unlink(missing_ok=True)


def own_database(paths: RunPaths, log: Log) -> Database:
    """The database in the run folder; one that is damaged, or not as we make it, is moved away: it is only a copy."""
    path, journal = paths.database, databases(paths)[-1]
    wrong = "its journal is there" if journal.exists() else unlike_ours(path) if path.exists() else ""
    if wrong:
        log.warning("database damaged", error=f"{path}: {wrong}")
        _move_away(paths)
    try:
        return Database(sqlite_url(path))
    except DatabaseError as error:
        if "not a database" not in str(error) and "malformed" not in str(error):
            raise
        log.warning("database damaged", error=str(error))
        _move_away(paths)
        return Database(sqlite_url(path))


def _move_away(paths: RunPaths) -> None:
    """Without the files beside it: SQLite would write what they say into the new one."""
    path, *beside = databases(paths)
    for file in beside:
        file.unlink(missing_ok=True)
    if path.exists():
        os.replace(path, f"{path}.damaged")
