"""The command line: one file a command."""

from themetagger.cli import (  # each adds its command
    check,
    compare,
    correct,
    evaluate,
    inspect,
    mistakes,
    report,
    suspects,
    tag,
    terms,
    tune,
)
from themetagger.cli.group import main

__all__ = [
    "check",
    "compare",
    "correct",
    "evaluate",
    "inspect",
    "main",
    "mistakes",
    "report",
    "suspects",
    "tag",
    "terms",
    "tune",
]
