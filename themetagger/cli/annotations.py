"""The options of commands that write for annotation tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from themetagger.corpus.annotations.output import OutFormat

Command = Callable[..., None]
TOOLS = ("label-studio", "doccano", "prodigy", "argilla", "spacy", "hugging-face", "fasttext")


def annotation_options(command: Command) -> Command:
    """For which annotation tool a file is written, and what its fields are called."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def out_format(options: dict[str, Any]) -> OutFormat | None:
    """What the options say of the tool, None without one; they are taken out of ``options``."""
    from themetagger.corpus.annotations.items import Layout
    from themetagger.corpus.annotations.output import OutFormat

    name, question, text, model = (options.pop(one) for one in ("out_format", "question", "text_name", "model_version"))
    return None if name is None else OutFormat(name, Layout((), question, text, model))


_OPTIONS = [
    click.option(
        "--out-format",
        type=click.Choice(TOOLS),
        default=None,
        metavar="TOOL",
        help=f"Write a file that an annotation tool loads, with the proposed themes: {', '.join(TOOLS[:-1])} or "
        f"{TOOLS[-1]}.  [default: a table]",
    ),
    click.option(
        "--question",
        default="themes",
        show_default=True,
        metavar="NAME",
        help="Name of what is asked: in Label Studio of the Choices tag (from_name), in Argilla of the question.",
    ),
    click.option(
        "--text-name",
        default="text",
        show_default=True,
        metavar="NAME",
        help="Name of the text: in Label Studio of the Text tag (to_name) and its value, in Argilla of the field.",
    ),
    click.option(
        "--model-version",
        default="themetagger",
        show_default=True,
        metavar="TEXT",
        help="What Label Studio and Argilla show as the source of the proposed themes.",
    ),
]
