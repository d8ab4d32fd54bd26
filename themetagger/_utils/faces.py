"""How a message names a setting: as its option on the command line, as its argument in Python."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class CommandLine:
    """The face of the command line.

    Parameters
    ----------
    options : setting -> its option, where that is not its name with hyphens
    repeatable : settings whose option is given once for each value; other lists are a line of CSV
    """

    options: Mapping[str, str] = field(default_factory=dict)
    repeatable: frozenset[str] = frozenset()

    def option(self, setting: str, value: Any) -> str:
        """The option of a setting, and the value behind it, quoted as a shell needs it."""
        name = self.options.get(setting, f"--{setting.rpartition('.')[2].replace('_', '-')}")
        if value is None or value is True:
            return name
        if isinstance(value, str) or not isinstance(value, Sequence):
            return f"{name} {_quoted(str(value))}"
        if setting in self.repeatable:
            return " ".join(f"{name} {_quoted(str(one))}" for one in value)
        return f"{name} {_quoted(_csv_line(value))}"


_face: ContextVar[CommandLine | None] = ContextVar("face", default=None)


@contextmanager
def speaking(face: CommandLine | None) -> Iterator[None]:
    """Within it, :func:`option` speaks the language of this face; None is Python.

    Examples
    --------
    >>> with speaking(CommandLine({"text_columns": "--text-column"}, frozenset(["text_columns"]))):
    ...     option("text_columns", ["Free text"])
    "--text-column 'Free text'"
    """
    token = _face.set(face)
    try:
        yield
    finally:
        _face.reset(token)


def face() -> CommandLine | None:
    """The face that is spoken to now; None is Python."""
    return _face.get()


def option(setting: str, value: Any = None) -> str:
    r"""A setting as the user of a message writes it: every remedy names settings through this function.

    Parameters
    ----------
    setting : the name of the argument, such as "text_columns"; where one name means several things, with what it is of,
        such as "promise.target"
    value : to write behind it, default None: the name alone; of a flag, True

    Returns
    -------
    In Python, the argument; on the command line, the option.

    Examples
    --------
    >>> option("text_columns"), option("encoding", "cp1252"), option("resume", True), option("promise.target", 0.9)
    ('text_columns', "encoding='cp1252'", 'resume=True', 'target=0.9')
    >>> with speaking(CommandLine({"promise.target": "--certify"})):
    ...     option("separator"), option("encoding", "cp1252"), option("resume", True), option("promise.target", 0.9)
    ('--separator', '--encoding cp1252', '--resume', '--certify 0.9')
    """
    spoken = _face.get()
    if spoken is not None:
        return spoken.option(setting, value)
    name = setting.rpartition(".")[2]
    return name if value is None else f"{name}={list(value) if isinstance(value, tuple) else value!r}"


def options_of(settings: Mapping[str, Any]) -> str:
    """Several settings with their values, as a user writes them; those whose value is a dict cannot be written.

    >>> options_of({"text_columns": ("Free text",), "separator": "|"})
    "text_columns=['Free text'], separator='|'"
    """
    said = [option(name, value) for name, value in settings.items() if not isinstance(value, Mapping)]
    return (", " if _face.get() is None else " ").join(said)


def _csv_line(values: Sequence[Any]) -> str:
    """Values separated by commas, in quotes where they hold one.

    >>> _csv_line(["Pay, bonus", "Staff"])
    '"Pay, bonus",Staff'
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()


def _quoted(value: str) -> str:
    r"""A value for a shell; line breaks and tabs as people type them.

    >>> _quoted("|"), _quoted("\n"), _quoted("pay")
    ("'|'", "'\\n'", 'pay')
    """
    return shlex.quote(value.replace("\n", r"\n").replace("\t", r"\t"))
