"""The options that say how a table is read, and the TableFormat that they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from themetagger.corpus import TableFormat

Command = Callable[..., None]
OF_TAGGER = "the columns that the tagger was tuned on"


def table_options(command: Command, *, text_columns: str = "Processed Text") -> Command:
    """How a table of texts and themes is read; ``text_columns`` says what the default is."""
    themes = [
        click.option(
            "--theme-column",
            multiple=True,
            metavar="COLUMN",
            help="Column of separated themes; repeatable, to join several.  [default: Themes]",
        ),
        click.option(
            "--theme-columns",
            default=None,
            metavar="COLUMNS",
            help="Instead: names of 0/1 columns, one per theme, separated by commas.",
        ),
        click.option(
            "--separator",
            default=", ",
            metavar="TEXT",
            help="What separates the themes of a text: such as ; or \\n, or <> for <a><b>.  [default: a comma and a space]",
        ),
        click.option(
            "--empty-cells",
            type=click.Choice(["error", "zero"]),
            default="error",
            show_default=True,
            help="What an empty cell means in a 0/1 column that holds 0 too: a mistake, or 0.",
        ),
        click.option(
            "--theme-map",
            default=None,
            metavar="FILE",
            help="Table of two columns (fine theme, broader theme) that makes broader themes of fine ones.",
        ),
        click.option(
            "--alike",
            type=click.Choice(["keep", "merge", "error"]),
            default="keep",
            show_default=True,
            help="What to do with themes that differ only by case, spaces or Unicode form.",
        ),
    ]
    return _with(command, [_text_option(text_columns), *themes, *_file_options()])


def table_options_of_tagger(command: Command) -> Command:
    """The same where a tagger reads the table: its text columns are those that it was tuned on."""
    return table_options(command, text_columns=OF_TAGGER)


def text_options(command: Command) -> Command:
    """How a table of texts is read by a tagger."""
    return _with(command, [_text_option(OF_TAGGER), *_file_options()])


def reading(options: dict[str, Any]) -> dict[str, Any]:
    """The options as Python has them: lists of column names, and no text columns where none were named."""
    settings = dict(options)
    if settings.get("theme_columns") is not None:
        settings["theme_columns"] = [name.strip() for name in settings["theme_columns"].split(",")]
    for name in ("text_columns", "theme_column"):
        if not settings.get(name):
            settings.pop(name, None)
    return settings


def table_format(options: dict[str, Any]) -> TableFormat:
    """What the options say of the table; they are taken out of ``options``, so that a command's own are left."""
    from themetagger.corpus import TableFormat

    names = [field.name for field in fields(TableFormat) if field.name in options]
    return TableFormat(**reading({name: options.pop(name) for name in names}))


def _text_option(default: str) -> Callable[[Command], Command]:
    message = f"Column of text; repeatable, to join several.  [default: {default}]"
    return click.option("--text-column", "text_columns", multiple=True, metavar="COLUMN", help=message)


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
    ]


def _with(command: Command, options: list[Callable[[Command], Command]]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
