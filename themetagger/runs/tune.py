"""The whole story on one page: plan -> corpus -> search -> tagger -> results -> run folder."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from themetagger._utils.event_log import Log
from themetagger._utils.run_paths import RunPaths
from themetagger.corpus import Corpus, TableError, make_folds
from themetagger.features import TermCounts
from themetagger.features.encoder import build_encoder
from themetagger.features.preprocessing import clean
from themetagger.report.run_folder import RunData, write_data
from themetagger.runs.calibration_split import SHARE, Asked, certify_on_rows
from themetagger.runs.data import notes_on, notes_on_aside, parts_of, read_tables, set_aside, title_of
from themetagger.runs.fingerprint import plan_json
from themetagger.runs.past_run import PastRun
from themetagger.runs.plan import Plan, promise_for
from themetagger.runs.review.report import draw_report
from themetagger.runs.review.theme_details import shared_by_all
from themetagger.runs.run_folder import RunError, RunFolder, RunInfo
from themetagger.search.one_vs_rest import search_themes
from themetagger.search.storage.database import Database, DatabaseError, sqlite_url
from themetagger.search.storage.run_storage import FolderStorage, RunStorage
from themetagger.search.storage.split import Split
from themetagger.search.study import StudyResult
from themetagger.search.workers.shared_data import Task, counted
from themetagger.selection.evidence import Evidence
from themetagger.selection.results import averages
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.drift import unknown_in_training
from themetagger.tagger.evaluation import evaluate
from themetagger.tagger.theme_tagger import ThemeTagger

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Run:
    """What a run leaves: the tagger, its results table with one row a theme, the averages, and remarks on the data.

    ``evidence`` has for each theme that was studied what its decisions rest on, out-of-fold scores above all;
    ``not_copied`` says why the database of trials is not complete, empty where it is.
    """

    tagger: ThemeTagger
    results: pd.DataFrame
    averages: pd.DataFrame
    notes: tuple[str, ...] = ()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    not_copied: str = ""


def tune(train: Any, **settings: Any) -> Run:
    """Tune one model a theme and put the winners together.

    Parameters
    ----------
    train : a ``Plan``, or what ``Plan`` takes as ``train``: a table file, a DataFrame or a Corpus
    **settings : the other fields of ``Plan``; with a Plan they replace its own

    Raises
    ------
    TableError
        If a table cannot be read; it names file, line or column, value and remedy.
    ValueError
        If a setting makes no sense.
    RunError
        If the run folder cannot be used, holds another run, or is in use.
    TrialLogError, DatabaseError
        If what is done cannot be written, or the database not reached.
    Stopped
        On Ctrl-C; what is done is kept, and ``resume=True`` goes on.

    Examples
    --------
    >>> run = tune("data/workplace/train.csv", test="data/workplace/test.csv", out="run")  # doctest: +SKIP
    >>> run.tagger.tag(["Nobody told us about the merger."])  # doctest: +SKIP
    [['communication']]
    """
    plan = replace(train, **settings) if isinstance(train, Plan) else Plan(train, **settings)
    if plan.out is None:
        return _tuned(plan, None)
    with RunFolder(plan.out, resume=plan.resume, start_over=plan.start_over) as claim:
        return _tuned(plan, claim)


@dataclass(frozen=True)
class _Material:
    """The texts to tune on, to measure on and to certify on, the themes to study, and the rows of those skipped."""

    corpus: Corpus
    test: Corpus | None
    aside: Corpus | None
    tasks: list[Task]
    skipped: list[StudyResult]


def _tuned(plan: Plan, claim: RunFolder | None) -> Run:
    """The run of a plan; with a claim on its folder, each step is kept there."""
    tables = read_tables(plan)
    material = _material(plan, tables)  # what cannot be tuned is known before a folder is given to it
    if claim is None:
        return _worked(plan, material, RunStorage(), None)
    shared = None if plan.storage is None else Database(plan.storage)
    begun = claim.take_up(plan, tables)
    storage = _storage(plan, claim.folder.absolute(), begun, shared)
    try:
        return _worked(plan, material, storage, begun)
    except BaseException as error:
        storage.log.error("run ended", reason=f"{type(error).__name__}: {error}")
        raise
    finally:
        storage.close()


def _material(plan: Plan, tables: Mapping[str, Corpus]) -> _Material:
    corpus, test = parts_of(plan, tables)
    corpus, aside = set_aside(plan, corpus)
    return _Material(corpus, test, aside, *_tasks(plan, corpus, test, aside))


def _worked(plan: Plan, material: _Material, storage: RunStorage, begun: RunInfo | None) -> Run:
    corpus, test, aside, tasks = material.corpus, material.test, material.aside, material.tasks
    tasks = [storage.adopt(task) for task in tasks]
    folds = _folds(plan, corpus, tasks)
    storage.keep_split(Split(folds, calibration=aside is not None))
    counts = counted(corpus.texts, plan.text_steps)
    studied = search_themes(
        tasks,
        counts,
        folds,
        groups=corpus.groups,
        n_jobs=plan.n_jobs,
        time_budget=plan.time_budget,
        show_progress=plan.show_progress,
        storage=storage,
    )
    tagger = _tagger(plan, _in_order([*studied, *material.skipped], corpus, test), counts, folds)
    known = tagger.encoder.vocabulary.get("word", ())
    tagger.unknown_words = unknown_in_training(clean(corpus.texts, plan.text_steps), counts["word"], folds, known)
    if aside is not None:
        tagger = certify_on_rows(tagger, aside, _asked(tasks, studied))
    del counts  # a large set's are hundreds of megabytes, and what follows needs as much again
    if test is not None:
        tagger.held_out = evaluate(tagger, test)
    table = tagger.results
    evidence = {found.theme_result.theme: found.evidence for found in studied if found.evidence is not None}
    notes = (*notes_on(plan, corpus, test), *notes_on_aside(aside), *(() if begun is None else begun.notes))
    run = Run(tagger, table, averages(table), notes, evidence, storage.not_copied)
    paths = storage.paths
    if paths is None:
        return run
    try:
        tagger.save(paths.tagger)
        data = RunData(run.results, run.averages, title_of(corpus, test), tuple(run.notes), begun.name if begun else "")
        drawn = write_data(paths.folder, data) or not paths.page.exists()
    except OSError as error:
        told = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise RunError(
            f"{paths.folder}: the results cannot be written ({told}); mend that, and go on with resume (--resume). "
            "All themes are kept."
        ) from error
    past = PastRun(paths.folder, tagger, data, plan_json(plan), corpus, folds, known=evidence)
    if drawn:  # else the page may hold more already, as `themetagger report` adds it
        run = _with_page(run, past, storage.log)
    storage.log.info("run finished", themes=len(table))
    return run


def _with_page(run: Run, past: PastRun, log: Log) -> Run:
    """The run when its page is drawn; where that is not possible, with a remark, as all else is kept."""
    try:
        draw_report(past, shared_by_all(past, thorough=False))
    except Exception as error:
        log.error("page not drawn", error=f"{type(error).__name__}: {error}")
        told = f"The page could not be drawn ({type(error).__name__}: {error}); try: themetagger report {past.folder}"
        return replace(run, notes=(*run.notes, told))
    return run


def _storage(plan: Plan, folder: Path, begun: RunInfo, shared: Database | None) -> FolderStorage:
    """Where the search keeps what it has done; the trials in a ``shared`` database have the name of the run."""
    paths = RunPaths(folder)
    log = Log(paths.log, level=plan.log_level)
    if shared is None:
        database = _own_database(paths.database, log)
    else:
        database, shared.run = shared, f"{begun.name}/"
        if begun.replaced:
            shared.forget(f"{begun.replaced}/")
    log.info("run begun", folder=str(folder), database=database.name, plan=plan_json(plan))
    return FolderStorage(paths, database, log, begun.before)


def _own_database(path: Path, log: Log) -> Database:
    """The database in the run folder; a damaged one is put aside, for it is only a copy."""
    try:
        return Database(sqlite_url(path))
    except DatabaseError as error:
        if "not a database" not in str(error) and "malformed" not in str(error):
            raise
        log.warning("database damaged", error=str(error))
        os.replace(path, f"{path}.damaged")
        return Database(sqlite_url(path))


def _asked(tasks: Sequence[Task], studied: Sequence[StudyResult]) -> dict[str, Asked]:
    """What is asked of the themes that are certified on rows set aside."""
    asked = {}
    for task, found in zip(tasks, studied, strict=True):
        promise = promise_for(task.settings)
        if promise.form == "calibration" and found.evidence is not None:
            asked[task.theme] = Asked(promise, task.settings["objective"], found.evidence)
    return asked


def _folds(plan: Plan, corpus: Corpus, tasks: Sequence[Task]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The fold of each text; a theme that is not tuned has no say in them, and changes nothing for the others."""
    if not tasks:
        return np.zeros(len(corpus), dtype=np.int64)  # too few texts make no folds
    studied = corpus.align([task.theme for task in tasks])
    return make_folds(studied, corpus.groups, n_folds=plan.n_folds, seed=plan.seed)


