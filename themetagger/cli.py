"""The command line: inspect, tune, tag, evaluate, check, report."""

from __future__ import annotations

import io
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd

TAGGER = ".tagger"  # how the name of a tagger file ends
DEFAULT_TEXT = ("Processed Text",)
SHOWN_THEMES = 40  # the plot and the results name all
INTERRUPTED = 130  # exit code after Ctrl-C, as of a shell
MISTAKE = 2  # exit code of what the user can mend; anything else is a bug and shows its traceback


class _Commands(click.Group):
    """Commands whose user's mistakes end in one message instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; Ctrl-C ends it in one line too."""
        try:
            return self._invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            ctx.exit(INTERRUPTED)

    def _invoke(self, ctx: click.Context) -> Any:
        from themetagger.bundle import BundleError
        from themetagger.claim import RunError
        from themetagger.corpus import TableError

        if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
            sys.stdout.reconfigure(errors="backslashreplace")  # a name that cannot be shown is no reason to stop
        try:
            return super().invoke(ctx)
        except (TableError, BundleError, RunError, _Mistake) as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(MISTAKE)
        except OSError as error:  # a file that may not be read or written
            if isinstance(error, BrokenPipeError):  # click ends this one quietly
                raise
            told = f"{error.filename}: {error.strerror}; check the path, and whether you may use it."
            click.echo(f"Error: {told if error.filename else error}", err=True)
            ctx.exit(MISTAKE)


class _Mistake(ValueError):
    """A setting that makes no sense."""


