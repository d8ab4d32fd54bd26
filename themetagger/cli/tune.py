"""themetagger tune: one study per theme, one tagger, one table."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from themetagger.cli.group import INTERRUPTED, Mistake, main
from themetagger.cli.showing import print_notes, print_results
from themetagger.cli.tables import reading, table_options

if TYPE_CHECKING:
    from themetagger.runs.plan import Plan


@main.command(short_help="Tune one model per theme on a table of tagged texts.")
@click.argument("train")
@click.option("--test", metavar="FILE", default=None, help="Table of held-out texts, for the held-out figures.")
@click.option(
    "--hold-out",
    metavar="SHARE",
    default=0.0,
    show_default=True,
    help="Share of TRAIN to hold out if there is no --test.",
)
@click.option("--out", metavar="FOLDER", required=True, help="Run folder: results, tagger, and every finished trial.")
@click.option(
    "--trials",
    metavar="N",
    default=16,
    show_default=True,
    help="Trials per theme at most; each tries one configuration.",
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
    type=click.Choice(["precision-first", "f1", "recall-first"]),
    default="precision-first",
    show_default=True,
    help="What the threshold of each theme is chosen for.",
)
@click.option(
    "--target",
    metavar="SHARE",
    type=float,
    default=None,
    help="Precision that each theme should reach (f1: F1; recall-first: recall).  [default: 0.90; f1: 0.80]",
)
@click.option(
    "--recall-floor",
    metavar="SHARE",
    type=float,
    default=None,
    help="Smallest recall of a precision-first threshold.  [default: 0.50]",
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
def tune(train: str, **options: Any) -> None:
    """Tune one model per theme on TRAIN and put the winners together into one tagger.

    Every finished trial is kept in the folder --out; after an interruption, --resume goes on where the run stopped.
    """
    from themetagger._utils.console import ended_like_ctrl_c
    from themetagger.runs.tune import tune as run_plan

    try:
        plan = _plan(train, options)
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


def _plan(train: str, options: dict[str, Any]) -> Plan:
    """The plan that the options ask for; a ValueError where one of them makes no sense."""
    from themetagger.runs.plan import Plan
    from themetagger.selection.objectives import promise_of

    budget = options.pop("time_budget")
    settings = reading(options) | ({} if budget is None else {"time_budget": budget})
    families, steps = settings.pop("families"), settings.pop("text_steps")
    named = {"target": "certify", "confidence": "confidence", "recall_floor": "certify_recall", "form": "certify_by"}
    promised = {name: value for name, option in named.items() if (value := settings.pop(option)) is not None}
    promised["form"] = promised["form"].replace("-", "_")
    settings["stop_early"] = {"target": True, "certified": "certified", "never": False}[settings["stop_early"]]
    settings["objective"] = _objective(settings)
    settings["promise"] = replace(promise_of(settings["objective"]), **promised)
    settings["text_steps"] = [step for step in steps.split(",") if step]
    if families is not None:
        settings["families"] = [name.strip() for name in families.split(",")]
    return Plan(train, **settings)


def _command_to_resume() -> str:
    """The command that was given, with --resume."""
    from themetagger.search.storage.database import shown

    given = [word for word in sys.argv[1:] if word not in ("--start-over", "--resume")]
    given = [shown(word) if before == "--storage" else word for before, word in pairwise(["", *given])]
    given = [f"--storage={shown(word[10:])}" if word.startswith("--storage=") else word for word in given]
    return shlex.join(["themetagger", "tune", "--resume", *given[1:]])


def _objective(settings: dict[str, Any]) -> Any:
    """The objective that the options ask for; a ValueError where an option has no meaning for it."""
    from themetagger.selection.objectives import OBJECTIVES

    name = settings.pop("objective")
    given = {"target": settings.pop("target"), "recall_floor": settings.pop("recall_floor")}
    given["stop_at_target"] = settings.pop("stop_at_target") or None
    given = {option: value for option, value in given.items() if value is not None}
    known = OBJECTIVES[name].__dataclass_fields__  # type: ignore[attr-defined]
    for option in given:
        if option not in known:
            raise ValueError(f"--{option.replace('_', '-')} has no meaning for --objective {name}; leave it out.")
    return OBJECTIVES[name](**given)