def _tasks(
    plan: Plan, corpus: Corpus, test: Corpus | None, aside: Corpus | None
) -> tuple[list[Task], list[StudyResult]]:
    """The themes to study, and the rows of those that are skipped."""
    named = {*corpus.themes, *(test.themes if test is not None else ())}
    unknown = [theme for theme in plan.overrides if theme not in named]
    if unknown:
        raise ValueError(f"overrides name the theme {unknown[0]!r}, which {corpus.source} does not have.")
    if not corpus.themes:
        raise TableError(f"{corpus.source}: no row has a theme; tag some of the texts by hand first.")
    tasks, skipped = [], []
    for theme in corpus.themes:
        y, settings = corpus.column(theme), plan.settings(theme)
        reason = _why_skip(y, corpus, settings.pop("min_positives"), plan.n_folds)
        if reason and aside is not None:
            reason += f" ({SHARE:.0%} of the rows were set aside to certify on)"
        if reason:
            skipped.append(StudyResult(ThemeResult.skipped(theme, reason, support=int(y.sum()))))
        else:
            budget = settings.pop("theme_time_budget")
            tasks.append(Task(theme, y, settings | {"seed": plan.seed}, budget))
    known = set(corpus.themes)
    unseen = [theme for theme in (test.themes if test is not None else ()) if theme not in known]
    return tasks, skipped + [StudyResult(ThemeResult.skipped(theme, "no training text has it")) for theme in unseen]


