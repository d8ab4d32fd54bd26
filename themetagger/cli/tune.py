"""themetagger tune: one study per theme, one tagger, one table."""

from __future__ import annotations

import shlex
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from themetagger.cli.group import INTERRUPTED, Mistake, main
from themetagger.cli.showing import print_notes, print_results
from themetagger.cli.tables import reading, table_options

if TYPE_CHECKING:
    from themetagger.runs.plan import Plan


@main.command(short_help="Tune one model per theme on a table of tagged texts.")
@click.argument("train", required=False)
@click.option(
    "--plan",
    metavar="FILE",
    default=None,
    help="Plan file with settings of the run and of single themes; write one with `themetagger init`.",
)
@click.option("--test", metavar="FILE", default=None, help="Table of held-out texts, for the held-out figures.")
@click.option(
    "--hold-out",
    metavar="SHARE",
    default=0.0,
    show_default=True,
    help="Share of TRAIN to hold out if there is no --test.",
)
@click.option("--out", metavar="FOLDER", default=None, help="Run folder: results, tagger, and every finished trial.")
@click.option(
    "--trials",
    metavar="N",
    type=int,
    default=None,
    help="Trials per theme at most; each tries one configuration.  [default: 16, fewer on large tables]",
)
@click.option(
    "--patience",
    metavar="N",
    default=5,
    show_default=True,
    help="Trials in a row without improvement that end a level of families.",
)
@click.option(
    "--time-budget", metavar="SECONDS", type=float, default=None, help="Seconds for the search.  [default: no limit]"
)
@click.option(
    "--min-positives", metavar="N", default=30, show_default=True, help="Themes with fewer training texts are skipped."
)
@click.option(
    "--minimum-quality",
    metavar="SHARE",
    default=0.0,
    show_default=True,
    help="Smallest average precision for which a theme gets a model.",
)
@click.option("--n-jobs", metavar="N", default=-1, show_default=True, help="Worker processes; -1: one per core.")
@click.option("--n-folds", metavar="N", default=5, show_default=True, help="Folds of the cross-validation.")
@click.option("--seed", metavar="N", default=0, show_default=True, help="The same seed gives the same results.")
@click.option(
    "--objective",
    type=click.Choice(["precision-first", "f1", "recall-first", "costs"]),
    default="precision-first",
    show_default=True,
    help="What the threshold of each theme is chosen for.",
)
@click.option(
    "--target",
    metavar="SHARE",
    type=float,
    default=None,
    help="Precision that each theme should reach (f1: F-beta; recall-first: recall; costs: share of the cost of "
    "tagging nothing).  [default: 0.90; f1: 0.80; costs: 0.50]",
)
@click.option(
    "--recall-floor",
    metavar="SHARE",
    type=float,
    default=None,
    help="Smallest recall of a precision-first threshold.  [default: 0.50]",
)
@click.option(
    "--precision-floor",
    metavar="SHARE",
    type=float,
    default=None,
    help="Smallest precision of a recall-first threshold.  [default: 0.50]",
)
@click.option(
    "--beta",
    metavar="NUMBER",
    type=float,
    default=None,
    help="f1: how many times as much recall counts as precision.  [default: 1]",
)
@click.option(
    "--cost-false-positive",
    metavar="NUMBER",
    type=float,
    default=None,
    help="costs: what a wrong tag costs.  [default: 1]",
)
@click.option(
    "--cost-false-negative",
    metavar="NUMBER",
    type=float,
    default=None,
    help="costs: what a missing tag costs.  [default: 1]",
)
@click.option(
    "--certify",
    metavar="SHARE",
    type=float,
    default=None,
    help="Precision to promise where it can be certified.  [default: 0.90, or --target]",
)
@click.option(
    "--confidence", metavar="SHARE", default=0.90, show_default=True, help="Probability that a promise is kept."
)
@click.option(
    "--certify-recall",
    metavar="SHARE",
    type=float,
    default=None,
    help="Smallest recall of a certified threshold; 0: whatever can be certified.  [default: 0.50, or --recall-floor]",
)
@click.option(
    "--certify-by",
    type=click.Choice(["fixed-sequence", "bonferroni", "calibration"]),
    default="fixed-sequence",
    show_default=True,
    help="fixed-sequence: a measured heuristic. bonferroni, calibration: stricter; the last sets rows aside for it.",
)
@click.option(
    "--stop-at-target",
    is_flag=True,
    help="Precision-first: the most recall among thresholds that meet --target.",
)
@click.option(
    "--stop-early",
    type=click.Choice(["target", "certified", "never"]),
    default="target",
    show_default=True,
    help="When to skip the more complex families for a theme: once its target is met, or certified.",
)
@click.option(
    "--families",
    metavar="NAMES",
    default=None,
    help="Model families to try, separated by commas.  [default: all; on large tables the quick ones]",
)
@click.option(
    "--sampler",
    type=click.Choice(["tpe", "random", "grid"]),
    default="tpe",
    show_default=True,
    help="How configurations are drawn.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Continue the run in --out; a larger --trials adds trials.",
)
@click.option("--start-over", is_flag=True, help="Throw away the run in --out and begin a new one.")
@click.option(
    "--storage",
    metavar="URL",
    default=None,
    help="URL of a database for a copy of the trials, such as postgresql://...  [default: SQLite in --out]",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="Minimum severity of the events written to log.jsonl in --out.",
)
@click.option(
    "--encoder",
    metavar="FOLDER|HUB-NAME",
    default=None,
    help="A sentence-transformers model whose vectors stand beside n-grams.  [default: bundled static vectors]",
)
@click.option(
    "--static-vectors",
    metavar="FOLDER|HUB-NAME",
    default=None,
    help="A model2vec model, such as one of another language, in place of the bundled static vectors.",
)
@click.option(
    "--text-steps",
    metavar="NAMES",
    default="nfc,lower",
    show_default=True,
    help="Steps that prepare the texts, separated by commas.",
)
@table_options
def tune(train: str | None, **options: Any) -> None:
    """Tune one model per theme on TRAIN and put the winners together into one tagger.

    With --plan, settings come from a plan file, and TRAIN and --out may stand there; options given here take the place
    of those in the file. Every finished trial is kept in the folder --out; after an interruption, --resume goes on
    where the run stopped.
    """
    from themetagger._utils.console import ended_like_ctrl_c
    from themetagger.runs.errors import RunError
    from themetagger.runs.tune import run_plan

    try:
        plan = _plan(train, options)
    except RunError:
        raise
    except ValueError as error:
        raise Mistake(str(error)) from error
    try:
        with ended_like_ctrl_c():
            run = run_plan(plan)
    except KeyboardInterrupt as stopped:
        click.echo(f"{str(stopped) or 'Stopped.'} Go on with:\n    {_command_to_resume()}", err=True)
        click.get_current_context().exit(INTERRUPTED)
    print_results(run.results, run.averages)
    print_notes(run.notes)
    files = "results.csv, results.md, results.png, results.xlsx (with openpyxl), report.html, tagger.tagger"
    click.echo(f"Written to {plan.out}: {files}")
    click.echo(f"For words, mistakes and learning curves: themetagger report {shlex.quote(str(plan.out))}")
    if run.not_copied:
        raise OSError(run.not_copied)


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
        raise ValueError(f"{missing} is missing; give it, or a plan file that names it (--plan).")
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
