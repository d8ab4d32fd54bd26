"""The group of all commands: what the user can fix ends in one line and an exit code."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterable
from typing import Any

import click

from themetagger._utils.console import open_closed_streams
from themetagger._utils.faces import CommandLine, speaking
from themetagger._utils.signals import asked_to_end, ended_like_ctrl_c, exit_code
from themetagger.cli.printing.output import echo
from themetagger.cli.printing.showing import complain

CLOSED = 141  # exit code where the output is read no further, as by head; as of a shell
NO_MEMORY = (
    "there is not enough memory; raise the limit (in a shell: ulimit -v unlimited), close other programs, or work on "
    "fewer texts, or with fewer jobs, at a time."
)
NO_FILES = "too many files are open; raise the limit (in a shell: ulimit -n 1024), and try again."
_LACKING = {  # as loaders of libraries and Python say it
    "failed to map segment": NO_MEMORY,
    "annot allocate memory": NO_MEMORY,
    "can't start new thread": NO_MEMORY,
    "Too many open files": NO_FILES,
}
MISTAKE = 2  # exit code of what the user can fix; anything else is a bug and shows its traceback


class _Commands(click.Group):
    """Commands in which a mistake of the user ends in one message instead of a traceback."""

    def main(self, *arguments: Any, **settings: Any) -> Any:
        """Run a command line; where nobody reads on, as behind ``| head``, it ends quietly and as others do."""
        open_closed_streams()
        try:
            with ended_like_ctrl_c():
                return super().main(*arguments, **settings)
        except SystemExit as ended:
            if ended.code == 1 and asked_to_end():  # before or after the command itself
                raise SystemExit(exit_code()) from None
            # what is left in the buffer would fail when Python ends; click and Rich end with 1 where it has failed
            if ended.code == 1 or not _flushed():
                raise SystemExit(CLOSED) from None
            raise

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order in which they were defined."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, whose messages name options; Ctrl-C ends it in one line too."""
        try:
            with speaking(face_of(self.commands.values())):
                return self._invoke(ctx)
        except KeyboardInterrupt:
            echo("Stopped.", err=True)
            ctx.exit(exit_code())

    def _invoke(self, ctx: click.Context) -> Any:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # a name that cannot be shown is no reason to stop
        try:
            return self._with_libraries(ctx)
        except (MemoryError, ImportError, RuntimeError) as error:
            if not (lacking := what_is_lacking(error)):
                raise
            complain(lacking)
            ctx.exit(MISTAKE)
        except click.UsageError as error:  # as Click says it, but on lines that end between words
            where = error.ctx or ctx
            for line in (*where.get_usage().split("\n"), f"Try '{where.command_path} --help' for help.", ""):
                echo(line, err=True)
            complain(error.format_message())
            ctx.exit(error.exit_code)
        except OSError as error:  # a file that may not be read or written
            if isinstance(error, BrokenPipeError):  # nobody reads on, as after head
                with open(os.devnull, "w") as nowhere:
                    os.dup2(nowhere.fileno(), sys.stdout.fileno())  # else Python complains when it ends
                ctx.exit(CLOSED)
            complain(_of_file(error))
            ctx.exit(MISTAKE)

    def _with_libraries(self, ctx: click.Context) -> Any:
        from themetagger._utils.encoder_error import EncoderError
        from themetagger.corpus import TableError
        from themetagger.models.storage.container import BundleError
        from themetagger.runs.errors import RunError

        try:
            return super().invoke(ctx)
        except (TableError, BundleError, RunError, EncoderError, Mistake) as error:
            complain(str(error))
            ctx.exit(MISTAKE)


# settings of objects in Python whose options have other names than they
_OF_OBJECTS = {
    "promise.target": "--certify",
    "promise.confidence": "--confidence",
    "promise.recall_floor": "--certify-recall",
    "promise.form": "--certify-by",
}
_LINES = frozenset(["theme_columns"])  # whose option takes several names at once, as a line of CSV


def face_of(commands: Iterable[click.Command]) -> CommandLine:
    """The options of some commands, by the settings that they are in Python: the names of their parameters.

    Examples
    --------
    >>> tag = click.Command("tag", params=[click.Option(["--text-column", "text_columns"], multiple=True)])
    >>> face_of([tag]).option("text_columns", ["Title", "Free text"])
    "--text-column Title --text-column 'Free text'"
    """
    given = [one for command in commands for one in command.params if isinstance(one, click.Option) and one.name]
    options = {str(one.name): max(one.opts, key=len) for one in given}
    return CommandLine(_OF_OBJECTS | options, frozenset(str(one.name) for one in given if one.multiple) - _LINES)


def _flushed() -> bool:
    """Whether all that was printed has been taken; where it was not, the rest goes nowhere."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def _of_file(error: OSError) -> str:
    """What is wrong with a file, and what to do."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return NO_FILES
    if error.errno == errno.ENOMEM:
        return NO_MEMORY
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) and error.filename:
        return f"{error.filename}: {error.strerror}; make room there, and try again."
    if error.filename:
        return f"{error.filename}: {error.strerror}; check the path, and whether you may use it."
    return str(error)


def what_is_lacking(error: BaseException) -> str:
    """What to say where memory or open files ran out, also while a library was loaded; else nothing.

    Examples
    --------
    >>> what_is_lacking(ImportError("libx.so: failed to map segment from shared object")) == NO_MEMORY
    True
    >>> what_is_lacking(ImportError("No module named 'x'"))
    ''
    """
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, MemoryError):
            return NO_MEMORY
        for sign, remedy in _LACKING.items():
            if sign in str(chain):
                return remedy
        chain = chain.__cause__ or chain.__context__
    return ""


class Mistake(ValueError):
    """A setting that makes no sense."""


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="themetagger")
def main() -> None:
    """Train a model for each theme from texts you have tagged, favouring precision, then tag the rest.

    \b
    Begin with:
      themetagger inspect TABLE
      themetagger tune TABLE --hold-out 0.2 --out run
    """
