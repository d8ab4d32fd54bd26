"""The options that say how a table is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

DEFAULT_TEXT = ("Processed Text",)


def table_options(command: Callable[..., None]) -> Callable[..., None]:
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


def reading(options: dict[str, Any]) -> dict[str, Any]:
    columns = options["theme_columns"]
    listed = None if columns is None else [name.strip() for name in columns.split(",")]
    return options | {"theme_columns": listed, "text_columns": tuple(options["text_columns"])}
