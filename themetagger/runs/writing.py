"""The results of a run written into its folder: the tagger file, the tables, and the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from themetagger._utils.event_log import Log
from themetagger._utils.faces import option
from themetagger._utils.run_paths import RunPaths
from themetagger.report.run_files import RunData, write_data
from themetagger.runs.data import DataSplit
from themetagger.runs.errors import RunError
from themetagger.runs.fingerprint import plan_json
from themetagger.runs.past_run import PastRun
from themetagger.runs.plan import Plan
from themetagger.runs.review.report import draw_report
from themetagger.runs.review.theme_details import run_findings
from themetagger.search.storage.run_storage import RunStorage
from themetagger.selection.evidence import Evidence
from themetagger.selection.results import averages
from themetagger.tagger.theme_tagger import ThemeTagger


def write_results(
    plan: Plan,
    data: DataSplit,
    tagger: ThemeTagger,
    folds: npt.NDArray[np.int64],
    evidence: Mapping[str, Evidence],
    notes: Sequence[str],
    storage: RunStorage,
) -> tuple[str, ...]:
    """Write what a run leaves, where it has a folder; remarks on what could not be drawn.

    Parameters
    ----------
    plan, data : of the run
    tagger : with all that was measured
    folds : (n,) fold of each text that was tuned on
    evidence : theme -> what its decisions rest on
    notes : remarks on the run
    storage : of the run

    Raises
    ------
    RunError
        If the tagger or a table cannot be written.
    """
    if storage.paths is None:
        return ()
    results = tagger.results
    tables = RunData(results, averages(results), data.title, tuple(notes), storage.run)
    run = PastRun(storage.paths.folder, tagger, tables, plan_json(plan), data.train, folds, evidence_at_hand=evidence)
    changed = _write_tables(run, storage.paths)
    remarks: tuple[str, ...] = ()
    if changed or not storage.paths.page.exists():  # else the page may hold more, as `themetagger report` adds it
        remarks = _draw_page(run, storage.log)
    storage.log.info("run finished", themes=len(results))
    return remarks


def _write_tables(run: PastRun, paths: RunPaths) -> bool:
    """Write the tagger and the tables; whether the tables have changed."""
    try:
        run.tagger.save(paths.tagger)
        return write_data(paths.folder, run.data)
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise RunError(
            f"{paths.folder}: the results cannot be written ({reason}); remove the cause, and go on with "
            f"{option('resume', True)}. All themes are kept."
        ) from error


def _draw_page(run: PastRun, log: Log) -> tuple[str, ...]:
    """Draw the page; a remark where that is not possible, as all else is kept."""
    try:
        draw_report(run, run_findings(run, thorough=False))
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        log.error("page not drawn", error=reason)
        return (f"The page could not be drawn ({reason}); try: themetagger report {run.folder}",)
    return ()
