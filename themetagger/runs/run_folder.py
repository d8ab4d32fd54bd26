"""A run folder in use: who has it, what its run was made from, and whether another call may go on with it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import platform
import shutil
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from themetagger._utils.files import TEMPORARY, hold, write_atomically
from themetagger._utils.run_paths import RunPaths, ThemePaths
from themetagger.corpus import Corpus
from themetagger.runs.fingerprint import (
    Numbers,
    fingerprint,
    first_other,
    other_settings,
    other_table,
    other_versions,
    plan_json,
    row_numbers,
    tables_json,
    versions,
)
from themetagger.runs.plan import Plan

PATIENCE = 60.0  # seconds that workers of a run that was killed are waited for; they end within one
FORMAT = 1
REMEDY = "pass another out, or begin anew with start_over (--start-over)"


class RunError(ValueError):
    """A run folder cannot be used as it was asked for; the message says why, and what to do."""


@dataclass(frozen=True)
class RunInfo:
    """What a run is: its name, the trials that each call allowed, remarks, and the name of a run it has replaced."""

    name: str
    allowed: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...] = ()
    replaced: str = ""

    def before(self, theme: str) -> tuple[int, ...]:
        """The numbers of trials that earlier calls allowed a theme, where the next one allowed more."""
        numbers = [_trials(call, theme) for call in self.allowed]
        return tuple(number for number, later in pairwise(numbers) if later != number)


class RunFolder:
    """Has a run folder for itself; use it as a context manager.

    Parameters
    ----------
    folder : made where it is missing
    resume : go on with a run that is there
    start_over : throw away a run that is there

    Raises
    ------
    RunError
        If another process has the folder, if it cannot be written, or if it holds a run and neither ``resume`` nor
        ``start_over`` is asked for.
    """

    def __init__(self, folder: str | os.PathLike[str], *, resume: bool, start_over: bool) -> None:
        """Nothing is touched yet."""
        self.folder, self._resume, self._start_over = Path(folder), resume, start_over
        self._paths = RunPaths(self.folder)

    def __enter__(self) -> Self:
        """Take the folder."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = open(self._paths.lock, "a+b")
        except OSError as error:
            raise RunError(
                f"the run folder {self.folder} cannot be written ({error.strerror}); pass another out."
            ) from error
        if not hold(self._file):
            self._file.seek(0)
            who = self._file.read().decode(errors="replace").strip()
            self._file.close()
            raise RunError(f"{self.folder}: another run is using it ({who}); wait for it, or pass another out.")
        try:
            self._sign()
            self._wait_for_workers()
            self._sweep()
            self._refuse_what_is_there()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the folder to others."""
        self._file.close()

    def take_up(self, plan: Plan, data: Mapping[str, Corpus]) -> RunInfo:
        """What this run is: begun by an earlier call, if that was made from the same, else new.

        Parameters
        ----------
        plan : what is asked for
        data : the tables by their names in messages

        Raises
        ------
        RunError
            If plan or data have changed; it says what.
        """
        rows = {name: row_numbers(corpus) for name, corpus in data.items()}
        own = {theme: settings["trials"] for theme, settings in plan.overrides.items() if "trials" in settings}
        about: dict[str, Any] = {
            "format": FORMAT,
            "name": uuid.uuid4().hex[:12],
            "begun": _now(),
            "place": str(self.folder.absolute()),
            "plan": plan_json(plan),
            "allowed": [{"trials": plan.trials, "own": own}],
            "data": {name: fingerprint(corpus, rows[name]) for name, corpus in data.items()},
            "tables": tables_json(plan),
            "versions": versions(),
        }
        notes: tuple[str, ...] = ()
        replaced = ""
        before = None if self._start_over else self._read()
        try:
            if before is None:
                replaced = self._clear()
                write_atomically(self._paths.rows, _npz(rows))
            else:
                self._same(before, about, rows)
                notes = other_versions(before["versions"], about["versions"])
                allowed = _grown(self.folder, before["allowed"], about["allowed"][0])
                if before.get("place") == about["place"]:  # else a copy, whose trials are no longer the other's
                    about["name"] = before["name"]
                about = {
                    **before,
                    "allowed": allowed,
                    "name": about["name"],
                    "place": about["place"],
                    "tables": about["tables"],
                }
            write_atomically(self._paths.info, json.dumps(about, indent=1).encode())
            self._paths.clearing.unlink(missing_ok=True)
        except OSError as error:
            raise RunError(f"{self.folder}: cannot be written ({error.strerror or error}); make room there.") from error
        return RunInfo(about["name"], tuple(about["allowed"]), notes, replaced)

    def _refuse_what_is_there(self) -> None:
        """RunError where the folder holds what is not to be touched."""
        if self._start_over:
            return
        if self._paths.info.exists():
            if not self._resume:
                raise RunError(f"{self.folder} holds a run already; go on with it with resume (--resume), or {REMEDY}.")
            return
        if self._paths.clearing.exists():  # an earlier call was to throw it away
            return
        paths = self._paths
        kept = (paths.themes, paths.database, paths.warm_start, paths.log, paths.results, paths.tagger)
        there = [path.name for path in kept if path.exists()]
        if there:
            held = " and ".join(there[:2])
            raise RunError(f"{self.folder} holds {held}, but no {paths.info.name} that says of which run; {REMEDY}.")

    def _sweep(self) -> None:
        """Take away what a write that was killed has left."""
        for path in self.folder.glob(TEMPORARY):
            path.unlink()

    def _sign(self) -> None:
        """Say in the lock file who has it, for whoever else comes."""
        try:
            self._file.truncate(0)
            self._file.write(f"process {os.getpid()} on {platform.node()}, since {_now()}".encode())
            self._file.flush()
        except OSError as error:
            raise RunError(f"{self.folder}: cannot be written ({error.strerror}); make room there.") from error

    def _wait_for_workers(self) -> None:
        """Workers of a run that was killed end by themselves; until then they may still write."""
        with open(self._paths.workers, "ab") as file:
            until = time.monotonic() + PATIENCE
            while not hold(file):
                if time.monotonic() > until:
                    raise RunError(f"{self.folder}: workers of a run that was killed are still there; end them first.")
                time.sleep(0.05)

    def _read(self) -> dict[str, Any] | None:
        path = self._paths.info
        if not path.exists():
            return None
        try:
            about = json.loads(path.read_bytes())
            known = about["format"] <= FORMAT
            if known and not _is_whole(about):
                raise ValueError("it is not whole")
        except (ValueError, KeyError, TypeError) as error:
            raise RunError(f"{path} is damaged ({error}); {REMEDY}.") from error
        if not known:
            raise RunError(f"{path} was made by a newer themetagger; update this one, or {REMEDY}.")
        return dict(about)

    def _clear(self) -> str:
        """Take away what an earlier run has kept, its name; what people look at stays until it is written anew."""
        replaced = ""
        if self._paths.info.exists():
            os.replace(self._paths.info, self._paths.clearing)
        if self._paths.clearing.exists():
            replaced = _name_in(self._paths.clearing)
        database = self._paths.database
        databases = [database.with_name(database.name + end) for end in ("", "-wal", "-shm", "-journal")]
        for path in (self._paths.rows, self._paths.warm_start, self._paths.log, *databases):
            path.unlink(missing_ok=True)
        for theme in map(ThemePaths, self._paths.themes.glob("*")):
            if theme.trials.exists() or theme.scores.exists():
                shutil.rmtree(theme.folder)
        with contextlib.suppress(OSError):  # somebody else's files are in it, or it is not there
            self._paths.themes.rmdir()
        return replaced

    def _same(self, before: Mapping[str, Any], now: Mapping[str, Any], rows: Mapping[str, Numbers]) -> None:
        """RunError where plan or data are others than when the run began."""
        told, was, found = other_settings(before["plan"], now["plan"]), before["data"], now["data"]
        for name in {**was, **found}:
            if name not in was or name not in found:
                told.append(f"{name} was {'given' if name in was else 'not given'} and now is{' not' * (name in was)}")
            elif was[name]["sha256"] != found[name]["sha256"]:
                told.append(other_table(was[name], found[name], self._first_other(name, rows[name])))
        if told:
            raise RunError(
                f"{self.folder}: its run was made from something else: {'; '.join(told)}. Give the same, or {REMEDY}."
            )

    def _first_other(self, name: str, now: Numbers) -> int | None:
        try:
            with np.load(self._paths.rows, allow_pickle=False) as kept:
                return first_other(kept[name], now)
        except (OSError, ValueError, KeyError):
            return None


def _is_whole(about: Mapping[str, Any]) -> bool:
    kinds = {"name": str, "plan": dict, "allowed": list, "data": dict, "versions": dict}
    if not all(isinstance(about.get(name), kind) for name, kind in kinds.items()) or not about["allowed"]:
        return False
    calls = all(isinstance(call["trials"], int) and isinstance(call["own"], dict) for call in about["allowed"])
    return calls and all({"rows", "themes", "sha256"} <= set(table) for table in about["data"].values())


def _name_in(path: Path) -> str:
    try:
        return str(json.loads(path.read_bytes())["name"])
    except (ValueError, KeyError, TypeError):
        return ""


def _now() -> str:
    return datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds")


def _npz(rows: Mapping[str, Numbers]) -> bytes:
    file = io.BytesIO()
    np.savez(file, **rows)  # type: ignore[arg-type]
    return file.getvalue()


def _trials(call: Mapping[str, Any], theme: str) -> int:
    return int(call["own"].get(theme, call["trials"]))


def _grown(folder: Path, before: list[Mapping[str, Any]], now: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The trials of each call so far; a RunError where there are fewer than before."""
    last = before[-1]
    for theme in {**last["own"], **now["own"], "": None}:
        was, asked = _trials(last, theme), _trials(now, theme)
        if asked < was:
            of = f" of {theme!r}" if theme else ""
            raise RunError(
                f"{folder}: trials{of} was {was} and is now {asked}; a run can be given more trials, but "
                f"not fewer. Give at least {was}, or {REMEDY}."
            )
    return before if now == last else [*before, now]
