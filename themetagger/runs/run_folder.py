"""The folder of a run: used by one process at a time, for one run made from one plan and one set of tables."""

from __future__ import annotations

import io
import os
import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

import numpy as np

from themetagger._utils.arrays import arrays_at
from themetagger._utils.event_log import Log
from themetagger._utils.faces import option
from themetagger._utils.files import hold, is_file_at, write_atomically
from themetagger._utils.own_files import OwnFileError, open_own
from themetagger._utils.run_paths import RunPaths
from themetagger.corpus import Corpus
from themetagger.features import TextEncoder
from themetagger.features.registry import STATIC
from themetagger.runs.errors import RunError
from themetagger.runs.fingerprint import (
    Numbers,
    first_other,
    other_settings,
    other_table,
    other_versions,
    plan_json,
    row_numbers,
)
from themetagger.runs.folder_check import check_contents
from themetagger.runs.folder_contents import (
    clear,
    own_database,
    refuse_changed_files,
    remove_temporary_files,
    take_back,
)
from themetagger.runs.plan import Plan
from themetagger.runs.run_info import RunInfo, has_vectors, new_info, now, read_info, remedy, resumed_info, write_info
from themetagger.search.storage.database import Database
from themetagger.search.storage.run_storage import FolderStorage, RunStorage
from themetagger.search.workers.work_folder import sweep

PATIENCE = 60.0  # seconds that workers of a run that was killed are waited for; they end within one


NONE: Mapping[str, str] = MappingProxyType({})
WITHOUT_VECTORS = (
    "This run was begun by a version that had no static vectors, and goes on without them; a new run has them."
)


def folder_of(plan: Plan) -> RunFolder | NoRunFolder:
    """The folder that a plan asks for, to be used as a context manager."""
    if plan.out is None:
        return NoRunFolder()
    return RunFolder(plan.out, resume=plan.resume, start_over=plan.start_over)


class NoRunFolder:
    """Stands for the folder of a run that keeps nothing."""

    def __enter__(self) -> Self:
        """There is nothing to take."""
        return self

    def __exit__(self, *_: object) -> None:
        """There is nothing to leave."""

    def usable(self, encoders: Mapping[str, TextEncoder]) -> dict[str, TextEncoder]:
        """All of the text encoders."""
        return dict(encoders)

    @contextmanager
    def begin(self, plan: Plan, tables: Mapping[str, Corpus], models: Mapping[str, str] = NONE) -> Iterator[RunStorage]:
        """A storage that keeps nothing."""
        yield RunStorage()


