"""The command line: one file a command."""

from themetagger.cli import (
    check,
    compare,
    evaluate,
    inspect,
    mistakes,
    report,
    tag,
    terms,
    tune,
)  # each adds its command
from themetagger.cli.group import main

__all__ = ["check", "compare", "evaluate", "inspect", "main", "mistakes", "report", "tag", "terms", "tune"]