def _table_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say how a table is read."""
    for option in reversed(
        [
            click.option(
                "--text-column",
                "text_columns",
                multiple=True,
                default=DEFAULT_TEXT,
                show_default=True,
                help="Column with text; give it several times to join several.",
            ),
            click.option("--theme-column", default="Themes", show_default=True, help="Column with separated themes."),
            click.option(
                "--theme-columns", default=None, help="Instead: names of 0/1 columns, one a theme, separated by commas."
            ),
            click.option("--separator", default=", ", show_default=True, help="Stands between the themes of a text."),
            click.option("--theme-map", default=None, help="Table of two columns: fine theme, broader theme."),
            click.option(
                "--alike",
                type=click.Choice(["keep", "merge", "error"]),
                default="keep",
                show_default=True,
                help="What to do with themes that differ only by case, spaces or Unicode form.",
            ),
            click.option(
                "--delimiter", default=None, help="Field delimiter of a CSV file; default: found from the header."
            ),
            click.option(
                "--encoding", default=None, help="Encoding of the file; default: UTF-8, or UTF-16 with a BOM."
            ),
        ]
    ):
        command = option(command)
    return command


def _reading(options: dict[str, Any]) -> dict[str, Any]:
    columns = options["theme_columns"]
    listed = None if columns is None else [name.strip() for name in columns.split(",")]
    return options | {"theme_columns": listed, "text_columns": tuple(options["text_columns"])}


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="themetagger")
def main() -> None:
    """Tune one model a theme on tagged texts, precision first, and tag the rest."""


@main.command()
@click.argument("file")
@click.option(
    "--min-positives",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    help="Themes with fewer texts are too small to tune.",
)
@click.option(
    "--plot", default=None, help="PNG of the themes by frequency.  [default: NAME.themes.png, in this folder]"
)
@_table_options
def inspect(file: str, min_positives: int, plot: str | None, **options: Any) -> None:
    """A first look at a table: rows, gaps, duplicates, lengths, themes, and a plot of their frequency.

    Of a tagger file (.tagger): its version and maker, what it knows, and the status and figures of each theme.
    """
    if Path(file).suffix == TAGGER:
        return _inspect_tagger(file)
    from themetagger.corpus import read_corpus
    from themetagger.first_look import first_look
    from themetagger.report.plots import save_figure, theme_frequency_figure

    look = first_look(read_corpus(file, **_reading(options)), min_positives=min_positives)
    shown, small = look.themes.head(SHOWN_THEMES), look.themes[~look.themes["tunable"]]
    for title, table in (
        ("Rows", look.summary),
        ("Text lengths", look.lengths),
        (f"Themes by frequency ({len(shown)} of {len(look.themes)})", shown),
        (f"{len(small)} themes too small to tune (fewer than {min_positives} texts)", small.head(SHOWN_THEMES)),
        ("Themes that occur together", look.together),
        ("Theme names that look alike", look.alike.head(SHOWN_THEMES)),
    ):
        _print_table(title, table)
    _print_notes(look.notes)
    path = Path(plot) if plot else Path(Path(file).stem + ".themes.png")
    save_figure(theme_frequency_figure(look.themes, min_positives=min_positives), path)
    click.echo(f"Plot: {path}")


def _inspect_tagger(file: str) -> None:
    from themetagger.tagger_look import look_into

    look = look_into(file)
    _print_table("Tagger file", look.facts)
    _print_table("Themes; precision and recall are out of fold", look.themes)


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
@_table_options
def tune(train: str, **options: Any) -> None:
    """Tune one model a theme on TRAIN and put the winners together into one tagger.

    What is done is kept in the folder; after an interruption, --resume goes on where it was.
    """
    from themetagger.console import ended_like_ctrl_c
    from themetagger.objectives import promise_of
    from themetagger.plan import Plan
    from themetagger.tune import tune as run_plan

    budget = options.pop("time_budget")
    settings = _reading(options) | ({} if budget is None else {"time_budget": budget})
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
        raise _Mistake(str(error)) from error
    try:
        with ended_like_ctrl_c():
            run = run_plan(plan)
    except KeyboardInterrupt as stopped:
        click.echo(f"{str(stopped) or 'Stopped.'} Go on with:\n    {_command_that_goes_on()}", err=True)
        click.get_current_context().exit(INTERRUPTED)
    _print_results(run.results, run.averages)
    _print_notes(run.notes)
    click.echo(f"Written to {plan.out}: results.csv, results.md, results.png, report.html, tagger.tagger")
    if run.not_copied:
        raise OSError(run.not_copied)


def _command_that_goes_on() -> str:
    """The command that was given, with --resume."""
    from themetagger.search.database import shown

    given = [word for word in sys.argv[1:] if word not in ("--start-over", "--resume")]
    given = [shown(word) if before == "--storage" else word for before, word in pairwise(["", *given])]
    given = [f"--storage={shown(word[10:])}" if word.startswith("--storage=") else word for word in given]
    return shlex.join(["themetagger", "tune", "--resume", *given[1:]])


def _objective(settings: dict[str, Any]) -> Any:
    """The objective that the options ask for; an option that it does not have is an error."""
    from themetagger.objectives import OBJECTIVES

    name = settings.pop("objective")
    given = {"target": settings.pop("target"), "recall_floor": settings.pop("recall_floor")}
    given["stop_at_target"] = settings.pop("stop_at_target") or None
    given = {option: value for option, value in given.items() if value is not None}
    known = OBJECTIVES[name].__dataclass_fields__  # type: ignore[attr-defined]
    for option in given:
        if option not in known:
            raise ValueError(f"--{option.replace('_', '-')} has no meaning for --objective {name}; leave it out.")
    return OBJECTIVES[name](**given)


@main.command()
@click.argument("file")
@click.option("--tagger", required=True, help="Tagger file, as in RUN/tagger.tagger.")
@click.option(
    "--out", required=True, help="Table to write; its suffix says the format (csv, tsv, json, jsonl, parquet, xlsx)."
)
@click.option("--text-column", "text_columns", multiple=True, help="Column with text; default: the one tuned on.")
@click.option("--probabilities", is_flag=True, help="Add a column with the probability of each theme.")
@click.option("--delimiter", default=None, help="Field delimiter of a CSV file.")
@click.option("--encoding", default=None, help="Encoding of the file.")
@click.option(
    "--policy",
    type=click.Choice(["all", "certified"]),
    default="all",
    show_default=True,
    help="certified: assign only where the promise of precision holds, and put the rest into Themes to Review.",
)
@click.option(
    "--formulas",
    type=click.Choice(["neutralise", "keep"]),
    default="neutralise",
    show_default=True,
    help="CSV, TSV: put an apostrophe before cells that a spreadsheet would run as formulas, or keep them.",
)
@click.option("--start-over", is_flag=True, help="Throw away what an interrupted command left, and begin anew.")
def tag(file: str, tagger: str, out: str, **options: Any) -> None:
    """Tag the texts of FILE: a copy of the table with one more column, Themes (Predicted Themes where there is one).

    CSV, TSV and JSON Lines may be of any length; after an interruption the same command goes on where it was.
    """
    from themetagger.console import Stopped
    from themetagger.tag_file import tag_file

    try:
        done = tag_file(file, tagger, out, show=True, **options)
    except Stopped as stopped:
        click.echo(str(stopped), err=True)
        click.get_current_context().exit(INTERRUPTED)
    _print_notes(done.notes)
    if done.resumed:
        click.echo(f"Went on behind the {done.resumed:,} rows that were there.")
    click.echo(f"{done.rows} texts tagged with {done.themes} themes: {out}")


@main.command()
@click.argument("file")
@click.option("--tagger", required=True, help="Tagger file, as in RUN/tagger.tagger.")
@click.option("--out", default=None, help="CSV file for the table.")
@_table_options
def evaluate(file: str, tagger: str, out: str | None, **options: Any) -> None:
    """Compare the tagger's tags with the themes in FILE, which it must not have been tuned on."""
    from themetagger.corpus import read_corpus
    from themetagger.evaluation import evaluate as measure
    from themetagger.report.results import averages, results_table, write_csv
    from themetagger.tagger import ThemeTagger

    loaded = ThemeTagger.load(tagger)
    if options["text_columns"] == DEFAULT_TEXT:
        options["text_columns"] = loaded.text_columns
    corpus = read_corpus(file, **_reading(options))
    table = results_table(loaded.winners, measure(loaded, corpus))
    _print_results(table, averages(table))
    known = {winner.theme for winner in loaded.winners}
    unknown = [theme for theme in corpus.themes if theme not in known]
    left_out = f"{len(unknown)} themes of {file} are unknown to the tagger and left out: {', '.join(unknown[:10])}"
    _print_notes([*corpus.notes, *([left_out] if unknown else [])])
    if out is not None:
        write_csv(table, out)
        click.echo(f"Table: {out}")


