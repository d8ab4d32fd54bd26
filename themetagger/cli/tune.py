"""themetagger tune: one study per theme, one tagger, one table."""

from __future__ import annotations

import os
import shlex
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from themetagger._utils.signals import exit_code
from themetagger.cli.group import Mistake, main
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.results import precision_wanted, print_closing, print_results
from themetagger.cli.printing.showing import print_notes, say
from themetagger.cli.tables import as_options, reading, table_options

if TYPE_CHECKING:
    from themetagger.runs.plan import Plan
    from themetagger.runs.tune import Run

WRITTEN = ("results.csv", "results.md", "results.png", "results.xlsx", "report.html", "tagger.tagger")


@main.command(short_help="Train a model for each theme, from a table of tagged texts.")
@click.argument("train", required=False)
@click.option(
    "--plan",
    metavar="FILE",
    default=None,
    help="Plan file with settings of the run and of single themes; write one with `themetagger init`.",
)
@click.option(
    "--test",
    metavar="FILE",
    default=None,
    help="Table of tagged texts to measure the tagger on; it plays no part in tuning.",
)
@click.option(
    "--hold-out",
    metavar="SHARE",
    default=0.0,
    show_default=True,
    help="Share of TRAIN to measure the tagger on instead of --test, such as 0.2.",
)
@click.option(
    "--out", metavar="FOLDER", default=None, help="Folder of the run: results, tagger file and every finished trial."
)
@click.option(
    "--trials",
    metavar="N",
    type=int,
    default=None,
    help="Try at most this many configurations per theme.  [default: 16, fewer on large tables]",
)
@click.option(
    "--patience",
    metavar="N",
    default=5,
    show_default=True,
    help="Stop a level of model families after this many trials without improvement.",
)
@click.option(
    "--time-budget",
    metavar="SECONDS",
    type=float,
    default=None,
    help="Have table and tagger after this many seconds, reading included.  [default: no limit]",
)
@click.option(
    "--min-positives", metavar="N", default=30, show_default=True, help="Skip themes with fewer training texts."
)
@click.option(
    "--minimum-quality",
    metavar="SHARE",
    default=0.0,
    show_default=True,
    help="Leave a theme without a model if its average precision is lower.",
)
@click.option(
    "--n-jobs", metavar="N", default=-1, show_default=True, help="Number of worker processes; -1 uses every core."
)
@click.option("--n-folds", metavar="N", default=5, show_default=True, help="Number of folds in cross-validation.")
@click.option(
    "--seed", metavar="N", default=0, show_default=True, help="Random seed; the same seed gives the same results."
)
@click.option(
    "--objective",
    type=click.Choice(["precision-first", "f1", "recall-first", "costs"]),
    default="precision-first",
    show_default=True,
    help="How the threshold of each theme is chosen.",
)
@click.option(
    "--target",
    metavar="SHARE",
    type=float,
    default=None,
    help="Precision to reach for each theme (f1: F-beta; recall-first: recall; costs: share of the cost of tagging "
    "nothing).  [default: 0.90; f1: 0.80; costs: 0.50]",
)
@click.option(
    "--recall-floor",
    metavar="SHARE",
    type=float,
    default=None,
    help="Lowest recall that precision-first accepts.  [default: 0.50]",
)
@click.option(
    "--precision-floor",
    metavar="SHARE",
    type=float,
    default=None,
    help="Lowest precision that recall-first accepts.  [default: 0.50]",
)
@click.option(
    "--beta",
    metavar="NUMBER",
    type=float,
    default=None,
    help="With f1, weight of recall relative to precision.  [default: 1]",
)
@click.option(
    "--cost-false-positive",
    metavar="NUMBER",
    type=float,
    default=None,
    help="With costs, the cost of a wrong tag.  [default: 1]",
)
@click.option(
    "--cost-false-negative",
    metavar="NUMBER",
    type=float,
    default=None,
    help="With costs, the cost of a missed text.  [default: 1]",
)
@click.option(
    "--certify",
    metavar="SHARE",
    type=float,
    default=None,
    help="Precision to certify where the evidence allows it.  [default: 0.90, or --target]",
)
@click.option(
    "--confidence",
    metavar="SHARE",
    default=0.90,
    show_default=True,
    help="Probability that a certified precision holds.",
)
@click.option(
    "--certify-recall",
    metavar="SHARE",
    type=float,
    default=None,
    help="Lowest recall of a certified threshold; 0 accepts any.  [default: 0.50, or --recall-floor]",
)
@click.option(
    "--certify-by",
    type=click.Choice(["fixed-sequence", "bonferroni", "calibration"]),
    default="fixed-sequence",
    show_default=True,
    help="How a precision is certified. bonferroni and calibration are stricter; calibration sets 30 % of the rows "
    "aside for it.",
)
@click.option(
    "--stop-at-target",
    is_flag=True,
    help="With precision-first, take the threshold with most recall among those that meet --target.",
)
@click.option(
    "--stop-early",
    type=click.Choice(["target", "certified", "never"]),
    default="target",
    show_default=True,
    help="Skip the more complex model families for a theme once its target is met, or once it is certified.",
)
@click.option(
    "--families",
    metavar="NAMES",
    default=None,
    help="Try only these model families, separated by commas.  [default: all; on large tables the quick ones]",
)
@click.option(
    "--sampler",
    type=click.Choice(["tpe", "random", "grid"]),
    default="tpe",
    show_default=True,
    help="How to choose the configurations to try.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Continue the run in --out; with a larger --trials, add trials to it.",
)
@click.option("--start-over", is_flag=True, help="Discard the run in --out and begin a new one.")
@click.option(
    "--storage",
    metavar="URL",
    default=None,
    help="Database for a copy of the trials, such as postgresql://HOST/NAME.  [default: SQLite in --out]",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="Write events of at least this severity to log.jsonl in --out.",
)
@click.option(
    "--encoder",
    metavar="FOLDER|HUB-NAME",
    default=None,
    help="Use the vectors of this sentence-transformers model beside n-grams.  [default: bundled static vectors]",
)
@click.option(
    "--static-vectors",
    metavar="FOLDER|HUB-NAME",
    default=None,
    help="Use this model2vec model, such as one for another language, instead of the bundled static vectors.",
)
@click.option(
    "--text-steps",
    metavar="NAMES",
    default="nfc,lower",
    show_default=True,
    help="Prepare the texts by these steps, separated by commas.",
)
@table_options
def tune(train: str | None, **options: Any) -> None:
    """Train a separate model for each theme of the table TRAIN, and put the best ones into one tagger file.

    With --plan, settings come from a plan file, which may name TRAIN and --out too; options given here come first.
    Every finished trial is kept in the folder --out. After an interruption, --resume continues where the run stopped.
    """
    from themetagger.runs.errors import RunError
    from themetagger.runs.tune import run_plan

    try:
        plan = _plan(train, options)
    except RunError:
        raise
    except ValueError as error:
        raise Mistake(str(error)) from error
    try:
        run = run_plan(plan)
    except KeyboardInterrupt as stopped:
        echo(f"{str(stopped) or 'Stopped.'} Go on with:", err=True)
        echo(f"    {_command_to_resume()}", err=True)
        click.get_current_context().exit(exit_code())
    print_run(run, plan)
    if run.not_copied:
        raise OSError(run.not_copied)


