"""The whole story on one page: read -> split -> search -> build -> measure -> write."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from themetagger._utils.console import say
from themetagger._utils.run_paths import RunPaths
from themetagger.corpus.writing import check_no_input
from themetagger.features import ANALYSERS, TextEncoder, encoders_of_run, inputs_of
from themetagger.features.encoders.opening import SENTENCE, STATIC_VECTORS
from themetagger.features.encoders.pretrained import models_of, notes_of
from themetagger.runs.build import build_tagger, cut_by_hand, measure
from themetagger.runs.data import DataSplit, notes_on, read_tables, split_tables
from themetagger.runs.plan import Plan
from themetagger.runs.plan_file import plan_from
from themetagger.runs.pooled import notes_on_pooled, pooled_certificate
from themetagger.runs.run_folder import folder_of
from themetagger.runs.scale import seconds_after_search, with_trials
from themetagger.runs.tasks import Tasks, folds_of, plan_tasks
from themetagger.runs.tune_help import with_settings_of
from themetagger.runs.writing import write_results
from themetagger.search.one_vs_rest import search_themes
from themetagger.search.storage.run_storage import RunStorage
from themetagger.search.storage.split import Split
from themetagger.search.workers.executor import Executor
from themetagger.selection.evidence import Evidence
from themetagger.selection.results import averages
from themetagger.tagger.theme_tagger import ThemeTagger

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Run:
    """What a run leaves.

    Parameters
    ----------
    tagger : the winners of all themes as one estimator
    results : the results table, one row per theme
    averages : its averages
    notes : remarks on the data
    evidence : theme -> what its decisions rest on, out-of-fold scores above all, of each theme that was studied
    not_copied : why the database of trials is not complete; empty where it is
    """

    tagger: ThemeTagger
    results: pd.DataFrame
    averages: pd.DataFrame
    notes: tuple[str, ...] = ()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    not_copied: str = ""


def tune(
    train: Any = None,
    *,
    plan: str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
    **settings: Any,
) -> Run:
    """Tune one model per theme and put the winners together into one tagger.

    Parameters
    ----------
    train : a ``Plan``, or what ``Plan`` takes as ``train``: a table file, a DataFrame or a Corpus; default that of the
        plan file
    plan : a plan file (``themetagger init``), whose settings hold where none are given here; default None
    executor : what runs the studies of the themes, default ``n_jobs`` processes of this machine; decides nothing in the
        table
    **settings : the fields of ``Plan``, which replace those of a Plan that is given

    Raises
    ------
    EncoderError
        If a text encoder cannot be found or read, or needs a package that is missing.
    TableError
        If a table cannot be read; it names file, line or column, value and remedy.
    ValueError
        If a setting makes no sense.
    RunError
        If the run folder cannot be used, holds another run, or is in use.
    TrialLogError, DatabaseError
        If what is done cannot be written, or the database cannot be reached.
    Stopped
        On Ctrl-C; what is done is kept, and ``resume=True`` goes on.

    Examples
    --------
    >>> run = tune("data/workplace/train.csv", test="data/workplace/test.csv", out="run")  # doctest: +SKIP
    >>> run.tagger.tag(["Nobody told us about the merger."])  # doctest: +SKIP
    [['communication']]
    """
    return run_plan(_plan(train, plan, settings), executor)


with_settings_of(Plan)(tune)


def _plan(train: Any, plan_file: str | os.PathLike[str] | None, settings: dict[str, Any]) -> Plan:
    """The plan that the arguments of `tune` ask for."""
    if isinstance(train, Plan):
        return replace(train, **settings)
    if plan_file is not None:
        return plan_from(plan_file, settings if train is None else {"train": train, **settings})
    if train is None:
        raise TypeError("tune needs train, a table of tagged texts, or plan, a plan file that names one.")
    return Plan(train, **settings)


def run_plan(plan: Plan, executor: Executor | None = None) -> Run:
    """Carry out a plan; errors as of `tune`."""
    _check_out(plan)
    begun = time.time()
    with folder_of(plan) as folder:  # one that cannot be written is known before the work
        encoders = folder.usable(encoders_of_run(opened_encoders(plan)))
        tables = read_tables(plan)
        data = split_tables(plan, tables)
        plan = with_trials(plan, data.train)
        # the budget is of the run: what comes after the search has its part of it
        deadline = begun + plan.time_budget - seconds_after_search(plan, data)
        left = max(0.0, deadline - time.time())
        # and what cannot be tuned, before the folder is given to this run
        tasks = plan_tasks(replace(plan, time_budget=left), data, tuple(encoders))
        with folder.begin(plan, tables, models_of(encoders)) as storage:
            return _tune(plan, data, tasks, encoders, storage, executor, deadline)


def _check_out(plan: Plan) -> None:
    """TableError where the run would write over one of its tables, under any name."""
    if plan.out is None:
        return
    paths, inputs = RunPaths(Path(plan.out)), [plan.train, plan.test, plan.theme_map]
    for path in (paths.folder, paths.results, paths.averages, paths.workbook):
        check_no_input(path, inputs)


def opened_encoders(plan: Plan) -> dict[str, TextEncoder]:
    """The text encoders that the plan names, by the name of their view."""
    if plan.encoder is not None:
        return {SENTENCE.view: SENTENCE.open(plan.encoder, show_progress=plan.show_progress)}
    if plan.static_vectors is not None:
        return {STATIC_VECTORS.view: STATIC_VECTORS.open(plan.static_vectors, show_progress=plan.show_progress)}
    return {}


def _tune(
    plan: Plan,
    data: DataSplit,
    tasks: Tasks,
    encoders: Mapping[str, TextEncoder],
    storage: RunStorage,
    executor: Executor | None,
    deadline: float,
) -> Run:
    """Search, build, measure, write."""
    train, folds = data.train, folds_of(plan, data.train, tasks)
    storage.keep_split(Split(folds, calibration=data.calibration is not None))
    sources = next((task.settings.sources for task in tasks.to_study), tuple(ANALYSERS))
    inputs = inputs_of(train.texts, plan.text_steps, sources, encoders)
    studied = search_themes(
        [storage.adopt(task) for task in tasks.to_study],
        inputs,
        folds,
        groups=train.groups,
        n_jobs=plan.n_jobs,
        executor=executor,
        time_budget=max(0.0, deadline - time.time()),
        show_progress=plan.show_progress,
        storage=storage,
    )
    if plan.show_progress:
        say("Building the tagger, measuring it, and writing the results.")
    tagger = build_tagger(plan, tasks.all_results(studied), train.texts, inputs, folds, encoders)
    del inputs  # a large set's are hundreds of megabytes, and what follows needs as much again
    tagger, remarks = measure(cut_by_hand(plan, tagger, studied), data, tasks, studied)
    tagger.pooled = pooled_certificate(tasks, studied)
    evidence = {result.theme_result.theme: result.evidence for result in studied if result.evidence is not None}
    notes = (
        *notes_on(plan, data),
        *remarks,
        *notes_on_pooled(tagger.pooled),
        *storage.notes,
        *notes_of(encoders.values()),
    )
    notes += write_results(plan, data, tagger, folds, evidence, notes, storage)
    results = tagger.results
    return Run(tagger, results, averages(results), notes, evidence, storage.not_copied)
