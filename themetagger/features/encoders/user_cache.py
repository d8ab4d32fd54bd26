"""The user's cache on this machine: where it is, and which folder holds the model of a SHA-256."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from themetagger._utils.files import write_atomically
from themetagger.features.encoders.record import ModelRecord

VARIABLE = "THEMETAGGER_CACHE"  # an environment variable that names another folder


def cache_folder() -> Path:
    """The folder of the cache: ``THEMETAGGER_CACHE``, else "themetagger" where this platform has its caches.

    Examples
    --------
    >>> os.environ["THEMETAGGER_CACHE"] = "/data/cache"  # doctest: +SKIP
    >>> cache_folder()  # doctest: +SKIP
    PosixPath('/data/cache')
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "themetagger"


def vectors_file(record: ModelRecord) -> Path:
    """The file with the vectors of a model."""
    return cache_folder() / "vectors" / f"{record.sha256}.sqlite"


def remember(record: ModelRecord, folder: Path) -> None:
    """Note that a folder holds this model; a cache that cannot be written is left alone.

    A tagger that names the model finds it then, and who opens it again need not wait for its weights.
    """
    entry = json.dumps({"name": record.name, "width": record.width, "folder": str(folder)}, indent=1).encode()
    place = _entry(record.sha256)
    try:
        if not place.is_file() or place.read_bytes() != entry:
            write_atomically(place, entry)
    except OSError:
        pass


def remembered_folder(sha256: str) -> Path | None:
    """The folder that was noted for a model, where there still is one; whether it is unchanged is not known."""
    folder = _noted(sha256).get("folder")
    return Path(folder) if isinstance(folder, str) and Path(folder).is_dir() else None


def remembered_width(sha256: str) -> int | None:
    """How many numbers the vectors of a model have, where that was noted."""
    width = _noted(sha256).get("width")
    return width if type(width) is int else None


def _noted(sha256: str) -> dict[str, Any]:
    try:
        noted = json.loads(_entry(sha256).read_bytes())
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _entry(sha256: str) -> Path:
    return cache_folder() / "models" / f"{sha256}.json"
