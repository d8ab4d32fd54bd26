"""What the studies share: their command line, and what they print when a run has ended."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from themetagger._utils.faces import speaking
from themetagger._utils.signals import ended_like_ctrl_c
from themetagger.cli import main
from themetagger.cli.group import face_of
from themetagger.cli.tune import print_run
from themetagger.corpus import TableError
from themetagger.runs.errors import RunError
from themetagger.runs.plan import Plan
from themetagger.runs.tune import Run, tune

Argv = Sequence[str] | None
INTERRUPTED, MISTAKE = 130, 2  # exit codes: after Ctrl-C, as in a shell; of errors that the user can correct
OPTIONS = ("out", "trials", "n_jobs")  # what the command line may change in a plan


def read_options(description: str | None, *, folder: bool, argv: Argv = None) -> argparse.Namespace:
    """The options of a study; with ``folder``, one without its tables ends with the usage."""
    parser = argparse.ArgumentParser(description=description)
    if folder:
        parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder that holds train.csv and test.csv")
    parser.add_argument("--out", type=Path, help="run folder; default: data/runs/ and the name of the study")
    parser.add_argument("--trials", type=int, help="trials per theme at most")
    parser.add_argument("--n-jobs", type=int, help="worker processes; default: one per core")
    parser.add_argument("--start-over", action="store_true", help="throw away an earlier run and begin a new one")
    options = parser.parse_args(argv)
    for name in ("train.csv", "test.csv") if folder else ():
        if not (options.folder / name).is_file():
            parser.error(f"{options.folder} has no {name}; name a folder that holds train.csv and test.csv")
    return options


def run_study(plan: Plan, options: argparse.Namespace) -> Run:
    """Tune, then print what the command prints, wall time and peak memory.

    A run that was interrupted is resumed.
    """
    begun = time.perf_counter()
    given: dict[str, Any] = {"resume": not options.start_over, "start_over": options.start_over}
    given |= {name: getattr(options, name) for name in OPTIONS if getattr(options, name) is not None}
    try:
        with ended_like_ctrl_c(), speaking(face_of(main.commands.values())):
            run = tune(plan, **given)
    except KeyboardInterrupt as stopped:
        print(f"{str(stopped) or 'Stopped.'} The same command resumes it.", file=sys.stderr)
        raise SystemExit(INTERRUPTED) from None
    except (TableError, RunError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(MISTAKE) from None
    seconds = time.perf_counter() - begun
    print_run(run, replace(plan, **given))
    print(f"wall time {seconds:,.0f} s; peak memory {peak_memory()}")
    if run.not_copied:
        print(f"Error: {run.not_copied}", file=sys.stderr)
        raise SystemExit(MISTAKE)
    return run


def peak_memory() -> str:
    """The peak resident memory of this process, and of the largest of its workers."""
    if sys.platform == "win32":
        return "not measured on Windows"
    import resource

    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)  # only a worker that has ended is counted
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    peaks = [resource.getrusage(who).ru_maxrss * unit for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return "{:,.0f} MB, largest worker {:,.0f} MB".format(*(peak / 1e6 for peak in peaks))
