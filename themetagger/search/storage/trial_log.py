"""The finished trials of one theme on disk: one line each, and the out-of-fold scores of those tried on all folds."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from themetagger._utils.arrays import MOST_BYTES, array_in
from themetagger._utils.faces import option
from themetagger._utils.files import TEMPORARY, make_folder, sync_folder, write_atomically
from themetagger._utils.own_files import open_own, read_own
from themetagger._utils.run_paths import ThemePaths
from themetagger.models.families import FAMILIES
from themetagger.models.storage.strict_json import read_json
from themetagger.search.companion import read_name
from themetagger.search.storage.trial_shape import MOST_LINE, checked_trial

Floats = npt.NDArray[np.float64]
COMPLETE, PRUNED, FAIL = "COMPLETE", "PRUNED", "FAIL"
_RENAMED = {"factor": "blend_weight", "told": "summary", "warned": "warnings"}  # keys of older files


class TrialLogError(OSError):
    """Trials cannot be written; the message says what to do."""


@dataclass(frozen=True)
class Record:
    """One finished trial, as data.

    Parameters
    ----------
    number : of the trial, from 0
    state : COMPLETE (tried on all folds), PRUNED (dropped on the way) or FAIL
    value : what the objective says of it; None unless complete
    params, distributions : as Optuna names them; distributions as Optuna's JSON objects
    queued : parameters that were given; the others were drawn
    level : of the families that it chose from
    begun, ended : seconds since the epoch
    early : average precision on the first folds, also of a trial that was dropped after them
    blend_weight : of the companion's scores
    scores : SHA-256 of its out-of-fold scores; empty unless complete
    error : what went wrong; empty unless failed
    summary : family, view, average precision and the like, for people
    warnings : of libraries
    """

    number: int
    state: str
    value: float | None
    params: dict[str, Any]
    distributions: dict[str, Any]
    queued: dict[str, Any] | None
    level: int
    begun: float
    ended: float
    early: float = math.nan
    blend_weight: float = 0.0
    scores: str = ""
    error: str = ""
    summary: dict[str, Any] | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def family(self) -> str:
        """The family that it tried, without a companion; empty where its parameters do not tell."""
        named = (str(self.params[name]) for name in self.params if name.split(".")[0] == "family")
        return next(named, next((name.split(".")[0] for name in self.params if name.split(".")[0] in FAMILIES), ""))

    def line(self) -> bytes:
        """The record as one line, its checksum in front of the rest."""
        values = asdict(self)
        text = json.dumps({name: None if value != value else value for name, value in values.items()})
        return f'{{"sha256": "{_digest(text.encode())}", "trial": {text}}}\n'.encode()

    @classmethod
    def of_line(cls, line: bytes) -> Record:
        """The record of a line; a ValueError where it is torn or changed."""
        values = read_json(line.decode(), finite=False)
        if not isinstance(values, dict) or not isinstance(values.get("trial"), dict):
            raise ValueError("this is no trial")
        trial = values["trial"]
        if _digest(json.dumps(trial).encode()) != values.get("sha256"):
            raise ValueError("its checksum does not fit")
        trial = _as_of_today(trial)
        trial = checked_trial(trial)
        return cls(**trial | {"early": math.nan if trial["early"] is None else trial["early"]})


def _as_of_today(trial: dict[str, Any]) -> dict[str, Any]:
    """The trial of an older file under today's names, its family without a companion."""
    today = {_RENAMED.get(name, name): value for name, value in trial.items()}
    summary = today.get("summary") or {}
    if not isinstance(summary, dict) or not isinstance(summary.get("family"), str):
        return today
    return today | {"summary": summary | {"family": read_name(summary["family"])[0]}}