def print_run(run: Run, plan: Plan) -> None:
    """What a run has found, where it is, and what to do next; studies print it too."""
    from themetagger.corpus import TableFormat
    from themetagger.corpus.kept_format import OF_ONE_FILE

    folder = str(plan.out)
    target = precision_wanted(plan)
    groups = print_results(run.results, run.averages, target=target, folder=folder)
    print_notes(run.notes)
    written = ", ".join(name for name in WRITTEN if (Path(folder) / name).exists())
    say(f"Written to {folder}: {written}")
    train = str(plan.train) if isinstance(plan.train, str | os.PathLike) else "TRAIN.csv"
    of_file = {name: getattr(plan, name) for name in OF_ONE_FILE if getattr(plan, name) is not None}
    print_closing(groups, target, folder, train, as_options(TableFormat(**of_file)))
    if plan.test is None and not plan.hold_out:
        say("To measure the tagger on texts that it has not seen, add --test FILE or --hold-out 0.2.")


def _plan(train: str | None, options: dict[str, Any]) -> Plan:
    """The plan that the options ask for; a ValueError where one of them makes no sense."""
    from themetagger.runs.named_settings import FIRST, settings_of, without_meaning
    from themetagger.runs.plan import Plan
    from themetagger.runs.plan_file import plan_from

    file = options.pop("plan")
    named = _named(options)
    if file is not None:
        given = _given(named) | ({} if train is None else {"train": train})
        return plan_from(file, given, face="on the command line", need=("out",))
    if train is None or named.get("out") is None:
        missing = "the table TRAIN" if train is None else "the folder --out"
        raise ValueError(f"{missing} is missing; give it, or a plan file that names it, by --plan.")
    if wrong := without_meaning(named):
        objective = named.get("objective", FIRST)
        raise ValueError(f"--{wrong.replace('_', '-')} has no meaning for --objective {objective}; leave it out.")
    return Plan(train, **settings_of(named))


def _named(options: dict[str, Any]) -> dict[str, Any]:
    """The options by the names that settings have in plan files, without those that say nothing."""
    named = {name: value for name, value in reading(options).items() if value is not None}
    if not named.get("stop_at_target"):
        named.pop("stop_at_target", None)
    if "families" in named:
        named["families"] = [name.strip() for name in named["families"].split(",")]
    named["text_steps"] = [step for step in named["text_steps"].split(",") if step]
    return named


def _given(named: dict[str, Any]) -> dict[str, Any]:
    """Those that were given on the command line, and are no defaults."""
    from click.core import ParameterSource

    source = click.get_current_context().get_parameter_source
    return {name: value for name, value in named.items() if source(name) is ParameterSource.COMMANDLINE}


def _command_to_resume() -> str:
    """The command that was given, with --resume."""
    from themetagger.search.storage.database import shown

    given = [word for word in sys.argv[1:] if word not in ("--start-over", "--resume")]
    given = [shown(word) if before == "--storage" else word for before, word in pairwise(["", *given])]
    given = [f"--storage={shown(word[10:])}" if word.startswith("--storage=") else word for word in given]
    return shlex.join(["themetagger", "tune", "--resume", *given[1:]])