def _why_skip(y: np.ndarray[Any, np.dtype[np.uint8]], corpus: Corpus, min_positives: int, n_folds: int) -> str:
    positives = int(y.sum())
    if positives == len(y):
        return "one class: every training text has it"
    if positives < min_positives:
        return f"{positives} positives, needs {min_positives}"
    groups = len(np.unique(corpus.groups[y > 0]))
    if groups < n_folds:
        return f"its {positives} positives are {groups} different texts, fewer than the {n_folds} folds"
    others = len(np.unique(corpus.groups[y == 0]))
    if others < n_folds:
        return f"the {len(y) - positives} texts without it are {others} different ones, fewer than the {n_folds} folds"
    return ""


def _in_order(studied: Sequence[StudyResult], corpus: Corpus, test: Corpus | None) -> list[StudyResult]:
    by_theme = {found.theme_result.theme: found for found in studied}
    return [by_theme[theme] for theme in dict.fromkeys([*corpus.themes, *(test.themes if test is not None else ())])]


def _tagger(
    plan: Plan,
    studied: Sequence[StudyResult],
    counts: dict[str, TermCounts],
    folds: np.ndarray[Any, np.dtype[np.int64]],
) -> ThemeTagger:
    members = {found.theme_result.theme: found.members for found in studied if found.theme_result.assigned}
    keys = [(member.recipe, member.fold) for ensemble in members.values() for member in ensemble]
    encoder = build_encoder(keys, counts, folds, tuple(plan.text_steps))
    columns = [plan.text_columns] if isinstance(plan.text_columns, str) else plan.text_columns
    return ThemeTagger([found.theme_result for found in studied], members, encoder, text_columns=columns)
