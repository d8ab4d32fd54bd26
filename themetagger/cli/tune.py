"""themetagger tune: one study a theme, one tagger, one table."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from itertools import pairwise
from typing import Any

import click

from themetagger.cli.group import INTERRUPTED, Mistake, main
from themetagger.cli.showing import print_notes, print_results
from themetagger.cli.tables import reading, table_options


@main.command()
@click.argument("train")
@click.option("--test", default=None, help="Table of held-out texts for the held-out figures.")
@click.option("--hold-out", default=0.0, show_default=True, help="Share of TRAIN to hold out where there is no --test.")
@click.option("--out", required=True, help="Folder for the results, the tagger, and all that is done, trial by trial.")
@click.option("--trials", default=16, show_default=True, help="Configurations a theme, at most.")
@click.option("--patience", default=5, show_default=True, help="Configurations without a better one that end a level.")
@click.option("--time-budget", type=float, default=None, help="Seconds for the search; default: none.")
@click.option("--min-positives", default=30, show_default=True, help="Themes with fewer texts are skipped.")
@click.option("--minimum-quality", default=0.0, show_default=True, help="Smallest average precision to keep a model.")
@click.option("--n-jobs", default=-1, show_default=True, help="Worker processes; -1: one a core.")
@click.option("--n-folds", default=5, show_default=True, help="Folds of the cross-validation.")
@click.option("--seed", default=0, show_default=True, help="The same seed gives the same table.")
@click.option(
    "--objective",
    type=click.Choice(["precision-first", "f1", "recall-first"]),
    default="precision-first",
    show_default=True,
    help="What the cut of each theme is chosen for.",
)
@click.option(
    "--target",
    type=float,
    default=None,
    help="Precision (f1: F1, recall-first: recall) that solves a theme.  [default: 0.90; f1: 0.80]",
)
@click.option(
    "--recall-floor", type=float, default=None, help="Smallest recall of a precision-first cut.  [default: 0.50]"
)
@click.option(
    "--certify",
    type=float,
    default=None,
    help="Precision that is promised where it can be.  [default: 0.90, or --target]",
)
@click.option("--confidence", default=0.90, show_default=True, help="Probability with which a promise is kept.")
@click.option(
    "--certify-recall",
    type=float,
    default=None,
    help="Smallest recall of a certified cut; 0: as much as can be certified.  [default: 0.50, or --recall-floor]",
)
@click.option(
    "--certify-by",
    type=click.Choice(["walk", "bonferroni", "calibration"]),
    default="walk",
    show_default=True,
    help="walk: a measured heuristic. bonferroni, calibration: stricter tests; the last sets rows aside for it.",
)
@click.option("--stop-at-target", is_flag=True, help="Precision-first: precision >= target, then most recall.")
@click.option(
    "--stop-early",
    type=click.Choice(["target", "certified", "never"]),
    default="target",
    show_default=True,
    help="When a theme is spared the more complex families: when its target is met, or certified.",
)
@click.option("--families", default=None, help="Model families to try, separated by commas; default: all.")
@click.option("--sampler", type=click.Choice(["tpe", "random", "grid"]), default="tpe", show_default=True)
@click.option("--resume", is_flag=True, help="Go on with the run in --out; more --trials than it had are added.")
@click.option("--start-over", is_flag=True, help="Throw away the run in --out, and begin anew.")
@click.option(
    "--storage", default=None, help="URL of a database for the trials, as postgresql://...  [default: SQLite in --out]"
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="What log.jsonl in --out tells.",
)
@click.option("--text-steps", default="nfc,lower", show_default=True, help="Text steps, separated by commas.")
@table_options
def tune(train: str, **options: Any) -> None:
    """Tune one model a theme on TRAIN and put the winners together into one tagger.

    What is done is kept in the folder; after an interruption, --resume goes on where it was.
    """
    from themetagger._utils.console import ended_like_ctrl_c
    from themetagger.runs.plan import Plan
    from themetagger.runs.tune import tune as run_plan
    from themetagger.selection.objectives import promise_of

    budget = options.pop("time_budget")
    settings = reading(options) | ({} if budget is None else {"time_budget": budget})
    families, steps = settings.pop("families"), settings.pop("text_steps")
    named = {"target": "certify", "confidence": "confidence", "recall_floor": "certify_recall", "form": "certify_by"}
    promised = {name: value for name, option in named.items() if (value := settings.pop(option)) is not None}
    settings["stop_early"] = {"target": True, "certified": "certified", "never": False}[settings["stop_early"]]
    try:
        settings["objective"] = _objective(settings)
        settings["promise"] = replace(promise_of(settings["objective"]), **promised)
        settings["text_steps"] = [step for step in steps.split(",") if step]
        if families is not None:
            settings["families"] = [name.strip() for name in families.split(",")]
        plan = Plan(train, **settings)
    except ValueError as error:
        raise Mistake(str(error)) from error
    try:
        with ended_like_ctrl_c():
            run = run_plan(plan)
    except KeyboardInterrupt as stopped:
        click.echo(f"{str(stopped) or 'Stopped.'} Go on with:\n    {_command_that_goes_on()}", err=True)
        click.get_current_context().exit(INTERRUPTED)
    print_results(run.results, run.averages)
    print_notes(run.notes)
    made = "results.csv, results.md, results.png, results.xlsx (with openpyxl), report.html, tagger.tagger"
    click.echo(f"Written to {plan.out}: {made}")
    click.echo(f"Words, mistakes and learning curves: themetagger report {shlex.quote(str(plan.out))}")
    if run.not_copied:
        raise OSError(run.not_copied)


def _command_that_goes_on() -> str:
    """The command that was given, with --resume."""
    from themetagger.search.storage.database import shown

    given = [word for word in sys.argv[1:] if word not in ("--start-over", "--resume")]
    given = [shown(word) if before == "--storage" else word for before, word in pairwise(["", *given])]
    given = [f"--storage={shown(word[10:])}" if word.startswith("--storage=") else word for word in given]
    return shlex.join(["themetagger", "tune", "--resume", *given[1:]])


def _objective(settings: dict[str, Any]) -> Any:
    """The objective that the options ask for; an option that it does not have is an error."""
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
