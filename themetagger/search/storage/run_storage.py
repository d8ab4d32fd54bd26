"""What a run keeps while it works: nothing, or everything in its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from themetagger._utils.event_log import Log
from themetagger._utils.faces import option
from themetagger._utils.run_paths import RunPaths
from themetagger._utils.wording import number_of
from themetagger.search.storage.database import Database
from themetagger.search.storage.database_sync import DatabaseSync
from themetagger.search.storage.finished_study import load_study
from themetagger.search.storage.split import Split
from themetagger.search.storage.trial_log import TrialLog
from themetagger.search.study_result import StudyResult
from themetagger.search.warm_start import load_warm_starts, save_warm_starts
from themetagger.search.workers.shared_data import SharedData, Task


class RunStorage:
    """The operations of a storage, by one that keeps nothing, as a run without a folder has.

    Attributes
    ----------
    paths : the files of the run; None where it has no folder
    workers_lock : the file that workers hold while they live; None where nothing is written
    log : where events go
    run, notes : the name of the run, and remarks on it; empty where it has no folder
    not_copied : why the database does not have all trials, once the search has ended; empty where it has
    """

    paths: RunPaths | None = None
    workers_lock: Path | None = None
    run: str = ""
    notes: tuple[str, ...] = ()
    not_copied: str = ""

    def __init__(self) -> None:
        """Nothing is written, and so nothing is opened."""
        self.log = Log(None)

    def adopt(self, task: Task) -> Task:
        """The task of a theme, with its folder and the numbers of trials that earlier calls allowed it."""
        return task

    def n_trials(self, task: Task) -> int:
        """How many trials of a theme are kept; damaged records are taken away."""
        return 0

    def finished_study(self, task: Task, shared_data: SharedData) -> StudyResult | None:
        """The result of a study that an earlier call has finished; None where there is none."""
        return None

    def warm_start(self, tasks: Sequence[Task]) -> list[Task] | None:
        """The tasks with the start that an earlier call has found for each; None where there is none."""
        return None

    def keep_warm_start(self, tasks: Sequence[Task]) -> None:
        """Keep where the tasks start; a TrialLogError where that is not possible."""

    def keep_split(self, split: Split) -> None:
        """Keep how the texts are split; an OSError where that is not possible."""

    @contextmanager
    def copying(self, tasks: Sequence[Task]) -> Iterator[None]:
        """Within it, the trials of the tasks are logged, and copied to the database, as they are finished."""
        yield

    def read_new_trials(self) -> None:
        """Log the trials that were finished since the last look, without waiting for the database."""

    def kept(self, trials: int) -> str:
        """What is kept when so many trials are, for a person."""
        return "nothing kept, as there is no run folder"

    def close(self) -> None:
        """Let go of the database."""


class FolderStorage(RunStorage):
    """Keeps everything in a run folder.

    Parameters
    ----------
    paths : the files of the run
    database : the copy of its trials
    log : where events go
    earlier_trials : theme -> numbers of trials that earlier calls allowed it
    run, notes : the name of the run, and remarks on it
    sealed : whether what a later call relies on must have a checksum, default False: in older runs it has none
    """

    paths: RunPaths

    def __init__(
        self,
        paths: RunPaths,
        database: Database,
        log: Log,
        earlier_trials: Callable[[str], Sequence[int]],
        *,
        run: str = "",
        notes: Sequence[str] = (),
        sealed: bool = False,
    ) -> None:
        """Nothing is written yet."""
        super().__init__()
        self.paths, self.log, self.workers_lock = paths, log, paths.workers
        self.run, self.notes, self._sealed = run, tuple(notes), sealed
        self._database, self._earlier_trials = database, earlier_trials
        self._sync: DatabaseSync | None = None

    def adopt(self, task: Task) -> Task:
        """The task of a theme, with its folder and the numbers of trials that earlier calls allowed it."""
        settings = replace(task.settings, earlier_trials=tuple(self._earlier_trials(task.theme)))
        return replace(task, folder=self.paths.theme(task.theme).folder, settings=settings)

    def n_trials(self, task: Task) -> int:
        """How many trials of a theme are kept; damaged records are taken away."""
        return len(TrialLog(task.folder, len(task.y)).records)

    def finished_study(self, task: Task, shared_data: SharedData) -> StudyResult | None:
        """The result of a study that an earlier call has finished; None where there is none, or of other trials."""
        return load_study(task, shared_data)

    def warm_start(self, tasks: Sequence[Task]) -> list[Task] | None:
        """The tasks with the start that an earlier call has found for each; None where there is none."""
        files = (self.paths.warm_start, self.paths.older_warm_start)
        saved = (load_warm_starts(file, tasks, sealed=self._sealed) for file in files)
        return next((tasks for tasks in saved if tasks is not None), None)

    def keep_warm_start(self, tasks: Sequence[Task]) -> None:
        """Keep where the tasks start; a TrialLogError where that is not possible."""
        save_warm_starts(self.paths.warm_start, tasks)

    def keep_split(self, split: Split) -> None:
        """Keep how the texts are split; an OSError where that is not possible."""
        split.save(self.paths.split)

    @contextmanager
    def copying(self, tasks: Sequence[Task]) -> Iterator[None]:
        """Within it, the trials of the tasks are logged, and copied to the database, as they are finished."""
        folders = {task.theme: task.folder for task in tasks if task.folder is not None}
        self._sync = DatabaseSync(folders, self._database, self.log)
        with self._sync:
            yield
        if self._sync.lost:
            self.not_copied = (
                f"{self._sync.lost} Nothing else is lost: all trials are in {self.paths.folder}, and "
                f"{option('resume', True)} copies the rest."
            )

    def read_new_trials(self) -> None:
        """Log the trials that were finished since the last look, without waiting for the database."""
        if self._sync is not None:
            self._sync.read()

    def kept(self, trials: int) -> str:
        """What is kept when so many trials are, for a person."""
        return f"{number_of(trials, 'trial')} kept in {self.paths.folder}"

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()