class TrialLog:
    """The trials of one theme: read when it is opened; each new one is on the disk before ``add`` returns.

    A torn or damaged record, and all after it, count as not done: the study does them again, with the same result.
    Without a folder nothing is kept.

    Parameters
    ----------
    folder : of the theme; made when the first trial is added; None keeps nothing
    rows : how many scores a trial has
    """

    def __init__(self, folder: Path | None, rows: int) -> None:
        """Read the trials that are on the disk, and remove what is damaged."""
        self.folder, self.rows, self.records = folder, rows, list[Record]()
        self._scores: dict[int, Floats] = {}
        if folder is None:
            return
        paths = ThemePaths(folder)
        for unfinished in (*folder.glob(TEMPORARY), *paths.scores.glob(TEMPORARY)):
            unfinished.unlink()  # left by a write that was killed
        if os.path.lexists(paths.trials):
            complete = 0
            for record, size in _whole_records(paths.trials):
                if record.number != len(self.records) or not self._read_scores(record):
                    break
                self.records.append(record)
                complete += size
            self._truncate(complete)

    def scores(self, record: Record) -> Floats:
        """The out-of-fold scores (n,) of a trial that was on the disk when the log was opened."""
        return self._scores[record.number]

    def add(self, record: Record, scores: Floats | None) -> None:
        """Write a trial to the disk, scores first.

        Raises
        ------
        TrialLogError
            If that is not possible; nothing that was written before is lost.
        """
        if self.folder is not None:
            try:
                if scores is not None:
                    write_atomically(self._path(record), _npy(scores))
                make_folder(self.folder)
                _append(ThemePaths(self.folder).trials, record.line())
            except OSError as error:
                raise TrialLogError(
                    f"{self.folder}: cannot be written ({error.strerror or error}); remove the cause, and go on with "
                    f"{option('resume', True)}. The trials before this one are kept."
                ) from error
        self.records.append(record)

    def _path(self, record: Record) -> Path:
        assert self.folder is not None
        return ThemePaths(self.folder).scores_of(record.number)

    def _read_scores(self, record: Record) -> bool:
        """Read the scores of a trial where it has some; whether they are as they were written."""
        if record.state != COMPLETE:
            return True
        scores = scores_at(self._path(record), record, self.rows)
        if scores is not None:
            self._scores[record.number] = scores
        return scores is not None

    def _truncate(self, size: int) -> None:
        """Remove what stands after the complete records, which take so many bytes."""
        assert self.folder is not None
        path = ThemePaths(self.folder).trials
        if path.stat().st_size > size:
            with open_own(path, "r+b") as file:
                file.truncate(size)
                os.fsync(file.fileno())


def scores_at(path: Path, record: Record, rows: int) -> Floats | None:
    """The out-of-fold scores (rows,) of a trial from their file; None where they are not as they were written."""
    try:
        data = read_own(path, most=MOST_BYTES)
        scores = array_in(data, "f8") if _digest(data) == record.scores else np.zeros(0)
    except (OSError, ValueError):
        return None
    return scores if len(scores) == rows and np.isfinite(scores).all() else None


def scores_digest(scores: Floats) -> str:
    """SHA-256 of the file that holds these scores."""
    return _digest(_npy(scores))


def _npy(scores: Floats) -> bytes:
    file = io.BytesIO()
    np.save(file, scores, allow_pickle=False)
    return file.getvalue()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _append(path: Path, line: bytes) -> None:
    """Append a line to a file, on the disk; half a line is removed again."""
    new = not path.exists()
    with open_own(path, "a+b", buffering=0) as file:
        before = file.seek(0, os.SEEK_END)
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except OSError:
            file.truncate(before)
            raise
    if new:
        sync_folder(path.parent)


def _whole_records(path: Path) -> Iterator[tuple[Record, int]]:
    """The records of a file with their sizes, up to the first that is torn or damaged."""
    with open_own(path) as file:
        while (line := file.readline(MOST_LINE)).endswith(b"\n"):
            try:
                record = Record.of_line(line)
            except ValueError:
                return
            yield record, len(line)


def records_after(path: Path, offset: int) -> tuple[list[Record], int]:
    """The complete records after a byte of a file that another process may be writing, and the byte after them."""
    records: list[Record] = []
    try:
        with open_own(path) as file:
            file.seek(offset)
            while (line := file.readline(MOST_LINE)).endswith(b"\n"):
                records.append(Record.of_line(line))
                offset += len(line)
    except (OSError, ValueError):  # what is damaged is done again, and read then
        pass
    return records, offset