@main.command()
@click.argument("file")
@click.option("--tagger", required=True, help="Tagger file, as in RUN/tagger.tagger.")
@click.option("--text-column", "text_columns", multiple=True, help="Column with text; default: the one tuned on.")
@click.option("--delimiter", default=None, help="Field delimiter of a CSV file.")
@click.option("--encoding", default=None, help="Encoding of the file.")
def check(file: str, tagger: str, text_columns: tuple[str, ...], **options: Any) -> None:
    """Whether the texts of FILE are like those tuned on, which is what a promise of precision covers."""
    from themetagger.corpus import read_table, texts_of
    from themetagger.tagger import ThemeTagger

    loaded = ThemeTagger.load(tagger)
    frame, notes = read_table(file, **options)
    found = loaded.check(texts_of(frame, text_columns or loaded.text_columns, file))
    _print_table(f"Shares in {found.texts:,} texts, and the interval that training explains", found.table)
    _print_notes(notes)
    for line in found.warnings:
        click.echo(f"Warning: {line}")
    told = f"{len(found.warnings)} of {len(found.table)} shares are beyond what training explains."
    click.echo(told if len(found.table) else "Nothing could be compared: the tagger has no model, or FILE no text.")


@main.command()
@click.argument("run")
def report(run: str) -> None:
    """Make results.md, results.png and report.html of a run folder again from its results.csv."""
    from themetagger.report.run_folder import redraw_run

    try:
        made = redraw_run(run)
    except ValueError as error:
        raise _Mistake(str(error)) from error
    for path in made:
        click.echo(path)


def _print_results(table: pd.DataFrame, averages: pd.DataFrame) -> None:
    columns = ["theme", "status", "family", "view", "support", "precision", "precision_bound", "recall"]
    held = ["heldout_precision", "heldout_recall", "heldout_support"]
    _print_table("Results", table[columns + [name for name in held if name in table]])
    _print_table("Averages", averages)


def _print_table(title: str, frame: pd.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from themetagger.report.text import cell_text, heading

    wide = None if sys.stdout.isatty() else 200
    console, table = Console(width=wide), Table(title=title, title_justify="left", header_style="bold")
    for name in frame.columns:
        numeric = frame[name].dtype.kind in "iuf"
        limits: dict[str, Any] = {} if numeric else {"no_wrap": True, "overflow": "ellipsis", "max_width": 60}
        table.add_column(heading(name), justify="right" if numeric else "left", **limits)
    for row in frame.itertuples(index=False):
        table.add_row(*(Text(_visible(cell_text(cell))) for cell in row))
    console.print(table if len(frame) else f"{title}: none")


def _print_notes(notes: Sequence[str]) -> None:
    for note in notes:
        click.echo(f"Note: {_visible(note)}")


def _visible(text: str) -> str:
    """The text without control signs, by which a name could steer the terminal."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "\ufffd", text)


if __name__ == "__main__":
    main()
