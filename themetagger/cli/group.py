"""The group of all commands: what the user can fix ends in one line and an exit code."""

from __future__ import annotations

import io
import sys
from typing import Any

import click

INTERRUPTED = 130  # exit code after Ctrl-C, as of a shell
MISTAKE = 2  # exit code of what the user can fix; anything else is a bug and shows its traceback


class _Commands(click.Group):
    """Commands in which a mistake of the user ends in one message instead of a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order in which they were defined."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; Ctrl-C ends it in one line too."""
        try:
            return self._invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            ctx.exit(INTERRUPTED)

    def _invoke(self, ctx: click.Context) -> Any:
        from themetagger._utils.encoder_error import EncoderError
        from themetagger.corpus import TableError
        from themetagger.models.storage.container import BundleError
        from themetagger.runs.errors import RunError

        if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
            sys.stdout.reconfigure(errors="backslashreplace")  # a name that cannot be shown is no reason to stop
        try:
            return super().invoke(ctx)
        except (TableError, BundleError, RunError, EncoderError, Mistake) as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(MISTAKE)
        except OSError as error:  # a file that may not be read or written
            if isinstance(error, BrokenPipeError):  # click ends this one quietly
                raise
            message = f"{error.filename}: {error.strerror}; check the path, and whether you may use it."
            click.echo(f"Error: {message if error.filename else error}", err=True)
            ctx.exit(MISTAKE)


class Mistake(ValueError):
    """A setting that makes no sense."""


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="themetagger")
def main() -> None:
    """Tune one model per theme on tagged texts, precision first, and tag the rest."""
