"""The options that say how a table is read, and the TableFormat that they make."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from themetagger._utils.faces import options_of, speaking
from themetagger.cli.group import face_of, main

if TYPE_CHECKING:
    from themetagger.corpus import TableFormat

Command = Callable[..., None]
DEFAULTS = (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)
FORMATS = (
    *("table", "label-studio", "label-studio-min", "prodigy", "argilla", "spacy", "doccano", "hugging-face"),
    *("fasttext", "annif"),
)
OF_TAGGER = "as in tuning"


def table_options(command: Command) -> Command:
    """How a table of texts and themes is read."""
    of_themes = [*_theme_options(), *_name_options(), *_row_options()]
    return _with(command, [_text_option("Processed Text"), *of_themes, *_file_options()])


def table_options_of_tagger(command: Command) -> Command:
    """The same where a tagger reads the table: what is not said is as in the table that it was tuned on."""
    others = {one.name for one in _options_of(command)}
    command = table_options(command)
    for one in _options_of(command):
        if one.name not in {"delimiter", "encoding", "format", *others}:
            one.show_default = OF_TAGGER
            one.help = re.sub(r"  \[default: [^]]*\]$", "", one.help or "")
    return command


def text_options(command: Command) -> Command:
    """How a table of texts is read by a tagger."""
    return _with(command, [_text_option(f"({OF_TAGGER})"), *_file_options()])


def _options_of(command: Command) -> list[click.Option]:
    """The options that a function has so far, which is to become a command."""
    parameters = getattr(command, "__click_params__", [])
    return [one for one in parameters if isinstance(one, click.Option)]


def reading(options: dict[str, Any]) -> dict[str, Any]:
    """The options as Python has them: lists of column names, and no text columns where none were named."""
    settings = dict(options)
    for name in ("text_columns", "theme_column"):
        if not settings.get(name):
            settings.pop(name, None)
    if "theme_columns" in settings:
        settings["theme_columns"] = names_in(settings["theme_columns"]) if settings["theme_columns"] else None
    return settings


def names_in(values: Sequence[str]) -> list[str]:
    """The names of columns in values of an option, each one line of CSV.

    >>> names_in(['"Pay, bonus and pension",Staff', "Food"])
    ['Pay, bonus and pension', 'Staff', 'Food']
    """
    lines = (" ".join(value.splitlines()) for value in values)  # a name is found whatever its line breaks
    return [name.strip() for line in lines for name in next(csv.reader([line], skipinitialspace=True), [])]


def _rows(context: click.Context, option: click.Parameter, value: str | None) -> list[int] | None:
    """Numbers of rows: 3, or several such as 1,2 or 1-2."""
    if value is None:
        return None
    span = re.fullmatch(r"\s*([0-9]{1,7})\s*-\s*([0-9]{1,7})\s*", value)
    try:
        return list(range(int(span[1]), int(span[2]) + 1)) if span else [int(row) for row in value.split(",")]
    except ValueError:
        raise click.BadParameter(f"{value!r} is neither a number nor several such as 1,2.") from None


def table_format(options: dict[str, Any]) -> TableFormat:
    """What the user says of the table; the options are taken out of ``options``, so that a command's own are left."""
    from themetagger.corpus import TableFormat

    given = {field.name: options.pop(field.name) for field in fields(TableFormat) if field.name in options}
    source = click.get_current_context().get_parameter_source
    return TableFormat.saying(**reading({name: given[name] for name in given if source(name) not in DEFAULTS}))


def as_options(form: TableFormat) -> str:
    """The options by which a table is read so, as a shell takes them.

    >>> from themetagger.corpus import TableFormat
    >>> as_options(TableFormat("Free text", separator="|"))
    "--text-column 'Free text' --separator '|'"
    """
    with speaking(face_of(main.commands.values())):
        return options_of(form.needed_settings)


def in_words(path: str) -> str:
    """A path as a command line has it: from this folder where it lies in it, else whole."""
    near = os.path.relpath(path)
    return path if near.startswith(os.pardir) else near


def _text_option(default: str) -> Callable[[Command], Command]:
    message = f"Column of text; may be repeated, to join several.  [default: {default}]"
    return click.option("--text-column", "text_columns", multiple=True, metavar="COLUMN", help=message)


def _theme_options() -> list[Callable[[Command], Command]]:
    return [
        click.option(
            "--theme-column",
            multiple=True,
            metavar="COLUMN",
            help="Column of separated themes; may be repeated, to join several.  [default: Themes]",
        ),
        click.option(
            "--theme-columns",
            multiple=True,
            metavar="COLUMNS",
            help="Instead: names of 0/1 columns, one per theme, separated by commas, those with a comma in quotes; "
            "repeatable.",
        ),
        click.option(
            "--separator",
            default=", ",
            metavar="TEXT",
            help="What separates the themes of a text, such as ; or \\n, or <> for <a><b>.  "
            "[default: a comma and a space]",
        ),
        click.option(
            "--empty-cells",
            type=click.Choice(["error", "zero"]),
            default="error",
            show_default=True,
            help="What an empty cell means in a 0/1 column that holds 0 too: a mistake, or 0.",
        ),
    ]


def _name_options() -> list[Callable[[Command], Command]]:
    return [
        click.option(
            "--theme-map",
            default=None,
            metavar="FILE",
            help="Table of two columns, fine theme and broader theme; each fine theme becomes the broader one.",
        ),
        click.option(
            "--alike",
            type=click.Choice(["keep", "merge", "error"]),
            default="keep",
            show_default=True,
            help="Keep, merge or refuse themes that differ only by case, spaces or Unicode form.",
        ),
    ]


def _row_options() -> list[Callable[[Command], Command]]:
    return [
        click.option(
            "--repeats",
            type=click.Choice(["keep", "join"]),
            default="keep",
            show_default=True,
            help="Rows of the same text: keep all, or join them to one text that has the themes of all.",
        ),
        click.option(
            "--rows-without-theme",
            type=click.Choice(["keep", "drop"]),
            default="keep",
            show_default=True,
            help="Rows without a theme: keep them as texts that have none, or leave them out.",
        ),
        click.option(
            "--judged",
            default=None,
            metavar="COLUMN",
            help="Column that says which rows were judged; rows where it is empty, 0, no, ignore, -1 and the like are "
            "left out.",
        ),
    ]


def _file_options() -> list[Callable[[Command], Command]]:
    return [
        click.option(
            "--delimiter",
            default=None,
            metavar="CHARACTER",
            help="Delimiter of a CSV file.  [default: detected from the header]",
        ),
        click.option(
            "--encoding",
            default=None,
            metavar="NAME",
            help="Encoding of a text file.  [default: UTF-8, or as its byte order mark says]",
        ),
        click.option(
            "--sheet",
            default=None,
            metavar="NAME",
            help="Sheet of a workbook, by its name or number; all reads every sheet with the columns as one table.  "
            "[default: the first, or the one with the columns]",
        ),
        click.option(
            "--format",
            type=click.Choice(FORMATS),
            default=None,
            metavar="FORMAT",
            help=f"Read the file as {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.  [default: recognised by its content]",
        ),
        click.option(
            "--header-row",
            callback=_rows,
            default=None,
            metavar="N",
            help="Row of a workbook or line of a CSV file with the names of the columns; 1,2 joins the names of two "
            "rows.  [default: the first, or the one with the columns]",
        ),
    ]


def _with(command: Command, options: list[Callable[[Command], Command]]) -> Command:
    for one in reversed(options):
        command = one(command)
    return command
