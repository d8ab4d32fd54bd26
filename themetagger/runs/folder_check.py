"""Whether a run folder, which may come from a stranger, is ours alone: no link leads out of it."""

from __future__ import annotations

from pathlib import Path

from themetagger._utils.own_files import check_tree
from themetagger._utils.run_paths import RunPaths


def check_contents(paths: RunPaths) -> None:
    """OwnFileError where a file that would be opened, or a folder of themes, is a link or otherwise not ours alone."""
    held = (paths.lock, paths.workers, paths.info, paths.clearing, paths.rows, paths.split, paths.log)
    read = (paths.warm_start, paths.older_warm_start, paths.tagger, paths.results, paths.averages, paths.about)
    check_tree((*held, *read, *databases(paths)), [paths.themes])


def databases(paths: RunPaths) -> tuple[Path, ...]:
    """The database in the run folder, and the files that SQLite keeps beside it while it is used."""
    return tuple(paths.database.with_name(paths.database.name + end) for end in ("", "-wal", "-shm", "-journal"))
