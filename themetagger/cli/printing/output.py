"""The one door through which commands print: what a terminal would obey, or cannot show, stays behind."""

from __future__ import annotations

import sys

import click

from themetagger._utils.console import visible

PLAIN = str.maketrans("─…–", "-~-")  # for an output that has no other signs


def echo(text: str = "", *, err: bool = False, bold: bool = False) -> None:
    """Print a line: of `visible` signs, and with plain ones in place of rules and ellipses where need be."""
    stream = sys.stderr if err else sys.stdout
    line = _showable(visible(text), getattr(stream, "encoding", None))
    click.echo(click.style(line, bold=True) if bold else line, err=err)


def _showable(text: str, encoding: str | None) -> str:
    try:
        "─…–".encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return text.translate(PLAIN)
    return text