class RunFolder:
    """A run folder that this process has to itself; use it as a context manager.

    Parameters
    ----------
    folder : made where it is missing
    resume : whether to go on with the run that it holds
    start_over : whether to throw away the run that it holds

    Raises
    ------
    RunError
        If another process has the folder, if it cannot be written, or if it holds a run and neither ``resume`` nor
        ``start_over`` is asked for.
    """

    def __init__(self, folder: str | os.PathLike[str], *, resume: bool, start_over: bool) -> None:
        """Nothing is touched yet."""
        self.paths, self._resume, self._start_over = RunPaths(Path(folder)), resume, start_over
        self._found: set[Path] = set()  # what was there before

    def __enter__(self) -> Self:
        """Take the folder."""
        folder = self.paths.folder
        _check_name(folder)
        places = (folder, *folder.parents, self.paths.lock, self.paths.workers)
        self._found = {path for path in places if path.exists()}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            check_contents(self.paths)
            self._lock = open_own(self.paths.lock, "a+b")
        except OwnFileError as error:
            raise RunError(f"{error} Or choose another {option('out')}.") from error
        except OSError as error:
            raise RunError(
                f"the run folder {folder} cannot be written ({error.strerror}); choose another {option('out')}."
            ) from error
        if not hold(self._lock) or not is_file_at(self._lock, self.paths.lock):  # or its run was refused meanwhile
            self._lock.seek(0)
            holder = self._lock.read().decode(errors="replace").strip()
            self._lock.close()
            raise RunError(
                f"{folder}: another run is using it ({holder}); wait for that to end, or choose another "
                f"{option('out')}."
            )
        try:
            self._sign()
            self._wait_for_workers()
            remove_temporary_files(self.paths)
            sweep(self.paths.folder)
            self._refuse_other_contents()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the folder to others."""
        self._leave()

    def _leave(self) -> None:
        """Let go of the folder; where no run has begun in it, what was made for one is taken back."""
        paths, begun = self.paths, self.paths.info.exists() or self.paths.clearing.exists()
        with suppress(OSError):  # somebody else has put something into it
            for file in () if begun else (paths.workers, paths.lock):
                if file not in self._found:
                    file.unlink(missing_ok=True)
        self._lock.close()
        with suppress(OSError):
            for folder in () if begun else (paths.folder, *paths.folder.parents):
                if folder not in self._found:
                    folder.rmdir()

    def usable(self, encoders: Mapping[str, TextEncoder]) -> dict[str, TextEncoder]:
        """Those of the text encoders that the run there may use: one of an earlier version had no static vectors.

        It would otherwise choose among other views than in the trials that it has, and could not go on.
        """
        vectors = has_vectors(self._earlier())
        return {name: encoder for name, encoder in encoders.items() if vectors or name != STATIC}

    def _earlier(self) -> dict[str, Any] | None:
        """What ``run.json`` holds of the run that goes on; None where a new one begins."""
        return None if self._start_over else read_info(self.paths.info)

    @contextmanager
    def begin(self, plan: Plan, tables: Mapping[str, Corpus], models: Mapping[str, str] = NONE) -> Iterator[RunStorage]:
        """Begin a run, or go on with it: its storage, which is closed at the end; the log gets what ended a run early.

        Parameters
        ----------
        plan : what is asked for
        tables : by their names in the plan
        models : the SHA-256 of each text encoder that the user named, by its view; default none

        Raises
        ------
        RunError
            If plan, tables or text encoders are others than those of the run in the folder; it says what has changed.
        DatabaseError
            If the database cannot be opened.
        """
        with ExitStack() as opened:  # the database before the folder is given to the run
            shared = None if plan.storage is None else opened.enter_context(closing(Database(plan.storage)))
            begins = self._earlier() is None
            info = self.identify(plan, tables, models)
            try:
                storage = opened.enter_context(closing(self._open_storage(plan, info, shared)))
            except BaseException:
                if begins:  # nothing has been done that a later call could go on with
                    take_back(self.paths)
                raise
            try:
                yield storage
            except BaseException as error:
                storage.log.error("run ended", reason=f"{type(error).__name__}: {error}")
                raise

    def identify(self, plan: Plan, tables: Mapping[str, Corpus], models: Mapping[str, str] = NONE) -> RunInfo:
        """Which run this is: one that an earlier call has begun, if that was made from the same, else a new one.

        Arguments and errors as of :meth:`begin`.
        """
        numbers = {name: row_numbers(corpus) for name, corpus in tables.items()}
        info = new_info(plan, tables, numbers, self.paths.folder, models)
        earlier = self._earlier()
        notes: tuple[str, ...] = ()
        replaced = ""
        try:
            if earlier is None:
                replaced = clear(self.paths)
                write_atomically(self.paths.rows, _npz(numbers))
            else:
                self._refuse_changes(earlier, info, numbers)
                refuse_changed_files(self.paths, sealed=bool(earlier.get("checksums")))
                notes = other_versions(earlier["versions"], info["versions"])
                notes += () if has_vectors(earlier) else (WITHOUT_VECTORS,)
                info = resumed_info(earlier, info, self.paths.folder)
            write_info(self.paths.info, info)
            if plan.plan_file is not None:
                write_atomically(self.paths.plan, Path(plan.plan_file).read_bytes())
            self.paths.clearing.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        return RunInfo(info["name"], tuple(info["allowed"]), notes, replaced, bool(info.get("checksums")))

    def _open_storage(self, plan: Plan, info: RunInfo, shared: Database | None) -> FolderStorage:
        """Where the run keeps what it has done; the trials in a ``shared`` database have the name of the run."""
        paths = replace(self.paths, folder=self.paths.folder.absolute())
        log = Log(paths.log, level=plan.log_level)
        if shared is None:
            database = own_database(paths, log)
        else:
            database, shared.run = shared, f"{info.name}/"
            if info.replaced:
                shared.forget(f"{info.replaced}/")
        log.info("run begun", folder=str(paths.folder), database=database.name, plan=plan_json(plan))
        about: dict[str, Any] = {"run": info.name, "notes": info.notes, "sealed": info.sealed}
        return FolderStorage(paths, database, log, info.earlier_trials, **about)

    def _sign(self) -> None:
        """Say in the lock file who has it, for whoever else comes."""
        try:
            self._lock.truncate(0)
            self._lock.write(f"process {os.getpid()} on {platform.node()}, since {now()}".encode())
            self._lock.flush()
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> RunError:
        reason = error.strerror or error
        return RunError(f"{self.paths.folder}: cannot be written ({reason}); make room there, and try again.")

    def _wait_for_workers(self) -> None:
        """Workers of a run that was killed end by themselves; until then they may still write."""
        with open_own(self.paths.workers, "a+b") as file:
            until = time.monotonic() + PATIENCE
            while not hold(file):
                if time.monotonic() > until:
                    raise RunError(
                        f"{self.paths.folder}: worker processes of a run that was killed are still running; end them, "
                        "and try again."
                    )
                time.sleep(0.05)

    def _refuse_other_contents(self) -> None:
        """RunError where the folder holds what is not to be touched."""
        paths = self.paths
        if self._start_over:
            return
        if paths.info.exists():
            if not self._resume:
                raise RunError(
                    f"{paths.folder} already holds a run; continue it with {option('resume', True)}, {remedy()}."
                )
            return
        if paths.clearing.exists():  # an earlier call was to throw it away
            return
        results = (paths.themes, paths.database, paths.warm_start, paths.log, paths.results, paths.tagger)
        held = " and ".join([path.name for path in results if path.exists()][:2])
        if held:
            raise RunError(f"{paths.folder} holds {held}, but no {paths.info.name} to say of which run; {remedy()}.")

    def _refuse_changes(
        self, earlier: Mapping[str, Any], info: Mapping[str, Any], numbers: Mapping[str, Numbers]
    ) -> None:
        """RunError where plan or tables are others than when the run began."""
        changes, before, after = other_settings(earlier["plan"], info["plan"]), earlier["data"], info["data"]
        for name in {**before, **after}:
            if name not in after:
                changes.append(f"{name} was given and now is not")
            elif name not in before:
                changes.append(f"{name} was not given and now is")
            elif before[name]["sha256"] != after[name]["sha256"]:
                changes.append(other_table(before[name], after[name], self._first_other(name, numbers[name])))
        if changes:
            raise RunError(
                f"{self.paths.folder}: the run there was made from other input: {'; '.join(changes)}. Give the same "
                f"input again, or {remedy()}."
            )

    def _first_other(self, name: str, numbers: Numbers) -> int | None:
        """The first row of a table that differs; None where that cannot be said."""
        try:
            return first_other(arrays_at(self.paths.rows, {name: "u8"})[name], numbers)
        except (OSError, ValueError):
            return None


def _check_name(folder: Path) -> None:
    """RunError where a database could not be opened in a folder of this name."""
    try:
        str(folder.absolute()).encode()
    except UnicodeEncodeError:
        raise RunError(
            f"the name of the run folder {folder.absolute()} has bytes that are no UTF-8; choose another "
            f"{option('out')}."
        ) from None


def _npz(numbers: Mapping[str, Numbers]) -> bytes:
    file = io.BytesIO()
    np.savez(file, **numbers)  # type: ignore[arg-type]
    return file.getvalue()
